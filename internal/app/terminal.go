package app

import (
	"path"
	"slices"
	"strings"
)

// inTerminal says whether a person started the process in a terminal or a development environment, and in which:
// "iTerm", "Code", "tmux", "ssh", "console"; "" when that is not known. It is told from
// the nearest of its ancestors that says something:
//
//   - a terminal or a development environment, unless the process is a part of it;
//   - sshd, and a login on the console;
//   - an app or a desktop session: then the process is theirs, and it does not matter that a person
//     started those from a terminal;
//   - a terminal multiplexer, when nothing above it says more.
//
// A shell alone says nothing: apps and services are started by scripts too. With a controlling terminal it does.
func inTerminal(e *Evidence) (in string, ok bool) {
	if name, _ := terminalApp(e.Name, e.Executable); name != "" || multiplexer(e.Name, e.Executable) != "" || remote(e.Name) {
		return "", false // the terminal itself
	}
	shell, multiplexed := false, ""
	for i := range e.Ancestors {
		a := &e.Ancestors[i]
		if name, dir := terminalApp(a.Name, a.Executable); name != "" {
			if dir != "" && strings.HasPrefix(e.Executable, dir+"/") {
				return "", false
			}
			return name, true
		}
		switch {
		case remote(a.Name):
			return "ssh", shell || e.Terminal
		case multiplexer(a.Name, a.Executable) != "":
			if multiplexed == "" {
				multiplexed = multiplexer(a.Name, a.Executable)
			}
		case a.Name == "login":
			// On macOS every terminal starts the shell with login; the terminal is above.
			if i == len(e.Ancestors)-1 {
				return first(multiplexed, "console"), true
			}
		case isShell(a.Name):
			shell = true
		case endsTerminal(a):
			return "", false
		}
	}
	// What was started in a terminal belongs to it on macOS even after its shell has ended.
	if name, _ := terminalApp("", e.Responsible); name != "" {
		return name, true
	}
	if multiplexed != "" {
		return multiplexed, true
	}
	return "", e.Terminal && shell
}

// shells are the programs that people type commands to.
var shells = []string{"ash", "bash", "csh", "dash", "elvish", "fish", "ksh", "ksh93", "mksh", "nu", "pwsh", "sh", "tcsh", "xonsh", "zsh"}

// isShell knows a shell, also as the login shell "-zsh".
func isShell(name string) bool { return slices.Contains(shells, strings.TrimPrefix(name, "-")) }

// remote says whether a process is the server side of a login over the network.
func remote(name string) bool {
	return name == "sshd" || name == "sshd-session" || name == "sshd-auth" || name == "dropbear" || name == "mosh-server" || name == "et" || name == "etterminal"
}

// multiplexer gives the name of a program that keeps terminals apart from their windows; "" for another program.
func multiplexer(name, executable string) string {
	base := path.Base(executable)
	switch {
	case base == "tmux" || name == "tmux" || strings.HasPrefix(name, "tmux:"):
		return "tmux"
	case base == "screen" || name == "screen" || name == "SCREEN":
		return "screen"
	case base == "zellij" || name == "zellij":
		return "Zellij"
	}
	return ""
}

// sessions are what a desktop is made of: what comes from one was not started in the terminal
// in which the desktop itself may have been.
var sessions = []string{"Hyprland", "Xorg", "awesome", "bspwm", "budgie-panel", "budgie-wm", "cinnamon", "cinnamon-session", "cosmic-session", "dwm", "gdm-session-worker",
	"gnome-session-binary", "gnome-shell", "i3", "i3-with-shmlog", "kded5", "kded6", "krunner", "ksmserver", "kwin_wayland", "kwin_x11", "labwc", "lightdm", "lxqt-panel", "lxqt-session",
	"lxsession", "mate-panel", "mate-session", "niri", "openbox", "plasmashell", "river", "sddm-helper", "startplasma-wayland", "startplasma-x11", "startx", "sway",
	"systemd", "wayfire", "weston", "xfce4-panel", "xfce4-session", "xinit", "xmonad"}

// endsTerminal says whether an ancestor is an app or a session of its own.
func endsTerminal(a *Ancestor) bool {
	if _, ok := bundleOf(a.Executable); ok {
		return true
	}
	return slices.Contains(sessions, a.Name) || strings.HasPrefix(a.Name, "gnome-session")
}

// macTerminals are the apps, by the name of the bundle, in whose windows people start programs of their own,
// with the name to show where it is another: terminals and development environments. What the system holds
// one of them responsible for is not a part of it.
var macTerminals = map[string]string{"Alacritty": "", "Android Studio": "", "AppCode": "", "Aqua": "", "Antigravity": "", "BBEdit": "", "CLion": "", "Code": "", "Code - Insiders": "", "Cursor": "",
	"DataGrip": "", "DataSpell": "", "Eclipse": "", "Emacs": "", "Fleet": "", "Ghostty": "", "GoLand": "", "Hyper": "", "IntelliJ IDEA": "", "IntelliJ IDEA CE": "IntelliJ IDEA", "IntelliJ IDEA Ultimate": "IntelliJ IDEA",
	"Kiro": "", "MacVim": "", "Neovide": "", "Nova": "", "PhpStorm": "", "Positron": "", "PyCharm": "", "PyCharm CE": "PyCharm", "RStudio": "", "Rider": "", "Rio": "", "RubyMine": "", "RustRover": "", "Sublime Text": "", "Tabby": "", "Terminal": "",
	"Trae": "", "VSCodium": "", "Visual Studio Code": "Code", "Visual Studio Code - Insiders": "Code - Insiders", "VimR": "", "Void": "", "Warp": "", "WarpPreview": "Warp", "Wave": "", "WebStorm": "", "WezTerm": "", "Windsurf": "", "Writerside": "", "Xcode": "", "Xcode-beta": "Xcode",
	"Zed": "", "Zed Preview": "Zed", "iTerm": "", "iTerm2": "iTerm", "kitty": ""}

// linuxTerminals are the same by the base name of the program.
var linuxTerminals = map[string]string{
	"alacritty": "Alacritty", "antigravity": "Antigravity", "blackbox": "Black Box", "blackbox-terminal": "Black Box", "code": "Code", "code-insiders": "Code - Insiders", "code-oss": "Code - OSS", "code-server": "code-server", "code-tunnel": "Code",
	"codium": "VSCodium", "contour": "Contour", "cool-retro-term": "Cool Retro Term", "cosmic-term": "COSMIC Terminal", "cursor": "Cursor", "deepin-terminal": "Deepin Terminal", "eclipse": "Eclipse", "emacs": "Emacs", "emacs-gtk": "Emacs", "emacs-nox": "Emacs",
	"foot": "foot", "footclient": "foot", "ghostty": "Ghostty", "gnome-builder": "GNOME Builder", "gnome-console": "Console", "gnome-terminal-server": "GNOME Terminal", "gnome-terminal-": "GNOME Terminal", "gnome-terminal": "GNOME Terminal",
	"guake": "Guake", "hyper": "Hyper", "io.elementary.terminal": "Terminal", "kate": "Kate", "kdevelop": "KDevelop", "kgx": "Console", "kitty": "kitty", "konsole": "Konsole", "kwrite": "KWrite", "lxterminal": "LXTerminal", "mate-terminal": "MATE Terminal",
	"neovide": "Neovide", "netbeans": "NetBeans", "ptyxis": "Ptyxis", "ptyxis-agent": "Ptyxis", "qtcreator": "Qt Creator", "qterminal": "QTerminal", "rio": "Rio", "roxterm": "ROXTerm", "rstudio": "RStudio", "rxvt": "rxvt", "sakura": "Sakura", "st": "st", "sublime_text": "Sublime Text",
	"tabby": "Tabby", "terminator": "Terminator", "terminology": "Terminology", "termite": "Termite", "tilda": "Tilda", "tilix": "Tilix", "urxvt": "rxvt", "urxvtd": "rxvt", "vscodium": "VSCodium", "warp": "Warp", "warp-terminal": "Warp", "wezterm-gui": "WezTerm", "windsurf": "Windsurf",
	"x-terminal-emulator": "terminal", "xfce4-terminal": "Xfce Terminal", "xterm": "xterm", "yakuake": "Yakuake", "zed": "Zed", "zed-editor": "Zed",
	// The launchers of JetBrains' environments.
	"clion": "CLion", "datagrip": "DataGrip", "goland": "GoLand", "idea": "IntelliJ IDEA", "phpstorm": "PhpStorm", "pycharm": "PyCharm", "rider": "Rider", "rubymine": "RubyMine", "rustrover": "RustRover", "studio": "Android Studio", "webstorm": "WebStorm", "fleet": "Fleet",
}

// environments are the folders by which a development environment is known that runs in an interpreter.
var environments = []struct{ folder, name string }{
	{".vscode-server", "Code"}, {".vscode-server-insiders", "Code - Insiders"}, {".vscode-remote", "Code"}, {".cursor-server", "Cursor"}, {".windsurf-server", "Windsurf"}, {".vscodium-server", "VSCodium"},
}

// terminalApp gives the name of the terminal or development environment that a program is, and its folder if
// it has one of its own; "" for another program.
func terminalApp(name, executable string) (terminal, dir string) {
	if b, ok := bundleOf(executable); ok {
		if shown, ok := macTerminals[b.name]; ok {
			return first(shown, b.name), b.path
		}
		return "", ""
	}
	if strings.HasPrefix(path.Base(executable), "iTermServer") {
		return "iTerm", ""
	}
	base := path.Base(executable)
	if executable == "" {
		base = name
	}
	if interpreter(base) != nil || isShell(base) {
		return scriptedTerminal(name, executable)
	}
	if terminal, ok := linuxTerminals[base]; ok {
		return terminal, installFolder(executable, "")
	}
	return "", ""
}

// scriptedTerminal knows the environments that run in an interpreter, from the interpreter's
// folder, and terminals that are scripts, from the name they gave themselves.
func scriptedTerminal(name, executable string) (terminal, dir string) {
	for _, known := range environments {
		if before, _, ok := strings.Cut(executable, "/"+known.folder+"/"); ok {
			return known.name, before + "/" + known.folder
		}
	}
	if name == "terminator" || name == "guake" {
		return linuxTerminals[name], ""
	}
	// The Java that JetBrains' environments bring along: /opt/idea-IU-242/jbr/bin/java.
	if root, _, ok := strings.Cut(executable, "/jbr/bin/"); ok {
		folder := strings.ToLower(path.Base(root))
		for launcher, name := range linuxTerminals {
			if folder == launcher || strings.HasPrefix(folder, launcher+"-") || strings.HasPrefix(folder, "intellij-idea") && launcher == "idea" ||
				strings.HasPrefix(folder, "android-studio") && launcher == "studio" {
				return name, root
			}
		}
	}
	return "", ""
}
