package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// wordsInset is the space that words keep around their text.
const wordsInset = 2

// words is a label whose lines stand close together: Fyne's keeps theme.InnerPadding around its
// text, as much as a button. A container.ThemeOverride with a smaller padding would do as well, but each
// one, and each of its refreshes, has Fyne load all its fonts once more and keep them for good.
type words struct {
	widget.Label
}

func newWords(text string) *words {
	return newWordsWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{})
}

func newWordsWithStyle(text string, alignment fyne.TextAlign, style fyne.TextStyle) *words {
	w := &words{}
	w.Text, w.Alignment, w.TextStyle = text, alignment, style
	w.ExtendBaseWidget(w)
	return w
}

// CreateRenderer is the label's, with the text moved outwards.
func (w *words) CreateRenderer() fyne.WidgetRenderer {
	r := &wordsRenderer{w.Label.CreateRenderer()}
	r.soften()
	return r
}

type wordsRenderer struct{ fyne.WidgetRenderer }

// spare is how much of the label's padding is not wanted.
func (wordsRenderer) spare() float32 { return max(theme.InnerPadding()-wordsInset, 0) }

func (r *wordsRenderer) MinSize() fyne.Size {
	return r.WidgetRenderer.MinSize().SubtractWidthHeight(2*r.spare(), 2*r.spare())
}

func (r *wordsRenderer) Layout(size fyne.Size) {
	spare := r.spare()
	r.WidgetRenderer.Layout(size.AddWidthHeight(2*spare, 2*spare))
	for _, o := range r.Objects() {
		o.Move(fyne.NewPos(-spare, -spare))
	}
}

func (r *wordsRenderer) Refresh() {
	r.soften()
	r.WidgetRenderer.Refresh()
}

// soften gives text of low importance a grey that can be read well: a label has it as faint as something disabled.
func (r *wordsRenderer) soften() {
	for _, o := range r.Objects() {
		text, ok := o.(*widget.RichText)
		if !ok {
			continue
		}
		if s := text.Segments[0].(*widget.TextSegment); s.Style.ColorName == theme.ColorNameDisabled { // a label has one segment
			s.Style.ColorName = theme.ColorNamePlaceHolder
		}
	}
}

// middle places an object in the middle of the height that it gets, next to something higher.
func middle(o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedVBoxLayout(0), layout.NewSpacer(), o, layout.NewSpacer())
}

// wordButton is a button of a word alone, which has more room at its sides than Fyne gives it where the padding is small.
type wordButton struct{ widget.Button }

// wordPad is that room.
const wordPad = 6

func newWordButton(text string, tapped func()) *wordButton {
	b := &wordButton{}
	b.Text, b.OnTapped = text, tapped
	b.ExtendBaseWidget(b)
	return b
}

// MinSize has the room beside the word.
func (b *wordButton) MinSize() fyne.Size { return b.Button.MinSize().AddWidthHeight(2*wordPad, 0) }
