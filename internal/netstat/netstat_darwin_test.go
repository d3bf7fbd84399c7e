package netstat

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// These tests make the real calls: on a Mac, or on Linux through a runner that
// answers them in the same formats. The runner's variables say what it plays: MACHORUN_FIXTURES a fake
// Mac in a folder, MACHORUN_LIVE the machine it runs on.

// serveVariable makes the test binary serve portraits instead of running tests.
const serveVariable = "PORTOLAN_NETSTAT_SERVE"

func TestMain(m *testing.M) {
	if os.Getenv(serveVariable) == "" {
		os.Exit(m.Run())
	}
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve holds one socket of every kind, says "ready", and answers each line with a portrait.
func serve(in io.Reader, out io.Writer) error {
	held, err := holdSockets()
	if err != nil {
		return err
	}
	defer held.close()
	reader, err := Open()
	if err != nil {
		return err
	}
	defer reader.Close()
	fmt.Fprintln(out, "ready")
	encoder := json.NewEncoder(out)
	for lines := bufio.NewScanner(in); lines.Scan(); {
		p := portrait{Me: os.Getpid()}
		if s, err := reader.Read(context.Background()); err != nil {
			p.Err = err.Error()
		} else {
			p = takePortrait(s, os.Getpid())
		}
		if err := encoder.Encode(p); err != nil {
			return err
		}
	}
	return nil
}

// sockets are what a test holds open.
type sockets struct {
	closers []io.Closer
	tcp     net.Listener // on [::]:port, for both protocols
}

func (h *sockets) close() {
	for _, c := range h.closers {
		c.Close()
	}
}

// holdSockets opens listeners and connections of every kind: IPv4, IPv6, both at once, IPv4 on an IPv6
// socket, waiting to be accepted, half closed and closed, and UDP.
func holdSockets() (*sockets, error) {
	h := &sockets{}
	for _, address := range []string{"tcp4 127.0.0.1:0", "tcp6 [::1]:0", "tcp [::]:0"} {
		network, at, _ := strings.Cut(address, " ")
		l, err := net.Listen(network, at)
		if err != nil {
			return h, err
		}
		h.closers, h.tcp = append(h.closers, l), l
		port := l.Addr().(*net.TCPAddr).Port
		from := "[::1]"
		if network == "tcp4" {
			from = "127.0.0.1"
		}
		if err := h.connect(l, fmt.Sprintf("%s:%d", from, port)); err != nil {
			return h, err
		}
		if network == "tcp" { // an IPv4 peer of an IPv6 socket
			if err := h.connect(l, fmt.Sprintf("127.0.0.1:%d", port)); err != nil {
				return h, err
			}
		}
	}
	waiting, err := net.Dial("tcp", fmt.Sprintf("[::1]:%d", h.tcp.Addr().(*net.TCPAddr).Port)) // nobody accepts it
	if err != nil {
		return h, err
	}
	h.closers = append(h.closers, waiting)
	for _, address := range []string{"127.0.0.1", "::1"} {
		u, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(address)})
		if err != nil {
			return h, err
		}
		c, err := net.DialUDP("udp", nil, u.LocalAddr().(*net.UDPAddr))
		if err != nil {
			return h, err
		}
		h.closers = append(h.closers, u, c)
	}
	return h, nil
}

// connect makes two connections to l and accepts them: one stays open, one is half closed.
func (h *sockets) connect(l net.Listener, to string) error {
	for i := range 2 {
		c, err := net.Dial("tcp", to)
		if err != nil {
			return err
		}
		h.closers = append(h.closers, c)
		accepted, err := l.Accept()
		if err != nil {
			return err
		}
		h.closers = append(h.closers, accepted)
		if i == 1 {
			if err := c.(*net.TCPConn).CloseWrite(); err != nil {
				return err
			}
		}
	}
	return nil
}

// fakeMachine gives the scenario that tells what the fake Mac should look like, nil where the machine is a real one.
func fakeMachine(t *testing.T) *scenario {
	t.Helper()
	dir := os.Getenv("MACHORUN_FIXTURES")
	if dir == "" {
		return nil
	}
	m := &scenario{}
	truth := filepath.Join("scenario_"+filepath.Base(dir), "scenario.json")
	from := fixtures()
	if _, err := os.Stat(filepath.Join(from, truth)); err != nil {
		from = ownFixtures
	}
	readJSON(t, filepath.Join(from, truth), m)
	return m
}

// needMachine leaves a test out where no machine answers: under a runner that was not told which to play.
func needMachine(t *testing.T) {
	t.Helper()
	if os.Getenv("MACHORUN_FIXTURES")+os.Getenv("MACHORUN_LIVE") != "" {
		return
	}
	if _, err := os.Stat("/System/Library/CoreServices/SystemVersion.plist"); err != nil {
		t.Skip("this is neither a Mac nor a runner that plays one (MACHORUN_FIXTURES, MACHORUN_LIVE)")
	}
}

// TestFakeMachine holds a snapshot of a fake Mac, read with the real calls, against its truth.
func TestFakeMachine(t *testing.T) {
	m := fakeMachine(t)
	if m == nil {
		t.Skip("MACHORUN_FIXTURES names no fake Mac")
	}
	r, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var first *Snapshot
	for range rereadEvery + 2 {
		s, err := r.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		checkScenario(t, m, libSystem{}.interfaceName, s)
		if first != nil && !slices.EqualFunc(first.Sockets, s.Sockets, func(a, b Socket) bool {
			return describeSocket(&a) == describeSocket(&b) && slices.Equal(a.Owners, b.Owners)
		}) {
			t.Error("another order, or other processes, although nothing changed")
		}
		first = s
	}
}

// TestFakeMachineGrows: tables that turn out larger than the kernel said, twice, and processes with many
// descriptors change nothing of what is seen.
func TestFakeMachineGrows(t *testing.T) {
	if fakeMachine(t) == nil {
		t.Skip("MACHORUN_FIXTURES names no fake Mac")
	}
	machine := filepath.Join(t.TempDir(), filepath.Base(os.Getenv("MACHORUN_FIXTURES")))
	if err := os.CopyFS(machine, os.DirFS(os.Getenv("MACHORUN_FIXTURES"))); err != nil {
		t.Fatal(err)
	}
	tables := []string{"net.inet.tcp.pcblist_n", "net.inet.udp.pcblist_n", "kern.proc.all"}
	for _, name := range tables {
		growTable(t, filepath.Join(machine, "sysctl", name))
	}
	lists, err := filepath.Glob(filepath.Join(machine, "proc", "*", "pidinfo.1"))
	if err != nil || len(lists) == 0 {
		t.Fatalf("no lists of descriptors: %v", err)
	}
	for _, name := range lists {
		growList(t, name)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(t.TempDir(), "calls")
	cmd := exec.Command(program, "-test.run=^TestFakeMachine$", "-test.v")
	cmd.Env = append(os.Environ(), "MACHORUN_FIXTURES="+machine, "MACHORUN_LOG="+log)
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestFakeMachine ") {
		t.Errorf("%v\n%s", err, out)
	}
	calls, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range tables {
		if n := strings.Count(string(calls), "sysctl "+name+" read -> errno 12\n"); n != 2 {
			t.Errorf("%s: ENOMEM %d times, want 2", name, n)
		}
	}
}

// growTable makes the first two reads of a table fail for lack of room.
func growTable(t *testing.T, name string) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(name+".d", 0o755); err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string][]byte{"0.errno": []byte("12"), "1.errno": []byte("12"), "2": data} {
		if err := os.WriteFile(filepath.Join(name+".d", file), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// growList puts twenty thousand descriptors that are files before the others.
func growList(t *testing.T, name string) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var more []byte
	for i := range uint32(20_000) {
		more = binary.LittleEndian.AppendUint32(more, 1000+i)
		more = binary.LittleEndian.AppendUint32(more, 1) // PROX_FDTYPE_VNODE
	}
	if err := os.WriteFile(name, append(more, data...), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestOwnSockets opens sockets, sees them with our own PID, closes them and sees them go.
func TestOwnSockets(t *testing.T) {
	needMachine(t)
	if fakeMachine(t) != nil {
		t.Skip("a fake Mac has no sockets of ours")
	}
	r, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	held, err := holdSockets()
	defer held.close()
	if err != nil {
		t.Fatal(err)
	}
	port := uint16(held.tcp.Addr().(*net.TCPAddr).Port)
	deadline := time.Now().Add(10 * time.Second)
	for { // the half closed ones need a moment
		ours := ownSockets(t, r)
		got := count(ours, port)
		if got == (census{listening: 3, dual: 1, open: 9, closing: 4, closed: 4, udp: 4, v4OnV6: 2}) {
			checkOwn(t, ours)
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("our own sockets: %+v", got)
		}
	}
	held.close()
	deadline = time.Now().Add(10 * time.Second)
	for len(ownSockets(t, r)) > 0 {
		if time.Now().After(deadline) {
			t.Fatal("closed sockets are still listed as ours")
		}
	}
}

// census counts sockets by what they are.
type census struct{ listening, dual, open, closing, closed, udp, v4OnV6 int }

// count takes the census; port is that of the listener for both protocols.
func count(ours []Socket, port uint16) (c census) {
	for _, s := range ours {
		switch s.State {
		case Listen:
			c.listening++
		case Established:
			c.open++
		case FinWait2:
			c.closing++
		case CloseWait:
			c.closed++
		case 0:
			c.udp++
		}
		if s.DualStack {
			c.dual++
		}
		if s.Local.Port() == port && s.Remote.IsValid() && s.Local.Addr().Is4() { // the accepted end
			c.v4OnV6++
		}
	}
	return c
}

func checkOwn(t *testing.T, ours []Socket) {
	t.Helper()
	for _, s := range ours {
		if s.Owners[0].By != ByDescriptor || s.UID != os.Geteuid() || s.ID == 0 {
			t.Errorf("%+v", s)
		}
		if s.State == Listen && !s.KernelPort {
			t.Errorf("the kernel chose the port of %v", s.Local)
		}
	}
}

// ownSockets are the sockets of our own process, the reader's aside, which has none.
func ownSockets(t *testing.T, r *Reader) (ours []Socket) {
	t.Helper()
	snapshot, err := r.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range snapshot.Sockets {
		if slices.ContainsFunc(s.Owners, func(o Owner) bool { return o.Process.PID == os.Getpid() }) {
			ours = append(ours, s)
		}
	}
	return ours
}

// TestErrnoIsTrue: the door to proc_info keeps errors apart, and apart from empty lists.
func TestErrnoIsTrue(t *testing.T) {
	needMachine(t)
	room := make([]byte, sizeSockFDInfo)
	if _, err := (libSystem{}).procInfo(procPIDInfo, 1<<30, pidListFDs, 0, room); !errors.Is(err, unix.ESRCH) {
		t.Errorf("a process that does not exist: %v, want %v", err, unix.ESRCH)
	}
	if os.Geteuid() != 0 {
		if _, err := (libSystem{}).procInfo(procPIDInfo, 1, pidListFDs, 0, room); !errors.Is(err, unix.EPERM) {
			t.Errorf("another user's process: %v, want %v", err, unix.EPERM)
		}
	}
	if fakeMachine(t) != nil {
		return // our own process is not among the fake Mac's
	}
	if _, err := (libSystem{}).procInfo(procPIDFDInfo, os.Getpid(), fdSocketInfo, 54321, room); !errors.Is(err, unix.EBADF) {
		t.Errorf("a descriptor that is not open: %v, want %v", err, unix.EBADF)
	}
}

// TestInterfaceName: the first interface is the loopback's on every Mac.
func TestInterfaceName(t *testing.T) {
	needMachine(t)
	if name := (libSystem{}).interfaceName(1); name != "lo0" {
		t.Errorf("interface 1 is %q, want lo0", name)
	}
	if name := (libSystem{}).interfaceName(65000); name != "" {
		t.Errorf("interface 65000 is %q, want none", name)
	}
}

// TestAgainstLsof holds our own sockets against what lsof says of them, where it is there.
func TestAgainstLsof(t *testing.T) {
	needMachine(t)
	if fakeMachine(t) != nil {
		t.Skip("a fake Mac has no sockets of ours")
	}
	lsof, err := exec.LookPath("lsof")
	if err != nil {
		t.Skip("left out: there is no lsof")
	}
	held, err := holdSockets()
	defer held.close()
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var ours []string
	for _, s := range ownSockets(t, r) {
		end := strconv.Itoa(int(s.Local.Port()))
		if s.Remote.IsValid() {
			end += ">" + strconv.Itoa(int(s.Remote.Port()))
		}
		ours = append(ours, end)
	}
	out, err := exec.Command(lsof, "-nP", "-a", "-p", strconv.Itoa(os.Getpid()), "-i", "-Fn").Output()
	if err != nil {
		t.Fatalf("lsof: %v", err)
	}
	var theirs []string
	for line := range strings.Lines(string(out)) { // "n127.0.0.1:3000->127.0.0.1:52802"
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "n"); ok {
			local, remote, connected := strings.Cut(name, "->")
			end := local[strings.LastIndex(local, ":")+1:]
			if connected {
				end += ">" + remote[strings.LastIndex(remote, ":")+1:]
			}
			theirs = append(theirs, end)
		}
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	if !slices.Equal(ours, theirs) {
		t.Errorf("we see %v, lsof %v", ours, theirs)
	}
}

// TestAgainstNetstat: what listens is what netstat says, on a Mac that lets both see everything.
func TestAgainstNetstat(t *testing.T) {
	if _, err := os.Stat("/usr/sbin/netstat"); err != nil || runningElsewhere() {
		t.Skip("left out: this is no Mac")
	}
	held, err := holdSockets()
	defer held.close()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("/usr/sbin/netstat", "-anv", "-p", "tcp").Output()
	if err != nil {
		t.Fatalf("netstat: %v", err)
	}
	port := held.tcp.Addr().(*net.TCPAddr).Port
	if want := fmt.Sprintf("*.%d", port); !strings.Contains(string(out), want) {
		t.Skipf("left out: this macOS does not show netstat our own listener %s", want) // macOS 27 does not reliably
	}
	r, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if !slices.ContainsFunc(ownSockets(t, r), func(s Socket) bool {
		return s.State == Listen && s.DualStack && int(s.Local.Port()) == port
	}) {
		t.Errorf("netstat lists port %d, and we do not", port)
	}
}

// runningElsewhere: a runner plays the Mac, and programs that are started are not a Mac's.
func runningElsewhere() bool {
	return os.Getenv("MACHORUN_FIXTURES")+os.Getenv("MACHORUN_LIVE") != ""
}
