package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// number gives the system's number of a signal.
func (s Signal) number() unix.Signal {
	if s == ForceKill {
		return unix.SIGKILL
	}
	return unix.SIGTERM
}

func (f procfs) open(id ID) (handle, error) {
	if err := f.checkNamespace(); err != nil {
		return nil, err
	}
	fd, err := unix.PidfdOpen(id.PID, 0)
	switch err {
	case nil:
		return newPidfd(f, id, fd)
	case unix.ESRCH, unix.EINVAL, unix.ENOENT: // EINVAL, ENOENT: a thread's number, no process's
		return nil, ErrGone
	case unix.ENOSYS, unix.EPERM: // before Linux 5.3; or a seccomp filter that does not know it
		return byNumber{f, id}, nil
	}
	return nil, fmt.Errorf("pidfd_open: %w", err)
}

// checkNamespace refuses a /proc of another PID namespace: the numbers in it are not those that signals go by.
func (f procfs) checkNamespace() error {
	var room [statusRoom]byte
	text, err := readAt(unix.AT_FDCWD, f.root+"/self/status", room[:])
	if err != nil {
		return fmt.Errorf("read our own status: %w", err)
	}
	s, err := parseStatus(text)
	if err != nil {
		return err
	}
	if s.spaces > 1 || s.pid != os.Getpid() {
		return errors.New("/proc shows the processes of another PID namespace")
	}
	return nil
}

// pidfd is a hold on a process that the kernel itself keeps (pidfd_open(2)).
type pidfd struct {
	fs   procfs
	id   ID
	file *os.File
}

// newPidfd hands the descriptor to Go's poller, which can wait for it and for a context at once.
func newPidfd(f procfs, id ID, fd int) (handle, error) {
	if err := unix.SetNonblock(fd, true); err != nil {
		shut(fd)
		return nil, fmt.Errorf("set pidfd non-blocking: %w", err)
	}
	return &pidfd{f, id, os.NewFile(uintptr(fd), "pidfd")}, nil
}

func (p *pidfd) close() { _ = p.file.Close() }

func (p *pidfd) identity() (ID, error) {
	e, err := p.fs.entry(p.id.PID)
	return e.ID, err
}

func (p *pidfd) signal(s Signal) error {
	raw, err := p.file.SyscallConn()
	if err != nil {
		return err
	}
	var sent error
	if err := raw.Control(func(fd uintptr) {
		sent = unix.PidfdSendSignal(int(fd), s.number(), nil, 0)
	}); err != nil {
		return err
	}
	return signalError("pidfd_send_signal", sent)
}

func signalError(call string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.ESRCH):
		return ErrGone
	default:
		return fmt.Errorf("%s: %w", call, err)
	}
}

// wait: a pidfd becomes readable when the whole process has ended, reaped or not.
func (p *pidfd) wait(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = p.file.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	raw, err := p.file.SyscallConn()
	if err != nil {
		return err
	}
	var ended bool
	var failed error
	look := func(fd uintptr) bool {
		ended, failed = readable(fd)
		return ended || failed != nil
	}
	if err = raw.Read(look); errors.Is(err, os.ErrDeadlineExceeded) {
		// It may have ended at the last moment.
		if err = raw.Control(func(fd uintptr) { look(fd) }); err == nil && !ended && failed == nil {
			return ctx.Err()
		}
	}
	return errors.Join(err, failed)
}

// readable asks without waiting.
func readable(fd uintptr) (bool, error) {
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
		if err != unix.EINTR {
			return n > 0, err
		}
	}
}

// byNumber is what is left without pidfds (before Linux 5.3): the identity is read
// once more right before kill(2). Between the two a PID can be given to
// another process in theory; it would have to come round within microseconds.
type byNumber struct {
	fs procfs
	id ID
}

// pollEvery is how often byNumber looks whether the process has ended.
const pollEvery = 20 * time.Millisecond

func (byNumber) close() {}

func (b byNumber) identity() (ID, error) {
	e, err := b.fs.entry(b.id.PID)
	return e.ID, err
}

func (b byNumber) signal(s Signal) error {
	if now, err := b.identity(); err != nil {
		return err
	} else if now != b.id {
		return ErrGone
	}
	return signalError("kill", unix.Kill(b.id.PID, s.number()))
}

func (b byNumber) wait(ctx context.Context) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if now, err := b.identity(); errors.Is(err, ErrGone) || err == nil && now != b.id {
			return nil
		} else if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
