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
		k, ok := KnownAs(test.system, test.process, test.port)
		if ok != (test.word != "") || !strings.Contains(k.Text, test.word) {
			t.Errorf("%s on %s, port %d: %q, %v; want %q", test.process, test.system, test.port, k.Text, ok, test.word)
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
		key := s.system + " " + s.process
		if seen[key] && s.ports != nil || slices.ContainsFunc(suspects[:i], func(o suspect) bool {
			return o.system == s.system && o.process == s.process && o.ports == nil
		}) {
			t.Errorf("%s is hidden by a line before it", key)
		}
		seen[key] = true
	}
}
