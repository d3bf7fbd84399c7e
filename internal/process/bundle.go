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

// appOf says which app the process is part of: the bundle it lies in; else, when a shell is
// among its ancestors, the program itself; else the bundle of the
// process that is responsible for it (services inside frameworks work for an app
// that way), unless people only started it from there; else the program itself.
func appOf(e *app.Evidence) app.App {
	if bundle, ok := bundleOf(e.Executable); ok {
		return bundle
	}
	itself := app.App{Name: e.Name, Path: e.Executable, Kind: app.Executable}
	for _, a := range e.Ancestors {
		if slices.Contains(shells, a.Name) {
			return itself
		}
	}
	if bundle, ok := bundleOf(e.Responsible); ok && !slices.Contains(terminals, bundle.Name) {
		return bundle
	}
	return itself
}
