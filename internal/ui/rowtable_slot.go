package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/table"
)

// Where things stand in a row, in pixels at a text size of 13.
const (
	dotSize   = 8  // the state's dot
	dotRoom   = 13 // from the dot's left edge to the state's text
	edgeWidth = 3  // the bar at the left of the selected row
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
	opened, changed, closed         color.Color // backgrounds of marked rows
	error                           color.Color
	gone                            color.Color // of what matters less in a marked row, such as all of what has closed
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
		resting:     muted,
		opened:      faded(of(theme.ColorNameSuccess), 0.14), changed: of(colorNameChanged),
		closed: faded(of(theme.ColorNameError), 0.11), error: of(theme.ColorNameError), gone: faded(text, 0.7),
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
	index      int // the row it shows, -1 at first
	generation int // of the rows, see rowBody
	back       *canvas.Rectangle
	edge       *canvas.Rectangle
	cells      []*canvas.Text
	dot        stateDot
	branch     *branchMarks // nil in a flat table
	rowMarks
	plot    *sparkline // nil but in the lens
	at      bool       // the keyboard is here
	changed bool       // what it shows is not what it showed
}

func newRowSlots(n int, columns *columnLayout) []*rowSlot {
	slots := make([]*rowSlot, n)
	for i := range slots {
		s := &rowSlot{index: -1, back: canvas.NewRectangle(nil), edge: canvas.NewRectangle(nil), dot: newStateDot(), rowMarks: newRowMarks()}
		for range columns.columns {
			s.cells = append(s.cells, &canvas.Text{})
		}
		if columns.tree {
			s.branch = newBranchMarks(len(columns.own))
		}
		if columns.lens {
			s.plot = newSparkline()
		}
		slots[i] = s
	}
	return slots
}

// fill makes the slot show row i, whose top is at y.
func (s *rowSlot) fill(t *rowTable, i int, y float32) {
	row := &t.rows[i]
	s.move(s.back, 0, y)
	s.move(s.edge, 0, y)
	s.edge.Resize(fyne.NewSize(edgeWidth, t.rowHeight()))
	s.dot.shape = noDot
	s.fillMark(t, row, y)
	for i := range s.cells {
		s.fillCell(t, row, i, y)
	}
	if s.branch != nil {
		s.fillBranch(t, i, y)
	}
}

// fillCell sets one cell's text, cut to its column. The first of a tree is not its matter.
func (s *rowSlot) fillCell(t *rowTable, row *table.Row, i int, y float32) {
	if i == 0 && t.columns.tree {
		return
	}
	column := &t.columns.columns[i]
	if s.plot != nil && s.fillLens(t, row, i, y) {
		return
	}
	x, width := t.columns.x[i]+cellPad, t.columns.width[i]-2*cellPad
	p := &t.body.palette
	ink := rowInk(p, row)
	if column.ID == table.ColumnProcess && row.Owner == nil {
		ink = p.muted // a reason, not a name, and longer: it may use the empty cells beside it
		width += t.emptyBeside(row, i)
	}
	if column.ID == table.ColumnService && row.Service == "" {
		ink = p.muted // a reason too, and what waits has no remote end
		width += t.emptyBeside(row, i)
	}
	if column.ID == table.ColumnState && row.Socket.State != 0 {
		ink = s.fillDot(p, row, ink, x, y+(t.rowHeight()-dotSize)/2+1)
		x, width = x+dotRoom, width-dotRoom
	}
	align := fyne.TextAlignLeading
	if column.AlignRight {
		align = fyne.TextAlignTrailing
	}
	text := t.cellText(row, i)
	if row.Group != nil && column.ID == table.ColumnPort {
		text = t.fitter.fitList(text, width)
	} else {
		text = t.fitter.fit(text, width, false)
	}
	s.put(t, s.cells[i], text, ink, align, x, y, width)
}

// cellText is what is to be read in a cell. In a tree nothing is said that the same line or the one above says:
// a process is one process, and a socket's port is in its name.
func (t *rowTable) cellText(row *table.Row, i int) string {
	column := &t.columns.columns[i]
	if t.columns.lens && t.columns.unsaid(row, i) {
		return ""
	}
	if t.columns.tree && (row.Depth == 1 && column.ID == table.ColumnProcesses || row.Socket != nil && column.ID == table.ColumnPort) {
		return ""
	}
	return readText(row, column)
}

// readText is what a person reads in a cell: of a port that the system chose it says so, where a service would have its name.
func readText(row *table.Row, column *table.Column) string {
	text := column.Text(row)
	if text == "" && column.ID == table.ColumnService && row.Chosen() {
		return language.T("chosen by the system")
	}
	return text
}

// emptyBeside is how wide the empty cells right of cell i are, up to the next that says something.
func (t *rowTable) emptyBeside(row *table.Row, i int) float32 {
	width := float32(0)
	for next := i + 1; next < len(t.columns.columns) && t.cellText(row, next) == ""; next++ {
		width += t.columns.width[next]
	}
	return width
}

// put sets a text, and notes whether it is another than before.
func (s *rowSlot) put(t *rowTable, c *canvas.Text, text string, ink color.Color, align fyne.TextAlign, x, y, width float32) {
	if c.Text == "" && text == "" {
		return
	}
	if s.mark == table.MarkClosed && text != "" {
		ink = t.body.palette.gone
		s.strike(t, text, align, x, y, width)
	} else if s.mark != table.Unmarked && ink == t.body.palette.muted {
		ink = t.body.palette.gone // grey is too faint on a tint
	}
	if c.Text != text || c.Color != ink || c.Alignment != align || c.TextSize != t.fitter.size {
		c.Text, c.Color, c.Alignment, c.TextSize = text, ink, align, t.fitter.size
		s.changed = true
	}
	s.move(c, x, y)
	s.resize(c, max(0, width), t.rowHeight())
}

func (s *rowSlot) move(o fyne.CanvasObject, x, y float32) {
	if at := fyne.NewPos(x, y); o.Position() != at {
		o.Move(at)
		s.changed = true
	}
}

func (s *rowSlot) resize(o fyne.CanvasObject, width, height float32) {
	if size := fyne.NewSize(width, height); o.Size() != size {
		o.Resize(size)
		s.changed = true
	}
}

// rowInk is muted for what matters least: ports that the kernel handed out,
// connections that only the kernel still knows, and of the past what is over. A port that is listened on always matters.
func rowInk(p *rowPalette, row *table.Row) color.Color {
	if row.Socket == nil {
		return p.text
	}
	if row.Span != nil {
		if row.Closed() {
			return p.muted
		}
		return p.text
	}
	passing := row.Ephemeral || row.Owner == nil && row.Socket.Absence == netstat.Kernel
	if passing && row.Socket.State != netstat.Listen {
		return p.muted
	}
	return p.text
}

// paint sets the background, and at the left the bar of the row that the keyboard is at. Text keeps its colour: all of them are readable on every background.
func (s *rowSlot) paint(p rowPalette, stripe, hover, selected, at, focused bool, width float32) {
	var fill, edge color.Color
	if at {
		edge = p.edgeIdle
		if focused {
			edge = p.edge
		}
	}
	switch {
	case selected && focused:
		fill = p.selected
	case selected:
		fill = p.idle
	case p.tint(s.mark) != nil:
		fill = p.tint(s.mark)
	case hover:
		fill = p.hover
	case stripe:
		fill = p.stripe
	}
	if s.back.FillColor != fill || s.edge.FillColor != edge {
		s.back.FillColor, s.edge.FillColor = fill, edge
		s.changed = true
	}
	s.at = at
	s.resize(s.back, width, s.edge.Size().Height)
}

// appendObjects adds what is to be drawn, from the back to the front.
func (s *rowSlot) appendObjects(objects []fyne.CanvasObject) []fyne.CanvasObject {
	if s.back.FillColor != nil {
		objects = append(objects, s.back)
	}
	if s.at {
		objects = append(objects, s.edge)
	}
	objects = s.dot.appendObjects(objects)
	objects = s.rowMarks.appendObjects(objects)
	objects = appendTexts(objects, s.cells)
	if s.branch != nil {
		objects = s.branch.appendObjects(objects)
	}
	if s.plot != nil && s.plot.shown() {
		objects = append(objects, s.plot.raster)
	}
	return objects
}

func appendTexts(objects []fyne.CanvasObject, texts []*canvas.Text) []fyne.CanvasObject {
	for _, text := range texts {
		if text.Text != "" {
			objects = append(objects, text)
		}
	}
	return objects
}
