package netstat

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func openReader(t *testing.T) *Reader {
	t.Helper()
	r, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func readNow(t *testing.T, r *Reader) *Snapshot {
	t.Helper()
	s, err := r.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// at gives the sockets with this protocol and local end.
func (s *Snapshot) at(protocol Protocol, local netip.AddrPort) (found []*Socket) {
	for i := range s.Sockets {
		if s.Sockets[i].Protocol == protocol && s.Sockets[i].Local == local {
			found = append(found, &s.Sockets[i])
		}
	}
	return found
}

// only gives the one socket with these ends; remote may be the zero AddrPort.
func (s *Snapshot) only(t *testing.T, protocol Protocol, local, remote netip.AddrPort) *Socket {
	t.Helper()
	found := slices.DeleteFunc(s.at(protocol, local), func(s *Socket) bool { return s.Remote != remote })
	if len(found) != 1 {
		t.Fatalf("%d %s sockets from %v to %v, want one", len(found), protocol, local, remote)
	}
	return found[0]
}

func pids(s *Socket) (pids []int) {
	for _, o := range s.Owners {
		pids = append(pids, o.Process.PID)
	}
	return pids
}

// eventually reads until ok holds of a snapshot, for at most ten seconds.
func eventually(t *testing.T, r *Reader, what string, ok func(*Snapshot) bool) *Snapshot {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		s := readNow(t, r)
		if ok(s) {
			return s
		}
		if time.Now().After(deadline) {
			t.Fatalf("not within ten seconds: %s", what)
		}
	}
}

func listenWith(t *testing.T, network, address string, v6only int) net.Listener {
	t.Helper()
	config := net.ListenConfig{}
	if v6only >= 0 {
		config.Control = func(_, _ string, c syscallConn) error {
			var err error
			c.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, v6only) })
			return err
		}
	}
	l, err := config.Listen(t.Context(), network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// TestReadBound: a socket of each kind appears with our own PID and goes when it is closed.
func TestReadBound(t *testing.T) {
	r := openReader(t)
	for _, c := range []struct {
		name, address string
		family, kind  int
		v6only        int
		protocol      Protocol
		state         State
		dual          bool
	}{
		{"tcp4", "127.0.0.1", unix.AF_INET, unix.SOCK_STREAM, 0, TCP, Listen, false},
		{"tcp6", "::1", unix.AF_INET6, unix.SOCK_STREAM, 1, TCP, Listen, false},
		{"tcp6, not V6ONLY, but not the wildcard", "::1", unix.AF_INET6, unix.SOCK_STREAM, 0, TCP, Listen, false},
		{"tcp, dual-stack", "::", unix.AF_INET6, unix.SOCK_STREAM, 0, TCP, Listen, true},
		{"tcp, V6ONLY", "::", unix.AF_INET6, unix.SOCK_STREAM, 1, TCP, Listen, false},
		{"udp4", "127.0.0.1", unix.AF_INET, unix.SOCK_DGRAM, 0, UDP, 0, false},
		{"udp6", "::1", unix.AF_INET6, unix.SOCK_DGRAM, 1, UDP, 0, false},
		{"udp, dual-stack", "::", unix.AF_INET6, unix.SOCK_DGRAM, 0, UDP, 0, true},
		{"udp, V6ONLY", "::", unix.AF_INET6, unix.SOCK_DGRAM, 1, UDP, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			fd, local := bindTo(t, c.family, c.kind, netip.MustParseAddr(c.address), c.v6only)
			if c.state == Listen {
				if err := unix.Listen(fd, 1); err != nil {
					t.Fatal(err)
				}
			}
			s := readNow(t, r).only(t, c.protocol, local, netip.AddrPort{})
			if s.State != c.state || s.DualStack != c.dual || s.UID != os.Getuid() || s.User == "" || s.ID == 0 {
				t.Errorf("got %+v", s)
			}
			if !slices.Equal(pids(s), []int{os.Getpid()}) || s.Owners[0].By != ByDescriptor || s.Absence != Owned {
				t.Errorf("owners %v, absence %d", pids(s), s.Absence)
			}
			if name := s.Owners[0].Process.Name; name != filepath.Base(os.Args[0]) {
				t.Errorf("the owner's name is %q, we are %q", name, os.Args[0])
			}
			id := s.ID
			if again := readNow(t, r).only(t, c.protocol, local, netip.AddrPort{}); again.ID != id {
				t.Errorf("its ID was %x and is %x", id, again.ID)
			}
			unix.Close(fd)
			if left := readNow(t, r).at(c.protocol, local); len(left) != 0 {
				t.Errorf("it is closed and still there: %+v", left[0])
			}
		})
	}
}

// bindTo opens and binds a socket to a port the kernel chooses.
func bindTo(t *testing.T, family, kind int, a netip.Addr, v6only int) (int, netip.AddrPort) {
	t.Helper()
	fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	var to unix.Sockaddr
	if family == unix.AF_INET6 {
		to = &unix.SockaddrInet6{Addr: a.As16()}
		err = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, v6only)
	} else {
		to = &unix.SockaddrInet4{Addr: a.As4()}
	}
	if err := errors.Join(err, unix.Bind(fd, to)); err != nil {
		t.Fatal(err)
	}
	bound, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	port := 0
	switch b := bound.(type) {
	case *unix.SockaddrInet4:
		port = b.Port
	case *unix.SockaddrInet6:
		port = b.Port
	}
	return fd, netip.AddrPortFrom(a, uint16(port))
}

// pair makes a connection over loopback and gives both ends.
func pair(t *testing.T, l net.Listener, network, to string) (client, server net.Conn) {
	t.Helper()
	client, err := net.Dial(network, to)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return client, server
}

func addrPort(a net.Addr) netip.AddrPort {
	ap := netip.MustParseAddrPort(a.String())
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// TestReadConnected: both ends of connections over IPv4, IPv6, and IPv4 to a dual-stack listener.
func TestReadConnected(t *testing.T) {
	r := openReader(t)
	r.CountBytes(true)
	for _, c := range []struct{ name, listen, dial string }{
		{"IPv4", "127.0.0.1:0", "127.0.0.1"},
		{"IPv6", "[::1]:0", "::1"},
		{"IPv4 to dual-stack", "[::]:0", "127.0.0.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := listenWith(t, "tcp", c.listen, -1)
			_, port, _ := net.SplitHostPort(l.Addr().String())
			client, server := pair(t, l, "tcp", net.JoinHostPort(c.dial, port))
			near, far := addrPort(client.LocalAddr()), addrPort(client.RemoteAddr())
			if _, err := client.Write(make([]byte, 12345)); err != nil {
				t.Fatal(err)
			}
			for left := 12345; left > 0; {
				n, err := server.Read(make([]byte, left))
				if err != nil {
					t.Fatal(err)
				}
				left -= n
			}
			snapshot := readNow(t, r)
			one, other := snapshot.only(t, TCP, near, far), snapshot.only(t, TCP, far, near)
			for _, end := range []*Socket{one, other} {
				if end.State != Established || !slices.Equal(pids(end), []int{os.Getpid()}) || end.DualStack {
					t.Errorf("got %+v", end)
				}
			}
			if one.TxBytes != 12345 || one.RxBytes != 0 || other.RxBytes != 12345 || other.TxBytes != 0 {
				t.Errorf("sent %d, %d, received %d, %d", one.TxBytes, other.TxBytes, one.RxBytes, other.RxBytes)
			}
		})
	}
}

func TestReadConnectedUDP(t *testing.T) {
	r := openReader(t)
	for _, to := range []string{"127.0.0.1:9", "[::1]:9"} {
		c, err := net.Dial("udp", to)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		s := readNow(t, r).only(t, UDP, addrPort(c.LocalAddr()), addrPort(c.RemoteAddr()))
		if s.State != 0 || !slices.Equal(pids(s), []int{os.Getpid()}) {
			t.Errorf("%s: got %+v", to, s)
		}
	}
}

// TestReadStates walks a connection through the states that a test can hold still.
func TestReadStates(t *testing.T) {
	r := openReader(t)
	l := listenWith(t, "tcp4", "127.0.0.1:0", -1)
	expect := func(local, remote net.Addr, state State, absence Absence) {
		t.Helper()
		var last *Socket
		eventually(t, r, "a socket in "+state.String(), func(snapshot *Snapshot) bool {
			for _, s := range snapshot.at(TCP, addrPort(local)) {
				if s.Remote == addrPort(remote) {
					last = s
				}
			}
			return last != nil && last.State == state
		})
		if last.Absence != absence || (absence == Owned) != (len(last.Owners) == 1) {
			t.Errorf("%s: absence %d, owners %v", state, last.Absence, pids(last))
		}
		if absence == Owned && last.UID != os.Getuid() {
			t.Errorf("%s: uid %d", state, last.UID)
		}
	}
	client, server := pair(t, l, "tcp4", l.Addr().String())
	near, far := client.LocalAddr(), client.RemoteAddr()
	if err := client.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	expect(near, far, FinWait2, Owned)
	expect(far, near, CloseWait, Owned)
	client.Close()
	server.Close()
	expect(near, far, TimeWait, Kernel)

	waiting, err := net.Dial("tcp4", l.Addr().String()) // never accepted
	if err != nil {
		t.Fatal(err)
	}
	defer waiting.Close()
	expect(waiting.RemoteAddr(), waiting.LocalAddr(), Established, Kernel)
	expect(waiting.LocalAddr(), waiting.RemoteAddr(), Established, Owned)
}

// TestReadTimeWait: the kernel keeps no user for it, so none is made up.
func TestReadTimeWait(t *testing.T) {
	r := openReader(t)
	l := listenWith(t, "tcp6", "[::1]:0", -1)
	client, server := pair(t, l, "tcp6", l.Addr().String())
	near := addrPort(client.LocalAddr())
	client.Close()
	server.Close()
	s := eventually(t, r, "TIME_WAIT", func(s *Snapshot) bool {
		at := s.at(TCP, near)
		return len(at) == 1 && at[0].State == TimeWait
	}).at(TCP, near)[0]
	if s.Absence != Kernel || s.UID != -1 || s.User != "" || len(s.Owners) != 0 {
		t.Errorf("got %+v", s)
	}
}

// TestReadSynSent: a full queue keeps a client waiting.
func TestReadSynSent(t *testing.T) {
	r := openReader(t)
	l, local := bindTo(t, unix.AF_INET, unix.SOCK_STREAM, netip.MustParseAddr("127.0.0.1"), 0)
	defer unix.Close(l)
	if err := unix.Listen(l, 0); err != nil {
		t.Fatal(err)
	}
	to := &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: int(local.Port())}
	for range 4 {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		if err := unix.Connect(fd, to); err != nil && !errors.Is(err, unix.EINPROGRESS) {
			t.Fatal(err)
		}
	}
	eventually(t, r, "SYN_SENT with its owner", func(snapshot *Snapshot) bool {
		return slices.ContainsFunc(snapshot.Sockets, func(s Socket) bool {
			return s.Remote == local && s.State == SynSent && slices.Equal(pids(&s), []int{os.Getpid()})
		})
	})
}

// TestReadBoundOnly: a TCP socket that is bound and does not listen keeps its port from
// everybody else. The kernel lists it since Linux 6.8 (commit 91051f003948).
func TestReadBoundOnly(t *testing.T) {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		t.Fatal(err)
	}
	listed := !olderThan(unix.ByteSliceToString(name.Release[:]), 6, 8)
	fd, local := bindTo(t, unix.AF_INET, unix.SOCK_STREAM, netip.MustParseAddr("127.0.0.1"), 0)
	defer unix.Close(fd)
	found := readNow(t, openReader(t)).at(TCP, local)
	if !listed {
		if len(found) != 0 {
			t.Errorf("listed before Linux 6.8: %+v", found[0])
		}
		return
	}
	if len(found) != 1 || found[0].State != Closed || !slices.Equal(pids(found[0]), []int{os.Getpid()}) {
		t.Errorf("got %+v", found)
	}
}

// TestReadShared: after a fork both processes hold the socket; when the child ends, one does.
func TestReadShared(t *testing.T) {
	r := openReader(t)
	l := listenWith(t, "tcp4", "127.0.0.1:0", -1)
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	readNow(t, r) // so that the child is met by a refresh, not by the first read
	c := startRole(t, "idle", func(cmd *exec.Cmd) { cmd.ExtraFiles = []*os.File{f} })
	f.Close()
	both := []int{os.Getpid(), c.pid()}
	slices.Sort(both)
	local := addrPort(l.Addr())
	if s := readNow(t, r).only(t, TCP, local, netip.AddrPort{}); !slices.Equal(sorted(pids(s)), both) {
		t.Errorf("held by %v, want %v", pids(s), both)
	}
	l.Close() // now only the child holds it
	eventually(t, r, "the child alone holds it", func(s *Snapshot) bool {
		return slices.Equal(pids(s.only(t, TCP, local, netip.AddrPort{})), []int{c.pid()})
	})
	c.stop()
	if left := readNow(t, r).at(TCP, local); len(left) != 0 {
		t.Errorf("still there: %+v", left[0])
	}
}

// TestReadUnchanged: what has not changed is not made again.
func TestReadUnchanged(t *testing.T) {
	r := openReader(t)
	for deadline := time.Now().Add(10 * time.Second); ; {
		a, b := readNow(t, r), readNow(t, r)
		if &a.Sockets[0] == &b.Sockets[0] {
			if a == b || b.Taken.Before(a.Taken) {
				t.Error("it is the same snapshot, not a fresh one")
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("ten seconds long no two refreshes shared their sockets")
		}
	}
}

// cancelAfter is done after it was asked n times.
type cancelAfter struct {
	context.Context
	n int
}

func (c *cancelAfter) Err() error {
	if c.n--; c.n < 0 {
		return context.Canceled
	}
	return nil
}

// TestReadCancelled: the read ends with the context's error, at whatever datagram, and the next one
// is not disturbed by what was left unread.
func TestReadCancelled(t *testing.T) {
	startLoad(t, 1, 400)
	r := openReader(t)
	cancelled := 0
	for n := range 30 {
		s, err := r.Read(&cancelAfter{Context: t.Context(), n: n})
		if err == nil {
			break
		}
		cancelled++
		if s != nil || !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, %v", s, err)
		}
		if got := len(readNow(t, r).Sockets); got < 400 {
			t.Fatalf("the read after has %d sockets", got)
		}
	}
	if cancelled < len(everyTable) {
		t.Errorf("cancelled only %d times", cancelled)
	}
}

func TestReadClosed(t *testing.T) {
	r := openReader(t)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(t.Context()); !errors.Is(err, os.ErrClosed) {
		t.Errorf("read after close: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Errorf("the second close: %v", err)
	}
}
