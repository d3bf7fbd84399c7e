package netstat

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

var capture = flag.Bool("capture", false, "write testdata/sockdiag-*.bin anew, from this kernel (as root)")

// TestCapture writes the datagrams that TestCaptured decodes. They come from a
// network namespace of their own, so that they hold what is opened here and nothing else.
func TestCapture(t *testing.T) {
	if !*capture {
		return
	}
	c := startRole(t, "capture", func(cmd *exec.Cmd) {
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	})
	t.Log(c.line(t))
}

func captureRole() error {
	if err := loopbackUp(); err != nil {
		return err
	}
	if err := captureLoad(); err != nil {
		return err
	}
	for _, want := range everyTable {
		if err := captureTable(want); err != nil {
			return err
		}
	}
	fmt.Println("ready")
	fmt.Println("written")
	return nil
}

func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	ifr, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	ifr.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, ifr)
}

// captureLoad opens the sockets that TestCaptured expects, at ports of 5000 and up.
func captureLoad() error {
	listen := func(a unix.Sockaddr, family int, only int) int {
		fd := must(unix.Socket(family, unix.SOCK_STREAM, 0))
		if family == unix.AF_INET6 {
			check(unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, only))
		}
		check(unix.Bind(fd, a))
		check(unix.Listen(fd, 8))
		return fd
	}
	l4 := listen(&unix.SockaddrInet4{Port: 5000, Addr: [4]byte{127, 0, 0, 1}}, unix.AF_INET, 0)
	listen(&unix.SockaddrInet6{Port: 5001}, unix.AF_INET6, 0)
	listen(&unix.SockaddrInet6{Port: 5002, Addr: [16]byte{15: 1}}, unix.AF_INET6, 1)
	connect := func(from, to int) int {
		fd := must(unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0))
		check(unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1))
		check(unix.Bind(fd, &unix.SockaddrInet4{Port: from, Addr: [4]byte{127, 0, 0, 1}}))
		check(unix.Connect(fd, &unix.SockaddrInet4{Port: to, Addr: [4]byte{127, 0, 0, 1}}))
		return fd
	}
	client := connect(5003, 5000)
	server, _, err := unix.Accept(l4)
	check(err)
	must(unix.Write(client, make([]byte, 1000)))
	must(unix.Read(server, make([]byte, 1000)))
	connect(5004, 5001) // stays in the queue of the dual-stack listener
	passing := connect(5005, 5000)
	server, _, err = unix.Accept(l4)
	check(err)
	check(unix.Close(passing)) // this end closes first and stays behind in TIME_WAIT
	check(unix.Close(server))
	must(boundTo(&unix.SockaddrInet4{Port: 5006, Addr: [4]byte{127, 0, 0, 1}}, unix.AF_INET, unix.SOCK_STREAM))
	must(boundTo(&unix.SockaddrInet4{Port: 5007}, unix.AF_INET, unix.SOCK_DGRAM))
	must(boundTo(&unix.SockaddrInet6{Port: 5008}, unix.AF_INET6, unix.SOCK_DGRAM))
	return nil
}

func boundTo(a unix.Sockaddr, family, kind int) (int, error) {
	fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	return fd, unix.Bind(fd, a)
}

func captureTable(want table) error {
	want.counters = true
	s, err := openDiag()
	if err != nil {
		return err
	}
	s.portID, s.seq = 4711, 1 // what TestCaptured expects
	request := appendDiagRequest(nil, want, s.seq)
	if _, err := unix.Write(s.fd, request); err != nil {
		return err
	}
	own := must(unix.Getsockname(s.fd)).(*unix.SockaddrNetlink).Pid
	d := &diagDump{family: want.family, protocol: want.protocol, seq: s.seq, portID: own}
	var all []byte
	for !d.done {
		n, err := s.receive()
		if err != nil {
			return err
		}
		if err := d.datagram(s.buffer[:n]); err != nil {
			return err
		}
		all = append(all, s.buffer[:n]...)
	}
	setPortID(all, s.portID)
	family := map[uint8]string{linuxINET: "4", linuxINET6: "6"}[want.family]
	name := filepath.Join("testdata", "sockdiag-"+want.protocol.String()+family+".bin")
	if err := os.WriteFile(name, all, 0o644); err != nil {
		return fmt.Errorf("write %s: %w", strconv.Quote(name), err)
	}
	return nil
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
