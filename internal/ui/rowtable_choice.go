package ui

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"portolan/internal/table"
)

// columnChoice is what the person has made of the columns of a view. Its zero value is the usual.
type columnChoice struct {
	order  []table.ColumnID           // of all columns that are known, hidden ones too
	hidden map[table.ColumnID]bool    // which are not shown
	width  map[table.ColumnID]float32 // at a text size of 13; what is not in it is as wide as is needed
}

// The widths that are taken from a memory, at a text size of 13.
const widest = 2000

// maxChoiceText is the length in bytes of the longest choice that is read.
const maxChoiceText = 1 << 12

// encode gives the choice in one line: the columns in their order, a minus before the hidden ones, and a colon and the
// width after those that were made as wide as they are: "proto,port:80,-service".
func (c columnChoice) encode() string {
	words := make([]string, 0, len(c.order))
	for _, id := range c.order {
		word := string(id)
		if c.hidden[id] {
			word = "-" + word
		}
		if width := c.width[id]; width > 0 {
			word += ":" + strconv.Itoa(int(math.Round(float64(width))))
		}
		words = append(words, word)
	}
	return strings.Join(words, ",")
}

// decodeChoice reads what encode has written, or anything else: what makes no sense is left out.
func decodeChoice(text string) columnChoice {
	c := columnChoice{hidden: map[table.ColumnID]bool{}, width: map[table.ColumnID]float32{}}
	if len(text) > maxChoiceText {
		return c
	}
	for word := range strings.SplitSeq(text, ",") {
		word, width, _ := strings.Cut(strings.TrimSpace(word), ":")
		name, hidden := strings.CutPrefix(word, "-")
		id := table.ColumnID(name)
		if name == "" || slices.Contains(c.order, id) {
			continue
		}
		c.order = append(c.order, id)
		if hidden {
			c.hidden[id] = true
		}
		if pixels, err := strconv.Atoi(width); err == nil && pixels > 0 {
			c.width[id] = float32(max(narrowest, min(pixels, widest)))
		}
	}
	return c
}

// arrange shows the columns as chosen. A column that the choice does not know, of a newer version perhaps, stands behind the
// one that it usually follows, or is hidden if it is an extra one. The first of a tree stays where it is, and one column at least is shown.
func (l *columnLayout) arrange(c columnChoice) {
	order := slices.DeleteFunc(slices.Clone(c.order), func(id table.ColumnID) bool { return l.usualAt(id) < 0 })
	for i, column := range l.usual {
		switch {
		case slices.Contains(order, column.ID):
		case i == 0:
			order = slices.Insert(order, 0, column.ID)
		default:
			order = slices.Insert(order, 1+slices.Index(order, l.usual[i-1].ID), column.ID)
		}
	}
	l.hidden = map[table.ColumnID]bool{}
	for _, id := range l.extra {
		if !slices.Contains(c.order, id) {
			l.hidden[id] = true
		}
	}
	for id, hidden := range c.hidden {
		if hidden && l.usualAt(id) >= 0 {
			l.hidden[id] = true
		}
	}
	if l.tree {
		order = slices.DeleteFunc(order, func(id table.ColumnID) bool { return id == table.ColumnName })
		order = slices.Insert(order, 0, table.ColumnName)
		delete(l.hidden, table.ColumnName)
	}
	if len(l.hidden) == len(l.usual) {
		clear(l.hidden)
		for _, id := range l.extra {
			l.hidden[id] = true
		}
	}
	l.order, l.columns = order, nil
	for _, id := range order {
		if !l.hidden[id] {
			l.columns = append(l.columns, l.usual[l.usualAt(id)])
		}
	}
	n := len(l.columns)
	l.natural, l.title, l.chosen = make([]float32, n), make([]float32, n), make([]float32, n)
	l.x, l.width = make([]float32, n), make([]float32, n)
	for i := range l.columns {
		l.chosen[i] = c.width[l.columns[i].ID] * l.scale
	}
	l.own = slices.DeleteFunc(slices.Clone(l.allOwn), func(own table.Column) bool { return c.hidden[own.ID] })
	l.unseen = map[table.ColumnID]float32{}
	for id := range l.hidden {
		l.unseen[id] = c.width[id]
	}
	l.fitted = false
	l.findSpan()
}

// usualAt gives the place of a column in the usual order, -1 when there is no such column.
func (l *columnLayout) usualAt(id table.ColumnID) int {
	return slices.IndexFunc(l.usual, func(c table.Column) bool { return c.ID == id })
}

// showsOwn reports whether a column that only a tree's sockets have is shown.
func (l *columnLayout) showsOwn(id table.ColumnID) bool {
	return slices.ContainsFunc(l.own, func(c table.Column) bool { return c.ID == id })
}

// choice gives what arrange takes.
func (l *columnLayout) choice() columnChoice {
	c := columnChoice{order: slices.Clone(l.order), hidden: map[table.ColumnID]bool{}, width: map[table.ColumnID]float32{}}
	for id := range l.hidden {
		c.hidden[id] = true
	}
	for _, own := range l.allOwn {
		if !l.showsOwn(own.ID) { // they have no place of their own: that they are hidden is all there is to keep
			c.order = append(c.order, own.ID)
			c.hidden[own.ID] = true
		}
	}
	maps.Copy(c.width, l.unseen)
	for i := range l.columns {
		if l.chosen[i] > 0 {
			c.width[l.columns[i].ID] = l.chosen[i] / l.scale
		}
	}
	return c
}

// shown gives the choice with a column shown or hidden.
func (c columnChoice) shown(id table.ColumnID, shown bool) columnChoice {
	if shown {
		delete(c.hidden, id)
	} else {
		c.hidden[id] = true
	}
	return c
}

// moved gives the choice with a column moved before another, "" for behind all.
func (c columnChoice) moved(id, before table.ColumnID) columnChoice {
	if id == before {
		return c
	}
	c.order = slices.DeleteFunc(c.order, func(x table.ColumnID) bool { return x == id })
	at := slices.Index(c.order, before)
	if at < 0 {
		at = len(c.order)
	}
	c.order = slices.Insert(c.order, at, id)
	return c
}

// spanRoom is the room behind the state that the other end of a socket is worth, at a text size of 13.
const spanRoom = 80

// findSpan finds where in a tree the columns of sockets alone stand: where the counts are, or where those are hidden or
// far from one another, over other neighbours in which sockets have nothing. Without such a place they follow the name.
func (l *columnLayout) findSpan() {
	l.first, l.last = -1, -1
	if !l.tree {
		return
	}
	if l.first, l.last = l.longest(l.counts); l.first >= 0 {
		l.widen()
		return
	}
	l.first, l.last = l.longest(l.emptyInSockets)
}

// counts tells the columns that say how much there is.
func (l *columnLayout) counts(id table.ColumnID) bool {
	from, to := table.ColumnListening, table.ColumnUDP
	if l.lens {
		from, to = table.ColumnOpened, table.ColumnTrend
	}
	at := l.usualAt(id)
	return at >= l.usualAt(from) && at <= l.usualAt(to)
}

// emptyInSockets tells the columns in which sockets have nothing.
func (l *columnLayout) emptyInSockets(id table.ColumnID) bool {
	switch id {
	case table.ColumnName, table.ColumnReceived, table.ColumnSent, table.ColumnReceivedRate, table.ColumnSentRate, table.ColumnOldest:
		return false
	}
	return true
}

// longest gives the widest run of neighbours of a kind, -1 and -1 without any.
func (l *columnLayout) longest(of func(table.ColumnID) bool) (first, last int) {
	first, last = -1, -1
	most := float32(0)
	for i := 0; i < len(l.columns); {
		end, width := i, float32(0)
		for ; end < len(l.columns) && of(l.columns[end].ID); end++ {
			width += l.columns[end].Width
		}
		if width > most {
			first, last, most = i, end-1, width
		}
		i = end + 1
	}
	return first, last
}

// widen takes neighbours in which sockets have nothing into the span until it has room enough.
func (l *columnLayout) widen() {
	width := float32(0)
	for i := l.first; i <= l.last; i++ {
		width += l.columns[i].Width
	}
	for _, room := 0, float32(104+dotRoom+spanRoom); width < room; {
		switch {
		case l.last+1 < len(l.columns) && l.emptyInSockets(l.columns[l.last+1].ID):
			l.last++
			width += l.columns[l.last].Width
		case l.first > 1 && l.emptyInSockets(l.columns[l.first-1].ID):
			l.first--
			width += l.columns[l.first].Width
		default:
			return
		}
	}
}
