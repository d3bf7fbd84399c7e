package ui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"portolan/internal/monitor"
)

// newBusyLens is the lens over 10,000 connections that go out, with a past.
func newBusyLens(b *testing.B, open bool) *lensScene {
	l := newLensScene(b).turned()
	l.window.Resize(screen)
	for range 3 {
		l.clock = l.clock.Add(3 * time.Second)
		s := busy(0)
		s.Taken = l.clock
		u := monitor.Update{Snapshot: s}
		l.past.Record(u)
		l.model.receive(u)
		l.settle()
	}
	if open {
		for range 2 {
			view := l.window.view
			for _, row := range l.window.table.rows {
				if row.Group != nil && !row.Group.Open {
					view = view.Toggled(row)
				}
			}
			l.do(func() { l.window.setView(view) })
		}
	}
	return l
}

// BenchmarkLensRefresh is what one refresh of the lens costs on the UI thread, with plots that change each time.
func BenchmarkLensRefresh(b *testing.B) {
	for name, open := range map[string]bool{"closed": false, "all open": true} {
		b.Run(name, func(b *testing.B) {
			l := newBusyLens(b, open)
			contents := []content{l.made(busy(0)), l.made(busy(500))}
			for i := range contents[1].rows {
				if f := contents[1].rows[i].Flow; f != nil && len(f.Points) > 0 {
					f.Points[len(f.Points)-1].Open++
				}
			}
			ui := ofUIThread{b: b}
			for i := 0; b.Loop(); i++ {
				ui.measure(func() { l.apply(contents[i%2]) })
			}
			ui.report()
		})
	}
}

// BenchmarkLensScroll is one notch of the wheel in the lens.
func BenchmarkLensScroll(b *testing.B) {
	for name, open := range map[string]bool{"closed": false, "all open": true} {
		b.Run(name, func(b *testing.B) {
			l := newBusyLens(b, open)
			ui := ofUIThread{b: b}
			scroll := l.window.table.scroll
			for b.Loop() {
				ui.measure(func() { scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -25)}) })
				if scroll.Offset.Y+scroll.Size().Height >= l.window.table.body.min.Height-30 {
					l.window.table.scrollTo(fyne.NewPos(0, 0))
				}
			}
			ui.report()
		})
	}
}

// BenchmarkLensTurn is what a refresh costs in the model's goroutine, in each of the views.
func BenchmarkLensTurn(b *testing.B) {
	for which, name := range []string{"flat", "by app", "lens"} {
		b.Run(name, func(b *testing.B) {
			l := newBusyLens(b, false)
			l.do(func() { l.window.turnTo(which) })
			b.ReportAllocs()
			for b.Loop() {
				l.model.turn()
			}
		})
	}
}
