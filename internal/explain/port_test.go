package explain

import (
	"fmt"
	"strings"
	"testing"

	"portolan/internal/port"
)

func TestPort(t *testing.T) {
	macOS := Facts{System: "darwin", Ephemeral: port.Range{First: 49152, Last: 65535}}
	wider := Facts{System: "darwin", Ephemeral: port.Range{First: 49152, Last: 65535, GivenFirst: 49152, GivenLast: 50000}}
	german := here
	german.Language = "de_DE"
	tests := []struct {
		number uint16
		facts  Facts
		holds  []string
	}{
		{5432, here, []string{"Usually found there: postgresql.", "IANA has set it aside for postgresql, PostgreSQL Database", "does not hand it out by itself (it does so from 32768 to 60999)", "ss -tulnp 'sport = :5432'"}},
		{5353, macOS, []string{"mdns", "lsof -nP -i :5353"}},
		{50000, macOS, []string{"dynamic ports", "lies in the range", "49152 to 65535"}},
		{50000, wider, []string{"lies in the range from which this system hands out ports by itself (49152 to 50000)"}},
		{60000, wider, []string{"only to a program that asks for a high port; to others it hands out 49152 to 50000."}},
		{40000, wider, []string{"does not hand it out by itself (it does so from 49152 to 50000)"}},
		{50000, german, []string{"dynamischen Ports", "liegt in dem Bereich"}},
		{22, german, []string{"ssh", "unter 1024"}},
		{40000, Facts{System: "plan9"}, []string{"is not known"}},
		{61000, here, []string{"dynamic", "does not hand it out"}},
		{3001, Facts{}, []string{"3001"}},
	}
	for _, test := range tests {
		topic := Port(test.number, test.facts)
		all := topic.Title + "\n" + topic.Short + "\n" + topic.Text + "\n" + strings.Join(topic.Verify, "\n")
		for _, want := range test.holds {
			if !strings.Contains(all, want) {
				t.Errorf("port %d: no %q in\n%s", test.number, want, all)
			}
		}
	}
}

// TestEveryPort: each has whole sentences in both languages.
func TestEveryPort(t *testing.T) {
	for _, language := range []string{"en", "de"} {
		f := here
		f.Language = language
		for n := range 1 << 16 {
			topic := Port(uint16(n), f)
			for _, text := range []string{topic.Title + ".", topic.Short, topic.Text} {
				if !strings.HasSuffix(text, ".") || strings.Contains(text, "%!") || strings.Contains(text, "()") {
					t.Fatalf("port %d: %q", n, text)
				}
			}
		}
	}
}

func TestHolders(t *testing.T) {
	german := here
	german.Language = "de"
	got := fmt.Sprint(Holders("node (PID 812)", here), Holders("", here), Holders("node", german), Holders("", german))
	if want := "Now: node (PID 812).Nobody waits on it now.Jetzt: node.Niemand wartet jetzt darauf."; got != want {
		t.Errorf("got %s", got)
	}
}
