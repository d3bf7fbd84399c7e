package main

import (
	"cmp"
	"slices"
	"strings"

	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/table"
)

// rowSheet puts sockets' rows into the columns of the flat table. An empty cell gets a dash, so that
// every line has the same number of words for awk.
func rowSheet(rows []table.Row) *sheet {
	s := newSheet(table.Columns(), len(rows))
	for i := range rows {
		s.rows = append(s.rows, cellsOf(&rows[i], table.Columns(), "-"))
	}
	return s
}

// treeSheet puts the rows of the by-app view into its columns, but for those that have nothing to show,
// and, where the terminal is too narrow, for those that are missed least. The first column is the tree.
func treeSheet(rows []table.Row, width int) (*sheet, []table.Column) {
	columns := slices.DeleteFunc(table.GroupColumns(), func(c table.Column) bool {
		return !slices.ContainsFunc(rows, func(r table.Row) bool { return c.Text(&r) != "" })
	})
	s := treeOf(rows, columns)
	for _, least := range [...]table.ColumnID{table.ColumnUser, table.ColumnService, table.ColumnProcesses, table.ColumnUDP, table.ColumnEphemeral,
		table.ColumnSent, table.ColumnReceived, table.ColumnClosing, table.ColumnRemote} {
		widths := s.widths(0)
		if len(widths) == 0 || sum(widths)+gap*(len(widths)-1)-widths[0]+min(widths[0], leastTree) <= width {
			break
		}
		columns = slices.DeleteFunc(columns, func(c table.Column) bool { return c.ID == least })
		s = treeOf(rows, columns)
	}
	return s, columns
}

// leastTree is how much of the tree is worth more than another column.
const leastTree = 32

func treeOf(rows []table.Row, columns []table.Column) *sheet {
	s := newSheet(columns, len(rows))
	for i := range rows {
		cells := cellsOf(&rows[i], columns, "")
		cells[0].text = branch(&rows[i]) + cells[0].text
		s.rows = append(s.rows, cells)
	}
	return s
}

// branch stands before what a row of the by-app view is.
func branch(r *table.Row) string {
	indent := strings.Repeat("  ", r.Depth)
	switch {
	case r.Group == nil:
		return indent
	case r.Group.Open:
		return indent + "▾ "
	default:
		return indent + "▸ "
	}
}

func newSheet(columns []table.Column, rows int) *sheet {
	s := &sheet{rows: make([][]cell, 0, rows)}
	for _, c := range columns {
		s.columns = append(s.columns, sheetColumn{title: titleOf(c.ID), right: c.AlignRight, least: leastWidth(c.ID)})
	}
	return s
}

// titleOf is what to call a column, and what --sort takes, but for the widest of those of numbers.
func titleOf(id table.ColumnID) string {
	switch id {
	case table.ColumnName:
		return "APP"
	case table.ColumnListening:
		return "LISTEN"
	case table.ColumnEstablished:
		return "ESTAB"
	case table.ColumnEphemeral:
		return "EPHEM"
	case table.ColumnProcesses:
		return "PROCS"
	default:
		return strings.ToUpper(string(id))
	}
}

// cellsOf gives the cells of a row; empty stands in those that have nothing.
func cellsOf(r *table.Row, columns []table.Column, empty string) []cell {
	cells := make([]cell, len(columns))
	for i, c := range columns {
		cells[i] = cell{text: cmp.Or(c.Text(r), empty), style: styleOf(r, c.ID)}
	}
	return cells
}

// leastWidth is what a column keeps on a narrow terminal; numbers and states are never cut.
func leastWidth(id table.ColumnID) int {
	switch id {
	case table.ColumnName:
		return 16
	case table.ColumnLocal, table.ColumnRemote, table.ColumnProcess, table.ColumnApp:
		return 9
	case table.ColumnService, table.ColumnUser:
		return 5
	default:
		return 0
	}
}

func styleOf(r *table.Row, id table.ColumnID) style {
	switch {
	case r.Group != nil && id == table.ColumnName && r.Depth == 0:
		return bold
	case r.Group != nil && id == table.ColumnPort:
		return green
	case r.Socket == nil:
		return plain
	case id == table.ColumnState && r.Socket.State == netstat.Listen:
		return green
	case id == table.ColumnLocal && r.Exposure == port.Network:
		return yellow // others can reach it
	case r.Owner == nil:
		return faint
	default:
		return plain
	}
}
