package netstat

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

const tcpTable = "sysctl net.inet.tcp.pcblist_n"

// ReadScenario reads the sockets of one of the fake Macs in testdata/darwin, for the tests outside the package.
func ReadScenario(t *testing.T, name string) *Snapshot {
	t.Helper()
	return openScenario(t, filepath.Join(ownFixtures, name)).snapshot()
}

// ReadTable is ReadScenario with another table of TCP in testdata/darwin than the Mac's own.
func ReadTable(t *testing.T, name, table string) *Snapshot {
	t.Helper()
	m := openScenario(t, filepath.Join(ownFixtures, name))
	bytes, err := os.ReadFile(filepath.Join(ownFixtures, table+".bin"))
	if err != nil {
		t.Fatal(err)
	}
	m.swap[tcpTable] = bytes
	return m.snapshot()
}

// ReadGrown is ReadScenario after every socket of TCP has received and sent so many bytes more, which may be less: the
// kernel's counters are changed in its table.
func ReadGrown(t *testing.T, name string, received, sent int64) *Snapshot {
	t.Helper()
	m := openScenario(t, filepath.Join(ownFixtures, name))
	bytes, err := m.answer(tcpTable)
	if err != nil {
		t.Fatal(err)
	}
	grown := 0
	eachRecord(bytes, func(record []byte, kind uint32) {
		if kind != kindStats {
			return
		}
		for offset, more := range map[int]int64{16: received, 32: sent} {
			counter := binary.LittleEndian.Uint64(record[offset:])
			binary.LittleEndian.PutUint64(record[offset:], counter+uint64(more))
		}
		grown++
	})
	if grown == 0 {
		t.Fatal("the table has no counters")
	}
	m.swap[tcpTable] = bytes
	return m.snapshot()
}

// ReadQueued is ReadScenario with so many connections in the queue of the listener on a port, and another limit of it: so_qlen
// and so_qlimit are changed in the kernel's table.
func ReadQueued(t *testing.T, name string, port, waiting, limit uint16) *Snapshot {
	t.Helper()
	m := openScenario(t, filepath.Join(ownFixtures, name))
	bytes, err := m.answer(tcpTable)
	if err != nil {
		t.Fatal(err)
	}
	here, queued := false, 0
	eachRecord(bytes, func(record []byte, kind uint32) {
		switch {
		case kind == kindInpcb:
			here = binary.BigEndian.Uint16(record[18:]) == port
		case kind == kindSocket && here && binary.LittleEndian.Uint16(record[48:]) > 0:
			binary.LittleEndian.PutUint16(record[44:], waiting)
			binary.LittleEndian.PutUint16(record[48:], limit)
			queued++
		}
	})
	if queued == 0 {
		t.Fatalf("nobody listens on port %d", port)
	}
	m.swap[tcpTable] = bytes
	return m.snapshot()
}

// eachRecord goes through the records of a table of the kernel's.
func eachRecord(table []byte, do func(record []byte, kind uint32)) {
	for at := minXinpgen; at+8 <= len(table); {
		record := table[at:]
		length, kind := int(binary.LittleEndian.Uint32(record)), binary.LittleEndian.Uint32(record[4:])
		if length < 8 || length == minXinpgen && at+length == len(table) {
			return
		}
		do(record, kind)
		at += roundUp8(length)
	}
}

func (m *fakeMac) snapshot() *Snapshot {
	m.t.Helper()
	s, err := newScanner(m, m).read(m.t.Context())
	if err != nil {
		m.t.Fatal(err)
	}
	return s
}
