package table

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
)

// told gives a socket that the processes hold, for the sentences about it.
func told(protocol netstat.Protocol, state netstat.State, local, remote string, owners ...*process.Process) netstat.Socket {
	s := netstat.Socket{Protocol: protocol, State: state, Local: netip.MustParseAddrPort(local), UID: -1, ID: 1}
	if remote != "" {
		s.Remote = netip.MustParseAddrPort(remote)
	}
	for _, b := range []byte(protocol.String() + local + remote) {
		s.ID = s.ID*131 + uint64(b)
	}
	for _, p := range owners {
		s.Owners = append(s.Owners, netstat.Owner{Process: p, By: netstat.ByDescriptor})
	}
	if len(owners) == 0 {
		s.Absence = netstat.Kernel
	}
	return s
}

var (
	tellingTime = time.Date(2026, 11, 22, 12, 0, 0, 0, time.Local)
	shopServer  = &process.Process{ID: process.ID{PID: 812, Start: 1}, Name: "node", User: "alice", UID: 501, Started: tellingTime.Add(-78 * time.Minute)}
	database    = &process.Process{ID: process.ID{PID: 640, Start: 1}, Name: "postgres", User: "postgres", UID: 70, App: app.App{Name: "Postgres"}}
)

func TestSentence(t *testing.T) {
	dual := told(netstat.TCP, netstat.Listen, "[::]:3000", "", shopServer)
	dual.DualStack = true
	vite := *shopServer
	vite.Work.Title, vite.Started = "vite - shop", time.Time{}
	keyFor := *shopServer
	keyFor.App, keyFor.Started = app.App{Name: "Google Chrome"}, time.Time{}
	onDemand := told(netstat.TCP, netstat.Listen, "[::1]:631", "", database)
	onDemand.Owners[0].By = netstat.ByLaunchd
	lastUsed := told(netstat.TCP, netstat.Listen, "0.0.0.0:7000", "", &vite)
	lastUsed.Owners[0].By = netstat.ByLastUse
	concealed := told(netstat.TCP, netstat.Listen, "0.0.0.0:22", "")
	concealed.Absence, concealed.User = netstat.Concealed, "ro\not"
	server := told(netstat.TCP, netstat.Listen, "127.0.0.1:5432", "", database)
	out := told(netstat.TCP, netstat.Established, "127.0.0.1:41822", "127.0.0.1:5432", shopServer)
	in := told(netstat.TCP, netstat.Established, "127.0.0.1:5432", "127.0.0.1:41822", database)
	hostile := &process.Process{ID: process.ID{PID: 6, Start: 1}, Name: "no\nde\x1b[2J", User: "\u202ebob", UID: 7}
	for _, test := range []struct {
		socket netstat.Socket
		want   string
	}{
		{dual, "Your process node (PID 812) accepts connections from the whole network on TCP port 3000. It has been running since 10:42."},
		{told(netstat.TCP, netstat.Listen, "127.0.0.1:3000", "", &vite),
			"Your process node (PID 812), running vite - shop, accepts connections from this computer only on TCP port 3000."},
		{told(netstat.TCP, netstat.Listen, "192.168.1.20:3000", "", &keyFor),
			"Your process node (PID 812), part of Google Chrome, accepts connections from the network at 192.168.1.20 on TCP port 3000."},
		{told(netstat.UDP, 0, "[fe80::1%en0]:5353", "", database),
			"The process postgres (PID 640) of postgres receives datagrams from its own link only (fe80::1%en0) on UDP port 5353."},
		{told(netstat.UDP, 0, "0.0.0.0:0", "", database), "The process postgres (PID 640) of postgres has a UDP socket without a port."},
		{told(netstat.UDP, 0, "10.0.0.2:4000", "10.0.0.1:53", database),
			"The process postgres (PID 640) of postgres exchanges datagrams with 10.0.0.1, port 53 (domain), from UDP port 4000."},
		{out, "Your process node (PID 812) is connected to postgres (PID 640) on this computer, port 5432, from TCP port 41822. It has been running since 10:42."},
		{in, "The process postgres (PID 640) of postgres serves node (PID 812) on this computer, port 41822 on its TCP port 5432."},
		{told(netstat.TCP, netstat.CloseWait, "10.0.0.2:4000", "142.250.185.78:443", database),
			"The process postgres (PID 640) of postgres has yet to close its end of a connection that 142.250.185.78, port 443 (https) has ended (CLOSE_WAIT)."},
		{told(netstat.TCP, netstat.FinWait2, "10.0.0.2:4000", "142.250.185.78:443", database),
			"The process postgres (PID 640) of postgres has closed its connection with 142.250.185.78, port 443 (https) and waits for the other end (FIN_WAIT_2)."},
		{told(netstat.TCP, netstat.SynSent, "10.0.0.2:4000", "142.250.185.78:443", database), "The process postgres (PID 640) of postgres tries to connect to 142.250.185.78, port 443 (https)."},
		{told(netstat.TCP, netstat.Closed, "0.0.0.0:4000", "", database), "The process postgres (PID 640) of postgres has a TCP socket that neither listens nor is connected."},
		{told(netstat.TCP, netstat.Listen, "127.0.0.1:80", "", database, shopServer),
			"The process postgres (PID 640) of postgres accepts connections from this computer only on TCP port 80. It shares the socket with 1 other process."},
		{onDemand, "launchd waits on TCP port 631, for this computer only, and starts the service behind it at the first connection."},
		{lastUsed, "Your process node (PID 812), running vite - shop, was the last to use a socket that accepts connections from the whole network on TCP port 7000."},
		{told(netstat.TCP, netstat.Listen, "127.0.0.1:50001", "", database), "The process postgres (PID 640) of postgres accepts connections from this computer only on TCP port 50001. " +
			"The port is one of those that the system hands out, so it was most likely chosen by the system."},
		{told(netstat.UDP, 0, "0.0.0.0:50001", "", database), "The process postgres (PID 640) of postgres receives datagrams from the whole network on UDP port 50001. " +
			"The port is one of those that the system hands out, so it was most likely chosen by the system."},
		{concealed, `A process of ro\not holds this socket, and this user may not see which one. Run as administrator.`},
		{told(netstat.TCP, netstat.TimeWait, "10.0.0.2:4000", "142.250.185.78:443"), "The connection is closed. The kernel keeps its address for a while (TIME_WAIT)"},
		{told(netstat.UDP, 0, "127.0.0.1:323", ""), "It belongs to the kernel"},
		{told(netstat.TCP, netstat.Listen, "127.0.0.1:1", "", hostile), `The process no\nde\x1b[2J (PID 6) of \u202ebob accepts connections`},
	} {
		s := &netstat.Snapshot{Taken: tellingTime, Sockets: []netstat.Socket{server, out, in, test.socket}, Hidden: netstat.Hidden{Reason: "run as administrator"}}
		row := TakeCensus(s, linuxRange, nil).Row(&s.Sockets[3], firstOwner(&s.Sockets[3]))
		if got := Sentence(&row, s, 501, nil); !strings.HasPrefix(got, test.want) {
			t.Errorf("%s %s:\n got %q\nwant %q", test.socket.Protocol, test.socket.Local, got, test.want)
		}
	}
}

// TestForHowLong: how long closed connections are remembered is as the system has it.
func TestForHowLong(t *testing.T) {
	s := &netstat.Snapshot{Sockets: []netstat.Socket{told(netstat.TCP, netstat.TimeWait, "10.0.0.2:4000", "142.250.185.78:443")}}
	s.Sockets[0].Absence = netstat.Kernel
	for wait, want := range map[time.Duration]string{time.Minute: "for 60 s (TIME_WAIT)", 30 * time.Second: "for 30 s (TIME_WAIT)",
		10 * time.Millisecond: "for 1 s (TIME_WAIT)", 0: "for a while (TIME_WAIT)"} {
		v := View{TimeWait: wait}
		flat := Rows(s, v)
		v.ByApp = true
		byApp := Rows(s, v)
		whole := Rows(s, v.Toggled(byApp[0]))
		_, why := Ownerless(&s.Sockets[0], s, flat[0].TimeWait())
		for what, got := range map[string]string{"a row": Sentence(&flat[0], s, 501, nil), "its reason": why, "the kernel's group": whole[1].Group.Note} {
			if !strings.Contains(got, want) {
				t.Errorf("%v, %s: %q", wait, what, got)
			}
		}
		lens := LensOf(s, View{}, port.Rules{TimeWait: wait}, nil, tellingTime)
		if got := lens.Rows[0].Group.Name; got != "TIME_WAIT" {
			t.Errorf("%v: %q", wait, got)
		}
	}
}

func TestSince(t *testing.T) {
	for then, want := range map[time.Time]string{
		{}:                                 "",
		tellingTime.Add(-78 * time.Minute): "10:42",
		tellingTime.AddDate(0, 0, -1):      "Saturday 12:00",
		tellingTime.AddDate(0, 0, -7):      "15 November, 12:00",
		tellingTime.AddDate(-1, 0, 0):      "22 November 2025",
		tellingTime.AddDate(0, 0, 2):       "24 November, 12:00", // the clock was set back
	} {
		if got := Since(then, tellingTime); got != want {
			t.Errorf("since %v: %q, want %q", then, got, want)
		}
	}
}

func TestAppText(t *testing.T) {
	for want, a := range map[string]app.App{
		"":                                {},
		"node":                            {Name: "node"},
		"vite - shop, in iTerm":           {Name: "vite - shop", Kind: app.Command, In: "iTerm"},
		"web (docker container of ng)":    {Name: "web", Kind: app.Container, Runtime: "docker", Image: "ng"},
		"3f2a (container)":                {Name: "3f2a", Kind: app.Container},
		"postgresql.service":              {Name: "postgresql.service", Kind: app.Unit, ID: "postgresql.service"},
		"PostgreSQL (postgresql.service)": {Name: "PostgreSQL", Kind: app.Unit, ID: "postgresql.service"},
		`Fire\nfox (snap)`:                {Name: "Fire\nfox", Kind: app.Snap},
	} {
		if got := AppText(a); got != want {
			t.Errorf("%+v: %q, want %q", a, got, want)
		}
	}
}

func TestChainAndNumbers(t *testing.T) {
	named := func(names ...string) (all []*process.Process) {
		for i, name := range names {
			all = append(all, &process.Process{ID: process.ID{PID: i + 1}, Name: name})
		}
		return all
	}
	if got, want := Chain(shopServer, named("npm", "z\x07sh", "iTerm", "launchd")), `launchd > iTerm > z\x07sh > npm > node`; got != want {
		t.Errorf("the chain is %q, want %q", got, want)
	}
	if got := Chain(shopServer, nil); got != "node" {
		t.Errorf("the chain of one is %q", got)
	}
	for want, ports := range map[string][]uint16{"": nil, "1": {1}, "1 and 2": {1, 2}, "1, 2 and 3": {1, 2, 3}, "1, 2, 3 and 2 more": {1, 2, 3, 4, 5}} {
		if got := Numbers(ports, 3); got != want {
			t.Errorf("%v: %q, want %q", ports, got, want)
		}
	}
}

func TestPeer(t *testing.T) {
	mapped := told(netstat.TCP, netstat.Established, "[::ffff:127.0.0.1]:5432", "[::ffff:127.0.0.1]:41822", database)
	s := &netstat.Snapshot{Sockets: []netstat.Socket{
		told(netstat.TCP, netstat.Listen, "127.0.0.1:5432", "", database),
		told(netstat.TCP, netstat.Established, "127.0.0.1:41822", "127.0.0.1:5432", shopServer),
		mapped,
		told(netstat.UDP, 0, "127.0.0.1:41823", "127.0.0.1:5432", shopServer),
		told(netstat.TCP, netstat.Established, "127.0.0.1:9", "127.0.0.1:9", shopServer), // connected to itself
	}}
	if got := Peer(s, &s.Sockets[1]); got != &s.Sockets[2] {
		t.Errorf("the peer of the client is %+v", got)
	}
	if got := Peer(s, &s.Sockets[2]); got != &s.Sockets[1] {
		t.Errorf("the peer of the server is %+v", got)
	}
	for _, alone := range []int{0, 3, 4} {
		if got := Peer(s, &s.Sockets[alone]); got != nil {
			t.Errorf("socket %d has the peer %+v", alone, got)
		}
	}
	if Peer(nil, &s.Sockets[1]) != nil {
		t.Error("there is a peer in no snapshot")
	}
}

func TestClients(t *testing.T) {
	worker := &process.Process{ID: process.ID{PID: 641, Start: 1}, Name: "postgres"}
	other := &process.Process{ID: process.ID{PID: 900, Start: 1}, Name: "psql"}
	hiddenClient := told(netstat.TCP, netstat.Established, "127.0.0.1:41850", "127.0.0.1:5432")
	hiddenClient.Absence = netstat.Concealed
	s := &netstat.Snapshot{Sockets: []netstat.Socket{
		told(netstat.TCP, netstat.Listen, "127.0.0.1:5432", "", database, worker),
		told(netstat.TCP, netstat.Established, "127.0.0.1:5432", "127.0.0.1:41822", worker),
		told(netstat.TCP, netstat.Established, "127.0.0.1:41822", "127.0.0.1:5432", shopServer),
		told(netstat.TCP, netstat.Established, "127.0.0.1:5432", "127.0.0.1:41823", worker),
		told(netstat.TCP, netstat.Established, "127.0.0.1:41823", "127.0.0.1:5432", shopServer),
		told(netstat.TCP, netstat.Established, "127.0.0.1:5432", "127.0.0.1:41840", worker),
		told(netstat.TCP, netstat.Established, "127.0.0.1:41840", "127.0.0.1:5432", other),
		told(netstat.TCP, netstat.Established, "127.0.0.1:5432", "127.0.0.1:41850", worker),
		hiddenClient,
		told(netstat.TCP, netstat.Established, "127.0.0.1:5432", "127.0.0.1:41860", worker),
		told(netstat.TCP, netstat.TimeWait, "127.0.0.1:41860", "127.0.0.1:5432"),
		told(netstat.TCP, netstat.Established, "127.0.0.1:5432", "127.0.0.1:41870", worker),
		told(netstat.TCP, netstat.Established, "127.0.0.1:41870", "127.0.0.1:5432", database), // ends itself
		told(netstat.TCP, netstat.Established, "127.0.0.1:50000", "127.0.0.1:3000", worker),   // as a client
		told(netstat.TCP, netstat.Established, "127.0.0.1:3000", "127.0.0.1:50000", other),
	}}
	got := Clients(s, []process.ID{database.ID, worker.ID})
	if len(got) != 3 || got[0].Process != shopServer || got[0].Connections != 2 || len(got[0].Ports) != 1 || got[0].Ports[0] != 5432 ||
		got[1].Process != other || got[1].Connections != 1 || got[2].Process != nil {
		t.Errorf("the clients are %+v", got)
	}
	// The listener stays open while one of the two lives.
	if got := Clients(s, []process.ID{worker.ID}); len(got) != 0 {
		t.Errorf("of the worker alone the clients are %+v", got)
	}
	if Clients(s, nil) != nil || Clients(nil, []process.ID{worker.ID}) != nil {
		t.Error("there are clients of nobody")
	}
}
