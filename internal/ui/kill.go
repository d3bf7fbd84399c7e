package ui

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"fyne.io/fyne/v2/theme"

	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/table"
)

// grace is how long a process has to end before it counts as still running.
const grace = 5 * time.Second

// killing leads from a row to a process that has ended, and tells what came of it.
type killing struct {
	window *window
	kill   Killer
	detail func(context.Context, process.ID) (process.Details, error) // nil: there is no more to tell
	judge  func(table.Row, *netstat.Snapshot) answer
	do     func(func()) // runs a function on the UI thread
	spawn  func(func()) // runs a function in a goroutine
	uid    int          // who we are

	dialog  *killDialog // nil unless open
	sending bool        // a signal is on its way, one at a time
	watch   *aftermath  // what to look for in the next snapshots; nil: nothing
}

func newKilling(w *window, o Options, do func(func())) *killing {
	return &killing{
		window: w,
		kill:   o.Kill,
		detail: o.Details,
		judge: func(row table.Row, s *netstat.Snapshot) answer {
			return judge(row, s, o.Protected)
		},
		do:    do,
		spawn: func(f func()) { go f() },
		uid:   os.Getuid(),
	}
}

// ask is what pressing Kill on a row does: it opens the dialog that fits, and nothing more.
func (k *killing) ask(row table.Row) {
	if k.dialog != nil {
		return
	}
	a := k.judge(row, k.window.snapshot())
	switch {
	case a.target != nil:
		if row.Socket != nil {
			slog.Debug("kill asked", "pid", a.target.PID, "process", nameOf(a.target), "port", row.Socket.Local.Port())
		} else {
			slog.Debug("kill asked", "pid", a.target.PID, "process", nameOf(a.target))
		}
		k.confirm(a.target, a.note, process.Terminate)
	case len(a.several) > 0:
		k.choose(row, a)
	default:
		k.explain(a)
	}
}

// send signals the process and waits for its end, off the UI thread.
func (k *killing) send(p *process.Process, s process.Signal) {
	if k.sending {
		k.window.notice.tell(theme.ColorNameWarning, "Another process is just being ended. Try again when it is done.", "", nil)
		return
	}
	k.sending, k.watch = true, nil
	// What it holds is asked now: once it has ended nobody knows.
	after := newAftermath(p, k.window.snapshot())
	verb := "Asking %s to end…"
	if s == process.ForceKill {
		verb = "Ending %s by force…"
	}
	k.window.notice.tell(theme.ColorNamePrimary, fmt.Sprintf(verb, name(p)), "", nil)
	k.spawn(func() {
		ctx, cancel := context.WithTimeout(context.Background(), grace)
		defer cancel()
		err := k.kill(ctx, p.ID, s)
		k.do(func() { k.came(after, s, err) })
	})
}

// came tells the outcome, and has the sockets read anew: the row goes because the kernel says so.
func (k *killing) came(after *aftermath, s process.Signal, err error) {
	k.sending = false
	p := after.process
	outcome := outcomeOf(err)
	slog.Debug("kill outcome", "pid", p.PID, "signal", s, "outcome", outcome)
	tell := k.window.notice.tell
	switch {
	case outcome == gone, outcome == alreadyGone:
		after.begin(outcome, time.Now())
		k.watch = after
		k.look(k.window.monitor.Last().Snapshot)
	case outcome == notPermitted:
		tell(theme.ColorNameError, refusal(p, err), "", nil)
	case outcome == stillRunning && s == process.Terminate:
		tell(theme.ColorNameWarning, fmt.Sprintf("%s has not ended after %d seconds. It may be tidying up, or it ignores the request.", name(p), int(grace.Seconds())),
			"Force Kill…", func() { k.confirm(p, "", process.ForceKill) })
	case outcome == stillRunning:
		tell(theme.ColorNameError, fmt.Sprintf("%s has not ended, not even by force: it waits for the kernel, a disk or a network drive perhaps.", name(p)), "", nil)
	default:
		tell(theme.ColorNameError, fmt.Sprintf("%s was not ended: %s", name(p), table.Clean(err.Error())), "", nil)
	}
	k.window.monitor.Refresh()
}

// look sees in a new snapshot what became of the ports of the process that ended.
func (k *killing) look(s *netstat.Snapshot) {
	if k.watch == nil {
		return
	}
	if s != nil && s.Taken.After(k.watch.until) {
		k.watch = nil
		return
	}
	colour, text := k.watch.verdict(s)
	if text != k.watch.told {
		k.watch.told = text
		slog.Debug("kill told", "pid", k.watch.process.PID, "text", text)
		k.window.notice.tell(colour, text, "", nil)
	}
}

// outcome is what came of a kill, in the words of the log.
type outcome string

const (
	gone         outcome = "gone"
	alreadyGone  outcome = "already gone"
	notPermitted outcome = "not permitted"
	protected    outcome = "protected"
	stillRunning outcome = "still running"
	failed       outcome = "failed"
)

func outcomeOf(err error) outcome {
	switch {
	case err == nil:
		return gone
	case errors.Is(err, process.ErrGone):
		return alreadyGone
	case errors.Is(err, process.ErrNotPermitted):
		return notPermitted
	case errors.Is(err, process.ErrProtected):
		return protected
	case errors.Is(err, process.ErrStillRunning):
		return stillRunning
	default:
		return failed
	}
}

// refusal says why the system did not let us: most often whose the process is.
func refusal(p *process.Process, err error) string {
	if p.User == "" {
		return fmt.Sprintf("%s was not ended: %s", name(p), table.Clean(err.Error()))
	}
	return fmt.Sprintf("%s was not ended: it belongs to %s, and this user may not signal it.", name(p), table.Clean(p.User))
}

// nameOf gives the process's name, fit for the screen.
func nameOf(p *process.Process) string {
	if p.Name == "" {
		return "process"
	}
	return table.Clean(p.Name)
}

// name gives "node (812)".
func name(p *process.Process) string { return fmt.Sprintf("%s (%d)", nameOf(p), p.PID) }
