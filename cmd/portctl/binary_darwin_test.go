package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fakeMac is the truth about the fake Mac that a runner for macOS programs plays.
type fakeMac struct {
	Filtered  bool `json:"pcblist_filtered"`
	Processes []struct {
		PID int
		App *string
	}
	Sockets []struct {
		Proto      string  `json:"proto"`
		LocalIP    string  `json:"local_ip"`
		LocalPort  uint16  `json:"local_port"`
		RemotePort uint16  `json:"remote_port"`
		State      *string `json:"state"`
		Holders    []int   `json:"holders_visible_to_this_user"`
		InTable    bool    `json:"in_pcblist"`
	}
}

// fakeMachine leaves a test out where no fake Mac is played (MACHORUN_FIXTURES names one). Its truth is
// in the scenario of the same name.
func fakeMachine(t *testing.T) (m fakeMac) {
	t.Helper()
	dir := os.Getenv("MACHORUN_FIXTURES")
	if dir == "" {
		t.Skip("MACHORUN_FIXTURES names no fake Mac")
	}
	fixtures := os.Getenv("PORTOLAN_FIXTURES")
	if fixtures == "" {
		fixtures = filepath.Join("..", "..", "internal", "netstat", "testdata", "darwin")
	}
	text, err := os.ReadFile(filepath.Join(fixtures, "scenario_"+filepath.Base(dir), "scenario.json"))
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

// rows puts every socket that can be seen, and the owners that are proven, into words.
func (m fakeMac) rows() (rows []string) {
	for _, s := range m.Sockets {
		if !s.InTable && len(s.Holders) == 0 {
			continue
		}
		row := fmt.Sprint(s.Proto, " ", s.LocalIP, " ", s.LocalPort, " ", s.RemotePort, " ")
		if s.State != nil {
			row += *s.State
		}
		for _, pid := range s.Holders {
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
	var list listJSON
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
	if hidden := list.Hidden.Sockets > 0; hidden != m.Filtered || list.Hidden.Reason == "" {
		t.Errorf("hidden %+v, filtered %v", list.Hidden, m.Filtered)
	}
	for _, secret := range []string{"HOME=", "TOKEN="} {
		if strings.Contains(r.out, secret) {
			t.Errorf("the environment of a process is printed: %s", secret)
		}
	}
}

// TestFakeMachineKill: what may be ended ends, and what may not is refused with the reason. Each run
// begins with all processes alive.
func TestFakeMachineKill(t *testing.T) {
	m := fakeMachine(t)
	tests := []struct {
		args []string
		code int
		out  string
	}{
		{[]string{"kill", ":5432", "--yes"}, exitDone, "(PID 812) has ended"},
		{[]string{"kill", ":4000", "--yes"}, exitDone, "(PID 51990) has ended"}, // and not 52001, which the kernel names
		{[]string{"kill", "pid:1", "--yes"}, exitNotPermitted, "is not ended"},
		{[]string{"kill", "pid:88001", "--yes"}, exitNotPermitted, "root"},
		{[]string{"kill", "pid:6600", "--yes"}, exitNothing, ""}, // a zombie
	}
	if !m.Filtered {
		tests = append(tests, struct {
			args []string
			code int
			out  string
		}{[]string{"kill", ":22", "--yes"}, exitNotPermitted, "launchd"})
	}
	for _, test := range tests {
		r := runBinary(t, test.args...)
		if r.code != test.code || !strings.Contains(r.out+r.errOut, test.out) {
			t.Errorf("%v: exit code %d, want %d and %q\n%s%s", test.args, r.code, test.code, test.out, r.out, r.errOut)
		}
	}
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
