package ui

import "fyne.io/fyne/v2"

// toolbarLayout places the switch of the views, the search field and the buttons in one line; in a narrow window the
// field and the buttons stand below the switch. The chips are below them all, but not in a low window, which has
// hardly room for rows.
type toolbarLayout struct{ canvas fyne.Canvas }

const (
	toolbarGap = 8
	toolbarRow = 5   // between two lines
	fieldLeast = 180 // the width of the search field under which it gets a line of its own
	fieldTight = 100 // its width at least, in any window
	chipsLeast = 340 // the height of the window under which it has no chips
)

// toolbarParts are the objects of the toolbar, in the order in which Tab goes through them.
type toolbarParts struct{ views, field, buttons, chips fyne.CanvasObject }

func partsOf(objects []fyne.CanvasObject) toolbarParts {
	return toolbarParts{objects[0], objects[1], objects[2], objects[3]}
}

// narrow asks the canvas, as the height is asked for before the width is given.
func (l toolbarLayout) narrow(p toolbarParts) bool {
	const edges = 12
	return l.canvas.Size().Width-edges < p.views.MinSize().Width+p.buttons.MinSize().Width+fieldLeast+2*toolbarGap
}

func (l toolbarLayout) low() bool { return l.canvas.Size().Height < chipsLeast }

func (l toolbarLayout) lineHeight(p toolbarParts) float32 {
	return fyne.Max(p.views.MinSize().Height, fyne.Max(p.field.MinSize().Height, p.buttons.MinSize().Height))
}

func (l toolbarLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	p := partsOf(objects)
	height := l.lineHeight(p)
	if !l.low() {
		height += toolbarRow + p.chips.MinSize().Height
	}
	if l.narrow(p) {
		height += l.lineHeight(p) + toolbarRow
	}
	return fyne.NewSize(fyne.Max(p.views.MinSize().Width, fieldTight+toolbarGap+p.buttons.MinSize().Width), height)
}

func (l toolbarLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	p := partsOf(objects)
	line, buttons := l.lineHeight(p), p.buttons.MinSize().Width
	place := func(o fyne.CanvasObject, x, y, width, height float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(width, height))
	}
	y, left := float32(0), p.views.MinSize().Width
	place(p.views, 0, 0, fyne.Min(left, size.Width), line)
	left += toolbarGap
	if l.narrow(p) {
		y, left = line+toolbarRow, 0
	}
	place(p.field, left, y, fyne.Max(fieldTight, size.Width-left-toolbarGap-buttons), line)
	place(p.buttons, size.Width-buttons, y, buttons, line)
	if l.low() {
		p.chips.Hide()
		return
	}
	y += line + toolbarRow
	p.chips.Show()
	place(p.chips, 0, y, size.Width, p.chips.MinSize().Height)
}
