package netstat

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// ownFixtures is the folder with the kernel's buffers and what they must decode to: tables at the
// top, libproc/ and scenario_*/. Tests that need to know what is in a buffer read it from here.
var ownFixtures = filepath.Join("testdata", "darwin")

// otherFixtures is another folder of the same layout, "" for none. The tests that hold every buffer
// against its JSON read it instead of ours, whatever is there.
func otherFixtures() string { return os.Getenv("PORTOLAN_FIXTURES") }

func fixtures() string { return cmp.Or(otherFixtures(), ownFixtures) }

// fixtureNames lists the fixtures that match. Ours has some of every kind; another folder may have none of one.
func fixtureNames(t testing.TB, pattern string) []string {
	t.Helper()
	if entries, err := os.ReadDir(fixtures()); err != nil || len(entries) == 0 {
		t.Fatalf("no fixtures in %s: %v", fixtures(), err)
	}
	names, err := filepath.Glob(filepath.Join(fixtures(), pattern))
	if err != nil || len(names) == 0 && otherFixtures() == "" {
		t.Fatalf("no fixtures match %s in %s: %v", pattern, fixtures(), err)
	}
	return names
}

// readFixture reads name.bin and decodes name.json into want, every field of it.
func readFixture(t testing.TB, name string, want any) []byte {
	t.Helper()
	data, err := os.ReadFile(strings.TrimSuffix(name, ".bin") + ".bin")
	if err != nil {
		t.Fatal(err)
	}
	readJSON(t, strings.TrimSuffix(name, ".bin")+".json", want)
	return data
}

// readJSON takes every field of our own fixtures; what others say more is theirs to know.
func readJSON(t testing.TB, name string, want any) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if otherFixtures() == "" {
		d.DisallowUnknownFields()
	}
	if err := d.Decode(want); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// wantTable is the JSON beside a table.
type wantTable struct {
	Fixture        string       `json:"fixture"`
	Source         string       `json:"source"`
	Layout         string       `json:"kernel_layout"`
	Description    string       `json:"description"`
	Notes          string       `json:"notes"`
	Status         string       `json:"status"`
	Header         *wantGen     `json:"header"`
	Trailer        *wantGen     `json:"trailer"`
	Missing        int          `json:"records_missing"`
	Skipped        int          `json:"skipped_groups"`
	GenerationGone bool         `json:"generation_changed"`
	Sockets        []wantSocket `json:"sockets"`
}

type wantGen struct {
	Count uint32 `json:"count"`
	Gen   uint64 `json:"gen"`
	SoGen uint64 `json:"sogen"`
}

// wantSocket is a socket of a table, or of a scenario, which adds the last fields.
type wantSocket struct {
	wantEndpoints
	PID       int32   `json:"pid"`
	EPID      int32   `json:"epid"`
	Delegated bool    `json:"delegated"`
	UID       *uint32 `json:"uid"`
	RawUID    uint32  `json:"raw_uid"`
	RxBytes   uint64  `json:"rx_bytes"`
	RxPackets uint64  `json:"rx_packets"`
	TxBytes   uint64  `json:"tx_bytes"`
	TxPackets uint64  `json:"tx_packets"`
	SoOptions uint32  `json:"so_options"`
	Flags2    uint32  `json:"inp_flags2"`
	TimeWait  bool    `json:"time_wait"`
	SoGencnt  *uint64 `json:"so_gencnt"`
	SoFlags   *uint32 `json:"so_flags"`
	Filter    *uint32 `json:"filter_flags"`
	InpID     string  `json:"inp_id"`
	Skywalk   bool    `json:"skywalk_userland"`
	NoSocket  bool    `json:"no_socket"`

	Key       string `json:"key"`
	Holders   []int  `json:"holders_visible_to_this_user"`
	InTable   bool   `json:"in_pcblist"`
	LastAlive bool   `json:"last_pid_is_live"`
}

// wantEndpoints is what the tables and the descriptors have in common.
type wantEndpoints struct {
	Proto       string  `json:"proto"`
	Version     int     `json:"ip_version"`
	V4Mapped    bool    `json:"v4mapped"`
	DualStack   bool    `json:"dual_stack"`
	LocalIP     string  `json:"local_ip"`
	LocalScope  uint16  `json:"local_scope"`
	LocalPort   uint16  `json:"local_port"`
	RemoteIP    string  `json:"remote_ip"`
	RemoteScope uint16  `json:"remote_scope"`
	RemotePort  uint16  `json:"remote_port"`
	State       *string `json:"state"`
	StateNum    *int32  `json:"state_num"`
	RcvQueue    uint32  `json:"rcv_queue"`
	SndQueue    uint32  `json:"snd_queue"`
	RcvHigh     uint32  `json:"rcv_hiwat"`
	SndHigh     uint32  `json:"snd_hiwat"`
	Qlen        uint16  `json:"qlen"`
	Incqlen     uint16  `json:"incqlen"`
	Qlimit      uint16  `json:"qlimit"`
	SoState     uint16  `json:"so_state"`
	SoError     uint16  `json:"so_error"`
	SoType      uint32  `json:"so_type"`
	SoFamily    uint32  `json:"so_family"`
	Vflag       byte    `json:"vflag"`
	Flags       uint32  `json:"inp_flags"`
	KernelPort  bool    `json:"kernel_chosen_port"`
	Gencnt      uint64  `json:"inp_gencnt"`
	SoID        string  `json:"so_id"`
}

func seenEndpoints(p Protocol, e *endpoints, q *queues, state int32) wantEndpoints {
	w := wantEndpoints{Proto: p.String(), Version: 4, DualStack: e.vflag&3 == 3,
		LocalIP: e.local.String(), LocalScope: e.localScope, LocalPort: e.localPort,
		RemoteIP: e.remote.String(), RemoteScope: e.remoteScope, RemotePort: e.remotePort,
		RcvQueue: q.rcv, SndQueue: q.snd, RcvHigh: q.rcvHigh, SndHigh: q.sndHigh,
		Qlen: q.waiting, Incqlen: q.incomplete, Qlimit: q.qlimit,
		Vflag: e.vflag, Flags: e.flags, KernelPort: e.flags&flagAnonPort != 0, Gencnt: e.gencnt}
	if e.vflag&vflagIPv6 != 0 {
		w.Version = 6
	}
	if p == TCP {
		w.StateNum = &state
		if state >= 0 && int(state) < len(tcpStates) {
			name := tcpStates[state].String()
			w.State = &name
		}
	}
	return w
}

// normal writes the addresses as we do: there is more than one way to write IPv6, above all what is mapped.
func (w wantEndpoints) normal() wantEndpoints {
	for _, text := range []*string{&w.LocalIP, &w.RemoteIP} {
		if a, err := netip.ParseAddr(*text); err == nil {
			*text = a.String()
		}
	}
	if w.StateNum != nil && (*w.StateNum < 0 || int(*w.StateNum) >= len(tcpStates)) {
		w.State = nil // a number that has no name
	}
	return w
}

func seenSocket(p Protocol, b *pcb) wantSocket {
	w := wantSocket{wantEndpoints: seenEndpoints(p, &b.endpoints, &b.queues, b.tcpState),
		PID: b.lastPID, EPID: b.effPID, Delegated: b.delegated(), RawUID: b.uid,
		RxBytes: b.rxBytes, RxPackets: b.rxPackets, TxBytes: b.txBytes, TxPackets: b.txPackets,
		SoOptions: b.soOptions, Flags2: b.flags2, TimeWait: b.flags2&flag2TimeWait != 0,
		InpID: fmt.Sprintf("%#x", b.inpID), Skywalk: b.skywalk(), NoSocket: b.noSocket()}
	w.V4Mapped, w.SoID = b.v4mapped(), fmt.Sprintf("%#x", b.soID)
	w.SoState, w.SoError, w.SoType, w.SoFamily = b.soState, b.soError, uint32(b.soType), b.soFamily
	if uid := b.owner(); uid >= 0 {
		u := uint32(uid)
		w.UID = &u
	}
	if b.long {
		w.SoGencnt, w.SoFlags, w.Filter = &b.soGencnt, &b.soFlags, &b.filterFlags
	}
	return w
}

func seenTable(p Protocol, t *pcbTable) wantTable {
	w := wantTable{Status: t.status.String(), Header: seenGen(t.header), Missing: t.missing(), Skipped: t.skipped}
	if t.trailer != nil {
		w.Trailer = seenGen(*t.trailer)
		w.GenerationGone = t.trailer.Gen != t.header.Gen
	}
	for i := range t.sockets {
		w.Sockets = append(w.Sockets, seenSocket(p, &t.sockets[i]))
	}
	return w
}

func seenGen(g xinpgen) *wantGen { return &wantGen{g.Count, g.Gen, g.SoGen} }

func protocolOf(fixture string) Protocol {
	if strings.HasPrefix(filepath.Base(fixture), "udp") {
		return UDP
	}
	return TCP
}

func TestDecodePCBListFixtures(t *testing.T) {
	for _, name := range fixtureNames(t, "[tu][cd]p_*.bin") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			var want wantTable
			data := readFixture(t, name, &want)
			table, err := decodePCBList(nil, data, protocolOf(name))
			if faulty := want.Status == "truncated" || want.Status == "corrupt"; faulty != (err != nil) {
				t.Errorf("status %s, error %v", want.Status, err)
			} else if faulty && !errors.Is(err, errFraming) {
				t.Errorf("error %v does not wrap %v", err, errFraming)
			}
			got := seenTable(protocolOf(name), &table)
			if len(data) < minXinpgen {
				got.forgetCut(&want, len(data))
			}
			compareTables(t, got, want)
		})
	}
}

// forgetCut takes from want what of the header is not whole in a buffer of size bytes.
func (got *wantTable) forgetCut(want *wantTable, size int) {
	if want.Header == nil {
		got.Header = nil
		return
	}
	if size < 8 {
		want.Header.Count, want.Missing = got.Header.Count, got.Missing
	}
	if size < 16 {
		want.Header.Gen = got.Header.Gen
	}
	want.Header.SoGen = got.Header.SoGen
}

func compareTables(t *testing.T, got, want wantTable) {
	t.Helper()
	if len(got.Sockets) != len(want.Sockets) {
		t.Fatalf("%d sockets, want %d", len(got.Sockets), len(want.Sockets))
	}
	for i := range want.Sockets {
		want.Sockets[i].wantEndpoints = want.Sockets[i].normal()
		if !reflect.DeepEqual(got.Sockets[i], want.Sockets[i]) {
			t.Errorf("socket %d:\n got %s\nwant %s", i, inJSON(got.Sockets[i]), inJSON(want.Sockets[i]))
		}
	}
	got.Sockets, want.Sockets = nil, nil
	want.Fixture, want.Source, want.Layout, want.Description, want.Notes = "", "", "", "", ""
	if !reflect.DeepEqual(got, want) {
		t.Errorf("table:\n got %s\nwant %s", inJSON(got), inJSON(want))
	}
}

func inJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// wantFD is the JSON beside a socket_fdinfo.
type wantFD struct {
	Fixture     string        `json:"fixture"`
	Source      string        `json:"source"`
	Description string        `json:"description"`
	Length      int           `json:"length"`
	Inet        bool          `json:"inet"`
	Error       string        `json:"error"`
	Socket      *wantFDSocket `json:"socket"`
}

type wantFDSocket struct {
	wantEndpoints
	Options     uint16 `json:"so_options_low16"`
	Kind        uint32 `json:"soi_kind"`
	Shared      bool   `json:"shared_fd"`
	CloseOnExec bool   `json:"close_on_exec"`
}

func TestDecodeSocketFDInfoFixtures(t *testing.T) {
	for _, name := range fixtureNames(t, filepath.Join("libproc", "sockfd_*.bin")) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			var want wantFD
			s, inet, err := decodeSocketFDInfo(readFixture(t, name, &want))
			if (err != nil) != (want.Error != "") || err != nil && !errors.Is(err, errFraming) {
				t.Errorf("error %v, want %q", err, want.Error)
			}
			if inet != (want.Socket != nil) {
				t.Fatalf("a TCP or UDP socket: %v; want %s", inet, inJSON(want.Socket))
			}
			if !inet {
				return
			}
			want.Socket.wantEndpoints = want.Socket.normal()
			got := wantFDSocket{wantEndpoints: seenEndpoints(s.protocol, &s.endpoints, &s.queues, s.tcpState),
				Options: s.soOptions, Kind: s.kind, Shared: s.shared, CloseOnExec: s.closeOnExec}
			got.V4Mapped, got.SoID = s.v4mapped(), fmt.Sprintf("%#x", s.soID)
			got.SoState, got.SoError, got.SoType, got.SoFamily = s.soState, s.soError, s.soType, s.soFamily
			if !reflect.DeepEqual(&got, want.Socket) {
				t.Errorf("\n got %s\nwant %s", inJSON(got), inJSON(want.Socket))
			}
		})
	}
}

func TestDecodeListFixtures(t *testing.T) {
	type fd struct {
		FD   int32 `json:"fd"`
		Type int32 `json:"type"`
	}
	var want struct {
		Fixture, Source, Description string
		Length                       int
		FDs                          []fd
		Sockets                      []int32 `json:"socket_fds"`
		PIDs                         []int32
	}
	for _, name := range fixtureNames(t, filepath.Join("libproc", "list*.bin")) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			want.Sockets, want.PIDs = []int32{}, []int32{}
			data := readFixture(t, name, &want)
			got, expected := decodeListFDs([]int32{}, data), want.Sockets
			if strings.HasPrefix(filepath.Base(name), "listpids") {
				got, expected = decodeListPIDs([]int32{}, data), want.PIDs
			}
			if !reflect.DeepEqual(got, expected) {
				t.Errorf("got %v, want %v", got, expected)
			}
		})
	}
}

// v4mapped: IPv4 traffic on an IPv6 socket.
func (p *pcb) v4mapped() bool { return p.soFamily == familyINET6 && p.vflag&vflagIPv6 == 0 }

func (s *fdSocket) v4mapped() bool { return s.soFamily == familyINET6 && s.vflag&vflagIPv6 == 0 }
