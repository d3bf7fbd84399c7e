package ui

import (
	"testing"

	"fyne.io/fyne/v2"
)

// BenchmarkDetail measures what the pane does on the UI thread at a refresh of 10,000 sockets.
func BenchmarkDetail(b *testing.B) {
	for name, byApp := range map[string]bool{"socket": false, "app": true} {
		b.Run(name, func(b *testing.B) {
			s := newScene(b)
			s.window.Resize(fyne.NewSize(1180, 720))
			s.window.detail.toggle()
			s.do(func() { s.window.setByApp(byApp) })
			s.read(busy(0))
			s.window.table.Select(s.window.table.rows[0].Key)
			row, ok := s.window.table.Selected()
			for b.Loop() {
				s.window.detail.show(row, ok, s.window.snapshot())
			}
		})
	}
}

// BenchmarkKillDialog measures a refresh of 10,000 sockets under the open dialog of an app that holds a hundred.
func BenchmarkKillDialog(b *testing.B) {
	s := newScene(b)
	s.do(func() { s.window.setByApp(true) })
	s.read(busy(0))
	s.window.table.Select(s.window.table.rows[0].Key)
	s.window.killSelected()
	for b.Loop() {
		s.window.killing.dialog.show(s.window.snapshot())
	}
}
