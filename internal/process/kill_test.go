package process

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"portolan/internal/app"
)

// table is a system of made-up processes that notes what is asked of its handles.
type table struct {
	entries   map[int]entry
	described map[int]*Process
	failing   map[int]error

	openError, identityError, signalError, waitError error

	held  ID // what the handle's identity says; zero: what the entry says
	calls []string
}

func (s *table) entry(pid int) (entry, error) {
	if err := s.failing[pid]; err != nil {
		return entry{}, err
	}
	e, ok := s.entries[pid]
	if !ok {
		return entry{}, ErrGone
	}
	return e, nil
}

func (s *table) describe(pid int, more *app.Evidence) (*Process, entry, error) {
	e, err := s.entry(pid)
	if err != nil {
		return nil, entry{}, err
	}
	p := &Process{ID: e.ID, PPID: e.ppid, UID: -1, Name: e.name()}
	if known := s.described[pid]; known != nil {
		*p = *known
	}
	if more != nil && e.Start != 0 && !e.kern {
		*more = app.Evidence{PID: pid, Name: p.Name, Executable: p.Executable, UID: p.UID, Terminal: e.term, Ancestors: more.Ancestors[:0]}
	}
	return p, e, nil
}

func (s *table) open(id ID) (handle, error) {
	s.calls = append(s.calls, "open")
	return &tableHandle{s, id}, s.openError
}

type tableHandle struct {
	*table
	id ID
}

func (h *tableHandle) close() { h.calls = append(h.calls, "close") }

func (h *tableHandle) identity() (ID, error) {
	h.calls = append(h.calls, "identity")
	if h.held != (ID{}) || h.identityError != nil {
		return h.held, h.identityError
	}
	e, err := h.entry(h.id.PID)
	return e.ID, err
}

func (h *tableHandle) signal(s Signal) error {
	h.calls = append(h.calls, s.String())
	return h.signalError
}

func (h *tableHandle) wait(ctx context.Context) error {
	h.calls = append(h.calls, "wait")
	if h.waitError != nil {
		return h.waitError
	}
	return ctx.Err()
}

// target is the process that the made-up table is asked to end.
var target = ID{PID: 1 << 21, Start: 4711}

// family is a table of our parent, its parent, a thread of the kernel and the target.
func family() *table {
	parent, grandparent := os.Getppid(), target.PID+1
	return &table{entries: map[int]entry{
		target.PID:     {ID: target, ppid: 1},
		parent:         {ID: ID{parent, 20}, ppid: grandparent},
		grandparent:    {ID: ID{grandparent, 10}, ppid: 1},
		target.PID + 2: {ID: ID{target.PID + 2, 5}, ppid: 2, kern: true},
	}}
}

func TestKillOrder(t *testing.T) {
	s := family()
	if err := kill(t.Context(), s, target, Terminate); err != nil {
		t.Fatal(err)
	}
	if want := []string{"open", "identity", "SIGTERM", "wait", "close"}; !slices.Equal(s.calls, want) {
		t.Errorf("calls %v, want %v", s.calls, want)
	}
}

func TestKillOutcomes(t *testing.T) {
	needParent(t)
	done, cancel := context.WithCancel(context.Background())
	cancel()
	broken := errors.New("broken")
	tests := []struct {
		name   string
		ctx    context.Context
		id     ID
		signal Signal
		change func(*table)
		want   error  // nil: any
		text   string // what the error must say
		sent   bool
	}{
		{name: "no signal", signal: 0, text: "neither SIGTERM nor SIGKILL"},
		{name: "an unknown signal", signal: 3, text: "neither SIGTERM nor SIGKILL"},
		{name: "the zero ID", id: ID{}, signal: ForceKill, want: ErrProtected},
		{name: "a process group", id: ID{-target.PID, 1}, signal: ForceKill, want: ErrProtected},
		{name: "every process", id: ID{-1, 1}, signal: ForceKill, want: ErrProtected},
		{name: "the first process", id: ID{1, 1}, signal: ForceKill, want: ErrProtected, text: "process 1 "},
		{name: "ourselves", id: ID{os.Getpid(), 1}, want: ErrProtected, text: "itself"},
		{name: "no start", id: ID{target.PID, 0}, want: ErrProtected, text: "cannot be told"},
		{name: "our parent", id: ID{os.Getppid(), 20}, want: ErrProtected, text: "started this program"},
		{name: "our grandparent", id: ID{target.PID + 1, 10}, want: ErrProtected, text: "started this program"},
		{name: "a thread of the kernel", id: ID{target.PID + 2, 5}, want: ErrProtected, text: "kernel"},
		{name: "a process before our grandparent", id: ID{target.PID + 1, 9}, want: ErrGone, text: "another process"},
		{name: "ancestors that cannot be read", want: broken, text: "ancestors",
			change: func(s *table) { s.failing = map[int]error{target.PID + 1: broken} }},
		{name: "an ancestor that is hidden", id: ID{target.PID + 1, 10}, want: ErrProtected,
			change: func(s *table) { s.failing = map[int]error{target.PID + 1: fs.ErrPermission} }},
		{name: "an ancestor that seems gone", id: ID{target.PID + 1, 10}, want: ErrProtected,
			change: func(s *table) { delete(s.entries, target.PID+1) }},
		{name: "gone before", want: ErrGone, change: func(s *table) { s.openError = ErrGone }},
		{name: "no handle", want: broken, change: func(s *table) { s.openError = broken }},
		{name: "gone at the check", want: ErrGone, change: func(s *table) { s.identityError = ErrGone }},
		{name: "recycled at the check", want: ErrGone, text: "another process",
			change: func(s *table) { s.held = ID{target.PID, 4712} }},
		{name: "an identity that may not be read", want: ErrNotPermitted,
			change: func(s *table) { s.identityError = fs.ErrPermission }},
		{name: "no time left", ctx: done, want: context.Canceled, text: "nothing was sent"},
		{name: "gone at the signal", want: ErrGone, sent: true, change: func(s *table) { s.signalError = ErrGone }},
		{name: "not permitted", want: ErrNotPermitted, text: "process 2097152 (postgres) belongs to pg", sent: true,
			change: func(s *table) {
				s.signalError = syscall.EPERM
				s.described = map[int]*Process{target.PID: {ID: target, Name: "postgres", User: "pg", UID: 26}}
			}},
		{name: "not permitted, hostile name", want: ErrNotPermitted, text: `("a\x1b[2J\nb\u202e") belongs to pg`, sent: true,
			change: func(s *table) {
				s.signalError = syscall.EPERM
				s.described = map[int]*Process{target.PID: {ID: target, Name: "a\x1b[2J\nb\u202e", User: "pg", UID: 26}}
			}},
		{name: "not permitted, another process by now", want: ErrNotPermitted, text: "belongs to another user", sent: true,
			change: func(s *table) {
				s.signalError = syscall.EPERM
				s.described = map[int]*Process{target.PID: {ID: ID{target.PID, 9}, Name: "innocent", User: "pg"}}
			}},
		{name: "not permitted, no description", want: ErrNotPermitted, text: "belongs to another user", sent: true,
			change: func(s *table) { s.signalError = syscall.EPERM }},
		{name: "a signal that fails", want: broken, sent: true, change: func(s *table) { s.signalError = broken }},
		{name: "a wait that fails", want: broken, sent: true, change: func(s *table) { s.waitError = broken }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := family()
			if test.change != nil {
				test.change(s)
			}
			if test.ctx == nil {
				test.ctx = t.Context()
			}
			if test.id == (ID{}) && test.name != "the zero ID" {
				test.id = target
			}
			if test.signal == 0 && test.name != "no signal" {
				test.signal = Terminate
			}
			err := kill(test.ctx, s, test.id, test.signal)
			if err == nil || test.want != nil && !errors.Is(err, test.want) {
				t.Fatalf("error %v, want %v", err, test.want)
			}
			for _, other := range []error{ErrGone, ErrProtected, ErrNotPermitted, ErrStillRunning} {
				if !errors.Is(test.want, other) && errors.Is(err, other) {
					t.Errorf("error %q is also %q", err, other)
				}
			}
			if !strings.Contains(err.Error(), test.text) {
				t.Errorf("error %q does not say %q", err, test.text)
			}
			if sent := slices.Contains(s.calls, "SIGTERM") || slices.Contains(s.calls, "SIGKILL"); sent != test.sent {
				t.Errorf("signal sent: %v, want %v (%v)", sent, test.sent, s.calls)
			}
			if slices.Contains(s.calls, "identity") && !slices.Contains(s.calls, "close") {
				t.Errorf("the handle stays open: %v", s.calls)
			}
		})
	}
}

// When the time of grace ends, what was sent was sent: that is another outcome than no time at all.
func TestKillStillRunning(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	err := kill(ctx, &cancelling{family(), cancel}, target, ForceKill)
	if !errors.Is(err, ErrStillRunning) || !strings.Contains(err.Error(), "after SIGKILL") {
		t.Errorf("error %v, want %v", err, ErrStillRunning)
	}
}

// cancelling is a table whose context ends with the signal.
type cancelling struct {
	*table
	cancel func()
}

func (s *cancelling) open(id ID) (handle, error) {
	h, err := s.table.open(id)
	return &cancellingHandle{h, s.cancel}, err
}

type cancellingHandle struct {
	handle
	cancel func()
}

func (h *cancellingHandle) signal(s Signal) error {
	defer h.cancel()
	return h.handle.signal(s)
}

// A parent may end while we walk up: then the way is another one, and is walked again.
func TestAncestorsChange(t *testing.T) {
	needParent(t)
	s := &changing{table: family()}
	if err := protected(s, target); err != nil {
		t.Errorf("the target is protected: %v", err)
	}
	if err := protected(s, ID{target.PID + 9, 77}); !errors.Is(err, ErrProtected) {
		t.Errorf("error %v, want that the new grandparent is protected", err)
	}
}

// changing is a table in which our grandparent ends once it was looked for.
type changing struct{ *table }

func (s *changing) entry(pid int) (entry, error) {
	if pid == target.PID+1 {
		parent := s.entries[os.Getppid()]
		parent.ppid = target.PID + 9
		s.entries[parent.PID] = parent
		s.entries[target.PID+9] = entry{ID: ID{target.PID + 9, 77}, ppid: 1}
		return entry{}, ErrGone
	}
	return s.table.entry(pid)
}

func TestAncestorsInACircle(t *testing.T) {
	s := family()
	s.entries[target.PID+1] = entry{ID: ID{target.PID + 1, 10}, ppid: os.Getppid()}
	if err := protected(s, target); err != nil {
		t.Error(err)
	}
}
