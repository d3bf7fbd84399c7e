package ui

import (
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/language"
)

// searchField is the entry for the query.
type searchField struct {
	widget.Entry
	onEscape func()
	onLeave  func()                // Down or Enter: on to what was found
	keys     *fyne.ShortcutHandler // the window's shortcuts: Fyne gives them to the focused entry alone

	clear *widget.Button
	star  *widget.Button // saved filters

	suggest *suggestions
	onTyped func() // the person has typed or deleted something
	onFocus func(bool)
	mark    wrongMark
}

func newSearchField(keys *fyne.ShortcutHandler) *searchField {
	f := &searchField{keys: keys}
	f.Wrapping = fyne.TextWrapOff
	f.Scroll = fyne.ScrollHorizontalOnly
	f.ExtendBaseWidget(f)
	f.Icon = theme.SearchIcon()
	f.SetPlaceHolder(longHint())
	f.clear = widget.NewButtonWithIcon("", theme.ContentClearIcon(), func() { f.SetText("") })
	f.clear.Importance = widget.LowImportance
	f.clear.Hide()
	f.star = widget.NewButtonWithIcon("", starIcon(false), nil)
	f.star.Importance = widget.LowImportance
	f.ActionItem = container.New(fieldButtons{}, f.clear, f.star)
	f.suggest = newSuggestions()
	f.OnCursorChanged = f.moved
	return f
}

// fieldButtons places buttons at the end of the field, a hidden one too: the entry does not ask again
// how much room they need.
type fieldButtons struct{}

const fieldButton = 26 // the width of one

func (fieldButtons) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(fieldButton*float32(len(objects)), fieldButton)
}

func (fieldButtons) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for i, o := range objects {
		o.Move(fyne.NewPos(fieldButton*float32(i), 0))
		o.Resize(fyne.NewSize(fieldButton, size.Height))
	}
}

// What the empty field says: examples where there is room for them.
func longHint() string  { return language.T("Search: node, :3000, state:listen exposed:yes") }
func shortHint() string { return language.T("Search") }

// hintRoom is the width of the field from which it shows the examples, with the icons beside them.
func hintRoom(th fyne.Theme) float32 {
	return fyne.MeasureText(longHint(), th.Size(theme.SizeNameText), fyne.TextStyle{}).Width +
		th.Size(theme.SizeNameInlineIcon) + 2*fieldButton + 4*th.Size(theme.SizeNameInnerPadding)
}

// Resize takes the hint that fits: Fyne would scroll a longer one.
func (f *searchField) Resize(size fyne.Size) {
	hint := longHint()
	if size.Width < hintRoom(f.Theme()) {
		hint = shortHint()
	}
	if f.PlaceHolder != hint {
		f.SetPlaceHolder(hint)
	}
	if size != f.Size() {
		f.suggest.offer(nil, -1)
	}
	f.Entry.Resize(size)
}

// showClear shows the button that empties the field when there is something to empty.
func (f *searchField) showClear() {
	if f.Text == "" {
		f.clear.Hide()
	} else {
		f.clear.Show()
	}
}

// TypedKey gives the keys of the list of suggestions a meaning while that is open, and Escape, Down and Enter
// one of their own; the rest is the entry's.
func (f *searchField) TypedKey(e *fyne.KeyEvent) {
	if f.suggest.open() && f.suggestKey(e.Name) {
		return
	}
	switch e.Name {
	case fyne.KeyEscape:
		f.onEscape()
	case fyne.KeyDown, fyne.KeyReturn, fyne.KeyEnter:
		f.onLeave()
	default:
		before := f.Text
		f.Entry.TypedKey(e)
		if f.Text != before {
			f.onTyped()
		}
	}
}

// suggestKey does what a key means in the list of suggestions, and reports whether it means anything. Enter takes what
// stands out, Tab the first one where nothing does.
func (f *searchField) suggestKey(key fyne.KeyName) bool {
	switch key {
	case fyne.KeyDown:
		f.suggest.step(1)
	case fyne.KeyUp:
		f.suggest.step(-1)
	case fyne.KeyTab:
		return f.suggest.pick()
	case fyne.KeyReturn, fyne.KeyEnter:
		return f.suggest.chosen >= 0 && f.suggest.pick()
	case fyne.KeyEscape:
		f.suggest.offer(nil, -1)
	default:
		return false
	}
	return true
}

// AcceptsTab tells Fyne that Tab is for the list of suggestions while that is open.
func (f *searchField) AcceptsTab() bool { return f.suggest.open() }

// TypedRune tells of what was typed once it is there.
func (f *searchField) TypedRune(r rune) {
	f.Entry.TypedRune(r)
	f.onTyped()
}

// FocusGained and FocusLost tell who looks on. A click on a suggestion takes the focus too: it stays open for it.
func (f *searchField) FocusGained() {
	f.Entry.FocusGained()
	f.onFocus(true)
}

// FocusLost closes the list of suggestions, unless it is there that was clicked.
func (f *searchField) FocusLost() {
	f.Entry.FocusLost()
	if !f.suggest.hovered {
		f.suggest.offer(nil, -1)
	}
	f.onFocus(false)
}

// cursor is where the cursor stands, in bytes.
func (f *searchField) cursor() int {
	column := f.CursorColumn
	for at := range f.Text {
		if column == 0 {
			return at
		}
		column--
	}
	return len(f.Text)
}

// replace puts a text into the field as if it had been typed, with the cursor at a byte of it.
func (f *searchField) replace(text string, cursor int) {
	f.SetText(text)
	f.CursorColumn = utf8.RuneCountInString(text[:cursor])
	f.Refresh()
}

// moved follows the cursor: the text may have been scrolled.
func (f *searchField) moved() {
	f.mark.place(f)
}

// TypedShortcut hands on what is not about text.
func (f *searchField) TypedShortcut(s fyne.Shortcut) {
	if custom, ok := s.(*desktop.CustomShortcut); ok {
		f.keys.TypedShortcut(custom)
		return
	}
	f.Entry.TypedShortcut(s)
}
