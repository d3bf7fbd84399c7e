package table

import (
	"fmt"
	"slices"
	"strings"

	"portolan/internal/netstat"
	"portolan/internal/process"
)

// GroupSentence says in plain words what the app or the process of a group's row has open: "Firefox has 2 processes
// with 24 sockets. It accepts connections on TCP port 9222 from this computer only." It counts what they hold, whatever
// the query shows of it. s is the snapshot that the row is of, and me the user who reads it (-1: nobody). "" for a socket's row.
func GroupSentence(r *Row, s *netstat.Snapshot, me int) string {
	g := r.Group
	switch {
	case g == nil || s == nil:
		return ""
	case g.Process != nil:
		held := PortsOf(s, g.Process.ID)
		text := upperFirst(Who(g.Process, me)) + " holds " + Plural(len(held), "socket") + "."
		text += waiting(held)
		if since := Since(g.Process.Started, s.Taken); since != "" {
			text += " It has been running since " + since + "."
		}
		return text
	case g.Processes == 0:
		return g.Note
	default:
		processes, held := AppPorts(s, r.Key.App)
		return fmt.Sprintf("%s has %s with %s.", brief(g.Label()), Plural(len(processes), "process"), Plural(len(held), "socket")) + waiting(held)
	}
}

// namedPorts is how many ports a sentence names.
const namedPorts = 6

// waiting says where they wait for others, in sentences after another; "" when they do not.
func waiting(held []Held) string {
	var text strings.Builder
	for _, protocol := range []netstat.Protocol{netstat.TCP, netstat.UDP} {
		at := map[string][]uint16{}
		var from []string
		for _, h := range held {
			if h.Socket.Protocol != protocol || !Waits(h.Socket) || h.Socket.Local.Port() == 0 || h.By == netstat.ByLaunchd {
				continue
			}
			who := reach(h.Socket)
			if at[who] == nil {
				from = append(from, who)
			}
			at[who] = append(at[who], h.Socket.Local.Port())
		}
		for i, who := range from {
			verb := "accepts connections"
			if protocol == netstat.UDP {
				verb = "receives datagrams"
			}
			slices.Sort(at[who])
			ports := slices.Compact(at[who])
			noun := "port"
			if len(ports) > 1 {
				noun = "ports"
			}
			if i == namedPorts { // a server may well be bound to hundreds of addresses
				fmt.Fprintf(&text, " It %s in %s more.", verb, Plural(len(from)-i, "place"))
				break
			}
			fmt.Fprintf(&text, " It %s from %s on %s %s %s.", verb, who, protocolName(protocol), noun, Numbers(ports, namedPorts))
		}
	}
	return text.String()
}

func protocolName(p netstat.Protocol) string { return strings.ToUpper(p.String()) }

// ProcessLine says of a process in one line which it is, what it runs and where it waits:
// "node (812), vite - shop: ports 3000 and 9229". Clean.
func ProcessLine(p *process.Process, s *netstat.Snapshot) string {
	text := fmt.Sprintf("%s (%d)", brief(nameOf(p)), p.PID)
	if title := Clean(p.Work.Title); title != "" && title != nameOf(p) && title != Clean(p.App.Name) {
		text += ", " + brief(title)
	}
	var ports []uint16
	for _, h := range PortsOf(s, p.ID) {
		if h.Socket.State == netstat.Listen {
			ports = append(ports, h.Socket.Local.Port())
		}
	}
	slices.Sort(ports)
	switch ports = slices.Compact(ports); len(ports) {
	case 0:
		return text
	case 1:
		return text + ": port " + Numbers(ports, namedPorts)
	default:
		return text + ": ports " + Numbers(ports, namedPorts)
	}
}
