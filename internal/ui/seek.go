package ui

import (
	"slices"

	"fyne.io/fyne/v2/theme"

	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/table"
)

// sought is what somebody has asked to see from outside the window: from the menu of the icon, or from a notification.
// It goes with the request to the model and comes back with the rows that were made for it: those of before, which the
// window may still show, are not taken for an answer.
type sought struct {
	app  string // of whom the row is to be, see menuName; "": of whoever waits there
	pick bool   // the first row that waits is to be selected
	kill bool   // and asked about
}

// seek has the flat table, where every socket has a row, show what a query finds.
func (w *window) seek(query string, s *sought) {
	w.putAside()
	w.turnTo(turnFlat)
	w.setQuery(query)
	w.sought = s
	w.ui.model.change(func(c *content) { c.sought = s })
}

// putAside closes what is open. A question that was not answered is answered with no, and that is said.
func (w *window) putAside() {
	asked := w.killing.dialog != nil && len(w.killing.dialog.answer.targets) > 0
	w.dismiss()
	if asked {
		w.notice.tell(theme.ColorNamePrimary, language.T("The question was closed: nothing was ended."), "", nil)
	}
}

// found selects what was asked for among the rows that were made for it. Where a hidden app has some of it, its rows are
// shown first: who asks for a port wants to see who has it.
func (w *window) found(c content) {
	s := w.sought
	if s == nil || c.sought != s || w.table.held() || c.update.Snapshot == nil {
		return
	}
	if !c.hidden.shown && c.hidden.sockets > 0 && c.concealed() {
		w.ui.model.showHidden(true)
		return
	}
	w.sought = nil
	if !s.pick {
		w.table.takeFocus()
		return
	}
	i := w.waitingRow(s.app)
	switch {
	case i >= 0:
		w.table.selectIndex(i)
		w.table.reveal(i)
		w.table.takeFocus()
		if s.kill {
			w.killSelected()
		}
	case s.kill:
		w.notice.tell(theme.ColorNameWarning, language.T("That has already closed: there is nothing left to end."), "", nil)
	}
}

// concealed reports whether a hidden app has a socket that the query finds.
func (c *content) concealed() bool {
	view := table.View{Query: c.view.Query, Ephemeral: c.view.Ephemeral, Past: c.view.Past}
	hidden := leftOut{apps: c.hidden.apps}
	return len(table.Rows(c.update.Snapshot, view)) > len(table.Rows(hidden.of(c.update.Snapshot), view))
}

// waitingRow gives the first row that waits for somebody, of an app if there is one; -1 when nobody does.
func (w *window) waitingRow(app string) int {
	waits := func(r table.Row) bool { return r.Socket != nil && !r.Closed() && table.Waits(r.Socket) }
	if app != "" {
		if i := slices.IndexFunc(w.table.rows, func(r table.Row) bool { return waits(r) && r.Owner != nil && menuName(r.Owner.Process) == app }); i >= 0 {
			return i
		}
	}
	if i := slices.IndexFunc(w.table.rows, func(r table.Row) bool { return waits(r) && r.Socket.State == netstat.Listen }); i >= 0 {
		return i
	}
	return slices.IndexFunc(w.table.rows, waits)
}
