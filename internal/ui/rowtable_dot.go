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
	circle *canvas.Circle
	half   *canvas.Rectangle
	square *canvas.Rectangle
	cross  [2]*canvas.Line
}

func newStateDot() stateDot {
	return stateDot{circle: &canvas.Circle{}, half: &canvas.Rectangle{TopLeftCornerRadius: dotSize / 2, BottomLeftCornerRadius: dotSize / 2}, square: &canvas.Rectangle{CornerRadius: 1},
		cross: [2]*canvas.Line{{StrokeWidth: dotStroke}, {StrokeWidth: dotStroke}}}
}

// fillDot sets the dot before the state, with its upper left corner at a place. It gives the state's ink.
func (s *rowSlot) fillDot(p *rowPalette, row *table.Row, ink color.Color, x, y float32) color.Color {
	shape, colour := p.dotOf(row.Socket.State)
	switch {
	case row.Closed():
		colour, ink = p.resting, p.muted
	case shape == dotDisc:
		ink = p.listeningText
	}
	d := &s.dot
	if d.shape = shape; d.drawn != shape || d.ink != colour {
		d.drawn, d.ink = shape, colour
		d.colour()
		s.changed = true
	}
	const inset = 1.5 // of the corners of a square and the ends of a cross, which would look larger than a disc
	from, to := fyne.NewPos(x+inset, y+inset), fyne.NewPos(x+dotSize-inset, y+dotSize-inset)
	switch shape {
	case dotSquare:
		s.move(d.square, x+0.5, y+0.5)
		s.resize(d.square, dotSize-1, dotSize-1)
	case dotCross:
		if d.cross[0].Position1 != from || d.cross[0].Position2 != to {
			d.cross[0].Position1, d.cross[0].Position2 = from, to
			d.cross[1].Position1, d.cross[1].Position2 = fyne.NewPos(from.X, to.Y), fyne.NewPos(to.X, from.Y)
			s.changed = true
		}
	default:
		s.move(d.circle, x, y)
		s.resize(d.circle, dotSize, dotSize)
		if shape == dotHalf {
			s.move(d.half, x, y)
			s.resize(d.half, dotSize/2, dotSize)
		}
	}
	return ink
}

// colour gives the shape its ink.
func (d *stateDot) colour() {
	d.circle.FillColor, d.circle.StrokeColor, d.circle.StrokeWidth = d.ink, nil, 0
	if d.shape != dotDisc {
		d.circle.FillColor, d.circle.StrokeColor, d.circle.StrokeWidth = color.Transparent, d.ink, dotStroke
	}
	d.half.FillColor, d.square.FillColor = d.ink, d.ink
	d.cross[0].StrokeColor, d.cross[1].StrokeColor = d.ink, d.ink
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
