package ui

import (
	"math"
	"runtime"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/language"
	"portolan/internal/table"
)

// rowTable shows table rows, flat or grouped, and keeps still while they
// change: the selection belongs to a key and never passes to a neighbour, what
// is looked at stays where it is on the screen, and nothing moves while a mouse
// button is down. Only the rows in view have objects on the canvas.
//
// fyne's widget.Table selects single cells by index and has no page keys, hence
// a widget of our own. Like every widget it is used on Fyne's goroutine only.
type rowTable struct {
	widget.BaseWidget

	// Each of these may be nil.
	onSort    func(table.ColumnID)                        // a column's title was clicked
	onSelect  func(row table.Row, ok bool)                // the selection changed, see Selected and SelectedRows; not ok: there is none now
	onMenu    func(row table.Row, absolute fyne.Position) // the context menu is asked for; the row is selected
	onKill    func(row table.Row)                         // Delete or Backspace on the selected row
	onToggle  func(row table.Row)                         // a group is to be opened or closed: set its rows anew
	onCopy    func(row table.Row)                         // the copy shortcut on the selected row
	onTitles  func(at fyne.Position)                      // the menu of the columns is asked for, at this place of the window
	onColumns func()                                      // the person has made other columns of them, see columnLayout.choice
	onKey     func(*fyne.KeyEvent)                        // a key that means nothing here, such as Escape
	onRune    func(rune)                                  // typed text, for a search field

	columns *columnLayout
	fitter  *textFitter
	icons   *icons
	header  *rowHeader
	scroll  *container.Scroll
	body    *rowBody

	rows          []table.Row
	waiting       *rowSet // set while held; nil: none
	left          map[*columnLayout]leftPlace
	bar           thumb   // as drawn
	above         float32 // free room above the first row, see place
	holds         int     // open menus and dialogs
	listed        bool    // see list
	pressed       bool    // a mouse button is down on the rows
	selected      table.Key
	selectedIndex int                    // -1: nothing is selected
	chosen        map[table.Key]struct{} // nil: nothing else is selected, see rowtable_select.go
	pivot         table.Key              // where a selection of several begins
	sort          table.ColumnID
	descending    bool
	reordered     bool // the person asked for another order: the next rows need not stay put
	focused       bool
	shift         bool
	controlClick  bool             // control and click stands for the right button, as on macOS
	now           func() time.Time // for telling double clicks
	shortcuts     func() fyne.Shortcutable
}

var (
	_ fyne.Focusable    = (*rowTable)(nil)
	_ fyne.Shortcutable = (*rowTable)(nil)
	_ desktop.Keyable   = (*rowTable)(nil)
	_ fyne.Accessible   = (*rowTable)(nil)
)

// rowSet is what a table is to show: rows in columns, and by which of these they are sorted. It sorts nothing.
type rowSet struct {
	columns    *columnLayout
	rows       []table.Row
	index      rowIndex // of the rows; nil: the table makes it when it needs it
	sort       table.ColumnID
	descending bool
	asked      bool // somebody has asked for other rows than before
}

// newRowTable gives an empty table of these columns. do runs a function on the UI thread, soon.
func newRowTable(columns *columnLayout, do func(func())) *rowTable {
	t := &rowTable{
		columns:       columns,
		fitter:        &textFitter{},
		left:          map[*columnLayout]leftPlace{},
		selectedIndex: -1,
		controlClick:  runtime.GOOS == "darwin",
		now:           time.Now,
	}
	t.shortcuts = t.windowShortcuts
	t.icons = newIcons(do, func() { t.body.draw(true) })
	t.body = newRowBody(t)
	t.header = newRowHeader(t)
	t.scroll = container.NewScroll(t.body)
	t.scroll.OnScrolled = func(fyne.Position) { t.scrolled() }
	t.ExtendBaseWidget(t)
	t.measure()
	return t
}

// set shows these rows from now on; the table keeps the slice. While the table
// is held they wait, and only the last ones set are shown in the end.
func (t *rowTable) set(s rowSet) {
	if t.waiting != nil {
		s.asked = s.asked || t.waiting.asked
	}
	t.waiting = &s
	t.showWaiting()
}

func (t *rowTable) show(s rowSet) {
	next := rowFinder{rows: s.rows, index: s.index}
	switched := s.columns != t.columns
	var top float32
	if switched {
		top = t.turn(s.columns, &next)
	} else {
		top = t.anchor(&next, s.asked)
		if height := t.rowHeight(); height > 0 { // the stripes move along with the rows
			t.body.stripe ^= int(math.Round(float64((top-t.top())/height))) & 1
		}
	}
	had := t.selectedIndex >= 0
	t.rows = s.rows
	t.columns.sortedBy(s.sort)
	several := len(t.chosen)
	t.keepSelection(&next)
	if switched || t.sort != s.sort || t.descending != s.descending {
		t.sort, t.descending = s.sort, s.descending
		t.header.Refresh()
	}
	t.place(top)
	if had && t.selectedIndex < 0 || switched || len(t.chosen) != several {
		if t.selectedIndex < 0 {
			t.selected = table.Key{}
		} else if switched {
			t.reveal(t.selectedIndex)
		}
		t.tellSelection()
	}
}

// hold keeps the rows as they are until release is called as often: for an open menu.
func (t *rowTable) hold() { t.holds++ }

// release ends a hold and shows the rows that waited for it.
func (t *rowTable) release() {
	t.holds = max(0, t.holds-1)
	t.showWaiting()
	t.settle()
}

// press and unpress hold the rows while a mouse button is down.
func (t *rowTable) press() { t.pressed = true }

func (t *rowTable) unpress() {
	t.pressed = false
	t.showWaiting()
	t.settle()
}

func (t *rowTable) held() bool { return t.pressed || t.holds > 0 }

// list keeps the rows as they are while a list is open over them, but for those that somebody asks for: what is typed is
// answered at once, and what just comes and goes waits.
func (t *rowTable) list(open bool) {
	t.listed = open
	t.showWaiting()
}

func (t *rowTable) showWaiting() {
	if t.waiting == nil || t.held() || t.listed && !t.waiting.asked {
		return
	}
	waiting := *t.waiting
	t.waiting = nil
	t.show(waiting)
}

// measure takes text size and fonts from the theme.
func (t *rowTable) measure() {
	t.fitter.use(t.Theme())
	t.columns.measure(t.fitter)
}

// rowHeight is 22 at the theme's text size of 13, and grows with it.
func (t *rowTable) rowHeight() float32 { return t.fitter.rowHeight }

// top is what is at the upper edge of the view, from the top of the first row. It is
// negative where room is kept free above that, see place.
func (t *rowTable) top() float32 { return t.scroll.Offset.Y - t.above }

// place lays columns and rows out for the present size, with the rows scrolled so that top is at
// the upper edge of the view, and draws all.
//
// While the pointer is over the rows, top may lie beyond their ends, which are then followed by
// free room: where many rows go at once, there are not enough left to keep the one under
// the pointer where it is. settle closes the gap when the pointer has left.
//
// It has nothing drawn that looks as before: a monitor that is open all day repaints what changed, and no more.
func (t *rowTable) place(top float32) {
	view := t.scroll.Size()
	moved := t.columns.fit(view.Width - scrollBarRoom)
	if !t.body.pointer {
		top = t.clampTop(top)
	}
	t.above = max(0, -top)
	height := t.above + t.contentHeight()
	if top > 0 {
		height = max(height, top+view.Height)
	}
	t.body.min = fyne.NewSize(t.columns.total, height)
	t.body.Resize(t.body.min.Max(view))
	offset := fyne.NewPos(max(0, min(t.scroll.Offset.X, t.columns.total-view.Width)), top+t.above)
	if bar := newThumb(height, view.Height, offset.Y); moved || offset != t.scroll.Offset || !bar.looksLike(t.bar) {
		t.bar = bar
		t.scroll.Offset = offset
		t.scroll.Refresh()
	} else {
		t.body.draw(true)
	}
	if moved {
		t.header.place()
	}
	t.header.follow()
}

// thumb is what moves in the scroll bar at the right.
type thumb struct{ at, length float32 }

func newThumb(content, view, offset float32) thumb {
	if content <= view || view <= 0 {
		return thumb{}
	}
	return thumb{at: offset * view / content, length: view * view / content}
}

// looksLike is for changes by less than half a pixel.
func (b thumb) looksLike(other thumb) bool {
	return (b == thumb{}) == (other == thumb{}) && abs(b.at-other.at) < 0.5 && abs(b.length-other.length) < 0.5
}

// clampTop keeps top within the rows.
func (t *rowTable) clampTop(top float32) float32 { return t.clampAt(top, len(t.rows)) }

// clampAt keeps top within that many rows.
func (t *rowTable) clampAt(top float32, rows int) float32 {
	return max(0, min(top, float32(rows)*t.rowHeight()+t.barBelow()-t.scroll.Size().Height))
}

// settle closes what was kept free beyond the ends, once nothing can be clicked by mistake.
func (t *rowTable) settle() {
	if top := t.top(); !t.body.pointer && !t.held() && top != t.clampTop(top) {
		t.place(top)
	}
}

// contentHeight is that of all rows together, and of the lower scroll bar where there is one.
func (t *rowTable) contentHeight() float32 { return float32(len(t.rows))*t.rowHeight() + t.barBelow() }

// barBelow is the room for the lower scroll bar, 0 while all columns are in view.
func (t *rowTable) barBelow() float32 {
	if t.columns.total > t.scroll.Size().Width {
		return scrollBarRoom
	}
	return 0
}

// scrolled follows the wheel and the scroll bars.
func (t *rowTable) scrolled() {
	t.bar = newThumb(t.body.min.Height, t.scroll.Size().Height, t.scroll.Offset.Y)
	t.body.draw(false)
	t.header.follow()
}

// scrollTo moves the rows in view without a word from the wheel.
func (t *rowTable) scrollTo(offset fyne.Position) {
	t.scroll.ScrollToOffset(offset)
	t.scrolled()
}

// reveal scrolls as little as is needed to have row i in view.
func (t *rowTable) reveal(i int) {
	top := float32(i)*t.rowHeight() + t.above
	view := t.scroll.Size().Height - t.barBelow()
	offset := t.scroll.Offset
	switch {
	case view <= 0:
		return
	case top < offset.Y:
		offset.Y = top
	case top+t.rowHeight() > offset.Y+view:
		offset.Y = top + t.rowHeight() - view
	default:
		return
	}
	t.scrollTo(offset)
}

// takeFocus gives the table the keyboard.
func (t *rowTable) takeFocus() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(t); c != nil {
		c.Focus(t)
	}
}

// enter is for the person who comes from the search by keyboard: with nothing selected,
// the first row is.
func (t *rowTable) enter() {
	t.takeFocus()
	if _, ok := t.Selected(); !ok {
		t.moveSelection(0)
	}
}

// AccessibilityLabel says what a screen reader is to read: the selected row.
func (t *rowTable) AccessibilityLabel() string {
	row, ok := t.Selected()
	if !ok {
		return language.N("Ports, %d row", "Ports, %d rows", len(t.rows))
	}
	return t.spoken(&row)
}

// AccessibilityRole says that the table is a container: Fyne knows no role for a table.
func (t *rowTable) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }

// spoken gives a row as one sentence.
func (t *rowTable) spoken(row *table.Row) string {
	if row.Group != nil {
		return spokenBranch(row)
	}
	text := spokenMark(row.Mark)
	for _, c := range slices.Concat(t.columns.columns, t.columns.own) {
		if cell := readText(row, &c); cell != "" {
			if text != "" {
				text += ", "
			}
			text += c.Title + " " + cell
		}
	}
	return text
}

// CreateRenderer is for Fyne.
func (t *rowTable) CreateRenderer() fyne.WidgetRenderer {
	t.measure()
	return &rowTableRenderer{t: t, objects: []fyne.CanvasObject{t.scroll, t.header}}
}

// rowTableRenderer puts the header above the rows.
type rowTableRenderer struct {
	t       *rowTable
	objects []fyne.CanvasObject
}

// Layout gives the header its height and the rows the rest.
func (r *rowTableRenderer) Layout(size fyne.Size) {
	head := r.t.header.MinSize().Height
	r.t.header.Move(fyne.NewPos(0, 0))
	r.t.header.Resize(fyne.NewSize(size.Width, head))
	r.t.scroll.Move(fyne.NewPos(0, head))
	r.t.scroll.Resize(fyne.NewSize(size.Width, max(0, size.Height-head)))
	r.t.place(r.t.clampTop(r.t.top()))
}

// MinSize leaves room for the header and three rows.
func (r *rowTableRenderer) MinSize() fyne.Size {
	return fyne.NewSize(240, r.t.header.MinSize().Height+3*r.t.rowHeight())
}

// Refresh takes over colours and sizes of the theme, which may have changed.
func (r *rowTableRenderer) Refresh() {
	t := r.t
	top := t.clampTop(t.top()) / t.rowHeight()
	t.measure()
	t.header.Refresh()
	r.Layout(t.Size())
	t.place(top * t.rowHeight())
}

func (r *rowTableRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *rowTableRenderer) Destroy()                     {}
