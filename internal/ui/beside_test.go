package ui

import (
	"testing"

	"fyne.io/fyne/v2"
)

// In a window that is too low for both the pane stands instead of the table only while it has something to tell: a row must
// be there to be selected.
func TestPaneYieldsInALowWindow(t *testing.T) {
	s := newScene(t)
	s.window.Resize(fyne.NewSize(400, 300))
	s.read(desk())
	s.do(s.window.detail.toggle)
	inView := func() bool {
		return fyne.CurrentApp().Driver().AbsolutePositionForObject(s.window.detail.Container).X < s.window.Canvas().Size().Width
	}
	if !s.window.table.Visible() || inView() {
		t.Error("with no row selected the pane hides the table")
	}
	s.do(func() { s.window.table.selectIndex(0) })
	if !inView() {
		t.Error("of a selected row the pane does not tell")
	}
	s.do(s.window.detail.toggle)
	if !s.window.table.Visible() || inView() && s.window.detail.Visible() {
		t.Error("without the pane the table is not there")
	}
	s.do(s.window.detail.toggle)
	s.do(func() { s.window.setQuery("gopher") }) // and the row goes
	if inView() {
		t.Error("the pane stays when its row has gone")
	}
	s.window.Resize(screen)
	if !inView() {
		t.Error("in a large window the pane is not beside the table")
	}
}
