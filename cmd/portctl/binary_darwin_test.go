package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"portolan/internal/export"
	"portolan/internal/process"
)

// fakeMac is the truth about the fake Mac that a runner for macOS programs plays.
type fakeMac struct {
	SelfPID   int  `json:"self_pid"`
	MyUID     int  `json:"my_uid"`
	Filtered  bool `json:"pcblist_filtered"`
	Processes []fakeProcess
	Sockets   []fakeSocket
}

type fakeProcess struct {
	PID, PPID, EUID, RUID int
	App                   *string
	Zombie                bool
}

type fakeSocket struct {
	Proto      string  `json:"proto"`
	LocalIP    string  `json:"local_ip"`
	LocalPort  uint16  `json:"local_port"`
	RemotePort uint16  `json:"remote_port"`
	State      *string `json:"state"`
	PID        int     `json:"pid"` // who used it last
	Holders    []int   `json:"holders_visible_to_this_user"`
	InTable    bool    `json:"in_pcblist"`
}

// fakeMachine leaves a test out where no fake Mac is played (MACHORUN_FIXTURES names one). Its truth is
// in the scenario of the same name.
func fakeMachine(t *testing.T) (m fakeMac) {
	t.Helper()
	dir := os.Getenv("MACHORUN_FIXTURES")
	if dir == "" {
		t.Skip("MACHORUN_FIXTURES names no fake Mac")
	}
	truth := filepath.Join("scenario_"+filepath.Base(dir), "scenario.json")
	text, err := os.ReadFile(filepath.Join(os.Getenv("PORTOLAN_FIXTURES"), truth))
	if err != nil { // another folder may have other machines only
		text, err = os.ReadFile(filepath.Join("..", "..", "internal", "netstat", "testdata", "darwin", truth))
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func (m fakeMac) app(pid int) string {
	for _, p := range m.Processes {
		if p.PID == pid && p.App != nil {
			return *p.App
		}
	}
	return ""
}

// rows puts every socket that can be seen, and the owners that are proven, launchd aside, into words.
func (m fakeMac) rows() (rows []string) {
	for _, s := range m.Sockets {
		if !s.InTable && len(s.Holders) == 0 || s.LocalPort == 0 {
			continue
		}
		row := fmt.Sprint(s.Proto, " ", s.LocalIP, " ", s.LocalPort, " ", s.RemotePort, " ")
		if s.State != nil {
			row += *s.State
		}
		for _, pid := range slices.Sorted(slices.Values(s.Holders)) {
			if pid == 1 {
				continue
			}
			row += fmt.Sprintf(" %d in %q", pid, m.app(pid))
		}
		rows = append(rows, row)
	}
	slices.Sort(rows)
	return rows
}

// TestFakeMachineList holds `portctl list --json` against the truth.
func TestFakeMachineList(t *testing.T) {
	m := fakeMachine(t)
	r := runBinary(t, "list", "--json")
	var list export.List
	if err := json.Unmarshal([]byte(r.out), &list); err != nil || r.code != exitDone {
		t.Fatalf("exit code %d, %v: %s", r.code, err, r.errOut)
	}
	var rows []string
	for _, s := range list.Sockets {
		row := fmt.Sprint(s.Protocol, " ", s.Local.Address, " ", s.Local.Port, " ")
		if s.Remote == nil {
			row += "0 " + s.State
		} else {
			row += fmt.Sprint(s.Remote.Port, " ", s.State)
		}
		slices.SortFunc(s.Owners, func(a, b export.Owner) int { return cmp.Compare(a.PID, b.PID) })
		for _, o := range s.Owners {
			if o.By != "descriptor" {
				continue
			}
			app := ""
			if o.App.Kind == "bundle" {
				app = o.App.Path
			}
			row += fmt.Sprintf(" %d in %q", o.PID, app)
		}
		rows = append(rows, row)
	}
	slices.Sort(rows)
	if want := m.rows(); !slices.Equal(rows, want) {
		t.Errorf("\n got %s\nwant %s", strings.Join(rows, "\n     "), strings.Join(want, "\n     "))
	}
	if hidden := list.Hidden.Sockets > 0; hidden != m.Filtered || (list.Hidden.Reason == "") != (m.MyUID == 0) {
		t.Errorf("hidden %+v, filtered %v", list.Hidden, m.Filtered)
	}
}

// environments are all that the processes of the fake Mac have in theirs.
func environments(t *testing.T) (secrets []string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(os.Getenv("MACHORUN_FIXTURES"), "sysctl", "kern.procargs2.*[0-9]"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for text := range strings.SplitSeq(string(data[min(4, len(data)):]), "\x00") {
			if strings.Contains(text, "=") && !strings.HasPrefix(text, "-") && !slices.Contains(secrets, text) {
				secrets = append(secrets, text)
			}
		}
	}
	if len(secrets) == 0 {
		t.Fatal("no process of the fake Mac has an environment")
	}
	return secrets
}

// TestFakeMachineTellsNoEnvironment: whatever is asked, nothing of a process's environment is printed.
func TestFakeMachineTellsNoEnvironment(t *testing.T) {
	m := fakeMachine(t)
	secrets := environments(t)
	commands := [][]string{{"list"}, {"list", "--json"}}
	for _, s := range m.Sockets {
		if port := fmt.Sprint(":", s.LocalPort); s.LocalPort != 0 {
			commands = append(commands, []string{"who", port}, []string{"who", "--json", port}, []string{"kill", port, "--dry-run", "--json"})
		}
	}
	seen := map[string]bool{}
	for _, args := range commands {
		if seen[fmt.Sprint(args)] {
			continue
		}
		seen[fmt.Sprint(args)] = true
		r := runBinary(t, args...)
		for _, secret := range secrets {
			if strings.Contains(r.out+r.errOut, secret) {
				t.Errorf("%v tells %q", args, secret)
			}
		}
	}
}

// fakeKillTest is a kill, and what it must come to.
type fakeKillTest struct {
	argument string
	code     int
	out      []string
	not      string // must not be printed
}

// TestFakeMachineKill: what may be ended ends, and what may not is refused with the reason. Each run
// begins with all processes alive.
func TestFakeMachineKill(t *testing.T) {
	m := fakeMachine(t)
	for _, test := range append(m.portKills(t), m.processKills()...) {
		r := runBinary(t, "kill", test.argument, "--yes")
		printed := r.out + r.errOut
		for _, part := range test.out {
			if !strings.Contains(printed, part) {
				t.Errorf("kill %s: %q is missing\n%s", test.argument, part, printed)
			}
		}
		if r.code != test.code || test.not != "" && strings.Contains(printed, test.not) {
			t.Errorf("kill %s: exit code %d, want %d, and not %q\n%s", test.argument, r.code, test.code, test.not, printed)
		}
	}
}

// portKills: on a port that is only listened on, all who hold it end, and nobody whom the kernel only names
// as its last user. What launchd holds is left alone.
func (m fakeMac) portKills(t *testing.T) (tests []fakeKillTest) {
	t.Helper()
	ports := map[uint16][]fakeSocket{}
	for _, s := range m.Sockets {
		ports[s.LocalPort] = append(ports[s.LocalPort], s)
	}
	held := 0
	for port, sockets := range ports {
		argument := fmt.Sprint(":", port)
		test := fakeKillTest{argument: argument, code: exitDone}
		other := func(s fakeSocket) bool {
			return s.State == nil || *s.State != "LISTEN" || len(s.Holders) == 0 || slices.ContainsFunc(s.Holders, m.untouchable)
		}
		launchd := func(s fakeSocket) bool { return s.InTable && s.PID == 1 && len(s.Holders) == 0 }
		switch {
		case !slices.ContainsFunc(sockets, other):
			held++
			for _, s := range sockets {
				for _, pid := range s.Holders {
					test.out = append(test.out, fmt.Sprintf("(PID %d) has ended", pid))
				}
				if !slices.Contains(s.Holders, s.PID) {
					test.not = fmt.Sprintf("PID %d", s.PID)
				}
			}
		case !slices.ContainsFunc(sockets, func(s fakeSocket) bool { return !launchd(s) }):
			test.code, test.out = exitNotPermitted, []string{"launchd"}
		default:
			continue
		}
		tests = append(tests, test)
	}
	if held == 0 {
		t.Error("no port of the fake Mac has holders that may be ended")
	}
	return tests
}

// untouchable: ourselves, the first process, and what started us.
func (m fakeMac) untouchable(pid int) bool {
	at := m.SelfPID
	for range m.Processes {
		if at == pid {
			return true
		}
		i := slices.IndexFunc(m.Processes, func(p fakeProcess) bool { return p.PID == at })
		if i < 0 {
			break
		}
		at = m.Processes[i].PPID
	}
	return pid <= 1
}

// processKills: zombies have ended; of other users' processes it is said whose they are.
func (m fakeMac) processKills() (tests []fakeKillTest) {
	for _, p := range m.Processes {
		test := fakeKillTest{argument: fmt.Sprint("pid:", p.PID)}
		switch {
		case p.PID == 1:
			test.code, test.out = exitNotPermitted, []string{"is not ended"}
		case p.Zombie:
			test.code = exitNothing
		case m.MyUID != 0 && p.EUID != m.MyUID && p.RUID != m.MyUID:
			test.code, test.out = exitNotPermitted, []string{process.UserName(p.EUID)}
		default:
			continue
		}
		tests = append(tests, test)
	}
	return tests
}

// TestFakeMachineWatch: the first line of `portctl watch --json` is everything there is.
func TestFakeMachineWatch(t *testing.T) {
	m := fakeMachine(t)
	c := exec.CommandContext(t.Context(), binary(t), "watch", "--json")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { c.Process.Kill(); c.Wait() }()
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var first snapshotEventJSON
	if err := json.Unmarshal(line, &first); err != nil || first.Event != "snapshot" || len(first.Sockets) != len(m.rows()) {
		t.Errorf("%s with %d sockets, %v; want a snapshot with %d", first.Event, len(first.Sockets), err, len(m.rows()))
	}
}
