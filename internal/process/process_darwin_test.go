package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func init() { roles["fake killer"] = fakeKiller }

// fakeMachine gives the scenario that tells what the fake Mac is like; the test is left out where there is none.
func fakeMachine(t *testing.T) *macScenario {
	t.Helper()
	dir := os.Getenv("MACHORUN_FIXTURES")
	if dir == "" {
		t.Skip("MACHORUN_FIXTURES names no fake Mac")
	}
	m := &macScenario{}
	readJSON(t, filepath.Join(macFixtures(), "scenario_"+filepath.Base(dir), "scenario.json"), m)
	return m
}

// TestFakeMachineProcesses holds what the real calls say of a fake Mac's processes against the truth.
func TestFakeMachineProcesses(t *testing.T) {
	m := fakeMachine(t)
	register := NewRegister()
	for i := range m.Processes {
		want := &m.Processes[i]
		p, err := Read(int(want.PID))
		if want.Zombie {
			if !errors.Is(err, ErrGone) {
				t.Errorf("a zombie: %+v, %v; want %v", p, err, ErrGone)
			}
			continue
		}
		if err != nil {
			t.Errorf("process %d: %v", want.PID, err)
			continue
		}
		checkMacDescription(t, p, want)
		first, err := register.Lookup(int(want.PID))
		if err != nil || *first != *p {
			t.Errorf("process %d: the register says %+v, %v", want.PID, first, err)
		}
		if again, _ := register.Lookup(int(want.PID)); again != first {
			t.Errorf("process %d: another pointer although nothing changed", want.PID)
		}
	}
	if self := Self(); self.PID != m.SelfPID || self.Start == 0 {
		t.Errorf("we are %+v, want %d", self, m.SelfPID)
	}
}

// fakeKill is one kill on a fake Mac, and what came of it.
type fakeKill struct {
	ID     ID
	Signal Signal
	Error  string
	Kind   string // which of the sentinels; "" for success
}

// fakeKiller does the kills it is given on standard input and tells what came of them. It runs in a process of
// its own, since the dead of a fake Mac stay dead.
func fakeKiller() {
	var kills []fakeKill
	if err := json.NewDecoder(os.Stdin).Decode(&kills); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for i := range kills {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		err := Kill(ctx, kills[i].ID, kills[i].Signal)
		cancel()
		kills[i].Kind = kindOf(err)
		if err != nil {
			kills[i].Error = err.Error()
		}
	}
	json.NewEncoder(os.Stdout).Encode(kills)
}

func kindOf(err error) string {
	for kind, sentinel := range map[string]error{"gone": ErrGone, "protected": ErrProtected, "not permitted": ErrNotPermitted, "still running": ErrStillRunning} {
		if errors.Is(err, sentinel) {
			return kind
		}
	}
	if err != nil {
		return "other"
	}
	return ""
}

// TestFakeMachineKill kills processes of a fake Mac, with and without proc_signal_with_audittoken.
func TestFakeMachineKill(t *testing.T) {
	m := fakeMachine(t)
	id := func(pid int) ID {
		i := slices.IndexFunc(m.Processes, func(p macProcess) bool { return int(p.PID) == pid })
		return ID{pid, m.Processes[i].UniqueID}
	}
	kills := []fakeKill{
		{ID: ID{812, id(812).Start + 1}, Signal: ForceKill, Kind: "gone"}, // the number was another process's
		{ID: id(501), Signal: Terminate},
		{ID: id(501), Signal: Terminate, Kind: "gone"},
		{ID: id(9122), Signal: ForceKill},
		{ID: id(6600), Signal: Terminate, Kind: "gone"}, // a zombie
		{ID: id(1), Signal: ForceKill, Kind: "protected"},
		{ID: id(m.SelfPID), Signal: ForceKill, Kind: "protected"},
		{ID: id(88001), Signal: Terminate, Kind: "not permitted", Error: "belongs to root"},
		{ID: id(302), Signal: Terminate, Kind: "not permitted", Error: "mDNSResponder"},
		{ID: ID{55555, 1}, Signal: Terminate, Kind: "gone"},
	}
	for _, noToken := range []string{"", "1"} {
		t.Run("without token "+noToken, func(t *testing.T) {
			log := filepath.Join(t.TempDir(), "calls")
			got := runFakeKiller(t, kills, "MACHORUN_LOG="+log, "MACHORUN_NO_AUDITTOKEN="+noToken)
			for i, want := range kills {
				if got[i].Kind != want.Kind || !strings.Contains(got[i].Error, want.Error) {
					t.Errorf("kill %+v: %q %q, want %q %q", want.ID, got[i].Kind, got[i].Error, want.Kind, want.Error)
				}
			}
			checkKillCalls(t, log, noToken != "")
		})
	}
}

func runFakeKiller(t *testing.T, kills []fakeKill, env ...string) (done []fakeKill) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal(kills)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(append(os.Environ(), roleVariable+"=fake killer"), env...)
	cmd.Stdin, cmd.Stderr = strings.NewReader(string(input)), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &done); err != nil || len(done) != len(kills) {
		t.Fatalf("%d outcomes, %v: %s", len(done), err, out)
	}
	return done
}

// checkKillCalls holds the calls against the order of a kill: attach, check, signal.
func checkKillCalls(t *testing.T, log string, plain bool) {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	calls := strings.Split(string(text), "\n")
	signal := func(pid int) string {
		if plain {
			return fmt.Sprintf("kill %d ", pid)
		}
		return fmt.Sprintf("proc_signal_with_audittoken pid=%d ", pid)
	}
	at := func(prefix string, from int) int {
		i := slices.IndexFunc(calls[from:], func(c string) bool { return strings.HasPrefix(c, prefix) })
		if i < 0 {
			return -1
		}
		return from + i
	}
	attach := at("kevent EVFILT_PROC 501 ", 0)
	sent := at(signal(501), 0)
	if attach < 0 || sent < attach {
		t.Fatalf("attached at %d, sent at %d", attach, sent)
	}
	for _, check := range []string{"proc_pidinfo pid=501 flavor=17 ", "proc_pidinfo pid=501 flavor=11 "} {
		if i := at(check, attach); i < 0 || i > sent {
			t.Errorf("%s is not between attaching (%d) and the signal (%d)", check, attach, sent)
		}
	}
	for _, innocent := range []int{812, 6600, 1, 55555} {
		if i := at(signal(innocent), 0); i >= 0 {
			t.Errorf("a signal was sent: %s", calls[i])
		}
	}
	if plain && at("proc_signal_with_audittoken pid", 0) >= 0 {
		t.Error("a function was called that is not there")
	}
}

// TestMacErrnoIsTrue: the door to proc_info keeps errors apart.
func TestMacErrnoIsTrue(t *testing.T) {
	if !onMac() {
		t.Skip("this is neither a Mac nor a runner that plays one")
	}
	if _, err := (libSystem{}).pidInfo(1<<30, pidUniqueID, make([]byte, sizeUniqueID)); !errors.Is(err, unix.ESRCH) {
		t.Errorf("a process that does not exist: %v, want %v", err, unix.ESRCH)
	}
	if os.Geteuid() != 0 {
		if _, err := (libSystem{}).pidInfo(1, pidBSDInfo, make([]byte, sizeBSDInfo)); !errors.Is(err, unix.EPERM) {
			t.Errorf("another user's process: %v, want %v", err, unix.EPERM)
		}
	}
	if address := dlsym("no_macOS_has_this_function"); address != 0 {
		t.Errorf("found a function that is not there at %#x", address)
	}
}

// TestDescribeOurselves: path, name, user and start of a process whose truth is known.
func TestDescribeOurselves(t *testing.T) {
	needRealProcesses(t)
	p, err := Read(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if p.ID != Self() || p.Start == 0 || p.Name != filepath.Base(executable) || p.UID != os.Geteuid() || p.PPID != os.Getppid() {
		t.Errorf("%+v, want %s", p, executable)
	}
	if age := time.Since(p.Started); age < -time.Second || age > time.Hour {
		t.Errorf("started %v ago", age)
	}
}
