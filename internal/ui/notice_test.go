package ui

import (
	"errors"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// What is told after a kill is read whole, however narrow the window; nothing else is covered by it.
func TestNoticeIsReadWhole(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	long := "1 of 3 processes of Google Chrome have ended; port 9222 is free. Google Chrome Helper (3001) has not ended after 5 seconds. " +
		"It may be tidying up, or it ignores the request. Google Chrome Helper (3002) was not ended: it belongs to alice, and this user may not signal it."
	for _, size := range []fyne.Size{{Width: 1180, Height: 720}, {Width: 400, Height: 300}, {Width: 1180, Height: 720}} {
		s.window.Resize(size)
		s.window.notice.tell(theme.ColorNameWarning, long, "Force Kill…", func() {})
		label := s.window.notice.label
		if need := label.MinSize().Height; label.Size().Height < need {
			t.Errorf("in a window of %v the text needs %v and has %v", size, need, label.Size().Height)
		}
		if bottom := fyne.CurrentApp().Driver().AbsolutePositionForObject(s.window.status).Y; bottom+s.window.status.Size().Height > size.Height+1 {
			t.Errorf("in a window of %v the status line is at %v", size, bottom)
		}
	}
	tall := s.window.notice.strip.Size().Height
	s.window.notice.tell(theme.ColorNameSuccess, "node (812) has ended.", "", nil)
	if got := s.window.notice.strip.Size().Height; got >= tall && tall > 40 {
		t.Errorf("a short text has the height %v of the long one", got)
	}
}

// Only a button that ends something looks dangerous, whatever the text warns of.
func TestNoticeButtonOfDanger(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	stillRunningNode(s)
	action := s.window.notice.action
	if action.Text != "Force Kill…" || action.Importance != widget.DangerImportance {
		t.Errorf("%q has the importance %v", action.Text, action.Importance)
	}
	s.bar.openErr = errors.New("no such program")
	s.selectPort(3000)
	s.shortcut(fyne.KeyO)
	if action.Text != "Copy address" || action.Importance != widget.MediumImportance || s.window.notice.colour != theme.ColorNameWarning {
		t.Errorf("%q has the importance %v", action.Text, action.Importance)
	}
}
