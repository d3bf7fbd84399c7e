package ui

import "portolan/internal/table"

// anchor gives the top, for place, at which the given rows are to be shown in
// place of the present ones, so that what the person looks at stays where it is.
//
// The row at the top of the view stays, or the nearest one that is still there.
// More than it counts the row under the pointer, and next the selected row: who
// is about to click must not hit another one. Neither is followed when it has
// been sorted away from its neighbours by more than the view shows. A list at
// its very top, with no such row, stays at its top. Only the row under the pointer
// is worth free room beyond the ends.
//
// Rows that were asked for, by a search, are another matter: the pointer only happens to lie there, and a list
// at its very top stays there as long as the selected row is in view so.
func (t *rowTable) anchor(next *rowFinder, asked bool) float32 {
	rows := next.rows
	view, height := t.scroll.Size().Height, t.rowHeight()
	if view <= 0 || len(t.rows) == 0 || len(rows) == 0 {
		return 0
	}
	old := t.top()
	selected := t.selectedIndex
	if top := float32(selected) * height; selected >= 0 && (top+height <= old || top >= old+view) {
		selected = -1 // out of view
	}
	base := float32(0)
	if t.reordered {
		t.reordered = false
		if i := next.find(t.keyAt(selected)); i >= 0 {
			return t.clampAt(t.follow(selected, i), len(rows))
		}
		return 0
	}
	if old != 0 {
		base = t.topAnchor(next)
	}
	hovered := t.body.hovered()
	if asked {
		hovered = -1
		if i := next.find(t.keyAt(selected)); old <= 0 && float32(i+1)*height <= view {
			return 0
		}
	}
	for _, candidate := range []int{hovered, selected} {
		i := next.find(t.keyAt(candidate))
		if i < 0 {
			continue
		}
		if followed := t.follow(candidate, i); abs(followed-base) <= view {
			if candidate != hovered {
				followed = t.clampAt(followed, len(rows))
			}
			return followed
		}
	}
	return t.clampAt(base, len(rows))
}

// anchorReach is how many rows from the top of the view a row still counts as near.
const anchorReach = 1000

// topAnchor keeps the first row in view, or the nearest one that is still
// there. When none is, another table has begun: at its top.
func (t *rowTable) topAnchor(next *rowFinder) float32 {
	first := max(0, min(int(t.top()/t.rowHeight()), len(t.rows)-1))
	for was := first; was < min(first+anchorReach, len(t.rows)); was++ {
		if i := next.find(t.rows[was].Key); i >= 0 {
			return t.follow(was, i)
		}
	}
	for was := first - 1; was >= max(0, first-anchorReach); was-- {
		if i := next.find(t.rows[was].Key); i >= 0 {
			return t.follow(was, i)
		}
	}
	return 0
}

// follow gives the top that keeps the row that was number was, and now is
// number is, at its place on the screen.
func (t *rowTable) follow(was, is int) float32 {
	return t.top() + float32(is-was)*t.rowHeight()
}

// keyAt gives the key of a row, the zero Key (which no row has) for -1.
func (t *rowTable) keyAt(i int) table.Key {
	if i < 0 || i >= len(t.rows) {
		return table.Key{}
	}
	return t.rows[i].Key
}

// indexOfKey gives the number of the row with this key, -1 when there is none.
func indexOfKey(rows []table.Row, key table.Key) int {
	if key == (table.Key{}) {
		return -1
	}
	for i := range rows {
		if rows[i].Key == key {
			return i
		}
	}
	return -1
}

// rowIndex says where the row with a key is.
type rowIndex map[table.Key]int32

func newRowIndex(rows []table.Row) rowIndex {
	index := make(rowIndex, len(rows))
	for i := range rows {
		index[rows[i].Key] = int32(i)
	}
	return index
}

// rowFinder finds rows by key. Without an index it makes one once it has been asked a few
// times: that costs more than to look through all of them a few times, and less than many.
type rowFinder struct {
	rows  []table.Row
	looks int
	index rowIndex
}

func (f *rowFinder) find(key table.Key) int {
	if key == (table.Key{}) {
		return -1
	}
	if f.looks++; f.index == nil && f.looks <= 4 {
		return indexOfKey(f.rows, key)
	}
	if f.index == nil {
		f.index = newRowIndex(f.rows)
	}
	if i, ok := f.index[key]; ok {
		return int(i)
	}
	return -1
}

func abs(x float32) float32 { return max(x, -x) }
