package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"
)

// emptyState stands where the rows would be and says why there are none.
type emptyState struct {
	*fyne.Container
	title, text *words
	action      *widget.Button
}

func newEmptyState() *emptyState {
	e := &emptyState{
		title:  newWordsWithStyle("", fyne.TextAlignCenter, fyne.TextStyle{Bold: true}),
		text:   newWordsWithStyle("", fyne.TextAlignCenter, fyne.TextStyle{}),
		action: widget.NewButton("", nil),
	}
	e.title.SizeName = "subHeadingText"
	e.text.Importance = widget.LowImportance
	e.Container = container.NewCenter(container.New(layout.NewCustomPaddedVBoxLayout(8),
		container.NewVBox(e.title, e.text), container.NewCenter(e.action)))
	return e
}

// say shows a title, a text when it is not "", and a button when act is not nil.
func (e *emptyState) say(title, text, button string, act func()) {
	e.title.SetText(title)
	e.text.SetText(text)
	e.text.Hidden = text == ""
	e.action.SetText(button)
	e.action.OnTapped = act
	e.action.Hidden = act == nil
	e.Show()
	e.Refresh()
}
