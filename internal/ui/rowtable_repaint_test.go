package ui

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"portolan/internal/netstat"
	"portolan/internal/table"
)

// TestRepaintsWhatChanged: a refresh has a frame drawn when it changes something in view, and else none.
func TestRepaintsWhatChanged(t *testing.T) {
	rows := manyRows(10_000)
	changed := func(i int, row table.Row) []table.Row {
		more := slices.Clone(rows)
		more[i] = row
		return more
	}
	other := sampleRow(1, netstat.TCP, netstat.Listen, "127.0.0.1:1", "", "another", 1000)
	other.Key = rows[0].Key
	far := sampleRow(9000, netstat.TCP, netstat.Listen, "127.0.0.1:9000", "", "another", 9999)
	for _, c := range []struct {
		name   string
		offset float32
		rows   []table.Row
		paints bool
	}{
		{"nothing", 0, slices.Clone(rows), false},
		{"nothing, scrolled", 24 * 500, slices.Clone(rows), false},
		{"a row out of view", 0, changed(8999, far), false},
		{"a row more at the end", 0, append(slices.Clone(rows), far), false},
		{"a row less far below", 0, slices.Delete(slices.Clone(rows), 5000, 5001), false},
		{"another text in view", 0, changed(0, other), true},
		{"a row more in view", 0, append([]table.Row{far}, rows...), true},
		{"a row less in view", 0, slices.Delete(slices.Clone(rows), 3, 4), true},
		{"half as many rows", 0, rows[:5000], true}, // the scroll bar gets longer
		{"none", 0, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHarness(t, rows, 1240, 800)
			h.scrollTo(fyne.NewPos(0, c.offset))
			paints := countPaints(t)
			if n := paints.during(func() { h.SetRows(c.rows) }); (n > 0) != c.paints {
				t.Errorf("%d repaints, want some: %v", n, c.paints)
			}
		})
	}
}

// TestRepaintsTree: the same for the by-app view, where bytes change all the time.
func TestRepaintsTree(t *testing.T) {
	h := newWorkshop(t, branches(workshop(), table.ColumnName, "vite - shop-frontend/"), fyne.NewSize(1180, 300), 0)
	paints := countPaints(t)
	if n := paints.during(func() { h.SetRows(branches(workshop(), table.ColumnName, "vite - shop-frontend/")) }); n > 0 {
		t.Errorf("%d repaints for nothing", n)
	}
	s := workshop()
	for i := range s.Sockets {
		s.Sockets[i].RxBytes *= 2
	}
	if n := paints.during(func() { h.SetRows(branches(s, table.ColumnName, "vite - shop-frontend/")) }); n == 0 {
		t.Error("twice as many bytes were received, and nothing is drawn")
	}
	if n := paints.during(func() { h.SetRows(branches(s, table.ColumnName)) }); n == 0 {
		t.Error("an app was closed, and nothing is drawn")
	}
}

// TestSlotsFollow: what was out of view when the rows changed is not shown as it was.
func TestSlotsFollow(t *testing.T) {
	rows, other := manyRows(100), newRows(100)
	for i := range other {
		other[i].Service = "new"
	}
	h := newHarness(t, rows, 1240, 400)
	h.scrollTo(fyne.NewPos(0, rowTall))
	h.scrollTo(fyne.NewPos(0, 0))
	h.SetRows(other)
	for y := float32(0); y < 200; y += 8 {
		h.scrollTo(fyne.NewPos(0, y))
		for i, service := range h.shown(table.ColumnService) {
			if service != "new" {
				t.Fatalf("scrolled to %v, row %d is an old one", y, i)
			}
		}
	}
}
