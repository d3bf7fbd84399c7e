package process

import (
	"testing"

	"portolan/internal/app"
)

func TestBundleOf(t *testing.T) {
	const cellar = "/opt/homebrew/Cellar/python@3.12/3.12.6/Frameworks/Python.framework/Versions/3.12/Resources/Python.app/Contents/MacOS/Python"
	const simulator = "/Users/me/Library/Developer/CoreSimulator/Devices/6E6F/data/Containers/Bundle/Application/0A1B/Shop.app/Shop"
	tests := []struct{ executable, name, path string }{
		{"/Applications/iTerm.app/Contents/MacOS/iTerm2", "iTerm", "/Applications/iTerm.app"},
		{"/Applications/Postgres.app/Contents/Versions/16/bin/postgres", "Postgres", "/Applications/Postgres.app"},
		{"/Applications/Google Chrome.app/Contents/Frameworks/Google Chrome Framework.framework/Versions/129/Helpers/Google Chrome Helper.app/Contents/MacOS/Google Chrome Helper",
			"Google Chrome", "/Applications/Google Chrome.app"},
		{"/private/var/folders/zz/T/AppTranslocation/1F2E/d/Tool.app/Contents/MacOS/Tool", "Tool", "/private/var/folders/zz/T/AppTranslocation/1F2E/d/Tool.app"},
		{"/System/Volumes/Preboot/Cryptexes/App/System/Applications/Safari.app/Contents/MacOS/Safari", "Safari", "/System/Volumes/Preboot/Cryptexes/App/System/Applications/Safari.app"},
		{"/Applications/Notes.app/Wrapper/Notes.app/Notes", "Notes", "/Applications/Notes.app"}, // an iPhone app on a Mac
		{simulator, "Shop", simulator[:len(simulator)-len("/Shop")]},
		{"/Applications/Xcode.app/Contents/MacOS/Xcode", "Xcode", "/Applications/Xcode.app"},
		{"/Applications/Xcode.app/Contents/Developer/Applications/Simulator.app/Contents/MacOS/Simulator", "Simulator", "/Applications/Xcode.app/Contents/Developer/Applications/Simulator.app"},
		{"/Applications/Shouting.APP/Contents/MacOS/x", "Shouting", "/Applications/Shouting.APP"},

		{executable: cellar},
		{executable: "/Applications/Xcode.app/Contents/Developer/Library/Frameworks/Python3.framework/Versions/3.9/Resources/Python.app/Contents/MacOS/Python"},
		{executable: "/Applications/Xcode.app/Contents/Developer/usr/bin/git"},
		{executable: "/System/Library/Frameworks/WebKit.framework/Versions/A/XPCServices/com.apple.WebKit.Networking.xpc/Contents/MacOS/com.apple.WebKit.Networking"},
		{executable: "/opt/homebrew/Cellar/node/22.9.0/bin/node"},
		{executable: "/Users/me/my.app/server"}, // a folder, not a bundle
		{executable: "/Applications/.app/Contents/MacOS/x"},
		{executable: "/Applications/iTerm.app"},
		{executable: "relative.app/Contents/MacOS/x"},
		{executable: ""},
	}
	for _, test := range tests {
		found, ok := bundleOf(test.executable)
		want := app.App{Name: test.name, Path: test.path}
		if test.name != "" {
			want.Kind = app.Bundle
		}
		if ok != (test.name != "") || found != want {
			t.Errorf("%s: %+v, %v; want %+v", test.executable, found, ok, want)
		}
	}
}

// lineage is an ancestry of made-up processes.
type lineage map[int]struct {
	executable  string
	parent      int
	responsible int
}

func (f lineage) program(pid int) (string, int) { return f[pid].executable, f[pid].parent }
func (f lineage) responsible(pid int) int       { return f[pid].responsible }

func TestAppOf(t *testing.T) {
	f := lineage{
		1:   {"/sbin/launchd", 0, 1},
		10:  {"/Applications/iTerm.app/Contents/MacOS/iTerm2", 1, 10},
		11:  {"/usr/bin/login", 10, 10},
		12:  {"/bin/zsh", 11, 10},
		13:  {"/opt/homebrew/bin/npm", 12, 10},
		14:  {"/opt/homebrew/bin/node", 13, 10},
		15:  {"/opt/homebrew/bin/node", 1, 10}, // its shell has ended
		20:  {"/Applications/Safari.app/Contents/MacOS/Safari", 1, 20},
		21:  {"/System/Library/Frameworks/WebKit.framework/XPCServices/com.apple.WebKit.Networking.xpc/Contents/MacOS/com.apple.WebKit.Networking", 1, 20},
		30:  {"/usr/libexec/rapportd", 1, 30},
		31:  {"/usr/libexec/other", 1, -1},
		40:  {"/opt/loop", 41, 0}, // parents in a circle
		41:  {"/opt/loop", 40, 0},
		50:  {"/Applications/Docker.app/Contents/MacOS/Docker", 1, 50},
		51:  {"/Users/me/Library/backend", 50, 50},
		105: {"/Applications/Docker.app/Contents/MacOS/backend", 12, 10}, // a bundle comes before the shell
	}
	tests := []struct {
		pid  int
		name string
		kind app.Kind
	}{
		{14, "node", app.Executable}, {15, "node", app.Executable}, {21, "Safari", app.Bundle}, {30, "rapportd", app.Executable},
		{31, "other", app.Executable}, {40, "loop", app.Executable}, {51, "Docker", app.Bundle}, {105, "Docker", app.Bundle},
	}
	for _, test := range tests {
		member := f[test.pid]
		p := &Process{ID: ID{PID: test.pid, Start: 1}, PPID: member.parent, Name: test.name, Executable: member.executable}
		if a := appOf(p, f); a.Name != test.name || a.Kind != test.kind || test.kind == app.Executable && a.Path != member.executable {
			t.Errorf("%d: %+v, want %s, %v", test.pid, a, test.name, test.kind)
		}
	}
}
