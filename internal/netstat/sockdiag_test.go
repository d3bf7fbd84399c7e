package netstat

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	testSeq  = 1
	testPort = 4711
)

// nlmsg frames a payload as one netlink message.
func nlmsg(kind, flags uint16, seq, port uint32, payload []byte) []byte {
	b := binary.NativeEndian.AppendUint32(nil, uint32(nlmsghdrSize+len(payload)))
	b = binary.NativeEndian.AppendUint16(b, kind)
	b = binary.NativeEndian.AppendUint16(b, flags)
	b = binary.NativeEndian.AppendUint32(b, seq)
	b = binary.NativeEndian.AppendUint32(b, port)
	b = append(b, payload...)
	return append(b, make([]byte, align(len(b))-len(b))...)
}

// setPortID writes the port id into every message of b.
func setPortID(b []byte, port uint32) {
	for len(b) >= nlmsghdrSize {
		binary.NativeEndian.PutUint32(b[12:], port)
		b = b[min(len(b), align(int(binary.NativeEndian.Uint32(b)))):]
	}
}

// inetMsg is an inet_diag_msg of a listener at 127.0.0.1:8080 with these attributes behind it.
func inetMsg(attributes ...[]byte) []byte {
	b := make([]byte, inetMsgSize)
	b[0], b[1] = linuxINET, 10
	binary.BigEndian.PutUint16(b[4:], 8080)
	copy(b[8:], []byte{127, 0, 0, 1})
	binary.NativeEndian.PutUint32(b[44:], 0x11)      // cookie, low
	binary.NativeEndian.PutUint32(b[48:], 0x22)      // cookie, high
	binary.NativeEndian.PutUint32(b[64:], 1000)      // uid
	binary.NativeEndian.PutUint32(b[68:], 123456789) // inode
	return append(b, bytes.Join(attributes, nil)...)
}

func nlattr(kind uint16, value []byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(nlattrSize+len(value)))
	b = binary.NativeEndian.AppendUint16(b, kind)
	b = append(b, value...)
	return append(b, make([]byte, align(len(b))-len(b))...)
}

func record(attributes ...[]byte) []byte {
	return nlmsg(sockDiagByFamily, 2, testSeq, testPort, inetMsg(attributes...))
}

func done(flags uint16, errno int32) []byte {
	return nlmsg(nlmsgDone, flags, testSeq, testPort, binary.NativeEndian.AppendUint32(nil, uint32(errno)))
}

// with gives a copy of b with f done to it.
func with(b []byte, f func(b []byte)) []byte {
	b = bytes.Clone(b)
	f(b)
	return b
}

func newDump() *diagDump {
	return &diagDump{family: linuxINET, protocol: TCP, seq: testSeq, portID: testPort}
}

func TestDiagRequest(t *testing.T) {
	want := slices.Concat(
		[]byte{72, 0, 0, 0, 20, 0, 0x01, 0x03, 9, 0, 0, 0, 0, 0, 0, 0}, // struct nlmsghdr
		[]byte{10, 6, 2, 0, 0xff, 0x3f, 0, 0},                          // family, protocol, ext, pad, states
		[]byte{0x0b, 0xb8}, make([]byte, 46),                           // struct inet_diag_sockid: port 3000, else any
	)
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Fatal("the expected bytes are those of a little-endian machine")
	}
	if got := appendDiagRequest(nil, table{family: linuxINET6, protocol: TCP, port: 3000, counters: true}, 9); !bytes.Equal(got, want) {
		t.Errorf("request\n got %x\nwant %x", got, want)
	}
	both := slices.Concat(
		[]byte{76, 0, 0, 0, 18, 0, 0x01, 0x03, 9, 0, 0, 0, 0, 0, 0, 0}, // struct nlmsghdr
		[]byte{0, 0, 0, 0}, make([]byte, 48), // nothing is asked for but the states
		[]byte{0xff, 0x3f, 0, 0, 0, 0, 0, 0},
	)
	if got := appendDiagRequest(nil, bothTCP, 9); !bytes.Equal(got, both) {
		t.Errorf("request for both families\n got %x\nwant %x", got, both)
	}
}

// TestDatagramOfBoth: the answer to a request for both families has both, under the request's type.
func TestDatagramOfBoth(t *testing.T) {
	six := with(inetMsg(), func(b []byte) { b[0] = linuxINET6 })
	other := with(inetMsg(), func(b []byte) { b[0] = 1 })
	message := func(b []byte) []byte { return nlmsg(tcpDiagGetSock, 2, testSeq, testPort, b) }
	d := newDump()
	d.family = 0
	err := d.datagram(slices.Concat(message(inetMsg()), message(six), message(other), done(2, 0)))
	if err != nil || !d.done || d.skipped != 1 || len(d.records) != 2 ||
		d.records[0].family != linuxINET || d.records[1].family != linuxINET6 {
		t.Errorf("records %+v, skipped %d, %v", d.records, d.skipped, err)
	}
}

func TestDatagram(t *testing.T) {
	info := make([]byte, 232)
	binary.NativeEndian.PutUint64(info[tcpiBytesAcked:], 301)
	binary.NativeEndian.PutUint64(info[tcpiBytesReceived:], 700)
	binary.NativeEndian.PutUint64(info[tcpiBytesSent:], 350)
	binary.NativeEndian.PutUint64(info[tcpiBytesRetrans:], 50)
	plain := diagRecord{protocol: TCP, family: linuxINET, state: 10, src: [16]byte{127, 0, 0, 1}, sport: 8080,
		cookie: 0x22_00000011, uid: 1000, inode: 123456789}
	queued := func(state uint8) []byte {
		return with(record(), func(b []byte) {
			b[17] = state
			binary.NativeEndian.PutUint32(b[72:], 3)
			binary.NativeEndian.PutUint32(b[76:], 128)
		})
	}
	only, counted, acked, waiting, established := plain, plain, plain, plain, plain
	waiting.rqueue, waiting.wqueue = 3, 128
	established.state = 1
	only.v6only = true
	counted.received, counted.sent = 700, 300
	acked.received, acked.sent = 700, 301

	for _, c := range []struct {
		name     string
		datagram []byte
		records  []diagRecord
		skipped  int
		intr     bool
	}{
		{"one socket", record(), []diagRecord{plain}, 0, false},
		{"two and the end", slices.Concat(record(), record(), done(2, 0)), []diagRecord{plain, plain}, 0, false},
		{"V6ONLY", record(nlattr(inetDiagSKV6Only, []byte{1})), []diagRecord{only}, 0, false},
		{"V6ONLY with flags in the type", record(nlattr(inetDiagSKV6Only|nlattrFlags, []byte{1})), []diagRecord{only}, 0, false},
		{"counters", record(nlattr(inetDiagInfo, info)), []diagRecord{counted}, 0, false},
		{"counters of Linux 4.1", record(nlattr(inetDiagInfo, info[:136])), []diagRecord{acked}, 0, false},
		{"counters of Linux 4.0", record(nlattr(inetDiagInfo, info[:104])), []diagRecord{plain}, 0, false},
		{"an unknown attribute", record(nlattr(99, []byte{1, 2, 3}), nlattr(inetDiagSKV6Only, []byte{1})), []diagRecord{only}, 0, false},
		{"last attribute without padding", nlmsg(sockDiagByFamily, 2, testSeq, testPort,
			inetMsg(nlattr(inetDiagSKV6Only, []byte{1}))[:inetMsgSize+5]), []diagRecord{only}, 0, false},
		{"connections wait", queued(10), []diagRecord{waiting}, 0, false},
		{"bytes wait", queued(1), []diagRecord{established}, 0, false},
		{"NOOP", slices.Concat(nlmsg(nlmsgNoop, 0, testSeq, testPort, nil), record()), []diagRecord{plain}, 0, false},
		{"an unknown message", slices.Concat(nlmsg(77, 0, testSeq, testPort, []byte{1}), record()), []diagRecord{plain}, 1, false},
		{"an unknown state", with(record(), func(b []byte) { b[17] = 14 }), nil, 1, false},
		{"state 0", with(record(), func(b []byte) { b[17] = 0 }), nil, 1, false},
		{"another family", with(record(), func(b []byte) { b[16] = linuxINET6 }), nil, 1, false},
		{"no cookie", with(record(), func(b []byte) { clear(b[60:68]) }), nil, 1, false},
		{"interrupted, said by a socket", nlmsg(sockDiagByFamily, nlmFDumpIntr, testSeq, testPort, inetMsg()), []diagRecord{plain}, 0, true},
		{"interrupted, said at the end", done(nlmFDumpIntr, 0), nil, 0, true},
	} {
		d := newDump()
		if err := d.datagram(c.datagram); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if !slices.Equal(d.records, c.records) || d.skipped != c.skipped || d.interrupted != c.intr {
			t.Errorf("%s: got %+v, skipped %d, interrupted %v", c.name, d.records, d.skipped, d.interrupted)
		}
	}
}

// TestDatagramFaults: broken framing fails the dump, and says where.
func TestDatagramFaults(t *testing.T) {
	failed := func(errno int32) []byte {
		return nlmsg(nlmsgError, 0, testSeq, testPort, append(binary.NativeEndian.AppendUint32(nil, uint32(errno)), make([]byte, nlmsghdrSize)...))
	}
	length := func(n uint32) []byte {
		return with(record(), func(b []byte) { binary.NativeEndian.PutUint32(b, n) })
	}
	attribute := func(n uint16) []byte {
		return with(record(nlattr(5, []byte{1, 2, 3, 4})), func(b []byte) { binary.NativeEndian.PutUint16(b[88:], n) })
	}
	for _, c := range []struct {
		name     string
		datagram []byte
		want     string
		errno    error
	}{
		{"empty", nil, "it is empty", nil},
		{"less than a header", record()[:15], "15 bytes left", nil},
		{"length 0", length(0), "message length 0", nil},
		{"length less than a header", length(15), "message length 15", nil},
		{"length beyond the end", length(89), "message length 89 of 88", nil},
		{"length of all ones", length(1<<32 - 1), "message length 4294967295", nil},
		{"length not aligned", nlmsg(sockDiagByFamily, 2, testSeq, testPort,
			inetMsg(nlattr(inetDiagSKV6Only, []byte{1}))[:inetMsgSize+5])[:94], "length 93 is not aligned and 94 bytes are left", nil},
		{"another sequence", nlmsg(sockDiagByFamily, 2, testSeq+1, testPort, inetMsg()), "sequence number 2, asked with 1", nil},
		{"another port id", nlmsg(sockDiagByFamily, 2, testSeq, testPort+1, inetMsg()), "port id 4712, ours is 4711", nil},
		{"message cut off", nlmsg(sockDiagByFamily, 2, testSeq, testPort, inetMsg()[:71]), "inet_diag_msg of 71 bytes", nil},
		{"the second message cut off", slices.Concat(record(), record()[:40]), "at offset 88: message length 88 of 40", nil},
		{"attribute cut off", nlmsg(sockDiagByFamily, 2, testSeq, testPort, append(inetMsg(), 1, 2)), "attribute cut off after 2 bytes", nil},
		{"attribute length 0", attribute(0), "attribute 5 has length 0", nil},
		{"attribute length 3", attribute(3), "attribute 5 has length 3", nil},
		{"attribute beyond the end", attribute(9), "attribute 5 has length 9 of 8", nil},
		{"V6ONLY without its byte", record(nlattr(inetDiagSKV6Only, nil)), "INET_DIAG_SKV6ONLY is empty", nil},
		{"refused", failed(-2), "no such socket table", linuxENOENT},
		{"not permitted", failed(-1), "not permitted", linuxEPERM},
		{"an acknowledgement", failed(0), "not asked for", nil},
		{"a positive error", failed(2), "error number 2 is not negative", nil},
		{"the least error", failed(-1 << 31), "is not negative", nil},
		{"error cut off", nlmsg(nlmsgError, 0, testSeq, testPort, make([]byte, 19)), "19 bytes where the error number is", nil},
		{"end with an error", done(2, -22), "does not understand", linuxEINVAL},
		{"end cut off", nlmsg(nlmsgDone, 2, testSeq, testPort, []byte{0, 0, 0}), "3 bytes where the error number is", nil},
		{"data after the end", slices.Concat(done(2, 0), record()), "offset 20: 88 bytes after the end", nil},
		{"overrun", nlmsg(nlmsgOverrun, 0, testSeq, testPort, nil), "NLMSG_OVERRUN", nil},
	} {
		err := newDump().datagram(c.datagram)
		if err == nil || !strings.Contains(err.Error(), c.want) || c.errno != nil && !errors.Is(err, c.errno) {
			t.Errorf("%s: got error %v, want one with %q", c.name, err, c.want)
		}
	}
}

// TestDatagramCut cuts a good datagram at every byte: between two messages it is good, everywhere else an error.
func TestDatagramCut(t *testing.T) {
	whole := slices.Concat(record(nlattr(inetDiagSKV6Only, []byte{0})), record(), done(2, 0))
	for n := 1; n < len(whole); n++ {
		err := newDump().datagram(whole[:n])
		if good := n == 96 || n == 96+88; good != (err == nil) {
			t.Errorf("cut after %d bytes: %v", n, err)
		}
	}
}

func captured(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// TestCaptured decodes what a kernel (6.18) really sent; see TestCapture.
func TestCaptured(t *testing.T) {
	var got []string
	for _, want := range everyTable {
		family := map[uint8]string{linuxINET: "4", linuxINET6: "6"}[want.family]
		d := &diagDump{family: want.family, protocol: want.protocol, seq: testSeq, portID: testPort}
		if err := d.datagram(captured(t, "sockdiag-"+want.protocol.String()+family+".bin")); err != nil {
			t.Fatalf("%s: %v", want, err)
		}
		if !d.done || d.interrupted || d.skipped != 0 {
			t.Errorf("%s: done %v, interrupted %v, skipped %d", want, d.done, d.interrupted, d.skipped)
		}
		for i := range d.records {
			var s Socket
			d.records[i].fill(&s, func(uint32) string { return "lo" })
			got = append(got, fmt.Sprintf("%s %s %s %s dual=%v uid=%d rx=%d tx=%d kernel=%v",
				s.Protocol, s.Local, s.Remote, s.State, s.DualStack, s.UID, s.RxBytes, s.TxBytes, d.records[i].inode == 0))
		}
	}
	slices.Sort(got)
	want := []string{
		"tcp 127.0.0.1:5000 127.0.0.1:5003 ESTABLISHED dual=false uid=0 rx=1000 tx=0 kernel=false",
		"tcp 127.0.0.1:5000 invalid AddrPort LISTEN dual=false uid=0 rx=0 tx=0 kernel=false",
		"tcp 127.0.0.1:5001 127.0.0.1:5004 ESTABLISHED dual=false uid=-1 rx=0 tx=0 kernel=true",
		"tcp 127.0.0.1:5003 127.0.0.1:5000 ESTABLISHED dual=false uid=0 rx=0 tx=1000 kernel=false",
		"tcp 127.0.0.1:5004 127.0.0.1:5001 ESTABLISHED dual=false uid=0 rx=0 tx=0 kernel=false",
		"tcp 127.0.0.1:5005 127.0.0.1:5000 TIME_WAIT dual=false uid=-1 rx=0 tx=0 kernel=true",
		"tcp 127.0.0.1:5006 invalid AddrPort CLOSED dual=false uid=0 rx=0 tx=0 kernel=false",
		"tcp [::1]:5002 invalid AddrPort LISTEN dual=false uid=0 rx=0 tx=0 kernel=false",
		"tcp [::]:5001 invalid AddrPort LISTEN dual=true uid=0 rx=0 tx=0 kernel=false",
		"udp 0.0.0.0:5007 invalid AddrPort  dual=false uid=0 rx=0 tx=0 kernel=false",
		"udp [::]:5008 invalid AddrPort  dual=true uid=0 rx=0 tx=0 kernel=false",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestFillKeepsTheZone(t *testing.T) {
	r := diagRecord{protocol: TCP, family: linuxINET6, state: 10, device: 3, sport: 22, cookie: 1, uid: 1<<32 - 1}
	r.src = netip.MustParseAddr("fe80::1").As16()
	zone := func(index uint32) string { return fmt.Sprintf("eth%d", index) }
	var s Socket
	r.fill(&s, zone)
	if want := netip.MustParseAddrPort("[fe80::1%eth3]:22"); s.Local != want || s.UID != -1 || s.DualStack {
		t.Errorf("got %v, uid %d, dual-stack %v", s.Local, s.UID, s.DualStack)
	}
	r.src = netip.MustParseAddr("2001:db8::1").As16() // bound to a device, but not link-local
	if r.fill(&s, zone); s.Local.Addr().Zone() != "" {
		t.Errorf("got %v", s.Local)
	}
}

func FuzzDatagram(f *testing.F) {
	for _, name := range []string{"tcp4", "tcp6", "udp4", "udp6"} {
		f.Add(captured(f, "sockdiag-"+name+".bin"))
	}
	f.Add(slices.Concat(record(nlattr(inetDiagSKV6Only, []byte{1})), done(nlmFDumpIntr, -2)))
	f.Fuzz(func(t *testing.T, b []byte) {
		d := newDump()
		err := d.datagram(b)
		if len(d.records)+d.skipped > len(b)/nlmsghdrSize {
			t.Errorf("%d bytes made %d records and %d skipped", len(b), len(d.records), d.skipped)
		}
		if err == nil && len(b) == 0 {
			t.Error("nothing at all was decoded")
		}
		for i := range d.records {
			var s Socket
			d.records[i].fill(&s, func(uint32) string { return "lo" })
			if s.ID == 0 || !s.Local.IsValid() || s.State == 0 {
				t.Errorf("made %+v", s)
			}
		}
	})
}

// TestRenew: of the doubtful records one is as it was, one was let go of, and one is gone; the others stay.
// TestMayWait: one more than listen(2) asked for, and a number of 32 bits in any case.
func TestMayWait(t *testing.T) {
	for asked, want := range map[uint32]uint32{0: 1, 4: 5, 4096: 4097, math.MaxUint32: math.MaxUint32} {
		r := diagRecord{protocol: TCP, family: linuxINET, state: 10, rqueue: 3, wqueue: asked}
		var s Socket
		if r.fill(&s, nil); s.State != Listen || s.Queue != 3 || s.QueueLimit != want || s.Backlog != asked {
			t.Errorf("%d: %d of %d, asked for %d", asked, s.Queue, s.QueueLimit, s.Backlog)
		}
		r.state = 1
		if s = (Socket{}); s.QueueLimit != 0 {
			t.Errorf("a connection has a queue for %d", s.QueueLimit)
		}
	}
}

func TestRenew(t *testing.T) {
	record := func(cookie uint64, inode uint32, state uint8, port uint16) diagRecord {
		return diagRecord{cookie: cookie, inode: inode, state: state, sport: port}
	}
	records := []diagRecord{record(1, 11, 10, 80), record(2, 12, 1, 80), record(3, 13, 10, 80), record(4, 14, 10, 81)}
	doubtful := func(r *diagRecord) bool { return r.cookie != 4 }
	want := table{family: linuxINET, protocol: TCP}
	if !want.narrow(records, doubtful) || want.port != 80 {
		t.Errorf("asks for port %d", want.port)
	}
	if want.states != 0 {
		t.Errorf("asks for the states %x, and not all are listeners", want.states)
	}
	if listeners := want; !listeners.narrow(records, func(r *diagRecord) bool { return r.state == tcpListen }) || listeners.states != 1<<tcpListen {
		t.Errorf("asks for the states %x, and all are listeners", listeners.states)
	}
	if want.narrow(records, func(*diagRecord) bool { return false }) {
		t.Error("asks for nothing")
	}
	if all := want; !all.narrow(records, func(*diagRecord) bool { return true }) || all.port != 0 {
		t.Errorf("asks for port %d, and two are doubtful", all.port)
	}
	now := []diagRecord{record(9, 0, 6, 80), record(2, 0, 4, 80), record(1, 11, 10, 80)}
	kept, gone := renew(records, doubtful, now)
	if left := []diagRecord{record(1, 11, 10, 80), record(2, 0, 4, 80), record(4, 14, 10, 81)}; !slices.Equal(kept, left) {
		t.Errorf("kept %v", kept)
	}
	if !slices.Equal(gone, []uint32{12, 13}) {
		t.Errorf("gone %v", gone)
	}
}
