package explain

import (
	"strings"
	"testing"
	"time"

	"portolan/internal/netstat"
	"portolan/internal/port"
)

var here = Facts{System: "linux", TimeWait: 60 * time.Second, Ephemeral: port.Range{First: 32768, Last: 60999}}

// TestEveryTopic: each is there in both languages and on both systems, whole.
func TestEveryTopic(t *testing.T) {
	if len(texts()) != 2 || len(texts()["en"]) != len(entries) || len(texts()["de"]) != len(entries) {
		t.Fatalf("%d topics, %d in English, %d in German", len(entries), len(texts()["en"]), len(texts()["de"]))
	}
	for _, id := range IDs() {
		for _, language := range []string{"en", "de"} {
			for _, system := range []string{"linux", "darwin"} {
				f := here
				f.Language, f.System = language, system
				topic, ok := Find(id, f)
				if !ok || topic.ID != id || topic.Title == "" || !strings.HasSuffix(topic.Short, ".") || !strings.HasSuffix(topic.Text, ".") {
					t.Errorf("%s in %s: %+v, %v", id, language, topic, ok)
				}
				if strings.ContainsAny(topic.Title+topic.Short+topic.Text, "{}") {
					t.Errorf("%s in %s: %q is not filled in", id, language, topic.Text)
				}
				for _, see := range topic.See {
					if entryOf(see) == nil {
						t.Errorf("%s: see %s, which there is not", id, see)
					}
				}
			}
		}
	}
}

func TestEveryState(t *testing.T) {
	for s := netstat.Listen; s <= netstat.Closed; s++ {
		topic, ok := Find(s.String(), here)
		if !ok || topic.ID != s.String() || len(topic.Verify) == 0 {
			t.Errorf("%v: %+v, %v", s, topic, ok)
		}
	}
}

func TestFind(t *testing.T) {
	german := here
	german.Language = "de_AT.UTF-8"
	macOS := Facts{System: "darwin", Language: "en_GB", TimeWait: 30 * time.Second, Ephemeral: port.Range{First: 49152, Last: 65535}}
	tests := []struct {
		word  string
		facts Facts
		id    string
		holds string // in the text or the commands
	}{
		{"TIME_WAIT", here, "TIME_WAIT", "for 60 seconds"},
		{"time-wait", macOS, "TIME_WAIT", "for 30 seconds"},
		{" TIMEWAIT ", german, "TIME_WAIT", "60 Sekunden"},
		{"timewait", Facts{}, "TIME_WAIT", "for a while"},
		{"ESTAB", here, "ESTABLISHED", "ss -tan state established"},
		{"SYN-RECV", macOS, "SYN_RECEIVED", "grep SYN_RCVD"},
		{"Ephemeral", macOS, "ephemeral", "49152 to 65535, and"},
		{"ephemeral", german, "ephemeral", "32768 bis 60999"},
		{"ephemeral", Facts{System: "plan9"}, "ephemeral", "? to ?"},
		{"CLOSING", here, "CLOSING", "Rare"},
		{"Closing", here, "closing", "hung up"},
		{"exposed", here, "network", "firewall"},
		{"nonsense", here, "", ""},
		{"", here, "", ""},
	}
	for _, test := range tests {
		topic, ok := Find(test.word, test.facts)
		if ok != (test.id != "") || topic.ID != test.id || !strings.Contains(topic.Text+strings.Join(topic.Verify, "\n"), test.holds) {
			t.Errorf("%q: %+v, %v; want %s with %q", test.word, topic, ok, test.id, test.holds)
		}
	}
}

func TestNamesAreUnique(t *testing.T) {
	seen := map[string]string{}
	for _, e := range entries {
		for _, name := range e.names {
			if other, twice := seen[name]; twice {
				t.Errorf("%q finds %s and %s", name, other, e.id)
			}
			seen[name] = e.id
		}
	}
}
