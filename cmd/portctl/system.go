package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"golang.org/x/term"

	"portolan/internal/instance"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
	"portolan/internal/restart"
	"portolan/internal/table"
)

// source reads snapshots until it is closed.
type source interface {
	monitor.Source
	CountBytes(on bool) // see netstat.Reader
	Close() error
}

// system is all that the commands touch outside themselves, as values: main gives the
// real one, the tests give their own.
type system struct {
	open      func() (source, error)
	kill      func(ctx context.Context, id process.ID, s process.Signal) error
	protected func(id process.ID) error
	// describe reads a process that holds no socket. An error wraps process.ErrGone when there is none.
	describe func(pid int) (*process.Process, error)
	// permitted asks whether this user may signal a process, and sends nothing.
	permitted func(pid int) error
	// settle waits until the names that are being asked for are there, or ctx is done; true: what was
	// read is worth reading again.
	settle func(ctx context.Context) bool
	// ancestors are the process's parent, the parent's parent and so on.
	ancestors func(id process.ID) ([]*process.Process, error)
	// causes tells why ending p is not the end of it; held are the sockets that it listens on.
	causes func(ctx context.Context, p *process.Process, held []*netstat.Socket) []restart.Cause
	// uid is the user who reads what is printed.
	uid int
	// administrator: there is nobody to ask who may see and do more.
	administrator bool
	// rules reads what the system does with the ports that it hands out: while that is the same, so are they by ==.
	rules    func() (port.Rules, error)
	hostname func() (string, error)
	// ask asks the app that runs in the menu bar. An error wraps instance.ErrNone when it does not.
	ask    func(ctx context.Context, question string) ([]byte, error)
	getenv func(string) string
	now    func() time.Time
	// wait pauses, or returns early when ctx is done.
	wait func(ctx context.Context, d time.Duration)
	// readerGone waits until nobody reads standard output any more; false when that will not be known.
	readerGone func(ctx context.Context) bool

	in          io.Reader
	out, errOut *output
	terminal    terminal
}

// terminal says what the streams are connected to.
type terminal struct {
	in, out bool // standard input and output are terminals
	width   int  // columns of the terminal on standard output; 0 when it is none, or not known
	colour  bool // colours are wanted on standard output
	dumb    bool // it cannot move the cursor (TERM=dumb or not set)
}

// thisSystem is the system that portctl runs on.
func thisSystem() *system {
	return &system{
		open:          openReader,
		kill:          process.Kill,
		protected:     process.Protected,
		describe:      process.Read,
		permitted:     permitted,
		settle:        process.Settle,
		ancestors:     process.Ancestors,
		causes:        restart.NewExplainer().Causes,
		uid:           os.Geteuid(),
		administrator: os.Geteuid() == 0,
		rules:         rulesReader(),
		hostname:      os.Hostname,
		ask:           askApp,
		getenv:        os.Getenv,
		now:           time.Now,
		wait:          wait,
		readerGone:    func(ctx context.Context) bool { return readerGone(ctx, os.Stdout) },
		in:            os.Stdin,
		out:           &output{to: os.Stdout},
		errOut:        &output{to: os.Stderr},
		terminal:      terminalOf(os.Stdin, os.Stdout, os.Getenv),
	}
}

// portRules are the rules. A sandbox may keep them from us: that is said, and all else can be told all the same.
func (sys *system) portRules() port.Rules {
	r, err := sys.rules()
	if err != nil {
		fmt.Fprintf(sys.errOut, "portctl: which ports are ephemeral is not known: %s\n", table.Clean(err.Error()))
	}
	return r
}

// rulesReader reads the rules when it is called, and each time anew.
func rulesReader() func() (port.Rules, error) {
	var live *port.Live
	return func() (port.Rules, error) {
		var err error
		if live == nil {
			live, err = port.NewLive()
		} else {
			_, err = live.Read()
		}
		return live.Rules(), err
	}
}

func openReader() (source, error) {
	r, err := netstat.Open()
	if err != nil {
		return nil, err // not r: a nil *Reader in a source would not be nil
	}
	return r, nil
}

// askApp asks the app of this user.
func askApp(ctx context.Context, question string) ([]byte, error) {
	dirs, err := instance.Dirs(os.Getenv)
	if err != nil {
		return nil, err
	}
	return instance.Ask(ctx, question, dirs...)
}

// permitted sends the null signal of kill(2): the system checks the permission and does no more.
// It is a hint for the person, asked before anything is confirmed; process.Kill decides.
func permitted(pid int) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	defer p.Release()
	return p.Signal(syscall.Signal(0))
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func terminalOf(in, out *os.File, getenv func(string) string) terminal {
	t := terminal{
		in:   term.IsTerminal(int(in.Fd())),
		out:  term.IsTerminal(int(out.Fd())),
		dumb: getenv("TERM") == "" || getenv("TERM") == "dumb",
	}
	if !t.out {
		return t
	}
	if width, _, err := term.GetSize(int(out.Fd())); err == nil {
		t.width = width
	}
	t.colour = !t.dumb && getenv("NO_COLOR") == "" // no-color.org: set and not empty
	return t
}

// output is a stream that may be closed at its other end: `portctl list | head` is
// no failure. After that it swallows what is written. The first other error is kept.
type output struct {
	to     io.Writer
	closed bool // the reader has gone
	err    error
}

func (o *output) Write(p []byte) (int, error) {
	if o.closed || o.err != nil {
		return len(p), nil
	}
	if _, err := o.to.Write(p); err != nil {
		if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) {
			o.closed = true
		} else {
			o.err = err
		}
	}
	return len(p), nil
}
