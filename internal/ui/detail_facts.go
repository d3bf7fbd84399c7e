package ui

import (
	"fmt"
	"strings"
	"time"

	"portolan/internal/app"
	"portolan/internal/explain"
	"portolan/internal/history"
	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
	"portolan/internal/table"
)

// fact is one line of the detail pane.
type fact struct{ key, value string }

// subject is what the detail pane is about: a row, the snapshot it is of, and what was read
// of its process since.
type subject struct {
	row       table.Row
	several   []table.Row // what is selected, where that is more than one row: the pane is about them together
	ended     time.Time   // when it was seen to be gone; zero: it is there, or that is not known
	snapshot  *netstat.Snapshot
	around    // what does not depend on the row
	process   *process.Process
	read      bool // the rest was read
	details   process.Details
	err       error
	ancestors []*process.Process
}

// around is what the pane knows besides the row.
type around struct {
	me       int              // who reads it
	system   string           // GOOS
	past     *history.History // since when sockets are open; nil: nobody knows
	networks []port.Interface // that this computer is on; nil: not read yet
	terms    explain.Facts    // for what the states mean
}

// processOf gives the one process that a row is about; nil where it is none, or several.
func processOf(row table.Row, s *netstat.Snapshot) *process.Process {
	switch {
	case row.Owner != nil:
		return row.Owner.Process
	case row.Group == nil:
		return nil
	case row.Group.Process != nil:
		return row.Group.Process
	case row.Group.Processes == 1:
		if all, _ := table.AppPorts(s, row.Key.App); len(all) == 1 {
			return all[0]
		}
	}
	return nil
}

// title names the row.
func (s *subject) title() string {
	switch {
	case len(s.several) > 0:
		return language.N("%d row selected", "%d rows selected", len(s.several))
	case s.row.Group != nil:
		return s.row.Group.Label()
	case s.process != nil:
		return orElse(table.Clean(s.process.App.Name), nameOf(s.process))
	default:
		what, _ := table.Ownerless(s.row.Socket, s.snapshot, 0)
		return what
	}
}

// over reports whether the row is of the past, and what it shows is there no more.
func (s *subject) over() bool { return s.row.Closed() }

// sentence says in words what the row is.
func (s *subject) sentence() string {
	if len(s.several) > 0 {
		return language.T("This is what they have together. What is done with them is done with all.")
	}
	if s.row.Group != nil {
		return table.GroupSentence(&s.row, s.snapshot, s.me)
	}
	if past := orElse(table.RecentSentence(&s.row, s.me), table.ClosedSentence(&s.row, s.ended, s.me)); past != "" {
		return past
	}
	return table.Sentence(&s.row, s.snapshot, s.me, s.past)
}

// facts are the lines of the pane, in their order. Those without a value are left out.
func (s *subject) facts() []fact {
	var all []fact
	add := func(key, value string) {
		if value != "" {
			all = append(all, fact{key, value})
		}
	}
	if len(s.several) > 0 {
		s.severalFacts(add)
		return all
	}
	s.socketFacts(add)
	if s.row.Group != nil {
		add(language.T("Received and sent"), s.untold())
	}
	s.appFacts(add)
	if s.row.Span != nil && s.row.Span.Summed() {
		return all // of one process or of several of the name
	}
	if s.process != nil {
		s.processFacts(add)
		return all
	}
	if s.row.Group != nil && s.row.Group.Processes > 1 {
		processes, _ := table.AppPorts(s.snapshot, s.row.Key.App)
		add(language.T("Processes"), s.processLines(processes))
		add(language.T("Clients"), clientsLine(table.Clients(s.snapshot, idsOf(processes))))
	}
	return all
}

// severalFacts are about several rows: each app, port and process of them once.
func (s *subject) severalFacts(add func(key, value string)) {
	processes := processesIn(s.several, s.snapshot)
	add(language.T("Apps"), severalOf(appNames(s.several)))
	add(language.T("Ports"), severalOf(portsIn(s.several)))
	add(language.T("Processes"), s.processLines(processes))
}

// severalOf names values, of many the first.
func severalOf(values []string) string {
	if n := len(values); n > listedProcesses {
		values = append(values[:listedProcesses:listedProcesses], language.F("%d more", n-listedProcesses))
	}
	return strings.Join(values, ", ")
}

// How many processes are listed: of an app, one a line, and of those that hold a socket together, in a row.
const (
	listedProcesses = 40
	listedHolders   = 8
)

func (s *subject) processLines(processes []*process.Process) string {
	var lines []string
	for i, p := range processes {
		if i == listedProcesses {
			lines = append(lines, language.F("and %d more", len(processes)-i))
			break
		}
		lines = append(lines, table.ProcessLine(p, s.snapshot))
	}
	return strings.Join(lines, "\n")
}

// socketFacts are about the socket.
func (s *subject) socketFacts(add func(key, value string)) {
	socket := s.row.Socket
	if socket == nil {
		return
	}
	if s.row.Span != nil && s.row.Span.Summed() {
		return // the sentence says all that is known
	}
	add(language.T("Socket"), table.Held{Socket: socket}.String())
	if s.row.Span != nil {
		add(language.T("From"), s.row.Span.FromText())
		add(language.T("Until"), s.row.Span.UntilText())
		add(language.T("Lasted"), s.row.Span.LastedText())
	}
	if s.over() {
		add(language.T("Port"), registered(socket))
		if s.row.Span == nil { // of one of the last minutes the table itself tells it
			add(language.T("Before"), earlierLine(socket, s.past, s.snapshot.Taken))
		}
		return // what follows is about what is there now
	}
	if s.row.Owner != nil || socket.State != netstat.TimeWait { // else the sentence says it
		add(language.T("State"), stateLine(socket, s.terms))
	}
	add(language.T("Class"), s.row.ClassText())
	add(language.T("Reachable"), table.Reachable(socket, s.networks))
	add(language.T("Note"), table.FamilyHint(socket, s.snapshot))
	add(language.T("Waiting"), queueLine(socket))
	add(language.T("Port"), registered(socket))
	if s.process != nil {
		if known, ok := port.KnownAs(s.system, s.process.Name, socket.Local.Port(), languageInUse()); ok {
			add(language.T("Known as"), language.F("%s (source: %s)", known.Text, known.Source))
		}
	}
	add(language.T("Before"), earlierLine(socket, s.past, s.snapshot.Taken))
	add(language.T("Other end"), peerLine(table.Peer(s.snapshot, socket)))
	if socket.State == netstat.Listen && s.process != nil {
		add(language.T("Clients"), clientsLine(onPort(table.Clients(s.snapshot, ownersIDs(socket)), socket.Local.Port())))
	}
	add(language.T("Held by"), othersLine(socket, s.process))
	if socket.OnBehalfOf != nil {
		add(language.T("On behalf of"), name(socket.OnBehalfOf))
	}
	add(language.T("Received"), orElse(table.Bytes(socket.RxBytes), s.untold()))
	add(language.T("Sent"), orElse(table.Bytes(socket.TxBytes), s.untold()))
}

// untold says why there are no byte counters where there should be some: macOS always tells them, but for version 27.
// "" everywhere else.
func (s *subject) untold() string {
	if s.system != "darwin" || !carries(&s.row) || !table.CountersUntold(s.snapshot) {
		return ""
	}
	return language.T("not told by this macOS")
}

// stateLine says what the state means, of those in which a socket neither waits nor is connected.
func stateLine(s *netstat.Socket, f explain.Facts) string {
	if s.Protocol != netstat.TCP || s.State == netstat.Listen || s.State == netstat.Established {
		return ""
	}
	f.Language = languageInUse()
	topic, ok := explain.Find(s.State.String(), f)
	if !ok {
		return ""
	}
	return s.State.String() + ": " + topic.Short
}

// queueLine says how many connections wait to be accepted, and how many may.
func queueLine(s *netstat.Socket) string {
	if s.State != netstat.Listen || s.QueueLimit == 0 {
		return ""
	}
	return language.N("%d of at most %d connections waits to be accepted", "%d of at most %d connections wait to be accepted", int(s.Queue), s.QueueLimit)
}

// registered says what is usually found on the port that tells, and what IANA has set it aside for.
func registered(s *netstat.Socket) string {
	number := s.Local.Port()
	text := port.Service(s.Protocol.String(), number)
	if r, ok := port.Registered(s.Protocol.String(), number); ok {
		of := r.Name
		if r.Description != "" {
			of = r.Description
		}
		switch {
		case text == "" || strings.EqualFold(text, r.Name):
			text = orElse(of, text)
		case of != "":
			text = language.F("%s (registered for %s)", text, of)
		}
	}
	if text == "" {
		return ""
	}
	return fmt.Sprintf("%d, %s", number, text)
}

// peerLine names who is at the other end of a connection on this computer.
func peerLine(peer *netstat.Socket) string {
	switch {
	case peer == nil:
		return ""
	case len(peer.Owners) == 0:
		what, _ := table.Ownerless(peer, nil, 0)
		return language.F("on this computer: %s", strings.ToLower(what[:1])+what[1:])
	}
	p := peer.Owners[0].Process
	text := name(p)
	if title := table.AppText(p.App); title != "" && title != nameOf(p) {
		text += ", " + title
	}
	return text
}

func ownersIDs(s *netstat.Socket) []process.ID {
	ids := make([]process.ID, len(s.Owners))
	for i, o := range s.Owners {
		ids[i] = o.Process.ID
	}
	return ids
}

// onPort leaves only the clients of one port.
func onPort(clients []table.Client, number uint16) []table.Client {
	var kept []table.Client
	for _, c := range clients {
		for _, p := range c.Ports {
			if p == number {
				kept = append(kept, c)
			}
		}
	}
	return kept
}

// clientsLine names who on this computer is connected, one a line.
func clientsLine(clients []table.Client) string {
	var lines []string
	for i, c := range clients {
		if i == listedProcesses {
			lines = append(lines, language.F("and %d more", len(clients)-i))
			break
		}
		lines = append(lines, language.N("%[2]s: %[1]d connection", "%[2]s: %[1]d connections", c.Connections, clientName(c)))
	}
	return strings.Join(lines, "\n")
}

// othersLine names the processes that hold the socket too.
func othersLine(s *netstat.Socket, but *process.Process) string {
	if but == nil || len(s.Owners) < 2 {
		return ""
	}
	var names []string
	for _, o := range s.Owners {
		if o.Process.ID != but.ID {
			names = append(names, name(o.Process))
		}
	}
	if n := len(names); n > listedHolders {
		names = append(names[:listedHolders], language.F("%d more", n-listedHolders))
	}
	return language.F("also %s", table.Enumerated(names))
}

// appFacts are about the app.
func (s *subject) appFacts(add func(key, value string)) {
	a := app.App{}
	switch {
	case s.process != nil:
		a = s.process.App
	case s.row.Group != nil:
		a = s.row.Group.App
	}
	if text := table.AppText(a); text != s.title() {
		add(language.T("App"), abbreviated(text, pathLength))
	}
	switch a.Kind {
	case app.Container:
		id := table.Clean(a.ID)
		add(language.T("Container"), id[:min(len(id), containerDigits)])
	case app.Bundle, app.Desktop, app.Snap, app.Flatpak, app.Job:
		add(language.T("App ID"), abbreviated(table.Clean(a.ID), pathLength))
	}
	if s.process == nil || a.Path != s.process.Executable {
		add(language.T("Path"), abbreviated(table.Clean(a.Path), pathLength))
	}
	unit := table.Clean(a.Unit)
	if unit != "" && a.UserUnit {
		unit = language.F("%s, of the user's systemd", unit)
	}
	add(language.T("Unit"), abbreviated(unit, pathLength))
}

// containerDigits is how much of a container's id its runtime shows, and takes in a command.
const containerDigits = 12

// pathLength is how many characters of a path or a command line the pane shows.
const pathLength = 240

// processFacts are about the process.
func (s *subject) processFacts(add func(key, value string)) {
	p := s.process
	add(language.T("Process"), name(p))
	add(language.T("User"), userOf(p))
	if p.Work.Title != p.App.Name {
		add(language.T("Runs"), abbreviated(table.Clean(p.Work.Title), pathLength))
	}
	add(language.T("Program"), abbreviated(table.Clean(p.Executable), pathLength))
	if !p.Started.IsZero() {
		add(language.T("Started"), startText(p))
	}
	line, dir := p.Work.Line, p.Work.Dir
	started, memory, cpu := reading, reading, reading
	if s.read {
		line, dir = orElse(s.details.Line, line), orElse(s.details.Directory, dir)
		started, memory, cpu = table.Chain(p, s.ancestors), table.Bytes(s.details.Memory), cpuText(s.details)
		if s.err != nil {
			started, memory, cpu = "", orUnknown("", s.err), ""
		}
	}
	if s.over() {
		started, memory, cpu = "", "", ""
	}
	add(language.T("Started by"), started)
	add(language.T("Command"), abbreviated(table.Clean(line), pathLength))
	if dir != p.App.Path { // which is told
		add(language.T("Folder"), abbreviated(table.Clean(dir), pathLength))
	}
	if p.Work.Project != dir {
		add(language.T("Project"), abbreviated(table.Clean(p.Work.Project), pathLength))
	}
	add(language.T("Memory"), memory)
	add(language.T("CPU"), cpu)
}

// cpuText gives "12 % of one core"; the time that it is the average of is said where it is long.
func cpuText(d process.Details) string {
	if d.CPUOver == 0 {
		return ""
	}
	text := language.F("%s %% of one core", table.Decimal(d.CPU*100, 1))
	if d.CPUOver > time.Minute {
		text = language.F("%s, since it began", text)
	}
	return text
}
