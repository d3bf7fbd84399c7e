package ui

// setByApp turns to the by-app view, or to the flat one.
func (w *window) setByApp(byApp bool) {
	if byApp {
		w.turnTo(turnByApp)
	} else {
		w.turnTo(turnFlat)
	}
}
