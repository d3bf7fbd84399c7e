package ui

import (
	"fyne.io/fyne/v2"
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
	f.ActionItem = f.clear
	return f
}

// What the empty field says: examples where there is room for them.
func longHint() string  { return language.T("Search: node, :3000, state:listen exposed:yes") }
func shortHint() string { return language.T("Search") }

// hintRoom is the width of the field from which it shows the examples, with the icons beside them.
func hintRoom(th fyne.Theme) float32 {
	return fyne.MeasureText(longHint(), th.Size(theme.SizeNameText), fyne.TextStyle{}).Width +
		2*th.Size(theme.SizeNameInlineIcon) + 4*th.Size(theme.SizeNameInnerPadding)
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

// TypedKey gives Escape, Down and Enter a meaning, the rest is the entry's.
func (f *searchField) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyEscape:
		f.onEscape()
	case fyne.KeyDown, fyne.KeyReturn, fyne.KeyEnter:
		f.onLeave()
	default:
		f.Entry.TypedKey(e)
	}
}

// TypedShortcut hands on what is not about text.
func (f *searchField) TypedShortcut(s fyne.Shortcut) {
	if custom, ok := s.(*desktop.CustomShortcut); ok {
		f.keys.TypedShortcut(custom)
		return
	}
	f.Entry.TypedShortcut(s)
}
