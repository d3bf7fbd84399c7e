package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/table"
)

// TestNamesStayInView: however far a tree is scrolled sideways, its names stand at the left, whole, on a ground of their own, and what they
// are clicked for works there.
func TestNamesStayInView(t *testing.T) {
	h := newWorkshop(t, branches(workshop(), table.ColumnName), fyne.NewSize(420, 400), theme.VariantLight)
	h.scrollTo(fyne.NewPos(200, 0))
	if h.scroll.Offset.X != 200 {
		t.Fatalf("scrolled to %v", h.scroll.Offset.X)
	}
	for _, s := range h.body.slots {
		if s.index < 0 || s.index >= len(h.rows) {
			continue
		}
		if at := s.cells[0].Position().X - 200; at != branchNameX {
			t.Errorf("%q stands at %v", s.cells[0].Text, at)
		}
		under, cover := -1, -1
		for i, o := range s.appendObjects(nil) {
			if o == fyne.CanvasObject(s.cover[0]) {
				cover = i
			}
			if text, ok := o.(*canvas.Text); ok && text == s.cells[0] {
				under = i
			}
		}
		if cover < 0 || under < cover {
			t.Errorf("the ground of %q is the object %d, its name %d", s.cells[0].Text, cover, under)
		}
	}
	test.TapCanvas(h.window.Canvas(), fyne.NewPos(30, 10))
	if got := h.takeCalls(); got != "sort name" {
		t.Errorf("a click on the first title: %q", got)
	}
	// A title that is covered cannot be clicked, the one beside the names can.
	end := h.columns.stuckEnd(200)
	test.TapCanvas(h.window.Canvas(), fyne.NewPos(end+20, 10))
	if want := "sort " + string(h.columns.columns[h.columns.at(end+20, 200)].ID); h.takeCalls() != want || want == "sort name" {
		t.Errorf("beside the names it is %q", want)
	}
	at := h.at(branchMiddle, 0)
	h.body.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary, PointEvent: fyne.PointEvent{Position: fyne.NewPos(200+branchMiddle, 5)}})
	h.body.MouseUp(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary, PointEvent: fyne.PointEvent{Position: fyne.NewPos(200+branchMiddle, 5)}})
	h.body.Tapped(&fyne.PointEvent{Position: fyne.NewPos(200+branchMiddle, 5), AbsolutePosition: at})
	if got := h.takeCalls(); !strings.Contains(got, "toggle") {
		t.Errorf("a click on the triangle: %q", got)
	}
	h.scrollTo(fyne.NewPos(0, 0))
	for _, s := range h.body.slots {
		if s.covered != 0 || s.index >= 0 && s.index < len(h.rows) && s.cells[0].Position().X != branchNameX {
			t.Errorf("back at the left %q stands at %v", s.cells[0].Text, s.cells[0].Position().X)
		}
	}
}

// TestPortStaysInView: of a flat table the port does, once it would be scrolled out.
func TestPortStaysInView(t *testing.T) {
	h := newHarness(t, sampleRows(), 420, 300)
	port, app := h.column(table.ColumnPort), h.column(table.ColumnApp)
	at := func() float32 { return h.body.slots[0].cells[port].Position().X - cellPad - h.scroll.Offset.X }
	for _, offset := range []float32{0, 40, h.columns.x[port] - gutter, h.columns.x[port] + 50, h.columns.total - h.scroll.Size().Width} {
		h.scrollTo(fyne.NewPos(offset, 0))
		if want := max(gutter, h.columns.x[port]-offset); at() != want {
			t.Errorf("scrolled by %v the ports stand at %v, want %v", offset, at(), want)
		}
		if got, want := h.header.titles[port].Position().X, at(); got < want || got > want+h.columns.width[port] {
			t.Errorf("scrolled by %v the title stands at %v, the ports at %v", offset, got, want)
		}
	}
	if got := h.columns.inView(app, h.scroll.Offset.X); got < gutter+h.columns.width[port] {
		t.Errorf("the last but one column is at %v", got)
	}
}

// TestFlatLeavesOut: where a few columns less are enough, a flat table shows less and is not scrolled; at the usual width it shows all.
func TestFlatLeavesOut(t *testing.T) {
	h := newHarness(t, sampleRows(), firstSize.Width, 300)
	for _, c := range h.columns.columns {
		if h.columns.lacks(c.ID) {
			t.Errorf("at the usual width there is no %s", c.ID)
		}
	}
	pane := fyne.Min(mostPane, fyne.Max(leastPane, firstSize.Width*paneShare))
	h.columns.fit(firstSize.Width - pane - scrollBarRoom)
	if h.columns.total > firstSize.Width-pane {
		t.Errorf("beside the pane the columns take %v of %v", h.columns.total, firstSize.Width-pane)
	}
	for _, id := range []table.ColumnID{table.ColumnPort, table.ColumnLocal, table.ColumnRemote, table.ColumnState, table.ColumnProcess, table.ColumnPID} {
		if h.columns.lacks(id) {
			t.Errorf("beside the pane there is no %s", id)
		}
	}
	if !h.columns.lacks(table.ColumnUser) {
		t.Error("beside the pane the user is still there")
	}
	h.columns.sortedBy(table.ColumnUser)
	if h.columns.fit(firstSize.Width - pane - scrollBarRoom); h.columns.lacks(table.ColumnUser) {
		t.Error("the sorted column is left out")
	}
	h.columns.sortedBy(table.ColumnPort)
	h.columns.fit(400)
	for _, c := range h.columns.columns {
		if h.columns.lacks(c.ID) {
			t.Errorf("where it is scrolled anyway there is no %s", c.ID)
		}
	}
}
