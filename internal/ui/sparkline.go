package ui

import (
	"image"
	"image/color"
	"math"
	"slices"

	"fyne.io/fyne/v2/canvas"

	"portolan/internal/history"
	"portolan/internal/table"
)

// sparkline is a small plot without numbers: how much there was of something in the last ten minutes, with the
// present at the right. It is drawn anew only when something of it changes.
type sparkline struct {
	raster *canvas.Raster
	values []float64 // the last is the present
	room   int       // how many values the whole width stands for
	ink    color.NRGBA
}

func newSparkline() *sparkline {
	p := &sparkline{}
	p.raster = canvas.NewRaster(func(w, h int) image.Image { return drawPlot(p.values, p.room, w, h, p.ink) })
	return p
}

func (p *sparkline) shown() bool { return len(p.values) > 0 }

// set shows other values, or the same in another colour; it reports whether anything changed.
func (p *sparkline) set(values []float64, room int, ink color.Color) bool {
	c := color.NRGBAModel.Convert(ink).(color.NRGBA)
	if slices.EqualFunc(values, p.values, sameValue) && room == p.room && c == p.ink {
		return false
	}
	p.values, p.room, p.ink = append(p.values[:0], values...), room, c
	canvas.Refresh(p.raster) // its texture is of other values
	return true
}

// sameValue: what is not known is NaN, which equals nothing.
func sameValue(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

// clear takes the plot out of a row.
func (p *sparkline) clear(s *rowSlot) {
	if p.shown() {
		p.values = p.values[:0]
		s.changed = true
	}
}

// plotPad is what is free above and below a plot in its row.
const plotPad = 4

// fillPlot sets the plot of an app's open connections in cell i.
func (s *rowSlot) fillPlot(t *rowTable, row *table.Row, i int, y float32) {
	l := t.columns
	if row.Flow == nil || !row.Flow.Followed || len(row.Flow.Points) == 0 || l.width[i] == 0 {
		s.plot.clear(s)
		return
	}
	var room [history.Steps]float64
	values := room[:0]
	for _, p := range row.Flow.Points {
		values = append(values, float64(p.Open))
	}
	if s.plot.set(values, history.Steps, t.body.palette.established) {
		s.changed = true
	}
	s.move(s.plot.raster, l.x[i]+cellPad, y+plotPad)
	s.resize(s.plot.raster, max(0, l.width[i]-2*cellPad), t.rowHeight()-2*plotPad)
}

// drawPlot draws values as a line over a tinted ground, in w by h pixels. room values take the whole width; where there are
// fewer, the left is free: that is not known, and not nothing. So is what is NaN among them.
func drawPlot(values []float64, room, w, h int, ink color.NRGBA) image.Image {
	picture := image.NewRGBA(image.Rect(0, 0, max(w, 1), max(h, 1)))
	if len(values) == 0 || room < len(values) || w < 2 || h < 3 {
		return picture
	}
	const tint = 0.2
	top, stroke := plotTop(values), max(1, float64(h)/14)
	height := float64(h) - stroke
	level := func(x float64) (y float64, known bool) {
		at := x/float64(w)*float64(room) - float64(room-len(values)) - 0.5
		if at < -0.5 {
			return 0, false
		}
		left := min(max(int(at), 0), len(values)-1)
		right := min(left+1, len(values)-1)
		part := min(max(at-float64(left), 0), 1)
		if part < 0.5 && math.IsNaN(values[right]) {
			right = left // up to the middle between the two
		} else if part >= 0.5 && math.IsNaN(values[left]) {
			left = right
		}
		if math.IsNaN(values[left]) || math.IsNaN(values[right]) {
			return 0, false
		}
		return stroke/2 + height*(1-(values[left]*(1-part)+values[right]*part)/top), true
	}
	for x := range w {
		from, known := level(float64(x))
		to, goesOn := level(float64(x) + 1)
		if !known {
			continue
		}
		if !goesOn {
			to = from
		}
		high, low := min(from, to)-stroke/2, max(from, to)+stroke/2
		for y := max(0, int(high)); y < h; y++ {
			line := max(0, min(low, float64(y)+1)-max(high, float64(y)))
			shade := line
			if float64(y)+1 > low {
				shade = max(line, tint)
			}
			setInk(picture, x, y, ink, shade)
		}
	}
	return picture
}

// plotTop is the value at the upper edge: a little more than the most, so that what stands still
// is no solid block.
func plotTop(values []float64) float64 {
	top := 1.0
	for _, v := range values {
		if v > top { // NaN is not
			top = v
		}
	}
	return top * 1.2
}

// setInk sets a pixel to a colour as thin as share says.
func setInk(picture *image.RGBA, x, y int, ink color.NRGBA, share float64) {
	a := share * float64(ink.A) / 0xff
	picture.SetRGBA(x, y, color.RGBA{R: uint8(float64(ink.R) * a), G: uint8(float64(ink.G) * a), B: uint8(float64(ink.B) * a), A: uint8(a * 0xff)})
}
