package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// chevronStroke is how thick its lines are.
const chevronStroke = 1.5

// chevronPoints are the three corners of an open triangle around (0, 0).
type chevronPoints [3]fyne.Position

var (
	chevronUp    = chevronPoints{{X: -3.5, Y: 2}, {X: 0, Y: -2}, {X: 3.5, Y: 2}}
	chevronDown  = chevronPoints{{X: -3.5, Y: -2}, {X: 0, Y: 2}, {X: 3.5, Y: -2}}
	chevronRight = chevronPoints{{X: -2, Y: -4}, {X: 2, Y: 0}, {X: -2, Y: 4}}
	chevronOpen  = chevronPoints{{X: -4, Y: -2}, {X: 0, Y: 2}, {X: 4, Y: -2}}
)

// chevronOf gives the disclosure triangle of a group.
func chevronOf(open bool) chevronPoints {
	if open {
		return chevronOpen
	}
	return chevronRight
}

func newChevron() [2]*canvas.Line {
	return [2]*canvas.Line{{}, {}}
}

// scaled is it, so many times as large.
func (p chevronPoints) scaled(by float32) chevronPoints {
	for i := range p {
		p[i] = fyne.NewPos(p[i].X*by, p[i].Y*by)
	}
	return p
}

// setChevron draws the corners around a point, larger beside larger texts.
func setChevron(lines [2]*canvas.Line, middle fyne.Position, points chevronPoints, scale float32, ink color.Color) {
	points = points.scaled(scale)
	for i, line := range lines {
		line.Position1, line.Position2 = middle.Add(points[i]), middle.Add(points[i+1])
		line.StrokeColor, line.StrokeWidth = ink, chevronStroke*scale
	}
}
