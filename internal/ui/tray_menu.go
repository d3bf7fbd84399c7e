package ui

import (
	"cmp"
	"fmt"
	"slices"

	"portolan/internal/app"
	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
	"portolan/internal/table"
)

const (
	// menuPorts is how many listeners the menu shows: what is read at a glance.
	menuPorts = 8
	// spareLines are lines beside these, so that a new port need not take the place of one that just went.
	spareLines = 4
	// menuWatched is how many watched ports it shows.
	menuWatched = 10
)

// trayMenu is what the menu says. It holds nothing that changes by itself all
// the time, such as the number of connections: a menu that is open must hold still.
type trayMenu struct {
	heading string
	known   bool // the sockets were read
	count   int  // of listening ports
	ports   []trayPort
	more    int // listeners beyond ports
	watched []trayWatch
	paused  bool
}

// trayWatch is the line of a watched port.
type trayWatch struct{ query, text string }

// trayPort is one line of the menu: a port that somebody waits on.
type trayPort struct {
	Number uint16
	Name   string // of the app, cleaned; "" when it is not known
	interest
}

// interest is how much a developer wants to see of a port in a short menu, the most first.
type interest uint8

const (
	running  interest = iota // what was started by hand or in a container: servers under development
	own                      // other programs of this user
	system                   // what the system and other users run
	anywhere                 // on a port that the kernel handed out: nobody looks for it by its number
)

// label is p's line. Names are long at times, and a menu is as wide as its longest line.
func (p trayPort) label() string {
	if p.Name == "" {
		return fmt.Sprintf(":%d", p.Number)
	}
	return fmt.Sprintf(":%d  %s", p.Number, abbreviated(p.Name, menuNameLength))
}

// query finds what waits there, which is always TCP.
func (p trayPort) query() string { return fmt.Sprintf("port:%d proto:tcp", p.Number) }

// distinctPorts counts ports: several apps may wait on one.
func distinctPorts(lines []trayPort) int {
	ports := make(map[uint16]struct{}, len(lines))
	for _, p := range lines {
		ports[p.Number] = struct{}{}
	}
	return len(ports)
}

// newTrayMenu says what the menu shows of c.
func newTrayMenu(c content) trayMenu {
	menu := trayMenu{paused: c.menu.paused}
	for _, state := range c.watched[:min(len(c.watched), menuWatched)] {
		menu.watched = append(menu.watched, trayWatch{state.Port.Query(), state.Text()})
	}
	if c.update.Snapshot == nil {
		menu.heading = language.T("Reading…")
		if c.update.Err != nil {
			menu.heading = language.T("The sockets could not be read")
		}
		return menu
	}
	hidden := leftOut{apps: c.hidden.apps} // whoever hides an app does not want it here either
	ports := listeners(hidden.of(c.update.Snapshot), c.view.Ephemeral, c.uid)
	menu.known, menu.count = true, distinctPorts(ports)
	menu.heading = language.N("%d listening port", "%d listening ports", menu.count)
	if len(ports) > menuPorts {
		menu.more = len(ports) - menuPorts
		ports = ports[:menuPorts]
	}
	menu.ports = ports
	return menu
}

// listeners gives a line for each listening port and each app that waits on it, those of the most
// interest first, and of the same interest in the order of their numbers. uid is who looks.
func listeners(s *netstat.Snapshot, ephemeral port.Range, uid int) []trayPort {
	var ports []trayPort
	for i := range s.Sockets {
		socket := &s.Sockets[i]
		if socket.State != netstat.Listen {
			continue
		}
		line := trayPort{Number: socket.Local.Port(), interest: system}
		if table.Ephemeral(socket, ephemeral) {
			line.interest = anywhere
		}
		if len(socket.Owners) == 0 {
			ports = append(ports, line)
		}
		for _, owner := range socket.Owners {
			one := line
			one.Name = menuName(owner.Process)
			if one.interest != anywhere {
				one.interest = interestIn(owner.Process, uid)
			}
			ports = append(ports, one)
		}
	}
	slices.SortFunc(ports, func(a, b trayPort) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Name, b.Name), cmp.Compare(a.interest, b.interest))
	})
	ports = slices.CompactFunc(ports, func(a, b trayPort) bool { return a.Number == b.Number && a.Name == b.Name })
	slices.SortStableFunc(ports, func(a, b trayPort) int { return cmp.Compare(a.interest, b.interest) })
	return ports
}

func interestIn(p *process.Process, uid int) interest {
	switch {
	case p.App.Kind == app.Container, p.App.Kind == app.Command && p.UID == uid:
		return running
	case p.UID == uid && !systemPath(p.App.Path):
		return own
	default:
		return system
	}
}

// menuName is what the menu calls who waits on a port: the app, which people know.
func menuName(p *process.Process) string {
	if name := table.Clean(p.App.Name); name != "" {
		return name
	}
	return table.Clean(p.Name)
}

// systemPath reports whether a program came with macOS.
func systemPath(path string) bool {
	const system = "/System/"
	return len(path) > len(system) && path[:len(system)] == system
}

func (m trayMenu) equal(other trayMenu) bool {
	return m.heading == other.heading && m.known == other.known && m.count == other.count && m.paused == other.paused &&
		m.more == other.more && slices.Equal(m.ports, other.ports) && slices.Equal(m.watched, other.watched)
}
