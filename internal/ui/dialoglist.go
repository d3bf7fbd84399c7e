package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// lineList is a list of lines in a dialog, each of one or more cells. Only those in view are
// made: an app may well have a thousand processes.
type lineList struct {
	widget.List
	lines  [][]string
	room   int // how many lines it has room for without scrolling
	escape func()
}

// newLineList makes a list whose cells have these shares of the width; one below zero has that width always.
func newLineList(most int, style fyne.TextStyle, lines [][]string, shares ...float32) *lineList {
	l := &lineList{lines: lines, room: min(most, max(1, len(lines)))}
	l.HideSeparators = true
	l.Length = func() int { return len(l.lines) }
	l.CreateItem = func() fyne.CanvasObject {
		cells := make([]fyne.CanvasObject, len(shares))
		for i := range cells {
			label := newWordsWithStyle("", fyne.TextAlignLeading, style)
			label.Truncation = fyne.TextTruncateEllipsis
			cells[i] = label
		}
		return container.New(sharedWidth(shares), cells...)
	}
	l.UpdateItem = func(at widget.ListItemID, o fyne.CanvasObject) {
		if at >= len(l.lines) {
			return
		}
		for i, cell := range o.(*fyne.Container).Objects {
			text := ""
			if i < len(l.lines[at]) {
				text = l.lines[at][i]
			}
			cell.(*words).SetText(text)
		}
	}
	l.OnSelected = func(at widget.ListItemID) { l.Unselect(at) } // it is to be read only
	l.ExtendBaseWidget(l)
	return l
}

// set shows other lines, in the room that the first ones have taken.
func (l *lineList) set(lines [][]string) {
	if equalLines(l.lines, lines) {
		return
	}
	l.lines = lines
	l.Refresh()
}

// text gives all lines, to be copied.
func (l *lineList) text() string {
	lines := make([]string, len(l.lines))
	for i, line := range l.lines {
		lines[i] = strings.Join(line, "\t")
	}
	return strings.Join(lines, "\n")
}

// MinSize has the height of as many lines as it has room for.
func (l *lineList) MinSize() fyne.Size {
	return fyne.NewSize(l.List.MinSize().Width, float32(l.room)*l.lineHeight())
}

func (l *lineList) lineHeight() float32 {
	return l.CreateItem().MinSize().Height + l.Theme().Size(theme.SizeNamePadding)
}

// TypedKey leaves the dialog on Escape; the arrows scroll.
func (l *lineList) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape && l.escape != nil {
		l.escape()
		return
	}
	l.List.TypedKey(e)
}

func equalLines(a, b [][]string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if strings.Join(a[i], "\x00") != strings.Join(b[i], "\x00") {
			return false
		}
	}
	return true
}

// sharedWidth gives each object its share of the width that is left by those whose share is below
// zero: they have that width.
type sharedWidth []float32

// MinSize is for Fyne.
func (s sharedWidth) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var height float32
	for _, o := range objects {
		height = fyne.Max(height, o.MinSize().Height)
	}
	return fyne.NewSize(0, height)
}

// Layout is for Fyne.
func (s sharedWidth) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	var sum, x float32
	left := size.Width
	for _, share := range s {
		sum += fyne.Max(0, share)
		left += fyne.Min(0, share)
	}
	for i, o := range objects {
		width := -s[i]
		if s[i] >= 0 {
			width = fyne.Max(0, left) * s[i] / sum
		}
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(width, size.Height))
		x += width
	}
}
