package app

// findMacOS weighs the evidence of a macOS process, the best first: the bundle that it lies in; that a person
// started it in a terminal; the job of launchd; the bundle of the process that the system
// holds responsible for it, as for the services inside frameworks that work for an app; what an interpreter
// runs; the program itself.
func (f *Finder) findMacOS(e *Evidence) (App, Work, bool) {
	w := f.workOf(e)
	b, bundled := bundleOf(e.Executable)
	if bundled && !b.developmentElectron() {
		return f.appOfBundle(b), w, true
	}
	in, typed := inTerminal(e)
	if typed || bundled {
		return command(e, w, in), w, true
	}
	settled := true
	if mayBeJob(e) {
		if settled = f.jobsReady(); settled {
			if label, ok := f.jobOf(e); ok {
				return App{Name: nameOfJob(label, e, w), Path: e.Executable, Kind: Job, ID: label}, w, true
			}
		}
	}
	if by, ok := bundleOf(e.Responsible); ok {
		return f.appOfBundle(by), w, settled
	}
	if w.Title != "" {
		return command(e, w, ""), w, settled
	}
	a := executable(e, e.Executable)
	if inSimulator(e.Executable) {
		a.In = "Simulator"
	}
	return a, w, settled
}

// mayBeJob says whether a process may be one of launchd's jobs or a part of one: everything is that
// launchd started, but not what an app did.
func mayBeJob(e *Evidence) bool {
	if len(e.Ancestors) == 0 {
		return true
	}
	_, bundled := bundleOf(e.Ancestors[len(e.Ancestors)-1].Executable)
	return !bundled
}
