package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

var testContext = context.Background()

// byNumbers is the /proc of a kernel without pidfds.
type byNumbers struct{ procfs }

func (s byNumbers) open(id ID) (handle, error) { return byNumber{s.procfs, id}, nil }

func TestKillWithoutPidfd(t *testing.T) {
	sys := byNumbers{procfs{root: procRoot}}
	c := start(t, "deaf")
	for _, id := range []ID{{c.id.PID, c.id.Start + 1}, {c.id.PID, 0}} {
		if err := kill(t.Context(), sys, id, ForceKill); err == nil || !c.alive(t) {
			t.Fatalf("%v: error %v, alive %v", id, err, c.alive(t))
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := kill(ctx, sys, c.id, Terminate); !errors.Is(err, ErrStillRunning) {
		t.Fatalf("error %v, want %v", err, ErrStillRunning)
	}
	if err := kill(t.Context(), sys, c.id, ForceKill); err != nil {
		t.Fatal(err)
	}
	if err := kill(t.Context(), sys, c.id, ForceKill); !errors.Is(err, ErrGone) {
		t.Fatalf("error %v, want %v", err, ErrGone)
	}
	// The check right before the signal, when the number changes hands after the first check.
	c = start(t, "obedient")
	h := byNumber{sys.procfs, ID{c.id.PID, c.id.Start + 1}}
	if err := h.signal(ForceKill); !errors.Is(err, ErrGone) || !c.alive(t) {
		t.Errorf("error %v, want %v", err, ErrGone)
	}
}

// A handle stays with its process: after that has ended, its signals reach nobody.
func TestPidfdOfTheDead(t *testing.T) {
	c := start(t, "obedient")
	h, err := host.open(c.id)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	c.Process.Kill()
	c.Wait()
	if err := h.signal(Terminate); !errors.Is(err, ErrGone) {
		t.Errorf("signal: %v, want %v", err, ErrGone)
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.wait(done); err != nil {
		t.Errorf("it has ended, whatever the time: %v", err)
	}
}

// A process whose first thread has ended looks like a zombie, and is none.
func TestKillHeadless(t *testing.T) {
	c := start(t, "headless")
	text := make([]byte, statRoom)
	text, err := readAt(unix.AT_FDCWD, fmt.Sprintf("/proc/%d/stat", c.id.PID), text)
	if err != nil || !strings.Contains(string(text), ") Z ") {
		t.Fatalf("its first thread has not ended: %q, %v", text, err)
	}
	if err := Kill(t.Context(), c.id, Terminate); err != nil {
		t.Fatal(err)
	}
	if c.alive(t) {
		t.Error("it still runs")
	}
}

func TestKillNotOurs(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user")
	}
	victim := start(t, "obedient")
	killer := start(t, "killer", asNobody(fmt.Sprintf("PID=%d", victim.id.PID), fmt.Sprintf("START=%d", victim.id.Start)))
	// The link to the program may not be read: if the short name is cut, the first argument completes it.
	want := fmt.Sprintf("true process %d (%s) belongs to root: not permitted", victim.id.PID, filepath.Base(victim.Path))
	if line := killer.line(t); line != want {
		t.Errorf("it says %q, want %q", line, want)
	}
	if !victim.alive(t) {
		t.Error("the process was ended")
	}
}

func TestKernelThreadIsProtected(t *testing.T) {
	e, err := host.entry(2)
	if err != nil || !e.kern {
		t.Skipf("in a PID namespace there are none: %v, %v", e, err)
	}
	if err := Kill(t.Context(), e.ID, ForceKill); !errors.Is(err, ErrProtected) {
		t.Errorf("error %v, want %v", err, ErrProtected)
	}
}

// A PID that really is given to another process: its first owner is looked at,
// ends, and an innocent one gets the number before the signal.
func TestKillRecycledNumber(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	outside(t)
	mountProc(t, "")
	first := start(t, "obedient")
	h, err := host.open(first.id) // as Kill would hold it, had it started in time
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	syscall.Kill(first.id.PID, syscall.SIGKILL)
	first.Wait()
	waitForTick(t, first.id.Start)
	second := startAs(t, first.id.PID)
	if second.id.PID != first.id.PID || second.id == first.id {
		t.Fatalf("the number was not given again: %v, then %v", first.id, second.id)
	}
	for _, s := range []Signal{Terminate, ForceKill} {
		if err := Kill(t.Context(), first.id, s); !errors.Is(err, ErrGone) {
			t.Errorf("%v: error %v, want %v", s, err, ErrGone)
		}
		if err := h.signal(s); !errors.Is(err, ErrGone) {
			t.Errorf("%v through the old handle: error %v, want %v", s, err, ErrGone)
		}
	}
	if !second.alive(t) {
		t.Fatal("the innocent process was hit")
	}
	if err := Kill(t.Context(), second.id, Terminate); err != nil {
		t.Errorf("the new owner under its own name: %v", err)
	}
}

// outside: before it has its own /proc, the namespace sees that of outside, where the
// same numbers are other processes. Nothing may be signalled by them.
func outside(t *testing.T) {
	t.Helper()
	h, err := host.open(ID{PID: 2, Start: 1})
	if err == nil || h != nil || !strings.Contains(err.Error(), "another PID namespace") {
		t.Errorf("with the /proc of outside: %v, %v", h, err)
	}
}

// waitForTick returns when a process that starts now has another stamp than start.
func waitForTick(t *testing.T, start uint64) {
	t.Helper()
	for now := uint64(0); now <= start; {
		var boot unix.Timespec
		if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &boot); err != nil {
			t.Fatal(err)
		}
		now = uint64(boot.Nano()) / uint64(time.Second/userHZ)
	}
}

// startAs starts a child with a number that is free. Threads take numbers
// too, so that it may need more than one try.
func startAs(t *testing.T, pid int) *child {
	t.Helper()
	for {
		if err := os.WriteFile("/proc/sys/kernel/ns_last_pid", []byte(strconv.Itoa(pid-1)), 0); err != nil {
			t.Fatal(err)
		}
		c := start(t, "obedient")
		if c.id.PID == pid || t.Context().Err() != nil {
			return c
		}
	}
}
