package ui

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/table"
)

// processLinesOf gives a line for each process: name, PID, user, what it runs.
func processLinesOf(processes []*process.Process) [][]string {
	lines := make([][]string, len(processes))
	for i, p := range processes {
		lines[i] = []string{nameOf(p), fmt.Sprint(p.PID), userOf(p), runs(p)}
	}
	return lines
}

// lineLength is how many characters of what a process runs there is room for in a line.
const lineLength = 80

// runs says what a process runs: its title, else its command line without the program's folder, else its program.
func runs(p *process.Process) string {
	line := p.Work.Line
	if after, ok := strings.CutPrefix(line, p.Executable); ok && p.Executable != "" {
		line = filepath.Base(p.Executable) + after
	}
	for _, text := range []string{p.Work.Title, line} {
		if text != "" {
			return abbreviated(table.Clean(text), lineLength)
		}
	}
	return abbreviated(table.Clean(p.Executable), detailLength)
}

// processesHeading says how many processes will end, and that one which has begun since will not.
func processesHeading(a answer, s *netstat.Snapshot) string {
	text := language.N("%d process will end", "%d processes will end", len(a.targets))
	if a.app == "" {
		return text + ":"
	}
	known := idsOf(a.targets)
	for _, p := range a.spared {
		known = append(known, p.process.ID)
	}
	var fresh []string
	now, _ := table.AppPorts(s, a.app)
	for _, p := range now {
		if !slices.Contains(known, p.ID) {
			fresh = append(fresh, fmt.Sprint(p.PID))
		}
	}
	switch len(fresh) {
	case 0:
		return text + ":"
	case 1:
		return language.F("%s. A new one, PID %s, is not in the list and stays:", text, fresh[0])
	default:
		return language.F("%s. %d new ones are not in the list and stay:", text, len(fresh))
	}
}

func idsOf(processes []*process.Process) []process.ID {
	ids := make([]process.ID, len(processes))
	for i, p := range processes {
		ids[i] = p.ID
	}
	return ids
}

// portsOf says what ends with the processes: a heading and one line for each socket.
func portsOf(processes []*process.Process, s *netstat.Snapshot) (heading string, lines [][]string) {
	var closing, listening int
	for _, held := range table.PortsOf(s, idsOf(processes)...) {
		lines = append(lines, []string{held.String()})
		if held.Shared > 0 {
			continue
		}
		closing++
		if table.Waits(held.Socket) {
			listening++
		}
	}
	switch {
	case len(lines) == 0 && len(processes) > 1:
		return language.T("They hold no socket any more."), nil
	case len(lines) == 0:
		return language.T("It holds no socket any more."), nil
	case closing == 0:
		return language.T("No port will close: other processes hold them too."), lines
	case listening == 0:
		return language.N("%d connection will close:", "%d connections will close:", closing), lines
	case listening == closing:
		return language.N("%d port will close:", "%d ports will close:", listening), lines
	default:
		return language.F("%s and %s will close:", language.N("%d port", "%d ports", listening),
			language.N("%d connection", "%d connections", closing-listening)), lines
	}
}

// namedClients is how many clients are named; of the rest the number is said.
const namedClients = 3

// clientsText says who on this computer loses a connection; "" when nobody does.
func clientsText(clients []table.Client) string {
	if len(clients) == 0 {
		return ""
	}
	total := 0
	for _, c := range clients {
		total += c.Connections
	}
	if total == 1 {
		return language.F("On this computer %s loses its connection to it.", clientName(clients[0]))
	}
	var who []string
	for _, c := range clients[:min(len(clients), namedClients+1)] {
		who = append(who, clientName(c))
	}
	if len(clients) > namedClients+1 {
		who = append(who[:namedClients], language.F("%d others", len(clients)-namedClients))
	}
	if len(clients) == 1 {
		return language.F("On this computer %s loses its %d connections to it.", who[0], total)
	}
	return language.F("On this computer %s lose %d connections to it.", table.Enumerated(who), total)
}

func clientName(c table.Client) string {
	if c.Process == nil {
		return language.T("a process that this user may not see")
	}
	return name(c.Process)
}
