package netstat

import (
	"net"
	"net/netip"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"sync"
	"testing"
)

// TestSnapshotsStay: what was handed out does not change when the Reader reads on, whose buffers are
// used again, while sockets and processes come and go. Under the race detector it also
// proves that the Reader writes to nothing that a snapshot has.
func TestSnapshotsStay(t *testing.T) {
	stays := listenWith(t, "tcp6", "[::]:0", 0)
	stopChurn := churn(t)
	defer stopChurn()
	r := openReader(t)
	type kept struct {
		handedOut *Snapshot
		copied    Snapshot
	}
	var all []kept
	var readers sync.WaitGroup
	defer readers.Wait()
	local := netip.AddrPortFrom(netip.IPv6Unspecified(), addrPort(stays.Addr()).Port())
	for round := range 4 * rereadEvery {
		if round%5 == 2 { // a process that inherits a socket, and ends
			f, err := stays.(*net.TCPListener).File()
			if err != nil {
				t.Fatal(err)
			}
			child := startRole(t, "idle", func(cmd *exec.Cmd) { cmd.ExtraFiles = []*os.File{f} })
			f.Close()
			readNow(t, r)
			child.stop()
		}
		s := readNow(t, r)
		checkWhole(t, s)
		if held := s.only(t, TCP, local, netip.AddrPort{}); !slices.Equal(pids(held), []int{os.Getpid()}) {
			t.Errorf("round %d: the listener that stays is held by %v", round, pids(held))
		}
		all = append(all, kept{s, deepCopy(s)})
		readers.Go(func() { deepCopy(s) })
	}
	for i, k := range all {
		if now := deepCopy(k.handedOut); !reflect.DeepEqual(now, k.copied) {
			t.Errorf("snapshot %d has changed since it was handed out", i)
		}
	}
}

// checkWhole checks what holds of every snapshot.
func checkWhole(t *testing.T, s *Snapshot) {
	t.Helper()
	seen := make(map[uint64]bool, len(s.Sockets))
	for i := range s.Sockets {
		k := &s.Sockets[i]
		if k.ID == 0 || seen[k.ID] {
			t.Errorf("ID %x twice, or none: %+v", k.ID, k)
		}
		seen[k.ID] = true
		if (k.Absence == Owned) != (len(k.Owners) > 0) {
			t.Errorf("owners %v, absence %v", pids(k), k.Absence)
		}
		if i > 0 && compareSockets(&s.Sockets[i-1], k) >= 0 {
			t.Errorf("out of order: %+v before %+v", s.Sockets[i-1], k)
		}
	}
	if s.Hidden.Owners != countConcealed(s.Sockets) {
		t.Errorf("%d hidden, counted %d", s.Hidden.Owners, countConcealed(s.Sockets))
	}
}

// churn opens and closes listeners and connections until it is stopped.
func churn(t *testing.T) (stop func()) {
	t.Helper()
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-quit:
				return
			default:
			}
			l, err := net.Listen("tcp4", "127.0.0.1:0")
			if err != nil {
				t.Error(err)
				return
			}
			if c, err := net.Dial("tcp4", l.Addr().String()); err == nil {
				c.(*net.TCPConn).SetLinger(0) // leaves no TIME_WAIT
				c.Close()
			}
			l.Close()
		}
	}()
	return func() {
		close(quit)
		<-done
	}
}

// deepCopy shares nothing with s.
func deepCopy(s *Snapshot) Snapshot {
	out := *s
	out.Sockets = slices.Clone(s.Sockets)
	for i := range out.Sockets {
		k := &out.Sockets[i]
		k.Owners = slices.Clone(k.Owners)
		for j := range k.Owners {
			p := *k.Owners[j].Process
			k.Owners[j].Process = &p
		}
	}
	return out
}
