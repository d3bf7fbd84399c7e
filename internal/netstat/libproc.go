package netstat

import (
	"encoding/binary"
	"fmt"
)

// What libproc tells about the descriptors of a process: struct proc_fdinfo,
// struct socket_fdinfo and the list of PIDs (bsd/sys/proc_info.h in xnu; the
// sizes and offsets are the same from macOS 10.15 to 15.6).

// Calls, kinds of lists and flavors of the proc_info system call (bsd/sys/proc_info.h).
const (
	procListPIDs  = 1 // PROC_INFO_CALL_LISTPIDS
	procPIDInfo   = 2 // PROC_INFO_CALL_PIDINFO
	procPIDFDInfo = 3 // PROC_INFO_CALL_PIDFDINFO

	listAllPIDs = 1 // PROC_ALL_PIDS
	listUIDOnly = 4 // PROC_UID_ONLY: by effective uid

	pidListFDs     = 1 // PROC_PIDLISTFDS
	fdSocketInfo   = 3 // PROC_PIDFDSOCKETINFO
	fdTypeSocket   = 2 // PROX_FDTYPE_SOCKET
	fdShared       = 1 // PROC_FP_SHARED: the open file has more than one reference
	fdCloseOnExec  = 2 // PROC_FP_CLEXEC
	sockInfoIn     = 1 // SOCKINFO_IN: UDP
	sockInfoTCP    = 2 // SOCKINFO_TCP
	sizeFDInfo     = 8
	sizeSockFDInfo = 792
)

// fdSocket is one descriptor that is a TCP or UDP socket (struct socket_fdinfo).
// It has no byte counters and nothing about who used the socket.
type fdSocket struct {
	endpoints
	queues
	protocol            Protocol
	soID                uint64 // soi_so: the same as xso_so of the table
	soType, soFamily    uint32
	soOptions           uint16 // the low half of so_options
	soState, soError    uint16
	kind                uint32 // soi_kind
	tcpState            int32  // 0 for UDP
	shared, closeOnExec bool
}

// decodeSocketFDInfo reads what proc_pidfdinfo(PROC_PIDFDSOCKETINFO) returns.
// ok is false for a socket that is neither TCP nor UDP, and for one whose
// protocol half is gone: both are silence. A buffer of another length is an error.
func decodeSocketFDInfo(buf []byte) (s fdSocket, ok bool, err error) {
	if len(buf) != sizeSockFDInfo {
		return s, false, fmt.Errorf("decode socket_fdinfo: %d bytes of %d: %w", len(buf), sizeSockFDInfo, errFraming)
	}
	le := binary.LittleEndian
	protocol, family, kind := le.Uint32(buf[180:]), le.Uint32(buf[184:]), le.Uint32(buf[256:])
	switch { // the union that follows is what kind says, so all three must agree
	case family != 2 && family != familyINET6:
		return s, false, nil
	case kind == sockInfoTCP && protocol == uint32(TCP), kind == sockInfoIn && protocol == uint32(UDP):
	default:
		return s, false, nil
	}
	s.protocol, s.soFamily, s.kind = Protocol(protocol), family, kind
	status := le.Uint32(buf[4:])
	s.shared, s.closeOnExec = status&fdShared != 0, status&fdCloseOnExec != 0
	s.soID, s.soType = le.Uint64(buf[160:]), le.Uint32(buf[176:])
	s.soOptions, s.soState, s.soError = le.Uint16(buf[188:]), le.Uint16(buf[192:]), le.Uint16(buf[202:])
	s.waiting, s.incomplete, s.qlimit = le.Uint16(buf[194:]), le.Uint16(buf[196:]), le.Uint16(buf[198:])
	s.rcv, s.rcvHigh = le.Uint32(buf[208:]), le.Uint32(buf[212:]) // soi_rcv comes before soi_snd
	s.snd, s.sndHigh = le.Uint32(buf[232:]), le.Uint32(buf[236:])
	s.decodeInSockInfo(buf[264:])
	if s.protocol == TCP {
		s.tcpState = int32(le.Uint32(buf[344:]))
	}
	return s, s.vflag&(vflagIPv4|vflagIPv6) != 0, nil
}

// decodeInSockInfo reads struct in_sockinfo. Its ports are ints whose first two
// bytes are the port in network order.
func (s *fdSocket) decodeInSockInfo(b []byte) {
	s.remotePort, s.localPort = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[4:])
	s.gencnt, s.flags, s.vflag = binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint32(b[16:]), b[24]
	s.remote, s.remoteScope = decodeAddr([16]byte(b[32:48]), s.vflag)
	s.local, s.localScope = decodeAddr([16]byte(b[48:64]), s.vflag)
}

// decodeListFDs appends to fds the numbers of the descriptors that are sockets,
// from what proc_pidinfo(PROC_PIDLISTFDS) returns. A cut record at the end is left out.
func decodeListFDs(fds []int32, buf []byte) []int32 {
	for ; len(buf) >= sizeFDInfo; buf = buf[sizeFDInfo:] {
		if binary.LittleEndian.Uint32(buf[4:]) == fdTypeSocket {
			fds = append(fds, int32(binary.LittleEndian.Uint32(buf)))
		}
	}
	return fds
}

// decodeListPIDs appends to pids what proc_listpids returns, without the zeros
// that may fill the end and without the kernel itself (PID 0).
func decodeListPIDs(pids []int32, buf []byte) []int32 {
	for ; len(buf) >= 4; buf = buf[4:] {
		if pid := int32(binary.LittleEndian.Uint32(buf)); pid > 0 {
			pids = append(pids, pid)
		}
	}
	return pids
}
