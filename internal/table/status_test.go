package table

import (
	"slices"
	"testing"

	"portolan/internal/netstat"
	"portolan/internal/process"
)

func TestStatus(t *testing.T) {
	for want, c := range map[string]struct {
		sockets int
		hidden  netstat.Hidden
	}{
		"0 sockets":   {0, netstat.Hidden{}},
		"1 socket":    {1, netstat.Hidden{}},
		"312 sockets": {312, netstat.Hidden{}},
		"312 sockets, 3 owners hidden (run as administrator to see them)": {312, netstat.Hidden{Owners: 3}},
		"2 sockets, 1 owner hidden (because of this; do that)":            {2, netstat.Hidden{Owners: 1, Reason: "because of this; do that."}},
		"2 sockets, 1 more socket not shown by the system (macOS 27)":     {2, netstat.Hidden{Sockets: 1, Reason: "macOS 27"}},
		"2 sockets, 5 records not understood":                             {2, netstat.Hidden{Skipped: 5}},
		`2 sockets, 1 process not readable (a\x1bb)`:                      {2, netstat.Hidden{Processes: 1, Reason: "a\x1bb"}},
		"9 sockets, 2 owners hidden, 3 more sockets not shown by the system, 4 processes not readable, 1 record not understood (why)": {
			9, netstat.Hidden{Owners: 2, Sockets: 3, Processes: 4, Skipped: 1, Reason: "why"},
		},
	} {
		s := &netstat.Snapshot{Sockets: make([]netstat.Socket, c.sockets), Hidden: c.hidden}
		if got := Status(s); got != want {
			t.Errorf("Status(%d, %+v) = %q, want %q", c.sockets, c.hidden, got, want)
		}
	}
	if got := Status(nil); got != "reading the sockets …" {
		t.Errorf("Status(nil) = %q", got)
	}
}

func TestPortsOf(t *testing.T) {
	s := sample()
	s.Sockets = append(s.Sockets,
		netstat.Socket{ID: 9, Protocol: netstat.UDP, Local: addrPort("127.0.0.1:9"), Owners: []netstat.Owner{{Process: someone(501, "node", "node", "alice"), By: netstat.ByLastUse}}},
		netstat.Socket{ID: 10, Protocol: netstat.TCP, Local: addrPort("[::1]:10"), State: netstat.Listen, Owners: held(someone(812, "postgres", "", ""), someone(1, "a", "", ""), someone(2, "b", "", ""))},
		netstat.Socket{ID: 11, Protocol: netstat.TCP, Local: addrPort("[::1]:11"), State: netstat.Listen, Owners: []netstat.Owner{
			{Process: someone(1, "launchd", "", ""), By: netstat.ByLaunchd}, {Process: someone(700, "sshd", "", ""), By: netstat.ByDescriptor}, {Process: someone(701, "x", "", ""), By: netstat.ByLastUse}}},
	)
	for pid, want := range map[int][]string{
		501: {"tcp *:3000 (stays open: another process holds it too)", "udp 127.0.0.1:9 (last used by it)", "tcp 127.0.0.1:40000 to 127.0.0.1:5432"},
		812: {"tcp 127.0.0.1:5432", "tcp [::1]:10 (stays open: 2 other processes hold it too)", "tcp 127.0.0.1:5432 to 127.0.0.1:40000"},
		90:  {"udp [fe80::1%en0]:5353", "tcp 192.168.1.5:50000 to 93.184.216.34:443"},
		700: {"tcp [::1]:11 (stays open: another process holds it too)"}, // launchd
		1:   {"tcp [::1]:10 (stays open: 2 other processes hold it too)"},
		99:  nil,
	} {
		var got []string
		for _, h := range PortsOf(s, process.ID{PID: pid, Start: uint64(pid) * 10}) {
			got = append(got, h.String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("PortsOf(%d) = %q, want %q", pid, got, want)
		}
	}
	if got := PortsOf(s, process.ID{PID: 501, Start: 1}); got != nil {
		t.Errorf("PortsOf another process of the same PID = %v", got)
	}
	if got := PortsOf(nil, process.ID{PID: 501}); got != nil {
		t.Errorf("PortsOf in no snapshot = %v", got)
	}
}
