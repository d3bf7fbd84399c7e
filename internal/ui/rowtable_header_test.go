package ui

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"portolan/internal/table"
)

// column gives the index of a column.
func (h *harness) column(id table.ColumnID) int {
	return slices.IndexFunc(h.columns.columns, func(c table.Column) bool { return c.ID == id })
}

func TestHeaderSorts(t *testing.T) {
	h := newHarness(t, sampleRows(), 1240, 400)
	for i, c := range h.columns.columns {
		test.TapCanvas(h.window.Canvas(), fyne.NewPos(h.columns.x[i]+h.columns.width[i]/2, 10))
		if got := h.takeCalls(); got != "sort "+string(c.ID) {
			t.Errorf("%s: calls %q", c.Title, got)
		}
	}
}

// TestHeaderControlClick: on macOS a click with Control is one of the right button, on a title too.
func TestHeaderControlClick(t *testing.T) {
	for _, mac := range []bool{true, false} {
		h := newHarness(t, sampleRows(), 1240, 400)
		h.controlClick = mac
		titles := 0
		h.onTitles = func(fyne.Position) { titles++ }
		at := fyne.PointEvent{Position: fyne.NewPos(h.columns.x[2]+h.columns.width[2]/2, 10)}
		click := func(held fyne.KeyModifier) {
			press := &desktop.MouseEvent{PointEvent: at, Button: desktop.MouseButtonPrimary, Modifier: held}
			h.header.MouseDown(press)
			h.header.MouseUp(press)
			h.header.Tapped(&at)
		}
		click(fyne.KeyModifierControl)
		if got := h.takeCalls(); (titles == 1) != mac || (got == "") != mac {
			t.Errorf("on macOS %v: %d menus, calls %q", mac, titles, got)
		}
		titles = 0
		click(0)
		if got := h.takeCalls(); titles != 0 || got == "" {
			t.Errorf("without Control: %d menus, calls %q", titles, got)
		}
	}
}

// TestHeaderArrow stands in the sorted column and points the way.
func TestHeaderArrow(t *testing.T) {
	h := newHarness(t, sampleRows(), 1240, 400)
	for _, id := range []table.ColumnID{table.ColumnLocal, table.ColumnPID} {
		i := h.column(id)
		h.SetSort(id, false)
		left, tip := h.header.arrow[0].Position1, h.header.arrow[0].Position2
		if tip.Y >= left.Y {
			t.Errorf("%s: ascending does not point up", id)
		}
		if left.X < h.columns.x[i] || tip.X > h.columns.x[i]+h.columns.width[i] {
			t.Errorf("%s: the arrow at %v is not in the column", id, tip)
		}
		h.SetSort(id, true)
		if h.header.arrow[0].Position2.Y <= h.header.arrow[0].Position1.Y {
			t.Errorf("%s: descending does not point down", id)
		}
	}
	h.SetSort("", false)
	if slices.Contains(h.header.objects, fyne.CanvasObject(h.header.arrow[0])) {
		t.Error("an arrow, and nothing is sorted")
	}
}

// TestSortShowsTheTop: another order by the person's own wish begins at its top,
// or shows the selected row where it was.
func TestSortShowsTheTop(t *testing.T) {
	rows := manyRows(200)
	reversed := slices.Clone(rows)
	slices.Reverse(reversed)
	h := newHarness(t, rows, 1240, 400)
	h.onSort = func(table.ColumnID) { h.SetRows(reversed) }
	h.scrollTo(fyne.NewPos(0, rowTall*60))
	test.TapCanvas(h.window.Canvas(), fyne.NewPos(20, 10))
	if h.scroll.Offset.Y != 0 {
		t.Errorf("offset %v after sorting", h.scroll.Offset.Y)
	}
	h.onSort = func(table.ColumnID) { h.SetRows(rows) }
	h.Select(rows[150].Key)
	before := h.screenY(t, rows[150].Key)
	test.TapCanvas(h.window.Canvas(), fyne.NewPos(20, 10))
	if got := h.screenY(t, rows[150].Key); got != before {
		t.Errorf("the selected row went from %v to %v", before, got)
	}
}

// TestColumnDrag: the edge stays under the pointer, and what is left of it stays.
func TestColumnDrag(t *testing.T) {
	h := newHarness(t, sampleRows(), 1240, 400)
	for _, id := range []table.ColumnID{table.ColumnLocal, table.ColumnProcess, table.ColumnApp} {
		i := h.column(id)
		edge := h.columns.x[i] + h.columns.width[i]
		before, left := h.columns.width[i], h.columns.x[i]
		test.Drag(h.window.Canvas(), fyne.NewPos(edge+2, 10), 30, 0)
		if got := h.columns.width[i]; got != before+30 {
			t.Errorf("%s: dragged by 30 from %v to %v", id, before, got)
		}
		if h.columns.x[i] != left {
			t.Errorf("%s: its left edge went from %v to %v", id, left, h.columns.x[i])
		}
		test.Drag(h.window.Canvas(), fyne.NewPos(h.columns.x[i]+h.columns.width[i], 10), -1000, 0)
		if got := h.columns.width[i]; got != narrowest {
			t.Errorf("%s: dragged together to %v, want %v", id, got, narrowest)
		}
	}
	if h.takeCalls() != "" {
		t.Error("a drag sorted")
	}
}

// TestColumnDragAsDriven: press, several moves and the end, as Fyne's desktop driver reports them.
func TestColumnDragAsDriven(t *testing.T) {
	h := newHarness(t, sampleRows(), 1240, 400)
	i := h.column(table.ColumnService)
	before := h.columns.width[i]
	edge := h.columns.x[i] + before
	h.header.MouseMoved(mouse(edge-1, 10, 0))
	if h.header.Cursor() != desktop.HResizeCursor {
		t.Error("the cursor does not say that the edge can be dragged")
	}
	h.header.MouseDown(mouse(edge-1, 10, desktop.MouseButtonPrimary))
	for _, x := range []float32{edge + 9, edge + 19, edge + 49} {
		ev := &fyne.DragEvent{Dragged: fyne.NewDelta(10, 0)}
		ev.Position = fyne.NewPos(x, 10)
		h.header.Dragged(ev)
	}
	h.header.DragEnd()
	if got := h.columns.width[i]; got != before+50 {
		t.Errorf("dragged by 50 from %v to %v", before, got)
	}
	h.header.MouseMoved(mouse(edge-30, 10, 0))
	if h.header.Cursor() != desktop.DefaultCursor {
		t.Error("the cursor still says that there is an edge")
	}
	h.header.MouseOut()
}

// TestDragBesideEdges moves nothing.
func TestDragBesideEdges(t *testing.T) {
	h := newHarness(t, sampleRows(), 1240, 400)
	before := slices.Clone(h.columns.width)
	test.Drag(h.window.Canvas(), fyne.NewPos(h.columns.x[1]+50, 10), 30, 0)
	if !slices.Equal(before, h.columns.width) {
		t.Errorf("widths %v, were %v", h.columns.width, before)
	}
}

// TestEdgeDoubleTap: two taps make the column as wide as its content.
func TestEdgeDoubleTap(t *testing.T) {
	h := newHarness(t, sampleRows(), 1240, 400)
	i := h.column(table.ColumnLocal)
	edge := fyne.NewPos(h.columns.x[i]+h.columns.width[i], 10)
	test.TapCanvas(h.window.Canvas(), edge)
	test.TapCanvas(h.window.Canvas(), edge)
	if got := h.shown(table.ColumnLocal)[8]; got != "2001:db8:85a3::8a2e:370:7334" {
		t.Errorf("the longest address still is %q", got)
	}
	if h.takeCalls() != "" {
		t.Error("taps on an edge sorted")
	}
}

func TestColumnsStretch(t *testing.T) {
	h := newHarness(t, sampleRows(), 1240, 400)
	process, port := h.column(table.ColumnProcess), h.column(table.ColumnPort)
	for _, width := range []float32{1240, 1600, 2000, 1300} {
		h.window.Resize(fyne.NewSize(width, 400))
		if h.columns.total != width-scrollBarRoom {
			t.Errorf("window %v: the columns take %v", width, h.columns.total)
		}
		if h.columns.width[port] != h.columns.natural[port] {
			t.Errorf("window %v: the port column is %v, needs %v", width, h.columns.width[port], h.columns.natural[port])
		}
		if h.columns.width[process] <= h.columns.natural[process] {
			t.Errorf("window %v: the process column got nothing", width)
		}
	}
}

// TestColumnsShrink: names give way first, numbers are never cut; then the table scrolls sideways, the header with it.
func TestColumnsShrink(t *testing.T) {
	h := newHarness(t, sampleRows(), 1100, 400)
	if h.columns.total > 1100 {
		t.Errorf("a window of 1100 is scrolled: the columns take %v", h.columns.total)
	}
	h.window.Resize(fyne.NewSize(500, 400))
	for i, c := range h.columns.columns {
		if h.columns.width[i] != h.columns.least(i) {
			t.Errorf("%s is %v wide in a narrow window, want %v", c.Title, h.columns.width[i], h.columns.least(i))
		}
	}
	if h.columns.total <= 500 {
		t.Fatalf("the columns take %v", h.columns.total)
	}
	test.Scroll(h.window.Canvas(), h.at(100, 1), -200, 0)
	if h.scroll.Offset.X != 200 {
		t.Fatalf("scrolled sideways to %v", h.scroll.Offset.X)
	}
	i := h.column(table.ColumnState)
	if got, want := h.header.titles[i].Position().X, h.columns.x[i]+cellPad-200; got != want {
		t.Errorf("the title is at %v, its column at %v", got, want)
	}
	test.TapCanvas(h.window.Canvas(), fyne.NewPos(h.columns.x[i]-200+20, 10))
	if got := h.takeCalls(); got != "sort state" {
		t.Errorf("calls %q", got)
	}
	h.window.Resize(fyne.NewSize(1240, 400))
	if h.scroll.Offset.X != 0 {
		t.Errorf("wide again, and still at %v", h.scroll.Offset.X)
	}
}
