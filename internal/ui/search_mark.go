package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// wrongMark underlines what is wrong in the search field.
type wrongMark struct {
	start, end int // bytes of the text; both 0: nothing is wrong
	line       canvas.Rectangle
	scroll     *container.Scroll // of the entry, in which its text moves
}

const markThickness = 2

// set marks a part of the text.
func (m *wrongMark) set(f *searchField, start, end int) {
	m.start, m.end = start, end
	m.place(f)
}

// place draws the line under what is to be seen of the part.
func (m *wrongMark) place(f *searchField) {
	from, to := f.textX(m.start), f.textX(m.end)
	left, right := f.textRoom()
	from, to = fyne.Max(from, left), fyne.Min(to, right)
	m.line.Hidden = m.end <= m.start || m.end > len(f.Text) || to <= from
	m.line.FillColor = f.Theme().Color(theme.ColorNameError, fyne.CurrentApp().Settings().ThemeVariant())
	m.line.Move(fyne.NewPos(from, f.Size().Height-markThickness-4))
	m.line.Resize(fyne.NewSize(to-from, markThickness))
	m.line.Refresh()
}

// textX is where a byte of the text stands in the field.
func (f *searchField) textX(at int) float32 {
	left, _ := f.textRoom()
	th := f.Theme()
	x := left + th.Size(theme.SizeNameInnerPadding) + fyne.MeasureText(f.Text[:min(at, len(f.Text))], th.Size(theme.SizeNameText), f.TextStyle).Width
	if f.mark.scroll != nil {
		x -= f.mark.scroll.Offset.X
	}
	return x
}

// textRoom is from where to where the text can be seen.
func (f *searchField) textRoom() (left, right float32) {
	if f.mark.scroll == nil {
		return 0, f.Size().Width
	}
	left = f.mark.scroll.Position().X
	return left, left + f.mark.scroll.Size().Width
}

// CreateRenderer adds the mark to what Fyne draws of an entry.
func (f *searchField) CreateRenderer() fyne.WidgetRenderer {
	r := &searchRenderer{f.Entry.CreateRenderer(), f}
	for _, object := range r.WidgetRenderer.Objects() {
		if scroll, ok := object.(*container.Scroll); ok {
			f.mark.scroll = scroll
		}
	}
	f.mark.line.Hidden = true
	return r
}

type searchRenderer struct {
	fyne.WidgetRenderer
	f *searchField
}

func (r *searchRenderer) Objects() []fyne.CanvasObject {
	objects := r.WidgetRenderer.Objects()
	return append(slices.Clip(objects), &r.f.mark.line)
}

func (r *searchRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	r.f.mark.place(r.f)
}

func (r *searchRenderer) Refresh() {
	r.WidgetRenderer.Refresh()
	r.f.mark.place(r.f)
}
