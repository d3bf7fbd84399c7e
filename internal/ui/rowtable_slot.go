package ui

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/netstat"
	"portolan/internal/table"
)

// Where things stand in a row, in pixels at a text size of 13.
const (
	groupNameX  = 26 // a group's name, right of its triangle
	groupMiddle = 14 // the middle of the triangle
	indent      = 18 // of a socket in a group
	dotSize     = 7  // the state's dot
	dotRoom     = 13 // from the dot's left edge to the state's text
	edgeWidth   = 3  // the bar at the left of the selected row
)

// rowPalette holds the colours of the rows, all from the standard names of
// Fyne's themes, so that the table suits any theme.
type rowPalette struct {
	text, muted                     color.Color
	stripe, hover, selected, idle   color.Color // backgrounds; idle: selected, without the keyboard
	edge, edgeIdle                  color.Color
	listening, established, closing color.Color // the state's dot
	listeningText                   color.Color
	resting                         color.Color // the dot of a socket in no use
}

func newRowPalette(th fyne.Theme) rowPalette {
	v := fyne.CurrentApp().Settings().ThemeVariant()
	of := func(name fyne.ThemeColorName) color.Color { return th.Color(name, v) }
	text, muted := of(theme.ColorNameForeground), of(theme.ColorNamePlaceHolder)
	return rowPalette{
		text: text, muted: muted,
		stripe: faded(text, 0.028), hover: of(theme.ColorNameHover),
		selected: of(theme.ColorNameSelection), idle: faded(text, 0.11),
		edge: of(theme.ColorNamePrimary), edgeIdle: muted,
		listening: of(theme.ColorNameSuccess), listeningText: of(theme.ColorNameSuccess),
		established: of(theme.ColorNamePrimary),
		closing:     of(theme.ColorNameWarning),
		resting:     faded(muted, 0.55),
	}
}

// faded gives a colour with less opacity.
func faded(c color.Color, opacity float64) color.Color {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	n.A = uint8(float64(n.A)*opacity + 0.5)
	return n
}

// rowSlot is what draws one row, whichever it is at the moment.
type rowSlot struct {
	index   int // the row it shows, -1 at first
	group   bool
	back    *canvas.Rectangle
	edge    *canvas.Rectangle
	cells   []*canvas.Text
	dot     *canvas.Circle
	chevron [2]*canvas.Line
	name    *canvas.Text
	counts  *canvas.Text
	chosen  bool
}

func newRowSlots(n, columns int) []*rowSlot {
	slots := make([]*rowSlot, n)
	for i := range slots {
		s := &rowSlot{index: -1, back: canvas.NewRectangle(nil), edge: canvas.NewRectangle(nil),
			dot: canvas.NewCircle(nil), name: &canvas.Text{TextStyle: fyne.TextStyle{Bold: true}}, counts: &canvas.Text{}}
		s.chevron = newChevron()
		for range columns {
			s.cells = append(s.cells, &canvas.Text{})
		}
		slots[i] = s
	}
	return slots
}

// fill makes the slot show a row whose top is at y.
func (s *rowSlot) fill(t *rowTable, row *table.Row, y float32) {
	s.back.Move(fyne.NewPos(0, y))
	s.edge.Move(fyne.NewPos(0, y))
	s.edge.Resize(fyne.NewSize(edgeWidth, t.rowHeight()))
	s.dot.FillColor = nil
	if s.group = row.Group != nil; s.group {
		s.fillGroup(t, row.Group, y)
		return
	}
	for i := range s.cells {
		s.fillCell(t, row, i, y)
	}
}

// fillCell sets one cell's text, cut to its column.
func (s *rowSlot) fillCell(t *rowTable, row *table.Row, i int, y float32) {
	column, cell := &t.columns.columns[i], s.cells[i]
	x, width := t.columns.x[i]+cellPad, t.columns.width[i]-2*cellPad
	if i == 0 {
		x += float32(row.Depth) * indent
		width -= float32(row.Depth) * indent
	}
	p := &t.body.palette
	ink := rowInk(p, row)
	if column.ID == table.ColumnProcess && row.Owner == nil {
		ink = p.muted // a reason, not a name, and longer: it may use the empty cells beside it
		for next := i + 1; next < len(s.cells) && t.columns.columns[next].Text(row) == ""; next++ {
			width += t.columns.width[next]
		}
	}
	if column.ID == table.ColumnState && row.Socket.State != 0 {
		s.fillDot(p, row.Socket.State, x, y+(t.rowHeight()-dotSize)/2+1)
		x, width = x+dotRoom, width-dotRoom
		if row.Socket.State == netstat.Listen {
			ink = p.listeningText
		}
	}
	cell.Alignment = fyne.TextAlignLeading
	if column.AlignRight {
		cell.Alignment = fyne.TextAlignTrailing
	}
	cell.Text, cell.Color, cell.TextSize = t.fitter.fit(column.Text(row), width, false), ink, t.fitter.size
	cell.Move(fyne.NewPos(x, y))
	cell.Resize(fyne.NewSize(max(0, width), t.rowHeight()))
}

// rowInk is muted for what matters least: ports that the kernel handed out, and
// connections that only the kernel still knows. A port that is listened on always matters.
func rowInk(p *rowPalette, row *table.Row) color.Color {
	passing := row.Ephemeral || row.Owner == nil && row.Socket.Absence == netstat.Kernel
	if passing && row.Socket.State != netstat.Listen {
		return p.muted
	}
	return p.text
}

// fillDot sets the dot before the state: what waits, what talks, what is on its way out.
func (s *rowSlot) fillDot(p *rowPalette, state netstat.State, x, y float32) {
	switch state {
	case netstat.Listen:
		s.dot.FillColor = p.listening
	case netstat.Established, netstat.SynSent, netstat.SynReceived:
		s.dot.FillColor = p.established
	case netstat.TimeWait, netstat.Closed:
		s.dot.FillColor = p.resting
	default:
		s.dot.FillColor = p.closing
	}
	s.dot.Move(fyne.NewPos(x, y))
	s.dot.Resize(fyne.NewSquareSize(dotSize))
}

// fillGroup sets the triangle, the name and the counts. The counts of all groups
// stand under one another, unless a name needs the room; a name that leaves them none is cut.
func (s *rowSlot) fillGroup(t *rowTable, g *table.Group, y float32) {
	p, height := &t.body.palette, t.rowHeight()
	setChevron(s.chevron, fyne.NewPos(groupMiddle, y+height/2), chevronOf(g.Open), p.muted)
	end := t.columns.total - cellPad
	counts := groupCounts(g)
	room := max(narrowest, end-groupNameX-2*cellPad-t.fitter.width(counts, false)-1)
	s.name.Text, s.name.Color, s.name.TextSize = t.fitter.fit(g.Name, room, true), p.text, t.fitter.size
	nameEnd := groupNameX + t.fitter.width(s.name.Text, true)
	s.name.Move(fyne.NewPos(groupNameX, y))
	s.name.Resize(fyne.NewSize(nameEnd-groupNameX, height))

	x := max(t.countsX(), nameEnd+2*cellPad)
	s.counts.Text, s.counts.Color, s.counts.TextSize = t.fitter.fit(counts, end-x, false), p.muted, t.fitter.size
	s.counts.Move(fyne.NewPos(x, y))
	s.counts.Resize(fyne.NewSize(max(0, end-x), height))
}

// countsX is where the counts of groups begin: below the third column's start, or thereabouts.
func (t *rowTable) countsX() float32 {
	if len(t.columns.x) < 4 {
		return 0
	}
	return t.columns.x[3] + cellPad
}

// groupCounts gives "3 listening · 12 established · 4 ephemeral · 2 closing", without what is zero.
func groupCounts(g *table.Group) string {
	if parts := g.Parts(); len(parts) > 0 {
		return strings.Join(parts, " · ")
	}
	return table.Plural(g.Sockets, "socket")
}

// paint sets the background. Text keeps its colour: all of them are readable on every background.
func (s *rowSlot) paint(p rowPalette, stripe, hover, selected, focused bool, width float32) {
	var fill color.Color
	switch s.chosen = selected; {
	case selected && focused:
		fill, s.edge.FillColor = p.selected, p.edge
	case selected:
		fill, s.edge.FillColor = p.idle, p.edgeIdle
	case hover:
		fill = p.hover
	case stripe:
		fill = p.stripe
	}
	s.back.FillColor = fill
	s.back.Resize(fyne.NewSize(width, s.edge.Size().Height))
}

// appendObjects adds what is to be drawn, from the back to the front.
func (s *rowSlot) appendObjects(objects []fyne.CanvasObject) []fyne.CanvasObject {
	if s.back.FillColor != nil {
		objects = append(objects, s.back)
	}
	if s.chosen {
		objects = append(objects, s.edge)
	}
	if s.group {
		return append(objects, s.chevron[0], s.chevron[1], s.name, s.counts)
	}
	if s.dot.FillColor != nil {
		objects = append(objects, s.dot)
	}
	for _, cell := range s.cells {
		if cell.Text != "" {
			objects = append(objects, cell)
		}
	}
	return objects
}
