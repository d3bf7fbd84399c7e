package table

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"portolan/internal/app"
	"portolan/internal/history"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
)

func inNetworks(addresses ...string) []port.Interface {
	all := []port.Interface{{Name: "lo", Loopback: true, Addresses: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/8"), netip.MustParsePrefix("::1/128")}}}
	for i, a := range addresses {
		all = append(all, port.Interface{Name: "en" + string(rune('0'+i)), Addresses: []netip.Prefix{netip.MustParsePrefix(a)}})
	}
	return all
}

func TestReachable(t *testing.T) {
	home := inNetworks("192.168.1.20/24", "fe80::20/64")
	for _, test := range []struct {
		local      string
		interfaces []port.Interface
		want       string
	}{
		{"127.0.0.1:3000", home, "this computer only"},
		{"[::1]:3000", nil, "this computer only"},
		{"0.0.0.0:3000", nil, "other computers too; a firewall may keep some out"},
		{"0.0.0.0:3000", home, "this network: computers that reach 192.168.1.20 (en0); a firewall may keep some out"},
		{"[::]:3000", home, "this network: computers that reach fe80::20 (en1); a firewall may keep some out"},
		{"0.0.0.0:3000", inNetworks(), "this computer only: it is in no network now"},
		{"0.0.0.0:3000", inNetworks("203.0.113.7/24", "10.0.0.1/8", "10.1.0.1/8", "10.2.0.1/8", "10.3.0.1/8"),
			"everyone who can reach 203.0.113.7 (en0), 10.0.0.1 (en1), 10.1.0.1 (en2), 2 more; a firewall may keep some out"},
		{"192.168.1.20:3000", home, "this network: computers that reach 192.168.1.20 (en0); a firewall may keep some out"},
		{"192.168.1.21:3000", home, "nobody now: no network has the address 192.168.1.21"},
		{"[fe80::20%en1]:3000", home, "this network: computers that reach fe80::20 (en1); a firewall may keep some out"},
		{"[fe80::20%e\x1bn]:3000", home, `nobody now: no network has the address fe80::20%e\x1bn`},
		{"224.0.0.251:5353", home, "whoever sends to the group 224.0.0.251"},
	} {
		s := told(netstat.TCP, netstat.Listen, test.local, "", shopServer)
		if got := Reachable(&s, test.interfaces); got != test.want {
			t.Errorf("%s: %q, want %q", test.local, got, test.want)
		}
	}
	connection := told(netstat.TCP, netstat.Established, "127.0.0.1:41822", "127.0.0.1:5432", shopServer)
	if got := Reachable(&connection, home); got != "" {
		t.Errorf("a connection: %q", got)
	}
}

func TestFamilyHint(t *testing.T) {
	other := &process.Process{ID: process.ID{PID: 900, Start: 1}, Name: "vite", App: app.App{Name: "vite"}}
	listens := func(local string, p *process.Process) netstat.Socket {
		return told(netstat.TCP, netstat.Listen, local, "", p)
	}
	dual := listens("[::]:3000", shopServer)
	dual.DualStack = true
	dualOfOther := listens("[::]:3000", other)
	dualOfOther.DualStack = true
	for _, test := range []struct {
		name    string
		socket  netstat.Socket
		besides []netstat.Socket
		want    string
	}{
		{"loopback", listens("127.0.0.1:3000", shopServer), nil, "127.0.0.1 only: `localhost` may try ::1 first"},
		{"all of IPv4", listens("0.0.0.0:3000", shopServer), nil, "IPv4 only: `localhost` may try ::1 first"},
		{"loopback of IPv6", listens("[::1]:3000", shopServer), nil, "::1 only: who connects to 127.0.0.1 finds nothing"},
		{"all of IPv6", listens("[::]:3000", shopServer), nil, "IPv6 only: who connects to 127.0.0.1 finds nothing"},
		{"both", dual, nil, ""},
		{"one on each", listens("127.0.0.1:3000", shopServer), []netstat.Socket{listens("[::1]:3000", shopServer)}, ""},
		{"another at ::1", listens("127.0.0.1:3000", shopServer), []netstat.Socket{listens("[::1]:3000", other)},
			"`localhost` may try ::1 first, and there the process vite (PID 900) answers"},
		{"another on both", listens("127.0.0.1:3000", shopServer), []netstat.Socket{dualOfOther},
			"`localhost` may try ::1 first, and there the process vite (PID 900) answers"},
		{"another at 127.0.0.1", listens("[::1]:3000", shopServer), []netstat.Socket{listens("0.0.0.0:3000", shopServer), listens("127.0.0.1:3000", other)},
			"who connects to 127.0.0.1 gets the process vite (PID 900) instead"},
		{"another port", listens("127.0.0.1:3000", shopServer), []netstat.Socket{listens("[::1]:3001", shopServer)}, "127.0.0.1 only: `localhost` may try ::1 first"},
		{"not localhost", listens("127.0.0.53:53", shopServer), nil, ""},
		{"of the network", listens("192.168.1.20:3000", shopServer), nil, ""},
		{"a connection", told(netstat.TCP, netstat.Established, "127.0.0.1:3000", "127.0.0.1:5", shopServer), nil, ""},
	} {
		s := &netstat.Snapshot{Sockets: append([]netstat.Socket{test.socket}, test.besides...)}
		if got := FamilyHint(&s.Sockets[0], s); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestSentenceSince(t *testing.T) {
	old := told(netstat.TCP, netstat.Listen, "127.0.0.1:3000", "", shopServer)
	fresh := told(netstat.TCP, netstat.Listen, "127.0.0.1:3001", "", shopServer)
	waiting := told(netstat.TCP, netstat.CloseWait, "127.0.0.1:41822", "127.0.0.1:5432", shopServer)
	past := history.New(history.Options{})
	begun := &netstat.Snapshot{Taken: tellingTime.Add(-80 * time.Minute), Sockets: []netstat.Socket{old}}
	s := &netstat.Snapshot{Taken: tellingTime.Add(-78 * time.Minute), Sockets: []netstat.Socket{old, fresh, waiting}}
	past.Record(monitor.Update{Snapshot: begun})
	past.Record(monitor.Update{Snapshot: s, Opened: s.Sockets[1:]})
	for socket, want := range map[*netstat.Socket]string{
		&s.Sockets[0]: "on TCP port 3000 since before 10:40. It has been running",
		&s.Sockets[1]: "on TCP port 3001 since 10:42. It has been running",
		&s.Sockets[2]: "has ended (CLOSE_WAIT). It has been running",
	} {
		row := Row{Socket: socket, Owner: &socket.Owners[0]}
		if got := Sentence(&row, s, 501, past); !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
}
