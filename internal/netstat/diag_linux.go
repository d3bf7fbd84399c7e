package netstat

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// diagRoom holds any datagram of a dump: the kernel makes them of at most 32 KiB
	// (netlink_recvmsg in net/netlink/af_netlink.c).
	diagRoom = 64 << 10
	// dumpTries is how often a dump is asked for that the kernel calls interrupted.
	dumpTries = 5
	// diagPatience is how long the kernel may take for one datagram. It answers while
	// we ask, so it takes no time at all unless something is broken.
	diagPatience = 2 * time.Second
)

// diagSocket is an open NETLINK_SOCK_DIAG socket.
type diagSocket struct {
	fd      int
	portID  uint32
	seq     uint32
	buffer  []byte
	request []byte
	split   bool // the kernel does not take a request for bothTCP
}

func openDiag() (*diagSocket, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil, fmt.Errorf("open a NETLINK_SOCK_DIAG socket, which this kernel or a sandbox refuses: %w", err)
	}
	s := &diagSocket{fd: fd, buffer: make([]byte, diagRoom)}
	if err := s.bind(); err != nil {
		_ = s.close()
		return nil, fmt.Errorf("set up the NETLINK_SOCK_DIAG socket: %w", err)
	}
	return s, nil
}

// bind lets the kernel choose our port id, and lets no one but the kernel (port id 0) write to us.
func (s *diagSocket) bind() error {
	kernel := &unix.SockaddrNetlink{Family: unix.AF_NETLINK}
	if err := unix.Bind(s.fd, kernel); err != nil {
		return err
	}
	if err := unix.Connect(s.fd, kernel); err != nil {
		return err
	}
	patience := unix.NsecToTimeval(diagPatience.Nanoseconds())
	if err := unix.SetsockoptTimeval(s.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &patience); err != nil {
		return err
	}
	own, err := unix.Getsockname(s.fd)
	if err != nil {
		return err
	}
	address, ok := own.(*unix.SockaddrNetlink)
	if !ok {
		return fmt.Errorf("its address is a %T", own)
	}
	s.portID = address.Pid
	return nil
}

func (s *diagSocket) close() error { return os.NewSyscallError("close", unix.Close(s.fd)) }

// dump appends one table to records. After an error the socket is to be closed: the rest of the reply may still come.
func (s *diagSocket) dump(ctx context.Context, t table, records []diagRecord) ([]diagRecord, int, error) {
	for range dumpTries {
		d, err := s.dumpOnce(ctx, t, records)
		if err != nil {
			return nil, 0, err
		}
		if !d.interrupted {
			return d.records, d.skipped, nil
		}
	}
	return nil, 0, fmt.Errorf("the table changed under the kernel's eyes %d times in a row", dumpTries)
}

func (s *diagSocket) dumpOnce(ctx context.Context, t table, records []diagRecord) (diagDump, error) {
	s.seq++
	s.request = appendDiagRequest(s.request[:0], t, s.seq)
	if _, err := unix.Write(s.fd, s.request); err != nil {
		return diagDump{}, os.NewSyscallError("write", err)
	}
	d := diagDump{family: t.family, protocol: t.protocol, seq: s.seq, portID: s.portID, records: records}
	for !d.done {
		if err := ctx.Err(); err != nil {
			return diagDump{}, err
		}
		n, err := s.receive()
		if err != nil {
			return diagDump{}, err
		}
		if err := d.datagram(s.buffer[:n]); err != nil {
			return diagDump{}, err
		}
	}
	return d, nil
}

// receive reads one datagram into the buffer. recvmsg(2) would tell whether it was cut short, and
// make an address for each; with so much room one that fills it all was.
func (s *diagSocket) receive() (int, error) {
	for {
		n, err := unix.Read(s.fd, s.buffer)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return 0, fmt.Errorf("the kernel did not answer within %v", diagPatience)
		case err != nil:
			return 0, os.NewSyscallError("read", err)
		case n == len(s.buffer):
			return 0, fmt.Errorf("a datagram has %d bytes or more", n)
		}
		return n, nil
	}
}
