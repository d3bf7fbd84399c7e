package process

import (
	"path"
	"slices"
	"strings"

	"portolan/internal/app"
)

// Which app a macOS program belongs to. It is told from its path, then from what
// started it, then from what the system holds responsible for it.

// bundleOf finds the application bundle around the program at the absolute path
// executable: the outermost one, since apps carry helper apps inside. ok is false
// where there is none. Not apps are:
//
//   - an interpreter that is a bundle inside a framework (Python.framework/.../Python.app);
//   - the tools in Xcode.app/Contents/Developer, which are used from everywhere;
//     apps further inside, like the Simulator, are;
//   - a folder that just has such a name, without Contents (or Wrapper, where apps of
//     iOS are in; those of the simulator have neither).
func bundleOf(executable string) (found app.App, ok bool) {
	if !path.IsAbs(executable) {
		return app.App{}, false
	}
	parts := strings.Split(executable, "/")
	simulated := slices.Contains(parts, "CoreSimulator")
	for i := 1; i < len(parts)-1; i++ {
		name, isApp := cutSuffixFold(parts[i], ".app")
		if _, framework := cutSuffixFold(parts[i], ".framework"); framework {
			return app.App{}, false
		}
		if !isApp || name == "" {
			continue
		}
		next := parts[i+1]
		if next != "Contents" && next != "Wrapper" && !simulated {
			continue
		}
		if i+2 < len(parts)-1 && next == "Contents" && parts[i+2] == "Developer" {
			continue
		}
		return app.App{Name: name, Path: strings.Join(parts[:i+1], "/"), Kind: app.Bundle}, true
	}
	return app.App{}, false
}

// cutSuffixFold is strings.CutSuffix without regard to case, like macOS's file systems.
func cutSuffixFold(s, suffix string) (before string, found bool) {
	if len(s) < len(suffix) || !strings.EqualFold(s[len(s)-len(suffix):], suffix) {
		return s, false
	}
	return s[:len(s)-len(suffix)], true
}

// shells are the programs that people type commands to. What was started from one is
// called by its own name, whatever window the shell is in.
var shells = []string{"bash", "csh", "dash", "elvish", "fish", "ksh", "nu", "pwsh", "sh", "tcsh", "xonsh", "zsh"}

// terminals are the apps, by name, in whose windows people start programs of their own:
// terminals and development environments. A program for which the system holds one of them
// responsible is not a part of it.
var terminals = []string{"Alacritty", "Android Studio", "CLion", "Code", "Cursor", "Emacs", "Ghostty", "GoLand", "Hyper",
	"IntelliJ IDEA", "IntelliJ IDEA CE", "iTerm", "iTerm2", "kitty", "MacVim", "Nova", "PhpStorm", "PyCharm", "PyCharm CE", "Rider",
	"RubyMine", "RustRover", "Sublime Text", "Tabby", "Terminal", "Visual Studio Code", "VSCodium", "Warp", "WebStorm", "WezTerm",
	"Windsurf", "Xcode", "Zed"}

// ancestry is how to ask about other processes while an app is found.
type ancestry interface {
	// program gives the path of a process's executable, "" when it may not be read, and its parent, 0 when not known.
	program(pid int) (executable string, ppid int)
	// responsible gives the process that the system holds responsible for pid; 0 or less when it does not tell.
	responsible(pid int) int
}

// maxAncestors bounds the way up to a shell.
const maxAncestors = 32

// appOf says which app the described process is part of: the bundle it lies in; else, when a shell is
// among its ancestors, the program itself; else the bundle of the
// process that is responsible for it (services inside frameworks work for an app
// that way), unless people only started it from there; else the program itself.
func appOf(p *Process, a ancestry) app.App {
	if bundle, ok := bundleOf(p.Executable); ok {
		return bundle
	}
	itself := app.App{Name: p.Name, Path: p.Executable, Kind: app.Executable}
	for pid, n := p.PPID, 0; pid > 1 && n < maxAncestors; n++ {
		executable, parent := a.program(pid)
		if slices.Contains(shells, path.Base(executable)) {
			return itself
		}
		pid = parent
	}
	if by := a.responsible(p.PID); by > 1 && by != p.PID {
		executable, _ := a.program(by)
		if bundle, ok := bundleOf(executable); ok && !slices.Contains(terminals, bundle.Name) {
			return bundle
		}
	}
	return itself
}
