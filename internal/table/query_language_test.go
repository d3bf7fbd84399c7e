package table

import (
	"errors"
	"slices"
	"testing"
	"time"

	"portolan/internal/history"
	"portolan/internal/monitor"
)

// What came to the language beside single words; the sample's sockets by their IDs.
func TestQueryLanguage(t *testing.T) {
	for text, want := range map[string][]uint64{
		"-node":                             {1, 3, 4, 6, 7, 8},
		"--node":                            {2, 5},
		"-!node":                            {2, 5},
		"node or chrome":                    {2, 5, 6, 8},
		"node OR chrome listen":             {2, 5}, // a blank binds more
		"(node or chrome) tcp":              {2, 5, 6},
		"-(node or chrome) tcp":             {1, 3, 4, 7},
		"((node) or (chrome udp))":          {2, 5, 8},
		"(node":                             {2, 5}, // still being typed
		`"or"`:                              nil,
		"oracle or node":                    {2, 5},
		"3000-5432":                         {2, 3, 4, 8},
		"22,3000":                           {1, 2},
		"-3000-5432":                        {1, 5, 6, 7},
		"3999-3000":                         nil, // text
		"port:>5432":                        {5, 6, 7},
		":<=3000":                           {1, 2},
		":>=5432,22":                        {1, 3, 4, 5, 6, 7},
		"port:>=22 port:<3000":              {1},
		"pid:>800":                          {3, 4},
		"pid:812,90":                        {3, 4, 6, 8},
		"proto:udp,tcp6":                    {2, 8},
		"app:node,postgres":                 {2, 3, 4, 5},
		`app:"node,postgres"`:               nil, // the comma is part of the name
		"user:root,alice listen":            {1, 2, 3},
		"-app:node,postgres":                {1, 6, 7, 8},
		"name:node":                         {2, 5},
		"NAME:Chrome":                       {6, 8},
		"remote:93.0.0.0/8":                 {6, 7},
		"remote:10.0.0.0/8,93.184.216.0/24": {6, 7},
		"local:127.0.0.0/8":                 {3, 4, 5},
		"addr:93.184.216.34":                {6, 7},
		"address:127.0.0.1":                 {3, 4, 5},
		"127.0.0.0/8":                       {3, 4, 5},
		"addr:fe80::/10":                    {8},
		"addr:fe80::/10%en0":                {8},
		"addr:FE80::%EN0/64":                {8},
		"addr:fe80::/10%en1":                nil,
		"addr:::ffff:127.0.0.0/104":         {3, 4, 5},
		"local:fe80:0:0::1%en0":             {8}, // written in another way
		"remote::443":                       {6, 7},
		"remote::40000-50000,5432":          {4, 5},
		"addr::5432":                        {3, 4, 5},
		"remote:93,127":                     {4, 5, 6, 7},
		"remote::44":                        nil,
		"class:listening":                   {1, 2, 3},
		"class:list,clos":                   {1, 2, 3, 7},
		"exposed:y":                         {1, 2, 8},
		"ephemeral:N":                       {1, 2, 3, 4, 8},
		"since:5m":                          nil, // nobody knows
		"-since:5m":                         {1, 2, 3, 4, 5, 6, 7, 8},
		`foo(bar`:                           nil,
		"listen )":                          nil, // a word that no row has
	} {
		if got := found(t, text); !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", text, got, want)
		}
	}
}

// An error says where it is and what would be right; a query that may still become right is known.
func TestQueryErrorPlaces(t *testing.T) {
	for _, test := range []struct {
		text, wrong, message string
		unfinished           bool
	}{
		{"node state:listn", "listn", `state:listn: there is no state "listn"; did you mean listen?`, false},
		{"state:listen,establised tcp", "establised", `state:listen,establised: there is no state "establised"; did you mean established?`, false},
		{"prot:80", "prot", `prot:80: there is no field "prot"; did you mean port:?`, false},
		{"stat:listen x", "stat", `stat:listen: there is no field "stat"; did you mean state:?`, false},
		{"localhost:3000", "localhost", `localhost:3000: there is no field "localhost"; did you mean :3000?`, false},
		{"port:", "port:", "port:: a word must follow the colon: a port, a range such as 3000-3010, or >1023", true},
		{"port: x", "port:", "port:: a word must follow the colon: a port, a range such as 3000-3010, or >1023", false},
		{"x port:80,", "", `port:80,: a port is a number from 0 to 65535, or a range such as 3000-3010: not ""`, true},
		{"port:3000-", "3000-", `port:3000-: a port is a number from 0 to 65535, or a range such as 3000-3010: not "3000-"`, true},
		{"port:3000-3", "3000-3", `port:3000-3: a port is a number from 0 to 65535, or a range such as 3000-3010: "3000-3" ends before it begins`, true},
		{"port:>65535x", ">65535x", `port:>65535x: a port is a number from 0 to 65535, or a range such as 3000-3010: not ">65535x"`, false},
		{"remote:10.0.0.0/33", "10.0.0.0/33", `remote:10.0.0.0/33: "10.0.0.0/33" is no network; write it as 10.0.0.0/8 or fe80::/10`, false},
		{"remote:10.0.0.0/", "10.0.0.0/", `remote:10.0.0.0/: "10.0.0.0/" is no network; write it as 10.0.0.0/8 or fe80::/10`, true},
		{"since:5", "5", `since:5: "5" is no time; write 30s, 5m, 2h or 1d`, true},
		{"since:soon", "soon", `since:soon: "soon" is no time; write 30s, 5m, 2h or 1d`, false},
		{"kind:containr", "containr", `kind:containr: "containr" is no kind of app; did you mean container?`, false},
		{"class:outgong", "outgong", `class:outgong: "outgong" is no class; did you mean outgoing?`, false},
		{"node or", "or", "or: a word must follow the or", true},
		{"node or or x", "or", "or: a word must stand before the or; to find the word itself, put it in quotes", false},
		{"or", "or", "or: a word must stand before the or; to find the word itself, put it in quotes", true},
		{"node (", "(", "(: a word must follow the parenthesis", true},
		{"() x", "(", "(: a word must follow the parenthesis", false},
		{"node -", "-", "-: a word must follow the -", true},
		{`é "ü" app:`, "app:", "app:: a word must follow the colon: the name of an app", true},
		{`app:"a b",`, "", `app:"a b",: a word must follow the comma`, true},
		{"(x or state:foo)", "foo", `state:foo: "foo" is no state; use listen, established, syn_sent, fin_wait, close_wait, time_wait, closing or closed`, false},
	} {
		_, err := ParseQuery(test.text)
		var wrong *QueryError
		if !errors.As(err, &wrong) {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		if got := test.text[wrong.Start:wrong.End]; got != test.wrong || err.Error() != test.message || wrong.Unfinished != test.unfinished {
			t.Errorf("%q: at %q, unfinished %v: %s\nwant %q, %v: %s", test.text, got, wrong.Unfinished, err, test.wrong, test.unfinished, test.message)
		}
	}
}

// since: goes by when a socket was first seen. What was there when the record began is older, nobody knows by how much.
func TestQuerySince(t *testing.T) {
	begin := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	old, late, last := sample(), sample(), sample()
	past := history.New(history.Options{})
	old.Sockets, late.Sockets = old.Sockets[:4], late.Sockets[:6]
	old.Taken, late.Taken, last.Taken = begin, begin.Add(10*time.Minute), begin.Add(14*time.Minute)
	past.Record(monitor.Update{Snapshot: old})
	past.Record(monitor.Update{Snapshot: late, Opened: late.Sockets[4:6]})
	past.Record(monitor.Update{Snapshot: last, Opened: last.Sockets[6:]})
	for text, want := range map[string][]uint64{
		"since:0s": {7, 8}, "since:1m": {7, 8}, "since:4m": {5, 6, 7, 8}, "since:1h": {5, 6, 7, 8}, "since:1d tcp": {5, 6, 7},
		"since:3m59s": {7, 8}, "since:<5M": {5, 6, 7, 8}, "since:>1m": {1, 2, 3, 4, 5, 6}, "since:>13m": {1, 2, 3, 4}, "since:>14m": nil, "-since:1m": {1, 2, 3, 4, 5, 6},
	} {
		q, err := ParseQuery(text)
		if err != nil {
			t.Fatal(err)
		}
		view := View{Query: q, Ephemeral: linuxRange, Past: past}
		if got := slices.Compact(sockets(Rows(last, view))); !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", text, got, want)
		}
		if doubt := view.Doubt(last) != ""; doubt != (text == "since:1h" || text == "since:1d tcp") {
			t.Errorf("%q: it says %q", text, view.Doubt(last))
		}
		view.Past = nil
		if view.Doubt(last) == "" {
			t.Errorf("%q: nobody knows, and nobody says so", text)
		}
	}
	if (View{Past: past}).Doubt(last) != "" {
		t.Error("there is a doubt without a question")
	}
}

// What a query is as text means the same when it is read again.
func FuzzQueryText(f *testing.F) {
	for _, s := range []string{"a or b", "(a or -b) c", `x:"y z",w`, "remote::1,2", "since:5m"} {
		f.Add(s)
	}
	rows := Rows(sample(), View{Ephemeral: linuxRange})
	f.Fuzz(func(t *testing.T, text string) {
		q, err := ParseQuery(text)
		var wrong *QueryError
		if err != nil {
			if !errors.As(err, &wrong) || wrong.Start < 0 || wrong.Start > wrong.End || wrong.End > len(text) || len(wrong.Error()) > 600 {
				t.Fatalf("%q: %#v", text, wrong)
			}
			return
		}
		again, err := ParseQuery(q.String())
		if err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			if q.Match(&rows[i]) != again.Match(&rows[i]) {
				t.Fatalf("%q means two things", text)
			}
		}
	})
}

// BenchmarkQuery tries each field on ten thousand sockets, rows not counted.
func BenchmarkQuery(b *testing.B) {
	rows := Rows(crowd(10_000), View{Ephemeral: linuxRange})
	for _, text := range []string{"pp 1", ":1024-40000", "pid:1001", "proto:tcp4", "state:listen,est", "class:out", "local:10.0.1", "remote:93.64.0.0/10",
		"addr:fe80::/10", "remote::443,80", "service:http", "app:1,3", "name:process", "process:process", "kind:exec", "container:web", "unit:nginx", "in:iterm",
		"user:ali", "exposed:yes", "ephemeral:no", "(app:1 or 10.0) -state:listen"} {
		q, err := ParseQuery(text)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(text, func(b *testing.B) {
			look := newMatcher(q)
			n := 0
			for b.Loop() {
				for i := range rows {
					if look.match(&rows[i]) {
						n++
					}
				}
			}
			b.ReportMetric(float64(n)/float64(b.N), "rows")
		})
	}
}
