package table

import (
	"fmt"
	"net/netip"
	"time"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
)

// linuxRange is the usual ephemeral range of Linux.
var linuxRange = port.Range{First: 32768, Last: 60999}

func someone(pid int, name, appName, user string) *process.Process {
	return &process.Process{
		ID: process.ID{PID: pid, Start: uint64(pid) * 10}, Name: name, User: user, UID: 1000,
		App: app.App{Name: appName, Path: "/opt/" + appName},
	}
}

// appKey is the key of the row of an app that someone makes.
func appKey(name string) Key { return Key{App: app.App{Name: name, Path: "/opt/" + name}.Key()} }

// everything opens all apps and processes.
func everything(s *netstat.Snapshot) map[Key]bool {
	open := map[Key]bool{}
	for range 2 { // the apps, then their processes
		for _, r := range Rows(s, View{ByApp: true, Open: open}) {
			if r.Group != nil {
				open[r.Key] = true
			}
		}
	}
	return open
}

func held(by ...*process.Process) []netstat.Owner {
	var owners []netstat.Owner
	for _, p := range by {
		owners = append(owners, netstat.Owner{Process: p, By: netstat.ByDescriptor})
	}
	return owners
}

func addrPort(s string) netip.AddrPort {
	if s == "" {
		return netip.AddrPort{}
	}
	return netip.MustParseAddrPort(s)
}

// sample is a small computer, in the order of snapshots: protocol, port, address.
func sample() *netstat.Snapshot {
	node, worker := someone(501, "node", "node", "alice"), someone(502, "node", "node", "alice")
	postgres := someone(812, "postgres", "Postgres", "alice")
	chrome := someone(90, "Google Chrome Helper", "Google Chrome", "alice")
	sockets := []netstat.Socket{
		{ID: 1, Protocol: netstat.TCP, Local: addrPort("0.0.0.0:22"), State: netstat.Listen, User: "root", Absence: netstat.Concealed},
		{ID: 2, Protocol: netstat.TCP, Local: addrPort("[::]:3000"), DualStack: true, State: netstat.Listen, Owners: held(node, worker)},
		{ID: 3, Protocol: netstat.TCP, Local: addrPort("127.0.0.1:5432"), State: netstat.Listen, Owners: held(postgres)},
		{ID: 4, Protocol: netstat.TCP, Local: addrPort("127.0.0.1:5432"), Remote: addrPort("127.0.0.1:40000"), State: netstat.Established, Owners: held(postgres)},
		{ID: 5, Protocol: netstat.TCP, Local: addrPort("127.0.0.1:40000"), Remote: addrPort("127.0.0.1:5432"), State: netstat.Established, Owners: held(node)},
		{ID: 6, Protocol: netstat.TCP, Local: addrPort("192.168.1.5:50000"), Remote: addrPort("93.184.216.34:443"), State: netstat.Established, Owners: held(chrome)},
		{ID: 7, Protocol: netstat.TCP, Local: addrPort("192.168.1.5:50001"), Remote: addrPort("93.184.216.34:443"), State: netstat.TimeWait, UID: -1, Absence: netstat.Kernel},
		{ID: 8, Protocol: netstat.UDP, Local: addrPort("[fe80::1%en0]:5353"), Owners: held(chrome)},
	}
	return &netstat.Snapshot{Taken: time.Unix(1, 0), Sockets: sockets, Hidden: netstat.Hidden{Owners: 1}}
}

// crowd is n sockets of ten processes and of the kernel.
func crowd(n int) *netstat.Snapshot {
	var processes []*process.Process
	for i := range 10 {
		processes = append(processes, someone(1000+i, fmt.Sprintf("Process-%d", i), fmt.Sprintf("App %d", i%5), "alice"))
	}
	s := &netstat.Snapshot{}
	for i := range n {
		socket := netstat.Socket{
			ID: uint64(i + 1), Protocol: netstat.TCP, State: netstat.Established, RxBytes: uint64(i * 7919 % 10007),
			Local:  netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), uint16(1024+i%60000)),
			Remote: netip.AddrPortFrom(netip.AddrFrom4([4]byte{93, byte(i * 7), byte(i * 13), byte(i * 31)}), uint16(i*17)),
		}
		switch {
		case i%10 == 9:
			socket.State, socket.Absence = netstat.TimeWait, netstat.Kernel
		case i%7 == 0:
			socket.State, socket.Remote, socket.Owners = netstat.Listen, netip.AddrPort{}, held(processes[i%10])
		default:
			socket.Owners = held(processes[i%10])
		}
		s.Sockets = append(s.Sockets, socket)
	}
	return s
}
