package ui

import (
	"fyne.io/fyne/v2"

	"portolan/internal/table"
)

// This file is about titles that are dragged to another place, and the menu that shows and hides columns.

const gapWidth = 3 // of the line where a dragged title would be let go

// lift begins to drag the title at x. The first of a tree stays.
func (h *rowHeader) lift(x float32) {
	h.moving = h.t.columns.at(x, h.t.scroll.Offset.X)
	if h.moving == 0 && h.t.columns.tree {
		h.moving = -1
	}
	h.target = h.moving
}

// carry follows the pointer with the title.
func (h *rowHeader) carry(x float32) {
	l := h.t.columns
	x += h.t.scroll.Offset.X
	h.target = len(l.columns)
	for i := range l.columns {
		if l.width[i] > 0 && x < l.x[i]+l.width[i]/2 {
			h.target = i
			break
		}
	}
	if l.tree {
		h.target = max(1, h.target)
	}
	h.place()
}

// stays reports whether the title would be let go where it is.
func (h *rowHeader) stays() bool { return h.target == h.moving || h.target == h.moving+1 }

// drop lets the title go.
func (h *rowHeader) drop() {
	if h.moving < 0 || h.stays() {
		return
	}
	l := h.t.columns
	before := table.ColumnID("")
	if h.target < len(l.columns) {
		before = l.columns[h.target].ID
	}
	h.t.arrange(l.choice().moved(l.columns[h.moving].ID, before))
}

// placeGap marks where the title would be let go.
func (h *rowHeader) placeGap() {
	if h.stays() {
		return
	}
	l := h.t.columns
	x := l.total
	if h.target < len(l.columns) {
		x = l.x[h.target]
	}
	h.gap.Move(fyne.NewPos(x-h.t.scroll.Offset.X-gapWidth/2, 0))
	h.gap.Resize(fyne.NewSize(gapWidth, h.Size().Height))
	h.objects = append(h.objects, h.gap)
}

// TappedSecondary asks for the menu of the columns. On a touch screen it is a long press.
func (h *rowHeader) TappedSecondary(ev *fyne.PointEvent) {
	if h.t.onTitles != nil {
		h.t.onTitles(ev.AbsolutePosition)
	}
}

// titlesPosition is where the menu of the columns opens by keyboard: below the first titles.
func (t *rowTable) titlesPosition() fyne.Position {
	return fyne.CurrentApp().Driver().AbsolutePositionForObject(t.scroll).AddXY(menuX, 0)
}

// arrange shows the columns as chosen, and tells of it.
func (t *rowTable) arrange(c columnChoice) {
	t.columns.arrange(c)
	t.columns.measure(t.fitter)
	t.header.useColumns()
	t.body.slots = nil
	t.place(t.top())
	t.header.Refresh()
	t.tellColumns()
}

func (t *rowTable) tellColumns() {
	if t.onColumns != nil {
		t.onColumns()
	}
}
