package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"portolan/internal/history"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/table"
)

// liveTest drives a model by messages, as bubbletea would, without a terminal.
type liveTest struct {
	live
	quit      bool
	paused    []bool
	refreshed int
	counting  bool
}

func newLiveTest(width, height int, s *netstat.Snapshot) *liveTest {
	l := &liveTest{}
	l.live = newLive(table.View{Ephemeral: port.Range{First: 32768, Last: 60999}}, "", false, controls{
		pause:   func(on bool) { l.paused = append(l.paused, on) },
		refresh: func() { l.refreshed++ },
		count:   func(on bool) { l.counting = on },
	})
	l.send(tea.WindowSizeMsg{Width: width, Height: height})
	if s != nil {
		l.send(told(monitor.Update{Snapshot: s}))
	}
	return l
}

// told brings what a monitor tells while the rules are as they were.
func told(u monitor.Update) updateMsg { return updateMsg{u, testRules} }

func (l *liveTest) send(msg tea.Msg) {
	model, cmd := l.Update(msg)
	l.live = model.(live)
	if cmd != nil {
		if _, quit := cmd().(tea.QuitMsg); quit {
			l.quit = true
		}
	}
}

var specialKeys = map[string]rune{"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "enter": tea.KeyEnter,
	"esc": tea.KeyEscape, "backspace": tea.KeyBackspace, "end": tea.KeyEnd, "home": tea.KeyHome, "pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp, "space": tea.KeySpace}

// keys presses keys: names from above, "ctrl+c", or else every letter.
func (l *liveTest) keys(names ...string) {
	for _, name := range names {
		switch code, special := specialKeys[name]; {
		case special:
			l.send(tea.KeyPressMsg{Code: code})
		case strings.HasPrefix(name, "ctrl+"):
			l.send(tea.KeyPressMsg{Code: rune(name[5]), Mod: tea.ModCtrl})
		default:
			for _, r := range name {
				l.send(tea.KeyPressMsg{Code: r, Text: string(r)})
			}
		}
	}
}

func (l *liveTest) screen() string { return ansi.Strip(l.View().Content) }

// selected is the text of the inverted line.
func (l *liveTest) selected() string {
	for _, line := range l.lines() {
		if text, found := strings.CutPrefix(line, "\x1b[7m"); found {
			return strings.TrimSpace(strings.TrimSuffix(text, "\x1b[m"))
		}
	}
	return ""
}

func TestLiveScreen(t *testing.T) {
	l := newLiveTest(100, 14, nil)
	wantText(t, "screen", l.screen(), "Reading ...")
	l.send(told(monitor.Update{Snapshot: testSnapshot()}))
	golden(t, "live.txt", trimLines(l.screen()))
	l.keys("g", "down", "enter")
	golden(t, "live-by-app.txt", trimLines(l.screen()))
	if v := l.View(); !v.AltScreen {
		t.Error("it would write over what the terminal shows")
	}
}

func trimLines(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text + "\n") {
		out.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return out.String()
}

// TestLiveFits: no line is wider than the terminal and there are as many as it has, whatever its size.
func TestLiveFits(t *testing.T) {
	for _, size := range [][2]int{{200, 50}, {80, 24}, {40, 10}, {10, 4}, {1, 1}} {
		for _, colour := range []bool{false, true} {
			l := newLiveTest(size[0], size[1], testSnapshot())
			l.colour = colour
			for _, keys := range [][]string{{}, {"down"}, {"g"}, {"enter"}, {"/日本語"}, {"esc"}, {"p"}} {
				l.keys(keys...)
				lines := l.lines()
				if want := max(size[1], frameLines+1); len(lines) != want {
					t.Errorf("%v %v: %d lines, want %d", size, keys, len(lines), want)
				}
				for _, line := range lines[:1] {
					if w := ansi.StringWidth(line); w > size[0] {
						t.Errorf("%v %v: %d wide: %q", size, keys, w, line)
					}
				}
				for _, line := range lines[2:] {
					if w := ansi.StringWidth(line); w > max(size[0], markWidth) {
						t.Errorf("%v %v: %d wide: %q", size, keys, w, line)
					}
				}
			}
		}
	}
}

func TestLiveQuits(t *testing.T) {
	for _, keys := range [][]string{{"q"}, {"ctrl+c"}, {"/", "ctrl+c"}} {
		l := newLiveTest(80, 24, testSnapshot())
		l.keys(keys...)
		if !l.quit {
			t.Errorf("%v does not quit", keys)
		}
	}
}

func TestLiveFilter(t *testing.T) {
	l := newLiveTest(120, 24, testSnapshot())
	l.keys("/", "mdnsz", "backspace", "r", "enter")
	if l.query != "mdnsr" || len(l.rows) != 1 || l.typing {
		t.Fatalf("query %q, %d rows, typing %v", l.query, len(l.rows), l.typing)
	}
	wantText(t, "screen", l.screen(), "/mdnsr", "1 shown of 10 sockets", "5353")
	l.keys("/", "ctrl+u", "state:foo", "enter")
	if !l.typing || l.queryErr == nil || len(l.rows) != 1 {
		t.Errorf("nonsense was taken: %+v", l.queryErr)
	}
	wantText(t, "screen", l.screen(), "foo")
	l.keys("esc")
	if l.query != "mdnsr" || l.typing {
		t.Errorf("leaving the line changed the query to %q", l.query)
	}
	l.keys("esc")
	if l.query != "" || len(l.rows) < 10 {
		t.Errorf("the query %q still holds: %d rows", l.query, len(l.rows))
	}
	l.keys("/", "q")
	if l.quit {
		t.Error("a q in the query quits")
	}
	l.send(tea.PasteMsg{Content: "a\nb\x1b"})
	if strings.ContainsAny(l.screen(), "\x1b") {
		t.Errorf("pasted controls reach the screen: %q", l.screen())
	}
}

func TestLiveSort(t *testing.T) {
	l := newLiveTest(120, 24, testSnapshot())
	for range 3 {
		l.keys("s") // protocol, local, port
	}
	wantText(t, "screen", l.screen(), "PORT▲")
	ports := func() (all []int) {
		for _, r := range l.rows {
			all = append(all, int(r.Socket.Local.Port()))
		}
		return all
	}
	if got := ports(); !slices.IsSorted(got) {
		t.Errorf("not sorted by port: %v", got)
	}
	l.keys("S")
	got := ports()
	slices.Reverse(got)
	if !slices.IsSorted(got) {
		t.Errorf("not sorted downwards: %v", ports())
	}
	for range len(table.Columns()) - 2 {
		l.keys("s")
	}
	if l.view.Sort != "" {
		t.Errorf("the last s leaves %q, not the usual order", l.view.Sort)
	}
}

func TestLivePauseAndRefresh(t *testing.T) {
	l := newLiveTest(80, 24, testSnapshot())
	l.keys("p")
	wantText(t, "screen", l.screen(), "PAUSED")
	l.keys("p", "r")
	if !slices.Equal(l.paused, []bool{true, false}) || l.refreshed != 1 {
		t.Errorf("paused %v, refreshed %d", l.paused, l.refreshed)
	}
}

// crowd is a snapshot with a listener on every port from first to last.
func crowd(first, last int) *netstat.Snapshot {
	s := &netstat.Snapshot{}
	for p := first; p <= last; p++ {
		s.Sockets = append(s.Sockets, netstat.Socket{ID: uint64(p), Protocol: netstat.TCP, Local: at(fmt.Sprintf("127.0.0.1:%d", p)),
			State: netstat.Listen, Owners: heldByDescriptor(node)})
	}
	return s
}

// TestLiveHoldsStill: what the person has selected stays on its line when rows come and go above it.
func TestLiveHoldsStill(t *testing.T) {
	l := newLiveTest(100, 13, crowd(2000, 2100))
	for range 15 {
		l.keys("down")
	}
	line := l.cursor - l.top
	wantText(t, "selected", l.selected(), "2015")
	for _, s := range []*netstat.Snapshot{crowd(1950, 2100), crowd(2001, 2050), crowd(1000, 2030)} {
		l.send(told(monitor.Update{Snapshot: s}))
		wantText(t, "selected", l.selected(), "2015")
		if l.cursor-l.top != line {
			t.Errorf("it moved from line %d to %d", line, l.cursor-l.top)
		}
	}
	l.send(told(monitor.Update{Snapshot: crowd(2016, 2100)})) // it is gone
	if l.selected() == "" {
		t.Error("no row is selected")
	}
	l.send(told(monitor.Update{Snapshot: &netstat.Snapshot{}}))
	l.keys("down", "up", "end", "pgup", "enter", "left")
	if l.cursor != 0 || l.top != 0 {
		t.Errorf("in an empty table the cursor is at %d, the top at %d", l.cursor, l.top)
	}
}

func TestLiveMovement(t *testing.T) {
	l := newLiveTest(100, 13, crowd(2000, 2099))
	for _, test := range []struct {
		key  string
		want int
	}{
		{"down", 2001}, {"j", 2002}, {"k", 2001}, {"up", 2000}, {"up", 2000}, {"pgdown", 2010}, {"end", 2099}, {"down", 2099},
		{"pgup", 2089}, {"home", 2000}, {"G", 2099},
	} {
		l.keys(test.key)
		wantText(t, test.key, l.selected(), fmt.Sprint(test.want))
	}
}

// TestLiveMarksNewRows: a plus stands before what the last update opened.
func TestLiveMarksNewRows(t *testing.T) {
	l := newLiveTest(100, 13, crowd(2000, 2003))
	l.send(told(monitor.Update{Snapshot: crowd(2000, 2004), Opened: crowd(2004, 2004).Sockets}))
	if n := strings.Count(l.screen(), "\n+ tcp"); n != 1 {
		t.Errorf("%d rows are marked:\n%s", n, l.screen())
	}
}

func TestLiveGroups(t *testing.T) {
	l := newLiveTest(120, 30, testSnapshot())
	l.keys("g")
	for _, r := range l.rows {
		if r.Group == nil {
			t.Fatal("a socket stands among closed groups")
		}
	}
	before, groups := l.live, len(l.rows)
	l.keys("right")
	if len(l.rows) <= groups || len(before.rows) != groups || before.view.Open[l.rows[0].Key] {
		t.Errorf("%d rows after opening %d groups, %d in the model before", len(l.rows), groups, len(before.rows))
	}
	for _, step := range []struct {
		key               string
		cursor, rows      int
		appOpen, procOpen bool
	}{
		{"end", len(l.rows) - 1, groups + 2, true, true},
		{"home", 0, groups + 2, true, true},
		{"down", 1, groups + 2, true, true},
		{"down", 2, groups + 2, true, true},
		{"enter", 2, groups + 2, true, true}, // a socket has nothing to open
		{"left", 1, groups + 2, true, true},  // from the socket to its process
		{"left", 1, groups + 1, true, false},
		{"right", 1, groups + 2, true, true},
		{"left", 1, groups + 1, true, false},
		{"left", 0, groups + 1, true, false}, // from the process to its app
		{"left", 0, groups, false, false},
		{"left", 0, groups, false, false},
	} {
		l.keys(step.key)
		if l.cursor != step.cursor || len(l.rows) != step.rows || l.rows[0].Group.Open != step.appOpen ||
			(step.appOpen && l.rows[1].Group.Open != step.procOpen) {
			t.Errorf("%s: at row %d of %d, want %d of %d", step.key, l.cursor, len(l.rows), step.cursor, step.rows)
		}
	}
}

// TestLiveByAppSorts: the columns are those of that view, counts begin with the most, and bytes are
// asked for only as long as they are shown.
func TestLiveByAppSorts(t *testing.T) {
	l := newLiveTest(160, 30, testSnapshot())
	l.keys("s", "g")
	if l.view.Sort != "" || !l.counting {
		t.Errorf("sorted by %q, counting %v", l.view.Sort, l.counting)
	}
	for l.view.Sort != table.ColumnEstablished {
		l.keys("s")
	}
	wantText(t, "screen", l.screen(), "ESTAB▼")
	if first := l.rows[0].Group.Name; first != "Safari" && first != "vite - shop" {
		t.Errorf("%s has the most connections", first)
	}
	l.keys("/", "state:listen", "enter")
	wantText(t, "screen", l.screen(), "5 shown of 10 sockets")
	l.keys("g")
	if l.view.Sort != "" || l.counting {
		t.Errorf("sorted by %q, counting %v", l.view.Sort, l.counting)
	}
}

func TestLiveShowsErrors(t *testing.T) {
	l := newLiveTest(100, 13, nil)
	l.send(told(monitor.Update{Err: errors.New("no netlink\x1b[2J here")}))
	wantText(t, "screen", l.screen(), "The sockets cannot be read: no netlink")
	l.send(told(monitor.Update{Snapshot: crowd(2000, 2003)}))
	l.send(told(monitor.Update{Snapshot: crowd(2000, 2003), Err: errors.New("dump interrupted")}))
	wantText(t, "screen", l.screen(), "Not current, as of", "dump interrupted", "2003")
}

// TestLivePast: h shows who waited where and what happened, as far as the query goes, and h or Esc leads back.
func TestLivePast(t *testing.T) {
	l := newLiveTest(110, 20, nil)
	l.view.Past = history.New(history.Options{})
	first := crowd(2000, 2002)
	tell := func(after time.Duration, u monitor.Update) {
		s := *first
		s.Taken = first.Taken.Add(after)
		u.Snapshot = &s
		l.view.Past.Record(u)
		l.send(told(u))
	}
	tell(0, monitor.Update{})
	call := netstat.Socket{ID: 0x99, Protocol: netstat.TCP, State: netstat.Established, Local: at("127.0.0.1:40009"), Remote: at("127.0.0.1:2001"), UID: 501, Owners: heldByDescriptor(node)}
	tell(time.Minute, monitor.Update{Opened: []netstat.Socket{call}, Closed: first.Sockets[:1]})

	l.keys("h")
	wantText(t, "screen", l.screen(), "The past since", "WAITED", "UNTIL", "2000", "EVENT", "opened", "40009", "closed", "h back")
	if strings.Contains(l.screen(), "PROTO") {
		t.Errorf("the table is shown too:\n%s", l.screen())
	}
	l.keys("/", "port:40009", "enter")
	wantText(t, "screen", l.screen(), "/port:40009", "opened")
	if strings.Contains(l.screen(), "WAITED") {
		t.Errorf("what does not match is shown:\n%s", l.screen())
	}
	l.keys("/", "ctrl+u", "port:7", "enter")
	wantText(t, "screen", l.screen(), "Nothing that matches was opened or closed.")
	tell(2*time.Minute, monitor.Update{Opened: []netstat.Socket{{ID: 0x9a, Protocol: netstat.TCP, State: netstat.Listen, Local: at("127.0.0.1:7"), UID: 501}}})
	wantText(t, "screen", l.screen(), "127.0.0.1:7")
	l.keys("g", "s", "enter")
	if l.view.ByApp || l.view.Sort != "" {
		t.Error("keys of the table change what is not seen")
	}
	l.keys("esc")
	wantText(t, "screen", l.screen(), "PROTO")
	if l.query != "port:7" {
		t.Errorf("on the way back the query became %q", l.query)
	}
	l.keys("h", "h")
	wantText(t, "screen", l.screen(), "PROTO")
}

// TestLivePastMoves: it can be read to its end, in a terminal of any size, and updates leave the place.
func TestLivePastMoves(t *testing.T) {
	l := newLiveTest(90, 10, nil)
	l.view.Past = history.New(history.Options{})
	all := crowd(2000, 2040)
	l.view.Past.Record(monitor.Update{Snapshot: all})
	l.send(told(monitor.Update{Snapshot: all}))
	l.keys("h", "end")
	wantText(t, "the end", l.screen(), ":2040")
	l.send(told(monitor.Update{Snapshot: all}))
	wantText(t, "after an update", l.screen(), ":2040")
	l.keys("home")
	wantText(t, "the beginning", l.screen(), "WAITED", ":2000")
	l.keys("down", "pgdown", "up")
	if l.past.top != 7 {
		t.Errorf("line %d is the first", l.past.top)
	}
	for _, size := range [][2]int{{200, 50}, {10, 4}, {1, 1}} {
		l.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		for _, line := range l.lines() {
			if ansi.StringWidth(line) > size[0] {
				t.Errorf("%v: %q is too wide", size, line)
			}
		}
		if n := len(l.lines()); n != max(3, size[1]) {
			t.Errorf("%v: %d lines", size, n)
		}
	}
}

// TestLiveFollowsTheRange: the rows are those of the range as it is now.
func TestLiveFollowsTheRange(t *testing.T) {
	l := newLiveTest(120, 20, untold())
	l.keys("/")
	for _, letter := range "ephemeral:yes" {
		l.keys(string(letter))
	}
	l.keys("enter")
	if len(l.rows) != 1 || l.rows[0].Socket.Local.Port() != 40003 {
		t.Fatalf("%d rows", len(l.rows))
	}
	narrowed := testRules
	narrowed.Ephemeral = port.Range{First: 5432, Last: 5432}
	l.send(updateMsg{monitor.Update{Snapshot: untold()}, narrowed})
	if len(l.rows) != 1 || l.rows[0].Socket.Local.Port() != 5432 {
		t.Errorf("%d rows, %+v", len(l.rows), l.rows)
	}
}

// TestLivePastCounts: each app's counts are there, with what no look has seen open, and what a query asks in vain of sums is said.
func TestLivePastCounts(t *testing.T) {
	l := newLiveTest(130, 30, nil)
	l.view.Past = (&ruled{now: testRules}).past()
	s := crowd(2000, 2001)
	tell := func(u monitor.Update) {
		s = &netstat.Snapshot{Taken: s.Taken.Add(time.Minute), Sockets: append(s.Sockets, u.Opened...)}
		u.Snapshot = s
		l.view.Past.Record(u)
		l.send(told(u))
	}
	tell(monitor.Update{})
	call := func(id uint64) netstat.Socket {
		return netstat.Socket{ID: id, Protocol: netstat.TCP, State: netstat.Established, Local: at("192.168.1.5:40009"), Remote: at("93.184.216.34:443"), UID: 501, Owners: heldByDescriptor(node)}
	}
	gone := call(0x9a)
	gone.State, gone.Owners, gone.Absence, gone.Local = netstat.TimeWait, nil, netstat.Kernel, at("192.168.1.5:40010")
	tell(monitor.Update{Opened: []netstat.Socket{call(0x99), gone}})
	l.keys("h")
	for _, want := range []string{"vite - shop outgoing 1 1 0", "- never seen open - ≥ 1 ≥ 1"} {
		wantText(t, "screen", strings.Join(strings.Fields(l.screen()), " "), want)
	}
	many := make([]netstat.Socket, 1<<15)
	for i := range many {
		many[i] = call(uint64(0x1000 + i))
	}
	tell(monitor.Update{Opened: many})
	l.keys("/", "pid:7", "enter")
	wantText(t, "screen", l.screen(), "Before "+clock(s.Taken.Add(-time.Minute))+" only sums are kept", "Nothing that is known one by one matches.")
}
