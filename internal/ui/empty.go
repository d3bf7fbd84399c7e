package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// emptyState stands where the rows would be and says why there are none.
type emptyState struct {
	*fyne.Container
	title, text *words
	action      *wordButton
}

func newEmptyState() *emptyState {
	e := &emptyState{
		title:  newWordsWithStyle("", fyne.TextAlignCenter, fyne.TextStyle{Bold: true}),
		text:   newWordsWithStyle("", fyne.TextAlignCenter, fyne.TextStyle{}),
		action: newWordButton("", nil),
	}
	e.title.SizeName = "subHeadingText"
	e.text.Importance = widget.LowImportance
	e.title.Wrapping, e.text.Wrapping = fyne.TextWrapWord, fyne.TextWrapWord
	e.Container = container.New(emptyLayout{}, e.title, e.text, e.action)
	return e
}

// emptyLayout puts the words, which wrap, and the button below each other in the middle.
type emptyLayout struct{}

const (
	emptyWidth  = 520 // of a line, at most
	emptyLength = 240 // how many characters of a text are shown
)

// MinSize is small: the words take the width that there is.
func (emptyLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return objects[2].MinSize()
}

func (emptyLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	const gap = 6
	width := min(emptyWidth, size.Width-2*gap)
	left, height := (size.Width-width)/2, float32(-gap)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		if w, ok := o.(*words); ok {
			height += place(w, left, 0, width) + gap
		} else {
			o.Resize(o.MinSize())
			height += o.Size().Height + gap
		}
	}
	y := max(0, floor((size.Height-height)/2))
	for _, o := range objects {
		if o.Visible() {
			o.Move(fyne.NewPos(floor((size.Width-o.Size().Width)/2), y))
			y += o.Size().Height + gap
		}
	}
}

// say shows a title, a text when it is not "", and a button when act is not nil.
func (e *emptyState) say(title, text, button string, act func()) {
	e.title.SetText(title)
	e.text.SetText(abbreviated(text, emptyLength))
	e.text.Hidden = text == ""
	e.action.SetText(button)
	e.action.OnTapped = act
	e.action.Hidden = act == nil
	e.Show()
	e.Refresh()
}
