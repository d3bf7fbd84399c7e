package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"portolan/internal/language"
	"portolan/internal/table"
)

// Where the sign of a marked row stands, in pixels at a text size of 13.
const (
	gutter     = 8  // what a flat table keeps free for it at the left; a tree has the room
	signX      = 2  // right of the bar of the selected row, nearly
	signWidth  = 9  // up to an app's triangle
	strikeRise = -1 // of the line through a text, from its middle
)

// rowMarks is what tells that a row has just opened, changed or closed: a sign at its left, a tint, and of what
// has closed a line through its texts. Colour is never the only sign.
type rowMarks struct {
	mark    table.Mark
	sign    *canvas.Text
	strikes []*canvas.Line // as many as were ever needed
	struck  int            // how many are
	below   int            // how many of these are of columns that are not held in view
}

func newRowMarks() rowMarks {
	return rowMarks{sign: &canvas.Text{Alignment: fyne.TextAlignCenter, TextStyle: fyne.TextStyle{Bold: true}}}
}

// signOf gives the sign of a mark.
func signOf(m table.Mark) string {
	switch m {
	case table.MarkOpened:
		return "+"
	case table.MarkChanged:
		return "~"
	case table.MarkClosed:
		return "−"
	default:
		return ""
	}
}

// spokenMark is how a screen reader says it.
func spokenMark(m table.Mark) string {
	switch m {
	case table.MarkOpened:
		return language.T("just opened")
	case table.MarkChanged:
		return language.T("just changed")
	case table.MarkClosed:
		return language.T("closed")
	default:
		return ""
	}
}

// tint is the background of a marked row, nil without a mark.
func (p *rowPalette) tint(m table.Mark) color.Color {
	switch m {
	case table.MarkOpened:
		return p.opened
	case table.MarkChanged:
		return p.changed
	case table.MarkClosed:
		return p.closed
	default:
		return nil
	}
}

// signInk is the colour of the sign.
func (p *rowPalette) signInk(m table.Mark) color.Color {
	switch m {
	case table.MarkOpened:
		return p.listening
	case table.MarkChanged:
		return p.closing
	default:
		return p.error
	}
}

// fillMark sets the sign. It comes before the texts, of which those of a closed row are struck through.
func (s *rowSlot) fillMark(t *rowTable, row *table.Row, y float32) {
	s.struck = 0
	if s.mark != row.Mark {
		s.mark, s.changed = row.Mark, true
	}
	if s.mark == table.Unmarked {
		return
	}
	s.sign.Text, s.sign.Color, s.sign.TextSize = signOf(s.mark), t.body.palette.signInk(s.mark), t.fitter.size
	s.move(s.sign, t.scroll.Offset.X+signX, y-1)
	s.resize(s.sign, t.fitter.scaled(signWidth), t.rowHeight())
}

// strike draws a line through a text of a closed row.
func (s *rowSlot) strike(t *rowTable, text string, align fyne.TextAlign, x, y, width float32) {
	_, used := t.fitter.fitting(text, width+1, false)
	if used <= 0 {
		return
	}
	if align == fyne.TextAlignTrailing {
		x += width - used
	}
	if s.struck == len(s.strikes) {
		s.strikes = append(s.strikes, &canvas.Line{StrokeWidth: 1})
	}
	line, middle := s.strikes[s.struck], y+floor(t.rowHeight()/2)+strikeRise+0.5
	s.struck++
	from, to := fyne.NewPos(x, middle), fyne.NewPos(x+used, middle)
	if line.Position1 != from || line.Position2 != to || line.StrokeColor != t.body.palette.gone {
		line.Position1, line.Position2, line.StrokeColor = from, to, t.body.palette.gone
		s.changed = true
	}
}
