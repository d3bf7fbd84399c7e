package ui

import (
	"encoding/json"
	"slices"

	"portolan/internal/app"
	"portolan/internal/history"
	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/table"
)

const (
	// maxHidden is how many apps can be hidden.
	maxHidden = 200
	// maxHiddenText is the length in bytes of the longest list that is read.
	maxHiddenText = 1 << 20
)

// hiddenApp is an app whose rows are left out.
type hiddenApp struct {
	Key  string `json:"key"` // see app.App.Key
	Name string `json:"name"`
}

// encodeHidden gives the list as it is kept; "" for an empty one.
func encodeHidden(apps []hiddenApp) string {
	if len(apps) == 0 {
		return ""
	}
	text, err := json.Marshal(apps)
	if err != nil { // there is nothing in it that JSON cannot say
		return ""
	}
	return string(text)
}

// decodeHidden reads a list that was kept. What makes no sense is left out.
func decodeHidden(text string) []hiddenApp {
	if len(text) > maxHiddenText {
		return nil
	}
	var raw []json.RawMessage
	if json.Unmarshal([]byte(text), &raw) != nil {
		return nil
	}
	var apps []hiddenApp
	for _, one := range raw {
		var a hiddenApp
		if json.Unmarshal(one, &a) == nil {
			apps = withHidden(apps, a)
		}
	}
	return apps
}

// withHidden gives the list with one more.
func withHidden(apps []hiddenApp, a hiddenApp) []hiddenApp {
	if a.Key == "" || len(apps) >= maxHidden || slices.ContainsFunc(apps, func(x hiddenApp) bool { return x.Key == a.Key }) {
		return apps
	}
	a.Name = abbreviated(table.Clean(a.Name), nameLength)
	return append(apps, a)
}

// leftOut are the sockets that a snapshot has of hidden apps.
type leftOut struct {
	apps    []hiddenApp
	shown   bool // they are shown all the same
	sockets int  // how many are left out
}

// of gives the snapshot without the sockets of hidden apps; the same snapshot when there are none. A socket that
// another app holds too stays.
func (l *leftOut) of(s *netstat.Snapshot) *netstat.Snapshot {
	l.sockets = 0
	if s == nil || len(l.apps) == 0 {
		return s
	}
	hides := l.hides()
	kept := make([]netstat.Socket, 0, len(s.Sockets))
	for _, socket := range s.Sockets {
		if len(socket.Owners) > 0 && !slices.ContainsFunc(socket.Owners, func(o netstat.Owner) bool { return !hides(o.Process.App) }) {
			l.sockets++
			continue
		}
		kept = append(kept, socket)
	}
	if l.sockets == 0 || l.shown {
		return s
	}
	some := *s
	some.Sockets = kept
	return &some
}

// hides tells which apps are hidden.
func (l *leftOut) hides() func(app.App) bool {
	keys := make(map[string]bool, len(l.apps))
	for _, a := range l.apps {
		keys[a.Key] = true
	}
	known := map[app.App]bool{} // the key of an app is made once
	return func(a app.App) bool {
		hidden, asked := known[a]
		if !asked {
			hidden = keys[a.Key()]
			known[a] = hidden
		}
		return hidden
	}
}

// past gives what is told of the last minutes without what hidden apps did.
func (l *leftOut) past(r history.Report) history.Report {
	if len(l.apps) == 0 || l.shown {
		return r
	}
	hides := l.hides()
	r.Tenures = slices.DeleteFunc(r.Tenures, func(t history.Tenure) bool { return t.Process != nil && hides(t.Process.App) })
	r.Events = slices.DeleteFunc(r.Events, func(e history.Event) bool {
		return len(e.Socket.Owners) > 0 && hides(e.Socket.Owners[0].Process.App)
	})
	r.Sums = slices.DeleteFunc(r.Sums, func(x history.Sum) bool { return hides(x.App) })
	return r
}

// text is what the status line says of it; "" when there is nothing to say.
func (l *leftOut) text() string {
	switch {
	case l.sockets == 0:
		return ""
	case l.shown:
		return language.N("%d socket of hidden apps is shown: click to hide it", "%d sockets of hidden apps are shown: click to hide them", l.sockets)
	default:
		return language.N("%d socket of hidden apps: click to show it", "%d sockets of hidden apps: click to show them", l.sockets)
	}
}

// hideApp leaves out the rows of an app from now on.
func (u *UI) hideApp(a app.App) {
	u.change(func(s *settings) { s.hidden = withHidden(s.hidden, hiddenApp{Key: a.Key(), Name: menuAppName(a)}) })
	u.model.showHidden(false)
}

func menuAppName(a app.App) string {
	if name := table.Clean(a.Name); name != "" {
		return name
	}
	return table.Clean(a.Path)
}

// unhideApp shows them again.
func (u *UI) unhideApp(key string) {
	u.change(func(s *settings) {
		s.hidden = slices.DeleteFunc(s.hidden, func(a hiddenApp) bool { return a.Key == key })
	})
}

// showHidden shows what is left out, or leaves it out again.
func (w *window) showHidden() {
	if w.shown.hidden.sockets > 0 {
		w.ui.model.showHidden(!w.shown.hidden.shown)
	}
}
