package ui

import "portolan/internal/table"

// leftPlace is where a person was in a view when they turned to the other.
type leftPlace struct {
	keys     []table.Key // of the rows in view
	below    float32     // how far below the upper edge the first of them began; 0 or negative
	selected table.Key
}

// turn changes to other columns, which is another view of the same sockets. The selection goes along
// with what is selected; where nothing is that the other view has too, it is what was selected there before.
// It gives the top at which that view was left, and closes this one.
func (t *rowTable) turn(columns *columnLayout, next *rowFinder) float32 {
	t.left[t.columns] = t.leave()
	was, had := t.Selected()
	back := t.left[columns]
	delete(t.left, columns)
	t.columns = columns
	t.columns.measure(t.fitter)
	t.header.useColumns()
	t.body.slots = nil
	t.body.stripe = 0
	t.reordered = false
	t.selected, t.chosen = back.selected, nil
	if had {
		t.selected = counterpart(&was, back.selected, next)
	}
	for i, key := range back.keys {
		if at := next.find(key); at >= 0 {
			return t.clampAt(float32(at-i)*t.rowHeight()-back.below, len(next.rows))
		}
	}
	return 0
}

func (t *rowTable) leave() leftPlace {
	first, end := t.body.inView()
	place := leftPlace{below: float32(first)*t.rowHeight() - t.top(), selected: t.selected}
	for i := first; i < end; i++ {
		place.keys = append(place.keys, t.rows[i].Key)
	}
	return place
}

// counterpart gives the key of the row that stands for row in the other view: of a socket the same
// socket, or the process or app it is shown under; of an app or a process what was selected there before, if that is a part of it.
func counterpart(row *table.Row, before table.Key, next *rowFinder) table.Key {
	if row.Socket != nil {
		candidates := []table.Key{row.Key}
		if row.Owner != nil {
			app := row.Owner.Process.App.Key()
			candidates = append(candidates, table.Key{App: app, Process: row.Key.Process}, table.Key{App: app})
		}
		for _, key := range candidates {
			if next.find(key) >= 0 {
				return key
			}
		}
		return table.Key{}
	}
	if next.find(row.Key) >= 0 {
		return row.Key
	}
	if i := next.find(before); i >= 0 {
		if owner := next.rows[i].Owner; owner != nil && owner.Process.App.Key() == row.Key.App {
			return before
		}
	}
	return table.Key{}
}
