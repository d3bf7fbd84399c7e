package table

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"portolan/internal/history"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/port"
)

var linuxRules = port.Rules{Ephemeral: linuxRange, TimeWait: time.Minute, PerEnd: true}

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// remembered is a History that tells outgoing connections as the table does.
func remembered() *history.History {
	return history.New(history.Options{Side: SidesIn(func() port.Rules { return linuxRules })})
}

// calls makes n connections of an app to so many addresses of a port.
func calls(from uint64, app string, n, addresses int, port uint16) []netstat.Socket {
	by := held(someone(int(from)+100, app, app, "alice"))
	var all []netstat.Socket
	for i := range n {
		all = append(all, netstat.Socket{ID: from + uint64(i), Protocol: netstat.TCP, State: netstat.Established, Owners: by,
			Local:  netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 168, 1, 5}), uint16(40000+from+uint64(i))),
			Remote: netip.AddrPortFrom(netip.AddrFrom4([4]byte{93, 184, 0, byte(i % addresses)}), port)})
	}
	return all
}

func lines(l Lens, columns ...ColumnID) string {
	var b strings.Builder
	for i := range l.Rows {
		b.WriteString(strings.Repeat("  ", l.Rows[i].Depth))
		for j, id := range columns {
			if j > 0 {
				b.WriteString(" | ")
			}
			b.WriteString(column(lensColumns, id).Text(&l.Rows[i]))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func expectLines(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n%swant:\n%s", what, got, want)
	}
}

func lensSample() *netstat.Snapshot {
	s := &netstat.Snapshot{Taken: start}
	s.Sockets = append(s.Sockets, calls(1, "browser", 14, 12, 443)...)
	s.Sockets = append(s.Sockets, calls(50, "browser", 2, 1, 80)...)
	s.Sockets = append(s.Sockets, calls(100, "node", 3, 1, 5432)...)
	for i := range 4 {
		gone := calls(200+uint64(i), "node", 1, 1, 5432)[0]
		gone.State, gone.Owners, gone.Absence = netstat.TimeWait, nil, netstat.Kernel
		s.Sockets = append(s.Sockets, gone)
	}
	quic := calls(300, "browser", 1, 1, 443)[0]
	quic.Protocol, quic.State = netstat.UDP, 0
	hidden := calls(310, "", 1, 1, 22)[0]
	hidden.Owners, hidden.Absence, hidden.User = nil, netstat.Concealed, "root"
	s.Sockets = append(s.Sockets, quic, hidden,
		netstat.Socket{ID: 400, Protocol: netstat.TCP, State: netstat.Listen, Local: addrPort("0.0.0.0:45000"), Owners: held(someone(9, "node", "node", "alice"))},
		netstat.Socket{ID: 401, Protocol: netstat.TCP, State: netstat.Established, Local: addrPort("127.0.0.1:45000"), Remote: addrPort("127.0.0.1:50000"), Owners: held(someone(9, "node", "node", "alice"))},
		netstat.Socket{ID: 402, Protocol: netstat.UDP, Local: addrPort("0.0.0.0:5353"), Owners: held(someone(9, "node", "node", "alice"))})
	return s
}

func TestLens(t *testing.T) {
	s := lensSample()
	l := LensOf(s, View{}, linuxRules, nil, start)
	expectLines(t, "closed", lines(l, ColumnName, ColumnNow, ColumnRemotes), `browser | 17 | 443 (https) to 12 addresses, 80 (http) to 1 address, 443/udp (https) to 1 address
node | 3 | 5432 (postgresql) to 1 address
Hidden processes | 1 | 22 (ssh) to 1 address
TIME_WAIT | 4 | 5432 (postgresql) to 1 address
`)
	if l.Apps != 3 || l.Connections != 21 || l.Waiting != 4 {
		t.Errorf("%d apps, %d connections, %d waiting", l.Apps, l.Connections, l.Waiting)
	}
	if got := l.Rows[3].Flow.Sentence; got != "4 closed connections are remembered for a while (TIME_WAIT); these clear by themselves within 60 s." {
		t.Errorf("TIME_WAIT: %s", got)
	}
	view := View{}.Toggled(l.Rows[1])
	l = LensOf(s, view, linuxRules, nil, start)
	view = view.Toggled(l.Rows[2])
	expectLines(t, "opened", lines(LensOf(s, view, linuxRules, nil, start), ColumnName, ColumnState), `browser | 
node | 
  5432 (postgresql) to 1 address | 
    tcp 93.184.0.0:5432 | ESTABLISHED
    tcp 93.184.0.0:5432 | ESTABLISHED
    tcp 93.184.0.0:5432 | ESTABLISHED
Hidden processes | 
TIME_WAIT | 
`)
	l = LensOf(s, View{Sort: ColumnName}, linuxRules, nil, start)
	expectLines(t, "by name, downwards", lines(LensOf(s, View{Sort: ColumnName, Descending: true}, linuxRules, nil, start), ColumnName),
		"Hidden processes\nnode\nbrowser\nTIME_WAIT\n")
	expectLines(t, "by name", lines(l, ColumnName), "browser\nnode\nHidden processes\nTIME_WAIT\n")
	query, err := ParseQuery("node")
	if err != nil {
		t.Fatal(err)
	}
	expectLines(t, "node", lines(LensOf(s, View{Query: query}, linuxRules, nil, start), ColumnName, ColumnNow), "node | 3\n")
	if l := LensOf(nil, View{}, linuxRules, nil, start); len(l.Rows) > 0 {
		t.Error("rows of no snapshot")
	}
	if l := LensOf(&netstat.Snapshot{}, View{}, port.Rules{}, remembered(), time.Time{}); len(l.Rows) > 0 {
		t.Error("rows of an empty snapshot")
	}
}

// TestLensRemembers: what came and went, the oldest, and the countdown are the history's.
func TestLensRemembers(t *testing.T) {
	past := remembered()
	s := lensSample()
	old := *s
	old.Sockets = s.Sockets[:5]
	past.Record(monitor.Update{Snapshot: &old})
	s.Taken = start.Add(9 * time.Minute)
	past.Record(monitor.Update{Snapshot: s, Opened: s.Sockets[5:]})
	later := &netstat.Snapshot{Taken: s.Taken.Add(33 * time.Second), Sockets: s.Sockets[2:]}
	past.Record(monitor.Update{Snapshot: later, Closed: s.Sockets[:2]})

	l := LensOf(later, View{Past: past}, linuxRules, past, later.Taken)
	at := func(d time.Duration) string { return start.Add(d).Local().Format("15:04:05") }
	expectLines(t, "remembered", lines(l, ColumnName, ColumnNow, ColumnOpened, ColumnClosed, ColumnOldest),
		fmt.Sprintf("browser | 15 | ≥ 12 | ≥ 2 | at least since %s\nnode | 3 | ≥ 3 | ≥ 0 | %s\nHidden processes | 1 |  |  | %s\nTIME_WAIT | 4 | ≥ 4 | ≥ 4 | %s\n",
			at(0), at(9*time.Minute), at(9*time.Minute), at(9*time.Minute)))
	if f := l.Rows[0].Flow; !f.Followed || len(f.Points) != history.Steps || f.Points[history.Steps-1].Open != 17 { // the most in this step
		t.Errorf("browser: %+v", f)
	}
	if got := l.Rows[3].Flow.Sentence; !strings.HasSuffix(got, "these clear by themselves within 30 s.") {
		t.Errorf("after 33 s: %s", got)
	}
	if got := column(lensColumns, ColumnTrend).Text(&l.Rows[0]); len([]rune(got)) != 20 || !strings.HasSuffix(got, "█") {
		t.Errorf("trend %q", got)
	}
	// A query may ask the history as well.
	query, err := ParseQuery("since:5m")
	if err != nil {
		t.Fatal(err)
	}
	if got := LensOf(later, View{Past: past, Query: query}, linuxRules, past, later.Taken); len(got.Rows) == 0 {
		t.Error("since: finds nothing")
	}
}

func TestWaitSentence(t *testing.T) {
	past := remembered()
	gone := lensSample().Sockets[19]
	past.Record(monitor.Update{Snapshot: &netstat.Snapshot{Taken: start}})
	past.Record(monitor.Update{Snapshot: &netstat.Snapshot{Taken: start.Add(time.Second), Sockets: []netstat.Socket{gone}}, Opened: []netstat.Socket{gone}})
	for _, test := range []struct {
		after, wait time.Duration
		want        string
	}{
		{time.Second, time.Minute, "within 60 s."},
		{2 * time.Second, 30 * time.Second, "within 30 s."},
		{57 * time.Second, time.Minute, "within 5 s."},
		{2 * time.Minute, time.Minute, "at any moment."},
		{time.Second, 0, "soon."},
		{-time.Hour, time.Minute, "within 60 s."},
	} {
		past.Look(func(s history.Sight) {
			if got := waitSentence(2, 0, test.wait, &s, start.Add(test.after)); !strings.HasSuffix(got, "these clear by themselves "+test.want) {
				t.Errorf("after %v of %v: %s", test.after, test.wait, got)
			}
		})
	}
	if got := waitSentence(1, 0, time.Minute, nil, start); got != "1 closed connection is remembered for a while (TIME_WAIT); it clears by itself within 60 s." {
		t.Error(got)
	}
}

// TestLensOfShortOnes: connections that came and went between two looks are told as at least so many, by the service
// that they were for, and of no app: what each app opened is at least so much then. A query has its part of them.
func TestLensOfShortOnes(t *testing.T) {
	past := remembered()
	s := &netstat.Snapshot{Taken: start, Sockets: calls(1, "browser", 3, 1, 443)}
	past.Record(monitor.Update{Snapshot: s})
	next := &netstat.Snapshot{Taken: start.Add(3 * time.Second), Sockets: s.Sockets}
	for i := range 300 {
		gone := calls(uint64(1000+i), "", 1, 1, 5432)[0]
		gone.State, gone.Owners, gone.Absence = netstat.TimeWait, nil, netstat.Kernel
		if i >= 250 {
			gone.Remote = netip.AddrPortFrom(gone.Remote.Addr(), 443)
		}
		next.Sockets = append(next.Sockets, gone)
	}
	past.Record(monitor.Update{Snapshot: next, Opened: next.Sockets[3:]})
	l := LensOf(next, View{Open: map[Key]bool{{App: timeWaitGroup}: true}}, linuxRules, past, next.Taken)
	expectLines(t, "short ones", lines(l, ColumnName, ColumnNow, ColumnOpened, ColumnClosed), `browser | 3 | ≥ 0 | ≥ 0
TIME_WAIT | 300 | ≥ 300 | ≥ 300
  5432 (postgresql) to 1 address | 250 | ≥ 250 | ≥ 250
  443 (https) to 1 address | 50 | ≥ 50 | ≥ 50
`)
	if got := l.Rows[1].Flow.Sentence; got != "300 closed connections are remembered for a while (TIME_WAIT); in the last minute at least 300 were never seen open; these clear by themselves within 60 s." {
		t.Error(got)
	}
	if got := l.Rows[1].Group.Note; !strings.Contains(got, "opened and closed between two looks") {
		t.Error(got)
	}
	query, err := ParseQuery("443")
	if err != nil {
		t.Fatal(err)
	}
	l = LensOf(next, View{Query: query}, linuxRules, past, next.Taken)
	expectLines(t, "those to 443", lines(l, ColumnName, ColumnNow, ColumnOpened), "browser | 3 | ≥ 0\nTIME_WAIT | 50 | ≥ 50\n")
	for _, v := range []View{{}, {Query: query}} {
		l = LensOf(next, v, linuxRules, past, next.Taken.Add(time.Minute))
		if f := l.Rows[1].Flow; f.Opened != 0 || f.Least || strings.Contains(f.Sentence, "at least") {
			t.Errorf("a minute later: %+v", f)
		}
		if got := lines(l, ColumnName, ColumnOpened); !strings.HasPrefix(got, "browser | \n") {
			t.Errorf("a minute later all that browser opened is known: %s", got)
		}
	}
}

// TestLensOfMoreThanAreFollowed: what a history cannot follow makes its figures lower bounds, which they are told as.
func TestLensOfMoreThanAreFollowed(t *testing.T) {
	past := remembered()
	s := &netstat.Snapshot{Taken: start, Sockets: slices.Repeat(calls(1, "browser", 1, 1, 443), 200_000)}
	for i := range s.Sockets {
		s.Sockets[i].ID = uint64(i + 1)
	}
	past.Record(monitor.Update{Snapshot: &netstat.Snapshot{Taken: start, Sockets: s.Sockets[:150_000]}})
	s.Taken = start.Add(3 * time.Second)
	past.Record(monitor.Update{Snapshot: s, Opened: s.Sockets[150_000:]})
	l := LensOf(s, View{}, linuxRules, past, s.Taken)
	got := lines(l, ColumnNow, ColumnOpened, ColumnTrend, ColumnOldest)
	if want := "200000 | ≥ 50000 | ≥ "; !strings.HasPrefix(got, want) || !strings.HasSuffix(got, " | at least since "+start.Local().Format("15:04:05")+"\n") {
		t.Errorf("%s", got)
	}
}

// TestLensRates: the rates are those of the connections that are known.
func TestLensRates(t *testing.T) {
	past := remembered()
	past.CountRates(true)
	s := &netstat.Snapshot{Taken: start, Sockets: calls(1, "browser", 3, 1, 443)}
	s.Sockets[0].RxBytes, s.Sockets[1].TxBytes = 1000, 1000
	past.Record(monitor.Update{Snapshot: s})
	next := &netstat.Snapshot{Taken: start.Add(2 * time.Second), Sockets: calls(1, "browser", 3, 1, 443)}
	next.Sockets[0].RxBytes, next.Sockets[1].TxBytes, next.Sockets[2].TxBytes = 5000, 1010, 1<<40
	past.Record(monitor.Update{Snapshot: next})
	l := LensOf(next, View{}, linuxRules, past, next.Taken)
	expectLines(t, "rates", lines(l, ColumnReceivedRate, ColumnSentRate), "2.0 kB/s | 5 B/s\n")
	// The other views have the same, each socket its own and a group their sum.
	rates := func(v View) (texts []string) {
		v.Past = past
		for _, r := range Rows(next, v) {
			texts = append(texts, RateColumns()[0].Text(&r)+"|"+RateColumns()[1].Text(&r))
		}
		return texts
	}
	if got := fmt.Sprint(rates(View{Sort: ColumnSentRate, Descending: true})); got != "[0 B/s|5 B/s 2.0 kB/s|0 B/s |]" {
		t.Errorf("flat: %s", got)
	}
	if got := fmt.Sprint(rates(View{ByApp: true})); got != "[2.0 kB/s|5 B/s]" {
		t.Errorf("by app: %s", got)
	}
	past.CountRates(false)
	if got := fmt.Sprint(rates(View{})); got != "[| | |]" {
		t.Errorf("nobody counts: %s", got)
	}
}

// lensCrowd has ten thousand connections of fifty apps, a fifth of them outgoing... as a busy computer has.
func lensCrowd(n int) (*netstat.Snapshot, *history.History) {
	s := crowd(n)
	s.Taken = start
	past := remembered()
	past.Record(monitor.Update{Snapshot: s})
	return s, past
}

// BenchmarkLens is what the lens adds to a refresh at ten thousand sockets; BenchmarkRows/plain, and
// netstat's BenchmarkReadSteady, are what it is added to.
func BenchmarkLens(b *testing.B) {
	s, past := lensCrowd(10_000)
	for _, c := range []struct {
		name string
		past *history.History
	}{{"alone", nil}, {"with the past", past}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if len(LensOf(s, View{}, linuxRules, c.past, start).Rows) == 0 {
					b.Fatal("no rows")
				}
			}
		})
	}
}

func BenchmarkGauges(b *testing.B) {
	s, past := lensCrowd(10_000)
	b.ReportAllocs()
	for b.Loop() {
		Gauges(s, linuxRules, past, start, DefaultThresholds())
	}
}

// TestLensSortsByTrend: by how high the plots go, the highest first.
func TestLensSortsByTrend(t *testing.T) {
	past := remembered()
	busy := &netstat.Snapshot{Taken: start, Sockets: append(calls(1, "spiky", 9, 1, 443), calls(50, "calm", 4, 1, 443)...)}
	past.Record(monitor.Update{Snapshot: busy})
	now := &netstat.Snapshot{Taken: start.Add(2 * time.Minute), Sockets: append(calls(1, "spiky", 1, 1, 443), calls(50, "calm", 4, 1, 443)...)}
	past.Record(monitor.Update{Snapshot: now, Closed: busy.Sockets[1:9]})
	for _, c := range []struct {
		view View
		want string
	}{
		{View{Sort: ColumnNow, Descending: true}, "calm\nspiky\n"},
		{View{Sort: ColumnTrend, Descending: true}, "spiky\ncalm\n"},
		{View{Sort: ColumnTrend}, "calm\nspiky\n"},
	} {
		expectLines(t, string(c.view.Sort), lines(LensOf(now, c.view, linuxRules, past, now.Taken), ColumnName), c.want)
	}
}

// TestEveryColumnSorts: there is no column whose arrow means nothing. Those of sockets alone sort these.
func TestEveryColumnSorts(t *testing.T) {
	s := lensSample()
	for _, c := range lensColumns {
		if c.ID != ColumnState && c.ID != ColumnPort {
			continue
		}
		l := LensOf(s, View{}, linuxRules, nil, start)
		open := map[Key]bool{l.Rows[0].Key: true}
		for _, r := range LensOf(s, View{Open: open}, linuxRules, nil, start).Rows {
			open[r.Key] = r.Depth > 0 || open[r.Key]
		}
		up, down := LensOf(s, View{Open: open, Sort: c.ID}, linuxRules, nil, start).Rows, LensOf(s, View{Open: open, Sort: c.ID, Descending: true}, linuxRules, nil, start).Rows
		for _, rows := range [][]Row{up, down} {
			for i := 1; i < len(rows); i++ {
				a, b := &rows[i-1], &rows[i]
				if a.Socket == nil || b.Socket == nil {
					continue
				}
				if order := c.Compare(a, b); order > 0 && &rows[0] == &up[0] || order < 0 && &rows[0] == &down[0] {
					t.Errorf("%s: %d before %d", c.ID, a.Socket.Local.Port(), b.Socket.Local.Port())
				}
			}
		}
	}
}

// TestRatesOfMoreThanAreFollowed: with more counters than are compared an app's rate is at least so much, in every view, and
// that of a socket which is left out is not known.
func TestRatesOfMoreThanAreFollowed(t *testing.T) {
	const followed = 1 << 14
	past := remembered()
	past.CountRates(true)
	var s *netstat.Snapshot
	look := func(n int, at time.Duration, bytes uint64) {
		s = &netstat.Snapshot{Taken: start.Add(at), Sockets: calls(1, "browser", n, 1, 443)}
		for i := range s.Sockets {
			s.Sockets[i].RxBytes = bytes
		}
		past.Record(monitor.Update{Snapshot: s})
	}
	texts := func() (lens, byApp, last string) {
		c := sortColumn(lensColumns, ColumnReceivedRate)
		view := View{Past: past, ByApp: true}
		rows := Rows(s, View{Past: past})
		return c.Text(&LensOf(s, view, linuxRules, past, s.Taken).Rows[0]), c.Text(&Rows(s, view)[0]), c.Text(&rows[len(rows)-1])
	}
	for i, test := range []struct {
		sockets           int
		lens, byApp, last string
	}{{followed, "1.6 MB/s", "1.6 MB/s", "100 B/s"}, {followed + 1, "≥ 1.6 MB/s", "≥ 1.6 MB/s", ""}} {
		past.CountRates(false)
		past.CountRates(true)
		at := time.Duration(i) * time.Minute
		look(test.sockets, at, 1000)
		look(test.sockets, at+3*time.Second, 1300)
		if lens, byApp, last := texts(); lens != test.lens || byApp != test.byApp || last != test.last {
			t.Errorf("%d sockets: %q in the lens, %q by app, the last %q", test.sockets, lens, byApp, last)
		}
	}
}
