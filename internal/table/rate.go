package table

import (
	"cmp"

	"portolan/internal/history"
	"portolan/internal/language"
	"portolan/internal/netstat"
)

// Traffic is bytes a second, of one socket, or of those of a group of which it is known.
type Traffic struct {
	Received, Sent float32
	// Known is false when nobody counts, the socket is new, or its counters went back; see history.History.CountRates.
	Known bool
	// Least: more than are followed have counters, and this is not of all of them.
	Least bool
}

func (t *Traffic) add(other Traffic) {
	if other.Known {
		t.Received += other.Received
		t.Sent += other.Sent
		t.Known = true
	}
	t.Least = t.Least || other.Least
}

// measureTraffic fills in the rates of sockets' rows, where the past has any.
func measureTraffic(rows []Row, past *history.History) {
	if past == nil {
		return
	}
	past.Look(func(sight history.Sight) {
		if !sight.Counts() {
			return
		}
		for i := range rows {
			if s := rows[i].Socket; s != nil {
				rows[i].Traffic = trafficOf(s, &sight)
			}
		}
	})
}

func trafficOf(s *netstat.Socket, sight *history.Sight) Traffic {
	received, sent, ok := sight.Rate(s.ID)
	return Traffic{float32(received), float32(sent), ok, !ok && sight.Unrated(s)}
}

// CountersUntold reports whether the system keeps the byte counters to itself: there are connections of TCP, and not one of them
// has any. It says nothing where they are read only when asked for.
func CountersUntold(s *netstat.Snapshot) bool {
	connections := false
	for i := range s.Sockets {
		socket := &s.Sockets[i]
		if socket.Protocol != netstat.TCP {
			continue
		}
		if socket.RxBytes|socket.TxBytes != 0 {
			return false
		}
		connections = connections || socket.State == netstat.Established
	}
	return connections
}

// Speed is the traffic of what the row shows: of the socket, or of those of the group that match the query.
func (r *Row) Speed() Traffic {
	switch {
	case r.Flow != nil:
		return r.Flow.Traffic
	case r.Group != nil:
		return r.Group.Traffic
	default:
		return r.Traffic
	}
}

// RateColumns gives the columns of bytes a second, which fit every view: they show something while the view's Past
// counts. Their order may be asked for in View.Sort like that of any other. The slice is the caller's own.
func RateColumns() []Column { return titled(rateColumns) }

var rateColumns = []Column{
	rateColumn(ColumnReceivedRate, language.Mark("Received/s"), func(t Traffic) float32 { return t.Received }),
	rateColumn(ColumnSentRate, language.Mark("Sent/s"), func(t Traffic) float32 { return t.Sent }),
}

func rateColumn(id ColumnID, title string, number func(Traffic) float32) Column {
	return Column{
		ID: id, Title: title, Width: 84, AlignRight: true, MostFirst: true,
		Text: func(r *Row) string {
			t := r.Speed()
			if !t.Known {
				return ""
			}
			return t.text(number(t))
		},
		Compare: func(a, b *Row) int {
			x, y := a.Speed(), b.Speed()
			if x.Known != y.Known { // nothing is less than none
				return compareUnknown(!y.Known, !x.Known)
			}
			return cmp.Compare(number(x), number(y))
		},
	}
}

// sortColumn gives the column of that name in a view's own, or among those that are shown when somebody asks for them;
// nil when there is none.
func sortColumn(all []Column, id ColumnID) *Column {
	if c := column(all, id); c != nil {
		return c
	}
	if id == ColumnClass {
		return &classColumn
	}
	return column(rateColumns, id)
}

// text gives one of the two as a person reads it: "1.2 MB/s", "≥ 1.2 MB/s".
func (t Traffic) text(perSecond float32) string {
	if t.Least {
		return "≥ " + Rate(float64(perSecond))
	}
	return Rate(float64(perSecond))
}

// Rate gives bytes a second as a person reads them: "1.2 MB/s", "0 B/s".
func Rate(perSecond float64) string {
	if perSecond < 0.5 {
		return "0 B/s"
	}
	return Bytes(uint64(perSecond+0.5)) + "/s"
}
