package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// TestStatusIsReadWhole: what the status line has no room for is said where the pointer rests on it.
func TestStatusIsReadWhole(t *testing.T) {
	inLanguages(t, func(t *testing.T, _ string) {
		s := newScene(t)
		s.read(desk())
		var rested func()
		s.window.tips.later = func(_ time.Duration, f func()) { rested = f }
		s.window.Resize(fyne.NewSize(1600, 400))
		if s.window.status.MouseIn(&desktop.MouseEvent{}); rested != nil {
			t.Error("what is whole has a tip")
		}
		s.window.Resize(tiny)
		s.window.status.MouseIn(&desktop.MouseEvent{})
		rested()
		text := strings.Join(s.window.tips.lines, " ")
		if !s.window.tips.Visible() || !strings.Contains(text, s.window.status.said.text) || !strings.Contains(text, strings.Split(s.window.status.said.counts, "   ")[0]) {
			t.Errorf("the tip says %q", text)
		}
		if bottom := s.window.tips.Position().Y + s.window.tips.Size().Height; bottom > s.window.Canvas().Size().Height-s.window.status.Size().Height {
			t.Errorf("the tip ends at %v, over the line itself", bottom)
		}
		if s.window.status.MouseOut(); s.window.tips.Visible() {
			t.Error("the pointer has gone, and the tip stays")
		}
	})
}

// TestDangerHasASymbol: in the menu of a row the line that ends something has one, and no other line.
func TestDangerHasASymbol(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.selectPort(3000)
	row, _ := s.window.table.Selected()
	ending := 0
	for _, item := range s.window.menuItems(row) {
		if item.Label == "Kill…" {
			ending++
		}
		if (item.Icon != nil) != (item.Label == "Kill…") {
			t.Errorf("%q has the symbol %v", item.Label, item.Icon)
		}
	}
	if ending != 1 {
		t.Errorf("%d lines end something", ending)
	}
}
