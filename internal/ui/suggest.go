package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/table"
)

// suggestions is the list under the search field of what the word at the cursor may become. It is part of the
// window's content and no overlay of Fyne's: an overlay would take the keyboard from the field.
type suggestions struct {
	widget.BaseWidget
	offers  []table.Completion
	chosen  int  // -1: none
	hovered bool // the pointer is over it
	onPick  func(table.Completion)
	onOpen  func(bool) // it has opened or closed; nil: nobody asks
	fitter  textFitter
}

var (
	_ fyne.Tappable     = (*suggestions)(nil)
	_ desktop.Hoverable = (*suggestions)(nil)
)

const (
	suggestPad   = 8   // beside the texts
	suggestEdge  = 4   // above the first line and below the last
	suggestGap   = 24  // at least, between a label and its note
	suggestLeast = 220 // width
	suggestMost  = 520
)

func newSuggestions() *suggestions {
	s := &suggestions{chosen: -1}
	s.ExtendBaseWidget(s)
	s.Hide()
	return s
}

// open reports whether there is something to choose from.
func (s *suggestions) open() bool { return !s.Hidden }

// offer shows the offers; none hides the list. chosen is which one stands out, -1: none.
func (s *suggestions) offer(offers []table.Completion, chosen int) {
	s.offers, s.chosen = offers, chosen
	if was := s.open(); was != (len(offers) > 0) && s.onOpen != nil {
		defer s.onOpen(!was)
	}
	if len(offers) == 0 {
		s.hovered = false
		s.Hide()
		return
	}
	s.Show()
	s.Refresh()
}

// step goes up or down the list, round at its ends.
func (s *suggestions) step(by int) {
	n := len(s.offers)
	if n == 0 {
		return
	}
	switch {
	case s.chosen < 0 && by < 0:
		s.chosen = n - 1
	default:
		s.chosen = (s.chosen + by + n) % n
	}
	s.Refresh()
}

// pick takes the offer that stands out, or the first one. It reports whether there was one.
func (s *suggestions) pick() bool {
	if !s.open() {
		return false
	}
	s.onPick(s.offers[max(s.chosen, 0)])
	return true
}

func (s *suggestions) lineHeight() float32 {
	if s.fitter.size == 0 {
		s.fitter.use(s.Theme())
	}
	return s.fitter.rowHeight
}

// at gives the line under y, -1 for none.
func (s *suggestions) at(y float32) int {
	if i := int((y - suggestEdge) / s.lineHeight()); y >= suggestEdge && i < len(s.offers) {
		return i
	}
	return -1
}

// Tapped takes the line under the pointer.
func (s *suggestions) Tapped(e *fyne.PointEvent) {
	if i := s.at(e.Position.Y); i >= 0 {
		s.chosen = i
		s.pick()
	}
}

func (s *suggestions) MouseIn(e *desktop.MouseEvent)    { s.hovered = true; s.MouseMoved(e) }
func (s *suggestions) MouseOut()                        { s.hovered = false }
func (s *suggestions) MouseMoved(e *desktop.MouseEvent) { s.point(s.at(e.Position.Y)) }

func (s *suggestions) point(i int) {
	if i >= 0 && i != s.chosen {
		s.chosen = i
		s.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (s *suggestions) CreateRenderer() fyne.WidgetRenderer {
	r := &suggestRenderer{s: s, shade: &canvas.Rectangle{}, ground: &canvas.Rectangle{}, mark: &canvas.Rectangle{}}
	r.Refresh()
	return r
}

type suggestRenderer struct {
	s                   *suggestions
	shade, ground, mark *canvas.Rectangle
	labels, notes       []*canvas.Text
}

func (r *suggestRenderer) Destroy() {}

func (r *suggestRenderer) Objects() []fyne.CanvasObject {
	all := []fyne.CanvasObject{r.shade, r.ground, r.mark}
	for i := range min(len(r.s.offers), len(r.labels)) {
		all = append(all, r.labels[i], r.notes[i])
	}
	return all
}

// MinSize is what the offers need, within bounds.
func (r *suggestRenderer) MinSize() fyne.Size {
	height, width := r.s.lineHeight(), float32(suggestLeast)
	for _, o := range r.s.offers {
		width = fyne.Max(width, r.s.fitter.width(o.Label, false)+r.s.fitter.width(o.Note, false)+suggestGap+2*suggestPad+2*suggestEdge)
	}
	return fyne.NewSize(fyne.Min(width, suggestMost), height*float32(len(r.s.offers))+2*suggestEdge)
}

func (r *suggestRenderer) Layout(size fyne.Size) {
	f, line := &r.s.fitter, r.s.lineHeight()
	r.ground.Resize(size)
	r.shade.Move(fyne.NewPos(-1, 1))
	r.shade.Resize(size.AddWidthHeight(2, 2))
	for i, o := range r.s.offers {
		if i >= len(r.labels) {
			break
		}
		y, room := suggestEdge+line*float32(i), size.Width-2*suggestPad-2*suggestEdge
		label, used := f.fitting(o.Label, room, false)
		note, noted := f.fitting(o.Note, room-used-suggestGap, false)
		place := func(t *canvas.Text, text string, x, width float32) {
			t.Text = text
			t.Move(fyne.NewPos(x, y))
			t.Resize(fyne.NewSize(width, line))
		}
		place(r.labels[i], label, suggestEdge+suggestPad, used+1)
		place(r.notes[i], note, size.Width-suggestEdge-suggestPad-noted, noted+1)
	}
	r.mark.Hidden = r.s.chosen < 0
	r.mark.Move(fyne.NewPos(suggestEdge, suggestEdge+line*float32(max(r.s.chosen, 0))))
	r.mark.Resize(fyne.NewSize(size.Width-2*suggestEdge, line))
}

func (r *suggestRenderer) Refresh() {
	th, v := r.s.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	r.s.fitter.use(th)
	r.shade.FillColor = th.Color(theme.ColorNameShadow, v)
	r.ground.FillColor = th.Color(theme.ColorNameMenuBackground, v)
	r.ground.StrokeColor, r.ground.StrokeWidth = th.Color(theme.ColorNameInputBorder, v), 1
	r.ground.CornerRadius = th.Size(theme.SizeNamePopupRadius)
	r.shade.CornerRadius = r.ground.CornerRadius + 1
	r.mark.FillColor, r.mark.CornerRadius = th.Color(theme.ColorNamePrimary, v), th.Size(theme.SizeNameMenuRadius)
	for len(r.labels) < len(r.s.offers) {
		r.labels = append(r.labels, &canvas.Text{})
		r.notes = append(r.notes, &canvas.Text{})
	}
	for i := range r.labels {
		ink, muted := th.Color(theme.ColorNameForeground, v), th.Color(theme.ColorNamePlaceHolder, v)
		if i == r.s.chosen {
			ink = th.Color(theme.ColorNameForegroundOnPrimary, v)
			muted = ink
		}
		for t, c := range map[*canvas.Text]color.Color{r.labels[i]: ink, r.notes[i]: muted} {
			t.Color, t.TextSize = c, r.s.fitter.size
		}
	}
	r.Layout(r.s.Size())
	canvas.Refresh(r.s)
}
