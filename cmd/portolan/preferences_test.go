package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSetAsideBroken(t *testing.T) {
	big := filepath.Join(t.TempDir(), "big.json")
	if err := os.WriteFile(big, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(big, 100<<20); err != nil { // nothing of it is read
		t.Fatal(err)
	}
	for text, broken := range map[string]bool{
		`{}`:                                    false,
		`{"window.width": 900, "unknown": [1]}`: false,
		`{"settings.interval": "soon"}`:         false, // one value, which its reader replaces
		`{"a": [], "b": ["x", "y"]}`:            false,
		``:                                      true,
		`null`:                                  true,
		`[]`:                                    true,
		`"x"`:                                   true,
		`{"window.width": 900, "wi`:             true,
		`{} {}`:                                 true,
		"\x00\xff\x00":                          true,
		`{"a": [1, "x"]}`:                       true, // Fyne falls over this one
		strings.Repeat("[", 20_000):             true,
	} {
		file := filepath.Join(t.TempDir(), "preferences.json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		aside, err := setAsideBroken(file)
		if err != nil || (aside != "") != broken {
			t.Errorf("%.40q: set aside as %q, %v", text, aside, err)
		}
		if broken {
			kept, err := os.ReadFile(aside)
			if err != nil || string(kept) != text {
				t.Errorf("%.40q: what was set aside is %.40q, %v", text, kept, err)
			}
		}
		if _, err := os.Stat(file); (err != nil) != broken {
			t.Errorf("%.40q: the file: %v", text, err)
		}
	}
	if aside, err := setAsideBroken(big); aside == "" || err != nil {
		t.Errorf("100 MB: %q, %v", aside, err)
	}
	if aside, err := setAsideBroken(filepath.Join(t.TempDir(), "none.json")); aside != "" || err != nil {
		t.Errorf("no file: %q, %v", aside, err)
	}
	folder := filepath.Join(t.TempDir(), "preferences.json")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if aside, err := setAsideBroken(folder); aside == "" || err != nil {
		t.Errorf("a folder: %q, %v", aside, err)
	}
}

func TestPreferencesFile(t *testing.T) {
	for _, test := range []struct {
		system string
		env    func(string) string
		want   string
	}{
		{"linux", environment(), "/home/a/.config/fyne/org.portolan.Portolan/preferences.json"},
		{"linux", environment("XDG_CONFIG_HOME", "/cfg"), "/cfg/fyne/org.portolan.Portolan/preferences.json"},
		{"darwin", environment(), "/home/a/Library/Preferences/fyne/org.portolan.Portolan/preferences.json"},
	} {
		if got := preferencesFile(test.system, "/home/a", test.env); got != test.want {
			t.Errorf("%s: %s", test.system, got)
		}
	}
}
