package netstat

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"syscall"
	"testing"
)

func addFixtures(f *testing.F, pattern string) {
	f.Helper()
	for _, name := range fixtureNames(f, pattern) {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

// FuzzDecodePCBList: no bytes make it panic or run on; an error comes with the two
// statuses that stand for one; a walk that ends well is not changed by another one.
func FuzzDecodePCBList(f *testing.F) {
	addFixtures(f, "[tu][cd]p_*.bin")
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, p := range []Protocol{TCP, UDP} {
			table, err := decodePCBList(nil, data, p)
			if faulty := table.status == tableTruncated || table.status == tableCorrupt; faulty != (err != nil) {
				t.Fatalf("status %v, error %v", table.status, err)
			}
			if len(table.sockets)+table.skipped > len(data)/8 {
				t.Fatalf("%d sockets and %d skipped from %d bytes", len(table.sockets), table.skipped, len(data))
			}
			for i := range table.sockets {
				if b := &table.sockets[i]; !b.local.IsValid() || !b.remote.IsValid() {
					t.Fatalf("socket %d has no address", i)
				}
			}
			if again, _ := decodePCBList(nil, data, p); !reflect.DeepEqual(table, again) {
				t.Fatal("decodes differently the second time")
			}
		}
	})
}

func FuzzDecodeSocketFDInfo(f *testing.F) {
	addFixtures(f, filepath.Join("libproc", "sockfd_*.bin"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, inet, err := decodeSocketFDInfo(data)
		if (err != nil) != (len(data) != sizeSockFDInfo) {
			t.Fatalf("%d bytes, error %v", len(data), err)
		}
		if inet && (s.protocol != TCP && s.protocol != UDP || !s.local.IsValid() || !s.remote.IsValid()) {
			t.Fatalf("usable, but %+v", s)
		}
	})
}

func FuzzDecodeLists(f *testing.F) {
	addFixtures(f, filepath.Join("libproc", "list*.bin"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if n := len(decodeListFDs(nil, data)); n > len(data)/sizeFDInfo {
			t.Fatalf("%d descriptors from %d bytes", n, len(data))
		}
		for _, pid := range decodeListPIDs(nil, data) {
			if pid <= 0 {
				t.Fatalf("pid %d", pid)
			}
		}
	})
}

// bigTable makes a table of n sockets out of one that is known.
func bigTable(tb testing.TB, n int) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(ownFixtures, "tcp_single.bin"))
	if err != nil {
		tb.Fatal(err)
	}
	header, one := data[:24], data[24:len(data)-24]
	header = bytes.Clone(header)
	binary.LittleEndian.PutUint32(header[4:], uint32(n))
	table := bytes.Clone(header)
	for i := range n {
		at := len(table)
		table = append(table, one...)
		binary.BigEndian.PutUint16(table[at+18:], uint16(i%65535+1))
		binary.LittleEndian.PutUint64(table[at+104+8:], uint64(i+1))
	}
	return append(table, header...)
}

// BenchmarkDecodePCBList decodes a TCP table of 10,000 sockets. To hold: under 5 ms and 100 allocations.
func BenchmarkDecodePCBList(b *testing.B) {
	data := bigTable(b, 10_000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if t, err := decodePCBList(nil, data, TCP); err != nil || len(t.sockets) != 10_000 {
			b.Fatalf("%d sockets, %v", len(t.sockets), err)
		}
	}
}

// TestDecodePCBListAllocations holds the half of the benchmark's promise that does not depend on the machine.
func TestDecodePCBListAllocations(t *testing.T) {
	data := bigTable(t, 10_000)
	if n := testing.AllocsPerRun(3, func() {
		if _, err := decodePCBList(nil, data, TCP); err != nil {
			t.Error(err)
		}
	}); n >= 100 {
		t.Errorf("%v allocations, want fewer than 100", n)
	}
}

// TestDecodePCBListOddRecords: what kernels of other days might send.
func TestDecodePCBListOddRecords(t *testing.T) {
	good := bigTable(t, 3)
	group := (len(good) - 48) / 3
	unknown := func(table []byte, at int) []byte { // a record of kind 0x4000 between two others
		record := make([]byte, 32)
		binary.LittleEndian.PutUint32(record, 32)
		binary.LittleEndian.PutUint32(record[4:], 0x4000)
		return append(append(bytes.Clone(table[:at]), record...), table[at:]...)
	}
	reversed := bytes.Clone(good[:24]) // in each group the records after the first come the other way round
	for g := range 3 {
		var records [][]byte
		for rest := good[24+g*group : 24+(g+1)*group]; len(rest) > 0; {
			n := roundUp8(int(binary.LittleEndian.Uint32(rest)))
			records, rest = append(records, rest[:n]), rest[n:]
		}
		reversed = append(reversed, records[0]...)
		for i := len(records) - 1; i > 0; i-- {
			reversed = append(reversed, records[i]...)
		}
	}
	reversed = append(reversed, good[len(good)-24:]...)
	want, err := decodePCBList(nil, good, TCP)
	if err != nil || len(want.sockets) != 3 {
		t.Fatalf("%d sockets, %v", len(want.sockets), err)
	}
	tests := []struct {
		name    string
		data    []byte
		unknown int
	}{
		{"unknown kind before the first group", unknown(good, 24), 1},
		{"unknown kind in a group", unknown(good, 24+104), 1},
		{"unknown kind before the trailer", unknown(good, len(good)-24), 1},
		{"another order", reversed, 0},
	}
	for _, test := range tests {
		got, err := decodePCBList(nil, test.data, TCP)
		if err != nil || got.status != tableOK || got.unknown != test.unknown || !reflect.DeepEqual(got.sockets, want.sockets) {
			t.Errorf("%s: %d sockets, status %v, %d unknown, %v", test.name, len(got.sockets), got.status, got.unknown, err)
		}
	}
	short := bytes.Clone(good) // the second group's inpcb is too short: the third must not lend it its own
	binary.LittleEndian.PutUint32(short[24+group:], 72)
	if got, _ := decodePCBList(nil, short, TCP); len(got.sockets) > 2 {
		t.Errorf("short inpcb: %d sockets", len(got.sockets))
	}
}

// growing is a table that is larger than the kernel said, for a number of reads.
type growing struct {
	xnu
	data  []byte
	small int   // reads that fail
	err   error // instead of ENOMEM
	rooms []int
}

func (g *growing) sysctl(_ string, room []byte) (int, error) {
	if len(room) == 0 {
		return 100, nil
	}
	g.rooms = append(g.rooms, len(room))
	if len(g.rooms) <= g.small {
		if g.err != nil {
			return 0, g.err
		}
		return copy(room, g.data[:50]), syscall.ENOMEM
	}
	return copy(room, g.data), nil
}

func TestReadTableGrows(t *testing.T) {
	g := &growing{data: make([]byte, 90), small: 2}
	data, err := readTable(g, "x", nil)
	if err != nil || len(data) != 90 || !reflect.DeepEqual(g.rooms, []int{100, 150, 225}) {
		t.Errorf("%d bytes, %v, rooms %v", len(data), err, g.rooms)
	}
	g = &growing{data: make([]byte, 90), small: tableTries}
	if data, err = readTable(g, "x", nil); !errors.Is(err, syscall.ENOMEM) || len(data) != 50 || len(g.rooms) != tableTries {
		t.Errorf("%d bytes, %v, rooms %v; want what was written, and ENOMEM", len(data), err, g.rooms)
	}
	g = &growing{data: make([]byte, 90), small: 1, err: syscall.EPERM}
	if _, err = readTable(g, "x", nil); !errors.Is(err, syscall.EPERM) || len(g.rooms) != 1 {
		t.Errorf("%v after %d reads; want EPERM at once", err, len(g.rooms))
	}
	g = &growing{data: make([]byte, 90)}
	room := make([]byte, 0, 300)
	if data, err = readTable(g, "x", room); err != nil || &data[:1][0] != &room[:1][0] {
		t.Errorf("room was not used again: %v", err)
	}
}
