package table

import (
	"cmp"
	"slices"

	"portolan/internal/netstat"
)

// The depths of the by-app view.
const (
	appDepth = iota
	processDepth
	socketDepth
)

// branch is an app or one of its processes, with what belongs to it, while it is being filled.
type branch struct {
	key     Key
	header  Group
	counted *netstat.Socket // the last socket that was counted
	news    news            // what has happened to its sockets
	opened  int             // how many of them have just opened
	kids    []*branch       // the processes of an app
	rows    []int32         // the places of a process's rows, in the order of the snapshot
}

// grouped gives the apps, each followed by its processes if it is open, and
// these by their sockets.
func grouped(rows []Row, by direction, open map[Key]bool) []Row {
	apps := gather(rows)
	size := len(apps)
	for _, app := range apps {
		app.finish()
		size += app.open(open)
	}
	by.sortBranches(apps)
	out := make([]Row, 0, size)
	for _, app := range apps {
		out = append(out, app.row(appDepth))
		if !app.header.Open {
			continue
		}
		by.sortBranches(app.kids)
		for _, kid := range app.kids {
			out = append(out, kid.row(processDepth))
			if kid.header.Open {
				out = appendSockets(out, rows, kid.rows, by)
			}
		}
	}
	return out
}

// open opens an app and its processes as the map says, and gives the number of rows that show then, without its own.
func (b *branch) open(open map[Key]bool) int {
	b.header.Open = open[b.key]
	if !b.header.Open {
		return 0
	}
	size := len(b.kids)
	for _, kid := range b.kids {
		if kid.header.Open = opened(open, kid.key, len(b.kids)); kid.header.Open {
			size += len(kid.rows)
		}
	}
	return size
}

// opened: a process that is the only one of its app needs no second click.
func opened(open map[Key]bool, k Key, siblings int) bool {
	if chosen, known := open[k]; known {
		return chosen
	}
	return siblings == 1
}

func (b *branch) row(depth int) Row {
	return Row{Key: b.key, Group: &b.header, Mark: b.mark(), Depth: depth}
}

func appendSockets(out, rows []Row, places []int32, by direction) []Row {
	by.sortPlaces(rows, places)
	for _, place := range places {
		row := rows[place]
		row.Depth = socketDepth
		out = append(out, row)
	}
	return out
}

// sortBranches puts apps, or processes of one app, into the order of the column;
// those that it does not tell apart into the natural one.
func (d direction) sortBranches(all []*branch) {
	slices.SortFunc(all, func(a, b *branch) int {
		if d.column != nil {
			x, y := Row{Group: &a.header}, Row{Group: &b.header}
			if c := d.compare(&x, &y); c != 0 {
				return c
			}
		}
		return naturally(a, b)
	})
}

// naturally orders by name, those of no known process last. It is what people
// look for, and it holds still: an app that begins to listen keeps its place.
func naturally(a, b *branch) int {
	return cmp.Or(compareHeaders(&a.header, &b.header), cmp.Compare(a.key.App, b.key.App),
		cmp.Compare(a.key.Process.PID, b.key.Process.PID), cmp.Compare(a.key.Process.Start, b.key.Process.Start))
}

// compareHeaders orders by name without regard to case, those that have no known process last.
func compareHeaders(a, b *Group) int {
	return cmp.Or(cmp.Compare(a.Absence, b.Absence), compareText(a.order, b.order))
}

// tree is the by-app view while it grows.
type tree struct {
	apps   []*branch
	byKey  map[Key]*branch
	leaves map[*label]leaf
}

// leaf is where the rows of a label belong.
type leaf struct{ app, process *branch }

// gather makes the apps of the rows with their processes, counted.
func gather(rows []Row) []*branch {
	t := tree{byKey: make(map[Key]*branch), leaves: make(map[*label]leaf)}
	var at leaf
	for i := range rows {
		row := &rows[i]
		if i == 0 || row.label != rows[i-1].label { // neighbours often have the same owner
			at = t.leaf(row)
		}
		at.app.count(row)
		at.process.count(row)
		at.process.rows = append(at.process.rows, int32(i))
	}
	return t.apps
}

func (t *tree) leaf(r *Row) leaf {
	if known, ok := t.leaves[r.label]; ok {
		return known
	}
	at := leaf{app: t.app(r)}
	at.process = t.process(r, at.app)
	t.leaves[r.label] = at
	return at
}

func (t *tree) app(r *Row) *branch {
	key := Key{App: r.label.group}
	b := t.byKey[key]
	if b == nil {
		b = &branch{key: key}
		t.byKey[key] = b
		t.apps = append(t.apps, b)
		b.header.describe(r)
	}
	return b
}

func (t *tree) process(r *Row, app *branch) *branch {
	key := Key{App: r.label.group, Process: r.Key.Process}
	if r.Owner == nil {
		key = Key{App: r.label.part}
	}
	b := t.byKey[key]
	if b == nil {
		b = &branch{key: key}
		t.byKey[key] = b
		app.kids = append(app.kids, b)
		b.header.describe(r)
		b.header.ofProcess(r)
	}
	return b
}

// count counts a row's socket. The rows of one socket follow each other, so
// that looking at the last one is enough to count it once.
func (b *branch) count(r *Row) {
	if r.Socket == b.counted {
		return
	}
	b.counted = r.Socket
	b.news.add(r.Mark)
	switch r.Mark {
	case MarkClosed:
		return
	case MarkOpened:
		b.opened++
	}
	g := &b.header
	g.add(r.Socket, r.Ephemeral, r.Class)
	g.RxBytes += r.Socket.RxBytes
	g.TxBytes += r.Socket.TxBytes
	g.Traffic.add(r.Traffic)
	if r.Socket.State == netstat.Listen {
		g.Ports = append(g.Ports, r.Socket.Local.Port())
	}
}

// finish sums up an app once all of its rows are counted.
func (b *branch) finish() {
	g := &b.header
	for i, kid := range b.kids {
		h := &kid.header
		h.Ports = ordered(h.Ports)
		if h.Process != nil && h.Sockets > 0 { // else all of its sockets have closed
			g.Processes++
			g.pid = h.Process.PID
		}
		if i == 0 {
			g.User, g.In = h.User, h.In
		}
		if g.User != h.User {
			g.User = ""
		}
		if g.In != h.In {
			g.In = ""
		}
	}
	if g.In != "" {
		for _, kid := range b.kids {
			kid.header.In = "" // said once, of the app
		}
	}
	g.Ports = ordered(g.Ports)
	if g.Processes != 1 {
		g.pid = 0
	}
}

// ordered puts ports in order, each once.
func ordered(ports []uint16) []uint16 {
	slices.Sort(ports)
	return slices.Compact(ports)
}
