package table

import (
	"cmp"
	"slices"
	"strconv"

	"portolan/internal/language"
)

// ColumnID names a column; it is what is saved when a choice of columns or an
// order is remembered.
type ColumnID string

// The columns.
const (
	ColumnProtocol ColumnID = "proto"
	ColumnLocal    ColumnID = "local"
	ColumnPort     ColumnID = "port"
	ColumnService  ColumnID = "service"
	ColumnRemote   ColumnID = "remote"
	ColumnState    ColumnID = "state"
	ColumnClass    ColumnID = "class"
	ColumnProcess  ColumnID = "process"
	ColumnPID      ColumnID = "pid"
	ColumnApp      ColumnID = "app"
	ColumnUser     ColumnID = "user"

	// Of the by-app view alone.
	ColumnName        ColumnID = "name"
	ColumnProcesses   ColumnID = "processes"
	ColumnListening   ColumnID = "listening"
	ColumnEstablished ColumnID = "established"
	ColumnEphemeral   ColumnID = "ephemeral"
	ColumnClosing     ColumnID = "closing"
	ColumnUDP         ColumnID = "udp"
	ColumnReceived    ColumnID = "received"
	ColumnSent        ColumnID = "sent"
)

// Column is one column: all that is to be known of it is here.
type Column struct {
	ID    ColumnID
	Title string
	// English is the title in English, for files: whatever reads them knows no other.
	English string
	// Width is what the usual content needs, in pixels at a text size of 13.
	Width float32
	// AlignRight is for numbers.
	AlignRight bool
	// MostFirst: who sorts by it wants to see the most first, as of counts and
	// bytes; so the first click on it sorts downwards.
	MostFirst bool
	// Text is what the cell shows, clean for any screen; "" for nothing.
	Text func(*Row) string
	// Compare orders two rows by this column alone: numbers as numbers,
	// addresses as addresses, text without regard to case and nothing after
	// something. Both must be of the same Depth; those of the flat table's
	// columns must be sockets' rows.
	Compare func(a, b *Row) int
}

// Columns gives all columns of the flat table in their usual order, with titles in the language in use. The
// slice is the caller's own.
func Columns() []Column { return titled(columns) }

// ClassColumn gives the column of the classes. It is not among Columns, as it says once more, to those who ask,
// what the state and the service say to the others.
func ClassColumn() Column { return titled([]Column{classColumn})[0] }

var classColumn = Column{
	ID: ColumnClass, Title: language.Mark("Class"), Width: 120,
	Text: socketText((*Row).ClassText),
	Compare: func(a, b *Row) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), compareUnknown(a.Chosen(), b.Chosen()))
	},
}

// titled copies columns, with their titles translated.
func titled(all []Column) []Column {
	all = slices.Clone(all)
	for i := range all {
		all[i].English = all[i].Title
		all[i].Title = language.Marked(all[i].Title)
	}
	return all
}

var columns = []Column{
	{
		ID: ColumnProtocol, Title: language.Mark("Protocol"), Width: 64,
		Text:    socketText(func(r *Row) string { return r.Socket.Protocol.String() }),
		Compare: func(a, b *Row) int { return cmp.Compare(a.Socket.Protocol, b.Socket.Protocol) },
	},
	{
		ID: ColumnLocal, Title: language.Mark("Local address"), Width: 150,
		Text: socketText(func(r *Row) string { return localText(r.Socket) }),
		Compare: func(a, b *Row) int {
			return a.Socket.Local.Addr().Unmap().Compare(b.Socket.Local.Addr().Unmap())
		},
	},
	{
		ID: ColumnPort, Title: language.Mark("Port"), Width: 56, AlignRight: true,
		Text:    socketText(func(r *Row) string { return strconv.Itoa(int(r.Socket.Local.Port())) }),
		Compare: func(a, b *Row) int { return cmp.Compare(a.Socket.Local.Port(), b.Socket.Local.Port()) },
	},
	{
		ID: ColumnService, Title: language.Mark("Service"), Width: 112,
		Text:    func(r *Row) string { return r.Service },
		Compare: func(a, b *Row) int { return compareText(a.Service, b.Service) },
	},
	{
		ID: ColumnRemote, Title: language.Mark("Remote"), Width: 180,
		Text:    socketText(func(r *Row) string { return string(appendAddrPort(nil, r.Socket.Remote)) }),
		Compare: func(a, b *Row) int { return compareAddrPort(a.Socket.Remote, b.Socket.Remote) },
	},
	{
		ID: ColumnState, Title: language.Mark("State"), Width: 104,
		Text:    socketText(func(r *Row) string { return r.Socket.State.String() }),
		Compare: func(a, b *Row) int { return cmp.Compare(a.Socket.State, b.Socket.State) },
	},
	{
		ID: ColumnProcess, Title: language.Mark("Process"), Width: 170,
		Text: socketText(func(r *Row) string { return r.who().process }),
		Compare: func(a, b *Row) int {
			return compareLabels(a, b, func(l *label) string { return l.processKey })
		},
	},
	{
		ID: ColumnPID, Title: language.Mark("PID"), Width: 64, AlignRight: true,
		Text:    socketText(func(r *Row) string { return r.who().pid }),
		Compare: func(a, b *Row) int { return cmp.Compare(a.Key.Process.PID, b.Key.Process.PID) },
	},
	{
		ID: ColumnApp, Title: language.Mark("App"), Width: 140,
		Text: socketText(func(r *Row) string { return inTerminal(r.who().app, r.who().in) }),
		Compare: func(a, b *Row) int {
			return compareLabels(a, b, func(l *label) string { return l.appKey })
		},
	},
	{
		ID: ColumnUser, Title: language.Mark("User"), Width: 90,
		Text: socketText(func(r *Row) string { return r.who().user }),
		Compare: func(a, b *Row) int {
			return compareText(a.who().userKey, b.who().userKey)
		},
	},
}

// column gives the column of that name; nil when there is none among all.
func column(all []Column, id ColumnID) *Column {
	for i := range all {
		if all[i].ID == id {
			return &all[i]
		}
	}
	return nil
}

// socketText is for a column in which a group shows nothing.
func socketText(text func(*Row) string) func(*Row) string {
	return groupText(func(*Group) string { return "" }, text)
}

func groupText(ofGroup func(*Group) string, ofSocket func(*Row) string) func(*Row) string {
	return func(r *Row) string {
		if r.Socket == nil {
			if r.Group == nil {
				return ""
			}
			return ofGroup(r.Group)
		}
		return ofSocket(r)
	}
}

// compareText puts nothing after something.
func compareText(a, b string) int {
	if (a == "") != (b == "") {
		return cmp.Compare(len(b), len(a))
	}
	return cmp.Compare(a, b)
}

// compareLabels puts sockets without a known owner after the others.
func compareLabels(a, b *Row, key func(*label) string) int {
	x, y := a.who(), b.who()
	switch {
	case x == y:
		return 0
	case x.unowned != y.unowned:
		if x.unowned {
			return 1
		}
		return -1
	default:
		return compareText(key(x), key(y))
	}
}
