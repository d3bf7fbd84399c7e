package port

import (
	"slices"
	"strings"
	"testing"
)

func TestKnownAs(t *testing.T) {
	tests := []struct {
		system, process string
		port            uint16
		word            string // of the sentence; "": it is not known
	}{
		{"darwin", "ControlCenter", 5000, "AirPlay Receiver:"},
		{"darwin", "ControlCenter", 7000, "AirPlay Receiver:"},
		{"darwin", "ControlCenter", 50321, "The Control Center"},
		{"darwin", "rapportd", 49152, "Handoff"},
		{"darwin", "mDNSResponder", 5353, "Bonjour"},
		{"linux", "avahi-daemon", 5353, "local network"},
		{"linux", "systemd-resolve", 53, "127.0.0.53"}, // as its comm, cut
		{"linux", "systemd-timesyn", 0, "clock"},
		{"linux", "gnome-remote-de", 3389, "Remote desktop"},
		{"linux", "master", 25, "Postfix"},
		{"linux", "master", 8080, ""}, // anybody's
		{"linux", "ControlCenter", 5000, ""},
		{"linux", "systemd-", 53, ""},
		{"linux", "node", 3000, ""},
		{"darwin", "", 0, ""},
		{"plan9", "sshd", 22, ""},
	}
	for _, test := range tests {
		k, ok := KnownAs(test.system, test.process, test.port, "en")
		if ok != (test.word != "") || !strings.Contains(k.Text, test.word) {
			t.Errorf("%s on %s, port %d: %q, %v; want %q", test.process, test.system, test.port, k.Text, ok, test.word)
		}
	}
}

// TestKnownInGerman: the language is who asks', and whatever is not German is English.
func TestKnownInGerman(t *testing.T) {
	for language, word := range map[string]string{"de": "Drucksystem", "en": "printing system", "": "printing system", "fr": "printing system"} {
		if k, ok := KnownAs("darwin", "cupsd", 631, language); !ok || !strings.Contains(k.Text, word) {
			t.Errorf("in %q: %q", language, k.Text)
		}
	}
	for english := range germanKnown {
		if !slices.ContainsFunc(suspects, func(s suspect) bool { return s.Text == english }) {
			t.Errorf("nobody is called %q", english)
		}
	}
}

func TestSuspectsAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for i, s := range suspects {
		if s.process != strings.ToLower(s.process) || s.system != "darwin" && s.system != "linux" {
			t.Errorf("%s %s can never be found", s.system, s.process)
		}
		if !strings.HasSuffix(s.Text, ".") || s.Source == "" {
			t.Errorf("%s: %q, source %q", s.process, s.Text, s.Source)
		}
		german, ok := KnownAs(s.system, s.process, slices.Concat(s.ports, []uint16{0})[0], "de")
		if !ok || german.Text == s.Text || !strings.HasSuffix(german.Text, ".") || german.Source != s.Source {
			t.Errorf("%s in German: %q, source %q", s.process, german.Text, german.Source)
		}
		key := s.system + " " + s.process
		if seen[key] && s.ports != nil || slices.ContainsFunc(suspects[:i], func(o suspect) bool {
			return o.system == s.system && o.process == s.process && o.ports == nil
		}) {
			t.Errorf("%s is hidden by a line before it", key)
		}
		seen[key] = true
	}
}
