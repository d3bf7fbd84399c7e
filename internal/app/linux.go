package app

import "path"

// findLinux weighs the evidence of a Linux process, the best first.
func (f *Finder) findLinux(e *Evidence) (App, Work, bool) {
	w := f.workOf(e)
	return App{Name: first(e.Name, path.Base(e.Executable)), Path: e.Executable}, w, true
}
