package netstat

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"portolan/internal/language"
)

// The wire format of NETLINK_SOCK_DIAG, by which Linux lists its sockets. Numbers are
// in the byte order of the machine, addresses, ports and nothing else in
// network order. The names are those of the kernel headers.

// Message types and flags (include/uapi/linux/netlink.h, sock_diag.h).
const (
	nlmsgNoop        = 1    // NLMSG_NOOP
	nlmsgError       = 2    // NLMSG_ERROR
	nlmsgDone        = 3    // NLMSG_DONE: the last message of a dump
	nlmsgOverrun     = 4    // NLMSG_OVERRUN: data was lost
	tcpDiagGetSock   = 18   // TCPDIAG_GETSOCK: as the next, of before Linux 3.3; TCP of both families in one
	sockDiagByFamily = 20   // SOCK_DIAG_BY_FAMILY: the request, and one socket of the reply
	nlmFRequest      = 0x01 // NLM_F_REQUEST
	nlmFDumpIntr     = 0x10 // NLM_F_DUMP_INTR: the table changed under the dump
	nlmFDump         = 0x300
)

// Sizes and alignments (NLMSG_ALIGNTO, NLA_ALIGNTO; include/uapi/linux/netlink.h, inet_diag.h).
const (
	netlinkAlign = 4
	nlmsghdrSize = 16     // struct nlmsghdr
	nlattrSize   = 4      // struct nlattr
	inetReqSize  = 56     // struct inet_diag_req_v2
	oldReqSize   = 60     // struct inet_diag_req
	sockIDSize   = 48     // struct inet_diag_sockid
	inetMsgSize  = 72     // struct inet_diag_msg
	nlattrFlags  = 0xc000 // NLA_F_NESTED | NLA_F_NET_BYTEORDER: not part of the type
)

// Address families of Linux (include/linux/socket.h), whatever system this is built for.
const (
	linuxINET  = 2  // AF_INET
	linuxINET6 = 10 // AF_INET6
)

// Attributes of an inet_diag_msg (include/uapi/linux/inet_diag.h), and how they are asked for.
const (
	inetDiagInfo     = 2  // INET_DIAG_INFO: struct tcp_info
	inetDiagSKV6Only = 11 // INET_DIAG_SKV6ONLY: one byte; comes unasked with every IPv6 socket
	wantInfo         = 1 << (inetDiagInfo - 1)
)

// Offsets in struct tcp_info (include/uapi/linux/tcp.h). The structure grows at its
// end with the kernel's version: the first two are there since Linux 4.1, the last two since 4.19.
const (
	tcpiBytesAcked    = 120
	tcpiBytesReceived = 128
	tcpiBytesSent     = 200
	tcpiBytesRetrans  = 208
)

// States of a socket as the kernel numbers them (include/net/tcp_states.h).
const (
	tcpClose         = 7
	tcpListen        = 10
	tcpNewSynRecv    = 12
	tcpBoundInactive = 13
	allStates        = 1<<(tcpBoundInactive+1) - 1
)

// linuxStates translates the kernel's numbers.
var linuxStates = [...]State{
	1: Established, 2: SynSent, 3: SynReceived, 4: FinWait1, 5: FinWait2, 6: TimeWait,
	tcpClose: Closed, 8: CloseWait, 9: LastAck, tcpListen: Listen, 11: Closing,
	tcpNewSynRecv: SynReceived, tcpBoundInactive: Closed,
}

// table is one of the kernel's socket tables.
type table struct {
	family   uint8 // 0: both, for TCP only
	protocol Protocol
	port     uint16 // only the sockets with this local port; 0: all
	states   uint32 // only those in these states, a bit for each; 0: in all
	counters bool   // with the byte counters, which only TCP has
}

// bothTCP asks for the sockets of both families at once. They are in one hash table, of as many places
// as the machine has memory for, and to ask for each family is to have the kernel walk
// through all of it twice.
var bothTCP = table{protocol: TCP}

// everyTable is what a snapshot is made of.
var everyTable = [...]table{
	{family: linuxINET, protocol: TCP}, {family: linuxINET6, protocol: TCP},
	{family: linuxINET, protocol: UDP}, {family: linuxINET6, protocol: UDP},
}

// udpTables are those of everyTable that bothTCP leaves.
var udpTables = everyTable[2:]

func (t table) String() string {
	family := map[uint8]string{linuxINET: "IPv4 ", linuxINET6: "IPv6 "}[t.family]
	return family + strings.ToUpper(t.protocol.String()) + " sockets"
}

// extensions are the attributes to ask for. The byte counters come within the whole
// of a tcp_info, of which the kernel locks every socket and computes all: it doubles the cost of a dump.
func (t table) extensions() uint8 {
	if t.counters && t.protocol == TCP {
		return wantInfo
	}
	return 0
}

func (t table) wantedStates() uint32 {
	if t.states == 0 {
		return allStates
	}
	return t.states
}

// tables says what came of reading them.
type tables struct {
	skipped int     // records that were not understood
	refused int     // tables that the kernel does not have
	absent  []table // those of them of which there can be sockets
}

// reason says in a sentence what is missing; "" when nothing is.
func (t tables) reason() string {
	var names []string
	for _, absent := range t.absent {
		names = append(names, absent.String())
	}
	if len(names) == 0 {
		return ""
	}
	return language.F("this kernel does not list its %s (the modules tcp_diag and udp_diag do)", strings.Join(names, ", "))
}

// diagRecord is one inet_diag_msg with the attributes that are used. It is comparable.
type diagRecord struct {
	src, dst       [16]byte // IPv4: the first four bytes
	sport, dport   uint16
	protocol       Protocol
	family, state  uint8
	v6only         bool
	device         uint32 // the interface it is bound to; 0: none
	uid, inode     uint32
	cookie         uint64
	received, sent uint64
	// In LISTEN: connections to be accepted, and how many may wait. Else they would be bytes, which
	// change with any traffic; those are not kept, so that records of the same sockets stay equal.
	rqueue, wqueue uint32
}

// narrow makes t that of one port when all records that are wanted have that one, which
// is nearly always, and that of listeners when they are nothing else: those are in a table of their own, and
// one that no longer listens is no more. It reports whether there are any.
func (t *table) narrow(records []diagRecord, wanted func(*diagRecord) bool) bool {
	count := 0
	t.states = 1 << tcpListen
	for i := range records {
		if !wanted(&records[i]) {
			continue
		}
		if records[i].state != tcpListen {
			t.states = 0
		}
		if count++; count == 1 {
			t.port = records[i].sport
		} else if t.port != records[i].sport {
			t.port = 0
		}
	}
	return count > 0
}

// renew replaces the doubtful records by those of the same sockets in now, and drops them where there are
// none. It gives the inodes that are no more.
func renew(records []diagRecord, doubtful func(*diagRecord) bool, now []diagRecord) (kept []diagRecord, gone []uint32) {
	known := make(map[uint64]*diagRecord, len(now))
	for i := range now {
		known[now[i].cookie] = &now[i]
	}
	kept = records[:0]
	for i := range records {
		record := &records[i]
		if doubtful(record) {
			fresh := known[record.cookie]
			if fresh == nil || fresh.inode != record.inode {
				gone = append(gone, record.inode)
			}
			if fresh == nil {
				continue
			}
			record = fresh
		}
		kept = append(kept, *record)
	}
	return kept, gone
}

// appendDiagRequest appends the request for a dump of a table:
//
//	struct nlmsghdr { __u32 len; __u16 type, flags; __u32 seq, pid; };
//	struct inet_diag_req_v2 { __u8 family, protocol, ext, pad; __u32 states; struct inet_diag_sockid id; };
//	struct inet_diag_req { __u8 family, src_len, dst_len, ext; struct inet_diag_sockid id; __u32 states, dbs; };
//
// The second, of TCPDIAG_GETSOCK, is for both families: the kernel does not look at the one that is in it
// (inet_diag_dump_compat in net/ipv4/inet_diag.c).
func appendDiagRequest(b []byte, t table, seq uint32) []byte {
	if t.family == 0 {
		b = appendDiagHeader(b, oldReqSize, tcpDiagGetSock, seq)
		b = append(b, 0, 0, 0, t.extensions())
		b = appendSockID(b, t.port)
		b = binary.NativeEndian.AppendUint32(b, t.wantedStates())
		return binary.NativeEndian.AppendUint32(b, 0)
	}
	b = appendDiagHeader(b, inetReqSize, sockDiagByFamily, seq)
	b = append(b, t.family, uint8(t.protocol), t.extensions(), 0)
	b = binary.NativeEndian.AppendUint32(b, t.wantedStates())
	return appendSockID(b, t.port)
}

func appendDiagHeader(b []byte, payload uint32, kind uint16, seq uint32) []byte {
	b = binary.NativeEndian.AppendUint32(b, nlmsghdrSize+payload)
	b = binary.NativeEndian.AppendUint16(b, kind)
	b = binary.NativeEndian.AppendUint16(b, nlmFRequest|nlmFDump)
	b = binary.NativeEndian.AppendUint32(b, seq)
	return binary.NativeEndian.AppendUint32(b, 0) // the kernel fills in our port id
}

// appendSockID appends a struct inet_diag_sockid that fits every socket with this local port, or, with 0, all.
func appendSockID(b []byte, port uint16) []byte {
	b = binary.BigEndian.AppendUint16(b, port) // idiag_sport; the kernel passes over all others
	var rest [sockIDSize - 2]byte
	return append(b, rest[:]...)
}

// linuxErrno is an error number of Linux, as the kernel sent it.
type linuxErrno uint32

// Error numbers that mean something to the reader (include/uapi/asm-generic/errno-base.h).
const (
	linuxEPERM   linuxErrno = 1
	linuxENOENT  linuxErrno = 2
	linuxEACCES  linuxErrno = 13
	linuxEBUSY   linuxErrno = 16
	linuxEINVAL  linuxErrno = 22
	linuxENOTSUP linuxErrno = 95
)

func (e linuxErrno) Error() string {
	switch e {
	case linuxEPERM:
		return "operation not permitted"
	case linuxENOENT:
		return "the kernel has no such socket table"
	case linuxEACCES:
		return "permission denied"
	case linuxEBUSY:
		return "another dump is running"
	case linuxEINVAL:
		return "the kernel does not understand the request"
	case linuxENOTSUP:
		return "the kernel does not know the request"
	default:
		return "kernel error " + strconv.Itoa(int(e))
	}
}

// diagDump gathers the reply to one request, datagram by datagram.
type diagDump struct {
	family      uint8
	protocol    Protocol
	seq, portID uint32

	records     []diagRecord // appended to
	skipped     int          // well-framed messages that were not understood
	interrupted bool         // the table changed under the dump: what was read may miss or repeat sockets
	done        bool
}

// datagram decodes one datagram. An error means that nothing of this dump may be
// used: a linuxErrno when the kernel refused it, else broken framing, with its offset.
func (d *diagDump) datagram(b []byte) error {
	if len(b) == 0 {
		return fmt.Errorf("decode sock_diag datagram: it is empty")
	}
	for offset := 0; offset < len(b); {
		length, err := d.message(b[offset:])
		if err != nil {
			return fmt.Errorf("decode sock_diag datagram of %d bytes at offset %d: %w", len(b), offset, err)
		}
		offset += length
	}
	return nil
}

// message decodes the message at the start of b and gives its padded length.
func (d *diagDump) message(b []byte) (int, error) {
	if d.done {
		return 0, fmt.Errorf("%d bytes after the end of the dump", len(b))
	}
	if len(b) < nlmsghdrSize {
		return 0, fmt.Errorf("%d bytes left, a header has %d", len(b), nlmsghdrSize)
	}
	claimed := binary.NativeEndian.Uint32(b)
	if claimed < nlmsghdrSize || uint64(claimed) > uint64(len(b)) {
		return 0, fmt.Errorf("message length %d of %d bytes left", claimed, len(b))
	}
	length := int(claimed)
	padded := align(length)
	if padded > len(b) {
		if length != len(b) {
			return 0, fmt.Errorf("message length %d is not aligned and %d bytes are left", length, len(b))
		}
		padded = length
	}
	kind := binary.NativeEndian.Uint16(b[4:])
	flags := binary.NativeEndian.Uint16(b[6:])
	if seq := binary.NativeEndian.Uint32(b[8:]); seq != d.seq {
		return 0, fmt.Errorf("sequence number %d, asked with %d", seq, d.seq)
	}
	if pid := binary.NativeEndian.Uint32(b[12:]); pid != d.portID {
		return 0, fmt.Errorf("port id %d, ours is %d", pid, d.portID)
	}
	if flags&nlmFDumpIntr != 0 {
		d.interrupted = true
	}
	return padded, d.payload(kind, b[nlmsghdrSize:length])
}

func (d *diagDump) payload(kind uint16, b []byte) error {
	switch kind {
	case sockDiagByFamily, tcpDiagGetSock:
		return d.socket(b)
	case nlmsgDone:
		d.done = true
		return errnoIn(b, 4)
	case nlmsgError:
		// struct nlmsgerr: the error, then the header of the request.
		if err := errnoIn(b, 4+nlmsghdrSize); err != nil {
			return err
		}
		return fmt.Errorf("an acknowledgement that was not asked for")
	case nlmsgOverrun:
		return fmt.Errorf("the kernel lost data (NLMSG_OVERRUN)")
	case nlmsgNoop:
		return nil
	default:
		d.skipped++
		return nil
	}
}

// errnoIn reads the negative error number at the start of b, which has at least
// size bytes. Zero is success.
func errnoIn(b []byte, size int) error {
	if len(b) < size {
		return fmt.Errorf("%d bytes where the error number is, want %d", len(b), size)
	}
	n := int32(binary.NativeEndian.Uint32(b))
	switch {
	case n == 0:
		return nil
	case n > 0 || n == math.MinInt32:
		return fmt.Errorf("error number %d is not negative", n)
	default:
		return linuxErrno(-n)
	}
}

// socket decodes one inet_diag_msg:
//
//	struct inet_diag_msg {
//	    __u8 family, state, timer, retrans;
//	    struct inet_diag_sockid { __be16 sport, dport; __be32 src[4], dst[4]; __u32 if, cookie[2]; } id;
//	    __u32 expires, rqueue, wqueue, uid, inode;
//	};
func (d *diagDump) socket(b []byte) error {
	if len(b) < inetMsgSize {
		return fmt.Errorf("inet_diag_msg of %d bytes, want %d", len(b), inetMsgSize)
	}
	r := diagRecord{
		protocol: d.protocol,
		family:   b[0],
		state:    b[1],
		sport:    binary.BigEndian.Uint16(b[4:]),
		dport:    binary.BigEndian.Uint16(b[6:]),
		src:      [16]byte(b[8:24]),
		dst:      [16]byte(b[24:40]),
		device:   binary.NativeEndian.Uint32(b[40:]),
		// The kernel splits its 64 bits into a low and a high word (sock_diag_save_cookie).
		cookie: uint64(binary.NativeEndian.Uint32(b[48:]))<<32 | uint64(binary.NativeEndian.Uint32(b[44:])),
		uid:    binary.NativeEndian.Uint32(b[64:]),
		inode:  binary.NativeEndian.Uint32(b[68:]),
	}
	if r.protocol == TCP && r.state == tcpListen {
		r.rqueue, r.wqueue = binary.NativeEndian.Uint32(b[56:]), binary.NativeEndian.Uint32(b[60:])
	}
	if err := r.attributes(b[inetMsgSize:]); err != nil {
		return err
	}
	if !r.known(d.family) {
		d.skipped++
		return nil
	}
	if len(d.records) == cap(d.records) {
		d.records = slices.Grow(d.records, max(256, len(d.records))) // to twice as many
	}
	d.records = append(d.records, r)
	return nil
}

// known reports whether the record can be understood: the family that was asked for, a state there is, a cookie.
func (r *diagRecord) known(family uint8) bool {
	asked := r.family == family || family == 0 && (r.family == linuxINET || r.family == linuxINET6)
	return asked && r.state != 0 && int(r.state) < len(linuxStates) && r.cookie != 0
}

// attributes walks over the attributes behind an inet_diag_msg; unknown ones are passed over.
func (r *diagRecord) attributes(b []byte) error {
	for len(b) > 0 {
		if len(b) < nlattrSize {
			return fmt.Errorf("attribute cut off after %d bytes", len(b))
		}
		length := int(binary.NativeEndian.Uint16(b))
		kind := binary.NativeEndian.Uint16(b[2:]) &^ nlattrFlags
		if length < nlattrSize || length > len(b) {
			return fmt.Errorf("attribute %d has length %d of %d bytes left", kind, length, len(b))
		}
		value := b[nlattrSize:length]
		switch kind {
		case inetDiagSKV6Only:
			if len(value) < 1 {
				return fmt.Errorf("attribute INET_DIAG_SKV6ONLY is empty")
			}
			r.v6only = value[0] != 0
		case inetDiagInfo:
			r.received, r.sent = payloadBytes(value)
		}
		b = b[min(align(length), len(b)):]
	}
	return nil
}

// payloadBytes reads the byte counters of a tcp_info, as far as this kernel's has
// them. Sent counts what went out once; kernels before 4.19 tell only what was acknowledged.
func payloadBytes(info []byte) (received, sent uint64) {
	received = uint64At(info, tcpiBytesReceived)
	total, again := uint64At(info, tcpiBytesSent), uint64At(info, tcpiBytesRetrans)
	if len(info) < tcpiBytesRetrans+8 || again > total {
		return received, uint64At(info, tcpiBytesAcked)
	}
	return received, total - again
}

// uint64At is 0 where b is too short.
func uint64At(b []byte, offset int) uint64 {
	if len(b) < offset+8 {
		return 0
	}
	return binary.NativeEndian.Uint64(b[offset:])
}

func align(n int) int { return (n + netlinkAlign - 1) &^ (netlinkAlign - 1) }

// fill makes the Socket that is shown, all but its owners and the user's name. The
// name of an interface comes from zone.
func (r *diagRecord) fill(s *Socket, zone func(index uint32) string) {
	s.Protocol, s.ID, s.UID = r.protocol, r.cookie, r.user()
	s.RxBytes, s.TxBytes = r.received, r.sent
	s.Local = netip.AddrPortFrom(r.address(&r.src, zone), r.sport)
	if r.dport != 0 {
		s.Remote = netip.AddrPortFrom(r.address(&r.dst, zone), r.dport)
	}
	if r.protocol == TCP {
		s.State = linuxStates[r.state]
		if s.State == Listen {
			s.Queue, s.QueueLimit, s.Backlog = r.rqueue, r.mayWait(), r.wqueue
		}
	}
	s.DualStack = r.family == linuxINET6 && !r.v6only && r.dport == 0 && r.src == [16]byte{}
}

// mayWait is how many connections a listener's queue takes, of which rqueue and wqueue are sk_ack_backlog and
// sk_max_ack_backlog (tcp_diag_get_info in net/ipv4/tcp_diag.c): one more than the latter, which is what listen(2) asked for
// and ss shows, as the queue is full when there are more in it (sk_acceptq_is_full in include/net/sock.h).
func (r *diagRecord) mayWait() uint32 { return max(r.wqueue, r.wqueue+1) }

// address gives an IPv4 address that is mapped into IPv6 as IPv4, and a link-local one its zone.
func (r *diagRecord) address(b *[16]byte, zone func(uint32) string) netip.Addr {
	if r.family == linuxINET {
		return netip.AddrFrom4([4]byte(b[:4]))
	}
	a := netip.AddrFrom16(*b).Unmap()
	if r.device != 0 && a.Is6() && (a.IsLinkLocalUnicast() || a.IsLinkLocalMulticast() || a.IsInterfaceLocalMulticast()) {
		return a.WithZone(zone(r.device))
	}
	return a
}

// user is who made the socket, -1 when that is not known: of a connection in TIME_WAIT or in
// its handshake the kernel keeps no user and sends 0 (inet_twsk_diag_fill, inet_req_diag_fill in
// net/ipv4/inet_diag.c), older ones also of every socket that no process holds.
func (r *diagRecord) user() int {
	if r.uid == math.MaxUint32 || r.inode == 0 && r.uid == 0 {
		return -1
	}
	return int(r.uid)
}
