package ui

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"portolan/internal/app"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/table"
)

// busy is a snapshot of 10,000 sockets of 200 processes in 100 apps, without the first few of them.
func busy(without int) *netstat.Snapshot {
	processes := make([]*process.Process, 200)
	for i := range processes {
		a := app.App{Name: fmt.Sprintf("app %d", i%100), Path: fmt.Sprintf("/opt/app%d", i%100), Kind: app.Desktop}
		processes[i] = newProcess(100+i, fmt.Sprintf("app%d", i), "alice", 501, a)
	}
	s := snapshot(0)
	for i := without; i < 10_000; i++ {
		c := connection(netstat.Established, fmt.Sprintf("10.0.%d.%d:%d", i/250, i%250+1, 1024+i), "151.101.1.140:443", processes[i%200])
		c.RxBytes, c.TxBytes = uint64(i)*1000, uint64(i)*300
		s.Sockets = append(s.Sockets, c)
	}
	return s
}

// ofUIThread notes how long the UI thread works, and reports the median and the 95th percentile of it.
type ofUIThread struct {
	b     *testing.B
	times []time.Duration
}

func (u *ofUIThread) measure(f func()) {
	start := time.Now()
	f()
	u.times = append(u.times, time.Since(start))
}

func (u *ofUIThread) report() {
	slices.Sort(u.times)
	at := func(share float64) float64 {
		return float64(u.times[int(share*float64(len(u.times)-1))].Microseconds())
	}
	u.b.ReportMetric(at(0.5), "p50-µs")
	u.b.ReportMetric(at(0.95), "p95-µs")
}

// made gives what the model makes of a snapshot.
func (s *scene) made(snapshot *netstat.Snapshot) content {
	c := s.model.now
	c.update, c.known, c.visible = monitor.Update{Snapshot: snapshot}, true, true
	c.make()
	c.menu = newTrayMenu(c)
	return c
}

// BenchmarkRefresh is what one refresh of 10,000 sockets costs on the UI thread: all but the frame
// itself, which is drawn only when something changed that is in view.
func BenchmarkRefresh(b *testing.B) {
	for _, view := range []struct {
		name  string
		byApp bool
		open  bool
	}{{"flat", false, false}, {"by app", true, false}, {"by app, all open", true, true}} {
		for _, load := range []struct {
			name    string
			without []int // the snapshots that follow one another
		}{{"unchanged", []int{0, 0}}, {"10 more and less", []int{0, 10}}, {"500 more and less", []int{0, 500}}} {
			b.Run(view.name+"/"+load.name, func(b *testing.B) {
				s := newScene(b)
				s.window.Resize(screen)
				s.do(func() { s.window.setByApp(view.byApp) })
				s.read(busy(0))
				if view.open {
					s.openAll()
				}
				var contents []content
				for _, n := range load.without {
					contents = append(contents, s.made(busy(n)))
				}
				s.apply(contents[0])
				s.window.table.Select(contents[0].rows[min(9, len(contents[0].rows)-1)].Key)
				ui := ofUIThread{b: b}
				for i := 0; b.Loop(); i++ {
					ui.measure(func() { s.apply(contents[i%len(contents)]) })
				}
				ui.report()
			})
		}
	}
}

// openAll opens every app and every process.
func (s *scene) openAll() {
	view := s.window.view
	for range 2 {
		for _, row := range table.Rows(s.window.snapshot(), view) {
			if row.Group != nil && !row.Group.Open {
				view = view.Toggled(row)
			}
		}
	}
	s.do(func() { s.window.setView(view) })
}

// BenchmarkScroll is one notch of the wheel in the window, over 10,000 sockets in all.
func BenchmarkScroll(b *testing.B) {
	for name, byApp := range map[string]bool{"flat": false, "by app, all open": true} {
		b.Run(name, func(b *testing.B) {
			s := newScene(b)
			s.window.Resize(screen)
			s.do(func() { s.window.setByApp(byApp) })
			s.read(busy(0))
			if byApp {
				s.openAll()
			}
			ui := ofUIThread{b: b}
			scroll := s.window.table.scroll
			for b.Loop() {
				ui.measure(func() { scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -25)}) })
				if scroll.Offset.Y > 200_000 {
					s.window.table.scrollTo(fyne.NewPos(0, 0))
				}
			}
			ui.report()
		})
	}
}

// BenchmarkTurn is what one refresh costs in the model's goroutine.
func BenchmarkTurn(b *testing.B) {
	for name, byApp := range map[string]bool{"flat": false, "by app": true} {
		b.Run(name, func(b *testing.B) {
			s := newScene(b)
			s.window.Resize(screen)
			s.do(func() { s.window.setByApp(byApp) })
			s.read(busy(0))
			b.ReportAllocs()
			for b.Loop() {
				s.model.turn()
			}
		})
	}
}
