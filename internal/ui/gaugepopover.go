package ui

import (
	"fmt"
	"log/slog"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/language"
	"portolan/internal/table"
)

// popoverWidth is that of the figures behind a gauge.
const popoverWidth = 380

// showFigures shows the figures behind a gauge below it, and those of the others of its kind.
func (w *window) showFigures(gauge int) {
	s := w.gauges
	head := s.heads[gauge]
	body := container.New(layout.NewCustomPaddedVBoxLayout(10))
	for _, g := range s.all {
		if g.ID == head.ID {
			body.Add(w.figuresOf(g))
		}
	}
	content := container.New(layout.NewCustomPaddedLayout(8, 8, 10, 10), body)
	w.closePopover()
	var popup *widget.PopUp
	popup = widget.NewPopUp(container.New(atWidth(min(popoverWidth, w.Canvas().Size().Width-24)), content), endingCanvas{w.Canvas(), func() {
		if w.popover == popup {
			w.popover = nil
			w.table.release()
		}
	}})
	w.popover = popup
	w.table.hold()
	slog.Debug("figures", "gauge", string(head.ID), "level", head.Level.String(), "figures", fmt.Sprint(head.Figures))
	tile := s.tiles[gauge].ground
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(s).Add(tile.Position()).AddXY(0, tile.Size().Height+2)
	at.X = max(8, min(at.X, w.Canvas().Size().Width-popup.MinSize().Width-8))
	popup.ShowAtPosition(at)
}

// closePopover closes it, and reports whether there was one.
func (w *window) closePopover() bool {
	if w.popover == nil {
		return false
	}
	w.popover.Hide()
	return true
}

// endingCanvas is a canvas that tells when what lies over it is taken away. Fyne hides a PopUp by itself when
// somebody clicks beside it, and tells nobody.
type endingCanvas struct {
	fyne.Canvas
	ended func()
}

// Overlays is the canvas's, with an eye on what is removed.
func (c endingCanvas) Overlays() fyne.OverlayStack {
	return endingOverlays{c.Canvas.Overlays(), c.ended}
}

type endingOverlays struct {
	fyne.OverlayStack
	ended func()
}

// Remove removes it and tells.
func (o endingOverlays) Remove(overlay fyne.CanvasObject) {
	o.OverlayStack.Remove(overlay)
	o.ended()
}

// figuresOf is one gauge in words and numbers.
func (w *window) figuresOf(g table.Gauge) fyne.CanvasObject {
	mark := widget.NewIcon(markOf(&g))
	title := bold(g.Name)
	title.Truncation = fyne.TextTruncateEllipsis
	all := column(container.NewBorder(nil, nil, container.NewCenter(mark), newWordsWithStyle(judgedValue(&g), fyne.TextAlignTrailing, fyne.TextStyle{Bold: true}), title))
	if g.Sentence != "" {
		all.Add(wrapped())
		all.Objects[len(all.Objects)-1].(*words).SetText(g.Sentence)
	}
	for _, f := range g.Figures {
		name := newWords(f.Name)
		name.Importance = widget.LowImportance
		name.Truncation = fyne.TextTruncateEllipsis // it may be an app's, of any length
		all.Add(container.NewBorder(nil, nil, nil, newWordsWithStyle(f.Value, fyne.TextAlignTrailing, fyne.TextStyle{}), name))
	}
	buttons := container.New(layout.NewCustomPaddedHBoxLayout(6), layout.NewSpacer())
	if topic, ok := w.topic(g.Topic); ok {
		buttons.Add(newLinkButton(language.F("What is “%s”?", topicName(topic)), theme.QuestionIcon(), func() { w.closePopover(); w.explain(g.Topic) }))
	}
	if w.hasRow(&g) {
		buttons.Add(newLinkButton(language.T("Show"), theme.NavigateNextIcon(), func() { w.closePopover(); w.showRow(g.Key) }))
	}
	if len(buttons.Objects) > 1 {
		all.Add(buttons)
	}
	return all
}

func newLinkButton(text string, icon fyne.Resource, tapped func()) *widget.Button {
	b := widget.NewButtonWithIcon(text, icon, tapped)
	b.Importance = widget.LowImportance
	return b
}

// hasRow reports whether something shows what a gauge is about: a socket's row is in the flat table, an app's here or, as
// one has other sockets than the lens is about, by app.
func (w *window) hasRow(g *table.Gauge) bool {
	return g.Key.Socket != 0 || g.Key != table.Key{} && (g.ID != table.GaugeTimeWait || w.shows(g.Key))
}

// shows reports whether the rows have one with this key.
func (w *window) shows(key table.Key) bool { return indexOfKey(w.table.rows, key) >= 0 }

// showRow selects what a gauge is about, where there is a row of it.
func (w *window) showRow(key table.Key) {
	switch {
	case key.Socket != 0 && w.view.Lens:
		w.turnTo(turnFlat)
		w.setQuery("")
	case key.Socket == 0 && !w.shows(key):
		w.turnTo(turnByApp)
		w.setQuery("")
	}
	w.awaitedKey = key
	w.selectAwaitedKey()
}

// selectAwaitedKey selects it as soon as it is shown.
func (w *window) selectAwaitedKey() {
	if w.awaitedKey == (table.Key{}) || turnOf(w.shown.view) != turnOf(w.view) {
		return
	}
	if i := indexOfKey(w.table.rows, w.awaitedKey); i >= 0 {
		w.table.selectIndex(i)
		w.table.reveal(i)
		w.table.takeFocus()
	}
	w.awaitedKey = table.Key{}
}

// atWidth gives what wraps its lines a width, and the height that it takes then.
type atWidth float32

func (a atWidth) MinSize(objects []fyne.CanvasObject) fyne.Size {
	objects[0].Resize(fyne.NewSize(float32(a), objects[0].Size().Height))
	return fyne.NewSize(float32(a), objects[0].MinSize().Height)
}

func (a atWidth) Layout(objects []fyne.CanvasObject, size fyne.Size) { objects[0].Resize(size) }
