package table

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"portolan/internal/history"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/port"
)

// inNetwork runs the calling test again in a network namespace of its own, where there is nothing but what it opens
// and the ranges are its own to set. It says whether the caller is the one inside.
func inNetwork(t *testing.T) bool {
	t.Helper()
	const variable = "PORTOLAN_TABLE_TEST_INSIDE"
	if os.Getenv(variable) == t.Name() {
		loopbackUp(t)
		return true
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), variable+"="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	runtime.LockOSThread() // Pdeathsig goes by the thread
	defer runtime.UnlockOSThread()
	out, err := cmd.CombinedOutput()
	if errors.Is(err, fs.ErrPermission) {
		t.Skipf("this user may not make namespaces: %v", err)
	}
	t.Logf("inside:\n%s", out)
	if err != nil {
		t.Errorf("inside: %v", err)
	}
	return false
}

func loopbackUp(t *testing.T) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	ifr, err := unix.NewIfreq("lo")
	if err != nil {
		t.Fatal(err)
	}
	ifr.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, ifr); err != nil {
		t.Fatal(err)
	}
}

// set writes a setting of the namespace's.
func set(t *testing.T, name, value string) {
	t.Helper()
	if err := os.WriteFile("/proc/sys/net/ipv4/"+name, []byte(value), 0); err != nil {
		t.Fatal(err)
	}
}

// gated is a reader that reads when it is let, and whose clock can be put forward.
type gated struct {
	*netstat.Reader
	at, open chan struct{} // a read has come to the gate; it may pass
	by       time.Duration // set while a read is at the gate
}

func (g *gated) Read(ctx context.Context) (*netstat.Snapshot, error) {
	select {
	case g.at <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case <-g.open:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s, err := g.Reader.Read(ctx)
	if err != nil {
		return nil, err
	}
	moved := *s
	moved.Taken = s.Taken.Add(g.by)
	return &moved, nil
}

// situation reads the kernel as the app does: a reader, a monitor, and a history that listens to it.
type situation struct {
	t      *testing.T
	source *gated
	m      *monitor.Monitor
	past   *history.History
	live   *port.Live
}

func newSituation(t *testing.T) *situation {
	t.Helper()
	return newCounting(t, false)
}

// newCounting is one in which the byte counters are read from the beginning, or never.
func newCounting(t *testing.T, on bool) *situation {
	t.Helper()
	reader, err := netstat.Open()
	if err != nil {
		t.Fatal(err)
	}
	live, err := port.NewLive()
	if err != nil {
		t.Fatal(err)
	}
	x := &situation{t: t, source: &gated{Reader: reader, at: make(chan struct{}), open: make(chan struct{})}, live: live}
	x.m = monitor.New(x.source, time.Hour)
	x.m.Also(func() bool {
		changed, err := live.Read()
		if err != nil {
			t.Error(err)
		}
		return changed
	})
	x.past = history.New(history.Options{Side: SidesIn(live.Rules)})
	x.m.Subscribe(x.past.Record)
	x.m.SetCounting(on)
	x.past.CountRates(on)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- x.m.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-done
		_ = reader.Close()
	})
	<-x.source.at
	x.look()
	return x
}

// look reads once, and gives what was read when all have been told: the next read comes to the gate then.
func (x *situation) look() *netstat.Snapshot {
	x.source.open <- struct{}{}
	x.m.Refresh()
	<-x.source.at
	return x.m.Last().Snapshot
}

// until waits for something that comes soon.
func (x *situation) until(holds func() bool) {
	x.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			x.t.Fatal("it does not come to pass")
		}
		time.Sleep(time.Millisecond)
	}
}

// lookUntil reads until there are n sockets in a state.
func (x *situation) lookUntil(state netstat.State, n int) *netstat.Snapshot {
	x.t.Helper()
	var s *netstat.Snapshot
	x.until(func() bool {
		s = x.look()
		found := 0
		for i := range s.Sockets {
			if s.Sockets[i].State == state {
				found++
			}
		}
		return found == n
	})
	return s
}

func (x *situation) pass(d time.Duration) { x.source.by += d }

func (x *situation) lens(s *netstat.Snapshot) Lens {
	return LensOf(s, View{}, x.live.Rules(), x.past, s.Taken)
}

func (x *situation) gauge(s *netstat.Snapshot, id GaugeID) Gauge {
	x.t.Helper()
	return gauge(x.t, Gauges(s, x.live.Rules(), x.past, s.Taken, DefaultThresholds()), id)
}

// server listens on a port outside of the range, and gives what is connected to it.
type server struct {
	t        *testing.T
	listener net.Listener
	accepted chan net.Conn
}

func newServer(t *testing.T, address string) *server {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	x := &server{t: t, listener: l, accepted: make(chan net.Conn, 1<<10)}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			x.accepted <- c
		}
	}()
	t.Cleanup(func() { _ = l.Close() })
	return x
}

// call connects: the client's end and the server's.
func (x *server) call() (client, served net.Conn) {
	x.t.Helper()
	client, err := net.Dial("tcp", x.listener.Addr().String())
	if err != nil {
		x.t.Fatal(err)
	}
	served = <-x.accepted
	x.t.Cleanup(func() { _, _ = client.Close(), served.Close() })
	return client, served
}

func TestOutgoingConnections(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	x := newSituation(t)
	web, database := newServer(t, "127.0.0.1:443"), newServer(t, "127.0.0.1:5432")
	chosen := newServer(t, "127.0.0.1:0")
	for i := range 200 {
		if i%10 == 0 {
			database.call()
		} else {
			web.call()
		}
	}
	chosen.call()
	s := x.look()
	counts := Count(s, TakeCensus(s, x.live.Rules().Ephemeral, x.past))
	if counts.Outgoing != 201 || counts.Incoming != 201 || counts.Listening != 3 {
		t.Errorf("%d outgoing, %d incoming, %d listening", counts.Outgoing, counts.Incoming, counts.Listening)
	}
	for _, r := range Rows(s, View{Ephemeral: x.live.Rules().Ephemeral}) {
		if r.Socket.Local.String() == chosen.listener.Addr().String() && r.Class == Listening && r.ClassText() != "listening, port chosen by the system" {
			t.Errorf("%v: %s", r.Socket.Local, r.ClassText())
		}
	}
	l := x.lens(s)
	if len(l.Rows) != 1 || l.Connections != 201 || l.Waiting != 0 {
		t.Fatalf("%d rows, %d connections, %d waiting", len(l.Rows), l.Connections, l.Waiting)
	}
	f := l.Rows[0].Flow
	want := fmt.Sprintf("443 (https) to 1 address, 5432 (postgresql) to 1 address, %d to 1 address", chosen.listener.Addr().(*net.TCPAddr).Port)
	if f.Now != 201 || f.Opened != 201 || f.Closed != 0 || f.RemotesText() != want || f.Older || f.Oldest.IsZero() || f.Points[history.Steps-1].Open != 201 {
		t.Errorf("%s: %+v", f.RemotesText(), f)
	}
	for _, id := range []GaugeID{GaugeTCPPorts, GaugeTimeWait, GaugeCloseWait, GaugeQueue} {
		if g := x.gauge(s, id); g.Level != Green {
			t.Errorf("%+v", g)
		}
	}
}

func TestFiveHundredInTimeWait(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	set(t, "ip_local_port_range", "40000 40999")
	set(t, "tcp_tw_reuse", "0")
	x := newSituation(t)
	web := newServer(t, "127.0.0.1:80")
	for range 500 {
		client, served := web.call()
		hangUp(client, served)
	}
	s := x.lookUntil(netstat.TimeWait, 500)
	l := x.lens(s)
	if l.Waiting != 500 || l.Connections != 0 || len(l.Rows) != 1 {
		t.Fatalf("%+v", l)
	}
	if got := l.Rows[0].Flow.Sentence; got != "500 closed connections are remembered for a while (TIME_WAIT); in the last minute at least 500 were never seen open; these clear by themselves within 60 s." {
		t.Error(got)
	}
	g := x.gauge(s, GaugeTimeWait)
	if g.Level != Yellow || g.Share != 0.5 || !strings.HasPrefix(g.Sentence, "500 closed connections keep 50 % of the ports that the system hands out, most of them to 127.0.0.1:80 (500).") {
		t.Errorf("%+v", g)
	}
	x.pass(33 * time.Second)
	if got := x.lens(x.look()).Rows[0].Flow.Sentence; !strings.HasSuffix(got, "within 30 s.") {
		t.Error(got)
	}
	for _, r := range Rows(s, View{Ephemeral: x.live.Rules().Ephemeral}) {
		if r.Socket.State == netstat.TimeWait && r.Class != Closing {
			t.Fatalf("%v in TIME_WAIT is %v", r.Socket.Local, r.Class)
		}
	}
}

// TestWhoIsToBlameForTimeWait: an app that closes one connection now and then is not, for what came and went unseen to
// another server; one that closed as many as are kept is.
func TestWhoIsToBlameForTimeWait(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	set(t, "ip_local_port_range", "40000 40999")
	set(t, "tcp_tw_reuse", "0")
	x := newSituation(t)
	seldom, often := newServer(t, "127.0.0.1:5000"), newServer(t, "127.0.0.1:5003")
	one, served := seldom.call()
	seldom.call() // stays
	often.call()  // stays as well
	x.look()
	hangUp(one, served) // which was seen
	for range 500 {
		client, served := often.call()
		hangUp(client, served)
	}
	g := x.gauge(x.lookUntil(netstat.TimeWait, 501), GaugeTimeWait)
	if g.Level != Yellow || !strings.Contains(g.Sentence, "501 closed connections keep 50 % of the ports that the system hands out, most of them to 127.0.0.1:5003 (500). Of what is still open there most is of ") {
		t.Errorf("%+v", g)
	}
	// Now as many are closed that have been seen.
	const many = 600
	set(t, "ip_local_port_range", "50000 50999")
	y := newSituation(t)
	type pair struct{ client, served net.Conn }
	var pairs []pair
	for range many + 1 {
		client, served := often.call()
		pairs = append(pairs, pair{client, served})
	}
	y.look()
	for _, p := range pairs[1:] {
		hangUp(p.client, p.served)
	}
	g = y.gauge(y.lookUntil(netstat.TimeWait, 501+many), GaugeTimeWait)
	if g.Level != Yellow || !strings.Contains(g.Sentence, "600 closed connections keep 60 % of the ports that the system hands out, most of them to 127.0.0.1:5003 (600). ") ||
		!strings.Contains(g.Sentence, " opens and closes the most.") {
		t.Errorf("%+v", g)
	}
}

// TestTimeWaitOutsideOfTheRange: what waits on ports that the system hands out no more keeps none of them.
func TestTimeWaitOutsideOfTheRange(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	set(t, "ip_local_port_range", "40000 40199")
	set(t, "tcp_tw_reuse", "0")
	web := newServer(t, "127.0.0.1:80")
	for range 200 { // all that there are
		client, served := web.call()
		hangUp(client, served)
	}
	set(t, "ip_local_port_range", "40000 40099")
	set(t, "ip_local_reserved_ports", "40000-40019")
	x := newSituation(t)
	g := x.gauge(x.lookUntil(netstat.TimeWait, 200), GaugeTimeWait)
	if g.Level != Red || !strings.HasPrefix(g.Sentence, "80 closed connections keep 100 % of the ports that the system hands out, most of them to 127.0.0.1:80 (80).") ||
		!strings.HasPrefix(fmt.Sprint(g.Figures), "[{connections 200} {ports kept by them 80}") {
		t.Errorf("%+v", g)
	}
}

// TestPortsThatAreShared: the one port of a range serves several connections, and a listener for each family, and is one port.
func TestPortsThatAreShared(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	set(t, "ip_local_port_range", "40000 40000")
	x := newSituation(t)
	newServer(t, "127.0.0.1:80").call()
	newServer(t, "127.0.0.1:81").call()
	if g := x.gauge(x.look(), GaugeTCPPorts); g.Level != Yellow || !strings.HasPrefix(g.Sentence, "1 of the 1 ports that the system hands out are in use, most of them by ") || !strings.Contains(g.Sentence, " (1). ") {
		t.Errorf("%+v", g)
	}
	set(t, "ip_local_port_range", "50000 50000")
	y := newSituation(t)
	newServer(t, "127.0.0.1:50000")
	newServer(t, "[::1]:50000")
	if g := y.gauge(y.look(), GaugeTCPPorts); g.Level != Red || !strings.HasPrefix(g.Sentence, "Programs listen on 1 of the 1 ports that the system hands out, most of them ") || !strings.Contains(g.Sentence, " (1); with none left, new connections fail. Quit or restart ") ||
		!strings.HasSuffix(g.Sentence, "or have it close what it does not need.") {
		t.Errorf("%+v", g)
	}
}

// TestConnectionsBetweenTwoLooks: of thousands that no look has seen it is told that there were at least so many, and
// for which service, while an app that keeps a connection to it gets none of them.
func TestConnectionsBetweenTwoLooks(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	set(t, "tcp_tw_reuse", "0")
	set(t, "tcp_max_tw_buckets", "100000")
	x := newSituation(t)
	web := newServer(t, "127.0.0.1:80")
	kept, _ := web.call()
	x.look()
	const each, rounds = 2000, 4
	for round := range rounds {
		for range each {
			client, err := net.Dial("tcp", "127.0.0.1:80")
			if err != nil {
				t.Fatal(err)
			}
			served := <-web.accepted
			hangUp(client, served)
		}
		s := x.lookUntil(netstat.TimeWait, each*(round+1))
		x.pass(3 * time.Second)
		l := LensOf(s, View{Open: map[Key]bool{{App: timeWaitGroup}: true}}, x.live.Rules(), x.past, s.Taken)
		if len(l.Rows) != 3 || l.Waiting != each*(round+1) {
			t.Fatalf("%d rows, %d in TIME_WAIT", len(l.Rows), l.Waiting)
		}
		if app := l.Rows[0].Flow; app.Now != 1 || app.Opened != 1 || app.Closed != 0 {
			t.Errorf("the app: %+v", app)
		}
		want := fmt.Sprintf("≥ %d", each*(round+1))
		for _, r := range l.Rows[1:] {
			if opened, closed := column(lensColumns, ColumnOpened).Text(&r), column(lensColumns, ColumnClosed).Text(&r); opened != want || closed != want {
				t.Errorf("%s: opened %q, closed %q, want %q", r.Group.Name, opened, closed, want)
			}
		}
		if got := l.Rows[2].Group.Name; got != "80 (http) to 1 address" {
			t.Error(got)
		}
	}
	_ = kept.Close() // which was seen: it is none of them
	s := x.lookUntil(netstat.FinWait2, 1)
	if f := x.lens(s).Rows[0].Flow; f.Opened != each*rounds {
		t.Errorf("%+v", f)
	}
}

// hangUp ends a connection from the first end, which then remembers it: if both did at the same moment, both would.
func hangUp(first, second net.Conn) {
	_ = first.Close()
	_, _ = io.Copy(io.Discard, second)
	_ = second.Close()
}

func TestLeakOfConnections(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	x := newSituation(t)
	leaky := newServer(t, "127.0.0.1:8080")
	left := 0
	for range 16 {
		client, _ := leaky.call() // which the server never closes
		_ = client.Close()
		left++
		x.pass(history.Step)
		x.lookUntil(netstat.CloseWait, left)
	}
	s := x.look()
	g := x.gauge(s, GaugeCloseWait)
	if g.Level != Red || !strings.Contains(g.Sentence, "has not closed 16 connections that the other side has ended, and their number only grows: it leaks them.") {
		t.Errorf("%+v", g)
	}
	for range 20 { // it stops, but does not get better
		x.pass(history.Step)
		s = x.look()
	}
	if g = x.gauge(s, GaugeCloseWait); g.Level != Yellow || !strings.Contains(g.Sentence, "for 2 min now") {
		t.Errorf("%+v", g)
	}
}

func TestQueueThatFills(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	x := newSituation(t)
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := errors.Join(unix.Bind(fd, &unix.SockaddrInet4{Port: 9000, Addr: [4]byte{127, 0, 0, 1}}), unix.Listen(fd, 4)); err != nil {
		t.Fatal(err)
	}
	var told atomic.Int64 // updates, as it is not enough to be read
	defer x.m.Subscribe(func(monitor.Update) { told.Add(1) })()
	// Linux lets one more in than listen(2) has asked for.
	for i, want := range []struct {
		level Level
		holds string
	}{{Green, ""}, {Green, ""}, {Green, ""}, {Yellow, "is slow to accept connections on TCP port 9000: 4 wait, and 5 may."}, {Red, "does not accept connections on TCP port 9000: 5 wait, no more may"}} {
		c, err := net.Dial("tcp", "127.0.0.1:9000")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		g := x.gauge(x.look(), GaugeQueue)
		if g.Level != want.level || !strings.Contains(g.Sentence, want.holds) || g.Share != float64(i+1)/5 {
			t.Errorf("after %d: %+v", i+1, g)
		}
	}
	dialer := net.Dialer{Timeout: 200 * time.Millisecond}
	if c, err := dialer.Dial("tcp", "127.0.0.1:9000"); err == nil {
		t.Errorf("with no more to wait %v was let in", c.LocalAddr())
	}
	// One is taken out, and nothing else: that alone is told, and the gauge goes down.
	x.lookUntil(netstat.SynSent, 0)
	x.look()
	before := told.Load()
	one, _, err := unix.Accept(fd)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(one)
	if g := x.gauge(x.look(), GaugeQueue); g.Level != Yellow || told.Load() == before {
		t.Errorf("told %d times: %+v", told.Load()-before, g)
	}
}

func TestNarrowRange(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	set(t, "ip_local_port_range", "40000 40199")
	set(t, "ip_local_reserved_ports", "40100-40109")
	x := newSituation(t)
	web := newServer(t, "127.0.0.1:80")
	for range 150 {
		web.call()
	}
	s := x.look()
	narrow := func(s *netstat.Snapshot, level Level, of int) {
		t.Helper()
		for id, want := range map[GaugeID]Level{GaugeTCPPorts: min(level, Yellow), GaugeRemote: level} {
			g := x.gauge(s, id)
			if g.Level != want || g.Share != 150.0/float64(of) || !strings.Contains(g.Sentence, "150 of ") || !strings.Contains(g.Sentence, fmt.Sprint(of)) {
				t.Errorf("%+v", g)
			}
		}
	}
	narrow(s, Yellow, 190)
	if g := x.gauge(s, GaugeUDPPorts); g.Level != Green || g.Share != 0 {
		t.Errorf("%+v", g)
	}
	// It is made narrower while we look, and nothing else happens.
	told := make(chan monitor.Update, 100)
	defer x.m.Subscribe(func(u monitor.Update) { told <- u })()
	x.until(func() bool { x.look(); return len(told) > 0 }) // what there is
	<-told
	reserved := "40100-40109"
	taken := map[uint16]bool{}
	for _, r := range Rows(s, View{}) {
		taken[r.Socket.Local.Port()] = true
	}
	for at := uint16(40000); at < 40200; at++ {
		if !taken[at] {
			reserved += fmt.Sprint(",", at)
		}
	}
	set(t, "ip_local_reserved_ports", reserved)
	x.look() // which had asked before
	narrow(x.look(), Red, 150)
	if len(told) != 1 {
		t.Fatalf("told %d times", len(told))
	}
	if u := <-told; len(u.Opened)+len(u.Changed)+len(u.Closed) > 0 {
		t.Errorf("an event: %+v", u)
	}
	// Now the connections are outside of it.
	set(t, "ip_local_port_range", "50000 50000")
	x.look()
	if g := x.gauge(x.look(), GaugeTCPPorts); g.Level != Green || g.Share != 0 {
		t.Errorf("%+v", g)
	}
	for _, r := range Rows(s, View{Ephemeral: x.live.Rules().Ephemeral}) {
		if r.Ephemeral {
			t.Errorf("%v is taken for one that the system handed out", r.Socket.Local)
		}
	}
	y := newSituation(t)
	udp, err := net.ListenPacket("udp", "127.0.0.1:50000")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	if g := y.gauge(y.look(), GaugeUDPPorts); g.Level != Red || g.Share != 1 {
		t.Errorf("a range of one port, in use: %+v", g)
	}
	set(t, "ip_local_reserved_ports", "50000")
	z := newSituation(t)
	s = z.look()
	for _, id := range []GaugeID{GaugeTCPPorts, GaugeUDPPorts} {
		g := z.gauge(s, id)
		if !g.Known || g.Level != Red || !strings.HasPrefix(g.Sentence, "The system has no port to hand out") || fmt.Sprint(g.Figures) != "[{ports to hand out none} {range 50000-50000}]" {
			t.Errorf("all ports are reserved: %+v", g)
		}
	}
	if g := z.gauge(s, GaugeTimeWait); !g.Known || g.Level != Green {
		t.Errorf("all ports are reserved: %+v", g)
	}
	if c, err := net.Dial("tcp", "127.0.0.1:80"); err == nil {
		t.Errorf("%v was handed out", c.LocalAddr())
	}
}

// TestWhatFailsWhenAllPortsAreInUse: the range is used up, and what then fails is what the gauges say, no more and no less.
func TestWhatFailsWhenAllPortsAreInUse(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	const count = 10
	set(t, "ip_local_port_range", fmt.Sprintf("40000 %d", 40000+count-1))
	x := newSituation(t)
	one, other := newServer(t, "127.0.0.1:80"), newServer(t, "127.0.0.1:81")
	for range count {
		one.call()
	}
	s := x.look()
	if g := x.gauge(s, GaugeTCPPorts); g.Level != Yellow || g.Share != 1 || !strings.Contains(g.Sentence, "10 of the 10 ports that the system hands out are in use, most of them by ") ||
		!strings.Contains(g.Sentence, "(10). Connections to other servers still find one, but with none left a program that listens on any free port gets none.") {
		t.Errorf("%+v", g)
	}
	if g := x.gauge(s, GaugeRemote); g.Level != Red || !strings.Contains(g.Sentence, "10 of 10 possible connections from 127.0.0.1 to 127.0.0.1:80 are in use, most of them by ") || !strings.Contains(g.Sentence, "with none left, no other can be opened.") {
		t.Errorf("%+v", g)
	}
	if c, err := net.Dial("tcp", "127.0.0.1:80"); !errors.Is(err, unix.EADDRNOTAVAIL) {
		t.Errorf("one more to the same server: %v, %v", c, err)
	}
	if l, err := net.Listen("tcp", ":0"); !errors.Is(err, unix.EADDRINUSE) {
		t.Errorf("a listener on any free port: %v, %v", l, err)
	}
	for range count {
		other.call() // all of them find one
	}
	ends := 0
	for _, g := range Gauges(x.look(), x.live.Rules(), x.past, time.Now(), DefaultThresholds()) {
		if g.ID == GaugeRemote && g.Level == Red {
			ends++
		}
	}
	if ends != 2 {
		t.Errorf("%d servers to which no other connection can be opened", ends)
	}
}

// TestPortsListenedOnInTheRange: these no connection gets, wherever it goes.
func TestPortsListenedOnInTheRange(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	set(t, "ip_local_port_range", "40000 40009")
	x := newSituation(t)
	for i := range 9 {
		newServer(t, fmt.Sprintf("127.0.0.1:%d", 40000+i))
	}
	one, other := newServer(t, "127.0.0.1:80"), newServer(t, "127.0.0.1:81")
	one.call()
	other.call()
	s := x.look()
	if g := x.gauge(s, GaugeTCPPorts); g.Level != Red || !strings.HasPrefix(g.Sentence, "Programs listen on 9 of the 10 ports that the system hands out, most of them ") || !strings.Contains(g.Sentence, "with none left, new connections fail.") {
		t.Errorf("%+v", g)
	}
	if g := x.gauge(s, GaugeRemote); g.Level != Red || !strings.Contains(g.Sentence, "1 of 1 possible connections from 127.0.0.1 to 127.0.0.1:80 are in use") {
		t.Errorf("%+v", g)
	}
	if c, err := net.Dial("tcp", "127.0.0.1:80"); !errors.Is(err, unix.EADDRNOTAVAIL) {
		t.Errorf("one more to the same server: %v, %v", c, err)
	}
}

func TestRatesOfLoopback(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	x := newCounting(t, true)
	client, served := newServer(t, "127.0.0.1:80").call()
	send := func(n int) {
		if _, err := client.Write(make([]byte, n)); err != nil {
			t.Fatal(err)
		}
		for got := 0; got < n; {
			m, err := served.Read(make([]byte, n))
			if err != nil {
				t.Fatal(err)
			}
			got += m
		}
	}
	send(1000)
	x.look()
	x.pass(10 * time.Second)
	send(100_000)
	f := x.lens(x.look()).Rows[0].Flow
	if !f.Traffic.Known || f.Traffic.Sent < 5000 || f.Traffic.Sent > 10_000 { // 100,000 bytes in ten seconds, and what a test takes
		t.Errorf("%+v", f)
	}
}

// TestListenerThatCloses: a connection that came in still did when nobody listens any more.
func TestListenerThatCloses(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	x := newSituation(t)
	chosen := newServer(t, "127.0.0.1:0")
	for range 10 {
		chosen.call()
	}
	expect := func(when string, s *netstat.Snapshot) {
		t.Helper()
		view := View{Ephemeral: x.live.Rules().Ephemeral, Past: x.past}
		counts := Count(s, TakeCensus(s, view.Ephemeral, view.Past))
		if counts.Outgoing != 10 || counts.Incoming != 10 {
			t.Errorf("%s: %d outgoing, %d incoming", when, counts.Outgoing, counts.Incoming)
		}
		incoming := 0
		for _, r := range Rows(s, view) {
			if r.Class == Incoming {
				incoming++
			}
		}
		l := LensOf(s, view, x.live.Rules(), x.past, s.Taken)
		f := l.Rows[0].Flow
		if points := f.Points; incoming != 10 || l.Connections != 10 || f.Now != 10 || f.Opened != 10 || f.Closed != 0 || points[len(points)-1].Open != 10 {
			t.Errorf("%s: %d rows came in, %d are in the lens: %+v", when, incoming, l.Connections, f)
		}
		now := x.past.Report(s.Taken.Add(-time.Minute), s.Taken).Apps[0]
		if now.Outgoing.Now != 10 || now.Incoming.Now != 10 {
			t.Errorf("%s the history has %+v", when, now)
		}
	}
	expect("while somebody listens", x.look())
	_ = chosen.listener.Close()
	s := x.look()
	expect("when nobody does", s)
	if c := Count(s, TakeCensus(s, x.live.Rules().Ephemeral, nil)); c.Outgoing != 20 {
		t.Errorf("without a history %d would be taken for outgoing: the test shows nothing", c.Outgoing)
	}
}

// TestWhatNoLookHasSeenOpen: what the other side has closed by the first look counts as opened, and while there were some that
// nobody has seen open at all each app has opened at least so many.
func TestWhatNoLookHasSeenOpen(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	set(t, "tcp_tw_reuse", "0")
	x := newSituation(t)
	web := newServer(t, "127.0.0.1:80")
	x.look()
	for range 20 {
		web.call()
	}
	minute := func(s *netstat.Snapshot) string {
		row := &x.lens(s).Rows[0]
		return column(lensColumns, ColumnOpened).Text(row) + ", " + column(lensColumns, ColumnClosed).Text(row)
	}
	if got := minute(x.look()); got != "20, " {
		t.Errorf("all were seen open, but it says %s", got)
	}
	for range 60 { // the end of the server is nobody's then, and was never seen open
		_, served := web.call()
		_ = served.Close()
	}
	if got := minute(x.lookUntil(netstat.CloseWait, 60)); got != "≥ 80, ≥ 60" {
		t.Errorf("with 60 that were first seen in CLOSE_WAIT: %s", got)
	}
	for range 300 {
		client, served := web.call()
		hangUp(client, served)
	}
	if got := minute(x.lookUntil(netstat.TimeWait, 300)); got != "≥ 80, ≥ 60" {
		t.Errorf("with 300 that no look has seen: %s", got)
	}
}
