package ui

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/netstat"
	"portolan/internal/table"
)

// shown gives the texts of a column as they stand on the screen from top to
// bottom, read from the canvas objects, not from the table's own notes.
func (h *harness) shown(column table.ColumnID) []string {
	i := slices.IndexFunc(h.columns.columns, func(c table.Column) bool { return c.ID == column })
	type line struct {
		y    float32
		text string
	}
	var lines []line
	for _, s := range h.body.slots {
		top := s.back.Position().Y - h.scroll.Offset.Y
		if s.index < 0 || top+h.rowHeight() <= 0 || top >= h.scroll.Size().Height {
			continue
		}
		text := s.cells[i]
		if slices.Contains(h.body.objects, fyne.CanvasObject(text)) {
			lines = append(lines, line{top, text.Text})
		}
	}
	slices.SortFunc(lines, func(a, b line) int { return int(a.y - b.y) })
	var texts []string
	for _, l := range lines {
		texts = append(texts, l.text)
	}
	return texts
}

// screenY gives where the row with this key is on the screen, from the top of the view.
func (h *harness) screenY(t *testing.T, key table.Key) float32 {
	t.Helper()
	for _, s := range h.body.slots {
		if s.index >= 0 && s.index < len(h.rows) && h.rows[s.index].Key == key {
			return s.back.Position().Y - h.scroll.Offset.Y
		}
	}
	t.Fatalf("row %v has no place on the screen", key)
	return 0
}

// newRows gives n rows with ids that no other sample has.
func newRows(n int) []table.Row {
	rows := manyRows(n)
	for i := range rows {
		rows[i].Key.Socket += 1 << 32
	}
	return rows
}

func (h *harness) takeCalls() string {
	calls := strings.Join(h.calls, "; ")
	h.calls = nil
	return calls
}

func TestRowsAreDrawn(t *testing.T) {
	h := newHarness(t, sampleRows(), 1240, 400)
	got := strings.Join(h.shown(table.ColumnPort), " ")
	want := "3000 5173 5432 5432 6379 8080 8080 52044 53021 53114 53150 53151 5353 546 50233"
	if got != want {
		t.Errorf("ports on the screen: %s, want %s", got, want)
	}
}

// TestDense: 25 rows and more fit into a window of a 13-inch screen.
func TestDense(t *testing.T) {
	h := newHarness(t, manyRows(100), 1240, 700)
	if got := len(h.shown(table.ColumnPort)); got < 25 {
		t.Errorf("%d rows in view, want 25 or more", got)
	}
	if h.rowHeight() != rowTall {
		t.Errorf("a row is %v high, want 22", h.rowHeight())
	}
}

// TestOnlyRowsInViewHaveObjects: ten thousand rows cost no more objects than thirty.
func TestOnlyRowsInViewHaveObjects(t *testing.T) {
	h := newHarness(t, manyRows(10000), 1240, 400)
	for _, y := range []float32{0, 100, 110000, 219000, 50} {
		h.scrollTo(fyne.NewPos(0, y))
		if n := len(h.body.objects); n > 300 {
			t.Fatalf("%d objects at offset %v", n, y)
		}
		first := int(h.scroll.Offset.Y / rowTall)
		if got, want := h.shown(table.ColumnProcess)[0], h.rows[first].Owner.Process.Name; got != want {
			t.Errorf("at offset %v the first row shows %s, want %s", y, got, want)
		}
	}
}

func TestAnchorRowsInsertedAbove(t *testing.T) {
	rows := manyRows(200)
	h := newHarness(t, rows, 1240, 400)
	h.scrollTo(fyne.NewPos(0, rowTall*50+7))
	top := rows[50].Key
	before := h.screenY(t, top)
	h.SetRows(append(newRows(13), rows...))
	if got := h.screenY(t, top); got != before {
		t.Errorf("13 rows came above: the top row went from %v to %v", before, got)
	}
	h.SetRows(rows[20:])
	if got := h.screenY(t, top); got != before {
		t.Errorf("20 rows above went: the top row went from %v to %v", before, got)
	}
}

// TestAnchorTopRowGone: the next one that is still there keeps its place.
func TestAnchorTopRowGone(t *testing.T) {
	rows := manyRows(200)
	h := newHarness(t, rows, 1240, 400)
	h.scrollTo(fyne.NewPos(0, rowTall*50))
	before := h.screenY(t, rows[56].Key)
	h.SetRows(slices.Concat(rows[:50], rows[56:]))
	if got := h.screenY(t, rows[56].Key); got != before {
		t.Errorf("six rows went at the top: the seventh went from %v to %v", before, got)
	}
	h.scrollTo(fyne.NewPos(0, h.clampTop(1e6)))
	last := h.rows[len(h.rows)-1].Key
	h.SetRows(h.rows[:3])
	if h.scroll.Offset.Y != 0 || len(h.shown(table.ColumnPort)) != 3 {
		t.Errorf("three rows are left, offset %v, %v in view (last was %v)", h.scroll.Offset.Y, h.shown(table.ColumnPort), last)
	}
}

// TestAnchorNoneLeft: rows of which none was there before are shown from their top.
func TestAnchorNoneLeft(t *testing.T) {
	h := newHarness(t, manyRows(200), 1240, 400)
	h.scrollTo(fyne.NewPos(0, rowTall*50))
	h.SetRows(newRows(200))
	if h.scroll.Offset.Y != 0 {
		t.Errorf("offset %v, want the top", h.scroll.Offset.Y)
	}
}

// TestAnchorAtTheTop: who looks at the top of the list sees what is new there,
// unless a row is selected or under the pointer.
func TestAnchorAtTheTop(t *testing.T) {
	rows := manyRows(200)
	h := newHarness(t, rows, 1240, 400)
	more := append(newRows(2), rows...)
	h.SetRows(more)
	if h.scroll.Offset.Y != 0 {
		t.Errorf("nothing was selected, yet the list moved to %v", h.scroll.Offset.Y)
	}
	h.Select(rows[3].Key)
	before := h.screenY(t, rows[3].Key)
	more = append(newRows(5), rows...)
	h.SetRows(more)
	if got := h.screenY(t, rows[3].Key); got != before {
		t.Errorf("the selected row went from %v to %v", before, got)
	}
}

// TestAnchorUnderPointer: the row that is about to be clicked stays under the pointer.
func TestAnchorUnderPointer(t *testing.T) {
	rows := manyRows(200)
	h := newHarness(t, rows, 1240, 400)
	h.scrollTo(fyne.NewPos(0, rowTall*50))
	h.point(58)
	before := h.screenY(t, rows[58].Key)
	inserted := slices.Concat(rows[:54], newRows(3), rows[54:])
	h.SetRows(inserted)
	if got := h.screenY(t, rows[58].Key); got != before {
		t.Errorf("the row under the pointer went from %v to %v", before, got)
	}
	if got := h.rows[h.body.hovered()].Key; got != rows[58].Key {
		t.Errorf("the pointer is over %v, want %v", got, rows[58].Key)
	}
}

// TestRoomBeyondTheEnds: where so many rows go that what is left cannot be scrolled far enough,
// the row under the pointer stays all the same, and the gap closes when the pointer leaves.
func TestRoomBeyondTheEnds(t *testing.T) {
	rows := manyRows(60)
	for _, test := range []struct {
		name    string
		at      float32
		pointed int
		left    []table.Row
	}{
		{"above", 0, 9, rows[8:]},
		{"above, few left", 0, 9, rows[8:12]},
		{"below", 24 * 40, 50, rows[:52]},
		{"both", 24 * 20, 30, rows[29:32]},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHarness(t, rows, 1240, 400)
			h.scrollTo(fyne.NewPos(0, test.at))
			h.point(test.pointed)
			key := rows[test.pointed].Key
			before := h.screenY(t, key)
			for range 3 { // once it stands there it stays
				h.SetRows(test.left)
				if got := h.screenY(t, key); got != before {
					t.Fatalf("the row under the pointer went from %v to %v", before, got)
				}
				if i := h.body.hovered(); i < 0 || h.rows[i].Key != key {
					t.Fatalf("the pointer is over row %d", i)
				}
			}
			h.body.MouseDown(mouse(10, h.body.pointerY+h.scroll.Offset.Y, desktop.MouseButtonPrimary))
			h.body.MouseUp(mouse(10, h.body.pointerY+h.scroll.Offset.Y, desktop.MouseButtonPrimary))
			if row, ok := h.Selected(); !ok || row.Key != key {
				t.Errorf("a click selects %v %v", row.Key, ok)
			}
			h.body.MouseOut()
			if h.above != 0 || h.top() != h.clampTop(h.top()) {
				t.Errorf("with the pointer gone there is free room: top %v, %v above", h.top(), h.above)
			}
			if i := indexOfKey(h.rows, key); h.screenY(t, key) != float32(i)*rowTall-h.scroll.Offset.Y {
				t.Errorf("row %d is at %v", i, h.screenY(t, key))
			}
		})
	}
}

// A search while the pointer lies over the rows leaves no gap above the first, and a list at its very top stays there.
func TestAskedRowsAreNotHeldByThePointer(t *testing.T) {
	rows := manyRows(100)
	asked := func(h *harness, rows []table.Row) {
		h.set(rowSet{columns: h.columns, rows: rows, sort: h.sort, descending: h.descending, asked: true})
	}
	for _, at := range []float32{0, rowTall * 20} {
		for _, left := range [][]table.Row{rows[8:], rows[28:32], rows[:32]} {
			h := newHarness(t, rows, 1240, 400)
			h.scrollTo(fyne.NewPos(0, at))
			h.point(int(at/rowTall) + 9)
			asked(h, left)
			if h.above != 0 || h.top() != h.clampTop(h.top()) {
				t.Errorf("from %v: there is free room: top %v, %v above", at, h.top(), h.above)
			}
			if at == 0 && h.top() != 0 {
				t.Errorf("the list has left its top for %v", h.top())
			}
		}
	}
	h := newHarness(t, rows, 1240, 400)
	h.Select(rows[5].Key)
	asked(h, rows[5:])
	asked(h, rows)
	if h.top() != 0 {
		t.Errorf("with the search gone the list with a row selected there is at %v", h.top())
	}
}

// TestAnchorNotSortedAway: a row that was sorted far away does not drag the view along.
func TestAnchorNotSortedAway(t *testing.T) {
	rows := manyRows(200)
	h := newHarness(t, rows, 1240, 400)
	h.Select(rows[52].Key)
	h.scrollTo(fyne.NewPos(0, rowTall*50))
	before := h.screenY(t, rows[51].Key)
	h.SetRows(slices.Concat(rows[:52], rows[53:], rows[52:53]))
	if got := h.screenY(t, rows[51].Key); got != before {
		t.Errorf("the neighbour went from %v to %v", before, got)
	}
	if row, ok := h.Selected(); !ok || row.Key != rows[52].Key {
		t.Errorf("selected %v %v, want %v still", row.Key, ok, rows[52].Key)
	}
}

func TestSelectionByKey(t *testing.T) {
	rows := sampleRows()
	h := newHarness(t, rows, 1240, 400)
	h.Select(rows[4].Key)
	if got := h.takeCalls(); got != "select 5" {
		t.Errorf("calls %q", got)
	}
	reversed := slices.Clone(rows)
	slices.Reverse(reversed)
	for name, next := range map[string][]table.Row{
		"re-sorted": reversed, "inserted above": append(newRows(3), rows...), "neighbours gone": rows[4:5], "as before": rows,
	} {
		h.SetRows(next)
		if row, ok := h.Selected(); !ok || row.Key != rows[4].Key {
			t.Errorf("%s: selected %v %v, want %v", name, row.Key, ok, rows[4].Key)
		}
		if got := h.takeCalls(); got != "" {
			t.Errorf("%s: calls %q for a selection that stayed", name, got)
		}
	}
}

// TestSelectionVanishes: the selection never passes to a neighbour.
func TestSelectionVanishes(t *testing.T) {
	rows := sampleRows()
	h := newHarness(t, rows, 1240, 400)
	h.Select(rows[4].Key)
	h.takeCalls()
	h.SetRows(slices.Concat(rows[:4], rows[5:]))
	if row, ok := h.Selected(); ok {
		t.Errorf("selected %v after its row went", row.Key)
	}
	h.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDelete})
	if got := h.takeCalls(); got != "select none" {
		t.Errorf("calls %q", got)
	}
	h.SetRows(rows)
	if row, ok := h.Selected(); ok {
		t.Errorf("selected %v when the row came back: nobody selected it", row.Key)
	}
}

// TestReusedPID: the same number is another process.
func TestReusedPID(t *testing.T) {
	rows := sampleRows()
	h := newHarness(t, rows, 1240, 400)
	h.Select(rows[0].Key)
	next := slices.Clone(rows)
	next[0].Key.Process.Start++
	h.SetRows(next)
	if row, ok := h.Selected(); ok {
		t.Errorf("selected %v, want none", row.Key)
	}
}

func TestSelectUnknownKey(t *testing.T) {
	h := newHarness(t, sampleRows(), 1240, 400)
	h.Select(table.Key{Socket: 999})
	h.Select(table.Key{})
	if _, ok := h.Selected(); ok || h.takeCalls() != "" {
		t.Error("something was selected")
	}
}

func TestSelectBringsIntoView(t *testing.T) {
	rows := manyRows(1000)
	h := newHarness(t, rows, 1240, 400)
	h.Select(rows[700].Key)
	if y := h.screenY(t, rows[700].Key); y < 0 || y+rowTall > h.scroll.Size().Height {
		t.Errorf("the selected row is at %v of %v", y, h.scroll.Size().Height)
	}
}

// TestHold: nothing moves while a menu is open; the last rows set are shown after it.
func TestHold(t *testing.T) {
	rows := manyRows(50)
	h := newHarness(t, rows, 1240, 400)
	h.hold()
	h.hold()
	h.SetRows(rows[10:])
	h.SetRows(rows[20:])
	h.release()
	if got := h.shown(table.ColumnPort)[0]; got != "1" {
		t.Errorf("held, and yet the first port is %s", got)
	}
	h.release()
	if got := h.shown(table.ColumnPort)[0]; got != "21" {
		t.Errorf("released, and the first port is %s, want 21", got)
	}
	h.release() // one too many is no debt
	h.hold()
	h.SetRows(rows)
	if len(h.rows) != 30 {
		t.Error("a release too many undid a hold")
	}
}

func TestNoRows(t *testing.T) {
	h := newHarness(t, nil, 1240, 400)
	for _, key := range []fyne.KeyName{fyne.KeyDown, fyne.KeyEnd, fyne.KeyPageUp, fyne.KeyLeft, fyne.KeyDelete} {
		h.TypedKey(&fyne.KeyEvent{Name: key})
	}
	test.TapCanvas(h.window.Canvas(), h.at(100, 2))
	if got := h.takeCalls(); got != "" {
		t.Errorf("calls %q", got)
	}
	h.SetRows(sampleRows())
	h.SetRows(nil)
	if n := len(h.shown(table.ColumnPort)); n != 0 {
		t.Errorf("%d rows left on the screen", n)
	}
}

// TestRowsBeforeWindow: rows may be set before the table was ever shown.
func TestRowsBeforeWindow(t *testing.T) {
	a := test.NewTempApp(t)
	a.Settings().SetTheme(newThemeVariant(theme.VariantLight))
	h := &harness{rowTable: newRowTable(newColumnLayout(sampleColumns()), inline)}
	h.SetRows(sampleRows())
	h.Select(sampleRows()[1].Key)
	w := test.NewTempWindow(t, h.rowTable)
	w.Resize(fyne.NewSize(1240, 400))
	if got := len(h.shown(table.ColumnPort)); got != len(sampleRows()) {
		t.Errorf("%d rows on the screen, want %d", got, len(sampleRows()))
	}
}

// TestThemeChange: colours and heights follow the theme, and the row at the top stays there.
func TestThemeChange(t *testing.T) {
	h := newHarness(t, manyRows(500), 1240, 400)
	h.scrollTo(fyne.NewPos(0, rowTall*100))
	cell := func() *rowSlot { return h.body.slots[100%len(h.body.slots)] }
	light := cell().cells[1].Color
	dark := newThemeVariant(theme.VariantDark)
	test.ApplyTheme(t, dark)
	if got := cell().cells[1].Color; got == light || got != dark.Color(theme.ColorNameForeground, theme.VariantDark) {
		t.Errorf("text is %v in the dark, was %v", got, light)
	}
	test.ApplyTheme(t, &bigText{newTheme()})
	if h.rowHeight() != 34 { // 22 for a text of 13
		t.Errorf("a row is %v high with a text of 20, want 34", h.rowHeight())
	}
	if got := h.shown(table.ColumnPort)[0]; got != "101" {
		t.Errorf("the first port in view is %s, was 101", got)
	}
}

// bigText is for people who need it.
type bigText struct{ fyne.Theme }

func (b *bigText) Size(name fyne.ThemeSizeName) float32 {
	if name == theme.SizeNameText {
		return 20
	}
	return b.Theme.Size(name)
}

// TestInk: what matters least is muted, and a port that is listened on never is.
func TestInk(t *testing.T) {
	p := rowPalette{text: rgb(1), muted: rgb(2)}
	listener := sampleRow(1, netstat.TCP, netstat.Listen, "127.0.0.1:50000", "", "ide", 7)
	listener.Ephemeral = true
	hidden := sampleRow(2, netstat.TCP, netstat.Established, "127.0.0.1:22", "127.0.0.1:50001", "", 0)
	hidden.Socket.Absence = netstat.Concealed
	for name, c := range map[string]struct {
		row  table.Row
		want any
	}{
		"ephemeral listener": {listener, p.text},
		"server":             {sampleRows()[3], p.text},
		"client":             {sampleRows()[7], p.muted},
		"TIME_WAIT":          {sampleRow(3, netstat.TCP, netstat.TimeWait, "127.0.0.1:80", "127.0.0.1:50001", "", 0), p.muted},
		"owner hidden":       {hidden, p.text},
	} {
		if got := rowInk(&p, &c.row); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestSpoken(t *testing.T) {
	h := newTree(t, sampleGroups("node"), 1240, 400)
	if got := h.AccessibilityLabel(); got != "Ports, 13 rows" {
		t.Errorf("nothing selected: %q", got)
	}
	h.Select(table.Key{App: "node"})
	if got := h.AccessibilityLabel(); got != "node, 2 sockets, 1 listening, 1 established, 1 ephemeral, open" {
		t.Errorf("a group: %q", got)
	}
	h.Select(sampleRows()[0].Key)
	if got := h.AccessibilityLabel(); !strings.Contains(got, "127.0.0.1:3000") || !strings.Contains(got, "State LISTEN") {
		t.Errorf("a socket: %q", got)
	}
}
