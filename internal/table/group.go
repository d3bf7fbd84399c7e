package table

import (
	"strings"

	"portolan/internal/app"
	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/process"
)

// Group sums up the sockets of one app, or of one of its processes, that match
// the query. Sockets without a known process are two groups of their own: the
// kernel's, and those whose processes are hidden; what stands for the processes
// in these are the reasons, each with its sockets.
type Group struct {
	// App is the app; zero when the sockets belong to no known process.
	App app.App
	// Process is the process that this row is of; nil in an app's row, and where none is known.
	Process *process.Process
	// Name is what to show, clean: the app's name; in a process's row the
	// process's name, with what it runs where the app's name does not say it;
	// else what the sockets are that have no process.
	Name string
	// In is the app in whose terminal all of its processes were started, clean; "" when
	// they were not, or not all in the same. What is said of an app is not said of its processes again.
	In string
	// Note says in a sentence, clean, why these sockets have no process; "" when they have one.
	Note string
	// Absence is why no process is known; netstat.Owned when one is.
	Absence netstat.Absence
	// Open: its rows follow.
	Open bool
	// Counts are of sockets, not rows: one that several of the app's processes hold counts once.
	Counts
	// Processes is the number of processes that hold these sockets; 0 when they are not known.
	Processes int
	// Ports are the TCP ports that it listens on, in order, each once.
	Ports []uint16
	// RxBytes and TxBytes are what came in and went out over the sockets that are
	// there now; 0 when the kernel does not tell.
	RxBytes, TxBytes uint64
	// Traffic is what comes in and goes out over them now, where that is known.
	Traffic Traffic
	// User is the login name of its processes, clean; "" when they have several, or none is known.
	User string

	pid   int    // of an app's only process; 0 when there are several, or none is known
	order string // the name in lower case, to sort by
}

// describe says which app the group is, by one of its rows.
func (g *Group) describe(r *Row) {
	l := r.label
	g.Name = l.app
	if r.Owner == nil {
		g.Name, g.Note, g.Absence = l.groupName, l.groupNote, r.Socket.Absence
	} else {
		g.App = r.Owner.Process.App
	}
	if g.Name == "" {
		g.Name = nameOf(r.Owner.Process)
	}
	g.order = strings.ToLower(g.Name)
}

// ofProcess makes it the group of the row's process, or of the row's reason for having none.
func (g *Group) ofProcess(r *Row) {
	l := r.label
	g.User = l.user
	if r.Owner == nil {
		g.Name, g.Note = l.partName, l.partNote
	} else {
		g.Process, g.In, g.Processes = r.Owner.Process, l.in, 1
		g.Name = workText(r.Owner.Process)
	}
	g.order = strings.ToLower(g.Name)
}

// workText names a process, with what it runs where neither its own name nor its app's says so.
func workText(p *process.Process) string {
	name := nameOf(p)
	if title := p.Work.Title; title != "" && title != p.App.Name && title != p.Name {
		return name + " (" + Clean(title) + ")"
	}
	return name
}

// Label is the name and where it was started: "psql, in iTerm".
func (g *Group) Label() string { return inTerminal(g.Name, g.In) }

// Summary is the counts as text, after the number of processes when there are several.
func (g *Group) Summary() string {
	if g.Processes > 1 {
		return processesText(g.Processes) + ", " + g.String()
	}
	return g.String()
}

// inTerminal adds the terminal to a name; both are clean.
func inTerminal(name, in string) string {
	if in == "" {
		return name
	}
	return language.F("%s, in %s", name, in)
}
