package ui

import (
	"fyne.io/fyne/v2"

	"portolan/internal/table"
)

// What is selected: one row that the keyboard is at, which the detail pane tells about, and often no other.
// Only where several are, or the keyboard is at one that is not, there is a set of keys besides it.
// All is kept by key and lives through refreshes; what goes is selected no more.

// Selected gives the row that the keyboard is at, if there is one: the last that was selected.
func (t *rowTable) Selected() (table.Row, bool) {
	if t.selectedIndex < 0 {
		return table.Row{}, false
	}
	return t.rows[t.selectedIndex], true
}

// SelectedRows gives all selected rows from top to bottom: what is copied, killed and exported. In a tree
// they may be an app and what belongs to it. Those that have closed are among them as long as they are
// shown (see table.Row.Mark): they can be copied, but there is nothing left to kill.
func (t *rowTable) SelectedRows() []table.Row {
	if t.chosen == nil {
		if row, ok := t.Selected(); ok {
			return []table.Row{row}
		}
		return nil
	}
	rows := make([]table.Row, 0, len(t.chosen))
	for i := range t.rows {
		if t.isSelected(i) {
			rows = append(rows, t.rows[i])
		}
	}
	return rows
}

// isSelected reports whether row i is selected.
func (t *rowTable) isSelected(i int) bool {
	if t.chosen == nil {
		return i == t.selectedIndex
	}
	_, is := t.chosen[t.rows[i].Key]
	return is
}

// clearSelection selects nothing.
func (t *rowTable) clearSelection() {
	if t.selectedIndex < 0 && t.chosen == nil {
		return
	}
	t.selected, t.selectedIndex, t.chosen = table.Key{}, -1, nil
	t.selectionChanged()
}

// selectIndex selects row i, and no other.
func (t *rowTable) selectIndex(i int) {
	t.pivot = t.rows[i].Key
	if i == t.selectedIndex && t.chosen == nil {
		return
	}
	t.selected, t.selectedIndex, t.chosen = t.rows[i].Key, i, nil
	t.selectionChanged()
}

// extendTo selects all rows from the one where the selection began to row i.
func (t *rowTable) extendTo(i int) {
	from := indexOfKey(t.rows, t.pivot)
	if from < 0 {
		from = max(0, t.selectedIndex)
		t.pivot = t.rows[from].Key
	}
	t.chosen = make(map[table.Key]struct{}, max(from, i)-min(from, i)+1)
	for at := min(from, i); at <= max(from, i); at++ {
		t.chosen[t.rows[at].Key] = struct{}{}
	}
	t.selected, t.selectedIndex = t.rows[i].Key, i
	t.selectionChanged()
}

// addIndex selects row i besides the others, or no more if it was selected.
func (t *rowTable) addIndex(i int) {
	key := t.rows[i].Key
	t.asSet()
	t.pivot = key
	if _, was := t.chosen[key]; !was {
		t.chosen[key] = struct{}{}
		t.selected, t.selectedIndex = key, i
	} else if delete(t.chosen, key); len(t.chosen) == 0 {
		t.selected, t.selectedIndex, t.chosen = table.Key{}, -1, nil
	} else if t.selected == key {
		t.selectedIndex = t.nearestChosen(i)
		t.selected = t.keyAt(t.selectedIndex)
	}
	t.selectionChanged()
}

// walkTo brings the keyboard to row i and leaves what is selected as it is.
func (t *rowTable) walkTo(i int) {
	t.asSet()
	t.selected, t.selectedIndex = t.rows[i].Key, i
	t.selectionChanged()
}

// selectAll selects every row there is.
func (t *rowTable) selectAll() {
	if len(t.rows) == 0 {
		return
	}
	t.chosen = make(map[table.Key]struct{}, len(t.rows))
	for i := range t.rows {
		t.chosen[t.rows[i].Key] = struct{}{}
	}
	if t.selectedIndex < 0 {
		t.selected, t.selectedIndex = t.rows[0].Key, 0
	}
	t.selectionChanged()
}

// asSet has the selection in a set, to add to it and take from it.
func (t *rowTable) asSet() {
	if t.chosen != nil {
		return
	}
	t.chosen = map[table.Key]struct{}{}
	if t.selectedIndex >= 0 {
		t.chosen[t.selected] = struct{}{}
	}
}

// nearestChosen gives the selected row that is nearest to row i, -1 for none.
func (t *rowTable) nearestChosen(i int) int {
	for away := range len(t.rows) {
		for _, at := range []int{i + away, i - away} {
			if at >= 0 && at < len(t.rows) && t.isSelected(at) {
				return at
			}
		}
	}
	return -1
}

// keepSelection finds the selected rows among new ones, and forgets those that are gone. The row that the keyboard
// was at is not followed by its neighbour, but by another that the person has selected too.
func (t *rowTable) keepSelection(next *rowFinder) {
	t.selectedIndex = next.find(t.selected)
	if t.chosen == nil {
		return
	}
	first := -1
	for key := range t.chosen {
		if at := next.find(key); at < 0 {
			delete(t.chosen, key)
		} else if first < 0 || at < first {
			first = at
		}
	}
	switch {
	case first < 0:
		t.chosen = nil
		t.selectedIndex = -1
	case t.selectedIndex < 0:
		t.selected, t.selectedIndex = next.rows[first].Key, first
	}
	if _, is := t.chosen[t.selected]; is && len(t.chosen) == 1 {
		t.chosen = nil
	}
}

func (t *rowTable) selectionChanged() {
	t.body.draw(false)
	t.tellSelection()
}

func (t *rowTable) tellSelection() {
	if t.onSelect != nil {
		row, ok := t.Selected()
		t.onSelect(row, ok)
	}
}

// pick selects row i as a press of the main button with these keys held does: Shift for all up to it,
// Command (Control where there is none) for this one besides the others.
func (t *rowTable) pick(i int, held fyne.KeyModifier) {
	switch {
	case held&fyne.KeyModifierShift != 0:
		t.extendTo(i)
	case held&fyne.KeyModifierShortcutDefault != 0:
		t.addIndex(i)
	default:
		t.selectIndex(i)
	}
}

// pickForMenu selects row i for a menu: all that are selected stay so if it is one of them.
func (t *rowTable) pickForMenu(i int) {
	if t.chosen == nil || !t.isSelected(i) {
		t.selectIndex(i)
		return
	}
	t.walkTo(i)
}
