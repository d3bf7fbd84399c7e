package table

import (
	"cmp"
	"slices"
	"strings"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/process"
)

// group is a group while it is being filled.
type group struct {
	header  Group
	key     Key
	label   *label          // of one of its rows: it says who they are
	counted *netstat.Socket // the last socket that was counted
	pids    map[process.ID]struct{}
	rows    []int32 // the places of its rows, in the order to show
}

// grouped gives the groups, each followed by its sockets if it is open.
func grouped(rows []Row, by direction, v View) []Row {
	groups, of := gather(rows)
	for _, place := range by.order(rows) {
		g := groups[of[place]]
		g.rows = append(g.rows, place)
	}
	slices.SortFunc(groups, func(a, b *group) int {
		return cmp.Or(by.compare(&rows[a.rows[0]], &rows[b.rows[0]]), compareGroups(a, b))
	})
	var out []Row
	for _, g := range groups {
		g.header.Open = v.Open[g.key]
		out = append(out, Row{Key: g.key, Group: g.finish()})
		if !g.header.Open {
			continue
		}
		for _, place := range g.rows {
			row := rows[place]
			row.Depth = 1
			out = append(out, row)
		}
	}
	return out
}

// gather makes the groups of the rows, counted, and says for each row which it is in.
func gather(rows []Row) (groups []*group, of []int) {
	of = make([]int, len(rows))
	byLabel, byKey := make(map[*label]int), make(map[string]int)
	for i := range rows {
		l := rows[i].label
		at, known := byLabel[l]
		if !known {
			if at, known = byKey[l.group]; !known {
				at = len(groups)
				byKey[l.group] = at
				groups = append(groups, &group{key: Key{App: l.group}, label: l, pids: make(map[process.ID]struct{})})
			}
			byLabel[l] = at
			groups[at].meet(&rows[i])
		}
		groups[at].count(&rows[i])
		of[i] = at
	}
	return groups, of
}

// meet notes a process that the group did not have.
func (g *group) meet(r *Row) {
	if r.Owner == nil {
		return
	}
	g.header.App = r.Owner.Process.App
	g.pids[r.Owner.Process.ID] = struct{}{}
}

// count counts a row's socket. The rows of one socket follow each other, so
// that looking at the last one is enough to count it once.
func (g *group) count(r *Row) {
	if r.Socket == g.counted {
		return
	}
	g.counted = r.Socket
	g.header.add(r.Socket, r.Ephemeral)
}

func (g *group) finish() *Group {
	g.header.Name = g.name()
	g.header.Processes = len(g.pids)
	return &g.header
}

func (g *group) name() string {
	switch {
	case g.label.unowned:
		return g.label.groupName
	case g.label.app != "":
		return g.label.app
	default:
		return g.label.process
	}
}

// compareGroups orders by name, without regard to case, those of no known app
// last; apps of the same name by what tells them apart.
func compareGroups(a, b *group) int {
	if a.label.unowned != b.label.unowned {
		if a.label.unowned {
			return 1
		}
		return -1
	}
	return cmp.Or(cmp.Compare(strings.ToLower(a.name()), strings.ToLower(b.name())), cmp.Compare(a.key.App, b.key.App))
}

// appGroup gives Key.App for an app. Two programs of the same name in different
// places are two apps.
func appGroup(a app.App) string {
	if a.Path != "" {
		return a.Kind.String() + ":" + a.Path
	}
	return a.Kind.String() + "=" + a.Name
}

// unownedGroup gives Key.App and the name for sockets without a known process:
// the kernel's, and for each user those whose processes are hidden.
func unownedGroup(k labelKey, user string) (key, name string) {
	switch {
	case k.absence != netstat.Concealed:
		return "kernel", "kernel"
	case user == "":
		return "hidden", "owner hidden"
	default:
		return "hidden:" + user, user + "'s processes, names hidden"
	}
}
