package process

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"

	"portolan/internal/language"
)

// Kill sends s to the process that id names, and to no other, and waits until
// it has ended or ctx is done: the caller gives ctx the time of grace. nil means that
// it was signalled and is gone. A zombie is gone: it runs nothing and holds no socket.
//
// The errors to decide on are ErrGone, ErrProtected, ErrNotPermitted and
// ErrStillRunning. When ctx is done before the signal, nothing is sent and the
// error wraps ctx's. Kill never goes on to a harder signal by itself.
func Kill(ctx context.Context, id ID, s Signal) error { return kill(ctx, host, id, s) }

// kill is the order of a kill, the same on every system. The handle comes first and
// the check second: what the check saw is then what the handle holds, and a
// PID that is given to another process in between is never hit.
func kill(ctx context.Context, sys system, id ID, s Signal) error {
	if s != Terminate && s != ForceKill {
		return fmt.Errorf("kill process %d: signal %d is neither SIGTERM nor SIGKILL", id.PID, s)
	}
	if err := protected(sys, id); err != nil {
		return err
	}
	h, err := sys.open(id)
	if err != nil {
		return fmt.Errorf(language.T("kill process %d: %w"), id.PID, err)
	}
	defer h.close()
	switch now, err := h.identity(); {
	case errors.Is(err, fs.ErrPermission):
		return notPermitted(sys, id)
	case err != nil:
		return fmt.Errorf(language.T("kill process %d: %w"), id.PID, err)
	case now != id:
		return fmt.Errorf(language.T("kill process %d: its number is another process now: %w"), id.PID, ErrGone)
	case ctx.Err() != nil:
		return fmt.Errorf("kill process %d: nothing was sent: %w", id.PID, ctx.Err())
	}
	if err := h.signal(s); errors.Is(err, fs.ErrPermission) {
		return notPermitted(sys, id)
	} else if err != nil {
		return fmt.Errorf(language.T("kill process %d: %w"), id.PID, err)
	}
	if err := h.wait(ctx); err != nil && ctx.Err() != nil {
		return fmt.Errorf(language.T("process %d after %v: %w"), id.PID, s, ErrStillRunning)
	} else if err != nil {
		return fmt.Errorf("wait for process %d to end: %w", id.PID, err)
	}
	return nil
}

// Protected says whether Kill would refuse id, whatever the user's rights: nil,
// or an error that wraps ErrProtected and says why. Refused are the first process,
// ourselves, our ancestors (the shell and the terminal we were started from, the
// session, ...), threads of the kernel, and an ID without a Start, since it may
// name another process by now. A process that has ended is not protected.
// Any other error means that our ancestors could not be read, and Kill fails with it too.
func Protected(id ID) error { return protected(host, id) }

func protected(sys system, id ID) error {
	switch {
	case id.PID <= 0:
		return fmt.Errorf(language.T("process %d is no process that can be signalled: %w"), id.PID, ErrProtected)
	case id.PID == 1:
		return fmt.Errorf(language.T("process 1 starts and keeps all others: %w"), ErrProtected)
	case id.PID == os.Getpid():
		return fmt.Errorf(language.T("process %d is this program itself: %w"), id.PID, ErrProtected)
	case id.Start == 0:
		return fmt.Errorf(language.T("process %d cannot be told from a later one with its number: %w"), id.PID, ErrProtected)
	}
	e, err := sys.entry(id.PID)
	if err == nil && e.ID == id && e.kern {
		return fmt.Errorf(language.T("process %d is a thread of the kernel: %w"), id.PID, ErrProtected)
	}
	ancestor, err := isAncestor(sys, id)
	if err != nil {
		return fmt.Errorf(language.T("look for process %d among our ancestors: %w"), id.PID, err)
	}
	if ancestor {
		return fmt.Errorf(language.T("process %d started this program: %w"), id.PID, ErrProtected)
	}
	return nil
}

// ancestorTries is how often the way up is walked before its changes are taken for an error.
const ancestorTries = 8

// isAncestor looks for id among our ancestors, live, since a parent that ends is
// replaced by another.
func isAncestor(sys system, id ID) (bool, error) {
	var before []ID
	for range ancestorTries {
		way, whole, err := ancestors(sys)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(way, func(a ID) bool { return a == id || a.Start == 0 && a.PID == id.PID }) {
			return true, nil
		}
		// A way that stops twice at the same place is not one that changed: the
		// system hides the rest of it from us.
		if whole || slices.Equal(way, before) {
			return false, nil
		}
		before = way
	}
	return false, errRestless
}

// ancestors walks from our parent upwards to the first process. One that may not be
// read has no Start, and the way ends there: it is then not whole.
func ancestors(sys system) (way []ID, whole bool, err error) {
	for pid := os.Getppid(); pid > 1; {
		e, err := sys.entry(pid)
		if errors.Is(err, ErrGone) || errors.Is(err, fs.ErrPermission) {
			return append(way, ID{PID: pid}), false, nil
		}
		if err != nil {
			return nil, false, err
		}
		if slices.Contains(way, e.ID) {
			return way, false, nil // read while it changed
		}
		way = append(way, e.ID)
		pid = e.ppid
	}
	return way, true, nil
}

// notPermitted makes the error that says whose process it is. The owner is told also of
// one whose identity is hidden; never that of another process with the same number.
func notPermitted(sys system, id ID) error {
	p, _, err := sys.describe(id.PID, nil)
	if err != nil || p.ID != id && p.Start != 0 || p.User == "" {
		return fmt.Errorf(language.T("process %d belongs to another user: %w"), id.PID, ErrNotPermitted)
	}
	named := ""
	if p.Name != "" {
		named = " (" + plain(p.Name) + ")"
	}
	return fmt.Errorf(language.T("process %d%s belongs to %s: %w"), id.PID, named, plain(p.User), ErrNotPermitted)
}

// plain gives text from outside as it is when all of it can be printed, else quoted.
func plain(text string) string {
	quoted := strconv.Quote(text)
	if quoted[1:len(quoted)-1] == text {
		return text
	}
	return quoted
}
