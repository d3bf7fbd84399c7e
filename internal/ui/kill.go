package ui

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"time"

	"fyne.io/fyne/v2/theme"

	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/restart"
	"portolan/internal/table"
)

// killing leads from a row to processes that have ended, and tells what came of it.
type killing struct {
	window *window
	kill   Killer
	detail func(context.Context, process.ID) (process.Details, error)                 // nil: there is no more to tell
	causes func(context.Context, *process.Process, []*netstat.Socket) []restart.Cause // nil: nobody knows
	judge  func([]table.Row, *netstat.Snapshot) answer
	do     func(func())                // runs a function on the UI thread
	spawn  func(func())                // runs a function in a goroutine
	later  func(time.Duration, func()) // runs a function after a while, in a goroutine
	now    func() time.Time
	reread func() // has the sockets read now
	uid    int    // who we are

	dialog  *killDialog // nil unless open
	sending bool        // signals are on their way, one kill at a time
	watch   *lookout    // what to look for in the next snapshots; nil: nothing
}

func newKilling(w *window, o Options, do func(func())) *killing {
	return &killing{
		window: w,
		kill:   o.Kill,
		detail: o.Details,
		causes: o.Restart,
		judge: func(rows []table.Row, s *netstat.Snapshot) answer {
			return judgeRows(rows, s, o.Protected)
		},
		do:     do,
		spawn:  func(f func()) { go f() },
		later:  func(d time.Duration, f func()) { time.AfterFunc(d, f) },
		now:    time.Now,
		reread: w.monitor.Refresh,
		uid:    os.Getuid(),
	}
}

// askAll is what pressing Kill on rows does: it opens the dialog that fits, one question about all their
// processes, and nothing more.
func (k *killing) askAll(rows []table.Row) {
	if k.dialog != nil || len(rows) == 0 {
		return
	}
	if rows = stillThere(rows); len(rows) == 0 {
		k.window.notice.tell(theme.ColorNameWarning, language.T("That has already closed: there is nothing left to end."), "", nil)
		return
	}
	row := rows[0]
	a := k.judge(rows, k.window.snapshot())
	if len(a.targets) == 0 {
		k.explain(a)
		return
	}
	first := a.targets[0]
	if row.Socket != nil {
		slog.Debug("kill asked", "pid", first.PID, "process", nameOf(first), "port", row.Socket.Local.Port())
	} else {
		slog.Debug("kill asked", "pid", first.PID, "process", nameOf(first), "app", a.name, "processes", len(a.targets))
	}
	if k.unasked(a) {
		k.send(a, process.Terminate)
		return
	}
	k.confirm(a, process.Terminate)
}

// stillThere gives the rows without those that are shown a moment longer though they have closed.
func stillThere(rows []table.Row) []table.Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r table.Row) bool { return r.Closed() })
}

// unasked reports whether the person wants a to end without being asked: only ever one process of their own that ends
// nothing but itself, and about which everything is certain.
func (k *killing) unasked(a answer) bool {
	return !k.window.ui.settings.confirm && len(a.targets) == 1 && len(a.spared) == 0 && a.note == "" &&
		a.targets[0].UID == k.uid && !restart.Forwards(a.targets[0])
}

// send signals the processes and waits for their end, off the UI thread.
func (k *killing) send(a answer, s process.Signal) {
	if k.sending {
		k.window.notice.tell(theme.ColorNameWarning, language.T("Another process is just being ended. Try again when it is done."), "", nil)
		return
	}
	k.sending, k.watch = true, nil
	// What they hold is asked now: once they have ended nobody knows.
	after := restart.NewAftermath(a.targets, k.window.snapshot())
	k.window.notice.tell(theme.ColorNamePrimary, asking(a, s), "", nil)
	k.spawn(func() {
		ends := endAll(a.targets, s, k.kill)
		k.do(func() { k.came(report{answer: a, signal: s, ends: ends}, after) })
	})
}

// came tells the outcome, and has the sockets read anew: the row goes because the kernel says so.
func (k *killing) came(r report, after *restart.Aftermath) {
	k.sending = false
	for _, e := range r.ends {
		slog.Debug("kill outcome", "pid", e.process.PID, "signal", r.signal, "outcome", e.outcome)
	}
	k.watch = &lookout{report: r, aftermath: after}
	if r.anyGone() {
		after.Begin(k.now())
		k.follow(k.watch)
	} else {
		k.watch.over = true
	}
	k.look(k.window.monitor.Last().Snapshot)
	k.reread()
}
