package table

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"portolan/internal/language"
	"portolan/internal/netstat"
)

// GroupColumns gives the columns of the by-app view in their usual order, with titles in the
// language in use: the first is the tree. The slice is the caller's own.
func GroupColumns() []Column { return titled(groupColumns) }

var groupColumns = []Column{
	{
		ID: ColumnName, Title: language.Mark("App"), Width: 270,
		Text:    groupText((*Group).Label, branchText),
		Compare: compareGroups(compareHeaders),
	},
	{
		ID: ColumnPID, Title: language.Mark("PID"), Width: 64, AlignRight: true,
		Text:    groupText(pidText, nothing),
		Compare: compareGroups(func(a, b *Group) int { return cmp.Compare(groupPID(a), groupPID(b)) }),
	},
	numberColumn(ColumnProcesses, language.Mark("Processes"), 72, func(g *Group) int { return g.Processes }),
	{
		ID: ColumnPort, Title: language.Mark("Ports"), Width: 96,
		Text:    groupText(portsText, func(r *Row) string { return strconv.Itoa(int(r.Socket.Local.Port())) }),
		Compare: compareBoth(comparePorts, column(columns, ColumnPort)),
	},
	numberColumn(ColumnListening, language.Mark("Listening"), 68, func(g *Group) int { return g.Listening }),
	numberColumn(ColumnEstablished, language.Mark("Established"), 80, func(g *Group) int { return g.Established }),
	numberColumn(ColumnEphemeral, language.Mark("Ephemeral"), 74, func(g *Group) int { return g.Ephemeral }),
	numberColumn(ColumnClosing, language.Mark("Closing"), 60, func(g *Group) int { return g.Closing }),
	numberColumn(ColumnUDP, language.Mark("UDP"), 44, func(g *Group) int { return g.UDP }),
	bytesColumn(ColumnReceived, language.Mark("Received"), func(g *Group) uint64 { return g.RxBytes }, func(r *Row) uint64 { return r.Socket.RxBytes }),
	bytesColumn(ColumnSent, language.Mark("Sent"), func(g *Group) uint64 { return g.TxBytes }, func(r *Row) uint64 { return r.Socket.TxBytes }),
	ofSockets(ColumnState),
	ofSockets(ColumnRemote),
	ofSockets(ColumnService),
	{
		ID: ColumnUser, Title: language.Mark("User"), Width: 90,
		Text:    groupText(func(g *Group) string { return g.User }, nothing),
		Compare: compareGroups(func(a, b *Group) int { return compareText(strings.ToLower(a.User), strings.ToLower(b.User)) }),
	},
}

// numberColumn is a column of counts, which sockets have none of. Zero is left
// out, so that what is there stands out.
func numberColumn(id ColumnID, title string, width float32, number func(*Group) int) Column {
	text := func(g *Group) string {
		if n := number(g); n > 0 {
			return strconv.Itoa(n)
		}
		return ""
	}
	return Column{
		ID: id, Title: title, Width: width, AlignRight: true, MostFirst: true,
		Text:    groupText(text, nothing),
		Compare: compareGroups(func(a, b *Group) int { return cmp.Compare(number(a), number(b)) }),
	}
}

func bytesColumn(id ColumnID, title string, ofGroup func(*Group) uint64, ofSocket func(*Row) uint64) Column {
	number := func(r *Row) uint64 {
		if r.Socket == nil {
			return ofGroup(r.Group)
		}
		return ofSocket(r)
	}
	return Column{
		ID: id, Title: title, Width: 72, AlignRight: true, MostFirst: true,
		Text:    groupText(func(g *Group) string { return Bytes(ofGroup(g)) }, func(r *Row) string { return Bytes(ofSocket(r)) }),
		Compare: func(a, b *Row) int { return cmp.Compare(number(a), number(b)) },
	}
}

// ofSockets is a column of the flat table that only sockets have: it leaves
// apps and processes in their natural order.
func ofSockets(id ColumnID) Column {
	c := *column(columns, id)
	c.Text = socketText(c.Text)
	c.Compare = compareBoth(func(_, _ *Group) int { return 0 }, column(columns, id))
	return c
}

// branchText names a socket under its process, and says so where it is less than certain that it is the process's.
func branchText(r *Row) string {
	text := r.Socket.Protocol.String() + " " + Endpoint(r.Socket)
	if r.Owner == nil {
		return text
	}
	switch r.Owner.By {
	case netstat.ByLastUse:
		text = language.F("%s (last used by it)", text)
	case netstat.ByLaunchd:
		text = language.F("%s (on demand)", text)
	}
	if behalf := r.Socket.OnBehalfOf; behalf != nil && behalf.ID != r.Owner.Process.ID {
		text = language.F("%s for %s", text, nameOf(behalf))
	}
	return text
}

func nothing(*Row) string { return "" }

// compareGroups leaves sockets in the order that they have.
func compareGroups(compare func(a, b *Group) int) func(a, b *Row) int {
	return func(a, b *Row) int {
		if a.Group == nil || b.Group == nil {
			return 0
		}
		return compare(a.Group, b.Group)
	}
}

func compareBoth(groups func(a, b *Group) int, sockets *Column) func(a, b *Row) int {
	return func(a, b *Row) int {
		if a.Group == nil || b.Group == nil {
			return sockets.Compare(a, b)
		}
		return groups(a.Group, b.Group)
	}
}

// groupPID is 0 when the group is not of one process.
func groupPID(g *Group) int {
	if g.Process == nil {
		return g.pid
	}
	return g.Process.PID
}

func pidText(g *Group) string {
	if pid := groupPID(g); pid > 0 {
		return strconv.Itoa(pid)
	}
	return ""
}

func portsText(g *Group) string {
	words := make([]string, len(g.Ports))
	for i, p := range g.Ports {
		words[i] = strconv.Itoa(int(p))
	}
	return strings.Join(words, ", ")
}

// comparePorts orders by the lowest port, then the next; those with none come last.
func comparePorts(a, b *Group) int {
	if (len(a.Ports) == 0) != (len(b.Ports) == 0) {
		return cmp.Compare(len(b.Ports), len(a.Ports))
	}
	return slices.Compare(a.Ports, b.Ports)
}
