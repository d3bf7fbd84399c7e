package table

import (
	"cmp"
	"time"

	"portolan/internal/language"
)

// The columns of the recent past alone.
const (
	ColumnFrom   ColumnID = "from"
	ColumnUntil  ColumnID = "until"
	ColumnLasted ColumnID = "lasted"
)

// RecentColumns gives the columns of the recent past in their usual order. The slice is the caller's own.
func RecentColumns() []Column { return titled(recentColumns) }

var recentColumns = append([]Column{
	{
		ID: ColumnFrom, Title: language.Mark("From"), Width: 116, MostFirst: true,
		Text:    func(r *Row) string { return r.Span.FromText() },
		Compare: func(a, b *Row) int { return a.Span.From.Compare(b.Span.From) },
	},
	{
		ID: ColumnUntil, Title: language.Mark("Until"), Width: 72, MostFirst: true,
		Text:    func(r *Row) string { return r.Span.UntilText() },
		Compare: compareUntil,
	},
}, unlessSummed(columns)...)

var lastedColumn = Column{
	ID: ColumnLasted, Title: language.Mark("Lasted"), Width: 108, AlignRight: true, MostFirst: true,
	Text:    func(r *Row) string { return r.Span.LastedText() },
	Compare: func(a, b *Row) int { return cmp.Compare(a.Span.lasted(), b.Span.lasted()) },
}

// compareUntil puts what is there still after all that has gone.
func compareUntil(a, b *Row) int {
	x, y := a.Span.Until, b.Span.Until
	if x.IsZero() || y.IsZero() {
		return compareUnknown(x.IsZero(), y.IsZero())
	}
	return x.Compare(y)
}

// recentOrder begins with what is asked most: which port it was, and whose. A narrow window shows no more than that.
var recentOrder = []ColumnID{ColumnPort, ColumnProcess, ColumnPID, ColumnApp, ColumnLasted, ColumnProtocol, ColumnLocal, ColumnService, ColumnRemote, ColumnState, ColumnUser}

// unlessSummed are the columns of sockets in that order, which say of many only what these have in common, and, in the place of a remote
// end, how many they were.
func unlessSummed(all []Column) []Column {
	var own []Column
	for _, id := range recentOrder {
		if id == ColumnLasted {
			own = append(own, lastedColumn)
			continue
		}
		c := *column(all, id)
		text := c.Text
		c.Text = func(r *Row) string {
			switch {
			case !r.Span.Summed():
				return text(r)
			case c.ID == ColumnRemote:
				return language.F("%d opened, %d closed", r.Span.Opened, r.Span.Closed)
			case c.ID == ColumnPID:
				return ""
			}
			return text(r)
		}
		own = append(own, c)
	}
	return own
}

// FromText says when it was first seen: "10:42:03", or "before 10:42:03".
func (s *Span) FromText() string {
	if s.Older {
		return language.F("before %s", clock(s.From))
	}
	return clock(s.From)
}

// UntilText says when it was seen to be gone: "10:42:06", or "now" while it is there.
func (s *Span) UntilText() string {
	if s.Until.IsZero() {
		return language.T("now")
	}
	return clock(s.Until)
}

// LastedText says for how long it was there, "over" where it is older than the record; "" while it is, and of a sum.
func (s *Span) LastedText() string {
	switch {
	case s.Until.IsZero(), s.Summed():
		return ""
	case s.Older:
		return language.F("over %s", shortTime(s.lasted()))
	default:
		return shortTime(s.lasted())
	}
}

// lasted is how long it was there; what is there still lasts longest.
func (s *Span) lasted() time.Duration {
	if s.Until.IsZero() {
		return 1<<63 - 1
	}
	return s.Until.Sub(s.From)
}

// shortTime gives "3 s" and "4 min 5 s".
func shortTime(d time.Duration) string {
	d = max(0, d.Round(time.Second))
	if d < time.Minute {
		return language.F("%d s", int(d/time.Second))
	}
	return language.F("%d min %d s", int(d/time.Minute), int(d%time.Minute/time.Second))
}

func clock(t time.Time) string { return t.Local().Format(time.TimeOnly) }
