package ui

import (
	"log/slog"
	"time"

	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/restart"
)

// lookout is a kill whose ports are looked at for a while.
type lookout struct {
	report    report
	aftermath *restart.Aftermath
	told      string
	over      bool
}

// looks are when the sockets are read anew after a kill. What starts a process again mostly does
// so at once or after a second; the last look says what has become of it.
var looks = []time.Duration{200 * time.Millisecond, 500 * time.Millisecond, time.Second, 1500 * time.Millisecond,
	2 * time.Second, 2500 * time.Millisecond, restart.Watched}

// settling is how long a read may take until its snapshot is there to be looked at.
const settling = 250 * time.Millisecond

// follow has the sockets read again and again while the ports are watched.
func (k *killing) follow(w *lookout) {
	for _, d := range looks {
		k.later(d, func() { k.do(k.reread) })
	}
	k.later(restart.Watched+settling, func() {
		k.do(func() {
			if k.watch == w {
				if s := k.window.monitor.Last().Snapshot; s != nil {
					k.look(s)
				}
				k.watch = nil
				slog.Debug("kill watched", "text", w.told)
			}
		})
	})
}

// look sees in a new snapshot what became of the ports of what has ended.
func (k *killing) look(s *netstat.Snapshot) {
	w := k.watch
	if w == nil {
		return
	}
	if w.told != "" && w.aftermath.Over(s) {
		k.watch = nil
		slog.Debug("kill watched", "text", w.told)
		return
	}
	told := w.report.tell(w.aftermath.Verdict(s))
	if w.over {
		k.watch = nil
	}
	if told.text == w.told {
		return
	}
	w.told = told.text
	slog.Debug("kill told", "pid", w.report.ends[0].process.PID, "text", told.text)
	if rest := w.report.rest(); len(rest.targets) > 0 {
		k.window.notice.tellDanger(told.colour, told.text, told.button, func() { k.confirm(rest, process.ForceKill) })
		return
	}
	k.window.notice.tell(told.colour, told.text, told.button, k.details(w.report))
}

// details says what came of each of several processes; nil where there is nothing more to say.
func (k *killing) details(r report) func() {
	if r.mixed() {
		return func() { k.showReport(r) }
	}
	return nil
}
