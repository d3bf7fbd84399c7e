package table

import (
	"strings"
	"testing"
	"time"

	"portolan/internal/history"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
)

// firstLook is noon on the reader's clock: texts say times of day.
var firstLook = time.Date(2026, 11, 23, 12, 0, 0, 0, time.Local)

// days plays to a History what a monitor told, and keeps the last snapshot.
type days struct {
	past *history.History
	now  netstat.Snapshot
	at   time.Time
}

// tell has it told so long after the first look that these have come and those have gone.
func (d *days) tell(at time.Duration, opened []netstat.Socket, closed ...uint64) {
	d.at = firstLook.Add(at)
	u := monitor.Update{Opened: opened}
	var left []netstat.Socket
	for _, s := range d.now.Sockets {
		gone := false
		for _, id := range closed {
			gone = gone || s.ID == id
		}
		if gone {
			u.Closed = append(u.Closed, s)
		} else {
			left = append(left, s)
		}
	}
	d.now = netstat.Snapshot{Taken: d.at, Sockets: append(left, opened...)}
	u.Snapshot = &d.now
	d.past.Record(u)
}

func (d *days) report() *history.Report {
	r := d.past.Report(d.at.Add(-history.Keep), d.at)
	return &r
}

// rows gives the rows of a query, as text.
func (d *days) rows(t *testing.T, query string, columns ...ColumnID) string {
	t.Helper()
	q, err := ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	rows := Recent(&d.now, View{Recent: true, Query: q, Past: d.past, Ephemeral: linuxRange}, d.report())
	var b strings.Builder
	for i := range rows {
		for j, id := range columns {
			if j > 0 {
				b.WriteString(" | ")
			}
			b.WriteString(column(recentColumns, id).Text(&rows[i]))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func waiter(id uint64, pid int, name, at string) netstat.Socket {
	return netstat.Socket{ID: id, Protocol: netstat.TCP, State: netstat.Listen, Local: addrPort(at), Owners: held(someone(pid, name, name, "alice"))}
}

func connectionOf(id uint64, pid int, name, from, to string) netstat.Socket {
	return netstat.Socket{ID: id, Protocol: netstat.TCP, State: netstat.Established, Local: addrPort(from), Remote: addrPort(to), Owners: held(someone(pid, name, name, "alice"))}
}

func ofKernel(s netstat.Socket, id uint64) netstat.Socket {
	s.ID, s.State, s.Owners, s.Absence = id, netstat.TimeWait, nil, netstat.Kernel
	return s
}

// aDay: python has port 3000 before the record begins, node has it afterwards; connections come and go.
func aDay() *days {
	d := &days{past: remembered()}
	old := connectionOf(3, 31, "python3", "127.0.0.1:3000", "127.0.0.1:50001")
	d.tell(0, []netstat.Socket{waiter(1, 31, "python3", "127.0.0.1:3000"), waiter(2, 9, "postgres", "127.0.0.1:45432"), old})
	served := connectionOf(4, 9, "postgres", "127.0.0.1:45432", "127.0.0.1:50002")
	d.tell(time.Minute, []netstat.Socket{served})
	d.tell(65*time.Second, []netstat.Socket{ofKernel(served, 14)}, 4)
	d.tell(2*time.Minute, nil, 1, 3)
	d.tell(3*time.Minute, []netstat.Socket{waiter(5, 75, "node", "0.0.0.0:3000")})
	unseen := ofKernel(connectionOf(6, 0, "", "192.168.1.5:51000", "93.184.0.1:443"), 16)
	d.tell(4*time.Minute, []netstat.Socket{unseen})
	d.tell(6*time.Minute, nil, 14, 16)
	return d
}

func TestRecent(t *testing.T) {
	d := aDay()
	expectLines(t, "all, the latest first", d.rows(t, "", ColumnFrom, ColumnUntil, ColumnLasted, ColumnPort, ColumnRemote, ColumnState, ColumnProcess, ColumnPID), `12:04:00 | 12:06:00 | 2 min 0 s | 51000 | 93.184.0.1:443 | TIME_WAIT | kernel (TIME_WAIT) | 
12:03:00 | now |  | 3000 |  | LISTEN | node | 75
before 12:00:00 | 12:02:00 | over 2 min 0 s | 3000 |  | LISTEN | python3 | 31
before 12:00:00 | 12:02:00 | over 2 min 0 s | 3000 | 127.0.0.1:50001 | ESTABLISHED | python3 | 31
12:01:00 | 12:01:05 | 5 s | 45432 | 127.0.0.1:50002 | ESTABLISHED | postgres | 9
before 12:00:00 | now |  | 45432 |  | LISTEN | postgres | 9
`)
	expectLines(t, "who had port 3000", d.rows(t, ":3000 state:listen", ColumnUntil, ColumnProcess), "now | node\n12:02:00 | python3\n")
	expectLines(t, "what came in, to a listener on a port of the range", d.rows(t, "class:incoming", ColumnProcess), "python3\npostgres\n")
	expectLines(t, "what began in the last five minutes", d.rows(t, "since:4m", ColumnProcess), "kernel (TIME_WAIT)\nnode\n")
	if rows := Recent(nil, View{}, nil); rows != nil {
		t.Errorf("of no snapshot: %v", rows)
	}
}

// What is over cannot be ended, and no two rows are taken for one another, though numbers are given again.
func TestRecentKeys(t *testing.T) {
	d := &days{past: remembered()}
	d.tell(0, nil)
	for i := range 3 {
		at := time.Duration(i) * time.Minute
		d.tell(at+time.Second, []netstat.Socket{waiter(7, 31, "node", "127.0.0.1:3000")})
		if i < 2 {
			d.tell(at+30*time.Second, nil, 7)
		}
	}
	rows := Recent(&d.now, View{Past: d.past}, d.report())
	seen := map[Key]bool{}
	over := 0
	for i := range rows {
		if seen[rows[i].Key] {
			t.Errorf("the key %v stands twice", rows[i].Key)
		}
		seen[rows[i].Key] = true
		if rows[i].Closed() {
			over++
		}
	}
	if len(rows) != 3 || over != 2 {
		t.Errorf("%d rows, of which %d are over", len(rows), over)
	}
	if now := Rows(&d.now, View{}); len(now) != 1 || !seen[now[0].Key] {
		t.Error("what is there still has another key in the flat table: a selection would not survive the switch")
	}
}

// Too much to keep one by one is told in sums.
func TestRecentSums(t *testing.T) {
	d := &days{past: remembered()}
	d.tell(0, []netstat.Socket{waiter(1, 9, "node", "127.0.0.1:3000")})
	id := uint64(100)
	for second := range 60 {
		var opened []netstat.Socket
		var closed []uint64
		for i := range 600 {
			opened = append(opened, connectionOf(id, 9, "crawler", "192.168.1.5:40000", "93.184.0.1:443"))
			if id >= 700 {
				closed = append(closed, id-600)
			}
			id++
			_ = i
		}
		d.tell(time.Duration(second+1)*time.Second, opened, closed...)
	}
	r := d.report()
	opened, closed := 0, 0
	for _, x := range r.Sums {
		opened, closed = opened+x.Opened, closed+x.Closed
	}
	for _, e := range r.Events {
		if e.What == history.Opened {
			opened++
		} else {
			closed++
		}
	}
	if opened != 36000 || closed != 35400 {
		t.Fatalf("the record has %d opened and %d closed", opened, closed)
	}
	q, _ := ParseQuery("443")
	summed := 0
	for _, row := range Recent(&d.now, View{Query: q, Past: d.past}, r) {
		if !row.Span.Summed() {
			continue
		}
		summed += row.Span.Opened
		text := column(recentColumns, ColumnRemote).Text(&row)
		if !strings.Contains(text, " opened, ") || column(recentColumns, ColumnPID).Text(&row) != "" || column(recentColumns, ColumnPort).Text(&row) != "443" ||
			column(recentColumns, ColumnLasted).Text(&row) != "" || !row.Closed() {
			t.Errorf("a sum reads %q", text)
		}
		if s := RecentSentence(&row, -1); !strings.Contains(s, "crawler, on tcp port 443, opened ") {
			t.Errorf("a sum in words: %s", s)
		}
	}
	if summed == 0 || summed >= 36000 {
		t.Errorf("%d are told in sums", summed)
	}
	if got := d.rows(t, "state:established 3000", ColumnPort); got != "" {
		t.Errorf("sums have no state, yet there is:\n%s", got)
	}
}

func TestRecentSentence(t *testing.T) {
	d := aDay()
	want := map[string]string{
		"node":    "",
		"python3": "Your process python3 (PID 31) had tcp 127.0.0.1:3000 open before 12:00:00 already, and until 12:02:00.",
	}
	rows := Recent(&d.now, View{Past: d.past}, d.report())
	for i := range rows {
		if rows[i].Owner == nil || rows[i].Socket.State != netstat.Listen {
			continue
		}
		if text, ok := want[rows[i].Owner.Process.Name]; ok {
			if got := RecentSentence(&rows[i], rows[i].Owner.Process.UID); got != text {
				t.Errorf("%q, want %q", got, text)
			}
		}
	}
	now := waiter(5, 75, "node", "0.0.0.0:3000")
	expectLines(t, "before node", Earlier(&now, d.past.Tenures(firstLook), 4), "python3 (PID 31) until 12:02:00")
	over := waiter(1, 31, "python3", "127.0.0.1:3000")
	expectLines(t, "before python3, which is over", Earlier(&over, d.past.Tenures(firstLook), 4), "")
	other := waiter(5, 75, "node", "0.0.0.0:3001")
	expectLines(t, "before another", Earlier(&other, d.past.Tenures(firstLook), 4), "")
}

// Every column can be sorted by, in both directions, sums among the rest.
func TestRecentSort(t *testing.T) {
	d := aDay()
	r := d.report()
	r.Sums = append(r.Sums, history.Sum{From: firstLook, To: firstLook.Add(time.Minute), Protocol: netstat.TCP, Port: 443, Opened: 3, Closed: 2})
	for _, c := range RecentColumns() {
		up := Recent(&d.now, View{Past: d.past, Sort: c.ID}, r)
		down := Recent(&d.now, View{Past: d.past, Sort: c.ID, Descending: true}, r)
		if len(up) != 7 || len(down) != 7 {
			t.Fatalf("%s: %d and %d rows", c.ID, len(up), len(down))
		}
		for i := 1; i < len(up); i++ {
			if c.Compare(&up[i-1], &up[i]) > 0 || c.Compare(&down[i-1], &down[i]) < 0 {
				t.Errorf("not sorted by %s at %d", c.ID, i)
			}
		}
	}
}

// BenchmarkRecent is the view after ten minutes of 1,000 events a second: as many as are kept one by one, and sums.
func BenchmarkRecent(b *testing.B) {
	past := remembered()
	now := netstat.Snapshot{Taken: firstLook}
	past.Record(monitor.Update{Snapshot: &now})
	id := uint64(1)
	for second := range 600 {
		closed := now.Sockets
		now = netstat.Snapshot{Taken: firstLook.Add(time.Duration(second+1) * time.Second)}
		for range 500 {
			now.Sockets = append(now.Sockets, connectionOf(id, 100+int(id%50), "crawler", "192.168.1.5:40000", "93.184.0.1:443"))
			id++
		}
		past.Record(monitor.Update{Snapshot: &now, Opened: now.Sockets, Closed: closed})
	}
	b.ReportAllocs()
	for b.Loop() {
		r := past.Report(now.Taken.Add(-history.Keep), now.Taken)
		if rows := Recent(&now, View{Past: past, Ephemeral: linuxRange}, &r); len(rows) < 1000 {
			b.Fatal(len(rows))
		}
	}
}
