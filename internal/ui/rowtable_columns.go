package ui

import (
	"math"
	"slices"

	"portolan/internal/netstat"
	"portolan/internal/table"
)

const (
	// cellPad is the space left and right of a cell's text.
	cellPad = 8
	// narrowest is how far a column can be dragged together, at a text size of 13: two letters and the dots.
	narrowest = 40
	// scrollBarRoom is kept free right of the last column, so that the scroll bar covers no text.
	scrollBarRoom = 8
)

// columnLayout decides where each column stands and how wide it is.
type columnLayout struct {
	columns []table.Column // those that are shown, from left to right
	// tree: the first column is a tree, of which the other columns say how much there is.
	tree bool
	lens bool // the tree is that of the lens
	// own are the columns that only a tree's sockets have. These stand, without a title,
	// where the counts are, from columns[first] to columns[last]: sockets have no counts.
	own         []table.Column // those that are shown
	allOwn      []table.Column
	first, last int // -1: nowhere

	usual  []table.Column             // all that can be shown, in their usual order
	order  []table.ColumnID           // all, in the order that was chosen
	hidden map[table.ColumnID]bool    // which of them are not shown
	extra  []table.ColumnID           // those that are hidden until somebody asks for them
	unseen map[table.ColumnID]float32 // how wide those are to be when they are shown again, at a text size of 13

	scale   float32   // text size in units of the 13 that Column.Width is given for
	natural []float32 // what the usual content needs, and the title with its arrow
	title   []float32 // what the title needs without it
	state   float32   // what a state needs, with its dot
	remote  float32   // what the other end of a connection needs with IPv4, with the gap behind it
	chosen  []float32 // what the person dragged it to; 0: not touched
	x       []float32
	width   []float32
	total   float32        // all widths, with the lead
	lead    float32        // what is kept free at the left, for the signs of marked rows
	sort    table.ColumnID // the sorted one, which is never left out
	pins    []int          // the columns that stay in view when the rest is scrolled sideways, see pinColumns
	pinned  []float32      // how far from the left edge each of them stops
	room    float32        // what it was last fitted into
	fitted  bool           // into room, and nothing has changed since
	held    bool           // what is left out of a flat table stays so in this room, as the person drags an edge
}

// newColumnLayout lays columns out; the extra ones of them are hidden until somebody asks for them.
func newColumnLayout(columns []table.Column, extra ...table.ColumnID) *columnLayout {
	l := &columnLayout{scale: 1, tree: len(columns) > 0 && columns[0].ID == table.ColumnName, extra: extra}
	if !l.tree {
		l.lead = gutter
	}
	l.lens = slices.ContainsFunc(columns, func(c table.Column) bool { return c.ID == table.ColumnRemotes })
	for _, c := range columns {
		if l.tree && l.ownOfSockets(c.ID) {
			l.allOwn = append(l.allOwn, c)
			continue
		}
		l.usual = append(l.usual, c)
	}
	l.arrange(columnChoice{})
	return l
}

// ownOfSockets tells the columns in which apps and processes have nothing.
func (l *columnLayout) ownOfSockets(id table.ColumnID) bool {
	return l.lens && id == table.ColumnPort || id == table.ColumnState || id == table.ColumnRemote || id == table.ColumnService
}

// measure finds what each column needs, with the text size and font of the fitter.
func (l *columnLayout) measure(f *textFitter) {
	scale := f.size / 13
	for i := range l.chosen {
		l.chosen[i] *= scale / l.scale
	}
	l.scale, l.fitted = scale, false
	if !l.tree {
		l.lead = f.scaled(gutter)
	}
	l.state = floor(widestState(f)) + f.scaled(dotRoom) + 2*cellPad + 1
	l.remote = floor(f.width("255.255.255.255:65535", false)) + 2*cellPad
	for i, c := range l.columns {
		_, title := f.fitting(c.Title, math.MaxFloat32, true) // as it is cut, letter by letter
		l.title[i] = floor(title) + 1 + 2*cellPad
		arrow := f.scaled(arrowRoom)
		if c.AlignRight {
			arrow -= cellPad // which is free at the left, where the arrow is
		}
		l.natural[i] = max(floor(c.Width*l.scale), l.title[i]+arrow)
		if c.ID == table.ColumnState {
			l.natural[i] = max(l.natural[i], l.state)
		}
	}
}

// span is where the columns of sockets alone stand; without a width where these are said with the name.
func (l *columnLayout) span() (x, width float32) {
	if l.first < 0 {
		return l.x[0] + l.width[0], 0
	}
	x = l.x[l.first]
	return x, l.x[l.last] + l.width[l.last] - x
}

// widestState measures the longest name of a state: states are never cut.
func widestState(f *textFitter) float32 {
	widest := float32(0)
	for s := netstat.Listen; s <= netstat.Closed; s++ {
		widest = max(widest, f.width(s.String(), false))
	}
	return widest
}

// share says how much of the spare space a column takes. Names and addresses
// gain by it, numbers do not.
func (l *columnLayout) share(i int) float32 {
	switch id := l.columns[i].ID; id {
	case table.ColumnName, table.ColumnProcess:
		return 3
	case table.ColumnPort: // of a tree, they are a list
		if l.tree {
			return 1
		}
		return 0
	case table.ColumnRemotes:
		return 4
	case table.ColumnApp:
		return 2
	case table.ColumnLocal, table.ColumnRemote:
		return 1
	default:
		return 0
	}
}

// titleRoom is what the title needs now, with the arrow if the column is sorted.
func (l *columnLayout) titleRoom(i int) float32 {
	if l.columns[i].ID == l.sort {
		return l.title[i] + floor(arrowRoom*l.scale+0.5)
	}
	return l.title[i]
}

// least is how narrow a column may get by itself when there is little room.
// Numbers and states are never cut, names are.
func (l *columnLayout) least(i int) float32 {
	switch {
	case l.tree && l.columns[i].ID == table.ColumnUser:
		return l.titleRoom(i)
	case l.lens && l.columns[i].ID == table.ColumnName: // most names are short
		return max(l.titleRoom(i), floor(0.55*l.natural[i]))
	case l.columns[i].ID == table.ColumnRemotes:
		return max(l.titleRoom(i), floor(0.75*l.natural[i]))
	case l.share(i) == 0:
		return l.natural[i]
	case l.columns[i].ID == table.ColumnPort: // one, and how many more
		return max(l.titleRoom(i), floor(0.8*l.natural[i]))
	default:
		return max(l.titleRoom(i), floor(0.65*l.natural[i]))
	}
}

// fit lays the columns out for a width: they stretch when there is more than
// they need, shrink down to their least when there is not enough, and from there
// on are scrolled.
//
// It reports whether anything may stand elsewhere than before.
func (l *columnLayout) fit(room float32) bool {
	if l.fitted && room == l.room {
		return false
	}
	l.held = l.held && room == l.room
	l.room, l.fitted = room, true
	room -= l.lead
	was := append([]float32(nil), l.width...)
	need := float32(0)
	for i := range l.columns {
		l.width[i] = l.natural[i]
		if l.chosen[i] > 0 {
			l.width[i] = l.chosen[i]
		}
		need += l.width[i]
	}
	if l.tree {
		need = l.leaveOut(need, room, spare, mostlyShrunk)
	} else if l.held {
		need = l.leaveOutAgain(need, was)
	} else if need > room {
		need = l.leaveOutToFit(need, room)
	}
	if need > room {
		l.shrink(need - room)
	} else {
		l.stretch(room - need)
	}
	l.total = l.lead
	for i := range l.columns {
		l.x[i] = l.total
		l.total += l.width[i]
	}
	l.pinColumns(l.room)
	return true
}

// pinColumns finds the columns that stay at the left when the others are scrolled away under them: of a tree what a row is called, of a
// flat table the port and who has it. They take no more than half of the room, but for the first, without which the others say nothing.
func (l *columnLayout) pinColumns(room float32) {
	l.pins, l.pinned = l.pins[:0], l.pinned[:0]
	left := l.lead
	for i := range l.columns {
		id := l.columns[i].ID
		if l.tree && i > 0 || !l.tree && id != table.ColumnPort && id != table.ColumnProcess || l.width[i] == 0 {
			continue
		}
		if most := room / 2; left+l.width[i] > most && (len(l.pins) > 0 || left+l.width[i] > room*0.7) {
			continue
		}
		l.pins, l.pinned = append(l.pins, i), append(l.pinned, left)
		left += l.width[i]
	}
}

// stuck reports whether a column is held in view now, being scrolled that far, and where it then begins, from the left of the view.
func (l *columnLayout) stuck(i int, offset float32) (x float32, is bool) {
	for at, pin := range l.pins {
		if pin == i {
			return l.pinned[at], l.x[i]-offset < l.pinned[at]
		}
	}
	return 0, false
}

// inView is where a column begins, from the left of the view.
func (l *columnLayout) inView(i int, offset float32) float32 {
	if x, is := l.stuck(i, offset); is {
		return x
	}
	return l.x[i] - offset
}

// stuckEnd is where the columns end that are held in view, from its left, with the room for the signs of rows, which stays too; 0 while nothing
// is scrolled away.
func (l *columnLayout) stuckEnd(offset float32) float32 {
	if offset <= 0 {
		return 0
	}
	end := l.lead
	for _, i := range l.pins {
		if x, is := l.stuck(i, offset); is {
			end = x + l.width[i]
		}
	}
	return end
}

// spare is what a tree can do without in a narrow window, and in which order: whose it is, as most is the
// person's own; the PID, which then stands behind the name; the bytes; how many processes there are. Of the lens the bytes a second, since when, and
// how fast connections come and go.
var spare = [][]table.ColumnID{{table.ColumnUser}, {table.ColumnPID}, {table.ColumnReceived, table.ColumnSent}, {table.ColumnProcesses},
	{table.ColumnReceivedRate, table.ColumnSentRate}, {table.ColumnOldest}, {table.ColumnOpened, table.ColumnClosed}}

// spareFlat is what a flat table can do without: whose it is, what the port is used for, and the app, as the process is there.
var spareFlat = [][]table.ColumnID{{table.ColumnUser}, {table.ColumnService}, {table.ColumnApp}}

// leaveOutToFit leaves out what a flat table can do without, if the rest then fits; else the table is scrolled sideways, with all that it has.
func (l *columnLayout) leaveOutToFit(need, room float32) float32 {
	whole, all := need, append([]float32(nil), l.width...)
	need = l.leaveOut(need, room, spareFlat, 1)
	slack := float32(0)
	for i := range l.columns {
		slack += l.slack(i)
	}
	if need-slack > room {
		copy(l.width, all)
		return whole
	}
	return need
}

// leaveOutAgain leaves out what was left out before.
func (l *columnLayout) leaveOutAgain(need float32, was []float32) float32 {
	for i := range l.columns {
		if was[i] == 0 {
			need -= l.width[i]
			l.width[i] = 0
		}
	}
	return need
}

// mostlyShrunk is by how much of what they can give the columns shrink before one is left out.
const mostlyShrunk = 0.7

// leaveOut gives no width to what is spare until the rest fits, and gives what that needs. The sorted
// column stays, and so does one that the person made as wide as it is.
//
// The others shrink by part of what they can give before that; by all of it before the lens does without how fast connections
// come and go, which it is there for.
func (l *columnLayout) leaveOut(need, room float32, spare [][]table.ColumnID, part float32) float32 {
	for _, together := range spare {
		slack := float32(0)
		for i := range l.columns {
			slack += l.slack(i)
		}
		if slices.Contains(together, table.ColumnOpened) {
			part = 1
		}
		if need-part*slack <= room {
			break
		}
		for i, c := range l.columns {
			if slices.Contains(together, c.ID) && l.chosen[i] == 0 && c.ID != l.sort {
				need -= l.width[i]
				l.width[i] = 0
			}
		}
	}
	return need
}

// lacks reports whether the column was left out.
func (l *columnLayout) lacks(id table.ColumnID) bool {
	for i := range l.columns {
		if l.columns[i].ID == id {
			return l.width[i] == 0
		}
	}
	return true
}

// sortedBy says which column is sorted.
func (l *columnLayout) sortedBy(id table.ColumnID) {
	if l.sort != id {
		l.sort, l.fitted = id, false
	}
}

// shrink takes from each column that was not dragged by as much as it can give.
func (l *columnLayout) shrink(excess float32) {
	slack := float32(0)
	for i := range l.columns {
		slack += l.slack(i)
	}
	if slack <= 0 {
		return
	}
	part := min(1, excess/slack)
	for i := range l.columns {
		l.width[i] -= floor(l.slack(i) * part)
	}
}

func (l *columnLayout) slack(i int) float32 {
	if l.chosen[i] > 0 || l.width[i] == 0 {
		return 0
	}
	return max(0, l.width[i]-l.least(i))
}

// stretch gives the spare space to the columns that gain by it, the rest to the last.
func (l *columnLayout) stretch(spare float32) {
	shares := float32(0)
	for i := range l.columns {
		if l.chosen[i] == 0 && l.width[i] > 0 {
			shares += l.share(i)
		}
	}
	rest := spare
	for i := range l.columns {
		if l.chosen[i] == 0 && l.width[i] > 0 && shares > 0 {
			part := floor(spare * l.share(i) / shares)
			l.width[i] += part
			rest -= part
		}
	}
	for i := len(l.columns) - 1; i >= 0; i-- {
		if l.width[i] > 0 {
			l.width[i] += rest
			break
		}
	}
}

// drag makes column i this wide, once fit is called. The columns before it keep their width, so
// that the dragged edge stays under the pointer.
func (l *columnLayout) drag(i int, width float32) {
	for before := range i {
		if l.width[before] > 0 {
			l.chosen[before] = l.width[before]
		}
	}
	l.chosen[i] = max(narrowest*l.scale, width)
	l.fitted, l.held = false, true
}

// at gives the column at x of the view, which is scrolled that far, and -1 beside all of them. Those that are held in view lie above the others.
func (l *columnLayout) at(x, offset float32) int {
	covered := x < l.stuckEnd(offset)
	for i := range l.columns {
		_, above := l.stuck(i, offset)
		if left := l.inView(i, offset); above == covered && x >= left && x < left+l.width[i] {
			return i
		}
	}
	return -1
}

// edgeAt gives the column whose right edge is within reach of x of the view, else -1. The
// last column has none: it ends where the table ends.
func (l *columnLayout) edgeAt(x, reach, offset float32) int {
	end := l.stuckEnd(offset)
	for i := range len(l.columns) - 1 {
		edge := l.inView(i, offset) + l.width[i]
		if _, above := l.stuck(i, offset); !above && edge <= end {
			continue // below those that are held in view
		}
		if l.width[i] > 0 && abs(edge-x) <= reach {
			return i
		}
	}
	return -1
}

func floor(x float32) float32 { return float32(math.Floor(float64(x))) }
