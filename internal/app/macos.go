package app

func (f *Finder) findMacOS(e *Evidence) (App, Work, bool) {
	w := f.workOf(e)
	return App{Name: e.Name, Path: e.Executable}, w, true
}
