package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
	"portolan/internal/table"
)

func holder(pid int, name string) *process.Process {
	return &process.Process{ID: process.ID{PID: pid, Start: uint64(pid)}, Name: name, User: "alice", UID: 501,
		Started: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC), App: app.App{Name: name}}
}

func listener(id uint64, local string, p *process.Process) netstat.Socket {
	return netstat.Socket{Protocol: netstat.TCP, State: netstat.Listen, Local: netip.MustParseAddrPort(local), ID: id, UID: 501, User: "alice",
		Owners: []netstat.Owner{{Process: p, By: netstat.ByDescriptor}}}
}

func sample(names ...string) *netstat.Snapshot {
	s := &netstat.Snapshot{Taken: time.Date(2026, 11, 22, 10, 0, 0, 5e6, time.UTC)}
	for i, name := range names {
		s.Sockets = append(s.Sockets, listener(uint64(i+1), fmt.Sprintf("[fe80::1%%en0]:%d", 3000+i), holder(100+i, name)))
	}
	return s
}

func TestCSVIsReadAsItWasShown(t *testing.T) {
	names := []string{"node", `a "b", c`, "=cmd|' /C calc'!A0", "+1", "-2", "@sum", "＝1", "שלום", "new\nline", strings.Repeat("x", 10_000)}
	s := sample(names...)
	rows := table.Rows(s, table.View{})
	var out bytes.Buffer
	if err := WriteCSV(&out, table.Columns(), rows); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "\r\n"); n != len(names)+1 || strings.Count(out.String(), "\n") != n {
		t.Errorf("%d lines end in CRLF, want %d", n, len(names)+1)
	}
	lines, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(lines) != len(rows)+1 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	for i, line := range lines {
		for c, column := range table.Columns() {
			want := column.English
			if i > 0 {
				want = column.Text(&rows[i-1])
			}
			if got := strings.TrimPrefix(line[c], "'"); got != want {
				t.Errorf("line %d, %s: %q, want %q", i, column.ID, line[c], want)
			}
			if strings.IndexAny(line[c], "=+-@") == 0 {
				t.Errorf("line %d, %s: a spreadsheet runs %q", i, column.ID, line[c])
			}
		}
	}
}

func TestPlain(t *testing.T) {
	for cell, want := range map[string]string{"": "", "node": "node", "=1": "'=1", "+1": "'+1", "-1": "'-1", "@a": "'@a", "\ta": "'\ta", "＋1": "'＋1", "1-2": "1-2", "\xff": "\xff"} {
		if got := Plain(cell); got != want {
			t.Errorf("Plain(%q) = %q, want %q", cell, got, want)
		}
	}
}

// full is a disk without room after some bytes.
type full struct{ room int }

var errFull = errors.New("no space left on device")

func (f *full) Write(b []byte) (int, error) {
	if f.room -= len(b); f.room < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestWritersPassErrorsOn(t *testing.T) {
	s := sample("a", "b")
	if err := WriteCSV(&full{}, table.Columns(), table.Rows(s, table.View{})); !errors.Is(err, errFull) {
		t.Errorf("CSV: %v", err)
	}
	if err := WriteJSON(&full{}, NewList(s, nil, table.TakeCensus(s, port.Range{}, nil), "")); !errors.Is(err, errFull) {
		t.Errorf("JSON: %v", err)
	}
	if err := WriteJSON(io.Discard, func() {}); err == nil {
		t.Error("a function is no JSON")
	}
}

func TestJSONOfHostileNames(t *testing.T) {
	s := sample("no\nde\u202e\x1b[2J", strings.Repeat("y", 10_000))
	sockets := []*netstat.Socket{&s.Sockets[0], &s.Sockets[1]}
	var out bytes.Buffer
	if err := WriteJSON(&out, NewList(s, sockets, table.TakeCensus(s, port.Range{}, nil), "chart")); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); strings.ContainsAny(text, "\x1b\u202e") || strings.Count(text, "\n") != 1 {
		t.Errorf("something unseen: %q", text)
	}
	var back List
	if err := json.Unmarshal(out.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if len(back.Sockets) != 2 || back.Sockets[0].Local.Address != "fe80::1%en0" || len(back.Sockets[1].Owners[0].Name) > 1024 || !back.Taken.Equal(s.Taken) {
		t.Errorf("read back: %+v", back)
	}
}

// TestClassAndQueue: an object says what the socket is, and of a listener how many wait and may, where that is known.
func TestClassAndQueue(t *testing.T) {
	server := holder(100, "server")
	known, unknown := listener(1, "0.0.0.0:3000", server), listener(2, "0.0.0.0:3001", server)
	known.Queue, known.QueueLimit, known.Backlog = 0, 512, 511
	unknown.Queue = 7
	in, out, gone := known, known, known
	in.ID, in.State, in.Local, in.Remote = 3, netstat.Established, netip.MustParseAddrPort("10.0.0.1:3000"), netip.MustParseAddrPort("10.0.0.2:40000")
	out.ID, out.State, out.Local, out.Remote = 4, netstat.Established, netip.MustParseAddrPort("10.0.0.1:40000"), netip.MustParseAddrPort("10.0.0.2:443")
	gone.ID, gone.State, gone.Local, gone.Remote = 5, netstat.TimeWait, in.Local, netip.MustParseAddrPort("10.0.0.2:40001")
	udp := netstat.Socket{ID: 6, Protocol: netstat.UDP, Local: netip.MustParseAddrPort("0.0.0.0:5353")}
	s := &netstat.Snapshot{Sockets: []netstat.Socket{known, unknown, in, out, gone, udp}}
	for i, want := range []string{
		`"class":"listening","queue":0,"queue_limit":511,"queue_capacity":512}`, `"class":"listening","queue":null,"queue_limit":null,"queue_capacity":null}`,
		`"class":"incoming","queue":null,"queue_limit":null,"queue_capacity":null}`, `"class":"outgoing","queue":null,"queue_limit":null,"queue_capacity":null}`,
		`"class":"closing","queue":null,"queue_limit":null,"queue_capacity":null}`, `"class":"unconnected","queue":null,"queue_limit":null,"queue_capacity":null}`,
	} {
		// Alone: who waits for it is found in the snapshot all the same.
		text, err := json.Marshal(NewList(s, []*netstat.Socket{&s.Sockets[i]}, table.TakeCensus(s, port.Range{First: 32768, Last: 60999}, nil), "").Sockets[0])
		if err != nil || !strings.HasSuffix(string(text), want) {
			t.Errorf("%s, %v: want %s", text, err, want)
		}
	}
}

func BenchmarkWriteCSV(b *testing.B) {
	s := &netstat.Snapshot{Taken: time.Now()}
	p := holder(1, "node")
	for i := range 50_000 {
		s.Sockets = append(s.Sockets, listener(uint64(i+1), fmt.Sprintf("127.0.0.1:%d", 1+i), p))
	}
	rows := table.Rows(s, table.View{})
	for b.Loop() {
		if err := WriteCSV(io.Discard, table.Columns(), rows); err != nil {
			b.Fatal(err)
		}
	}
}
