package ui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/language"
)

// readable are words that can be marked with the mouse, and copied. Only while the pointer is over them they can have
// the focus, as Fyne wants it for that: Tab would else go through all of them without anything to be seen. They keep it
// only while something is marked, and but for Copy, for which they have it: every other key is for what had it before.
type readable struct {
	words
	left   func() // gives the keyboard back; nil: what had it before gets it
	marker *marker
}

var _ desktop.Hoverable = (*readable)(nil)

func newReadable() *readable {
	r := &readable{}
	r.ExtendBaseWidget(r)
	return r
}

// MouseIn has the text ready to be marked.
func (r *readable) MouseIn(*desktop.MouseEvent) { r.setSelectable(true) }

// MouseMoved changes nothing.
func (r *readable) MouseMoved(*desktop.MouseEvent) {}

// MouseOut ends it.
func (r *readable) MouseOut() {
	if r.marker != nil {
		r.marker.giveBack()
	}
	r.setSelectable(false)
}

func (r *readable) setSelectable(on bool) {
	r.Selectable = on
	r.Refresh()
}

// CreateRenderer puts the marker above the part of a label that can be marked, and that would keep all keys to itself.
func (r *readable) CreateRenderer() fyne.WidgetRenderer {
	inner := r.words.CreateRenderer()
	was := r.Selectable
	r.Selectable = true // a label only then tells of the part
	for _, o := range inner.Objects() {
		if area, ok := o.(markable); ok {
			r.marker = &marker{readable: r, area: area}
			r.marker.ExtendBaseWidget(r.marker)
		}
	}
	r.Selectable = was
	return &readableRenderer{inner, r}
}

type readableRenderer struct {
	fyne.WidgetRenderer
	r *readable
}

func (r *readableRenderer) Objects() []fyne.CanvasObject {
	objects := r.WidgetRenderer.Objects()
	if r.r.Selectable && r.r.marker != nil {
		objects = append(slices.Clip(objects), r.r.marker)
	}
	return objects
}

func (r *readableRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	if m := r.r.marker; m != nil {
		m.Move(m.area.Position())
		m.Resize(m.area.Size())
	}
}

// markable is the part of Fyne's label whose text can be marked.
type markable interface {
	fyne.CanvasObject
	fyne.Focusable
	fyne.Shortcutable
	fyne.Draggable
	fyne.DoubleTappable
	fyne.SecondaryTappable
	desktop.Mouseable
	desktop.Cursorable
	SelectedText() string
}

// marker gets what the mouse does in place of the part below it, and the keyboard.
type marker struct {
	widget.BaseWidget
	readable *readable
	area     markable
	before   fyne.Focusable // had the keyboard; nil: nothing had
}

var _ markable = (*marker)(nil)

// CreateRenderer is for Fyne: there is nothing to be seen of it.
func (m *marker) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(&fyne.Container{})
}

// SelectedText is what is marked, with paths in one piece.
func (m *marker) SelectedText() string {
	return strings.ReplaceAll(m.area.SelectedText(), pathBreak, "/")
}

func (m *marker) copy() { fyne.CurrentApp().Clipboard().SetContent(m.SelectedText()) }

// Cursor is that for text.
func (m *marker) Cursor() desktop.Cursor { return m.area.Cursor() }

// MouseDown begins to mark.
func (m *marker) MouseDown(e *desktop.MouseEvent) {
	if c := m.canvas(); c != nil && !isPlainText(c.Focused()) {
		m.before = c.Focused()
	}
	m.area.MouseDown(e)
}

// MouseUp is the end of a click, which marks nothing, or of marking.
func (m *marker) MouseUp(e *desktop.MouseEvent) {
	m.area.MouseUp(e)
	m.settle()
}

// Dragged marks.
func (m *marker) Dragged(e *fyne.DragEvent) { m.area.Dragged(e) }

// DragEnd ends it.
func (m *marker) DragEnd() {
	m.area.DragEnd()
	m.settle()
}

// DoubleTapped marks a word.
func (m *marker) DoubleTapped(e *fyne.PointEvent) {
	m.area.DoubleTapped(e)
	m.settle()
}

// TappedSecondary opens the menu with Copy.
func (m *marker) TappedSecondary(e *fyne.PointEvent) {
	if c := m.canvas(); c != nil {
		widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", fyne.NewMenuItem(language.T("Copy"), m.copy)), c, e.AbsolutePosition)
	}
}

// settle takes the keyboard where something is marked, for Copy; else it gives it back.
func (m *marker) settle() {
	if m.SelectedText() == "" {
		m.giveBack()
	} else if c := m.canvas(); c != nil {
		c.Focus(m)
	}
}

// FocusGained has the marked text shown as such.
func (m *marker) FocusGained() { m.area.FocusGained() }

// FocusLost has it shown no more.
func (m *marker) FocusLost() { m.area.FocusLost() }

// TypedKey hands a key on. That of a modifier says nothing yet.
func (m *marker) TypedKey(e *fyne.KeyEvent) {
	c := m.canvas()
	if c == nil || isModifier(e.Name) {
		return
	}
	m.giveBack()
	if to := c.Focused(); to != nil {
		to.TypedKey(e)
	} else if typed := c.OnTypedKey(); typed != nil {
		typed(e)
	}
}

// TypedRune hands it on.
func (m *marker) TypedRune(r rune) {
	c := m.canvas()
	if c == nil {
		return
	}
	m.giveBack()
	if to := c.Focused(); to != nil {
		to.TypedRune(r)
	} else if typed := c.OnTypedRune(); typed != nil {
		typed(r)
	}
}

// TypedShortcut copies what is marked, and hands on all else.
func (m *marker) TypedShortcut(s fyne.Shortcut) {
	if _, copies := s.(*fyne.ShortcutCopy); copies {
		m.copy()
		return
	}
	c := m.canvas()
	if c == nil {
		return
	}
	m.giveBack()
	if to, ok := c.Focused().(fyne.Shortcutable); ok {
		to.TypedShortcut(s)
	} else if whole, ok := c.(fyne.Shortcutable); ok {
		whole.TypedShortcut(s)
	}
}

// giveBack gives the keyboard to what had it before, if it is here.
func (m *marker) giveBack() {
	c := m.canvas()
	if c == nil || !isPlainText(c.Focused()) {
		return
	}
	switch {
	case m.readable.left != nil:
		m.readable.left()
	case m.before != nil:
		c.Focus(m.before)
	}
	if isPlainText(c.Focused()) { // what had it is there no more
		c.Unfocus()
	}
	m.before = nil
}

func (m *marker) canvas() fyne.Canvas { return fyne.CurrentApp().Driver().CanvasForObject(m.readable) }

// isPlainText reports whether it is text that can be marked, but not typed into.
func isPlainText(focused fyne.Focusable) bool {
	_, marked := focused.(interface{ SelectedText() string })
	_, typed := focused.(desktop.Keyable)
	return marked && !typed
}

// isModifier reports whether a key only changes what others mean.
func isModifier(key fyne.KeyName) bool {
	switch key {
	case "", desktop.KeyShiftLeft, desktop.KeyShiftRight, desktop.KeyControlLeft, desktop.KeyControlRight,
		desktop.KeyAltLeft, desktop.KeyAltRight, desktop.KeySuperLeft, desktop.KeySuperRight, desktop.KeyCapsLock:
		return true
	default:
		return false
	}
}
