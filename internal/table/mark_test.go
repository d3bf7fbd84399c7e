package table

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"portolan/internal/netstat"
)

// markText gives the rows as "+tcp:80 ~tcp:443 -udp:53", groups by their names.
func markText(rows []Row) string {
	var words []string
	for i := range rows {
		r := &rows[i]
		word := map[Mark]string{MarkOpened: "+", MarkChanged: "~", MarkClosed: "-"}[r.Mark]
		if r.Group != nil {
			word += fmt.Sprintf("%s(%d)", r.Group.Name, r.Group.Sockets)
		} else {
			word += fmt.Sprint(r.Socket.Local.Port())
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func TestMarks(t *testing.T) {
	s := sample()
	if len(s.Sockets) < 6 {
		t.Fatal("the sample is too small")
	}
	rows := Rows(s, View{})
	for i := range rows {
		if rows[i].Mark != Unmarked || rows[i].Closed() {
			t.Errorf("row %d has a mark, and nothing happened", i)
		}
	}
	closed := slices.Clone(s.Sockets[1:3])
	now := *s
	now.Sockets = slices.Delete(slices.Clone(s.Sockets), 1, 3)
	marks := &Marks{Sockets: map[uint64]Mark{now.Sockets[0].ID: MarkOpened, now.Sockets[2].ID: MarkChanged}, Closed: closed}
	marked := Rows(&now, View{Marks: marks})
	if len(marked) != len(rows) {
		t.Fatalf("%d rows with those that have closed, want %d", len(marked), len(rows))
	}
	for i := range marked {
		want := Unmarked
		switch marked[i].Socket.ID {
		case closed[0].ID, closed[1].ID:
			want = MarkClosed
		case now.Sockets[0].ID:
			want = MarkOpened
		case now.Sockets[2].ID:
			want = MarkChanged
		}
		if marked[i].Key != rows[i].Key || marked[i].Mark != want {
			t.Errorf("row %d is %v with mark %d, want %v with %d", i, marked[i].Key, marked[i].Mark, rows[i].Key, want)
		}
	}
	// The query holds for what has closed too.
	q, err := ParseQuery(fmt.Sprintf("port:%d", closed[0].Local.Port()))
	if err != nil {
		t.Fatal(err)
	}
	found := Rows(&now, View{Marks: marks, Query: q})
	if !slices.ContainsFunc(found, func(r Row) bool { return r.Key.Socket == closed[0].ID && r.Closed() }) {
		t.Errorf("the query finds %s", markText(found))
	}
	// A socket that is back is no ghost of itself.
	back := Rows(s, View{Marks: &Marks{Sockets: map[uint64]Mark{closed[0].ID: MarkOpened}, Closed: closed[:1]}})
	if len(back) != len(rows) {
		t.Errorf("%d rows, want %d: %s", len(back), len(rows), markText(back))
	}
}

// TestMarksOfApps: what has closed is shown and counts nowhere.
func TestMarksOfApps(t *testing.T) {
	s := sample()
	whole := Rows(s, View{ByApp: true})
	app := whole[0]
	var closed, left []netstat.Socket
	for _, r := range Rows(s, View{}) {
		if r.label.group == app.Key.App && len(r.Socket.Owners) < 2 {
			closed = append(closed, *r.Socket)
		} else if len(left) == 0 || left[len(left)-1].ID != r.Socket.ID {
			left = append(left, *r.Socket)
		}
	}
	now := *s
	now.Sockets = left
	open := map[Key]bool{app.Key: true}
	rows := Rows(&now, View{ByApp: true, Open: open, Marks: &Marks{Closed: closed}})
	at := slices.IndexFunc(rows, func(r Row) bool { return r.Key == app.Key })
	if at < 0 || !rows[at].Closed() || rows[at].Group.Sockets != 0 || len(rows[at].Group.Ports) != 0 {
		t.Fatalf("the app that has ended: %s", markText(rows))
	}
	for _, r := range rows[at+1:] {
		if r.Depth == 0 {
			break
		}
		if !r.Closed() {
			t.Errorf("%v of it has not closed", r.Key)
		}
	}
	// All of its sockets are new: so is it. One of them: it has changed, as long as it is closed.
	all, one := map[uint64]Mark{}, map[uint64]Mark{}
	for i := range closed {
		all[closed[i].ID] = MarkOpened
	}
	one[closed[0].ID] = MarkChanged
	for _, c := range []struct {
		marks map[uint64]Mark
		open  map[Key]bool
		want  Mark
	}{{all, nil, MarkOpened}, {all, open, MarkOpened}, {one, nil, MarkChanged}, {one, open, Unmarked}} {
		rows := Rows(s, View{ByApp: true, Open: c.open, Marks: &Marks{Sockets: c.marks}})
		at := slices.IndexFunc(rows, func(r Row) bool { return r.Key == app.Key })
		if rows[at].Mark != c.want || rows[at].Group.Sockets != app.Group.Sockets {
			t.Errorf("mark %d with %d sockets, want %d with %d", rows[at].Mark, rows[at].Group.Sockets, c.want, app.Group.Sockets)
		}
	}
}

// TestMarksOfTheLens: the lens marks its connections, and apps and services as the by-app view does. What has closed is
// shown among its neighbours and counts nowhere.
func TestMarksOfTheLens(t *testing.T) {
	s := lensSample()
	whole := LensOf(s, View{}, linuxRules, nil, start)
	node, gone := *s, []netstat.Socket(nil)
	node.Sockets = nil
	for _, x := range s.Sockets {
		if x.ID >= 100 && x.ID < 103 {
			gone = append(gone, x)
		} else {
			node.Sockets = append(node.Sockets, x)
		}
	}
	open := map[Key]bool{whole.Rows[1].Key: true}
	for _, r := range LensOf(s, View{Open: open}, linuxRules, nil, start).Rows {
		open[r.Key] = r.Depth > 0 || open[r.Key]
	}
	for what, c := range map[string]struct {
		of    *netstat.Snapshot
		view  View
		want  string
		apps  int
		lines int // connections
	}{
		"nothing happened": {s, View{}, "browser(17) node(3) Hidden processes(1) TIME_WAIT(4)", 3, 21},
		"an app is gone":   {&node, View{Marks: &Marks{Closed: gone}}, "browser(17) Hidden processes(1) -node(0) TIME_WAIT(4)", 2, 18},
		"it is open": {&node, View{Open: open, Marks: &Marks{Closed: gone}},
			"browser(17) Hidden processes(1) -node(0) -5432 (postgresql) to 1 address(0) -40100 -40101 -40102 TIME_WAIT(4)", 2, 18},
		"one of it is gone": {s, View{Open: open, Marks: &Marks{Closed: []netstat.Socket{calls(90, "node", 1, 1, 5432)[0]}, Sockets: map[uint64]Mark{101: MarkChanged}}},
			"browser(17) node(3) 5432 (postgresql) to 1 address(3) -40090 40100 ~40101 40102 Hidden processes(1) TIME_WAIT(4)", 3, 21},
		"all of it is new": {s, View{Marks: &Marks{Sockets: map[uint64]Mark{100: MarkOpened, 101: MarkOpened, 102: MarkOpened, 1: MarkOpened}}},
			"~browser(17) +node(3) Hidden processes(1) TIME_WAIT(4)", 3, 21},
		"a service of it is gone": {s, View{Open: map[Key]bool{whole.Rows[1].Key: true}, Marks: &Marks{Closed: calls(90, "node", 2, 2, 22)}},
			"browser(17) node(3) 5432 (postgresql) to 1 address(3) -22 (ssh) to 2 addresses(0) Hidden processes(1) TIME_WAIT(4)", 3, 21},
		"it is back":              {s, View{Marks: &Marks{Closed: gone[:1], Sockets: map[uint64]Mark{100: MarkChanged}}}, "browser(17) ~node(3) Hidden processes(1) TIME_WAIT(4)", 3, 21},
		"a listener is not there": {s, View{Marks: &Marks{Closed: []netstat.Socket{{ID: 9, Protocol: netstat.TCP, State: netstat.Listen, Local: addrPort("0.0.0.0:45001")}}}}, "browser(17) node(3) Hidden processes(1) TIME_WAIT(4)", 3, 21},
	} {
		l := LensOf(c.of, c.view, linuxRules, nil, start)
		if got := markText(l.Rows); got != c.want || l.Apps != c.apps || l.Connections != c.lines {
			t.Errorf("%s: %d apps, %d connections: %s\nwant %s", what, l.Apps, l.Connections, got, c.want)
		}
	}
	if l := LensOf(&node, View{Marks: &Marks{Closed: gone}}, linuxRules, nil, start); l.Rows[2].Flow.RemotesText() != "5432 (postgresql) to 1 address" {
		t.Errorf("what has gone went to %q", l.Rows[2].Flow.RemotesText())
	}
	query, err := ParseQuery("port:40101")
	if err != nil {
		t.Fatal(err)
	}
	l := LensOf(&node, View{Query: query, Marks: &Marks{Closed: gone}}, linuxRules, nil, start)
	if got := markText(l.Rows); got != "-node(0)" {
		t.Errorf("the query finds %q", got)
	}
}
