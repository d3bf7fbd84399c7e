package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"portolan/internal/process"
)

// outcome is what became of one target.
type outcome struct {
	word string // as the JSON says it
	text string // as a person reads it
	code int
	err  error
}

// carryOut signals all targets and waits for all of them, at the same time: with one
// after the other, the last of many deaf ones would be asked minutes later.
func carryOut(ctx context.Context, sys *system, targets []target, o killOptions) []outcome {
	outcomes := make([]outcome, len(targets))
	var all sync.WaitGroup
	for i, t := range targets {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, o.grace)
			defer cancel()
			waited := time.Now()
			err := sys.kill(ctx, t.process.ID, o.signal())
			outcomes[i] = outcomeOf(t.process, err, o.signal(), time.Since(waited))
		})
	}
	all.Wait()
	return outcomes
}

func outcomeOf(p *process.Process, err error, signal process.Signal, waited time.Duration) outcome {
	name := nameOf(p)
	waited = waited.Round(100 * time.Millisecond)
	switch {
	case err == nil:
		return outcome{"ended", name + " has ended", exitDone, nil}
	case errors.Is(err, process.ErrGone):
		return outcome{"already-ended", name + " had already ended: nothing was sent", exitDone, err}
	case errors.Is(err, process.ErrProtected):
		return outcome{"protected", fmt.Sprintf("%s is not ended: %s", name, reason(err, process.ErrProtected)), exitNotPermitted, err}
	case errors.Is(err, process.ErrNotPermitted):
		return outcome{"not-permitted", fmt.Sprintf("%s was not ended: %s", name, reason(err, process.ErrNotPermitted)), exitNotPermitted, err}
	case errors.Is(err, process.ErrStillRunning) && signal == process.ForceKill:
		return outcome{"still-running", fmt.Sprintf("%s is still running %v after SIGKILL: it waits in the kernel, and ends when that is done", name, waited), exitStillRunning, err}
	case errors.Is(err, process.ErrStillRunning):
		return outcome{"still-running", fmt.Sprintf("%s is still running %v after SIGTERM. To force it, and lose what it has not saved: portctl kill pid:%d --force",
			name, waited, p.PID), exitStillRunning, err}
	default:
		return outcome{"failed", fmt.Sprintf("%s: %v", name, err), exitFailed, err}
	}
}

func codeOfAll(outcomes []outcome) int {
	codes := make([]int, len(outcomes))
	for i, o := range outcomes {
		codes[i] = o.code
	}
	return worst(codes...)
}

func anyEnded(outcomes []outcome) bool {
	for _, o := range outcomes {
		if o.code == exitDone {
			return true
		}
	}
	return false
}
