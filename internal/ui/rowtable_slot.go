package ui

import (
	"image/color"
	"slices"

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
	page, rule                      color.Color // what is below all backgrounds; a line
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
		text: text, muted: muted, page: of(theme.ColorNameBackground), rule: of(theme.ColorNameSeparator),
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
	cover      [3]*canvas.Rectangle // below the columns that are held in view: the page, the row's ground, and the line at their end
	covered    float32              // as far as that reaches; 0: none is held
	stuck      []int                // those columns
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
		s := &rowSlot{index: -1, back: canvas.NewRectangle(nil), edge: canvas.NewRectangle(nil), cover: [3]*canvas.Rectangle{{}, {}, {}}, dot: newStateDot(), rowMarks: newRowMarks()}
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
	left := t.scroll.Offset.X
	s.move(s.back, 0, y)
	s.move(s.edge, left, y)
	s.edge.Resize(fyne.NewSize(edgeWidth, t.rowHeight()))
	s.dot.shape = noDot
	s.fillMark(t, row, y)
	s.fillCells(t, row, y, false)
	if s.branch != nil {
		s.fillOwn(t, row, y)
	}
	s.below, s.covered, s.stuck = s.struck, t.columns.stuckEnd(left), s.stuck[:0]
	if s.covered > 0 {
		s.fillCover(t, left, y)
		s.fillCells(t, row, y, true)
	}
	if s.branch != nil {
		s.fillBranch(t, i, y)
	}
}

// fillCells sets the cells of the columns that are held in view, or of the others.
func (s *rowSlot) fillCells(t *rowTable, row *table.Row, y float32, stuck bool) {
	for i := range s.cells {
		if t.isStuck(i) != stuck {
			continue
		}
		s.fillCell(t, row, i, y)
		if stuck {
			s.stuck = append(s.stuck, i)
		}
	}
}

// fillCover hides what is scrolled away below the columns that are held in view.
func (s *rowSlot) fillCover(t *rowTable, left, y float32) {
	s.cover[0].FillColor, s.cover[2].FillColor = t.body.palette.page, t.body.palette.rule
	for _, r := range s.cover[:2] {
		s.move(r, left, y)
		s.resize(r, s.covered, t.rowHeight())
	}
	s.move(s.cover[2], left+s.covered-1, y)
	s.resize(s.cover[2], 1, t.rowHeight())
}

// isStuck reports whether column i is held in view now.
func (t *rowTable) isStuck(i int) bool {
	_, is := t.columns.stuck(i, t.scroll.Offset.X)
	return is
}

// columnX is where column i begins in the body, which is scrolled.
func (t *rowTable) columnX(i int) float32 {
	return t.columns.inView(i, t.scroll.Offset.X) + t.scroll.Offset.X
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
	x, width := t.columnX(i)+cellPad, t.columns.width[i]-2*cellPad
	p := &t.body.palette
	ink := rowInk(p, row)
	if column.ID == table.ColumnProcess && row.Owner == nil {
		ink = p.muted // a reason, not a name, and longer: it may use the empty cells beside it
		if !t.isStuck(i) {
			width += t.emptyBeside(row, i)
		}
	}
	if column.ID == table.ColumnService && row.Service == "" {
		ink = p.muted // a reason too, and what waits has no remote end
		width += t.emptyBeside(row, i)
	}
	if column.ID == table.ColumnRemote && row.Span != nil && row.Span.Summed() && !t.isStuck(i) {
		width += t.emptyBeside(row, i) // in place of one end it has how many there were
	}
	if column.ID == table.ColumnState && row.Socket.State != 0 {
		ink = s.fillDot(t, row, ink, x, y)
		room := t.fitter.scaled(dotRoom)
		x, width = x+room, width-room
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
		s.cover[1].FillColor = fill
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
	objects = s.dot.appendObjects(objects)
	for i, text := range s.cells {
		if text.Text != "" && !slices.Contains(s.stuck, i) && (i > 0 || s.branch == nil) {
			objects = append(objects, text)
		}
	}
	if s.branch != nil {
		objects = appendTexts(objects, s.branch.texts[1:])
	}
	if s.plot != nil && s.plot.shown() {
		objects = append(objects, s.plot.raster)
	}
	objects = appendLines(objects, s.strikes[:s.below])
	if s.covered > 0 {
		objects = append(objects, s.cover[0])
		if s.back.FillColor != nil {
			objects = append(objects, s.cover[1])
		}
		objects = append(objects, s.cover[2])
	}
	if s.at {
		objects = append(objects, s.edge)
	}
	if s.mark != table.Unmarked {
		objects = append(objects, s.sign)
	}
	for _, i := range s.stuck {
		if i > 0 || s.branch == nil {
			objects = appendTexts(objects, s.cells[i:i+1])
		}
	}
	if s.branch != nil {
		objects = appendTexts(s.branch.appendObjects(objects), s.cells[:1])
	}
	return appendLines(objects, s.strikes[s.below:s.struck])
}

func appendLines(objects []fyne.CanvasObject, lines []*canvas.Line) []fyne.CanvasObject {
	for _, line := range lines {
		objects = append(objects, line)
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
