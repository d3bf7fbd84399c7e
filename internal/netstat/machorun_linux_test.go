package netstat

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestLiveMacSeesWhatLinuxSees runs the macOS reader on this machine's own sockets, which the
// runner MACHORUN shows it in the macOS kernel's formats, and holds what it sees against this
// system's reader: as root and as another user, with all sockets in the tables
// and with those of other processes left out, as macOS 27 does.
func TestLiveMacSeesWhatLinuxSees(t *testing.T) {
	runner := os.Getenv("MACHORUN")
	if runner == "" {
		t.Skip("left out: MACHORUN names no runner for macOS programs")
	}
	if os.Geteuid() != 0 {
		t.Skip("left out: only root sees all that the runner shows")
	}
	program := filepath.Join(t.TempDir(), "netstat.test")
	build := exec.Command("go", "test", "-c", "-o", program, ".")
	build.Env = append(os.Environ(), "GOOS=darwin", "GOARCH=amd64", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the macOS tests: %v\n%s", err, out)
	}
	holdMany(t)
	for _, mode := range []liveMode{
		{name: "root"},
		{name: "another user", uid: 4242},
		{name: "root, filtered", filtered: true},
		{name: "another user, filtered", uid: 4242, filtered: true},
	} {
		t.Run(mode.name, func(t *testing.T) { mode.check(t, runner, program) })
	}
}

// holdMany opens enough sockets of ours for the filter to show: what one process has is then
// less than a quarter of all. They are plain TCP: the runner does not show who holds one of Multipath TCP.
func holdMany(t *testing.T) {
	t.Helper()
	var plain net.ListenConfig
	plain.SetMultipathTCP(false)
	for range 40 {
		l, err := plain.Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		u, err := net.ListenPacket("udp", "[::1]:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close(); u.Close() })
	}
	l, err := plain.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for range 3 { // leaves TIME_WAIT behind
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		a, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		a.Close()
	}
}

// liveMode is how the macOS reader is run.
type liveMode struct {
	name     string
	uid      int // 0: as root
	filtered bool
}

// liveDeadline is how long the two may disagree: sockets come and go between two looks.
const liveDeadline = 60 * time.Second

func (mode liveMode) check(t *testing.T, runner, program string) {
	mac := startMac(t, mode, runner, program)
	reader, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	var wrong string
	for deadline := time.Now().Add(liveDeadline); time.Now().Before(deadline); {
		before := look(t, reader)
		seen := mac.look(t)
		after := look(t, reader)
		before, seen = steady(before, seen, after)
		if wrong = mode.compare(before, seen); wrong == "" {
			return
		}
	}
	t.Errorf("they still disagree: %s", wrong)
}

// steady leaves out what changed while the macOS reader looked: that cannot be judged.
func steady(before, seen, after portrait) (linux, mac portrait) {
	changed := map[string]bool{}
	differing := func(a, b []portraitSocket) {
		for _, s := range a {
			if !slices.ContainsFunc(b, func(o portraitSocket) bool { return samePortrait(s, o) }) {
				changed[s.Key] = true
			}
		}
	}
	if !slices.EqualFunc(before.Sockets, after.Sockets, samePortrait) {
		differing(before.Sockets, after.Sockets)
		differing(after.Sockets, before.Sockets)
	}
	isChanged := func(s portraitSocket) bool { return changed[s.Key] }
	before.Sockets = slices.DeleteFunc(before.Sockets, isChanged)
	seen.Sockets = slices.DeleteFunc(seen.Sockets, isChanged)
	return before, seen
}

func samePortrait(a, b portraitSocket) bool {
	return a.Key == b.Key && a.UID == b.UID && slices.Equal(a.Owners, b.Owners)
}

func look(t *testing.T, r *Reader) portrait {
	t.Helper()
	s, err := r.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return takePortrait(s, os.Getpid())
}

// mac is the macOS reader in its own process.
type mac struct {
	in  interface{ Write([]byte) (int, error) }
	out *bufio.Reader
}

func startMac(t *testing.T, mode liveMode, runner, program string) *mac {
	t.Helper()
	cmd := exec.Command(runner, program)
	cmd.Env = append(os.Environ(), "PORTOLAN_NETSTAT_SERVE=1", "MACHORUN_LIVE=1", "MACHORUN_FIXTURES=")
	if mode.uid != 0 {
		cmd.Env = append(cmd.Env, fmt.Sprintf("MACHORUN_UID=%d", mode.uid))
	}
	if mode.filtered {
		cmd.Env = append(cmd.Env, "MACHORUN_MACOS27=1")
	}
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the macOS reader: %v", err)
		}
	})
	m := &mac{in, bufio.NewReader(out)}
	if line, err := m.out.ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("the macOS reader said %q, %v; want ready", line, err)
	}
	return m
}

func (m *mac) look(t *testing.T) (p portrait) {
	t.Helper()
	if _, err := m.in.Write([]byte("look\n")); err != nil {
		t.Fatal(err)
	}
	line, err := m.out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(line), &p); err != nil {
		t.Fatal(err)
	}
	if p.Err != "" {
		t.Fatalf("the macOS reader: %s", p.Err)
	}
	return p
}

// compare says in what the macOS reader is wrong, "" when it is right.
func (mode liveMode) compare(linux, mac portrait) string {
	want := map[string][]portraitSocket{}
	for _, s := range linux.Sockets {
		if mode.mustSee(&s, mac.Me) || mode.maySee(&s, &mac) {
			want[s.Key] = append(want[s.Key], s)
		}
	}
	for _, s := range mac.Sockets {
		if !mode.take(want, &s, mac.Me) {
			return fmt.Sprintf("not there, or with other owners: %+v; there is %+v", s, want[s.Key])
		}
	}
	for _, left := range want {
		for _, s := range left {
			if mode.mustSee(&s, mac.Me) {
				return fmt.Sprintf("not seen: %+v", s)
			}
		}
	}
	if hidden := mac.Hidden.Sockets > 0 && strings.Contains(mac.Hidden.Reason, "macOS hides"); mode.filtered && mode.uid != 0 && !hidden || !mode.filtered && hidden {
		return fmt.Sprintf("hidden %+v", mac.Hidden)
	}
	if (mode.uid != 0) != (mac.Hidden.Processes > 0) {
		return fmt.Sprintf("hidden %+v", mac.Hidden)
	}
	return ""
}

// mustSee: without the filter everything; with it, what a process holds that may be looked into.
func (mode liveMode) mustSee(s *portraitSocket, me int) bool {
	switch {
	case !mode.filtered:
		return true
	case mode.uid == 0:
		return len(s.Owners) > 0
	}
	return slices.Contains(s.Owners, me)
}

// maySee: with the filter, the table still lists what its reader used last, although nobody holds it any more.
func (mode liveMode) maySee(s *portraitSocket, mac *portrait) bool {
	return mode.filtered && len(s.Owners) == 0 && slices.ContainsFunc(mac.Sockets, func(m portraitSocket) bool { return m.Key == s.Key })
}

// take finds the socket that the macOS reader saw, with the owners it should have, and takes it off the list.
func (mode liveMode) take(want map[string][]portraitSocket, s *portraitSocket, me int) bool {
	i := slices.IndexFunc(want[s.Key], func(w portraitSocket) bool { return mode.agree(&w, s, me) })
	if i < 0 {
		return false
	}
	want[s.Key] = slices.Delete(want[s.Key], i, i+1)
	return true
}

// agree: root knows every holder. Another user knows its own processes (which is the reader itself), of the
// others only who used a socket last, which the runner says is the lowest PID that holds it.
func (mode liveMode) agree(linux, mac *portraitSocket, me int) bool {
	owners, uid, by := linux.Owners, linux.UID, "descriptor"
	if mode.uid != 0 {
		if slices.Contains(owners, me) {
			owners, uid = []int{me}, mode.uid
		} else if len(owners) > 1 {
			owners = []int{slices.Min(owners)}
		}
		if len(owners) > 0 && owners[0] != me {
			by = "last-used"
		}
	}
	if len(owners) == 0 {
		return len(mac.Owners) == 0 && mac.Absence == Kernel
	}
	for i, pid := range mac.Owners {
		if wanted := by; mac.By[i] != wanted && (pid != 1 || mac.By[i] != "launchd") {
			return false
		}
	}
	return slices.Equal(owners, mac.Owners) && mac.UID == uid
}
