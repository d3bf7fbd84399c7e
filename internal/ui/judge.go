package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/table"
)

// answer is what pressing Kill on a row leads to: one process to end, several
// to choose from, or the reason why there is none.
type answer struct {
	target *process.Process
	note   string // what is not certain about target; "" when all is

	several []*process.Process // in the order of their PIDs

	title, text string // the reason
}

// judge finds the answer for a row. Nothing is ever offered that ends more than one process.
func judge(row table.Row, s *netstat.Snapshot, protected func(process.ID) error) answer {
	switch {
	case row.Group != nil:
		return judgeGroup(row.Group, s, protected)
	case row.Owner == nil:
		return judgeOwnerless(row.Socket, s)
	default:
		return judgeOwner(*row.Owner, protected)
	}
}

func judgeOwner(owner netstat.Owner, protected func(process.ID) error) answer {
	p := owner.Process
	if owner.By == netstat.ByLaunchd {
		return answer{
			title: "launchd holds this port",
			text: "It waits for a first connection and then starts the service that the port belongs to. " +
				"Ending launchd would end the whole session, so it is not offered. To free the port, switch off the service itself.",
		}
	}
	switch err := protected(p.ID); {
	case errors.Is(err, process.ErrProtected):
		return answer{
			title: name(p) + " is protected",
			text:  "Portolan ends neither the system's first process, nor itself, nor what it was started from: " + table.Clean(err.Error()) + ".",
		}
	case err != nil:
		return answer{
			title: name(p) + " may be protected",
			text:  "It could not be made sure that Portolan was not started from it: " + table.Clean(err.Error()) + ".",
		}
	}
	a := answer{target: p}
	if owner.By == netstat.ByLastUse {
		a.note = "macOS names this process as the last that used the socket, and does not let this user see who holds it: another process may."
	}
	return a
}

func judgeOwnerless(socket *netstat.Socket, s *netstat.Snapshot) answer {
	switch {
	case socket.Absence == netstat.Concealed:
		whose := "Another user's process"
		if socket.User != "" {
			whose = "A process of " + table.Clean(socket.User)
		}
		text := whose + " holds this socket, and this user may not see which one."
		if s != nil && s.Hidden.Reason != "" {
			text += " " + sentence(table.Clean(s.Hidden.Reason))
		}
		return answer{title: "The process is hidden", text: text}
	case socket.State == netstat.TimeWait:
		return answer{
			title: "No process holds this socket any more",
			text: "The connection is closed. The kernel keeps its address for a minute or so (TIME_WAIT), so that late packets do no harm, " +
				"and then it goes by itself.",
		}
	default:
		return answer{
			title: "No process holds this socket",
			text:  "It belongs to the kernel: its process has let go of it, or has not taken it yet. It goes by itself.",
		}
	}
}

// sentence gives a reason, which stands in brackets elsewhere, as a sentence of its own.
func sentence(reason string) string {
	first, size := utf8.DecodeRuneInString(reason)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(reason[size:], ".") + "."
}

func judgeGroup(g *table.Group, s *netstat.Snapshot, protected func(process.ID) error) answer {
	owners := ownersOf(g.App, s)
	switch len(owners) {
	case 0:
		return answer{
			title: "No process is known",
			text:  "Nobody is known to hold these sockets. Open the group to see why, socket by socket.",
		}
	case 1:
		return judgeOwner(owners[0], protected)
	}
	a := answer{
		title: fmt.Sprintf("%s has %d processes", g.Name, len(owners)),
		text:  "One process is ended at a time. Open the group and choose the one you mean:",
	}
	for _, owner := range owners {
		a.several = append(a.several, owner.Process)
	}
	return a
}

// ownersOf gives one owner for each process of an app, in the order of their
// PIDs. Of the ways in which a process holds sockets the surest counts.
func ownersOf(a app.App, s *netstat.Snapshot) []netstat.Owner {
	if s == nil || a == (app.App{}) {
		return nil
	}
	found := map[process.ID]netstat.Owner{}
	for i := range s.Sockets {
		for _, owner := range s.Sockets[i].Owners {
			if owner.Process.App != a {
				continue
			}
			if known, ok := found[owner.Process.ID]; !ok || owner.By < known.By {
				found[owner.Process.ID] = owner
			}
		}
	}
	all := make([]netstat.Owner, 0, len(found))
	for _, owner := range found {
		all = append(all, owner)
	}
	slices.SortFunc(all, func(a, b netstat.Owner) int { return a.Process.PID - b.Process.PID })
	return all
}
