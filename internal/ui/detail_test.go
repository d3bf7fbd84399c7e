package ui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/app"
	"portolan/internal/history"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
	"portolan/internal/table"
)

// openDetail shows the pane on the desk, with the row of this port selected.
func openDetail(t *testing.T, number uint16, change ...func(*scene)) *scene {
	t.Helper()
	s := newScene(t)
	s.ancestors = shell()
	s.details.Memory, s.details.CPU, s.details.CPUOver = 84_300_000, 0.034, time.Second
	for _, f := range change {
		f(s)
	}
	s.window.detail.toggle()
	s.read(desk())
	s.selectPort(number)
	return s
}

// pane gives what the detail pane says.
func (s *scene) pane() string {
	form := s.window.detail.form
	lines := []string{form.heading, form.sentence.Text}
	for i := range form.lines {
		if line := &form.lines[i]; line.value.Visible() {
			lines = append(lines, line.key.Text+": "+line.value.Text)
		}
	}
	return strings.Join(lines, "\n")
}

func (s *scene) wantPane(wanted ...string) {
	s.t.Helper()
	pane := s.pane()
	for _, text := range wanted {
		if !strings.Contains(pane, text) {
			s.t.Errorf("%q is not to be read in:\n%s", text, pane)
		}
	}
}

func TestDetailOfAListener(t *testing.T) {
	s := openDetail(t, 3000)
	s.wantPane("Your process node (PID 812) accepts connections from the whole network on TCP port 3000. It has been running since 10:00.",
		"Process: node (812)", "User: alice", "Program: /usr/local/bin/node", "Started by: launchd > iTerm2 > zsh > npm > node",
		"Command: node server.js --port 3000", "Folder: /srv/shop", "Memory: 84.3 MB", "CPU: 3.4 % of one core")
}

func TestDetailOfBothEndsOfAConnection(t *testing.T) {
	s := openDetail(t, 41822)
	s.wantPane("is connected to postgres (PID 640) on this computer", "Other end: postgres (640), Postgres")
	s.selectPort(5432)
	s.wantPane("Clients: node (812): 1 connection")
}

func TestDetailOfAnAppAndItsProcess(t *testing.T) {
	s := openDetail(t, 3000)
	s.read(crowded(3))
	s.do(func() { s.window.setByApp(true) })
	s.selectGroup("Google Chrome")
	s.wantPane("Google Chrome has 3 processes with 4 sockets. It accepts connections from this computer only on TCP port 9222.",
		"Processes: Google Chrome (3000): port 9222\nGoogle Chrome Helper (3001)\n", "Path: /Applications/Google Chrome.app")
	s.selectGroup("node")
	s.wantPane("Process: node (812)", "Started by: launchd > iTerm2")
}

func TestDetailOfNobody(t *testing.T) {
	s := openDetail(t, 50120)
	s.wantPane("No process holds this socket any more", "TIME_WAIT", "tcp 192.168.1.20:50120 to 142.250.185.78:443")
	s.selectPort(22)
	s.wantPane("The process is hidden", "A process of root holds this socket", "Run as administrator to see them.")
	s.do(func() { s.window.setByApp(true) })
	s.selectGroup("Kernel (no process)")
	s.wantPane("No process holds these sockets")
}

func TestDetailOfAContainer(t *testing.T) {
	s := openDetail(t, 3000)
	selectContainer(s)
	s.wantPane("App: shop-web (docker container of nginx:1.27)", "Container: 3f4a1c0d9e8b\n", "Unit: docker-3f4a1c0d9e8b.scope")
}

// While it is hidden the pane does nothing at all; a hidden window's pane does not read either.
func TestHiddenDetailDoesNothing(t *testing.T) {
	reads := 0
	s := newScene(t)
	s.window.detail.read = func(context.Context, process.ID) (process.Details, error) {
		reads++
		return process.Details{}, nil
	}
	s.read(desk())
	s.selectPort(3000)
	if reads != 0 || s.window.detail.form.sentence.Text == "" || strings.Contains(s.pane(), "812") {
		t.Errorf("%d reads for a hidden pane, which says:\n%s", reads, s.pane())
	}
	s.shortcut(fyne.KeyI)
	if reads != 1 {
		t.Errorf("%d reads once shown, want 1", reads)
	}
	s.wantPane("PID 812")
	s.pass(10 * time.Second)
	if reads != 2 {
		t.Errorf("%d reads after the interval, want 2: one at a time", reads)
	}
	s.Hide()
	s.pass(time.Minute)
	if reads != 2 {
		t.Errorf("%d reads with the window hidden", reads)
	}
	s.do(s.Show)
	if reads != 3 {
		t.Errorf("%d reads with the window shown again, want 3", reads)
	}
	s.shortcut(fyne.KeyI)
	s.pass(time.Minute)
	s.read(desk())
	if reads != 3 {
		t.Errorf("%d reads with the pane hidden again", reads)
	}
}

// What is read late is of the process that was selected then: it must not be shown for another.
func TestDetailOfAnotherComesLate(t *testing.T) {
	var pending []func()
	s := openDetail(t, 3000, func(s *scene) {
		s.window.detail.spawn = func(f func()) { pending = append(pending, f) }
		s.window.detail.surveyed = noon
	})
	s.wantPane("Memory: …", "Started by: …")
	s.selectPort(5432)
	pending[0]()
	s.wantPane("Process: postgres (640)", "Memory: …")
	if len(pending) != 2 {
		t.Fatalf("%d reads, want another for the process that is selected now", len(pending))
	}
	pending[1]()
	s.wantPane("Process: postgres (640)", "Memory: 84.3 MB")
}

// A refresh changes what has changed and no more: no line is made anew, none goes for a moment.
func TestDetailFollowsWithoutFlicker(t *testing.T) {
	s := openDetail(t, 5432)
	before := s.window.detail.form.lines
	shown := s.pane()
	s.read(desk())
	if s.pane() != shown || s.window.detail.form.lines != before {
		t.Error("a refresh with nothing new changes the pane")
	}
	s.read(without(desk(), node))
	if strings.Contains(s.pane(), "Clients") {
		t.Errorf("the client that has gone is still there:\n%s", s.pane())
	}
	s.wantPane("Memory: 84.3 MB")
	s.read(without(without(desk(), node), postgres))
	s.wantPane("No row is selected")
}

func TestDetailSaysWhatMayNotBeRead(t *testing.T) {
	s := openDetail(t, 3000, func(s *scene) { s.detailErr = errors.New("locked\x1b[2J") })
	s.wantPane("Memory: may not be read")
	s = openDetail(t, 3000, func(s *scene) { s.detailErr = process.ErrGone })
	s.wantPane("Memory: it has already ended")
}

func TestDetailIsRememberedAndToggled(t *testing.T) {
	s := openDetail(t, 3000)
	if !s.app.Preferences().Bool(keyDetail) {
		t.Error("the shown pane is not remembered")
	}
	again := newDetail(s.window)
	if !again.Visible() {
		t.Error("the pane is not shown as it was left")
	}
	s.window.table.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if s.window.detail.Visible() || s.app.Preferences().Bool(keyDetail) {
		t.Error("Return does not hide the pane, or that is not remembered")
	}
	if width := s.window.table.Size().Width; width < s.window.Canvas().Size().Width-1 {
		t.Errorf("without the pane the table is %v wide", width)
	}
}

func TestDetailCopies(t *testing.T) {
	s := openDetail(t, 3000)
	for _, object := range everything(s.window.detail.Container) {
		if b, ok := object.(*toolButton); ok {
			b.OnTapped()
			break
		}
	}
	if got := s.app.Clipboard().Content(); !strings.HasPrefix(got, "node\nYour process node (PID 812) accepts") || !strings.Contains(got, "\nMemory: 84.3 MB\n") {
		t.Errorf("copied %q", got)
	}
	// What is said can be marked with the mouse; when that goes, the keyboard is the table's again.
	value := s.window.detail.form.lines[0].value
	value.MouseIn(&desktop.MouseEvent{})
	canvas := s.window.Canvas()
	for range 40 {
		if canvas.FocusNext(); isPlainText(canvas.Focused()) {
			break
		}
	}
	if !isPlainText(canvas.Focused()) {
		t.Fatal("a value cannot be marked")
	}
	value.MouseOut()
	if s.window.Canvas().Focused() != s.window.table {
		t.Errorf("the focus is on %T", s.window.Canvas().Focused())
	}
}

// Beside the table where there is room, below it where not; the table keeps the larger part.
func TestDetailInEveryWindow(t *testing.T) {
	s := openDetail(t, 3000)
	for _, size := range []fyne.Size{{Width: 1400, Height: 900}, {Width: 900, Height: 500}, {Width: 640, Height: 520}, {Width: 400, Height: 300}} {
		s.window.Resize(size)
		body, pane := s.window.table.Size(), s.window.detail.Size()
		if pane.Width <= 0 || pane.Height <= 0 || body.Width*body.Height < pane.Width*pane.Height {
			t.Errorf("in a window of %v the table is %v and the pane %v", size, body, pane)
		}
		for _, object := range everything(s.window.detail.form.Container) {
			if l := label(object); l != nil && l.Visible() && l.Text != "" && l.Position().X+l.Size().Width > pane.Width {
				t.Errorf("in a window of %v %q stands out", size, l.Text)
			}
		}
	}
}

// Names and lines from outside neither steer the screen nor drown the rest.
func TestDetailOfHostileNames(t *testing.T) {
	evil := newProcess(666, "no\nde\x1b[31m\u202e\x00", "ali\nce", 501, app.App{Name: "Saf\x07ari\u2066", Path: "/tmp/\xff\x1b]0;x", Kind: app.Container,
		ID: "\u202e3f\xff", Image: "im\nage", Unit: "un\x1bit", In: "te\x07rm"})
	evil.Work.Title = "ti\ntle\x1b"
	s := openDetail(t, 3000, func(s *scene) { s.details = process.Details{Line: "a\nb\x1b[2J", Directory: "/x\u202e"} })
	s.ancestors = []*process.Process{evil}
	s.read(snapshot(0, listen("127.0.0.1:8000", evil)))
	s.selectPort(8000)
	if all := s.pane(); strings.IndexFunc(all, func(r rune) bool { return r != '\n' && r < ' ' || r == '\u202e' || r == '\u2066' }) >= 0 || strings.Contains(all, "no\nde") {
		t.Errorf("a control character is shown: %q", all)
	}
	s.selectPort(8000)
	selectLongNames(s)
	for i := range s.window.detail.form.lines {
		if line := &s.window.detail.form.lines[i]; line.value.Visible() && len(line.value.Text) > 300 {
			t.Errorf("%s has %d bytes", line.key.Text, len(line.value.Text))
		}
	}
}

func TestDetailOfAPortHeldByMany(t *testing.T) {
	s := openDetail(t, 3000)
	s.read(snapshot(0, listen("0.0.0.0:443", crowd(500)...)))
	s.selectPort(443)
	s.wantPane("It shares the socket with 499 other processes.", "Held by: also ", "491 more")
}

func TestDetailSaysSinceWhen(t *testing.T) {
	past := history.New(history.Options{})
	s := newScene(t, func(o *Options) { o.Past = past })
	s.window.detail.toggle()
	before, now := desk(), desk()
	before.Taken = noon.Add(-80 * time.Minute)
	past.Record(monitor.Update{Snapshot: before})
	fresh := listen("127.0.0.1:8000", node)
	then := *now
	then.Taken, then.Sockets = noon.Add(-78*time.Minute), append(slices.Clone(now.Sockets), fresh)
	past.Record(monitor.Update{Snapshot: &then, Opened: []netstat.Socket{fresh}})
	now.Sockets = then.Sockets
	s.read(now)
	s.selectPort(8000)
	s.wantPane("on TCP port 8000 since 10:42. It has been running since 10:00.")
	s.selectPort(3000)
	s.wantPane("on TCP port 3000 since before 10:40. It has been running since 10:00.")
}

// What the networks are like is read off the UI thread, and not at every refresh.
func TestDetailSaysWhereItIsReached(t *testing.T) {
	var pending []func()
	reads := 0
	s := newScene(t)
	d := s.window.detail
	d.spawn = func(f func()) { pending = append(pending, f) }
	d.read = nil
	d.survey = func() ([]port.Interface, error) {
		reads++
		if reads > 2 {
			return nil, errors.New("no netlink")
		}
		return s.networks, nil
	}
	d.toggle()
	s.read(desk())
	s.selectPort(80)
	s.wantPane("Reachable: other computers too; a firewall may keep some out", "Note: IPv4 only: `localhost` may try ::1 first")
	if reads != 0 || len(pending) != 1 {
		t.Fatalf("%d reads on the UI thread, %d pieces of work", reads, len(pending))
	}
	pending[0]()
	s.wantPane("Reachable: this network: computers that reach 192.168.1.20 (en0); a firewall may keep some out")
	s.read(desk())
	s.selectPort(5432)
	s.wantPane("Reachable: this computer only")
	if len(pending) != 1 {
		t.Errorf("%d reads of the networks within a moment", len(pending))
	}
	s.networks = []port.Interface{{Name: "lo", Loopback: true}}
	s.pass(surveyTime)
	s.selectPort(80)
	pending[1]()
	s.wantPane("Reachable: this computer only: it is in no network now")
	s.pass(surveyTime)
	s.selectPort(3000)
	pending[2]() // it fails: what was known stays
	s.wantPane("Reachable: this computer only: it is in no network now")
	s.selectPort(41822)
	if strings.Contains(s.pane(), "Reachable") {
		t.Errorf("a connection is reachable:\n%s", s.pane())
	}
}

func TestDetailExplainsStatesQueuesAndKnownPrograms(t *testing.T) {
	s := openDetail(t, 50112)
	s.wantPane("State: CLOSE_WAIT: The other side has hung up; the program here has not closed its end.")
	now := desk()
	full := listen("0.0.0.0:8000", newProcess(53, "systemd-resolved", "systemd-resolve", 101, app.App{}))
	full.Queue, full.QueueLimit = 3, 128
	now.Sockets = append(now.Sockets, full)
	s.read(now)
	s.selectPort(8000)
	s.wantPane("Waiting: 3 of at most 128 connections wait to be accepted", "Known as: ", "(source: systemd-resolved.service(8))")
	if strings.Contains(s.pane(), "State:") {
		t.Errorf("LISTEN is explained:\n%s", s.pane())
	}
}

// Memory and CPU are those of now as long as the pane is shown.
func TestDetailFollowsMemory(t *testing.T) {
	s := openDetail(t, 3000)
	s.wantPane("Memory: 84.3 MB", "CPU: 3.4 % of one core")
	s.details.Memory, s.details.CPU = 90_000_000, 0.5
	s.pass(10 * time.Second)
	s.wantPane("Memory: 90.0 MB", "CPU: 50.0 % of one core")
}

// TestChosenByTheSystem: a listener whose port lies in the range is marked in the table, named in the pane and in words,
// and there is a column of classes for who asks for it.
func TestChosenByTheSystem(t *testing.T) {
	s := newScene(t, func(o *Options) { o.Rules = rulesIn(sceneRange) })
	s.window.Resize(screen)
	s.read(snapshot(0, listen("127.0.0.1:49833", node), listen("127.0.0.1:4000", node)))
	cell := func(port uint16, id table.ColumnID) string {
		t.Helper()
		for _, slot := range s.window.table.body.slots {
			if slot.index < 0 || s.window.table.rows[slot.index].Socket.Local.Port() != port {
				continue
			}
			for i, c := range s.window.table.columns.columns {
				if c.ID == id {
					return slot.cells[i].Text
				}
			}
		}
		t.Fatalf("there is no cell %s of port %d", id, port)
		return ""
	}
	if got := cell(49833, table.ColumnService); got != "chosen by the system" {
		t.Errorf("the cell says %q", got)
	}
	if got := cell(4000, table.ColumnService); strings.Contains(got, "chosen") {
		t.Errorf("of a port that somebody asked for the cell says %q", got)
	}
	if got := s.window.table.spoken(&s.window.table.rows[1]); !strings.Contains(got, "chosen by the system") {
		t.Errorf("spoken: %q", got)
	}
	s.selectPort(49833)
	s.window.detail.toggle()
	s.wantPane("most likely chosen by the system", "Class: listening, port chosen by the system")
	s.selectPort(4000)
	s.wantPane("Class: listening\n")

	if titles := titlesOf(s.window.table.columns); titles != usualTitles {
		t.Errorf("at first the columns are %s", titles)
	}
	s.do(func() { s.window.table.arrange(s.window.table.columns.choice().shown(table.ColumnClass, true)) })
	if got := cell(49833, table.ColumnClass); !strings.HasPrefix(got, "listening, ") {
		t.Errorf("the class is shown as %q", got)
	}
	s.do(func() { s.window.sort(table.ColumnClass) })
	if s.window.view.Sort != table.ColumnClass || s.window.table.rows[0].Socket.Local.Port() != 4000 {
		t.Errorf("by %s, %d is first", s.window.view.Sort, s.window.table.rows[0].Socket.Local.Port())
	}
}

// TestHiddenAppsStillWait: a connection to the listener of a hidden app came in all the same.
func TestHiddenAppsStillWait(t *testing.T) {
	s := newScene(t, func(o *Options) { o.Rules = rulesIn(sceneRange) })
	s.read(snapshot(0, listen("0.0.0.0:50001", nginx), connection(netstat.Established, "192.168.1.20:50001", "192.168.1.30:51000", node)))
	s.do(func() { s.hideApp(nginx.App) })
	if len(s.window.table.rows) != 1 || s.window.table.rows[0].Class != table.Incoming {
		t.Errorf("%d rows, the first is %v", len(s.window.table.rows), s.window.table.rows[0].Class)
	}
}

// TestDetailSaysWhatMacOSDoesNotTell: where no connection has byte counters, which macOS always tells, the pane says so.
func TestDetailSaysWhatMacOSDoesNotTell(t *testing.T) {
	call := connection(netstat.Established, "192.168.1.20:51000", "151.101.1.1:443", firefox)
	counted := connection(netstat.Established, "192.168.1.20:51001", "151.101.1.1:443", firefox)
	counted.RxBytes = 5000
	silent := snapshot(0, listen("127.0.0.1:4000", node), call)
	for _, test := range []struct {
		system string
		about  *netstat.Snapshot
		want   bool
	}{{"darwin", silent, true}, {"linux", silent, false}, {"darwin", snapshot(0, call, counted), false}} {
		s := newScene(t)
		s.window.Resize(screen)
		s.window.detail.system = test.system
		s.read(test.about)
		s.window.detail.toggle()
		s.selectPort(51000)
		if got := strings.Contains(s.pane(), "Received: not told by this macOS"); got != test.want {
			t.Errorf("%s: %s", test.system, s.pane())
		}
		if test.want {
			s.selectPort(4000)
			if strings.Contains(s.pane(), "not told") {
				t.Errorf("of a listener: %s", s.pane())
			}
			s.do(func() { s.window.turnTo(turnByApp) })
			s.selectGroup("Firefox")
			s.wantPane("Received and sent: not told by this macOS")
		}
	}
}

// A title that is too long for one line takes two, and every button of the pane says what it does when the pointer rests on it.
func TestPaneTitleAndTips(t *testing.T) {
	inGerman(t)
	s := openDetail(t, 22)
	form := s.window.detail.form
	form.set("Kein Prozess hält diesen Socket im Kernel", "", nil)
	if strings.Count(form.title.Text, "\n") != 1 {
		t.Errorf("the title is %q", form.title.Text)
	}
	if need := form.title.MinSize().Height; form.title.Size().Height < need || strings.Contains(form.title.Text, ellipsis) {
		t.Errorf("the title %q needs %v and has %v", form.title.Text, need, form.title.Size().Height)
	}
	if below := s.window.detail.scroll; s.app.Driver().AbsolutePositionForObject(below).Y < s.app.Driver().AbsolutePositionForObject(form.title).Y+form.title.Size().Height {
		t.Error("the title covers what is below it")
	}
	s.window.tips.later = func(_ time.Duration, f func()) { f() }
	told := map[string]bool{}
	for _, o := range everything(s.window.detail.Container) {
		if b, ok := o.(*toolButton); ok {
			b.MouseIn(&desktop.MouseEvent{})
			if tip := s.window.tips; !tip.Visible() || tip.text == "" {
				t.Errorf("the button with %s says nothing", b.Icon.Name())
			}
			told[s.window.tips.text] = true
			b.MouseOut()
		}
	}
	if len(told) != 4 || !told["Details schließen (Esc)"] {
		t.Errorf("the tips are %v", told)
	}
}

// Of several rows the pane says how many, and what they have together; of none there is nothing to copy.
func TestDetailOfSeveralRows(t *testing.T) {
	s := openDetail(t, 3000)
	for _, number := range []uint16{5432, 9229} {
		s.do(func() {
			s.window.table.addIndex(slices.IndexFunc(s.window.table.rows, func(r table.Row) bool { return r.Socket.Local.Port() == number }))
		})
	}
	if pane := s.pane(); !strings.HasPrefix(pane, "3 rows selected\n") || strings.Contains(pane, "Started:") {
		t.Errorf("of three rows:\n%s", pane)
	}
	s.wantPane("Apps: node, Postgres", "Ports: 3000, 5432, 9229", "node (812)", "postgres (640)")
	if s.window.detail.copying.Disabled() || !s.window.detail.explain.Disabled() || s.window.detail.actions.Disabled() {
		t.Error("the buttons are not those of several rows")
	}
	if !strings.Contains(s.window.detail.text(), "Ports: 3000, 5432, 9229") {
		t.Errorf("copied would be %q", s.window.detail.text())
	}
	s.read(desk())
	s.wantPane("3 rows selected")
	s.selectPort(3000)
	if s.wantPane("accepts connections", "Started: "); s.window.detail.explain.Disabled() {
		t.Error("of one row again it cannot be explained")
	}
	s.do(s.window.table.clearSelection)
	if !s.window.detail.copying.Disabled() {
		t.Error("with no row selected there is something to copy")
	}
}

// One folder is not told twice.
func TestDetailTellsAFolderOnce(t *testing.T) {
	of := func(path string) string {
		p := newProcess(4000, "python3", "alice", 501, app.App{Name: "shop", Kind: app.Command, Path: path})
		p.Executable = "/usr/bin/python3"
		s := openDetail(t, 3000, func(s *scene) { s.details.Directory = "/srv/shop" })
		s.read(snapshot(time.Second, listen("127.0.0.1:8123", p)))
		s.selectPort(8123)
		return s.pane()
	}
	if pane := of("/srv/shop"); strings.Count(pane, "/srv/shop") != 1 {
		t.Errorf("told twice:\n%s", pane)
	}
	if pane := of("/srv/other"); !strings.Contains(pane, "Folder: /srv/shop") || !strings.Contains(pane, "Path: /srv/other") {
		t.Errorf("told of two folders:\n%s", pane)
	}
}

// A path that is too long for a line is broken behind a slash, and copied in one piece.
func TestLongPathsAreBrokenAtSlashes(t *testing.T) {
	path := "/home/alice/projects/verylongname/services/frontend/node_modules/vite/bin"
	s := openDetail(t, 3000, func(s *scene) { s.details.Directory = path })
	s.window.Resize(screen)
	s.selectPort(9229)
	form := s.window.detail.form
	at := slices.IndexFunc(form.facts, func(f fact) bool { return f.value == path })
	if at < 0 {
		t.Fatalf("the folder is not told:\n%s", s.pane())
	}
	value := form.lines[at].value
	lines := strings.Split(value.Text, "\n")
	if len(lines) < 2 || strings.Join(lines, "") != path {
		t.Errorf("broken into %q", lines)
	}
	for i, line := range lines {
		if i < len(lines)-1 && !strings.HasSuffix(line, "/") {
			t.Errorf("%q ends in a word", line)
		}
		if width := fyne.MeasureText(line, theme.TextSize(), fyne.TextStyle{}).Width; width > value.Size().Width {
			t.Errorf("%q is %v wide, of %v", line, width, value.Size().Width)
		}
	}
	if !strings.Contains(s.window.detail.text(), path) {
		t.Error("it is copied in pieces")
	}
	under := s.under(value).(*marker)
	e := &desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(8, 8)}, Button: desktop.MouseButtonPrimary}
	under.MouseDown(e)
	under.Dragged(&fyne.DragEvent{PointEvent: e.PointEvent, Dragged: fyne.Delta{DX: 1}})
	e.Position = fyne.NewPos(value.Size().Width, value.Size().Height)
	under.Dragged(&fyne.DragEvent{PointEvent: e.PointEvent, Dragged: fyne.Delta{DX: 1}})
	under.MouseUp(e)
	under.DragEnd()
	under.TypedShortcut(&fyne.ShortcutCopy{})
	if got := s.app.Clipboard().Content(); strings.Contains(got, "\n") || len(got) < len(path)/2 || !strings.Contains(path, got) {
		t.Errorf("marked and copied it is %q", got)
	}
	if got := brokenPaths("tcp/udp and more", 200, 13); got != "tcp/udp and more" {
		t.Errorf("text becomes %q", got)
	}
	if got := brokenPaths(path, 0, 13); got != path {
		t.Errorf("without a width it becomes %q", got)
	}
}
