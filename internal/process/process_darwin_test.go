package process

import (
	"cmp"
	"context"
	"encoding/binary"
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
	truth := filepath.Join("scenario_"+filepath.Base(dir), "scenario.json")
	from := macFixtures()
	if _, err := os.Stat(filepath.Join(from, truth)); err != nil {
		from = ownMacFixtures
	}
	readJSON(t, filepath.Join(from, truth), m)
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
		checkMacDescription(t, m, p, want)
		first, err := register.Lookup(int(want.PID))
		if err != nil || *first != *p {
			t.Errorf("process %d: the register says %+v, %v", want.PID, first, err)
		}
		if again, _ := register.Lookup(int(want.PID)); again != first {
			t.Errorf("process %d: another pointer although nothing changed", want.PID)
		}
	}
	if self := ourselves(); self.PID != m.SelfPID || self.Start == 0 {
		t.Errorf("we are %+v, want %d", self, m.SelfPID)
	}
}

// fakeKill is one kill on a fake Mac, and what came of it.
type fakeKill struct {
	ID     ID
	Signal Signal
	Grace  time.Duration // 0: enough
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
		ctx, cancel := context.WithTimeout(context.Background(), cmp.Or(kills[i].Grace, 10*time.Second))
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

// victims are processes of this user that a test may end: not ourselves, nor what started us.
func (m *macScenario) victims() (ids []ID) {
	ours := map[int32]bool{}
	for p := m.process(int32(m.SelfPID)); p != nil && !ours[p.PID]; p = m.process(p.PPID) {
		ours[p.PID] = true
	}
	for _, p := range m.Processes {
		if p.Own && !p.Zombie && p.PID > 1 && int(p.EUID) == m.MyUID && p.EUID == p.RUID && !ours[p.PID] {
			ids = append(ids, ID{int(p.PID), p.UniqueID})
		}
	}
	return ids
}

// TestFakeMachineKill kills processes of a fake Mac, with and without proc_signal_with_audittoken.
func TestFakeMachineKill(t *testing.T) {
	m := fakeMachine(t)
	victims := m.victims()
	if len(victims) < 3 {
		t.Fatalf("only %v may be ended", victims)
	}
	spared, first, second := victims[0], victims[1], victims[2]
	kills := []fakeKill{
		{ID: ID{spared.PID, spared.Start + 1}, Signal: ForceKill, Kind: "gone"}, // the number was another process's
		{ID: first, Signal: Terminate},
		{ID: first, Signal: Terminate, Kind: "gone"},
		{ID: second, Signal: ForceKill},
		{ID: ID{54321, 1}, Signal: Terminate, Kind: "gone"},
	}
	innocent := []int{spared.PID, 54321}
	for _, p := range m.Processes {
		id := ID{int(p.PID), p.UniqueID}
		switch {
		case p.PID == 1, int(p.PID) == m.SelfPID:
			kills = append(kills, fakeKill{ID: id, Signal: ForceKill, Kind: "protected"})
			innocent = append(innocent, int(p.PID))
		case p.Zombie:
			kills = append(kills, fakeKill{ID: id, Signal: Terminate, Kind: "gone"})
			innocent = append(innocent, int(p.PID))
		case m.MyUID != 0 && int(p.EUID) != m.MyUID && int(p.RUID) != m.MyUID:
			whose := fmt.Sprintf("(%s) belongs to %s", filepath.Base(*p.Path), UserName(int(p.EUID)))
			kills = append(kills, fakeKill{ID: id, Signal: Terminate, Kind: "not permitted", Error: whose})
		}
	}
	for _, noToken := range []string{"", "1"} {
		t.Run("without token "+noToken, func(t *testing.T) {
			calls := checkFakeKills(t, kills, "MACHORUN_NO_AUDITTOKEN="+noToken)
			checkKillCalls(t, calls, first.PID, innocent, noToken != "")
		})
	}
}

// TestFakeMachineKillReused: when the first process has ended, the number of the second is another
// process's. Nothing is sent to that one.
func TestFakeMachineKillReused(t *testing.T) {
	m := fakeMachine(t)
	machine, victims := copyMachine(t), m.victims()
	first, second, third := victims[0], victims[1], victims[2]
	after := filepath.Join(machine, fmt.Sprintf("on-kill-%d-15", first.PID), "proc")
	unique, err := os.ReadFile(filepath.Join(machine, "proc", fmt.Sprint(second.PID), "pidinfo.17"))
	if err != nil {
		t.Fatal(err)
	}
	binary.LittleEndian.PutUint64(unique[16:], second.Start+1)
	writeFile(t, filepath.Join(after, fmt.Sprint(second.PID), "pidinfo.17"), unique)
	for _, noToken := range []string{"", "1"} {
		calls := checkFakeKills(t, []fakeKill{
			{ID: first, Signal: Terminate},
			{ID: second, Signal: ForceKill, Kind: "gone"},
			{ID: third, Signal: Terminate},
		}, "MACHORUN_FIXTURES="+machine, "MACHORUN_NO_AUDITTOKEN="+noToken)
		if i := indexCall(calls, signalCall(second.PID, noToken != ""), 0); i >= 0 {
			t.Errorf("a signal was sent to another process: %s", calls[i])
		}
	}
}

// TestFakeMachineKillDeaf: a process that ignores SIGTERM is still running after the time of grace, and
// nothing harder was sent.
func TestFakeMachineKillDeaf(t *testing.T) {
	m := fakeMachine(t)
	machine, deaf := copyMachine(t), m.victims()[0]
	writeFile(t, filepath.Join(machine, "proc", fmt.Sprint(deaf.PID), "dies_on"), []byte("9"))
	for _, noToken := range []string{"", "1"} {
		calls := checkFakeKills(t, []fakeKill{
			{ID: deaf, Signal: Terminate, Grace: 200 * time.Millisecond, Kind: "still running"},
		}, "MACHORUN_FIXTURES="+machine, "MACHORUN_NO_AUDITTOKEN="+noToken)
		sent := 0
		for _, call := range calls {
			if strings.HasPrefix(call, signalCall(deaf.PID, noToken != "")) {
				sent++
			}
		}
		if sent != 1 {
			t.Errorf("%d signals, want one:\n%s", sent, strings.Join(calls, "\n"))
		}
	}
	checkFakeKills(t, []fakeKill{{ID: deaf, Signal: ForceKill}}, "MACHORUN_FIXTURES="+machine)
}

// copyMachine makes a copy of the fake Mac that is played, to be changed.
func copyMachine(t *testing.T) string {
	t.Helper()
	machine := filepath.Join(t.TempDir(), filepath.Base(os.Getenv("MACHORUN_FIXTURES")))
	if err := os.CopyFS(machine, os.DirFS(os.Getenv("MACHORUN_FIXTURES"))); err != nil {
		t.Fatal(err)
	}
	return machine
}

func writeFile(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// checkFakeKills holds what becomes of the kills against what they say, and gives the calls that were made.
func checkFakeKills(t *testing.T, kills []fakeKill, env ...string) (calls []string) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "calls")
	got := runFakeKiller(t, kills, append(env, "MACHORUN_LOG="+log)...)
	for i, want := range kills {
		if got[i].Kind != want.Kind || !strings.Contains(got[i].Error, want.Error) {
			t.Errorf("kill %+v: %q %q, want %q %q", want.ID, got[i].Kind, got[i].Error, want.Kind, want.Error)
		}
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(text), "\n")
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

// signalCall is how the runner's list of calls begins the line of a signal.
func signalCall(pid int, plain bool) string {
	if plain {
		return fmt.Sprintf("kill %d ", pid)
	}
	return fmt.Sprintf("proc_signal_with_audittoken pid=%d ", pid)
}

// indexCall finds the first call from a place on that begins with prefix, -1 for none.
func indexCall(calls []string, prefix string, from int) int {
	i := slices.IndexFunc(calls[from:], func(c string) bool { return strings.HasPrefix(c, prefix) })
	if i < 0 {
		return -1
	}
	return from + i
}

// checkKillCalls holds the calls against the order of a kill: attach, check, signal.
func checkKillCalls(t *testing.T, calls []string, pid int, innocent []int, plain bool) {
	t.Helper()
	attach := indexCall(calls, fmt.Sprintf("kevent EVFILT_PROC %d ", pid), 0)
	sent := indexCall(calls, signalCall(pid, plain), 0)
	if attach < 0 || sent < attach {
		t.Fatalf("attached at %d, sent at %d", attach, sent)
	}
	for _, flavor := range []int{pidUniqueID, pidPathInfo} {
		check := fmt.Sprintf("proc_pidinfo pid=%d flavor=%d ", pid, flavor)
		if i := indexCall(calls, check, attach); i < 0 || i > sent {
			t.Errorf("%s is not between attaching (%d) and the signal (%d)", check, attach, sent)
		}
	}
	for _, pid := range innocent {
		if i := indexCall(calls, signalCall(pid, plain), 0); i >= 0 {
			t.Errorf("a signal was sent: %s", calls[i])
		}
	}
	if plain && indexCall(calls, "proc_signal_with_audittoken pid", 0) >= 0 {
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
	if p.ID != ourselves() || p.Start == 0 || p.Name != filepath.Base(executable) || p.UID != os.Geteuid() || p.PPID != os.Getppid() {
		t.Errorf("%+v, want %s", p, executable)
	}
	if age := time.Since(p.Started); age < -time.Second || age > time.Hour {
		t.Errorf("started %v ago", age)
	}
}
