package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/language"
)

// toolbarLayout places the switch of the views, the search field and the buttons in one line; in a narrow window the
// buttons lose their words, and then the field and the buttons stand below the switch. The chips are below them all, but not in a low window,
// which has hardly room for rows.
type toolbarLayout struct {
	canvas  fyne.Canvas
	buttons []*toolButton
}

const (
	toolbarGap  = 8
	toolbarRow  = 5   // between two lines
	toolbarEdge = 6   // around it all
	buttonGap   = 6   // between two buttons
	fieldLeast  = 180 // the width of the search field under which it gets a line of its own
	fieldTight  = 90  // its width at least, in any window
	chipsLeast  = 340 // the height of the window under which it has no chips
)

// toolbarParts are the objects of the toolbar, in the order in which Tab goes through them. The last one says what is wrong with the query.
type toolbarParts struct{ views, field, buttons, chips, wrong fyne.CanvasObject }

func partsOf(objects []fyne.CanvasObject) toolbarParts {
	return toolbarParts{objects[0], objects[1], objects[2], objects[3], objects[4]}
}

// how tells what there is room for: the buttons' words, and all of it in one line. It asks the canvas, as the height is asked for before the width
// is given.
func (l toolbarLayout) how(p toolbarParts) (words, one bool) {
	room := l.canvas.Size().Width - 2*toolbarEdge
	whole, tight := -float32(buttonGap), -float32(buttonGap)
	for _, b := range l.buttons {
		whole += b.whole() + buttonGap
		tight += b.MinSize().Height + buttonGap // a symbol is a square, nearly
	}
	rest := room - p.views.MinSize().Width - 2*toolbarGap - fieldLeast
	if rest >= tight {
		return rest >= whole, true
	}
	return room-toolbarGap-fieldLeast >= whole, false
}

func (l toolbarLayout) low() bool { return l.canvas.Size().Height < chipsLeast }

func (l toolbarLayout) lineHeight(p toolbarParts) float32 {
	return fyne.Max(p.views.MinSize().Height, fyne.Max(p.field.MinSize().Height, p.buttons.MinSize().Height))
}

// MinSize is as narrow as can be: the switch gives way, and the buttons lose their words.
func (l toolbarLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	p := partsOf(objects)
	height := l.lineHeight(p)
	if !l.low() {
		height += toolbarRow + p.chips.MinSize().Height
	}
	if _, one := l.how(p); !one {
		height += l.lineHeight(p) + toolbarRow
	}
	return fyne.NewSize(fieldTight+toolbarGap, height)
}

func (l toolbarLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	p := partsOf(objects)
	words, one := l.how(p)
	for _, b := range l.buttons {
		b.fold(!words)
	}
	line, buttons := l.lineHeight(p), p.buttons.MinSize().Width
	place := func(o fyne.CanvasObject, x, y, width, height float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(width, height))
	}
	y, left := float32(0), p.views.MinSize().Width
	if one {
		place(p.views, 0, 0, left, line)
		left += toolbarGap
	} else {
		place(p.views, 0, 0, fyne.Min(left, size.Width), line)
		y, left = line+toolbarRow, 0
	}
	field := fyne.Max(fieldTight, size.Width-left-toolbarGap-buttons)
	place(p.field, left, y, field, line)
	place(p.buttons, size.Width-buttons, y, buttons, line)
	below := y + line + toolbarRow
	wrong := p.wrong.MinSize().Height
	if l.low() {
		p.chips.Hide()
		if one { // below the field, over a part of the titles
			place(p.wrong, left, y+line+1, fyne.Max(field, fyne.Min(fieldLeast, size.Width)), wrong)
		} else { // over the switch: the field is below it
			place(p.wrong, 0, 0, size.Width, line)
		}
		return
	}
	p.chips.Show()
	chips := p.chips.MinSize().Height
	place(p.chips, 0, below, size.Width, chips)
	place(p.wrong, 0, below+(chips-wrong)/2, size.Width, wrong) // over the chips: nothing moves
}

func (w *window) newToolbar() fyne.CanvasObject {
	w.views = newSegments(language.T("Flat"), language.T("By app"), language.T("Ephemeral"), language.T("Recent"))
	w.views.onChange = w.turnTo
	w.views.choose(turnOf(w.view))
	w.newSearch()
	w.kill = newToolButton(w.tips, theme.NewErrorThemedResource(symbol(symbolKill)), language.T("Kill…"), language.T("End the process of the selected row"), w.killSelected)
	w.kill.Disable()
	w.pause = newToolButton(w.tips, theme.MediaPauseIcon(), language.T("Pause"), language.T("Stop reading anew"), w.togglePause)
	refresh := newToolButton(w.tips, theme.ViewRefreshIcon(), "", language.T("Read anew"), w.refresh)
	export := newToolButton(w.tips, symbol(symbolExport), "", language.T("Export all that is shown…"), w.export)
	w.details = newToolButton(w.tips, symbol(symbolPane), "", "", func() { w.detail.toggle() })
	w.more = newToolButton(w.tips, symbol(symbolSettings), "", language.T("Settings, keys and columns"), w.showMore)
	all := []*toolButton{w.kill, w.pause, refresh, export, w.details, w.more}
	buttons := container.New(layout.NewCustomPaddedHBoxLayout(buttonGap))
	for _, b := range all {
		buttons.Add(b)
	}
	// Tab goes from one to the next in this order: that of the eye.
	line := container.New(toolbarLayout{w.Canvas(), all}, w.views, w.search, buttons, w.chips, w.searchError)
	return container.New(layout.NewCustomPaddedLayout(toolbarEdge, toolbarEdge, toolbarEdge, toolbarEdge), line)
}

// showMore opens the menu of the last button, below its end: what else only a key or the tray leads to.
func (w *window) showMore() {
	menu := w.newMenu(w.moreItems(), w.more)
	at := w.ui.app.Driver().AbsolutePositionForObject(w.more)
	menu.showAt(at.AddXY(w.more.Size().Width-menu.panels[0].MinSize().Width, w.more.Size().Height))
}

// moreItems are the lines of that menu.
func (w *window) moreItems() []*fyne.MenuItem {
	keys := fyne.NewMenuItem(language.T("Keys…"), w.showKeys)
	keys.Shortcut = &desktop.CustomShortcut{KeyName: fyne.KeyF1}
	return []*fyne.MenuItem{
		w.keyed(fyne.KeyComma, fyne.NewMenuItem(language.T("Settings…"), w.showSettings)),
		keys,
		fyne.NewMenuItemSeparator(),
		w.keyed(fyne.KeyJ, fyne.NewMenuItem(language.T("Columns…"), w.showTitlesHere)),
		w.keyed(fyne.KeyR, fyne.NewMenuItem(language.T("Refresh"), w.refresh)),
	}
}

// showPaneOpen has the button of the detail pane say whether that is shown: its right part is filled then.
func (w *window) showPaneOpen(open bool) {
	if open {
		w.details.say(theme.NewPrimaryThemedResource(symbol(symbolPaneOpen)), "", language.T("Hide the details"))
	} else {
		w.details.say(symbol(symbolPane), "", language.T("Show the details"))
	}
}
