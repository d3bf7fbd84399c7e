package app

import (
	"path"
	"strings"
	"testing"
)

// chain makes ancestors of their executables, the parent first. One that is not a path is only a name.
func chain(executables string) []Ancestor {
	var up []Ancestor
	for i, executable := range strings.FieldsFunc(executables, func(r rune) bool { return r == '<' }) {
		executable = strings.TrimSpace(executable)
		a := Ancestor{PID: 100 - i, Name: path.Base(executable), Executable: executable}
		if !path.IsAbs(executable) {
			a.Executable = ""
		}
		up = append(up, a)
	}
	return up
}

func TestInTerminal(t *testing.T) {
	const (
		tty  = true
		none = false
	)
	tests := []struct {
		executable, ancestors, responsible string
		terminal                           bool
		in                                 string
		ok                                 bool
	}{
		// macOS.
		{"/opt/homebrew/bin/node", "/bin/zsh < /usr/bin/login < /Applications/iTerm.app/Contents/MacOS/iTerm2", "/Applications/iTerm.app/Contents/MacOS/iTerm2", tty, "iTerm", true},
		{"/opt/homebrew/bin/node", "/opt/homebrew/bin/npm < /bin/zsh < /usr/bin/login < /System/Applications/Utilities/Terminal.app/Contents/MacOS/Terminal", "", tty, "Terminal", true},
		{"/opt/homebrew/bin/node", "/bin/zsh < /usr/bin/login < /Users/me/Library/Application Support/iTerm2/iTermServer-3.5.4", "", tty, "iTerm", true},
		{"/opt/homebrew/bin/node", "/bin/zsh < /Applications/Visual Studio Code.app/Contents/Frameworks/Code Helper.app/Contents/MacOS/Code Helper < /Applications/Visual Studio Code.app/Contents/MacOS/Electron", "", tty, "Code", true},
		{"/usr/local/go/bin/gopls", "/Applications/Visual Studio Code.app/Contents/Frameworks/Code Helper (Plugin).app/Contents/MacOS/Code Helper (Plugin)", "", none, "Code", true},
		{"/Users/me/x/server", "/Applications/GoLand.app/Contents/MacOS/goland", "", none, "GoLand", true},
		{"/Users/me/x/server", "/bin/zsh < /Applications/Cursor.app/Contents/MacOS/Cursor", "", tty, "Cursor", true},
		{"/opt/homebrew/bin/node", "", "/Applications/iTerm.app/Contents/MacOS/iTerm2", none, "iTerm", true}, // its shell has ended
		{"/opt/homebrew/bin/node", "/bin/zsh < /opt/homebrew/Cellar/tmux/3.5/bin/tmux", "/Applications/Ghostty.app/Contents/MacOS/ghostty", tty, "Ghostty", true},
		{"/opt/homebrew/bin/node", "/bin/zsh < /opt/homebrew/Cellar/tmux/3.5/bin/tmux", "", tty, "tmux", true},
		{"/opt/homebrew/bin/node", "-zsh < sshd-session < sshd-session < sshd", "", tty, "ssh", true},
		{"/Users/me/Library/backend", "/Applications/Docker.app/Contents/MacOS/com.docker.backend < /Applications/Docker.app/Contents/MacOS/Docker Desktop < /bin/zsh < /Applications/iTerm.app/Contents/MacOS/iTerm2", "", none, "", false},
		{"/opt/homebrew/bin/mysqld", "/bin/sh", "", none, "", false}, // a wrapper of a service
		{"/Users/me/Library/Application Support/iTerm2/iTermServer-3.5.4", "/Applications/iTerm.app/Contents/MacOS/iTerm2", "", none, "", false},
		{"/System/Library/Frameworks/WebKit.framework/XPCServices/com.apple.WebKit.Networking.xpc/Contents/MacOS/com.apple.WebKit.Networking", "", "/Applications/Safari.app/Contents/MacOS/Safari", none, "", false},

		// Linux.
		{"/usr/bin/node", "/usr/bin/bash < /usr/libexec/gnome-terminal-server < systemd", "", tty, "GNOME Terminal", true},
		{"/usr/bin/node", "/usr/bin/zsh < gnome-terminal- < systemd", "", tty, "GNOME Terminal", true},
		{"/usr/bin/node", "/usr/bin/node < sh < /usr/bin/fish < /usr/bin/konsole < systemd", "", tty, "Konsole", true},
		{"/usr/bin/node", "/usr/bin/zsh < /usr/share/code/code < /usr/share/code/code < systemd", "", tty, "Code", true},
		{"/usr/share/code/chrome_crashpad_handler", "/usr/share/code/code < systemd", "", none, "", false},
		{"/usr/share/code/code", "/usr/share/code/code < systemd", "", none, "", false},
		{"/home/me/.vscode/extensions/rust-analyzer/server/rust-analyzer", "/usr/share/code/code", "", none, "Code", true},
		{"/usr/bin/python3", "/usr/bin/bash < /home/me/.vscode-server/cli/servers/Stable-1a/server/node < /home/me/.vscode-server/code-1a", "", tty, "Code", true},
		{"/home/me/.vscode-server/cli/servers/Stable-1a/server/node", "sh < sshd", "", none, "", false},
		{"/usr/bin/node", "/usr/bin/bash < /opt/goland/bin/goland", "", tty, "GoLand", true},
		{"/usr/bin/java", "/usr/bin/bash < /opt/idea-IU-242.1/jbr/bin/java < /bin/sh", "", tty, "IntelliJ IDEA", true},
		{"/opt/idea-IU-242.1/bin/fsnotifier", "/opt/idea-IU-242.1/jbr/bin/java < /bin/sh", "", none, "", false},
		{"/opt/idea-IU-242.1/jbr/bin/java", "/bin/sh < /usr/bin/bash < /usr/bin/kitty", "", tty, "", false},
		{"/usr/bin/node", "bash < tmux: server", "", tty, "tmux", true},
		{"/usr/bin/node", "bash < SCREEN", "", tty, "screen", true},
		{"/usr/bin/node", "bash < tmux: server < bash < alacritty", "", tty, "Alacritty", true},
		{"/usr/bin/node", "bash < sshd < sshd < sshd", "", tty, "ssh", true},
		{"/usr/bin/node", "nohup < sshd", "", none, "ssh", false},
		{"/usr/bin/node", "bash < su < bash < sudo < zsh < foot < sway < login", "", tty, "foot", true},
		{"/usr/bin/node", "bash < login", "", tty, "console", true},
		{"/usr/lib/firefox/firefox", "i3 < xinit < startx < bash < login", "", tty, "", false},
		{"/opt/google/chrome/chrome", "sh < gnome-shell < systemd", "", none, "", false},
		{"/usr/bin/java", "sh < systemd", "", none, "", false}, // /bin/sh start.sh of a service
		{"/usr/bin/node", "terminator", "", tty, "Terminator", true},
		{"/usr/bin/node", "bash < something-new", "", tty, "", true},
		{"/usr/bin/node", "bash < cron < cron", "", none, "", false},
		{"/usr/bin/kitty", "bash < /usr/bin/konsole", "", tty, "", false},
		{"/usr/bin/tmux", "", "", none, "", false},
		{"/usr/bin/node", "", "", none, "", false},
		{"", "", "", none, "", false},
	}
	for _, test := range tests {
		e := &Evidence{Name: path.Base(test.executable), Executable: test.executable, Responsible: test.responsible, Terminal: test.terminal, Ancestors: chain(test.ancestors)}
		in, ok := inTerminal(e)
		if ok != test.ok || ok && in != test.in {
			t.Errorf("%s < %s: %q, %v; want %q, %v", test.executable, test.ancestors, in, ok, test.in, test.ok)
		}
	}
	// Terminator is a Python script that names itself.
	e := &Evidence{Name: "node", Executable: "/usr/bin/node", Terminal: true, Ancestors: []Ancestor{{Name: "bash", Executable: "/usr/bin/bash"}, {Name: "terminator", Executable: "/usr/bin/python3.12"}}}
	if in, ok := inTerminal(e); in != "Terminator" || !ok {
		t.Errorf("in Terminator: %q, %v", in, ok)
	}
}
