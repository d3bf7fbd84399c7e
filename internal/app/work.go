package app

import (
	"path"
	"strings"
)

// workOf says what a process runs, in which project, and its command line without secrets.
func (f *Finder) workOf(e *Evidence) Work {
	w := Work{Line: MaskLine(e.Args), Dir: e.Dir}
	t, interpreted := taskOf(e)
	if !interpreted {
		_, bundled := bundleOf(e.Executable)
		_, typed := inTerminal(e)
		if bundled || !typed {
			return w // a program that says by its name what it is, and works for nobody's project
		}
	}
	w.Project = f.projectOf(e, t)
	switch {
	case t.what != "":
		w.Title = t.what
	case w.Project != "":
		w.Title = first(e.Name, path.Base(e.Executable))
	default:
		return w
	}
	if w.Project != "" {
		// "billing - billing" would say it twice.
		if project := shorten(f.projectName(w.Project), maxWord); project != w.Title {
			w.Title += " - " + project
		}
	}
	return w
}

// projectOf finds the project that a process works for: the one around its working directory, else
// the one around what it runs.
func (f *Finder) projectOf(e *Evidence, t task) string {
	if found := f.projectAt(e.Dir); found != "" {
		return found
	}
	file := strings.TrimPrefix(t.script, "file://")
	if file != "" && !path.IsAbs(file) && e.Dir != "" {
		file = path.Join(e.Dir, file)
	}
	// An interpreter lies where it was installed, which may be a clone of a repository ("~/.pyenv").
	if file == "" && (interpreter(path.Base(e.Executable)) == nil || strings.Contains(e.Executable, "/node_modules/")) {
		file = e.Executable
	}
	dir := path.Dir(file) + "/"
	for _, library := range []string{"/node_modules/", "/.venv/", "/venv/"} {
		dir, _, _ = strings.Cut(dir, library) // what a project brought along is its own
	}
	// Libraries and tools that were installed are projects of others: ~/.npm/_npx, ~/.cargo/bin, site-packages.
	for _, other := range []string{"/.", "/site-packages/", "/dist-packages/", "/gems/", "/Library/Application Support/", "/Library/Caches/", "/Library/pnpm/"} {
		if strings.Contains(dir, other) {
			return ""
		}
	}
	return f.projectAt(dir)
}
