package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// segments is a switch between a few words, one of which is always chosen.
type segments struct {
	widget.BaseWidget
	words    []string
	chosen   int
	onChange func(chosen int)     // called when the person chooses another
	onKey    func(*fyne.KeyEvent) // gets the keys that it has no use for; may be nil

	hovered int // -1: none
	focused bool
}

var (
	_ fyne.Tappable     = (*segments)(nil)
	_ fyne.Focusable    = (*segments)(nil)
	_ desktop.Hoverable = (*segments)(nil)
)

func newSegments(words ...string) *segments {
	s := &segments{words: words, hovered: -1}
	s.ExtendBaseWidget(s)
	return s
}

// choose shows which word is chosen, without calling onChange.
func (s *segments) choose(i int) {
	s.chosen = i
	s.Refresh()
}

func (s *segments) pick(i int) {
	if i < 0 || i >= len(s.words) || i == s.chosen {
		return
	}
	s.choose(i)
	if s.onChange != nil {
		s.onChange(i)
	}
}

// at gives the word under x, -1 outside.
func (s *segments) at(x float32) int {
	from := float32(0)
	for i, width := range s.cells(s.Size().Width) {
		if x >= from && x < from+width {
			return i
		}
		from += width
	}
	return -1
}

// cells are the widths of the cells: all the same where there is room for that, else each as its word needs it; where there
// is not even room for that, long words give most.
func (s *segments) cells(width float32) []float32 {
	size, pad := s.Theme().Size(theme.SizeNameText), s.Theme().Size(theme.SizeNameInnerPadding)
	n := float32(len(s.words))
	cells := make([]float32, len(s.words))
	widest, all := float32(0), float32(0)
	for i, word := range s.words {
		cells[i] = fyne.MeasureText(word, size, fyne.TextStyle{Bold: true}).Width + 2*pad
		widest, all = max(widest, cells[i]), all+cells[i]
	}
	switch {
	case widest*n <= width:
		for i := range cells {
			cells[i] = width / n
		}
	case all <= width:
		for i := range cells {
			cells[i] += (width - all) / n
		}
	default:
		most := widest
		for ; all > width && most > 1; most-- {
			all = 0
			for i := range cells {
				cells[i] = min(cells[i], most)
				all += cells[i]
			}
		}
	}
	return cells
}

func (s *segments) Tapped(e *fyne.PointEvent)        { s.pick(s.at(e.Position.X)) }
func (s *segments) FocusGained()                     { s.focused = true; s.Refresh() }
func (s *segments) FocusLost()                       { s.focused = false; s.Refresh() }
func (s *segments) TypedRune(rune)                   {}
func (s *segments) MouseIn(e *desktop.MouseEvent)    { s.hover(s.at(e.Position.X)) }
func (s *segments) MouseMoved(e *desktop.MouseEvent) { s.hover(s.at(e.Position.X)) }
func (s *segments) MouseOut()                        { s.hover(-1) }

func (s *segments) hover(i int) {
	if s.hovered != i {
		s.hovered = i
		s.Refresh()
	}
}

func (s *segments) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyLeft:
		s.pick(s.chosen - 1)
	case fyne.KeyRight:
		s.pick(s.chosen + 1)
	case fyne.KeySpace:
		s.pick((s.chosen + 1) % len(s.words))
	default:
		if s.onKey != nil {
			s.onKey(e)
		}
	}
}

func (s *segments) CreateRenderer() fyne.WidgetRenderer {
	r := &segmentsRenderer{s: s, track: &canvas.Rectangle{}, hover: &canvas.Rectangle{}, pill: &canvas.Rectangle{}}
	for _, word := range s.words {
		text := canvas.NewText(word, nil)
		text.Alignment = fyne.TextAlignCenter
		r.texts = append(r.texts, text)
	}
	r.Refresh()
	return r
}

type segmentsRenderer struct {
	s                  *segments
	track, hover, pill *canvas.Rectangle
	texts              []*canvas.Text
}

func (r *segmentsRenderer) Destroy() {}

func (r *segmentsRenderer) Objects() []fyne.CanvasObject {
	all := []fyne.CanvasObject{r.track, r.hover, r.pill}
	for _, text := range r.texts {
		all = append(all, text)
	}
	return all
}

func (r *segmentsRenderer) MinSize() fyne.Size {
	pad := r.s.Theme().Size(theme.SizeNameInnerPadding)
	var widest fyne.Size
	for _, word := range r.s.words {
		widest = widest.Max(fyne.MeasureText(word, r.s.Theme().Size(theme.SizeNameText), fyne.TextStyle{Bold: true}))
	}
	return fyne.NewSize((widest.Width+4*pad)*float32(len(r.texts)), widest.Height+2*pad)
}

func (r *segmentsRenderer) Layout(size fyne.Size) {
	r.track.Resize(size)
	fitter := textFitter{}
	fitter.use(r.s.Theme())
	x := float32(0)
	for i, width := range r.s.cells(size.Width) {
		text := r.texts[i]
		text.Text = fitter.fit(r.s.words[i], width-2*segmentInset, text.TextStyle.Bold)
		text.Move(fyne.NewPos(x, 0))
		text.Resize(fyne.NewSize(width, size.Height))
		if i == r.s.chosen {
			r.place(r.pill, x, width)
		}
		if i == r.s.hovered {
			r.place(r.hover, x, width)
		}
		x += width
	}
}

// place puts a box into a cell.
func (r *segmentsRenderer) place(box *canvas.Rectangle, x, width float32) {
	box.Move(fyne.NewPos(x+segmentInset, segmentInset))
	box.Resize(fyne.NewSize(width-2*segmentInset, r.s.Size().Height-2*segmentInset))
}

// segmentInset is from the edge to the box of the chosen word.
const segmentInset = 2

func (r *segmentsRenderer) Refresh() {
	th, v := r.s.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	radius := th.Size(theme.SizeNameInputRadius)
	r.track.FillColor = th.Color(theme.ColorNameInputBackground, v)
	r.track.StrokeColor, r.track.StrokeWidth = th.Color(theme.ColorNameInputBorder, v), 1
	if r.s.focused {
		r.track.StrokeColor, r.track.StrokeWidth = th.Color(theme.ColorNamePrimary, v), 2
	}
	r.track.CornerRadius = radius
	r.pill.FillColor, r.pill.CornerRadius = th.Color(theme.ColorNamePrimary, v), radius-2
	r.hover.FillColor, r.hover.CornerRadius = th.Color(theme.ColorNameHover, v), radius-2
	r.hover.Hidden = r.s.hovered < 0 || r.s.hovered == r.s.chosen
	for i, text := range r.texts {
		text.TextSize = th.Size(theme.SizeNameText)
		text.Color = th.Color(theme.ColorNameForeground, v)
		text.TextStyle = fyne.TextStyle{Bold: i == r.s.chosen}
		if i == r.s.chosen {
			text.Color = th.Color(theme.ColorNameForegroundOnPrimary, v)
		}
	}
	r.Layout(r.s.Size())
	for _, object := range r.Objects() {
		object.Refresh()
	}
}
