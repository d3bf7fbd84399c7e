package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAutostart(t *testing.T) {
	for _, system := range []string{"linux", "darwin"} {
		home := t.TempDir()
		a, ok := newAutostart(system, home, environment())
		if !ok {
			t.Fatal("there is no autostart on", system)
		}
		program := filepath.Join(home, "Apps & <Tools>", `port "$olan" 100%\x`)
		a.executable = func() (string, error) { return program, nil }
		want := func(what string, want bool) {
			t.Helper()
			if on, err := a.Enabled(); on != want || err != nil {
				t.Errorf("%s: %s: on %v, %v", system, what, on, err)
			}
		}
		want("at first", false)
		if err := a.Set(true); err != nil {
			t.Fatal(err)
		}
		want("switched on", true)
		if err := a.Set(true); err != nil {
			t.Error("switched on twice:", err)
		}
		files, err := os.ReadDir(filepath.Dir(a.file))
		if err != nil || len(files) != 1 {
			t.Errorf("%s: the folder holds %v", system, files)
		}
		for range 2 {
			if err := a.Set(false); err != nil {
				t.Errorf("%s: switched off: %v", system, err)
			}
		}
		want("switched off", false)
		if _, err := os.Stat(a.file); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: the file is left: %v", system, err)
		}
		// The folder's place is taken by a file.
		if err := os.RemoveAll(filepath.Dir(a.file)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Dir(a.file), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := a.Set(true); err == nil {
			t.Errorf("%s: a failure is not told", system)
		}
	}
	if _, ok := newAutostart("plan9", "/", environment()); ok {
		t.Error("there is an autostart on a system without one")
	}
}

func TestAutostartPlaces(t *testing.T) {
	for _, test := range []struct {
		system string
		env    func(string) string
		want   string
	}{
		{"linux", environment(), "/home/a/.config/autostart/org.portolan.Portolan.desktop"},
		{"linux", environment("XDG_CONFIG_HOME", "/cfg"), "/cfg/autostart/org.portolan.Portolan.desktop"},
		{"linux", environment("XDG_CONFIG_HOME", "relative"), "/home/a/.config/autostart/org.portolan.Portolan.desktop"},
		{"darwin", environment("XDG_CONFIG_HOME", "/cfg"), "/home/a/Library/LaunchAgents/org.portolan.Portolan.plist"},
	} {
		if a, _ := newAutostart(test.system, "/home/a", test.env); a.file != test.want {
			t.Errorf("%s: %s, want %s", test.system, a.file, test.want)
		}
	}
}

// As the Desktop Entry Specification has it: quoted, then escaped as a string; % alone would be a field code.
func TestExecValue(t *testing.T) {
	for path, want := range map[string]string{
		"/usr/bin/portolan": `"/usr/bin/portolan"`,
		"/opt/My Apps/p":    `"/opt/My Apps/p"`,
		"/a$b`c\"d\\e%f":    "\"/a\\\\$b\\\\`c\\\\\"d\\\\\\\\e%%f\"",
		"/a\nExec=evil":     `"/a\nExec=evil"`,
	} {
		got := execValue(path)
		if got != want {
			t.Errorf("%q becomes %s, want %s", path, got, want)
		}
		if back := readExec(t, got); back != path {
			t.Errorf("%q is read as %q", path, back)
		}
		if strings.Contains(string(desktopEntry(path)), "\nExec=evil") {
			t.Errorf("%q adds a line", path)
		}
	}
}

// readExec reads an Exec value as a desktop does.
func readExec(t *testing.T, value string) string {
	t.Helper()
	value = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\r`, "\r").Replace(value)
	inner, ok := strings.CutPrefix(value, `"`)
	inner, end := strings.CutSuffix(inner, `"`)
	if !ok || !end {
		t.Fatalf("%s is not quoted", value)
	}
	var path strings.Builder
	for i := 0; i < len(inner); i++ {
		switch {
		case (inner[i] == '\\' || inner[i] == '%') && i+1 < len(inner):
			i++
		case strings.IndexByte("\"`$\\%", inner[i]) >= 0:
			t.Errorf("%s has a bare %c", value, inner[i])
		}
		path.WriteByte(inner[i])
	}
	return path.String()
}

func TestDesktopEntryOn(t *testing.T) {
	for text, want := range map[string]bool{
		string(desktopEntry("/usr/bin/portolan")): true,
		"":                          false,
		"[Desktop Entry]\nExec=x\n": true,
		"[Desktop Entry]\nExec = x\nHidden = true\n":                 false,
		"[Desktop Entry]\nExec=x\nX-GNOME-Autostart-enabled=false":   false,
		"[Desktop Entry]\n#Exec=x\n":                                 false,
		"[Other]\nExec=x\n":                                          false,
		"[Desktop Entry]\nExec=x\n[Desktop Action a]\nHidden=true\n": true,
		"\x00\xff": false,
	} {
		if got := desktopEntryOn([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestLaunchAgentOn(t *testing.T) {
	whole := string(launchAgent("/Applications/Portolan.app/Contents/MacOS/portolan"))
	for text, want := range map[string]bool{
		whole:                true,
		"":                   false,
		whole[:len(whole)/2]: false,
		strings.Replace(whole, "<key>RunAtLoad</key>", "<key>Disabled</key>\n<true/>\n<key>RunAtLoad</key>", 1): false,
		strings.Replace(whole, "<true/>", "<false/>", 1):                                                        false,
		"bplist00\x00": false,
	} {
		if got := launchAgentOn([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if strings.Contains(string(launchAgent("/a<b>&c")), "<b>") {
		t.Error("the path is not escaped")
	}
}

func TestOwnProgram(t *testing.T) {
	for _, test := range []struct {
		env  func(string) string
		path string
		want string
	}{
		{environment(), "/usr/bin/portolan", "/usr/bin/portolan"},
		{environment(), "/usr/bin/portolan (deleted)", "/usr/bin/portolan"},
		{environment("APPIMAGE", "/home/a/Portolan.AppImage"), "/tmp/.mount_x/portolan", "/home/a/Portolan.AppImage"},
		{environment("APPIMAGE", "relative"), "/usr/bin/portolan", "/usr/bin/portolan"},
	} {
		got, err := ownProgram(test.env, func() (string, error) { return test.path, nil })
		if got != test.want || err != nil {
			t.Errorf("%s: %s, %v", test.path, got, err)
		}
	}
	if _, err := ownProgram(environment(), func() (string, error) { return "", errors.New("no") }); err == nil {
		t.Error("a failure is not told")
	}
}

func FuzzAutostartOn(f *testing.F) {
	f.Add(desktopEntry("/usr/bin/portolan"))
	f.Add(launchAgent("/usr/bin/portolan"))
	f.Fuzz(func(_ *testing.T, file []byte) {
		desktopEntryOn(file)
		launchAgentOn(file)
	})
}
