package ui

import (
	"math"

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
	columns []table.Column
	scale   float32   // text size in units of the 13 that Column.Width is given for
	natural []float32 // what the usual content needs, and the title with its arrow
	title   []float32 // what the title needs without it
	chosen  []float32 // what the person dragged it to; 0: not touched
	x       []float32
	width   []float32
	total   float32 // all widths
	room    float32 // what it was last fitted into
}

func newColumnLayout(columns []table.Column) *columnLayout {
	n := len(columns)
	return &columnLayout{columns: columns, scale: 1, natural: make([]float32, n), title: make([]float32, n),
		chosen: make([]float32, n), x: make([]float32, n), width: make([]float32, n)}
}

// measure finds what each column needs, with the text size and font of the fitter.
func (l *columnLayout) measure(f *textFitter) {
	l.scale = f.size / 13
	for i, c := range l.columns {
		l.title[i] = floor(f.width(c.Title, true)) + 1 + 2*cellPad
		l.natural[i] = max(floor(c.Width*l.scale), l.title[i]+arrowRoom)
		if c.ID == table.ColumnState {
			l.natural[i] = max(l.natural[i], floor(widestState(f))+dotRoom+2*cellPad+1)
		}
	}
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
func share(id table.ColumnID) float32 {
	switch id {
	case table.ColumnProcess:
		return 3
	case table.ColumnApp:
		return 2
	case table.ColumnLocal, table.ColumnRemote:
		return 1
	default:
		return 0
	}
}

// least is how narrow a column may get by itself when there is little room.
// Numbers and states are never cut, names are.
func (l *columnLayout) least(i int) float32 {
	if share(l.columns[i].ID) == 0 {
		return l.natural[i]
	}
	return max(l.title[i], floor(0.65*l.natural[i]))
}

// fit lays the columns out for a width: they stretch when there is more than
// they need, shrink down to their least when there is not enough, and from there
// on are scrolled.
func (l *columnLayout) fit(room float32) {
	l.room = room
	need := float32(0)
	for i := range l.columns {
		l.width[i] = l.natural[i]
		if l.chosen[i] > 0 {
			l.width[i] = l.chosen[i]
		}
		need += l.width[i]
	}
	if need > room {
		l.shrink(need - room)
	} else {
		l.stretch(room - need)
	}
	l.total = 0
	for i := range l.columns {
		l.x[i] = l.total
		l.total += l.width[i]
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
	if l.chosen[i] > 0 {
		return 0
	}
	return max(0, l.width[i]-l.least(i))
}

// stretch gives the spare space to the columns that gain by it, the rest to the last.
func (l *columnLayout) stretch(spare float32) {
	shares := float32(0)
	for i, c := range l.columns {
		if l.chosen[i] == 0 {
			shares += share(c.ID)
		}
	}
	rest := spare
	for i, c := range l.columns {
		if l.chosen[i] == 0 && shares > 0 {
			part := floor(spare * share(c.ID) / shares)
			l.width[i] += part
			rest -= part
		}
	}
	if n := len(l.columns); n > 0 {
		l.width[n-1] += rest
	}
}

// drag makes column i this wide. The columns before it keep their width, so
// that the dragged edge stays under the pointer.
func (l *columnLayout) drag(i int, width float32) {
	for before := range i {
		l.chosen[before] = l.width[before]
	}
	l.chosen[i] = max(narrowest*l.scale, width)
	l.fit(l.room)
}

// at gives the column at x, and -1 beside all of them.
func (l *columnLayout) at(x float32) int {
	for i := range l.columns {
		if x >= l.x[i] && x < l.x[i]+l.width[i] {
			return i
		}
	}
	return -1
}

// edgeAt gives the column whose right edge is within reach of x, else -1. The
// last column has none: it ends where the table ends.
func (l *columnLayout) edgeAt(x, reach float32) int {
	for i := range len(l.columns) - 1 {
		if abs(l.x[i]+l.width[i]-x) <= reach {
			return i
		}
	}
	return -1
}

func floor(x float32) float32 { return float32(math.Floor(float64(x))) }
