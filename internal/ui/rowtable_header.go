package ui

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/table"
)

const (
	headerMore = 3 // how much higher the header is than a row
	edgeReach  = 5 // how near to a column's edge the pointer takes hold of it
	arrowRoom  = 14
)

// rowHeader is the table's first line: titles to sort by, with edges to drag. It
// stays above the rows and follows them when they are scrolled sideways.
type rowHeader struct {
	widget.BaseWidget
	t      *rowTable
	back   *canvas.Rectangle
	line   *canvas.Rectangle
	glow   *canvas.Rectangle // behind the title under the pointer
	titles []*canvas.Text
	edges  []*canvas.Rectangle
	arrow  [2]*canvas.Line
	cover  *canvas.Rectangle // below the titles that are held in view

	objects  []fyne.CanvasObject
	offset   float32           // of the rows, when it was placed last
	pointer  float32           // where the pointer is, -1 when it is elsewhere
	pressed  float32           // where the button went down
	dragging int               // the column whose edge is dragged, -1 for none
	asks     bool              // the press is one for the menu of the columns
	isDrag   bool              // the press has become a drag, of whatever
	grip     float32           // from the pointer to the dragged edge
	moving   int               // the column whose title is dragged, -1 for none
	target   int               // before which it would be let go
	gap      *canvas.Rectangle // where that is
	edge     int               // the edge clicked last, and when
	edgeAt   time.Time
}

var (
	_ fyne.Tappable          = (*rowHeader)(nil)
	_ fyne.SecondaryTappable = (*rowHeader)(nil)
	_ fyne.Draggable         = (*rowHeader)(nil)
	_ desktop.Hoverable      = (*rowHeader)(nil)
	_ desktop.Mouseable      = (*rowHeader)(nil)
	_ desktop.Cursorable     = (*rowHeader)(nil)
)

func newRowHeader(t *rowTable) *rowHeader {
	h := &rowHeader{t: t, back: canvas.NewRectangle(nil), line: canvas.NewRectangle(nil), glow: canvas.NewRectangle(nil),
		gap: canvas.NewRectangle(nil), cover: canvas.NewRectangle(nil), arrow: newChevron(), pointer: -1, pressed: -1, dragging: -1, moving: -1, edge: -1}
	h.useColumns()
	h.ExtendBaseWidget(h)
	return h
}

// useColumns makes titles and edges for the table's columns.
func (h *rowHeader) useColumns() {
	h.titles, h.edges = nil, nil
	for _, c := range h.t.columns.columns {
		h.titles = append(h.titles, &canvas.Text{Text: c.Title})
		h.edges = append(h.edges, canvas.NewRectangle(nil))
	}
	h.isDrag, h.dragging, h.moving, h.edge = false, -1, -1, -1
}

// follow keeps the titles above their columns when the rows are scrolled sideways.
func (h *rowHeader) follow() {
	if h.offset != h.t.scroll.Offset.X {
		h.place()
	}
}

// place puts titles, edges and the arrow where the columns are.
func (h *rowHeader) place() {
	h.offset = h.t.scroll.Offset.X
	size := h.Size()
	h.back.Resize(size)
	h.line.Move(fyne.NewPos(0, size.Height-1))
	h.line.Resize(fyne.NewSize(size.Width, 1))
	h.objects = append(h.objects[:0], h.back)
	h.placeTitles(false)
	if end := h.t.columns.stuckEnd(h.offset); end > 0 {
		h.cover.Resize(fyne.NewSize(end, size.Height))
		h.objects = append(h.objects, h.cover)
		h.placeTitles(true)
	}
	if h.moving >= 0 {
		h.placeGap()
	}
	h.objects = append(h.objects, h.line)
	canvas.Refresh(h.line)
}

// placeTitles adds those that are held in view, or the others, with what belongs to them.
func (h *rowHeader) placeTitles(stuck bool) {
	l := h.t.columns
	h.placeGlow(stuck)
	for i := range h.titles {
		if _, is := l.stuck(i, h.offset); is != stuck || l.width[i] == 0 {
			continue
		}
		h.placeTitle(i)
		h.objects = append(h.objects, h.titles[i])
		if i < len(h.titles)-1 {
			h.objects = append(h.objects, h.edges[i])
		}
		if l.columns[i].ID == h.t.sort {
			h.placeArrow(i)
			h.objects = append(h.objects, h.arrow[0], h.arrow[1])
		}
	}
}

func (h *rowHeader) placeTitle(i int) {
	c, text := &h.t.columns.columns[i], h.titles[i]
	x, width := h.x(i), h.t.columns.width[i]
	room := width - 2*cellPad
	sorted := c.ID == h.t.sort
	switch {
	case sorted && c.AlignRight:
		room -= h.t.fitter.scaled(arrowRoom) - cellPad
	case sorted:
		room -= h.t.fitter.scaled(arrowRoom)
	}
	text.Text = h.t.fitter.fit(c.Title, room, sorted)
	text.TextStyle.Bold = sorted
	text.Alignment = fyne.TextAlignLeading
	text.Move(fyne.NewPos(x+cellPad, 0))
	if c.AlignRight {
		text.Alignment = fyne.TextAlignTrailing
		text.Move(fyne.NewPos(x+width-cellPad-room, 0))
	}
	text.Resize(fyne.NewSize(max(0, room), h.Size().Height))
	h.edges[i].Move(fyne.NewPos(x+width-1, 6))
	h.edges[i].Resize(fyne.NewSize(1, max(0, h.Size().Height-12)))
}

// placeArrow puts the arrow beside the title: right of it, or left where the title is at the right.
func (h *rowHeader) placeArrow(i int) {
	half := h.t.fitter.scaled(arrowRoom)/2 + 1
	at := h.x(i) + cellPad + h.titles[i].MinSize().Width + half
	if h.t.columns.columns[i].AlignRight {
		at = h.x(i) + h.t.columns.width[i] - cellPad - h.titles[i].MinSize().Width - half
	}
	points := chevronUp
	if h.t.descending {
		points = chevronDown
	}
	setChevron(h.arrow, fyne.NewPos(floor(at), floor(h.Size().Height/2)), points, h.t.columns.scale, h.arrow[0].StrokeColor)
}

// placeGlow tints the title that a click would sort by.
func (h *rowHeader) placeGlow(stuck bool) {
	i := h.t.columns.at(h.pointer, h.offset)
	if h.moving >= 0 {
		i = h.moving
	} else if h.pointer < 0 || i < 0 || h.dragging >= 0 || h.edgeUnder(h.pointer) >= 0 {
		return
	}
	if _, is := h.t.columns.stuck(i, h.offset); is != stuck {
		return
	}
	h.glow.Move(fyne.NewPos(h.x(i), 0))
	h.glow.Resize(fyne.NewSize(h.t.columns.width[i], h.Size().Height))
	h.objects = append(h.objects, h.glow)
}

// x is where column i begins in the header.
func (h *rowHeader) x(i int) float32 { return h.t.columns.inView(i, h.t.scroll.Offset.X) }

// edgeUnder gives the column whose edge is at x of the header, -1 for none.
func (h *rowHeader) edgeUnder(x float32) int {
	return h.t.columns.edgeAt(x, edgeReach, h.t.scroll.Offset.X)
}

// Tapped sorts by the column. Two taps on an edge make the column as wide as what is in view needs.
func (h *rowHeader) Tapped(ev *fyne.PointEvent) {
	if h.asks {
		h.asks = false
		h.TappedSecondary(ev)
		return
	}
	if edge := h.edgeUnder(ev.Position.X); edge >= 0 {
		h.tapEdge(edge)
		return
	}
	i := h.t.columns.at(ev.Position.X, h.t.scroll.Offset.X)
	if i < 0 || h.t.onSort == nil {
		return
	}
	h.t.reordered = true
	h.t.onSort(h.t.columns.columns[i].ID)
}

func (h *rowHeader) tapEdge(edge int) {
	now := h.t.now()
	if edge == h.edge && now.Sub(h.edgeAt) <= fyne.CurrentApp().Driver().DoubleTapDelay() {
		h.edge = -1
		h.resize(edge, h.t.widest(edge))
		h.t.tellColumns()
		return
	}
	h.edge, h.edgeAt = edge, now
}

// widest gives the width that column i needs for its title and the rows in view.
func (t *rowTable) widest(i int) float32 {
	c := &t.columns.columns[i]
	widest := t.fitter.width(c.Title, true) + t.fitter.scaled(arrowRoom)
	for _, s := range t.body.slots {
		if s.index < 0 || s.index >= len(t.rows) {
			continue
		}
		row := &t.rows[s.index]
		width := t.fitter.width(c.Text(row), false)
		if i == 0 && t.columns.tree {
			width += t.treeX(row) - cellPad
		}
		if s.dot.shape != noDot && t.columns.columns[i].ID == table.ColumnState {
			width += t.fitter.scaled(dotRoom)
		}
		widest = max(widest, width)
	}
	return floor(widest) + 2*cellPad + 2
}

// Dragged moves the edge that was under the pointer when the button went down.
func (h *rowHeader) Dragged(ev *fyne.DragEvent) {
	x := ev.Position.X
	if !h.isDrag {
		h.isDrag = true
		start := h.pressed
		if start < 0 { // no press was reported
			start = x
			x += ev.Dragged.DX
		}
		if h.dragging = h.edgeUnder(start); h.dragging >= 0 {
			h.grip = h.x(h.dragging) + h.t.columns.width[h.dragging] - start
		} else {
			h.lift(start)
		}
	}
	if h.moving >= 0 {
		h.carry(x)
	}
	if h.dragging >= 0 {
		h.resize(h.dragging, x+h.grip-h.x(h.dragging))
	}
}

// DragEnd lets the edge or the title go.
func (h *rowHeader) DragEnd() {
	resized := h.dragging >= 0
	h.drop()
	h.isDrag, h.dragging, h.moving, h.pressed = false, -1, -1, -1
	h.place()
	if resized {
		h.t.tellColumns()
	}
}

func (h *rowHeader) resize(i int, width float32) {
	h.t.columns.drag(i, floor(width))
	h.t.place(h.t.clampTop(h.t.top()))
}

// MouseDown notes where a drag would begin, and whether the click is one of the right button, as on macOS one with Control is.
func (h *rowHeader) MouseDown(ev *desktop.MouseEvent) {
	h.pressed = ev.Position.X
	h.asks = h.t.controlClick && ev.Button == desktop.MouseButtonPrimary && ev.Modifier&fyne.KeyModifierControl != 0
}

// MouseUp forgets it.
func (h *rowHeader) MouseUp(*desktop.MouseEvent) { h.pressed = -1 }

// Cursor shows where an edge can be dragged.
func (h *rowHeader) Cursor() desktop.Cursor {
	if h.dragging >= 0 || h.pointer >= 0 && h.edgeUnder(h.pointer) >= 0 {
		return desktop.HResizeCursor
	}
	return desktop.DefaultCursor
}

// MouseIn begins the tint of the title under the pointer.
func (h *rowHeader) MouseIn(ev *desktop.MouseEvent) { h.MouseMoved(ev) }

// MouseMoved moves it.
func (h *rowHeader) MouseMoved(ev *desktop.MouseEvent) {
	h.pointer = ev.Position.X
	h.place()
}

// MouseOut ends it.
func (h *rowHeader) MouseOut() {
	h.pointer = -1
	h.place()
}

// CreateRenderer is for Fyne.
func (h *rowHeader) CreateRenderer() fyne.WidgetRenderer {
	h.ink()
	return rowHeaderRenderer{h}
}

// ink takes the colours from the theme.
func (h *rowHeader) ink() {
	th, v := h.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	of := func(name fyne.ThemeColorName) color.Color { return th.Color(name, v) }
	h.back.FillColor = of(theme.ColorNameHeaderBackground)
	h.cover.FillColor = h.back.FillColor
	h.line.FillColor = of(theme.ColorNameSeparator)
	if h.t.focused {
		h.line.FillColor = of(theme.ColorNamePrimary)
	}
	h.glow.FillColor = of(theme.ColorNameHover)
	h.gap.FillColor = of(theme.ColorNamePrimary)
	for i, c := range h.t.columns.columns {
		h.titles[i].Color = of(theme.ColorNamePlaceHolder)
		if c.ID == h.t.sort {
			h.titles[i].Color = of(theme.ColorNameForeground)
		}
		h.titles[i].TextSize = h.t.fitter.size
		h.edges[i].FillColor = of(theme.ColorNameSeparator)
	}
	for _, line := range h.arrow {
		line.StrokeColor = of(theme.ColorNamePrimary)
	}
}

// rowHeaderRenderer hands out what place has made.
type rowHeaderRenderer struct{ h *rowHeader }

// IsClip tells Fyne that titles scrolled out sideways are not to be seen beside the table.
func (r rowHeaderRenderer) IsClip()          {}
func (r rowHeaderRenderer) Layout(fyne.Size) { r.h.place() }

func (r rowHeaderRenderer) MinSize() fyne.Size {
	return fyne.NewSize(0, r.h.t.rowHeight()+headerMore)
}

func (r rowHeaderRenderer) Refresh() {
	r.h.ink()
	r.h.place()
}

func (r rowHeaderRenderer) Objects() []fyne.CanvasObject { return r.h.objects }
func (r rowHeaderRenderer) Destroy()                     {}
