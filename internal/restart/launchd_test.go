package restart

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"portolan/internal/app"
	"portolan/internal/process"
)

// mac is a folder that stands for "/" of a Mac, with launchd jobs.
func mac(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	program := func(label, path, more string) []byte {
		return xmlJob("<key>Label</key><string>" + label + "</string><key>ProgramArguments</key><array><string>" + path + "</string>" + more)
	}
	write := func(path string, data []byte) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(root+path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(root+path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const alive = `</array><key>KeepAlive</key><true/>`
	write("/Users/alice/Library/LaunchAgents/homebrew.mxcl.postgresql@16.plist", program("homebrew.mxcl.postgresql@16", "/opt/homebrew/opt/postgresql@16/bin/postgres", alive))
	write("/Users/alice/Library/LaunchAgents/com.example.dev.plist", program("com.example.dev", "/usr/local/bin/node", "<string>/Users/alice/dev/server.js</string>"+alive))
	write("/Users/alice/Library/LaunchAgents/com.example.other.plist", program("com.example.other", "/usr/local/bin/node", "<string>/Users/alice/other.js</string>"+alive))
	write("/Users/alice/Library/LaunchAgents/odd-file-name.plist", program("com.example.$(reboot)", "/usr/local/bin/odd", alive))
	write("/Users/alice/Library/LaunchAgents/quote.plist", program("com.example.a'b", "/usr/local/bin/quote", alive))
	write("/Library/LaunchDaemons/com.example.daemon.plist", program("com.example.daemon", "/usr/local/sbin/daemon", `</array><key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>`))
	write("/Library/LaunchDaemons/com.example.socket.plist", program("com.example.socket", "/usr/local/sbin/socket", `</array><key>Sockets</key><dict><key>Listeners</key><dict/></dict>`))
	write("/Library/LaunchDaemons/com.example.once.plist", program("com.example.once", "/usr/local/sbin/once", `</array><key>RunAtLoad</key><true/>`))
	write("/System/Library/LaunchAgents/com.apple.controlcenter.plist", program("com.apple.controlcenter", "/System/Library/CoreServices/ControlCenter", alive))
	write("/System/Library/LaunchDaemons/com.apple.cupsd.plist", binaryJob(t, map[string]any{"Label": "com.apple.org.cups.cupsd", "Program": "/usr/sbin/cupsd", "KeepAlive": map[string]any{"PathState": map[string]bool{"/x": true}}}))
	write("/Applications/Shop.app/Contents/Library/LaunchAgents/com.example.shop.agent.plist", program("com.example.shop.agent", "/Applications/Shop.app/Contents/MacOS/agent", alive))
	for name, data := range badPlists() {
		write("/Library/LaunchDaemons/bad "+name+".plist", data)
	}
	if err := syscall.Mkfifo(root+"/Library/LaunchDaemons/com.example.pipe.plist", 0o600); err != nil { // would never end
		t.Fatal(err)
	}
	// Homebrew: the job names a link to the program.
	cellar := "/opt/homebrew/Cellar/postgresql@16/16.4/bin/postgres"
	write(cellar, nil)
	if err := os.MkdirAll(root+"/opt/homebrew/opt", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../Cellar/postgresql@16/16.4", root+"/opt/homebrew/opt/postgresql@16"); err != nil {
		t.Fatal(err)
	}
	return root
}

func TestLaunchd(t *testing.T) {
	root := mac(t)
	byLaunchd := func(name, executable, line string) *process.Process {
		p := proc(30, name, line)
		p.PPID, p.Executable = 1, executable
		return p
	}
	job := func(label string, uid int) *process.Process {
		p := byLaunchd("x", "/nowhere", "x")
		p.UID, p.App = uid, app.App{Kind: app.Job, ID: label, Name: label}
		return p
	}
	inApp := byLaunchd("agent", "/Applications/Shop.app/Contents/MacOS/agent", "agent")
	inApp.App = app.App{Kind: app.Bundle, Name: "Shop", Path: "/Applications/Shop.app", ID: "com.example.shop"}
	child := proc(31, "postgres", "postgres: checkpointer")
	child.PPID = 30
	tests := map[string]struct {
		p       *process.Process
		above   []*process.Process
		stop    string
		returns bool
		text    string // "": no cause
	}{
		"Homebrew, by a link": {byLaunchd("postgres", "/opt/homebrew/Cellar/postgresql@16/16.4/bin/postgres", "postgres -D x"), nil, "brew services stop postgresql@16", true, "KeepAlive in homebrew.mxcl.postgresql@16"},
		"its child": {child, []*process.Process{byLaunchd("postgres", "/opt/homebrew/Cellar/postgresql@16/16.4/bin/postgres", "postgres -D x")},
			"brew services stop postgresql@16", false, "part of the launchd job homebrew.mxcl.postgresql@16"},
		"one of two that run node":     {byLaunchd("node", "/usr/local/bin/node", "/usr/local/bin/node /Users/alice/dev/server.js"), nil, "launchctl bootout gui/1000/com.example.dev", true, "com.example.dev"},
		"node of nobody":               {byLaunchd("node", "/usr/local/bin/node", "/usr/local/bin/node /Users/alice/third.js"), nil, "", false, ""},
		"by its label":                 {job("com.example.dev", we), nil, "launchctl bootout gui/1000/com.example.dev", true, "KeepAlive in com.example.dev"},
		"another user's":               {job("com.example.dev", 501), nil, "sudo launchctl bootout gui/501/com.example.dev", true, "KeepAlive"},
		"daemon with conditions":       {job("com.example.daemon", 0), nil, "sudo launchctl bootout system/com.example.daemon", false, "KeepAlive with SuccessfulExit"},
		"daemon of another user":       {job("com.example.daemon", 70), nil, "sudo launchctl bootout system/com.example.daemon", false, "KeepAlive with SuccessfulExit"},
		"on demand":                    {job("com.example.socket", 0), nil, "sudo launchctl bootout system/com.example.socket", true, "at the next connection"},
		"not kept alive":               {job("com.example.once", 0), nil, "", false, ""},
		"Apple's":                      {job("com.apple.org.cups.cupsd", 0), nil, "", false, "does not let it be stopped"},
		"AirPlay":                      {job("com.apple.controlcenter", we), nil, "", true, "turn off AirPlay Receiver"},
		"loaded from elsewhere":        {job("com.example.elsewhere", we), nil, "launchctl bootout gui/1000/com.example.elsewhere", false, "may be set to start again"},
		"a label of another file":      {job("com.example.$(reboot)", we), nil, "launchctl bootout 'gui/1000/com.example.$(reboot)'", true, "KeepAlive"},
		"a label that is not quotable": {job("com.example.a'b", we), nil, "", true, "KeepAlive"},
		"a label that is a path":       {job("../../../etc/passwd", we), nil, "", false, "may be set"},
		"a label that is the session":  {job("/", we), nil, "", false, "may be set"},
		"a pipe in place of a plist":   {job("com.example.pipe", 0), nil, "sudo launchctl bootout system/com.example.pipe", false, "may be set"},
		"brought by an app":            {inApp, nil, "launchctl bootout gui/1000/com.example.shop.agent", true, "KeepAlive in com.example.shop.agent"},
		"no path known":                {byLaunchd("x", "", "x"), nil, "", false, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			x := explainer(test.above...)
			x.root, x.home = root, "/Users/alice"
			causes := x.Causes(t.Context(), test.p, nil)
			if test.text == "" {
				if causes != nil {
					t.Errorf("%+v", causes)
				}
				return
			}
			if c := one(t, causes); c.Kind != Launchd || c.By != "launchd" || c.Stop != test.stop || c.Returns != test.returns || !strings.Contains(c.Text, test.text) {
				t.Errorf("%+v", c)
			}
		})
	}
}

// TestJobFolderUnreadable: what may not be read is not there.
func TestJobFolderUnreadable(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(root+"/Library", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(root+"/Library/LaunchAgents", nil, 0o600); err != nil { // a file in the place of the folder
		t.Fatal(err)
	}
	x := explainer()
	x.root = root
	if jobs := x.jobsIn("/Library/LaunchAgents", "a"); jobs != nil {
		t.Errorf("%+v", jobs)
	}
	if _, err := x.readJob("/Library"); err == nil || !strings.Contains(err.Error(), "/Library") {
		t.Errorf("a folder for a plist: %v", err)
	}
	if _, err := x.readJob("/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
