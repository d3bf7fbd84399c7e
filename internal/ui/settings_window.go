package ui

import (
	"log/slog"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/language"
)

// The pages of the settings.
const (
	pageGeneral = iota
	pageLook
	pageWatch
	pageLimits
	pageHidden
)

const (
	settingsWidth  = 640
	settingsHeight = 400 // of a page
	// controlRoom is the width beside its words from which a control stands there, and not below them.
	controlRoom = 170
	// edgeRoom is kept free at the edges of what scrolls: for the edge of the focus, and as Fyne moves what is round and reaches over an edge
	// when it draws it without a graphics card.
	edgeRoom = 4
)

// settingsDialog is the open settings. All that is changed takes effect at once: there is nothing to confirm.
type settingsDialog struct {
	*modal
	window *window
	pages  *segments
	tabs   *container.Scroll // of the pages, in a narrow window
	page   *fyne.Container
	scroll *container.Scroll
	width  float32 // of the page
}

// showSettings opens the settings, or brings them back to the first page.
func (w *window) showSettings() { w.showSettingsPage(pageGeneral) }

// showSettingsPage opens them on one page.
func (w *window) showSettingsPage(page int) {
	if w.settings != nil {
		w.settings.turn(page)
		return
	}
	w.putAside()
	slog.Debug("settings", "page", page)
	d := &settingsDialog{window: w}
	w.settings = d
	d.open(page)
}

func (d *settingsDialog) open(page int) {
	c := d.window.Canvas()
	done := newModalButton(language.T("Done"), widget.HighImportance, nil)
	d.modal = &modal{window: d.window, canvas: c, buttons: []*modalButton{done}, closed: d.left}
	done.dialog = d.modal
	done.OnTapped = d.close
	d.pages = newSegments(language.T("General"), language.T("Look"), language.T("Watch"), language.T("Limits"), language.T("Hidden apps"))
	d.pages.onChange = d.turn
	d.pages.onKey = d.typedKey
	d.page = container.New(layout.NewCustomPaddedVBoxLayout(10))
	d.scroll = container.NewVScroll(container.New(layout.NewCustomPaddedLayout(edgeRoom, edgeRoom, 0, 12), d.page))
	room := within{c, settingsWidth}
	d.width = room.width() - 14
	heading := newWordsWithStyle(language.T("Settings"), fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	heading.SizeName = theme.SizeNameSubHeadingText
	d.tabs = container.NewHScroll(container.New(layout.NewCustomPaddedLayout(edgeRoom, edgeRoom, edgeRoom, edgeRoom), d.pages))
	d.row = container.New(layout.NewCustomPaddedHBoxLayout(8), layout.NewSpacer(), done)
	above := container.New(layout.NewCustomPaddedVBoxLayout(10), heading, d.tabs, widget.NewSeparator())
	below := container.New(layout.NewCustomPaddedLayout(10, 0, 0, 0), d.row)
	// Tab goes from one to the next in this order: that of the eye.
	content := container.New(layout.NewBorderLayout(above, below, nil, nil), above, container.New(&pageRoom{c, room}, d.scroll), below)
	d.popup = widget.NewModalPopUp(container.New(layout.NewCustomPaddedLayout(10, 12, 14, 14), content), c)
	d.turn(page)
	d.modal.open(d.pages)
	d.revealPage() // only now it is known how much of them is in view
}

// revealPage scrolls the word of the page that is shown into view.
func (d *settingsDialog) revealPage() {
	from, width := float32(edgeRoom), float32(0)
	for i, cell := range d.pages.cells(d.pages.Size().Width) {
		if width = cell; i == d.pages.chosen {
			break
		}
		from += cell
	}
	if view := d.tabs.Size().Width; view > 0 {
		x := max(0, min(from-edgeRoom, max(d.tabs.Offset.X, from+width+edgeRoom-view)))
		d.tabs.ScrollToOffset(fyne.NewPos(x, 0))
	}
}

// pageRoom gives a page its height: the same for all pages, and no more than the window has room for.
type pageRoom struct {
	canvas fyne.Canvas
	within within
}

func (p *pageRoom) MinSize([]fyne.CanvasObject) fyne.Size {
	const around = 150
	return fyne.NewSize(p.within.width(), fyne.Max(60, fyne.Min(settingsHeight, p.canvas.Size().Height-around)))
}

func (p *pageRoom) Layout(objects []fyne.CanvasObject, size fyne.Size) { objects[0].Resize(size) }

// turn shows a page.
func (d *settingsDialog) turn(page int) {
	d.pages.choose(page)
	d.revealPage()
	d.fill()
	d.scroll.ScrollToTop()
}

// fill makes the page anew, as what it shows may have changed.
func (d *settingsDialog) fill() {
	d.page.Objects = nil
	switch d.pages.chosen {
	case pageLook:
		d.fillLook()
	case pageWatch:
		d.fillWatch()
	case pageLimits:
		d.fillLimits()
	case pageHidden:
		d.fillHidden()
	default:
		d.fillGeneral()
	}
	d.fit()
}

// fit gives the page the height that it needs.
func (d *settingsDialog) fit() {
	d.page.Resize(fyne.NewSize(d.width, d.page.MinSize().Height)) // lines wrap, and only then their height is known
	d.scroll.Content.Refresh()
	d.scroll.Refresh()
}

// left is called when it has been closed.
func (d *settingsDialog) left() {
	if d.window.settings == d {
		d.window.settings = nil
	}
	d.window.table.takeFocus()
}

// typedKey gets the keys that a control has no use for.
func (d *settingsDialog) typedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyEscape:
		d.cancel()
	case fyne.KeyUp:
		d.canvas.FocusPrevious()
	case fyne.KeyDown:
		d.canvas.FocusNext()
	}
}

// add adds a setting: what it is, what it means, and what changes it.
func (d *settingsDialog) add(title, note string, control fyne.CanvasObject) {
	switch c := control.(type) {
	case *toggle:
		c.onKey = d.typedKey
	case *segments:
		c.onKey = d.typedKey
	}
	words := container.New(layout.NewCustomPaddedVBoxLayout(1), bold(title))
	if note != "" {
		words.Add(remark(note, widget.LowImportance))
	}
	d.page.Add(container.New(&settingLayout{d.width}, words, control))
}

// button is a button that knows the way out of the settings.
func (d *settingsDialog) button(text string, tapped func()) *modalButton {
	b := newModalButton(text, widget.MediumImportance, tapped)
	b.dialog = d.modal
	return b
}

// addNote adds a paragraph.
func (d *settingsDialog) addNote(text string, importance widget.Importance) {
	d.page.Add(remark(text, importance))
}

// settingLayout puts a control beside its words, or below them where it is too wide for that.
type settingLayout struct{ width float32 }

func (s *settingLayout) beside(control fyne.Size) bool { return s.width-control.Width >= controlRoom }

// words gives the words the width that they have, and so the height that they need.
func (s *settingLayout) words(objects []fyne.CanvasObject) fyne.Size {
	width := s.width
	if control := objects[1].MinSize(); s.beside(control) {
		width -= control.Width + 16
	}
	if objects[0].Size().Width != width {
		objects[0].Resize(fyne.NewSize(width, objects[0].MinSize().Height))
	}
	return fyne.NewSize(width, objects[0].MinSize().Height)
}

// titleTop is how far down the words begin, so that their first line stands in the middle of what is beside it.
func titleTop(control fyne.Size) float32 {
	line := fyne.CurrentApp().Settings().Theme().Size(theme.SizeNameText) * 1.7
	return fyne.Max(0, floor((control.Height-line)/2))
}

func (s *settingLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	words, control := s.words(objects), objects[1].MinSize()
	if s.beside(control) {
		return fyne.NewSize(s.width, fyne.Max(words.Height+titleTop(control), control.Height))
	}
	return fyne.NewSize(s.width, words.Height+4+control.Height)
}

func (s *settingLayout) Layout(objects []fyne.CanvasObject, _ fyne.Size) {
	words, control := s.words(objects), objects[1].MinSize()
	objects[0].Move(fyne.NewPos(0, 0))
	objects[0].Resize(words)
	objects[1].Resize(fyne.NewSize(fyne.Min(control.Width, s.width), control.Height))
	if s.beside(control) {
		objects[0].Move(fyne.NewPos(0, titleTop(control)))
		objects[1].Move(fyne.NewPos(s.width-control.Width, 0))
		return
	}
	objects[1].Move(fyne.NewPos(0, words.Height+4))
}

// choose gives a switch between values; changed is called with the one that was chosen.
func choose[T comparable](all []T, now T, word func(T) string, changed func(T)) *segments {
	words := make([]string, len(all))
	chosen := 0
	for i, value := range all {
		words[i] = word(value)
		if value == now {
			chosen = i
		}
	}
	s := newSegments(words...)
	s.chosen = chosen
	s.onChange = func(i int) { changed(all[i]) }
	return s
}
