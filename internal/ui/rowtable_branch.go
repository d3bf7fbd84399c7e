package ui

import (
	"fmt"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"portolan/internal/app"
	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/table"
)

// Where things stand in a tree, in pixels at a text size of 13.
const (
	branchMiddle = 18 // the middle of an app's triangle, right of the sign of a marked row
	beforeName   = 12 // from the middle of a process's triangle to its name
	triangleHalf = 12 // how far from its middle a triangle can be clicked
	iconX        = 28 // an app's icon, right of its triangle
	iconSize     = 16
	branchNameX  = 51 // an app's name, right of its icon
	indent       = 18 // of what belongs to a row, from that row's name
	nameGap      = 6  // between a name and what is said of it
	leastBeside  = 32 // of what is said of it: a few letters, not the dots alone
)

// branchMarks is what a row of a tree has besides its cells.
type branchMarks struct {
	open     bool // the triangle points down
	isBranch bool // it can be opened
	pictured bool // it has an icon
	chevron  [2]*canvas.Line
	icon     *canvas.Image
	texts    []*canvas.Text // after the name, and the columns that sockets alone have
}

func newBranchMarks(own int) *branchMarks {
	b := &branchMarks{chevron: newChevron(), icon: &canvas.Image{}}
	for range own + 1 {
		b.texts = append(b.texts, &canvas.Text{})
	}
	return b
}

// branchX is where the name of a row at this depth begins.
func (t *rowTable) branchX(depth int) float32 {
	return t.fitter.scaled(branchNameX + float32(depth)*indent)
}

// triangleX is the middle of the triangle of a row at this depth.
func (t *rowTable) triangleX(depth int) float32 {
	if depth == 0 {
		return t.fitter.scaled(branchMiddle)
	}
	return t.branchX(depth) - t.fitter.scaled(beforeName)
}

// treeX is where a row's name begins.
func (t *rowTable) treeX(row *table.Row) float32 { return t.branchX(row.Depth) }

// nameX is where the column of the names begins, which is held in view when the rest is scrolled sideways.
func (t *rowTable) nameX() float32 { return t.columnX(0) }

// onTriangle reports whether x is where the row's triangle is.
func (t *rowTable) onTriangle(row *table.Row, x float32) bool {
	return t.columns.tree && row.Group != nil && abs(x-t.nameX()-t.triangleX(row.Depth)) <= t.fitter.scaled(triangleHalf)
}

// fillBranch sets what makes row i a part of a tree.
func (s *rowSlot) fillBranch(t *rowTable, i int, y float32) {
	row, b := &t.rows[i], s.branch
	b.isBranch, b.pictured = row.Group != nil, row.Group != nil && row.Depth == 0
	if b.isBranch {
		s.fillTriangle(t, row, y)
	}
	if b.pictured {
		s.fillIcon(t, row.Group, y)
	}
	s.fillName(t, i, y)
}

func (s *rowSlot) fillTriangle(t *rowTable, row *table.Row, y float32) {
	b, ink := s.branch, t.body.palette.muted
	middle := fyne.NewPos(t.nameX()+t.triangleX(row.Depth), y+t.rowHeight()/2)
	points, scale := chevronOf(row.Group.Open), t.columns.scale
	if b.chevron[0].Position1 == middle.Add(points.scaled(scale)[0]) && b.open == row.Group.Open && b.chevron[0].StrokeColor == ink {
		return
	}
	b.open = row.Group.Open
	setChevron(b.chevron, middle, points, scale, ink)
	s.changed = true
}

func (s *rowSlot) fillIcon(t *rowTable, g *table.Group, y float32) {
	icon := s.branch.icon
	if picture := t.icons.of(g, t.body.palette.muted); icon.Image != picture {
		icon.Image = picture
		canvas.Refresh(icon) // its texture is of another picture
		s.changed = true
	}
	size := t.fitter.scaled(iconSize)
	s.move(icon, t.nameX()+t.fitter.scaled(iconX), y+floor((t.rowHeight()-size)/2))
	s.resize(icon, size, size)
}

// fillName sets the first cell: of an app or process its name, with the terminal it was started in
// behind it, of a socket what the column says. Long names may use the empty cells beside them.
func (s *rowSlot) fillName(t *rowTable, i int, y float32) {
	row, p := &t.rows[i], &t.body.palette
	x := t.branchX(row.Depth)
	width := t.columns.width[0] - cellPad - x
	name, more, ink := t.columns.columns[0].Text(row), "", rowInk(p, row)
	switch g := row.Group; {
	case g == nil: // its columns begin where the counts do
		var room float32
		if width, room = t.columns.span(); room < t.columns.state {
			more = t.besideSocket(row)
		}
		if width -= cellPad + x; t.isStuck(0) {
			width = t.columns.width[0] - cellPad - x // what is right of it lies below
			if name != t.fitter.fit(name, width, false) && !t.columns.lens {
				name = fmt.Sprintf("%s :%d", row.Socket.Protocol, row.Socket.Local.Port()) // what tells it from the others
			}
		}
	case g.Absence != netstat.Owned:
		name, ink = g.Name, p.muted
		if !t.isStuck(0) {
			width += t.emptyBeside(row, 0)
		}
	default:
		name, more = g.Name, t.besideName(i)
		if g.Process != nil && t.columns.lacks(table.ColumnPID) {
			more = strings.TrimSpace(strconv.Itoa(g.Process.PID) + "  " + more)
		}
	}
	fitting, used := t.fitter.fitting(name, width, false)
	x += t.nameX()
	s.put(t, s.cells[0], fitting, ink, fyne.TextAlignLeading, x, y, width)
	if fitting != name {
		more = ""
	}
	rest := width - used - nameGap
	if rest < leastBeside {
		more = ""
	}
	s.put(t, s.branch.texts[0], t.fitter.fit(more, rest, false), p.muted, fyne.TextAlignLeading, x+used+nameGap, y, rest)
}

// besideSocket gives what the columns of sockets alone say, where there is no place for them.
func (t *rowTable) besideSocket(row *table.Row) string {
	var words []string
	for i := range t.columns.own {
		if text := t.ownText(row, &t.columns.own[i]); text != "" {
			words = append(words, text)
		}
	}
	return strings.Join(words, "  ")
}

// besideName gives "in iTerm" for what was started in a terminal, and the image of a container. A process does
// not say again what its app says.
func (t *rowTable) besideName(i int) string {
	g := t.rows[i].Group
	if t.rows[i].Depth == 0 && g.App.Kind == app.Container {
		return table.Clean(g.App.Image)
	}
	if g.In == "" {
		return ""
	}
	if t.rows[i].Depth > 0 {
		for above := i - 1; above >= 0; above-- {
			if t.rows[above].Depth == 0 {
				if t.rows[above].Group != nil && t.rows[above].Group.In == g.In {
					return ""
				}
				break
			}
		}
	}
	return language.F("in %s", g.In)
}

// fillOwn sets what sockets alone have: the state, and behind it the other end and the service.
func (s *rowSlot) fillOwn(t *rowTable, row *table.Row, y float32) {
	l, texts := t.columns, s.branch.texts[1:]
	x, width := l.span()
	if row.Socket == nil || width < l.state {
		for _, text := range texts {
			s.put(t, text, "", nil, fyne.TextAlignLeading, 0, y, 0)
		}
		return
	}
	p := &t.body.palette
	end := x + width - cellPad
	x += cellPad
	remote := x
	for i := range l.own {
		column, ink := &l.own[i], rowInk(p, row)
		at := x
		switch column.ID {
		case table.ColumnState:
			if row.Socket.State != 0 {
				ink = s.fillDot(t, row, ink, x, y)
				at += t.fitter.scaled(dotRoom)
			}
			x += l.state - cellPad
		case table.ColumnRemote:
			remote = x
		case table.ColumnService: // one under the other, unless the other end needs the room
			under := remote + l.remote
			if under > end-leastBeside {
				under = remote + floor((end-remote)/2)
			}
			at, ink = max(x, under), p.muted
		}
		fitting, used := t.fitter.fitting(t.ownText(row, column), end-at, false)
		s.put(t, texts[i], fitting, ink, fyne.TextAlignLeading, at, y, end-at)
		if column.ID != table.ColumnState && used > 0 {
			x += used + 2*cellPad
		}
	}
}

// appendObjects adds what is to be drawn of the name; the columns of sockets are drawn before.
func (b *branchMarks) appendObjects(objects []fyne.CanvasObject) []fyne.CanvasObject {
	if b.isBranch {
		objects = append(objects, b.chevron[0], b.chevron[1])
	}
	if b.pictured {
		objects = append(objects, b.icon)
	}
	return appendTexts(objects, b.texts[:1])
}

// spokenBranch gives a row of the tree that can be opened as one sentence.
func spokenBranch(row *table.Row) string {
	parts := []string{row.Group.Label(), row.Group.Summary()}
	if row.Flow != nil {
		parts = spokenFlow(row)
	}
	if row.Group.Open {
		parts = append(parts, language.T("open"))
	} else {
		parts = append(parts, language.T("closed"))
	}
	if mark := spokenMark(row.Mark); mark != "" {
		parts = append(parts, mark)
	}
	return strings.Join(parts, ", ")
}
