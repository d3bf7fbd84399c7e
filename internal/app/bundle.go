package app

import (
	"path"
	"slices"
	"strings"
)

// bundle is an application bundle in which a program lies, told from the program's path alone.
type bundle struct {
	// name is the folder's name without .app, and path the folder.
	name, path string
	// inner is the app inside an app of iOS that runs on a Mac; "" elsewhere. Its
	// Info.plist is the one that counts.
	inner string
	// simulated: it runs in the simulator of Xcode.
	simulated bool
}

// bundleOf finds the application bundle around the program at the absolute path
// executable: the outermost one, since apps carry helper apps inside. ok is false
// where there is none. Not apps are:
//
//   - an interpreter that is a bundle inside a framework (Python.framework/.../Python.app); apps
//     inside the frameworks of macOS itself are;
//   - the tools in Xcode.app/Contents/Developer, which are used from everywhere; apps further inside,
//     like the Simulator, are, and so are those in Xcode.app/Contents/Applications, like Instruments;
//   - a folder that just has such a name, without Contents (or Wrapper, where apps of
//     iOS are in; those of the simulator have neither).
func bundleOf(executable string) (b bundle, ok bool) {
	if !path.IsAbs(executable) {
		return bundle{}, false
	}
	parts := strings.Split(executable, "/")
	last := len(parts) - 1
	simulated := inSimulator(executable)
	for i := 1; i < last; i++ {
		if framework, is := cutSuffixFold(parts[i], ".framework"); is && !appleFramework(executable, framework) {
			return bundle{}, false
		}
		name, isApp := cutSuffixFold(parts[i], ".app")
		if !isApp || name == "" {
			continue
		}
		next := parts[i+1]
		if next != "Contents" && next != "Wrapper" && !simulated {
			continue
		}
		if next == "Contents" && i+2 < last && (parts[i+2] == "Developer" || parts[i+2] == "Applications" && strings.HasPrefix(name, "Xcode")) {
			continue
		}
		b = bundle{name: name, path: strings.Join(parts[:i+1], "/"), simulated: simulated}
		if next == "Wrapper" && i+2 < last {
			b.inner = strings.Join(parts[:i+3], "/")
		}
		return b, true
	}
	return bundle{}, false
}

// inSimulator says whether a program runs in a simulator of Xcode: the apps that a developer
// installed there, and the iOS around them.
func inSimulator(executable string) bool {
	return strings.Contains(executable, "/CoreSimulator/") || strings.Contains(executable, ".simruntime/")
}

// appleFramework says whether a framework is one of macOS, where apps may be inside. Interpreters are never apps.
func appleFramework(executable, name string) bool {
	return strings.HasPrefix(executable, "/System/Library/") && !slices.Contains([]string{"Python", "Python3", "Ruby", "Tcl", "Tk"}, name)
}

// cutSuffixFold is strings.CutSuffix without regard to case, like macOS's file systems.
func cutSuffixFold(s, suffix string) (before string, found bool) {
	if len(s) < len(suffix) || !strings.EqualFold(s[len(s)-len(suffix):], suffix) {
		return s, false
	}
	return s[:len(s)-len(suffix)], true
}

// developmentElectron says whether a bundle is the Electron that a project under development brought along:
// then the project is what runs, and Electron its interpreter.
func (b bundle) developmentElectron() bool {
	return b.name == "Electron" && strings.Contains(b.path, "/node_modules/")
}
