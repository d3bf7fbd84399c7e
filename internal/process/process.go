// Package process says who a process is, which app it belongs to, and ends it safely.
package process

import (
	"time"

	"portolan/internal/app"
	"portolan/internal/language"
)

// ID names one process for ever. A PID alone does not: the system gives it to
// another process once the first has ended.
type ID struct {
	// PID is the process id, 1 and up. Zero in the zero ID, which names no process.
	PID int
	// Start tells apart the processes that had this PID. It is opaque and only
	// compared: on Linux the start time in clock ticks since boot
	// (/proc/PID/stat, field 22), on macOS the kernel's unique id
	// (proc_uniqidentifierinfo.p_uniqueid). Zero: not known, which equals nothing
	// and is never enough for Kill.
	Start uint64
}

// Process describes one process. It is immutable once it is handed out.
type Process struct {
	ID
	// PPID is the parent's PID; 0 for the first process and when it is not known.
	PPID int
	// Name is the name people know it by: the base name of the executable,
	// or what the kernel calls it where that may not be read. It comes from
	// outside and may hold anything; clean it before it is shown.
	Name string
	// Executable is the path of the executable; "" when it may not be read.
	Executable string
	// User is the login name of UID; the number as text when it has no name; "" when UID is -1.
	User string
	// UID is the effective user id; -1 when it is not known.
	UID int
	// Started is when it began; the zero time when it is not known.
	Started time.Time
	// App is what a person would call the thing this process is part of.
	App app.App
	// Work is what it runs; what may not be read of it is empty.
	Work app.Work
}

// Signal is how a process is asked, or made, to end.
type Signal uint8

// The two signals. The zero Signal is none and is refused.
const (
	Terminate Signal = iota + 1 // SIGTERM: asks it to end, it may tidy up first, or refuse
	ForceKill                   // SIGKILL: ends it at once, unsaved work is lost
)

// String gives the POSIX name of the signal.
func (s Signal) String() string {
	switch s {
	case Terminate:
		return "SIGTERM"
	case ForceKill:
		return "SIGKILL"
	default:
		return "no signal"
	}
}

// failure is an error that a person reads, in the language in use.
type failure string

func (f failure) Error() string { return language.Marked(string(f)) }

// What Kill can come to, beside success (nil: it was signalled and is gone).
// They are told apart with errors.Is.
var (
	// ErrGone: the process had already ended, or its PID is another process now. Nothing was sent.
	ErrGone error = failure(language.Mark("the process has already ended"))
	// ErrProtected: it is the first process, ourselves, one of our ancestors or a thread of the
	// kernel, or the ID has no Start. The error's text says which. Nothing was sent.
	ErrProtected error = failure(language.Mark("the process is protected"))
	// ErrNotPermitted: the system does not let this user signal it. The error's text says whose it is.
	ErrNotPermitted error = failure(language.Mark("not permitted"))
	// ErrStillRunning: the signal was delivered, and the process had not ended when the context was done.
	ErrStillRunning error = failure(language.Mark("the process is still running"))
)
