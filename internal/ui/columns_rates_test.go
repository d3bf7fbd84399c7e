package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"portolan/internal/netstat"
	"portolan/internal/table"
)

// loaded is a lensScene in which Firefox and nginx have one connection each, of which the bytes grow.
type loaded struct {
	*lensScene
	web, server netstat.Socket
}

func newLoaded(t *testing.T) *loaded {
	return &loaded{newLensScene(t), connection(netstat.Established, "192.168.1.20:51000", "151.101.1.1:443", firefox),
		connection(netstat.Established, "192.168.1.20:80", "192.168.1.30:51001", nginx)}
}

// load lets ten seconds pass, in which Firefox receives 50 kB and nginx sends 2 MB.
func (l *loaded) load() {
	l.clock = l.clock.Add(10 * time.Second)
	l.web.RxBytes += 50_000
	l.server.TxBytes += 2_000_000
	l.tell([]netstat.Socket{l.web, l.server})
}

// counts reports whether rates are made.
func (l *loaded) counts() bool {
	l.load()
	l.load()
	_, _, ok := l.past.Rate(l.web.ID)
	return ok
}

// showColumn shows a column, or hides it, as its line in the menu of the titles does.
func (l *loaded) showColumn(id table.ColumnID, shown bool) {
	l.do(func() { l.window.table.arrange(l.window.table.columns.choice().shown(id, shown)) })
}

// socketCell gives what a column says of the connection from a local port.
func (l *loaded) socketCell(port uint16, id table.ColumnID) string {
	l.t.Helper()
	for _, row := range l.window.table.rows {
		if row.Socket == nil || row.Socket.Local.Port() != port {
			continue
		}
		for i, c := range l.window.table.columns.columns {
			if c.ID == id && l.window.table.columns.width[i] > 0 {
				return l.window.table.cellText(&row, i)
			}
		}
		l.t.Fatalf("there is no column %s", id)
	}
	l.t.Fatalf("there is no row of port %d", port)
	return ""
}

// TestRateColumns: the flat table has columns of rates for who asks for them, and only then anything is counted.
func TestRateColumns(t *testing.T) {
	l := newLoaded(t)
	if titles := titlesOf(l.window.table.columns); strings.Contains(titles, "rate") {
		t.Errorf("at first the columns are %s", titles)
	}
	if l.counts() {
		t.Error("bytes are counted for nobody")
	}
	l.showColumn(table.ColumnReceivedRate, true)
	if !l.counts() {
		t.Fatal("bytes are not counted for a column that shows them")
	}
	if got := l.socketCell(51000, table.ColumnReceivedRate); got != "5.0 kB/s" {
		t.Errorf("received %q", got)
	}
	if got := l.socketCell(80, table.ColumnReceivedRate); got != "0 B/s" {
		t.Errorf("the server received %q", got)
	}
	l.Hide()
	if l.counts() {
		t.Error("bytes are counted while the window is hidden")
	}
	l.Show()
	if !l.counts() {
		t.Error("bytes are not counted when it is shown again")
	}
	l.showColumn(table.ColumnReceivedRate, false)
	if l.counts() {
		t.Error("bytes are counted though the column is hidden again")
	}
}

// TestRateOrder: a click on the title puts the most first; with the column hidden the order stays, and what it is made of.
func TestRateOrder(t *testing.T) {
	l := newLoaded(t)
	l.showColumn(table.ColumnSentRate, true)
	l.load()
	l.do(func() { l.window.sort(table.ColumnSentRate) })
	l.load()
	if row := l.window.table.rows[0]; row.Socket.Local.Port() != 80 {
		t.Errorf("port %d is the first of those that send the most", row.Socket.Local.Port())
	}
	l.do(func() { l.window.sort(table.ColumnSentRate) })
	if row := l.window.table.rows[0]; row.Socket.Local.Port() != 51000 {
		t.Errorf("port %d is the first of those that send the least", row.Socket.Local.Port())
	}
	l.showColumn(table.ColumnSentRate, false)
	if !l.counts() {
		t.Error("nothing is counted for an order by rate")
	}
	l.do(func() { l.window.sortBy(table.ColumnPort, false) })
	if l.counts() {
		t.Error("bytes are counted though the order is by port")
	}
}

// TestRatesAreRemembered: the columns and the order by one of them are there in the next run.
func TestRatesAreRemembered(t *testing.T) {
	l := newLoaded(t)
	l.showColumn(table.ColumnReceivedRate, true)
	l.do(func() { l.window.sort(table.ColumnReceivedRate) })
	p := l.app.Preferences()
	if view := loadOrder(p, table.View{}); view.Sort != table.ColumnReceivedRate || !view.Descending {
		t.Errorf("the order is by %q, descending %v", view.Sort, view.Descending)
	}
	if titles := titlesOf(l.window.loadColumns(table.View{})); !strings.HasSuffix(titles, " user received-rate") {
		t.Errorf("the columns are %s", titles)
	}
	p.SetString(keyColumns, "proto,local,port,-service,remote,state,process,pid,app,user") // of a version without rates
	if titles := titlesOf(l.window.loadColumns(table.View{})); titles != "proto local port remote state process pid app user" {
		t.Errorf("of an older version the columns are %s", titles)
	}
	l.do(func() { l.window.table.arrange(columnChoice{}) })
	if titles := titlesOf(l.window.table.columns); titles != usualTitles {
		t.Errorf("reset, the columns are %s", titles)
	}
}

// TestRatesInTrees: in the by-app view and in the lens a group has the sum, and each socket its own.
func TestRatesInTrees(t *testing.T) {
	for _, view := range []struct {
		name string
		turn int
	}{{"by app", turnByApp}, {"lens", turnLens}} {
		t.Run(view.name, func(t *testing.T) {
			l := newLoaded(t)
			l.window.Resize(fyne.NewSize(1400, 720))
			l.do(func() { l.window.turnTo(view.turn) })
			if view.turn == turnByApp {
				if titles := titlesOf(l.window.table.columns); !strings.HasSuffix(titles, " received sent user") {
					t.Errorf("at first the columns are %s", titles)
				}
			} else if l.counts() {
				t.Error("bytes are counted for the lens, which shows none")
			}
			l.showColumn(table.ColumnReceivedRate, true)
			l.showColumn(table.ColumnSentRate, true)
			if view.turn == turnByApp {
				if titles := titlesOf(l.window.table.columns); !strings.HasSuffix(titles, " received sent received-rate sent-rate user") {
					t.Errorf("then they are %s", titles)
				}
			}
			for range 3 {
				l.load()
			}
			for range 3 { // down to the connections
				for _, row := range l.window.table.rows {
					if row.Group != nil && !row.Group.Open {
						l.do(func() { l.window.toggle(row) })
					}
				}
			}
			if got := l.cell("Firefox", table.ColumnReceivedRate); got != "5.0 kB/s" {
				t.Errorf("the app received %q", got)
			}
			if got := l.socketCell(51000, table.ColumnReceivedRate); got != "5.0 kB/s" {
				t.Errorf("its connection received %q", got)
			}
			if got := l.socketCell(51000, table.ColumnSentRate); got != "0 B/s" {
				t.Errorf("its connection sent %q", got)
			}
		})
	}
}

// TestAskedRatesAreSeen: at the window's first size the by-app view has room for both.
func TestAskedRatesAreSeen(t *testing.T) {
	l := newLoaded(t)
	l.window.Resize(firstSize)
	l.do(func() { l.window.turnTo(turnByApp) })
	for _, id := range rateIDs {
		l.showColumn(id, true)
	}
	for range 3 {
		l.load()
	}
	for _, id := range rateIDs {
		if l.window.table.columns.lacks(id) {
			t.Errorf("%s is left out", id)
		}
	}
}

// TestNoBytesForNobody: in the by-app view bytes are counted for the columns of them, and no more when all are hidden.
func TestNoBytesForNobody(t *testing.T) {
	l := newLoaded(t)
	l.do(func() { l.window.turnTo(turnByApp) })
	if !l.counts() {
		t.Error("bytes are not counted for the columns that show them")
	}
	l.showColumn(table.ColumnReceived, false)
	l.showColumn(table.ColumnSent, false)
	if l.counts() {
		t.Error("bytes are counted though all columns of them are hidden")
	}
}

// TestNoBytesForThePane: the detail pane has bytes counted when it is about a connection of TCP, or about an app that has some.
func TestNoBytesForThePane(t *testing.T) {
	l := newLoaded(t)
	query := connection(netstat.Established, "192.168.1.20:52000", "192.168.1.1:53", firefox)
	query.Protocol, query.State = netstat.UDP, 0
	l.tell([]netstat.Socket{query, listen("0.0.0.0:81", nginx)})
	l.load()
	l.do(l.window.detail.toggle)
	if l.counts() {
		t.Error("bytes are counted for a pane about nothing")
	}
	for _, test := range []struct {
		port uint16
		want bool
	}{{51000, true}, {81, false}, {80, true}, {52000, false}, {51000, true}} {
		l.selectPort(test.port)
		if got := l.counts(); got != test.want {
			t.Errorf("of port %d bytes are counted: %v", test.port, got)
		}
	}
	l.do(l.window.detail.toggle)
	if l.counts() {
		t.Error("bytes are counted for a pane that is hidden")
	}
}
