package table

import (
	"cmp"
	"strconv"
	"strings"

	"portolan/internal/history"
	"portolan/internal/language"
	"portolan/internal/netstat"
)

// The columns of the lens alone.
const (
	ColumnNow          ColumnID = "now"
	ColumnOpened       ColumnID = "opened"
	ColumnClosed       ColumnID = "closed"
	ColumnTrend        ColumnID = "trend"
	ColumnRemotes      ColumnID = "remotes"
	ColumnOldest       ColumnID = "oldest"
	ColumnReceivedRate ColumnID = "received-rate"
	ColumnSentRate     ColumnID = "sent-rate"
)

// LensColumns gives the columns of the lens in their usual order: the first is the tree. The slice is the caller's own.
func LensColumns() []Column { return titled(lensColumns) }

var lensColumns = []Column{
	{
		ID: ColumnName, Title: language.Mark("App"), Width: 280,
		Text:    groupText((*Group).Label, otherEndText),
		Compare: compareGroups(compareHeaders),
	},
	flowColumn(ColumnNow, language.Mark("Now"), 56, func(f *Flow) int { return f.Now }),
	flowColumn(ColumnOpened, language.Mark("Opened/min"), 84, func(f *Flow) int { return f.Opened }),
	flowColumn(ColumnClosed, language.Mark("Closed/min"), 84, func(f *Flow) int { return f.Closed }),
	{
		ID: ColumnTrend, Title: language.Mark("Last 10 min"), Width: 130, MostFirst: true,
		Text:    ofFlow((*Flow).trendText),
		Compare: compareFlows(compareTrend),
	},
	{
		ID: ColumnRemotes, Title: language.Mark("Goes to"), Width: 260,
		Text:    ofFlow((*Flow).RemotesText),
		Compare: compareFlows(func(a, b *Flow) int { return cmp.Compare(a.Services, b.Services) }),
	},
	{
		ID: ColumnOldest, Title: language.Mark("Oldest"), Width: 184,
		Text:    ofFlow((*Flow).OldestText),
		Compare: compareFlows(compareOldest),
	},
	rateColumns[0],
	rateColumns[1],
	ofSockets(ColumnState),
	ofSockets(ColumnPort),
}

// otherEndText names a socket of the lens: by its other end.
func otherEndText(r *Row) string {
	return r.Socket.Protocol.String() + " " + string(appendAddrPort(nil, r.Socket.Remote))
}

// ofFlow is for a column that only apps and services have.
func ofFlow(text func(*Flow) string) func(*Row) string {
	return func(r *Row) string {
		if r.Flow == nil {
			return ""
		}
		return text(r.Flow)
	}
}

// compareFlows leaves sockets in the order that they have.
func compareFlows(compare func(a, b *Flow) int) func(a, b *Row) int {
	return func(a, b *Row) int {
		if a.Flow == nil || b.Flow == nil {
			return 0
		}
		return compare(a.Flow, b.Flow)
	}
}

func flowColumn(id ColumnID, title string, width float32, number func(*Flow) int) Column {
	return Column{
		ID: id, Title: title, Width: width, AlignRight: true, MostFirst: true,
		Text: ofFlow(func(f *Flow) string {
			n := number(f)
			switch {
			case f.Least && id != ColumnNow && (n > 0 || f.Followed):
				return "≥ " + strconv.Itoa(n)
			case n == 0:
				return ""
			default:
				return strconv.Itoa(n)
			}
		}),
		Compare: compareFlows(func(a, b *Flow) int { return cmp.Compare(number(a), number(b)) }),
	}
}

// compareTrend orders by how high the plot goes, and where that is the same by how much is below it.
func compareTrend(a, b *Flow) int {
	measure := func(f *Flow) (highest, area int) {
		for _, p := range f.Points {
			highest, area = max(highest, p.Open), area+p.Open
		}
		return highest, area
	}
	highA, areaA := measure(a)
	highB, areaB := measure(b)
	return cmp.Or(cmp.Compare(highA, highB), cmp.Compare(areaA, areaB))
}

// compareOldest puts the one that has been there longest first, and those of which nothing is known last.
func compareOldest(a, b *Flow) int {
	if a.Oldest.IsZero() || b.Oldest.IsZero() {
		return compareUnknown(a.Oldest.IsZero(), b.Oldest.IsZero())
	}
	return a.Oldest.Compare(b.Oldest)
}

// compareUnknown puts what is not known last.
func compareUnknown(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	default:
		return -1
	}
}

// OldestText says when the oldest connection was opened, "at least since 10:42" when it was there before
// the record began; "" when nothing is known.
func (f *Flow) OldestText() string {
	if f.Oldest.IsZero() {
		return ""
	}
	since := f.Oldest.Local().Format("15:04:05")
	if f.Older {
		return language.F("at least since %s", since)
	}
	return since
}

// mostRemotes is how many services of an app are named; the rest is counted.
const mostRemotes = 3

// RemotesText names the services: "443 (https) to 12 addresses, 5432 (postgresql) to 1 address, 2 more".
func (f *Flow) RemotesText() string {
	var parts []string
	for _, r := range f.Remotes {
		parts = append(parts, r.String())
	}
	if more := f.Services - len(f.Remotes); more > 0 {
		parts = append(parts, language.F("%d more", more))
	}
	return strings.Join(parts, ", ")
}

// String says "443 (https) to 12 addresses"; of UDP "443/udp (https) to 1 address".
func (r Remote) String() string {
	name := portText(r.Port)
	if r.Protocol == netstat.UDP {
		name += "/udp"
	}
	if r.Service != "" {
		name += " (" + r.Service + ")"
	}
	return language.N("%[2]s to %[1]d address", "%[2]s to %[1]d addresses", r.Addresses, name)
}

func portText(p uint16) string { return strconv.Itoa(int(p)) }

// trendText draws the points, behind the sign of a lower bound when they are one.
func (f *Flow) trendText() string {
	if f.Low && len(f.Points) > 0 {
		return "≥ " + Sparkline(f.Points, 20)
	}
	return Sparkline(f.Points, 20)
}

// Sparkline draws how many connections were open as so many characters of eight heights, the present one last; ""
// when nothing is known.
func Sparkline(points []history.Point, width int) string {
	if len(points) == 0 || width < 1 {
		return ""
	}
	width = min(width, len(points))
	const bars = "▁▂▃▄▅▆▇█"
	heights := []rune(bars)
	most := 1
	for _, p := range points {
		most = max(most, p.Open)
	}
	line := make([]rune, width)
	for i := range line {
		open := 0
		for _, p := range points[i*len(points)/width : (i+1)*len(points)/width] {
			open = max(open, p.Open)
		}
		line[i] = heights[open*(len(heights)-1)/most]
	}
	return string(line)
}
