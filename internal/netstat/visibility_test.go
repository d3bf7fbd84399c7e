package netstat

import (
	"strings"
	"testing"
)

func TestHoldsNothing(t *testing.T) {
	for stat, want := range map[string]bool{
		"2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0":    true,
		"901 (nginx) S 1 901 901 0 -1 4194560 0 0 0 0 0 0": false,
		"902 (a) R 2 (b) Z 1 901 901 0 -1 4228108 0 0 0":   true,
		"903 (x) Z) S 1 901 901 0 -1 4194560 0 0 0 0 0 0":  false,
		"904 (sh) X 1 901 901 0 -1 4194560 0 0 0 0 0 0":    true,
		"905 (sh) S 1 901 901 0 -1":                        false,
		"906 (sh) S 1 901 901 0 -1 many 0 0":               false,
		"":                                                 false,
	} {
		if got := holdsNothing([]byte(stat)); got != want {
			t.Errorf("%q: got %v", stat, got)
		}
	}
}

func TestHidepid(t *testing.T) {
	const root = "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
	for text, want := range map[string]string{
		"": "",
		root + "22 27 0:21 / /proc rw,relatime - proc proc rw\n":                                            "",
		root + "22 27 0:21 / /proc rw,relatime shared:5 - proc proc rw,hidepid=invisible\n":                 "invisible",
		root + "22 27 0:21 / /proc rw,relatime - proc proc rw,gid=4,hidepid=2":                              "2",
		root + "22 27 0:21 / /proc rw,relatime - proc proc rw,hidepid=0\n":                                  "",
		root + "22 27 0:21 / /proc rw - proc proc rw,hidepid=2\n23 22 0:22 / /proc rw - proc proc rw\n":     "",
		root + "22 27 0:21 / /mnt/proc rw - proc proc rw,hidepid=2\n":                                       "",
		root + "22 27 0:21 / /proc rw - tmpfs tmpfs rw,hidepid=2\n":                                         "",
		"nonsense\n - \n1 2 3 4 /proc - proc\n":                                                             "",
		root + "22 27 0:21 / /proc rw,relatime master:1 propagate_from:2 - proc none rw,hidepid=ptraceable": "ptraceable",
	} {
		if got := hidepid([]byte(text), "/proc"); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	for value, want := range map[string]bool{"": false, "1": false, "noaccess": false, "2": true, "4": true, "invisible": true, "ptraceable": true} {
		if hidesEntries(value) != want {
			t.Errorf("hidepid=%s hides entries: %v", value, !want)
		}
	}
}

func TestVisibilityReason(t *testing.T) {
	for _, c := range []struct {
		v         visibility
		concealed int
		limited   bool
		want      []string
	}{
		{visibility{}, 0, false, nil},
		{visibility{denied: 1}, 0, true, []string{"run as administrator"}},
		{visibility{denied: 7, root: true}, 3, true, []string{"even to the administrator"}},
		{visibility{hidepid: "invisible"}, 0, true, []string{"hidepid=invisible", "administrator"}},
		{visibility{denied: 2, hidepid: "2"}, 0, true, []string{"other users' processes", "; ", "hidepid=2"}},
		{visibility{enclosed: true}, 0, true, nil},
		{visibility{enclosed: true}, 1, true, []string{"container"}},
	} {
		got := c.v.reason(c.concealed)
		if c.v.limited() != c.limited || (got == "") != (len(c.want) == 0) {
			t.Errorf("%+v: limited %v, reason %q", c.v, c.v.limited(), got)
		}
		for _, word := range c.want {
			if !strings.Contains(got, word) {
				t.Errorf("%+v: %q is not in %q", c.v, word, got)
			}
		}
	}
}
