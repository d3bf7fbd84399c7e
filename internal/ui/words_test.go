package ui

import (
	"runtime"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
)

func TestWordsStandClose(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(newTheme())
	w, l := newWords("one line"), widget.NewLabel("one line")
	window := test.NewTempWindow(t, w)
	window.Resize(fyne.NewSize(200, 100))
	spare := l.MinSize().Subtract(w.MinSize())
	if spare.Width <= 0 || spare.Width != spare.Height {
		t.Errorf("a label is %v larger than words", spare)
	}
	w.SetText("two words and some more that make it longer")
	if w.MinSize().Width <= l.MinSize().Width {
		t.Error("the size does not follow the text")
	}
	w.Hide()
	if w.Visible() {
		t.Error("hidden words are visible")
	}
}

// TestDialogsLeaveNothing: each theme override would have Fyne keep its fonts once more, some
// twenty megabytes a dialog.
func TestDialogsLeaveNothing(t *testing.T) {
	s := newScene(t)
	s.read(crowded(5))
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc) >> 20
	}
	open := func(times int) {
		for range times {
			s.selectPort(s.window.table.rows[0].Socket.Local.Port())
			s.window.killSelected()
			if s.window.killing.dialog == nil {
				t.Fatal("no dialog")
			}
			s.window.Canvas().Capture()
			s.window.killing.dialog.cancel()
		}
	}
	open(2)
	before := heap()
	open(10)
	if grown := heap() - before; grown > 20 {
		t.Errorf("ten dialogs left %d MB", grown)
	}
}
