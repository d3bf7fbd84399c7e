package table

import (
	"fmt"
	"slices"
	"strings"

	"portolan/internal/language"
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
	case r.Mark == MarkClosed && r.Flow != nil:
		return language.T("No connection of this kind is open any more.")
	case r.Mark == MarkClosed && g.Process != nil:
		return language.F("%s has no socket open any more.", upperFirst(Who(g.Process, me)))
	case r.Mark == MarkClosed:
		return language.F("%s has no socket open any more.", brief(g.Label()))
	case g.Process != nil:
		held := PortsOf(s, g.Process.ID)
		text := language.N("%[2]s holds %[1]d socket.", "%[2]s holds %[1]d sockets.", len(held), upperFirst(Who(g.Process, me)))
		return sentences(text, waiting(held), running(g.Process, s))
	case g.Processes == 0:
		return g.Note
	default:
		processes, held := AppPorts(s, r.Key.App)
		return sentences(language.F("%s has %s with %s.", brief(g.Label()), processesText(len(processes)), socketsText(len(held))), waiting(held))
	}
}

// namedPorts is how many ports a sentence names.
const namedPorts = 6

// sentences joins those that say something.
func sentences(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), " ")
}

// running says since when a process has run; "" when that is not known.
func running(p *process.Process, s *netstat.Snapshot) string {
	since := Since(p.Started, s.Taken)
	if since == "" {
		return ""
	}
	return language.F("It has been running since %s.", since)
}

// waiting says where they wait for others, in sentences after another; "" when they do not.
func waiting(held []Held) string {
	var text []string
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
			if i == namedPorts { // a server may well be bound to hundreds of addresses
				text = append(text, waitingElsewhere(protocol, len(from)-i))
				break
			}
			slices.Sort(at[who])
			text = append(text, waitingAt(protocol, who, slices.Compact(at[who])))
		}
	}
	return sentences(text...)
}

// waitingAt says that others are waited for at ports.
func waitingAt(protocol netstat.Protocol, who string, ports []uint16) string {
	numbers := Numbers(ports, namedPorts)
	switch many := len(ports) > 1; {
	case protocol == netstat.UDP && many:
		return language.F("It receives datagrams from %s on UDP ports %s.", who, numbers)
	case protocol == netstat.UDP:
		return language.F("It receives datagrams from %s on UDP port %s.", who, numbers)
	case many:
		return language.F("It accepts connections from %s on TCP ports %s.", who, numbers)
	default:
		return language.F("It accepts connections from %s on TCP port %s.", who, numbers)
	}
}

// waitingElsewhere is for the places that are too many to be named.
func waitingElsewhere(protocol netstat.Protocol, places int) string {
	if protocol == netstat.UDP {
		return language.N("It receives datagrams in %d place more.", "It receives datagrams in %d places more.", places)
	}
	return language.N("It accepts connections in %d place more.", "It accepts connections in %d places more.", places)
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
		return language.F("%s: port %s", text, Numbers(ports, namedPorts))
	default:
		return language.F("%s: ports %s", text, Numbers(ports, namedPorts))
	}
}
