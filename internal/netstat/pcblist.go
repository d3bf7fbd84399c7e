package netstat

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
)

// The socket table of macOS: what sysctl net.inet.tcp.pcblist_n and
// net.inet.udp.pcblist_n return. The records are private to Apple's netstat:
// bsd/netinet/in_pcb.h, bsd/sys/socketvar.h and bsd/netinet/tcp_var.h in xnu,
// whose sizes and offsets here are those of macOS 10.15 to 15.6. Every record
// begins with its own length, so a longer one of a later kernel is walked
// over, and only the fields that are named here are looked at.

// Record kinds (bsd/sys/socketvar.h). All kinds below kindOther are known, the rest is counted.
const (
	kindSocket  = 0x001 // XSO_SOCKET, struct xsocket_n
	kindReceive = 0x002 // XSO_RCVBUF, struct xsockbuf_n
	kindSend    = 0x004 // XSO_SNDBUF, struct xsockbuf_n
	kindStats   = 0x008 // XSO_STATS, struct xsockstat_n
	kindInpcb   = 0x010 // XSO_INPCB, struct xinpcb_n: the first record of a group
	kindTcpcb   = 0x020 // XSO_TCPCB, struct xtcpcb_n
	kindNone    = 0     // a buffer record of a socket that is gone: the kernel leaves the kind out
)

// The shortest record of each struct that still has the fields which are read.
const (
	minXinpgen   = 24
	minXinpcb    = 80 // through the local address
	minXsocket   = 76 // through so_e_pid: all there was before macOS 13
	minXsockbuf  = 16 // through sb_hiwat
	minXsockstat = 40 // through the first slot
	minXtcpcb    = 40 // through t_state

	// maxRecord is where a record that does not fit is called nonsense instead of cut short.
	maxRecord = 64 << 10
)

// inp_vflag, inp_flags, inp_flags2 (bsd/netinet/in_pcb.h) and so_state (bsd/sys/socketvar.h).
const (
	vflagIPv4      = 0x1     // INP_IPV4
	vflagIPv6      = 0x2     // INP_IPV6
	flagAnonPort   = 0x40    // INP_ANONPORT: the kernel chose the local port
	flag2TimeWait  = 0x1     // INP2_TIMEWAIT
	stateNoFDRef   = 0x0001  // SS_NOFDREF: no descriptor refers to it any more
	stateIncomp    = 0x0800  // SS_INCOMP: in a listener's queue, handshake not done
	stateComp      = 0x1000  // SS_COMP: in a listener's queue, not accepted yet
	familyINET6    = 30      // AF_INET6
	filteredAtMost = 4       // see tableFiltered
	filteredFrom   = 8       // see tableFiltered
	syntheticID    = 1 << 63 // marks the IDs that are made up for sockets to which the kernel gives none
)

// tableStatus says how far the walk over a table came.
type tableStatus uint8

const (
	tableOK        tableStatus = iota // walked to the trailer
	tableFiltered                     // walked to the trailer, but most of what the header counts was left out by the kernel
	tableEmpty                        // a header that counts nothing, and nothing else
	tablePartial                      // whole records, then the end without a trailer
	tableTruncated                    // the last record or its head is cut short
	tableCorrupt                      // no header, or a record length that cannot be
)

var tableStatusNames = [...]string{"ok", "filtered", "empty", "partial", "truncated", "corrupt"}

func (s tableStatus) String() string { return tableStatusNames[s] }

// errFraming is wrapped by the errors of a table that could not be walked to its end.
var errFraming = errors.New("broken framing")

// xinpgen is the record at both ends of a table (struct xinpgen). Count may be
// larger than the number of groups: a PCB that is dying is counted and left out.
type xinpgen struct {
	Length, Count uint32
	Gen, SoGen    uint64
}

// pcbTable is a decoded table.
type pcbTable struct {
	status  tableStatus
	header  xinpgen
	trailer *xinpgen // nil when the walk did not reach it
	sockets []pcb
	skipped int // groups without the records that make a socket, or without an address family
	dying   int // those of the skipped that have no address family: the PCB is being torn down
	unknown int // well-framed records of an unknown kind
}

// missing is how many sockets the kernel counted and did not list, or listed unusably.
func (t *pcbTable) missing() int { return max(0, int(t.header.Count)-len(t.sockets)) }

// endpoints is what the kernel keeps for the two ends of a connection, the same
// in xinpcb_n and in in_sockinfo.
type endpoints struct {
	vflag                   byte
	local, remote           netip.Addr // without a zone
	localScope, remoteScope uint16     // interface index; 0: none
	localPort, remotePort   uint16
	flags                   uint32 // inp_flags
	gencnt                  uint64 // inp_gencnt: which PCB this is, among all that this protocol ever had
}

// queues are the numbers of a socket's buffers.
type queues struct {
	rcv, rcvHigh, snd, sndHigh  uint32 // bytes waiting, and the high-water marks
	waiting, incomplete, qlimit uint16 // a listener's queue of connections
}

// pcb is one group of a table: one socket. The fields are named after the
// kernel's; so_* of a group whose xsocket_n is all zero (its socket is gone) are zero.
type pcb struct {
	endpoints
	queues
	inpID     uint64 // xi_inpp: a hash of the PCB's address; 0 for a user-space (Skywalk) flow
	flags2    uint32
	soID      uint64 // xso_so: a hash of the socket's address, the same as soi_so of a descriptor
	soType    uint16
	soOptions uint32
	soState   uint16
	soFamily  uint32
	soError   uint16
	uid       uint32 // so_uid; see owner
	lastPID   int32  // so_last_pid: who used it last, not always one that still holds it
	effPID    int32  // so_e_pid: for whom it is used, 0 for nobody else
	tcpState  int32  // t_state; 0 for UDP

	long                 bool // xsocket_n of macOS 13 and later: the next three are there
	soGencnt             uint64
	soFlags, filterFlags uint32
	rxPackets, rxBytes   uint64
	txPackets, txBytes   uint64
}

// skywalk: a flow of the user-space network stack (Network.framework), which
// the table lists without a socket. Its uid of 0 does not mean root.
func (p *pcb) skywalk() bool { return p.inpID == 0 && p.gencnt == 0 && p.soType == 0 }

// noSocket: a PCB whose socket is gone.
func (p *pcb) noSocket() bool { return p.inpID != 0 && p.soID == 0 }

// delegated: the process that uses it does so for another one.
func (p *pcb) delegated() bool { return p.effPID != 0 && p.effPID != p.lastPID }

// owner is the uid of the user who created the socket, -1 when the record does not say.
func (p *pcb) owner() int {
	if p.skywalk() || p.noSocket() {
		return -1
	}
	return int(p.uid)
}

// group is the raw records of one socket: the first of each kind. A nil slice: missing.
type group struct {
	open                                     bool
	inpcb, socket, receive, send, stats, tcp []byte
}

// decodePCBList walks one table. The sockets before a fault are good; the error
// then says where it is, and wraps errFraming. The result keeps nothing of buf; room
// is used for the sockets, and what it held is overwritten.
func decodePCBList(room []pcb, buf []byte, p Protocol) (pcbTable, error) {
	t := pcbTable{status: tableCorrupt, sockets: room[:0]}
	if len(buf) < minXinpgen {
		t.header = decodeXinpgen(append(make([]byte, 0, minXinpgen), buf...)[:minXinpgen])
		return t, fmt.Errorf("decode header: %d bytes of %d: %w", len(buf), minXinpgen, errFraming)
	}
	t.header = decodeXinpgen(buf)
	if t.header.Length < minXinpgen || uint64(t.header.Length) > uint64(len(buf)) {
		return t, fmt.Errorf("decode header: length %d in %d bytes: %w", t.header.Length, len(buf), errFraming)
	}
	at := roundUp8(int(t.header.Length))
	if at >= len(buf) && t.header.Count == 0 {
		t.status = tableEmpty
		return t, nil
	}
	t.sockets = slices.Grow(t.sockets, min(int(t.header.Count), len(buf)/groupSize(p))+1)
	g, err := t.walk(buf, at, p)
	t.emit(&g, p)
	listed := len(t.sockets) + t.skipped
	if t.status == tableOK && t.header.Count >= filteredFrom && uint64(listed)*filteredAtMost < uint64(t.header.Count) {
		t.status = tableFiltered
	}
	return t, err
}

// walk goes from record to record and sets the status. It returns the group that is still open.
func (t *pcbTable) walk(buf []byte, at int, p Protocol) (group, error) {
	var g group
	for at < len(buf) {
		rest := buf[at:]
		if len(rest) < 8 {
			t.status = tableTruncated
			return g, fmt.Errorf("decode record at offset %d: head of %d bytes: %w", at, len(rest), errFraming)
		}
		// The length comes before the kind: the trailer's second word is a count, which can look like any kind.
		length, kind := binary.LittleEndian.Uint32(rest), binary.LittleEndian.Uint32(rest[4:])
		if length == t.header.Length && roundUp8(int(length)) >= len(rest) && uint64(length) <= uint64(len(rest)) {
			trailer := decodeXinpgen(rest)
			t.trailer, t.status = &trailer, tableOK
			return g, nil
		}
		if length < 8 || uint64(length) > uint64(len(rest)) {
			t.status = tableTruncated
			if length < 8 || length > maxRecord {
				t.status = tableCorrupt
			}
			return g, fmt.Errorf("decode record at offset %d: length %d in %d bytes: %w", at, length, len(rest), errFraming)
		}
		if kind == kindInpcb {
			t.emit(&g, p)
			g = group{open: true}
		}
		if !g.keep(kind, rest[:length]) {
			t.unknown++
		}
		at += roundUp8(int(length))
	}
	t.status = tablePartial
	return g, nil
}

// keep files a record under its kind, unless it is too short to be of use or
// the second of its kind. It reports false for a kind that is not known.
func (g *group) keep(kind uint32, record []byte) bool {
	slot, least := (*[]byte)(nil), 0
	switch kind {
	case kindInpcb:
		slot, least = &g.inpcb, minXinpcb
	case kindSocket:
		slot, least = &g.socket, minXsocket
	case kindReceive:
		slot, least = &g.receive, minXsockbuf
	case kindSend:
		slot, least = &g.send, minXsockbuf
	case kindStats:
		slot, least = &g.stats, minXsockstat
	case kindTcpcb:
		slot, least = &g.tcp, minXtcpcb
	default:
		return kind == kindNone
	}
	if *slot == nil && len(record) >= least {
		*slot = record
	}
	return true
}

// emit closes a group: it becomes a socket, or counts as skipped.
func (t *pcbTable) emit(g *group, p Protocol) {
	if !g.open {
		return
	}
	dying := g.inpcb != nil && g.inpcb[44]&(vflagIPv4|vflagIPv6) == 0
	if g.inpcb == nil || g.socket == nil || p == TCP && g.tcp == nil || dying {
		t.skipped++
		if dying {
			t.dying++
		}
		return
	}
	t.sockets = append(t.sockets, pcb{})
	g.decode(&t.sockets[len(t.sockets)-1])
}

// decode reads the fields of a group that has its inpcb and socket records.
func (g *group) decode(p *pcb) {
	le := binary.LittleEndian
	in := g.inpcb
	p.inpID = le.Uint64(in[8:])
	p.remotePort, p.localPort = binary.BigEndian.Uint16(in[16:]), binary.BigEndian.Uint16(in[18:])
	p.gencnt, p.flags, p.vflag = le.Uint64(in[28:]), le.Uint32(in[36:]), in[44]
	p.remote, p.remoteScope = decodeAddr([16]byte(in[48:64]), p.vflag)
	p.local, p.localScope = decodeAddr([16]byte(in[64:80]), p.vflag)
	if len(in) >= 104 {
		p.flags2 = le.Uint32(in[100:])
	}
	g.decodeSocket(p)
	if b := g.receive; b != nil {
		p.rcv, p.rcvHigh = le.Uint32(b[8:]), le.Uint32(b[12:])
	}
	if b := g.send; b != nil {
		p.snd, p.sndHigh = le.Uint32(b[8:]), le.Uint32(b[12:])
	}
	if b := g.stats; b != nil { // slot 0 of xst_tc_stats: all traffic; the others are by class
		p.rxPackets, p.rxBytes = le.Uint64(b[8:]), le.Uint64(b[16:])
		p.txPackets, p.txBytes = le.Uint64(b[24:]), le.Uint64(b[32:])
	}
	if b := g.tcp; b != nil {
		p.tcpState = int32(le.Uint32(b[36:]))
	}
}

func (g *group) decodeSocket(p *pcb) {
	le, so := binary.LittleEndian, g.socket
	p.soID = le.Uint64(so[8:])
	p.soType, p.soOptions, p.soState = le.Uint16(so[16:]), le.Uint32(so[20:]), le.Uint16(so[26:])
	p.soFamily, p.soError = le.Uint32(so[40:]), le.Uint16(so[52:])
	p.waiting, p.incomplete, p.qlimit = le.Uint16(so[44:]), le.Uint16(so[46:]), le.Uint16(so[48:])
	p.uid = le.Uint32(so[64:])
	p.lastPID, p.effPID = int32(le.Uint32(so[68:])), int32(le.Uint32(so[72:]))
	if p.long = len(so) >= 104; p.long { // so_gencnt and what follows: macOS 13
		p.soGencnt, p.soFlags, p.filterFlags = le.Uint64(so[76:]), le.Uint32(so[84:]), le.Uint32(so[100:])
	}
}

func decodeXinpgen(b []byte) xinpgen {
	le := binary.LittleEndian
	return xinpgen{le.Uint32(b), le.Uint32(b[4:]), le.Uint64(b[8:]), le.Uint64(b[16:])}
}

// decodeAddr reads in_addr_4in6 or in6_addr. IPv4 lies in the last four bytes.
// In a link-local IPv6 address the kernel keeps the interface's index in bytes
// 2 and 3, big-endian (in6_embedded_scope); it is taken out.
func decodeAddr(b [16]byte, vflag byte) (a netip.Addr, scope uint16) {
	if vflag&vflagIPv6 == 0 {
		return netip.AddrFrom4([4]byte(b[12:])), 0
	}
	linkLocal := b[0] == 0xfe && b[1]&0xc0 == 0x80
	scoped := b[0] == 0xff && (b[1]&0xf == 1 || b[1]&0xf == 2) // interface-local and link-local multicast
	if linkLocal || scoped {
		scope = binary.BigEndian.Uint16(b[2:])
		b[2], b[3] = 0, 0
	}
	return netip.AddrFrom16(b), scope
}

func roundUp8(n int) int { return (n + 7) &^ 7 }

// groupSize is what one socket takes in a table, at least: the layout of macOS 10.15 to 12.
func groupSize(p Protocol) int {
	if p == TCP {
		return 592
	}
	return 384
}
