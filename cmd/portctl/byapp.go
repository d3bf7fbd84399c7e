package main

import (
	"strconv"
	"strings"

	"portolan/internal/netstat"
	"portolan/internal/table"
)

// appGroups gives a group for every app. Of the hidden processes there is one for each user instead of
// one for all: there is nothing here to open.
func appGroups(s *netstat.Snapshot, v table.View) []*table.Group {
	rows := table.Rows(s, v)
	for _, r := range rows {
		if isHidden(&r) {
			rows = table.Rows(s, v.Toggled(r))
			break
		}
	}
	var groups []*table.Group
	for _, r := range rows {
		if r.Group != nil && !isHidden(&r) {
			groups = append(groups, r.Group)
		}
	}
	return groups
}

// isHidden reports whether it is the group of all hidden processes.
func isHidden(r *table.Row) bool {
	return r.Group != nil && r.Depth == 0 && r.Group.Absence == netstat.Concealed
}

// appSheet has a line for every group.
func appSheet(groups []*table.Group) *sheet {
	out := &sheet{columns: []sheetColumn{
		{title: "APP", least: 9}, {title: "PROCESSES", right: true}, {title: "SOCKETS", right: true}, {title: "LISTENING", right: true},
		{title: "ESTABLISHED", right: true}, {title: "EPHEMERAL", right: true}, {title: "CLOSING", right: true}, {title: "UDP", right: true},
		{title: "RECEIVED", right: true}, {title: "SENT", right: true}, {title: "PORTS", least: 9},
	}}
	for _, g := range groups {
		cells := []cell{{text: orDash(g.Label()), style: bold}}
		for _, n := range []int{g.Processes, g.Sockets, g.Listening, g.Established, g.Ephemeral, g.Closing, g.UDP} {
			cells = append(cells, cell{text: strconv.Itoa(n)})
		}
		cells = append(cells, cell{text: orDash(table.Bytes(g.RxBytes))}, cell{text: orDash(table.Bytes(g.TxBytes))},
			cell{text: orDash(portList(g.Ports)), style: green})
		out.rows = append(out.rows, cells)
	}
	return out
}

// portList gives "80,443": one word, for awk.
func portList(ports []uint16) string {
	words := make([]string, len(ports))
	for i, p := range ports {
		words[i] = strconv.Itoa(int(p))
	}
	return strings.Join(words, ",")
}
