package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"portolan/internal/netstat"
	"portolan/internal/table"
)

// dotShape is how the dot before a state looks: who sees no colours tells the states by it.
type dotShape uint8

const (
	noDot     dotShape = iota
	dotDisc            // waits for others
	dotHalf            // is being opened
	dotRing            // talks
	dotSquare          // is on its way out
	dotCross           // is over, and only remembered
)

// dotStroke is how thick a ring's and a cross's lines are.
const dotStroke = 2

// dotOf gives the shape for a state, with its colour.
func (p *rowPalette) dotOf(s netstat.State) (dotShape, color.Color) {
	switch s {
	case 0:
		return noDot, nil
	case netstat.Listen:
		return dotDisc, p.listening
	case netstat.SynSent, netstat.SynReceived:
		return dotHalf, p.established
	case netstat.Established:
		return dotRing, p.established
	case netstat.TimeWait, netstat.Closed:
		return dotCross, p.resting
	default:
		return dotSquare, p.closing
	}
}

// stateDot draws one of the shapes.
type stateDot struct {
	shape  dotShape // noDot while the slot is filled
	drawn  dotShape // with the ink
	ink    color.Color
	scale  float32 // of the text
	circle *canvas.Circle
	half   *canvas.Rectangle
	square *canvas.Rectangle
	cross  [2]*canvas.Line
}

func newStateDot() stateDot {
	return stateDot{circle: &canvas.Circle{}, half: &canvas.Rectangle{}, square: &canvas.Rectangle{CornerRadius: 1},
		cross: [2]*canvas.Line{{}, {}}}
}

// fillDot sets the dot before the state, at x in the row that begins at y. It gives the state's ink.
func (s *rowSlot) fillDot(t *rowTable, row *table.Row, ink color.Color, x, y float32) color.Color {
	p, scale, size := &t.body.palette, t.columns.scale, t.fitter.scaled(dotSize)
	y += (t.rowHeight()-size)/2 + 1
	shape, colour := p.dotOf(row.Socket.State)
	switch {
	case row.Closed():
		colour, ink = p.resting, p.muted
	case shape == dotDisc:
		ink = p.listeningText
	}
	d := &s.dot
	if d.shape = shape; d.drawn != shape || d.ink != colour || d.scale != scale {
		d.drawn, d.ink, d.scale = shape, colour, scale
		d.colour()
		s.changed = true
	}
	inset := 1.5 * scale // of the ends of a cross, which would look larger than a disc
	from, to := fyne.NewPos(x+inset, y+inset), fyne.NewPos(x+size-inset, y+size-inset)
	switch shape {
	case dotSquare:
		s.move(d.square, x+0.5, y+0.5)
		s.resize(d.square, size-1, size-1)
	case dotCross:
		if d.cross[0].Position1 != from || d.cross[0].Position2 != to {
			d.cross[0].Position1, d.cross[0].Position2 = from, to
			d.cross[1].Position1, d.cross[1].Position2 = fyne.NewPos(from.X, to.Y), fyne.NewPos(to.X, from.Y)
			s.changed = true
		}
	default:
		s.move(d.circle, x, y)
		s.resize(d.circle, size, size)
		if shape == dotHalf {
			s.move(d.half, x, y)
			s.resize(d.half, size/2, size)
		}
	}
	return ink
}

// colour gives the shape its ink, and lines as thick as the text's size wants them.
func (d *stateDot) colour() {
	stroke := dotStroke * d.scale
	d.circle.FillColor, d.circle.StrokeColor, d.circle.StrokeWidth = d.ink, nil, 0
	if d.shape != dotDisc {
		d.circle.FillColor, d.circle.StrokeColor, d.circle.StrokeWidth = color.Transparent, d.ink, stroke
	}
	d.half.FillColor, d.square.FillColor = d.ink, d.ink
	d.half.TopLeftCornerRadius, d.half.BottomLeftCornerRadius = dotSize/2*d.scale, dotSize/2*d.scale
	for _, line := range d.cross {
		line.StrokeColor, line.StrokeWidth = d.ink, stroke
	}
}

// appendObjects adds what is to be drawn.
func (d *stateDot) appendObjects(objects []fyne.CanvasObject) []fyne.CanvasObject {
	switch d.shape {
	case noDot:
		return objects
	case dotSquare:
		return append(objects, d.square)
	case dotCross:
		return append(objects, d.cross[0], d.cross[1])
	case dotHalf:
		return append(objects, d.circle, d.half)
	default:
		return append(objects, d.circle)
	}
}
