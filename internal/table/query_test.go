package table

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/process"
)

// found gives the IDs of the sample's sockets that a query wants.
func found(t *testing.T, text string) []uint64 {
	t.Helper()
	q, err := ParseQuery(text)
	if err != nil {
		t.Fatalf("ParseQuery(%q): %v", text, err)
	}
	var all []uint64
	for _, r := range Rows(sample(), View{Query: q, Ephemeral: linuxRange}) {
		all = append(all, r.Key.Socket)
	}
	return slices.Compact(all) // a socket with two owners has two rows
}

func TestQuery(t *testing.T) {
	for text, want := range map[string][]uint64{
		"":                            {1, 2, 3, 4, 5, 6, 7, 8},
		"  \t ":                       {1, 2, 3, 4, 5, 6, 7, 8},
		"node":                        {2, 5},
		"NODE":                        {2, 5},
		"chrome":                      {6, 8},
		"chrome helper":               {6, 8},
		`"chrome helper"`:             {6, 8},
		`"helper chrome"`:             nil,
		`"chrome hel`:                 {6, 8}, // still being typed
		"alice tcp":                   {2, 3, 4, 5, 6},
		"udp":                         {8},
		"!udp listen":                 {1, 2, 3},
		"!tcp":                        {8},
		":3000":                       {2},
		"port:3000":                   {2},
		"PORT:3000":                   {2},
		":443":                        nil, // a local port is meant
		"remote::443":                 {6, 7},
		":3000,22":                    {1, 2},
		":3000,:22":                   {1, 2},
		"port:22,:>2999 :3000,:5000":  {2},
		":3000-5432":                  {2, 3, 4, 8},
		":22,5000-5400":               {1, 8},
		"!:3000-65535":                {1},
		"pid:812":                     {3, 4},
		"pid:1-501":                   {2, 5, 6, 8},
		"!pid:1-99999":                {1, 7},
		"proto:udp":                   {8},
		"proto:tcp6":                  {2},
		"proto:tcp4":                  {1, 2, 3, 4, 5, 6, 7}, // 2 takes both
		"tcp6":                        {2},
		"udp6":                        {8},
		"state:listen":                {1, 2, 3},
		"state:LISTEN":                {1, 2, 3},
		"state:listening":             {1, 2, 3},
		"state:l":                     {1, 2, 3},
		"state:estab":                 {4, 5, 6},
		"state:time_wait":             {7},
		"state:time-wait":             {7},
		"state:TIMEWAIT":              {7},
		"state:closing":               {7},
		"state:listen,time":           {1, 2, 3, 7},
		"state:syn_recv":              nil,
		"!state:listen tcp":           {4, 5, 6, 7},
		"app:postgres":                {3, 4},
		`app:"google chrome"`:         {6, 8},
		"process:helper":              {6, 8},
		"process:hidden":              {1},
		"process:kernel":              {7},
		"user:root":                   {1},
		"user:ali":                    {2, 3, 4, 5, 6, 8},
		"service:https":               {6, 7},
		"https":                       {6, 7},
		"local:127.0.0.1":             {3, 4, 5},
		"local:fe80::1%en0":           {8},
		"remote:127.0.0.1":            {4, 5},
		"exposed:yes":                 {1, 2, 8},
		"exposed:no":                  {3, 4, 5, 6, 7},
		"exposed:yes state:listen":    {1, 2},
		"!exposed:YES state:listen":   {3},
		"ephemeral:yes":               {5, 6, 7},
		"ephemeral:no":                {1, 2, 3, 4, 8},
		"127.0.0.1:5432":              {3, 4, 5},
		"127.0.0.1:5432 state:listen": {3},
		"fe80::1%en0":                 {8},
		"[fe80::1%en0]:5353":          {8},
		"::1":                         {8},
		"*:3000":                      {2},
		"hidden":                      {1},
		"TIME_WAIT":                   {7},
		"5432":                        {3, 4, 5},
		`":3000"`:                     {2}, // just text
		`"tcp"`:                       {1, 2, 3, 4, 5, 6, 7},
		"!!node":                      {2, 5},
		`!"google chrome" app:chrome`: nil,
		"Node !:3000":                 {5},
	} {
		if got := found(t, text); !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", text, got, want)
		}
	}
}

// The message names the word and says what would do.
func TestQueryErrors(t *testing.T) {
	for text, want := range map[string][]string{
		"port:abc":                           {"port:abc", `not "abc"`, "0 to 65535"},
		"node port:99999":                    {"port:99999"},
		"port:":                              {"port:"},
		":":                                  {":"},
		":http":                              {":http"},
		":3010-3000":                         {":3010-3000", "before it begins"},
		":1-2-3":                             {":1-2-3"},
		":-5":                                {":-5"},
		":80,":                               {":80,"},
		"pid:-1":                             {"pid:-1", "PID"},
		"pid:99999999999999999999":           {"PID"},
		"state:foo":                          {"state:foo", `"foo"`, "time_wait"},
		"state:":                             {"state:"},
		"state:listen,foo":                   {`"foo"`},
		"proto:sctp":                         {"proto:sctp", "tcp or udp"},
		"foo:bar":                            {"foo:bar", `"foo"`, "port, pid"},
		"exposed:maybe":                      {"exposed:maybe", "yes nor no"},
		"ephemeral:":                         {"ephemeral:"},
		"app:":                               {"app:"},
		"in:":                                {"in:", "a word must follow"},
		"kind:":                              {"kind:", "launchd"},
		"kind:pod":                           {`"pod" is no kind`, "container"},
		"!":                                  {"!", "a word must follow"},
		"a !! b":                             {"!!"},
		"foo\x1b[31m:bar":                    nil, // not a field: a word like any other
		"f\u202eoo:1":                        nil,
		"x:\x1b[31m":                         {`x:\x1b[31m`},
		"port:" + strings.Repeat("9", 500):   {"port:999", "…"},
		"state:" + strings.Repeat("x", 4000): {"state:xxx", "…"},
		strings.Repeat("y", 3000) + ":1":     {"yyy…"},
		strings.Repeat("a ", 5000):           {"too long"},
	} {
		q, err := ParseQuery(text)
		if want == nil {
			if err != nil {
				t.Errorf("ParseQuery(%q): %v", text, err)
			}
			continue
		}
		if err == nil {
			t.Errorf("ParseQuery(%q) is understood", text)
			continue
		}
		if q.terms != nil || q.String() != "" {
			t.Errorf("ParseQuery(%q) gives a query beside the error", text)
		}
		for _, part := range want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("ParseQuery(%.40q): %q does not say %q", text, err, part)
			}
		}
		if Clean(err.Error()) != err.Error() || len(err.Error()) > 400 {
			t.Errorf("ParseQuery(%.40q): %q is not fit for a screen", text, err)
		}
	}
}

func TestQueryKeepsItsText(t *testing.T) {
	const text = ` node  :3000 !"x y" `
	q, err := ParseQuery(text)
	if err != nil || q.String() != text {
		t.Errorf("ParseQuery(%q).String() = %q, %v", text, q, err)
	}
}

func TestGroupRowsNeverMatch(t *testing.T) {
	if (Query{}).Match(&Row{Group: &Group{Name: "node"}}) {
		t.Error("a group's row matches")
	}
	if rows := Rows(sample(), View{}); !(Query{}).Match(&rows[0]) {
		t.Error("the zero query does not match a socket")
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{"", "node", ":3000-3010,5", `app:"Google Chrome" !x`, "state:closing", "::1", "[::1]:80", "!!", `"`, `a"b c"d:e`, "exposed:yes", "x:\xff"} {
		f.Add(s)
	}
	rows := Rows(sample(), View{Ephemeral: linuxRange})
	f.Fuzz(func(t *testing.T, text string) {
		q, err := ParseQuery(text)
		if err != nil {
			if q.terms != nil || err.Error() == "" || Clean(err.Error()) != err.Error() || !utf8.ValidString(err.Error()) {
				t.Fatalf("ParseQuery(%q) = %v, %v", text, q, err)
			}
			return
		}
		if q.String() != text {
			t.Fatalf("ParseQuery(%q).String() = %q", text, q)
		}
		// Not the query is all the other rows, as long as it is one term.
		not, err := ParseQuery("!" + text)
		opposite := err == nil && len(q.terms) == 1 && q.terms[0].word.at != nil && strings.TrimSpace(text) == text
		for i := range rows {
			yes := q.Match(&rows[i])
			if yes != q.Match(&rows[i]) || opposite && not.Match(&rows[i]) == yes {
				t.Fatalf("%q and its opposite match the same row", text)
			}
		}
	})
}

// What an app is and what it runs is found by any word of it, and by its own fields.
func TestQueryOfApps(t *testing.T) {
	s := office()
	browser := &process.Process{ID: process.ID{PID: 40, Start: 1}, Name: "firefox", App: app.App{Name: "Firefox", Kind: app.Desktop, ID: "org.mozilla.firefox.desktop",
		Unit: "app-gnome-org.mozilla.firefox-40.scope", UserUnit: true}}
	s.Sockets = append(s.Sockets, netstat.Socket{ID: 20, Protocol: netstat.UDP, Local: addrPort("0.0.0.0:5353"), Owners: held(browser)})
	for text, want := range map[string][]uint64{
		"node":                 {1, 2, 3},    // the process
		"vite app:vite":        {1, 2, 3, 4}, // the app of it, and of esbuild
		"worker.js":            {1, 2},       // what one of them runs
		"iterm":                {1, 2, 3, 4},
		"in:ITERM":             {1, 2, 3, 4},
		"!in:iterm in:":        nil,
		"app:iterm":            {1, 2, 3, 4},
		"app:org.mozilla":      {20}, // its id
		"app:kernel":           {6, 7},
		"app:hidden":           {8, 9},
		"nginx:1.27":           nil, // a field, and none of ours
		`"nginx:1.27"`:         {5},
		"container:nginx:1.27": {5},
		"container:shop-web":   {5},
		"container:abababab":   {5},
		"container:docker":     {5},
		"container:firefox":    nil,
		"unit:docker-abab":     {5},
		"unit:.scope":          {5, 20},
		"docker-abab":          {5},
		"kind:container":       {5},
		"kind:cont,desk":       {5, 20},
		"kind:COMMAND":         {1, 2, 3, 4},
		"kind:bundle":          nil,
		"!kind:c":              {6, 7, 8, 9, 20}, // container and command
	} {
		q, err := ParseQuery(text)
		if err != nil {
			if want != nil {
				t.Errorf("ParseQuery(%q): %v", text, err)
			}
			continue
		}
		if got := slices.Compact(sockets(Rows(s, View{Query: q}))); !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", text, got, want)
		}
	}
}
