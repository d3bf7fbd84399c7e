package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/table"
)

// shortcut presses a key with the system's shortcut modifier, as the search field and the canvas get it.
func (s *scene) shortcut(key fyne.KeyName) {
	s.do(func() {
		s.window.search.TypedShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault})
	})
}

func (s *scene) ports() []uint16 {
	var all []uint16
	for _, row := range s.window.table.rows {
		if row.Socket != nil {
			all = append(all, row.Socket.Local.Port())
		}
	}
	return all
}

func TestSelectionSurvivesRefreshes(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.selectPort(5432)
	before, _ := s.window.table.Selected()
	more := desk()
	more.Sockets = append([]netstat.Socket{listen("0.0.0.0:21", nginx), listen("0.0.0.0:25", nginx)}, more.Sockets...)
	s.read(more)
	after, ok := s.window.table.Selected()
	if !ok || after.Key != before.Key {
		t.Errorf("selected is %v, want %v still", after.Key, before.Key)
	}
	if s.window.kill.Disabled() {
		t.Error("Kill is not offered")
	}
	s.read(without(desk(), postgres))
	if _, ok := s.window.table.Selected(); ok {
		t.Error("something else is selected once the row is gone")
	}
	if !s.window.kill.Disabled() {
		t.Error("Kill is offered without a selection")
	}
}

func TestSearch(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	all := len(s.window.table.rows)
	s.do(func() { test.Type(s.window.search, "node") })
	found := len(s.window.table.rows)
	if found == 0 || found >= all {
		t.Fatalf("the search shows %d of %d rows", found, all)
	}
	if got := s.window.status.said.text; !strings.HasPrefix(got, "4 shown of 42 sockets") {
		t.Errorf("the status line says %q", got)
	}
	// Nonsense is said to be that, and the last good rows stay, also through a refresh.
	s.do(func() { s.window.setQuery("node port:abc") })
	if got := s.window.searchError.text(); !strings.Contains(got, "port:abc") {
		t.Errorf("the error says %q", got)
	}
	s.read(desk())
	if got := len(s.window.table.rows); got != found {
		t.Errorf("there are %d rows with a query that makes no sense, want the %d from before", got, found)
	}
	s.do(func() { s.window.setQuery("udp") })
	if got := s.window.searchError.text(); got != "" {
		t.Errorf("the error still says %q", got)
	}
	if got := len(s.window.table.rows); got != 3 {
		t.Errorf("there are %d rows, want 3", got)
	}
}

func TestEscapeGoesBackStepByStep(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	escape := func() { s.do(func() { s.window.search.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape}) }) }
	s.do(func() { s.window.setQuery("port:abc") })
	s.window.notice.tell("primary", "Something.", "", nil)
	s.window.Canvas().Focus(s.window.search)
	escape()
	if s.window.search.Text != "" || s.window.searchError.text() != "" || s.window.notice.text() == "" {
		t.Error("the first Escape must empty the search, and only that")
	}
	escape()
	if s.window.notice.text() != "" || !s.Visible() {
		t.Error("the second Escape must remove the notice, and only that")
	}
	escape()
	if s.window.Canvas().Focused() != s.window.table || !s.Visible() {
		t.Error("the third Escape must leave the search field")
	}
	s.window.table.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if s.Visible() {
		t.Error("the last Escape must hide the window")
	}
}

// Without a menu bar there is no way back to a hidden window.
func TestEscapeWithoutTray(t *testing.T) {
	s := newScene(t, func(o *Options) { o.Tray = false })
	s.window.typedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if !s.Visible() || s.quits != 0 {
		t.Error("Escape has taken the window away")
	}
}

func TestShortcuts(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.shortcut(fyne.Key2)
	if !s.window.view.ByApp || s.window.views.chosen != 1 || s.window.table.rows[0].Group == nil {
		t.Error("2 does not show the apps")
	}
	s.shortcut(fyne.Key1)
	if s.window.view.ByApp || s.window.views.chosen != 0 || s.window.table.rows[0].Socket == nil {
		t.Error("1 does not show the flat table")
	}
	s.window.table.takeFocus()
	s.shortcut(fyne.KeyF)
	if s.window.Canvas().Focused() != s.window.search {
		t.Error("F does not lead to the search field")
	}
	s.window.search.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	if s.window.Canvas().Focused() != s.window.table {
		t.Error("Down does not lead from the search field to the table")
	}
	s.shortcut(fyne.KeyP)
	if !s.options.Monitor.Paused() {
		t.Error("P does not pause")
	}
	s.shortcut(fyne.KeyW)
	if s.Visible() {
		t.Error("W does not hide the window")
	}
	s.Show()
	s.shortcut(fyne.KeyQ)
	if s.quits != 1 {
		t.Error("Q does not quit")
	}
}

// What is typed over the table is a search.
func TestTypingSearches(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.window.table.takeFocus()
	s.window.table.TypedRune('/')
	if s.window.Canvas().Focused() != s.window.search || s.window.search.Text != "" {
		t.Error("/ does not lead to the empty search field")
	}
	s.window.table.takeFocus()
	s.do(func() { s.window.table.TypedRune('n') })
	if s.window.search.Text != "n" {
		t.Errorf("the search field has %q, want what was typed", s.window.search.Text)
	}
}

func TestSortIsTurnedByASecondClick(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.do(func() { s.window.sort(table.ColumnPID) })
	if s.window.view.Sort != table.ColumnPID || s.window.view.Descending {
		t.Errorf("sorted by %s, descending %v", s.window.view.Sort, s.window.view.Descending)
	}
	s.do(func() { s.window.sort(table.ColumnPID) })
	if !s.window.view.Descending {
		t.Error("a second click does not turn the order")
	}
	if first := s.window.table.rows[0]; first.Owner == nil || first.Owner.Process != firefox {
		t.Errorf("first is %v, want the highest PID", first.Key)
	}
	s.do(func() { s.window.sort(table.ColumnPort) })
	if s.window.view.Descending {
		t.Error("another column must begin ascending")
	}
}

func TestChoicesAreRemembered(t *testing.T) {
	s := newScene(t)
	s.window.Resize(fyne.NewSize(900, 555))
	s.do(func() { s.window.setByApp(true) })
	s.do(func() { s.window.sort(table.ColumnUser) })
	s.do(func() { s.window.sort(table.ColumnUser) })
	s.Hide()
	view := loadView(s.app.Preferences())
	if !view.ByApp || view.Sort != table.ColumnUser || !view.Descending {
		t.Errorf("remembered is %+v", view)
	}
	if size := loadSize(s.app.Preferences()); size != fyne.NewSize(900, 555) {
		t.Errorf("remembered is the size %v", size)
	}
}

// The smallest window comes back as it was; what is smaller is a broken memory.
func TestSmallSizesAreRemembered(t *testing.T) {
	p := test.NewTempApp(t).Preferences()
	for size, want := range map[fyne.Size]fyne.Size{
		fyne.NewSize(400, 300): fyne.NewSize(400, 300), leastSize: leastSize, leastSize.SubtractWidthHeight(1, 0): firstSize, leastSize.SubtractWidthHeight(0, 1): firstSize,
	} {
		if saveSize(p, size); loadSize(p) != want {
			t.Errorf("%v comes back as %v, want %v", size, loadSize(p), want)
		}
	}
}

func TestNonsenseMemoryIsForgotten(t *testing.T) {
	p := test.NewTempApp(t).Preferences()
	p.SetString(keySort, "colour")
	p.SetBool(keyDescending, true)
	p.SetFloat(keyWidth, 3)
	if view := loadView(p); view.Sort != table.ColumnPort || view.Descending {
		t.Errorf("the view is %+v, want the usual order", view)
	}
	if size := loadSize(p); size != firstSize {
		t.Errorf("the size is %v, want the usual one", size)
	}
}

func TestEmptyStates(t *testing.T) {
	s := newScene(t)
	if s.window.empty.Hidden || s.window.empty.title.Text != "Reading the sockets…" || s.window.empty.action.Visible() {
		t.Errorf("before the first read: %q", s.window.empty.title.Text)
	}
	s.fail(errKernel)
	if s.window.empty.title.Text != "The sockets could not be read" || !strings.Contains(s.window.empty.text.Text, "the kernel gave no answer") {
		t.Errorf("after a failed first read: %q, %q", s.window.empty.title.Text, s.window.empty.text.Text)
	}
	s.read(desk())
	if !s.window.empty.Hidden {
		t.Errorf("with rows: %q", s.window.empty.title.Text)
	}
	s.do(func() { s.window.setQuery("gopher") })
	if s.window.empty.Hidden || s.window.empty.title.Text != "No socket matches" || s.window.empty.text.Text != "gopher" {
		t.Errorf("with a search that finds nothing: %q, %q", s.window.empty.title.Text, s.window.empty.text.Text)
	}
	s.do(func() { s.window.setQuery("gopher port:abc") }) // makes no sense: what is shown is of the last that did
	if s.window.empty.Hidden || s.window.empty.text.Text != "gopher" || s.window.searchError.text() == "" {
		t.Errorf("the rows are said not to match %q", s.window.empty.text.Text)
	}
	s.do(func() { test.Tap(s.window.empty.action) })
	if s.window.search.Text != "" || !s.window.empty.Hidden || len(s.window.table.rows) == 0 {
		t.Error("the button does not clear the search")
	}
	s.read(snapshot(time.Second))
	if s.window.empty.Hidden || s.window.empty.title.Text != "No open sockets" {
		t.Errorf("without sockets: %q", s.window.empty.title.Text)
	}
}

func TestStatusLine(t *testing.T) {
	s := newScene(t)
	status := func() string {
		return s.window.status.said.live + "|" + s.window.status.said.text + "|" + s.window.status.said.counts
	}
	if got := status(); got != "Reading…||" {
		t.Errorf("before the first read: %q", got)
	}
	s.read(desk())
	if got, want := status(), "Live|42 sockets, 1 owner hidden, 104 processes not readable (run as administrator to see them)|9 listening   27 established   3 closing   3 UDP   29 ephemeral"; got != want {
		t.Errorf("live: %q, want %q", got, want)
	}
	s.do(func() { s.setPaused(true) })
	if got := status(); !strings.HasPrefix(got, "Paused|As of 12:00:00: 42 sockets") || s.window.pause.Text != "Resume" {
		t.Errorf("paused: %q, and the button says %q", got, s.window.pause.Text)
	}
	s.do(func() { s.setPaused(false) })
	rows := len(s.window.table.rows)
	s.fail(errors.New("read tcp sockets:\nno\x1b[0m answer"))
	if got := status(); !strings.HasPrefix(got, "Not current|The last read failed: read tcp sockets:") || !strings.Contains(got, "Shown is 12:00:00") || strings.ContainsAny(got, "\n\x1b") {
		t.Errorf("after a failed read: %q", got)
	}
	if len(s.window.table.rows) != rows {
		t.Error("the last good rows are gone")
	}
	s.read(desk())
	if got := status(); !strings.HasPrefix(got, "Live|") {
		t.Errorf("after the next good read: %q", got)
	}
}

// What is hidden, and why, is said before the counts are.
func TestStatusLineOfANarrowWindow(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.window.Resize(fyne.NewSize(1200, 600))
	if s.window.status.counts.Text == "" {
		t.Error("a wide window shows no counts")
	}
	s.window.Resize(fyne.NewSize(780, 600))
	status := s.window.status
	if status.counts.Text != "" || status.text.Text != status.said.text {
		t.Errorf("in a narrow window the text is %q, and the counts say %q", status.text.Text, status.counts.Text)
	}
	s.window.Resize(fyne.NewSize(500, 600))
	if !strings.HasSuffix(status.text.Text, ellipsis) || status.live.Text != "Live" {
		t.Errorf("in a very narrow window the line says %q and %q", status.live.Text, status.text.Text)
	}
	s.window.Resize(fyne.NewSize(1200, 600))
	if s.window.status.counts.Text == "" {
		t.Error("the counts do not come back")
	}
}

// Tab goes through the window as the eye does, and round to the table again.
func TestTabOrder(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.selectPort(3000)
	s.window.table.takeFocus()
	for i, want := range []fyne.Focusable{s.window.views, s.window.search, s.window.search.star, s.window.kill, s.window.pause, nil, nil, s.window.details, s.window.more, s.window.chips, s.window.table} {
		s.window.Canvas().FocusNext()
		if got := s.window.Canvas().Focused(); want != nil && got != want {
			t.Errorf("after %d tabs the focus is on %T, want %T", i+1, got, want)
		}
	}
}

// With the detail pane open Tab goes through its buttons, and through nothing that shows no focus.
func TestTabOrderWithThePane(t *testing.T) {
	s := openDetail(t, 3000)
	s.window.Resize(screen)
	s.window.table.takeFocus()
	var order []string
	for range 40 {
		s.window.Canvas().FocusNext()
		focused := s.window.Canvas().Focused()
		if isPlainText(focused) {
			t.Errorf("after %q the focus is on text that cannot be seen to have it", order)
		}
		if focused == s.window.table {
			break
		}
		order = append(order, fmt.Sprintf("%T", focused))
	}
	if s.window.Canvas().Focused() != s.window.table {
		t.Fatalf("Tab does not come back to the table: %q", order)
	}
	buttons := []*toolButton{s.window.detail.explain, s.window.detail.actions}
	for _, b := range buttons {
		reached := false
		for range len(order) + 1 {
			s.window.Canvas().FocusNext()
			reached = reached || s.window.Canvas().Focused() == b
		}
		if !reached {
			t.Errorf("Tab does not reach the pane's button with %s: %q", b.Icon.Name(), order)
		}
	}
}

// The search's examples give way where they do not fit.
func TestSearchHint(t *testing.T) {
	s := newScene(t)
	for width, want := range map[float32]string{1180: longHint(), 520: shortHint()} {
		s.window.Resize(fyne.NewSize(width, 400))
		if got := s.window.search.PlaceHolder; got != want {
			t.Errorf("at a width of %v the search says %q", width, got)
		}
	}
}

// However long an app's name is, its counts are in view.
func TestGroupOfALongName(t *testing.T) {
	s := newScene(t)
	p := *node
	p.App.Name = strings.Repeat("long name ", 60)
	s.read(snapshot(0, listen("127.0.0.1:8000", &p), connection(netstat.Established, "127.0.0.1:8000", "127.0.0.1:50000", &p)))
	s.do(func() { s.window.setByApp(true) })
	slot := s.window.table.body.slots[0]
	texts := map[table.ColumnID]string{}
	for i, c := range s.window.table.columns.columns {
		texts[c.ID] = slot.cells[i].Text
	}
	if !strings.HasSuffix(texts[table.ColumnName], ellipsis) {
		t.Errorf("the name is shown as %q", texts[table.ColumnName])
	}
	if texts[table.ColumnListening] != "1" || texts[table.ColumnEstablished] != "1" || texts[table.ColumnUDP] != "" {
		t.Errorf("the counts are %q", texts)
	}
}

func TestContextMenu(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	choose := func(label string) {
		t.Helper()
		row, _ := s.window.table.Selected()
		s.do(lineOfMenu(t, s.window.menuItems(row), label).Action)
	}
	clipboard := s.app.Clipboard()
	s.selectPort(41822)
	for label, want := range map[string]string{
		"Address": "127.0.0.1:41822", "Port": "41822", "Remote address": "127.0.0.1:5432", "PID": "812",
	} {
		choose(label)
		if got := clipboard.Content(); got != want {
			t.Errorf("%s gives %q, want %q", label, got, want)
		}
	}
	choose("Copy row")
	if cells := strings.Split(clipboard.Content(), "\t"); len(cells) != len(table.Columns()) || cells[2] != "41822" {
		t.Errorf("Copy row gives %q", clipboard.Content())
	}
	s.selectPort(7000)
	choose("Show only Control Center")
	if got, want := s.window.search.Text, `app:"Control Center"`; got != want || s.window.searchError.text() != "" {
		t.Errorf("the query is %q, want %q", got, want)
	}
	if got := s.ports(); len(got) != 4 {
		t.Errorf("shown are %v, want the four sockets of the app", got)
	}
	choose("Show only port 7000")
	if got := s.ports(); len(got) != 1 || got[0] != 7000 {
		t.Errorf("shown are %v", got)
	}
	choose("Kill…")
	s.wantTexts("Terminate ControlCenter?")
}

// Whatever an app is called, "Show only" finds it, and says nothing of a query that makes no sense.
func TestShowOnlyHostileNames(t *testing.T) {
	for _, name := range []string{"node", "Google Chrome", "port:abc", `say "hi" twice`, `a"b`, `"quoted"`, "!not", "app:be:ad",
		"tcp", "ünï cödé", "bell\aand\nline", "  two  blanks  ", "a\u00a0b", "\u202eevil", strings.Repeat("long ", 300), "x\xff"} {
		p := *node
		p.App.Name = name
		s := newScene(t)
		s.read(snapshot(0, listen("127.0.0.1:8000", &p), listen("127.0.0.1:8001", postgres)))
		s.selectPort(8000)
		row, _ := s.window.table.Selected()
		found := false
		for _, item := range s.window.menuItems(row) {
			if strings.HasPrefix(item.Label, "Show only ") && !strings.HasPrefix(item.Label, "Show only port 8000") {
				found = true
				if len(item.Label) > 100 {
					t.Errorf("%.40q: the line is %d bytes long", name, len(item.Label))
				}
				s.do(item.Action)
			}
		}
		if !found {
			t.Errorf("%.40q: there is no line for it", name)
		}
		if got := s.ports(); !slices.Equal(got, []uint16{8000}) || s.window.searchError.text() != "" {
			t.Errorf("%.40q: %.60q shows %v, and says %q", name, s.window.search.Text, got, s.window.searchError.text())
		}
	}
	if got := appQuery(`"""`); got != "" {
		t.Errorf("a name of quotes alone gives the query %q", got)
	}
}

// An open menu is about one row: the rows must not move away under it.
func TestRowsHoldStillUnderTheMenu(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.selectPort(3000)
	row, _ := s.window.table.Selected()
	rows := len(s.window.table.rows)
	s.window.showMenu(row, fyne.NewPos(100, 100))
	s.read(without(desk(), firefox))
	if len(s.window.table.rows) != rows {
		t.Error("the rows have changed under the open menu")
	}
	s.window.Canvas().Overlays().Top().(interface{ Tapped(*fyne.PointEvent) }).Tapped(&fyne.PointEvent{})
	if s.window.Canvas().Overlays().Top() != nil {
		t.Fatal("the menu is still open")
	}
	if len(s.window.table.rows) == rows {
		t.Error("the new rows do not come once the menu is closed")
	}
}

// What was asked before the window was hidden is not asked any more when it is shown again.
func TestHidingAnswersNo(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.selectPort(3000)
	row, _ := s.window.table.Selected()
	for name, open := range map[string]func(){
		"dialog": s.window.killSelected,
		"menu":   func() { s.window.showMenu(row, fyne.NewPos(100, 100)) },
	} {
		s.do(open)
		if s.window.Canvas().Overlays().Top() == nil {
			t.Fatalf("no %s has opened", name)
		}
		s.do(s.close)
		s.do(s.Show)
		if s.window.Canvas().Overlays().Top() != nil || s.window.killing.dialog != nil || s.window.table.held() || len(s.kills) != 0 {
			t.Errorf("the %s has outlived the window", name)
		}
	}
}

// The real path: a running monitor, its goroutine and ours. The functions for the UI thread are run here.
func TestWithARunningMonitor(t *testing.T) {
	app := test.NewTempApp(t)
	src := &source{snapshot: desk()}
	todo := make(chan func(), 64)
	u := newUI(app, Options{Monitor: monitor.New(src, time.Hour), OnQuit: func() {}}, func(f func()) { todo <- f })
	t.Cleanup(u.window.Close)
	go u.model.run(t.Context())
	cancel := u.options.Monitor.Subscribe(u.model.receive)
	defer cancel()
	go u.options.Monitor.Run(t.Context())
	u.Show()
	until := func(what string, done func() bool) {
		t.Helper()
		deadline := time.After(10 * time.Second)
		for !done() {
			select {
			case f := <-todo:
				f()
			case <-deadline:
				t.Fatalf("%s: not within 10 seconds", what)
			}
		}
	}
	until("the first rows", func() bool { return len(u.window.table.rows) == 43 })
	src.mu.Lock()
	src.snapshot = without(desk(), firefox)
	src.mu.Unlock()
	u.window.refresh()
	until("the rows without Firefox", func() bool { return len(u.window.table.rows) == 18 })
	src.mu.Lock()
	src.err = errKernel
	src.mu.Unlock()
	u.window.refresh()
	until("the error", func() bool { return u.window.status.said.live == "Not current" })
	if len(u.window.table.rows) != 18 {
		t.Error("the last good rows are gone")
	}
}

// From the search the keyboard leads on to the rows, and to the first where none is selected.
func TestSearchLeadsToTheRows(t *testing.T) {
	for _, key := range []fyne.KeyName{fyne.KeyDown, fyne.KeyReturn} {
		s := newScene(t)
		s.read(desk())
		s.window.Canvas().Focus(s.window.search)
		test.Type(s.window.search, "postgres")
		s.settle()
		s.window.search.TypedKey(&fyne.KeyEvent{Name: key})
		if s.window.Canvas().Focused() != s.window.table {
			t.Errorf("%s: the focus is on %T", key, s.window.Canvas().Focused())
		}
		row, ok := s.window.table.Selected()
		if !ok || row.Owner == nil || row.Owner.Process.Name != "postgres" {
			t.Errorf("%s: selected %+v", key, row)
		}
		s.selectPort(5432)
		want, _ := s.window.table.Selected()
		s.window.search.TypedKey(&fyne.KeyEvent{Name: key})
		if got, _ := s.window.table.Selected(); got.Key != want.Key {
			t.Errorf("%s: what was selected is left", key)
		}
	}
}

// TestQuietRefresh: a refresh that changes nothing to be seen has nothing of the window drawn.
func TestQuietRefresh(t *testing.T) {
	for name, byApp := range map[string]bool{"flat": false, "by app": true} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.do(func() { s.window.setByApp(byApp) })
			s.read(desk())
			s.read(desk())
			paints := countPaints(t)
			if n := paints.during(func() { s.read(desk()) }); n > 0 {
				t.Errorf("%d repaints", n)
			}
			if n := paints.during(func() { s.read(without(desk(), node)) }); n == 0 {
				t.Error("node has ended, and nothing is drawn")
			}
		})
	}
}

// TestHiddenTable: while the window is hidden no rows are made, and nothing of it is drawn.
func TestHiddenTable(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	before := &s.window.table.rows[0]
	s.Hide()
	s.settle()
	paints := countPaints(t)
	if n := paints.during(func() { s.read(without(desk(), node)) }); n > 0 {
		t.Errorf("%d repaints", n)
	}
	if &s.window.table.rows[0] != before {
		t.Error("the table has got new rows")
	}
	s.Show()
	s.settle()
	for _, row := range s.window.table.rows {
		if row.Owner != nil && row.Owner.Process == node {
			t.Error("shown again, the window has rows of before")
		}
	}
}
