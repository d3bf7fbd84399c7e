package ui

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
)

// BenchmarkScrollStep is one notch of the wheel over ten thousand rows.
func BenchmarkScrollStep(b *testing.B) {
	h := newHarness(b, manyRows(10000), 1240, 800)
	step := &fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -25)}
	b.ReportAllocs()
	for b.Loop() {
		h.scroll.Scrolled(step)
		if h.scroll.Offset.Y > 230000 {
			h.scrollTo(fyne.NewPos(0, 0))
		}
	}
}

// BenchmarkPageJump shows a page of rows that were not in view before.
func BenchmarkPageJump(b *testing.B) {
	h := newHarness(b, manyRows(10000), 1240, 800)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		h.scrollTo(fyne.NewPos(0, float32(i*7919%9900)*rowTall))
	}
}

// BenchmarkSetRows is a refresh of ten thousand rows with ten new ones above and a selection.
func BenchmarkSetRows(b *testing.B) {
	rows := manyRows(10000)
	more := slices.Concat(newRows(10), rows)
	h := newHarness(b, rows, 1240, 800)
	h.Select(rows[5000].Key)
	b.ReportAllocs()
	for b.Loop() {
		h.SetRows(more)
		h.SetRows(rows)
	}
}

// BenchmarkSetRowsAnew is the worst case: none of the old rows is there any more. The index comes with the rows, as the model makes it.
func BenchmarkSetRowsAnew(b *testing.B) {
	rows, other := manyRows(10000), newRows(10000)
	index, otherIndex := newRowIndex(rows), newRowIndex(other)
	h := newHarness(b, rows, 1240, 800)
	b.ReportAllocs()
	for b.Loop() {
		h.scrollTo(fyne.NewPos(0, 120000))
		h.set(rowSet{columns: h.columns, rows: other, index: otherIndex, sort: h.sort})
		h.scrollTo(fyne.NewPos(0, 120000))
		h.set(rowSet{columns: h.columns, rows: rows, index: index, sort: h.sort})
	}
}
