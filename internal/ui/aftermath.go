package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/table"
)

// watched is how long the ports of a process that was ended are looked at: who
// starts it again does so within this time.
const watched = 10 * time.Second

// aftermath is what becomes of the ports of a process that was ended.
type aftermath struct {
	process *process.Process
	ports   []waiting       // where it waited for others, by number
	shared  map[uint64]bool // sockets that it held together with others, by ID
	before  map[uint64]bool // others' sockets on the same ports
	outcome outcome
	until   time.Time
	told    string
}

// waiting is where somebody waits to be connected to, or for datagrams.
type waiting struct {
	protocol netstat.Protocol
	number   uint16
}

// newAftermath notes what the process holds in s, before it is ended.
func newAftermath(p *process.Process, s *netstat.Snapshot) *aftermath {
	a := &aftermath{process: p, shared: map[uint64]bool{}, before: map[uint64]bool{}}
	if s == nil {
		return a
	}
	for i := range s.Sockets {
		socket := &s.Sockets[i]
		if !table.Waits(socket) {
			continue
		}
		if !holds(socket, p.ID) {
			a.before[socket.ID] = true
			continue
		}
		if len(socket.Owners) > 1 {
			a.shared[socket.ID] = true
		}
		a.ports = append(a.ports, waiting{socket.Protocol, socket.Local.Port()})
	}
	slices.SortFunc(a.ports, func(x, y waiting) int {
		return cmp.Or(cmp.Compare(x.number, y.number), cmp.Compare(x.protocol, y.protocol))
	})
	a.ports = slices.Compact(a.ports)
	return a
}

func holds(s *netstat.Socket, id process.ID) bool {
	return slices.ContainsFunc(s.Owners, func(o netstat.Owner) bool { return o.Process.ID == id })
}

// begin says that the process is gone, and since when.
func (a *aftermath) begin(o outcome, now time.Time) { a.outcome, a.until = o, now.Add(watched) }

// verdict says what s shows of the ports.
func (a *aftermath) verdict(s *netstat.Snapshot) (fyne.ThemeColorName, string) {
	ended := name(a.process) + " has ended"
	if a.outcome == alreadyGone {
		ended = name(a.process) + " had already ended, nothing was sent"
	}
	if s == nil || len(a.ports) == 0 {
		return theme.ColorNameSuccess, ended + "."
	}
	var taken []string
	for i := range s.Sockets {
		socket := &s.Sockets[i]
		if holds(socket, a.process.ID) {
			return theme.ColorNameSuccess, ended + "." // read before the end: the next snapshot knows more
		}
		if !table.Waits(socket) || a.before[socket.ID] || !slices.Contains(a.ports, waiting{socket.Protocol, socket.Local.Port()}) {
			continue
		}
		again := "is taken again, by"
		if a.shared[socket.ID] {
			again = "is still held by"
		}
		taken = append(taken, fmt.Sprintf("port %d %s %s", socket.Local.Port(), again, holder(socket)))
	}
	if len(taken) > 0 {
		slices.Sort(taken)
		return theme.ColorNameWarning, ended + ", but " + strings.Join(slices.Compact(taken), " and ") + "."
	}
	return theme.ColorNameSuccess, ended + "; " + free(a.ports) + "."
}

// holder names who holds a socket.
func holder(s *netstat.Socket) string {
	if len(s.Owners) == 0 {
		return "a process that this user may not see"
	}
	return name(s.Owners[0].Process)
}

// free gives "port 3000 is free", "ports 3000 and 3001 are free", or only their number when they are many.
func free(ports []waiting) string {
	var numbers []string
	for _, p := range ports {
		numbers = append(numbers, strconv.Itoa(int(p.number)))
	}
	numbers = slices.Compact(numbers)
	switch n := len(numbers); {
	case n == 1:
		return "port " + numbers[0] + " is free"
	case n <= 4:
		return "ports " + strings.Join(numbers[:n-1], ", ") + " and " + numbers[n-1] + " are free"
	default:
		return fmt.Sprintf("its %d ports are free", n)
	}
}
