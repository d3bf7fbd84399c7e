package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"

	"portolan/internal/language"
	"portolan/internal/table"
)

// unsaid tells what column i of the lens leaves out in a row: a service has said in its name where it goes, and
// of TIME_WAIT there is a sentence behind the numbers.
func (l *columnLayout) unsaid(row *table.Row, i int) bool {
	switch {
	case row.Flow == nil:
		return false
	case row.Flow.Sentence != "":
		return i >= l.behindNumbers(row.Flow)
	default:
		return row.Depth > 0 && l.columns[i].ID == table.ColumnRemotes
	}
}

// fillLens sets the cells that only the lens has: the plots, and the sentence of TIME_WAIT. It reports whether that is all
// there is to the cell.
func (s *rowSlot) fillLens(t *rowTable, row *table.Row, i int, y float32) bool {
	l := t.columns
	switch {
	case l.columns[i].ID == table.ColumnTrend && (row.Flow == nil || row.Flow.Sentence == ""):
		s.fillPlot(t, row, i, y)
		s.put(t, s.cells[i], "", nil, fyne.TextAlignLeading, 0, y, 0)
		return true
	case row.Flow == nil || row.Flow.Sentence == "":
		return false
	}
	s.plot.clear(s)
	if i != l.behindNumbers(row.Flow) {
		return false
	}
	x := l.x[i] + cellPad
	width := l.total - x - cellPad
	text := row.Flow.Sentence
	for t.fitter.fit(text, width, false) != text {
		_, short, ok := strings.Cut(text, "; ")
		if !ok {
			break
		}
		text = upperFirst(short) // what stands before it, the row or the pane says too
	}
	s.put(t, s.cells[i], t.fitter.fit(text, width, false), t.body.palette.text, fyne.TextAlignLeading, x, y, width)
	return true
}

// upperFirst begins a sentence.
func upperFirst(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// behindNumbers is the first column shown behind the name and what there is to count of TIME_WAIT; past the last when
// there is none.
func (l *columnLayout) behindNumbers(f *table.Flow) int {
	for i := 1; i < len(l.columns); i++ {
		id := l.columns[i].ID
		counted := id == table.ColumnNow || f.Least && (id == table.ColumnOpened || id == table.ColumnClosed)
		if l.width[i] > 0 && !counted {
			return i
		}
	}
	return len(l.columns)
}

// ownText is what to read of a socket in one of the columns that only sockets have. In the lens, where the other
// end is its name, the port here is said in words.
func (t *rowTable) ownText(row *table.Row, column *table.Column) string {
	text := readText(row, column)
	if column.ID == table.ColumnPort && text != "" {
		return language.F("from port %s", text)
	}
	return text
}

// spokenFlow says of an app in the lens how many connections it has, and to what.
func spokenFlow(row *table.Row) []string {
	if row.Flow.Sentence != "" {
		return []string{row.Flow.Sentence}
	}
	parts := []string{row.Group.Label(), language.N("%d connection", "%d connections", row.Flow.Now)}
	if row.Depth == 0 {
		parts = append(parts, row.Flow.RemotesText())
	}
	return parts
}
