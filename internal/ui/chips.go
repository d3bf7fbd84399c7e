package ui

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/table"
)

// chips are the switches below the search field: one for each facet, with how many sockets it would show.
type chips struct {
	widget.BaseWidget
	facets   []table.Facet
	counts   table.FacetCounts
	query    table.Query
	on       []bool // which facets the query asks for
	able     bool   // the query makes sense, so that a facet can be put into it
	onToggle func(table.Facet)

	hovered, cursor int // -1: none; the one that Space presses
	focused         bool
	fitter          textFitter
	cells           []chipCell // as they are laid out
	boxes           []*canvas.Rectangle
	titles, figures []*canvas.Text
}

// chipCell is where a chip stands.
type chipCell struct {
	x, width float32
	count    string // "" where there is no room for it
}

var (
	_ fyne.Tappable     = (*chips)(nil)
	_ fyne.Focusable    = (*chips)(nil)
	_ desktop.Hoverable = (*chips)(nil)
)

const (
	chipPad   = 9 // beside the text
	chipGap   = 5 // between two, and between title and figure
	chipTight = 6 // the pad where there is little room
)

func newChips() *chips {
	c := &chips{facets: table.Facets(), hovered: -1, able: true}
	c.on = make([]bool, len(c.facets))
	for range c.facets {
		c.boxes = append(c.boxes, &canvas.Rectangle{})
		c.titles = append(c.titles, &canvas.Text{})
		c.figures = append(c.figures, &canvas.Text{})
	}
	c.ExtendBaseWidget(c)
	return c
}

// count shows new figures. It is called at every refresh, and most figures change only their digits,
// which are all of one width: then nothing is laid out anew.
func (c *chips) count(counts table.FacetCounts) {
	if c.counts == counts {
		return
	}
	before := c.counts
	c.counts = counts
	for i, f := range c.facets {
		if len(strconv.Itoa(before[f])) != len(strconv.Itoa(counts[f])) || (before[f] == 0) != (counts[f] == 0) {
			c.Refresh()
			return
		}
		if i < len(c.cells) && c.cells[i].count != "" && before[f] != counts[f] {
			c.cells[i].count = strconv.Itoa(counts[f])
			c.figures[i].Text = c.cells[i].count
			c.figures[i].Refresh()
		}
	}
}

// ask shows which facets the query asks for; able is false where it makes no sense.
func (c *chips) ask(query table.Query, able bool) {
	if able {
		c.query = query
		for i, f := range c.facets {
			c.on[i] = query.Has(f)
		}
	}
	c.able = able
	c.Refresh()
}

func (c *chips) toggle(i int) {
	if i >= 0 && i < len(c.cells) && c.able {
		c.cursor = i
		c.onToggle(c.facets[i])
	}
}

// at gives the chip under x, -1 for none.
func (c *chips) at(x float32) int {
	for i, cell := range c.cells {
		if x >= cell.x && x < cell.x+cell.width {
			return i
		}
	}
	return -1
}

func (c *chips) Tapped(e *fyne.PointEvent)        { c.toggle(c.at(e.Position.X)) }
func (c *chips) FocusGained()                     { c.focused = true; c.Refresh() }
func (c *chips) FocusLost()                       { c.focused = false; c.Refresh() }
func (c *chips) TypedRune(rune)                   {}
func (c *chips) MouseIn(e *desktop.MouseEvent)    { c.hover(c.at(e.Position.X)) }
func (c *chips) MouseMoved(e *desktop.MouseEvent) { c.hover(c.at(e.Position.X)) }
func (c *chips) MouseOut()                        { c.hover(-1) }

func (c *chips) hover(i int) {
	if c.hovered != i {
		c.hovered = i
		c.Refresh()
	}
}

// TypedKey goes along the chips, and presses one.
func (c *chips) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyLeft:
		c.cursor = max(0, c.cursor-1)
	case fyne.KeyRight:
		c.cursor = max(0, min(len(c.cells)-1, c.cursor+1))
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		c.toggle(c.cursor)
	default:
		return
	}
	c.Refresh()
}

// MinSize is narrow: the chips take what room there is.
func (c *chips) MinSize() fyne.Size {
	c.ExtendBaseWidget(c)
	if c.fitter.size == 0 {
		c.fitter.use(c.Theme())
	}
	return fyne.NewSize(80, c.fitter.rowHeight)
}

// fill finds places for the chips: with their figures, else without, else as many as there is room for.
func (c *chips) fill(width float32) {
	if c.cells = c.cells[:0]; c.Size().Height < c.MinSize().Height {
		return // it is not laid out yet
	}
	for _, try := range []struct {
		figures bool
		pad     float32
	}{{true, chipPad}, {true, chipTight}, {false, chipTight}} {
		c.cells = c.cells[:0]
		x := float32(0)
		for i, f := range c.facets {
			cell := chipCell{x: x, width: c.fitter.width(f.Title(), c.on[i]) + 2*try.pad}
			if try.figures {
				cell.count = strconv.Itoa(c.counts[f])
				cell.width += chipGap + c.fitter.width(cell.count, false)
			}
			if x+cell.width > width {
				break
			}
			x += cell.width + chipGap
			c.cells = append(c.cells, cell)
			c.place(i, cell, try.pad)
		}
		if len(c.cells) == len(c.facets) {
			return
		}
	}
}

func (c *chips) place(i int, cell chipCell, pad float32) {
	height, title := c.Size().Height, c.facets[i].Title()
	c.boxes[i].Move(fyne.NewPos(cell.x, 1))
	c.boxes[i].Resize(fyne.NewSize(cell.width, height-2))
	c.titles[i].Text, c.figures[i].Text = title, cell.count
	c.titles[i].TextStyle.Bold = c.on[i]
	used := c.fitter.width(title, c.titles[i].TextStyle.Bold)
	c.titles[i].Move(fyne.NewPos(cell.x+pad, 0))
	c.titles[i].Resize(fyne.NewSize(used+1, height))
	c.figures[i].Move(fyne.NewPos(cell.x+pad+used+chipGap, 0))
	c.figures[i].Resize(fyne.NewSize(cell.width, height))
}

// CreateRenderer is for Fyne.
func (c *chips) CreateRenderer() fyne.WidgetRenderer {
	r := &chipsRenderer{c}
	r.Refresh()
	return r
}

type chipsRenderer struct{ c *chips }

func (r *chipsRenderer) Destroy()           {}
func (r *chipsRenderer) MinSize() fyne.Size { return r.c.MinSize() }
func (r *chipsRenderer) Layout(fyne.Size)   { r.Refresh() }

func (r *chipsRenderer) Objects() []fyne.CanvasObject {
	var all []fyne.CanvasObject
	for i := range r.c.cells {
		all = append(all, r.c.boxes[i], r.c.titles[i], r.c.figures[i])
	}
	return all
}

// Refresh draws what is on filled, and what is not as an outline.
func (r *chipsRenderer) Refresh() {
	c, th, v := r.c, r.c.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	c.fitter.use(th)
	c.fill(c.Size().Width)
	for i := range c.cells {
		box, on := c.boxes[i], c.on[i]
		box.FillColor, box.StrokeColor, box.StrokeWidth = th.Color(theme.ColorNameInputBackground, v), th.Color(theme.ColorNameInputBorder, v), 1
		box.CornerRadius = (c.Size().Height - 2) / 2
		title, figure := th.Color(theme.ColorNameForeground, v), th.Color(theme.ColorNamePlaceHolder, v)
		switch {
		case on:
			box.FillColor = th.Color(theme.ColorNamePrimary, v)
			box.StrokeColor = box.FillColor
			title = th.Color(theme.ColorNameForegroundOnPrimary, v)
			figure = title
		case c.counts[c.facets[i]] == 0 || !c.able:
			title = figure
		case i == c.hovered:
			box.FillColor = th.Color(theme.ColorNameButton, v)
		}
		if c.focused && i == c.cursor {
			box.StrokeColor, box.StrokeWidth = th.Color(theme.ColorNamePrimary, v), 2
			if on {
				box.StrokeColor = title
			}
		}
		c.titles[i].Color, c.titles[i].TextSize = title, c.fitter.size
		c.figures[i].Color, c.figures[i].TextSize = figure, c.fitter.size
	}
	canvas.Refresh(c)
}
