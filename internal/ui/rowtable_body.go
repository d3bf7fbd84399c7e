package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/table"
)

// rowBody is the part of the table that scrolls. It is as high as all rows
// together, but has objects only for those in view: scrolling moves a slot that
// went out at one end to the other and fills it anew.
type rowBody struct {
	widget.BaseWidget
	t       *rowTable
	min     fyne.Size
	slots   []*rowSlot
	objects []fyne.CanvasObject
	marker  *canvas.Rectangle // refreshed in place of all objects, see draw
	palette rowPalette
	stripe  int // 0 or 1: whether even or odd rows are striped
	// generation counts the sets of rows: a slot of an earlier one shows a row that is no more.
	generation int
	sideways   float32 // how far it was scrolled when it was drawn

	pointer  bool    // the mouse is over the rows
	pointerY float32 // where, from the top of the view
	last     click   // the one that is down, or was before this one
	before   click
}

// click is one press of a mouse button on a row.
type click struct {
	live      bool // pressed, and not yet acted upon
	row       table.Row
	ok        bool // there was a row
	away      bool // let go over another row
	secondary bool
	triangle  bool // on a group's disclosure triangle
	at        time.Time
}

var (
	_ desktop.Mouseable      = (*rowBody)(nil)
	_ desktop.Hoverable      = (*rowBody)(nil)
	_ fyne.Tappable          = (*rowBody)(nil)
	_ fyne.SecondaryTappable = (*rowBody)(nil)
	_ fyne.Draggable         = (*rowBody)(nil)
)

func newRowBody(t *rowTable) *rowBody {
	b := &rowBody{t: t, marker: canvas.NewRectangle(nil)}
	b.ExtendBaseWidget(b)
	return b
}

// draw brings the slots up to date with what is in view: all of them, or only
// those that show another row than before. It has Fyne draw a frame when that changed anything to be seen.
func (b *rowBody) draw(all bool) {
	t := b.t
	first, end := b.inView()
	if need := int(t.scroll.Size().Height/t.rowHeight()) + 2; len(b.slots) < need {
		b.slots, all = newRowSlots(need, t.columns), true
	}
	if all {
		b.palette = newRowPalette(t.Theme())
		b.generation++
	}
	if b.sideways != t.scroll.Offset.X { // what is held in view has moved in all rows
		b.sideways = t.scroll.Offset.X
		b.generation++
	}
	had, changed := len(b.objects), false
	b.objects = append(b.objects[:0], b.marker)
	hovered := b.hovered()
	for i := first; i < end; i++ {
		s := b.slots[i%len(b.slots)]
		if s.index != i || s.generation != b.generation {
			s.index, s.generation = i, b.generation
			s.fill(t, i, float32(i)*t.rowHeight()+t.above)
		}
		s.paint(b.palette, i&1 != b.stripe, i == hovered, t.isSelected(i), i == t.selectedIndex, t.focused, b.Size().Width)
		b.objects = s.appendObjects(b.objects)
		changed, s.changed = changed || s.changed, false
	}
	if changed || len(b.objects) != had {
		// One object is enough to have Fyne draw the next frame. Refreshing the
		// body would make it look through every object for textures to free.
		canvas.Refresh(b.marker)
	}
}

// inView gives the rows that are in view, from the first to before the end.
func (b *rowBody) inView() (first, end int) {
	view, height := b.t.scroll.Size().Height, b.t.rowHeight()
	if view <= 0 {
		return 0, 0
	}
	return max(0, int(b.t.top()/height)), min(len(b.t.rows), max(0, int((b.t.top()+view)/height)+1))
}

// hovered gives the row under the pointer, -1 for none.
func (b *rowBody) hovered() int {
	if !b.pointer {
		return -1
	}
	return b.rowAt(b.pointerY + b.t.scroll.Offset.Y)
}

// rowAt gives the row at y, from the top of the body, -1 for none.
func (b *rowBody) rowAt(y float32) int {
	i := int(floor((y - b.t.above) / b.t.rowHeight()))
	if i < 0 || i >= len(b.t.rows) {
		return -1
	}
	return i
}

// MouseDown selects at once, as native tables do, and holds the rows until the button is let go.
func (b *rowBody) MouseDown(ev *desktop.MouseEvent) {
	secondary := ev.Button == desktop.MouseButtonSecondary ||
		b.t.controlClick && ev.Modifier&fyne.KeyModifierControl != 0
	b.click(ev.Position, ev.Modifier, secondary)
	b.t.press()
}

// click notes a press and selects the row. A click below the last row selects
// nothing, one on a triangle leaves the selection alone.
func (b *rowBody) click(pos fyne.Position, held fyne.KeyModifier, secondary bool) {
	t := b.t
	t.takeFocus()
	b.before = b.last
	b.last = click{live: true, secondary: secondary, at: t.now()}
	i := b.rowAt(pos.Y)
	if i < 0 {
		t.clearSelection()
		return
	}
	b.last.row, b.last.ok = t.rows[i], true
	b.last.triangle = !secondary && t.onTriangle(&t.rows[i], pos.X)
	switch {
	case secondary:
		t.pickForMenu(i)
	case !b.last.triangle:
		t.pick(i, held)
	}
}

// MouseUp lets waiting rows in. What the click means is known when Fyne calls it a tap.
func (b *rowBody) MouseUp(ev *desktop.MouseEvent) {
	if i := b.rowAt(ev.Position.Y); b.last.ok {
		b.last.away = b.t.keyAt(i) != b.last.row.Key
	}
	b.t.unpress()
}

// Tapped ends a click with the left button: on a triangle, or the second of two
// on a group, it opens or closes the group.
func (b *rowBody) Tapped(ev *fyne.PointEvent) {
	c := b.take(ev.Position, false)
	if c.secondary {
		b.menu(c, ev.AbsolutePosition)
		return
	}
	if !c.ok || c.away || c.row.Group == nil {
		return
	}
	delay := fyne.CurrentApp().Driver().DoubleTapDelay()
	second := b.before.ok && !b.before.triangle && !b.before.secondary &&
		b.before.row.Key == c.row.Key && c.at.Sub(b.before.at) <= delay
	if c.triangle || second {
		b.last = click{} // a third click is a first one again
		b.t.toggle(c.row.Key)
	}
}

// TappedSecondary asks for the context menu of the row that was pressed.
func (b *rowBody) TappedSecondary(ev *fyne.PointEvent) {
	b.menu(b.take(ev.Position, true), ev.AbsolutePosition)
}

// take gives the click that a tap belongs to. Where Fyne reports no press before it, the tap is both.
func (b *rowBody) take(pos fyne.Position, secondary bool) click {
	if !b.last.live {
		b.click(pos, 0, secondary)
	}
	b.last.live = false
	return b.last
}

// menu asks for a context menu, unless the row went while the button was down.
func (b *rowBody) menu(c click, absolute fyne.Position) {
	if c.ok && b.t.onMenu != nil && indexOfKey(b.t.rows, c.row.Key) >= 0 {
		b.t.onMenu(c.row, absolute)
	}
}

// Dragged does nothing by itself. A widget that can be dragged is told when the
// button is let go outside of it, and that ends the hold.
func (b *rowBody) Dragged(*fyne.DragEvent) {}

// DragEnd ends a press that wandered: it is no click.
func (b *rowBody) DragEnd() {
	b.last.live = false
	b.t.unpress()
}

// MouseIn begins the hover tint.
func (b *rowBody) MouseIn(ev *desktop.MouseEvent) { b.MouseMoved(ev) }

// MouseMoved moves the hover tint. A move with no button down ends a hold whose release went elsewhere.
func (b *rowBody) MouseMoved(ev *desktop.MouseEvent) {
	was := b.hovered()
	b.pointer, b.pointerY = true, ev.Position.Y-b.t.scroll.Offset.Y
	if ev.Button == 0 && b.t.pressed {
		b.t.unpress()
	}
	if b.hovered() != was {
		b.draw(false)
	}
}

// MouseOut ends the hover tint, and a hold: rows may move when no pointer is over them.
func (b *rowBody) MouseOut() {
	b.pointer = false
	b.t.unpress()
	b.t.settle()
	b.draw(false)
}

// CreateRenderer is for Fyne.
func (b *rowBody) CreateRenderer() fyne.WidgetRenderer { return rowBodyRenderer{b} }

// rowBodyRenderer hands out what draw has made.
type rowBodyRenderer struct{ b *rowBody }

func (r rowBodyRenderer) Layout(fyne.Size)             {}
func (r rowBodyRenderer) MinSize() fyne.Size           { return r.b.min }
func (r rowBodyRenderer) Refresh()                     { r.b.draw(true) }
func (r rowBodyRenderer) Objects() []fyne.CanvasObject { return r.b.objects }
func (r rowBodyRenderer) Destroy()                     {}
