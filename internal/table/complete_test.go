package table

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"portolan/internal/app"
)

// offers gives what is offered at the "|" of a text.
func offers(t *testing.T, marked string) (text string, found []Completion) {
	t.Helper()
	before, after, ok := strings.Cut(marked, "|")
	if !ok {
		t.Fatalf("%q has no cursor", marked)
	}
	s := sample()
	s.Sockets[2].Owners[0].Process.App.Kind = app.Bundle
	return before + after, Complete(before+after, len(before), s, View{Ephemeral: linuxRange})
}

// What is offered first, up to the "…", or all of it; "" is nothing.
func TestComplete(t *testing.T) {
	for marked, want := range map[string][]string{
		"|":                       nil,
		"node |":                  nil,
		"| node":                  nil,
		"st|":                     {"state:"},
		"ST|":                     {"state:"},
		"node !st|":               {"state:"},
		"(-st|":                   {"state:"},
		"s|":                      {"state:", "service:", "since:"},
		"port|":                   {"port:"},
		"no|":                     {"app:node"}, // there is no field
		"chr|":                    {`app:Google Chrome`},
		"rome|":                   nil, // in the middle of a word: too little to go on
		"3|":                      {":3000"},
		":|":                      {":22", "…"},
		"state:|":                 {"established", "listen", "closing", "time_wait", "…"},
		"state:l|":                {"listen", "…"},
		"state:listen|":           {"…"},
		"state:listen,e|":         {"established", "…"},
		"!state:listen,e|":        {"established", "…"},
		"state:e|,listen x":       {"established", "…"},
		"port:|":                  {"22", "3000", "5432", "5353"},
		"port:3|":                 {"3000"},
		"port:5353|":              nil,
		"app:|":                   {"Google Chrome", "Postgres", "node"},
		"app:chr|":                {"Google Chrome"},
		"name:|":                  {"Google Chrome Helper", "node", "postgres"},
		"user:|":                  {"alice", "root"},
		"service:ht|":             {"https", "…"},
		"remote:|":                {"127.0.0.1", "93.184.216.34"},
		"remote:34|":              {"93.184.216.34"},
		"local:fe|":               {"fe80::1%en0"},
		"exposed:|":               {"no", "yes"},
		"exposed:y|":              {"yes"},
		"ephemeral:|":             {"no", "yes"},
		"kind:b|":                 {"bundle"},
		"class:l|":                {"listening"},
		"proto:t|":                {"tcp", "tcp4", "tcp6"},
		"since:|":                 {"5m", "1m", "30s", "15m", "1h", "1d"},
		"since:1|":                {"1m", "15m", "1h", "1d", "…"},
		"pid:8|":                  {"812"},
		"pid:81|":                 {"812"},
		"nothing:|":               nil,
		`"st|`:                    nil,
		`app:"google |`:           {"Google Chrome"},
		"fe80::|":                 nil,
		"sta|te:listen":           nil,
		"container:|":             nil,
		strings.Repeat("x", 5000): nil,
	} {
		if !strings.Contains(marked, "|") {
			marked += "|"
		}
		_, found := offers(t, marked)
		var got []string
		for _, c := range found {
			label := c.Label
			if strings.HasPrefix(marked, ":") && marked != ":|" {
				label = ":" + label
			}
			got = append(got, label)
		}
		if n := len(want); n > 0 && want[n-1] == "…" {
			got, want = got[:min(n-1, len(got))], want[:n-1]
		}
		if marked == ":|" {
			want = []string{"22"}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q is offered %q, want %q", marked, got, want)
		}
		if len(found) > completionLimit {
			t.Errorf("%q is offered %d", marked, len(found))
		}
	}
}

// A completion makes a query that is understood, and the cursor stands behind it.
func TestCompletionApplies(t *testing.T) {
	for marked, want := range map[string]string{
		"node st| tcp":          "node state:| tcp",
		"chr|":                  `app:"Google Chrome"|`,
		"app:chr|":              `app:"Google Chrome"|`,
		`app:"chr|`:             `app:"Google Chrome"|`,
		`app:"google chr|" tcp`: `app:"Google Chrome"| tcp`,
		"!state:li|":            "!state:listen|",
		"state:li|,time":        "state:listen|,time",
		"(state:li|":            "(state:listen|",
		"3|":                    ":3000|",
		":22,:3|":               ":22,:3000|",
		"é st|":                 "é state:|",
		`!"é" user:al|ic`:       `!"é" user:alice|`,
	} {
		text, found := offers(t, marked)
		if len(found) == 0 {
			t.Errorf("%q is offered nothing", marked)
			continue
		}
		got, cursor := found[0].Apply(text)
		if marked := got[:cursor] + "|" + got[cursor:]; marked != want {
			t.Errorf("%q becomes %q, want %q", text, marked, want)
		}
	}
}

// Without a snapshot there are the words that are always understood.
func TestCompleteWithoutSnapshot(t *testing.T) {
	if got := Complete("state:li", 8, nil, View{Ephemeral: linuxRange}); len(got) != 1 || got[0].Text != "listen" || got[0].Note != "" {
		t.Errorf("offered %v", got)
	}
	if got := Complete("app:x", -3, nil, View{Ephemeral: linuxRange}); got != nil {
		t.Errorf("offered %v", got)
	}
}

func TestCompletionNotes(t *testing.T) {
	for marked, want := range map[string]string{
		"state:li|": "3 sockets", "user:roo|": "1 socket", "port:54|": "Postgres", "stat|": "listen, established, time_wait, closing ...",
	} {
		if _, found := offers(t, marked); len(found) == 0 || found[0].Note != want {
			t.Errorf("%q is offered %+v, want the note %q", marked, found, want)
		}
	}
}

// Names from outside are quoted so that the query finds them, and stay fit for a screen.
func TestCompleteHostileNames(t *testing.T) {
	for _, name := range []string{"a,b", "(x)", ":80", ">1", "-x", "!y", "two  blanks", "\u202eevil", "bell\a", strings.Repeat("long ", 100), "x\xff", "ünï"} {
		s := sample()
		s.Sockets[2].Owners[0].Process.App.Name = name
		found := false
		for _, c := range Complete("app:", 4, s, View{Ephemeral: linuxRange}) {
			text, _ := c.Apply("app:")
			q, err := ParseQuery(text)
			if err != nil || Clean(c.Label) != c.Label {
				t.Errorf("%.20q: %q: %v", name, text, err)
				continue
			}
			for _, r := range Rows(s, View{Query: q, Ephemeral: linuxRange}) {
				found = found || r.Socket.ID == 3
			}
		}
		if !found {
			t.Errorf("%.20q: no offer finds it", name)
		}
	}
}

func FuzzComplete(f *testing.F) {
	for _, s := range []string{"", "st", "state:li,", `app:"Goo`, "(a or -po", "::1", "é:"} {
		f.Add(s, len(s))
	}
	s := sample()
	f.Fuzz(func(t *testing.T, text string, cursor int) {
		for _, c := range Complete(text, cursor, s, View{Ephemeral: linuxRange}) {
			if c.Start < 0 || c.Start > c.End || c.End > len(text) || Clean(c.Label) != c.Label || Clean(c.Note) != c.Note {
				t.Fatalf("Complete(%q, %d) offers %+v", text, cursor, c)
			}
			if _, at := c.Apply(text); at != c.Start+len(c.Text) {
				t.Fatalf("the cursor is at %d", at)
			}
		}
	})
}

// BenchmarkComplete is what one key costs beside the rows, with ten thousand sockets.
func BenchmarkComplete(b *testing.B) {
	s := crowd(10_000)
	for _, text := range []string{"st", "pro", "app:", "remote:1", "port:1", "pid:"} {
		b.Run(fmt.Sprintf("%q", text), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if len(Complete(text, len(text), s, View{Ephemeral: linuxRange})) == 0 {
					b.Fatal("nothing is offered")
				}
			}
		})
	}
}

// What is offered is there beside the rest of the query, and as often as the figure says.
func TestCompleteCountsBesideTheRest(t *testing.T) {
	for marked, want := range map[string]string{
		"app:|":                             "Google Chrome 2 sockets, Postgres 2 sockets, node 2 sockets",
		"state:listen app:|":                "Postgres 1 socket, node 1 socket",
		"app:| state:listen":                "Postgres 1 socket, node 1 socket",
		"state:listen app:no|":              "node 1 socket",
		"state:listen app:node,|":           "Postgres 1 socket, node 1 socket",
		"udp or state:listen app:| or node": "Postgres 1 socket, node 1 socket",
		"(state:listen app:|":               "Postgres 1 socket, node 1 socket",
		"!state:listen app:|":               "",
		"state:nonsense app:|":              "",
		"gopher app:|":                      "",
	} {
		text, found := offers(t, marked)
		var got []string
		for _, c := range found {
			got = append(got, c.Label+" "+c.Note)
		}
		slices.Sort(got)
		if want != "" && strings.Join(got, ", ") != want {
			t.Errorf("%q: offered %q, want %q", marked, strings.Join(got, ", "), want)
		}
		for _, c := range found { // what it says is what comes of it
			completed, _ := c.Apply(text)
			q, err := ParseQuery(completed)
			if err != nil || strings.Contains(marked, " or ") || strings.Contains(marked, ",") {
				continue
			}
			sockets := map[uint64]bool{}
			for _, r := range Rows(sample(), View{Query: q, Ephemeral: linuxRange}) {
				sockets[r.Key.Socket] = true
			}
			if note := socketsText(len(sockets)); c.Note != note {
				t.Errorf("%q: %q says %q and shows %s", marked, completed, c.Note, note)
			}
		}
	}
	if _, found := offers(t, "gopher app:|"); len(found) != 0 {
		t.Errorf("offered where nothing can be found: %+v", found)
	}
}

func TestHalfTyped(t *testing.T) {
	for marked, want := range map[string]bool{
		"s|": true, "sta|": true, "STATE|": true, "node -sta|": true, "(addr|": true, "protocol|": true, "node po|": true,
		"|": false, "sta |": false, "state:|": false, "states|": false, `"sta|`: false, "s|ta": false, "x|": false, ":|": false, "node or|": false,
		"state:f|": true, "state:TIME|": true, "node !state:listen,synr|": true, "class:out|": true, "state:f| node": true,
		"state:listen|": false, "state:x|": false, "state:f |": false, "state:f|in": false, "proto:tcp|": false, "app:f|": false, "port:3|": false,
		"since:5|": false, ":3|": false, "nothing:f|": false,
	} {
		before, after, _ := strings.Cut(marked, "|")
		if got := HalfTyped(before+after, len(before)); got != want {
			t.Errorf("%q: %v", marked, got)
		}
	}
}
