package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"
)

// The widths that a dialog's text is laid out for, where the window has them: of a few
// words and of lists.
const (
	dialogWidth = 460
	listWidth   = 620
)

// modal is a dialog over the window. Unlike Fyne's own it has a button that is
// focused from the start, and it understands Escape, Enter and the arrows.
type modal struct {
	window  *window
	popup   *widget.PopUp
	text    *container.Scroll // all but the buttons
	row     *fyne.Container   // of the buttons
	buttons []*modalButton    // the first is the way out that changes nothing
	canvas  fyne.Canvas
	closed  func() // may be nil
}

// modalButton is a button that knows the dialog's keys.
type modalButton struct {
	widget.Button
	dialog *modal
	stays  bool // the dialog stays open when it is pressed
}

func newModalButton(text string, importance widget.Importance, tapped func()) *modalButton {
	b := &modalButton{}
	b.Text, b.Importance, b.OnTapped = text, importance, tapped
	b.ExtendBaseWidget(b)
	return b
}

// MinSize gives all buttons of a dialog a decent width.
func (b *modalButton) MinSize() fyne.Size { return b.Button.MinSize().Max(fyne.NewSize(96, 0)) }

// TypedKey presses the button on Enter, leaves on Escape, and moves along the buttons.
func (b *modalButton) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyEscape:
		b.dialog.cancel()
	case fyne.KeyReturn, fyne.KeyEnter:
		if !b.Disabled() {
			b.Tapped(nil)
		}
	case fyne.KeyLeft, fyne.KeyUp:
		b.dialog.canvas.FocusPrevious()
	case fyne.KeyRight, fyne.KeyDown:
		b.dialog.canvas.FocusNext()
	default:
		b.Button.TypedKey(e)
	}
}

// showModal shows a dialog of the given width. Each button closes it before it does its own work,
// unless it stays; the first one, and Escape, must change nothing. closed is called in any case.
func (w *window) showModal(width float32, title string, body fyne.CanvasObject, closed func(), buttons ...*modalButton) *modal {
	c := w.Canvas()
	m := &modal{window: w, canvas: c, buttons: buttons, closed: closed}
	heading := newWordsWithStyle(title, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	heading.SizeName = "subHeadingText"
	heading.Truncation = fyne.TextTruncateEllipsis
	m.row = container.New(layout.NewCustomPaddedHBoxLayout(8), layout.NewSpacer())
	for _, b := range buttons {
		b.dialog = m
		act := b.OnTapped
		b.OnTapped = func() {
			if !b.stays {
				m.close()
			}
			if act != nil {
				act()
			}
		}
		m.row.Add(b)
	}
	text := container.New(layout.NewCustomPaddedVBoxLayout(8), heading, body)
	m.text = container.NewVScroll(text)
	fit := within{c, width}
	text.Resize(fyne.NewSize(fit.width(), text.MinSize().Height)) // lines wrap, and only then their height is known
	content := container.New(layout.NewCustomPaddedVBoxLayout(14), container.New(fit, m.text), m.row)
	m.popup = widget.NewModalPopUp(container.New(layout.NewCustomPaddedLayout(10, 12, 14, 14), content), c)
	m.open(buttons[0])
	return m
}

// open shows it, with the keyboard at one of its parts. The rows hold still as long as it is open.
func (m *modal) open(at fyne.Focusable) {
	m.window.modals = append(m.window.modals, m)
	m.window.table.hold()
	m.popup.Show()
	m.canvas.Focus(at)
}

// column puts objects below each other. A VBox takes its padding from the theme, which is another
// in a dialog's text when it is measured than when one of its lines is laid out anew.
func column(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(2), objects...)
}

// What is around a dialog's text: its edges, its buttons, and a strip of the window.
const (
	aroundText = 110
	besideText = 48
)

// within gives a scroll the height of its content, but of no more than the window has room for:
// a dialog's buttons must be in reach in a low window too.
type within struct {
	canvas fyne.Canvas
	wanted float32
}

func (w within) width() float32 {
	return fyne.Min(w.wanted, fyne.Max(200, w.canvas.Size().Width-besideText))
}

func (w within) MinSize(objects []fyne.CanvasObject) fyne.Size {
	need := objects[0].(*container.Scroll).Content.MinSize()
	return fyne.NewSize(w.width(), fyne.Max(24, fyne.Min(need.Height, w.canvas.Size().Height-aroundText)))
}

func (w within) Layout(objects []fyne.CanvasObject, size fyne.Size) { objects[0].Resize(size) }

// cancel leaves by the first button.
func (m *modal) cancel() { m.buttons[0].Tapped(nil) }

// close closes it, once.
func (m *modal) close() {
	at := slices.Index(m.window.modals, m)
	if at < 0 {
		return
	}
	m.window.modals = slices.Delete(m.window.modals, at, at+1)
	m.popup.Hide()
	m.window.table.release()
	if m.closed != nil {
		m.closed()
	}
}

// asking reports whether a dialog is open.
func (w *window) asking() bool { return len(w.modals) > 0 }

// dismiss closes an open menu, and answers open dialogs with no: what was asked
// before the window was hidden must not wait for a hasty click when it is shown again.
func (w *window) dismiss() {
	w.search.suggest.offer(nil, -1)
	w.closeMenu()
	w.closePopover()
	for _, m := range slices.Backward(slices.Clone(w.modals)) {
		m.cancel()
	}
}
