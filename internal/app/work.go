package app

func (f *Finder) workOf(e *Evidence) Work { return Work{Dir: e.Dir} }
