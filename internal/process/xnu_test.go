package process

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"syscall"
	"testing"

	"portolan/internal/app"
)

// oneMac is a Mac with one process besides ours, which notes what is asked of it.
type oneMac struct {
	unique  uint64
	version uint32
	path    string
	uid     uint32
	gone    bool
	noToken bool
	failing map[string]error
	before  map[string]func() // what happens just before a call
	calls   []string
}

const oneMacPID = 4711

func (m *oneMac) note(call string) error {
	if f := m.before[call]; f != nil {
		delete(m.before, call)
		f()
	}
	m.calls = append(m.calls, call)
	return m.failing[call]
}

func (m *oneMac) pidInfo(pid int, flavor uint32, room []byte) (int, error) {
	if pid != oneMacPID {
		return 0, syscall.ESRCH
	}
	if err := m.note(flavorNames[flavor]); err != nil {
		return 0, err
	}
	if m.gone {
		return 0, syscall.ESRCH
	}
	switch flavor {
	case pidUniqueID:
		binary.LittleEndian.PutUint64(room[16:], m.unique)
		binary.LittleEndian.PutUint32(room[32:], m.version)
		return sizeUniqueID, nil
	case pidShortBSDInfo:
		binary.LittleEndian.PutUint32(room, oneMacPID)
		binary.LittleEndian.PutUint32(room[4:], 1)
		binary.LittleEndian.PutUint32(room[36:], m.uid)
		copy(room[16:], "victim")
		return sizeShortBSDInfo, nil
	case pidPathInfo:
		copy(room, m.path+"\x00")
		return 0, nil
	}
	return 0, syscall.EPERM
}

func (m *oneMac) sysctl(string, int) ([]byte, error) { return nil, nil }
func (m *oneMac) responsible(int) int                { return -1 }

func (m *oneMac) watch(int) (exit, error) {
	if err := m.note("watch"); err != nil {
		return nil, err
	}
	if m.gone {
		return nil, fmt.Errorf("kevent: %w", syscall.ESRCH)
	}
	return m, nil
}

func (m *oneMac) wait(context.Context) error { return m.note("wait") }
func (m *oneMac) close()                     { m.note("close") }

func (m *oneMac) signalToken(token [8]uint32, signal int) error {
	if m.noToken {
		return syscall.ENOSYS
	}
	if err := m.note("token"); err != nil {
		return err
	}
	if m.gone || token[5] != oneMacPID || token[7] != m.version {
		return syscall.ESRCH
	}
	m.calls = append(m.calls, fmt.Sprint("sent ", signal))
	return nil
}

func (m *oneMac) kill(_ int, signal int) error {
	if err := m.note("kill"); err != nil {
		return err
	}
	if m.gone {
		return syscall.ESRCH
	}
	m.calls = append(m.calls, fmt.Sprint("sent ", signal))
	return nil
}

func newOneMac() *oneMac {
	return &oneMac{unique: 99, version: 5, path: "/opt/victim", uid: 502, failing: map[string]error{}, before: map[string]func(){}}
}

func (m *oneMac) id() ID { return ID{oneMacPID, 99} }

func (m *oneMac) sent() (signals []string) {
	for _, call := range m.calls {
		if strings.HasPrefix(call, "sent ") {
			signals = append(signals, call)
		}
	}
	return signals
}

// TestXNUKillOrder: the wait for its end is attached before the identity is read, and both before the signal.
func TestXNUKillOrder(t *testing.T) {
	for _, noToken := range []bool{false, true} {
		m := newOneMac()
		m.noToken = noToken
		if err := kill(t.Context(), xnu{m}, m.id(), Terminate); err != nil {
			t.Fatal(err)
		}
		last := "token"
		if noToken {
			last = "kill"
		}
		watched, signalled := slices.Index(m.calls, "watch"), slices.Index(m.calls, last)
		if watched < 0 || !slices.Contains(m.calls[watched:signalled], "uniqid") || !slices.Contains(m.calls[watched:signalled], "pidpath") {
			t.Errorf("calls %v", m.calls)
		}
		if noToken && (m.calls[signalled-1] != "pidpath" || m.calls[signalled-2] != "shortbsdinfo") {
			t.Errorf("the identity is not read right before kill: %v", m.calls)
		}
		if !slices.Equal(m.sent(), []string{"sent 15"}) || !slices.Equal(m.calls[len(m.calls)-2:], []string{"wait", "close"}) {
			t.Errorf("calls %v", m.calls)
		}
	}
}

func TestXNUKillOutcomes(t *testing.T) {
	tests := []struct {
		name    string
		prepare func(*oneMac)
		want    error
		sent    int
	}{
		{"already gone", func(m *oneMac) { m.gone = true }, ErrGone, 0},
		{"another process has the number", func(m *oneMac) { m.unique = 100 }, ErrGone, 0},
		{"ends between watch and check", func(m *oneMac) { m.failing["shortbsdinfo"] = syscall.ESRCH }, ErrGone, 0},
		{"recycled right before the signal", func(m *oneMac) { m.before["token"] = func() { m.unique, m.version = 100, 6 } }, ErrGone, 0},
		{"recycled right before the signal, old system", func(m *oneMac) {
			m.noToken = true
			n := 0
			var count func()
			count = func() {
				if n++; n == 3 { // after the protection and the first check: the look right before kill
					m.unique = 100
				}
				m.before["uniqid"] = count
			}
			m.before["uniqid"] = count
		}, ErrGone, 0},
		{"ends right before the signal", func(m *oneMac) { m.before["token"] = func() { m.gone = true } }, ErrGone, 0},
		{"ends right before the signal, old system", func(m *oneMac) { m.noToken = true; m.before["kill"] = func() { m.gone = true } }, ErrGone, 0},
		{"runs the same program anew", func(m *oneMac) { m.before["token"] = func() { m.version = 6 } }, nil, 1},
		{"runs another program", func(m *oneMac) { m.before["token"] = func() { m.version, m.path = 6, "/opt/other" } }, ErrGone, 0},
		{"not permitted", func(m *oneMac) { m.failing["token"] = syscall.EPERM }, ErrNotPermitted, 0},
		{"not permitted, old system", func(m *oneMac) { m.noToken = true; m.failing["kill"] = syscall.EPERM }, ErrNotPermitted, 0},
		{"an error that nobody expects", func(m *oneMac) { m.failing["token"] = syscall.EINVAL }, syscall.EINVAL, 0},
	}
	for _, test := range tests {
		m := newOneMac()
		test.prepare(m)
		err := kill(t.Context(), xnu{m}, m.id(), ForceKill)
		if !errors.Is(err, test.want) || len(m.sent()) != test.sent {
			t.Errorf("%s: %v, %v; want %v and %d signals", test.name, err, m.calls, test.want, test.sent)
		}
		if errors.Is(test.want, ErrNotPermitted) && (!strings.Contains(err.Error(), "502") || !strings.Contains(err.Error(), "victim")) {
			t.Errorf("%s: %q does not say whose it is", test.name, err)
		}
		if slices.Contains(m.calls, "watch") && !m.gone && !slices.Contains(m.calls, "close") {
			t.Errorf("%s: never closed", test.name)
		}
	}
}

// TestXNUErrors: EPERM stays what it is, so that it is not taken for the end of a process.
func TestXNUErrors(t *testing.T) {
	m := newOneMac()
	m.failing["uniqid"] = syscall.EPERM
	if _, err := (xnu{m}).entry(oneMacPID); !errors.Is(err, fs.ErrPermission) || errors.Is(err, ErrGone) {
		t.Errorf("%v", err)
	}
	if _, err := (xnu{m}).entry(1); !errors.Is(err, ErrGone) {
		t.Errorf("%v", err)
	}
}

// TestDescribeWhileItChanges: a description is of one program of one process.
func TestDescribeWhileItChanges(t *testing.T) {
	m := newOneMac()
	m.before["pidpath"] = func() { m.unique, m.version, m.path = 100, 6, "/opt/other" }
	p, e, err := xnu{m}.describe(oneMacPID, nil)
	if err != nil || p.Start != 100 || e.exec != 6 || p.Executable != "/opt/other" {
		t.Errorf("%+v, %+v, %v", p, e, err)
	}
	restless := newOneMac()
	var change func()
	change = func() { restless.version++; restless.before["pidpath"] = change }
	restless.before["pidpath"] = change
	var more app.Evidence
	if p, _, err := (xnu{restless}).describe(oneMacPID, &more); err != nil || p.Start != 99 || more.PID != 0 {
		t.Errorf("%+v, %+v, %v of a process that never stays the same program", p, more, err)
	}
	reused := newOneMac()
	change = func() { reused.unique++; reused.before["pidpath"] = change }
	reused.before["pidpath"] = change
	if p, _, err := (xnu{reused}).describe(oneMacPID, nil); err == nil {
		t.Errorf("%+v of a number that is never long the same process", p)
	}
}
