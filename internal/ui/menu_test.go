package ui

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"portolan/internal/app"
	"portolan/internal/export"
	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/table"
)

// OpenURL notes what the browser or the file manager is given.
func (b *bar) OpenURL(u *url.URL) error {
	b.opened = append(b.opened, u.String())
	return b.openErr
}

// lineOfMenu finds a line of a menu, or of the menus in it.
func lineOfMenu(t *testing.T, items []*fyne.MenuItem, label string) *fyne.MenuItem {
	t.Helper()
	var all []string
	for _, item := range items {
		if item.ChildMenu != nil {
			for _, inner := range item.ChildMenu.Items {
				if inner.Label == label {
					return inner
				}
				all = append(all, inner.Label)
			}
		}
		if item.Label == label {
			return item
		}
		all = append(all, item.Label)
	}
	t.Fatalf("there is no %q among %q", label, all)
	return nil
}

// choose does what a line of the menu of the selected rows says.
func (s *scene) choose(t *testing.T, label string) {
	t.Helper()
	s.do(lineOfMenu(t, s.window.menuItems(s.window.table.SelectedRows()...), label).Action)
}

func (s *scene) has(label string) bool {
	for _, item := range s.window.menuItems(s.window.table.SelectedRows()...) {
		if item.Label == label {
			return true
		}
	}
	return false
}

// selectPorts selects the first rows with these ports, all at once.
func (s *scene) selectPorts(numbers ...uint16) {
	s.t.Helper()
	for i, number := range numbers {
		at := slices.IndexFunc(s.window.table.rows, func(r table.Row) bool { return r.Socket != nil && r.Socket.Local.Port() == number })
		if at < 0 {
			s.t.Fatalf("there is no row with port %d", number)
		}
		if i == 0 {
			s.window.table.selectIndex(at)
		} else {
			s.window.table.addIndex(at)
		}
	}
}

func TestCopies(t *testing.T) {
	s := newScene(t)
	now := desk()
	p := *node
	p.Work.Line = "node server.js --password ***"
	now.Sockets = append(now.Sockets, listen("[fe80::1%en0]:8088", &p))
	s.read(now)
	clipboard := s.app.Clipboard()
	s.selectPort(8088)
	for label, want := range map[string]string{
		"Address": "[fe80::1%en0]:8088", "Port": "8088", "PID": "812", "Command line": "node server.js --password ***", "portctl command": "portctl who 8088",
	} {
		s.choose(t, label)
		if got := clipboard.Content(); got != want {
			t.Errorf("%s gives %q, want %q", label, got, want)
		}
	}
	s.choose(t, "As JSON")
	var one export.Socket
	if err := json.Unmarshal([]byte(clipboard.Content()), &one); err != nil || one.Local.Address != "fe80::1%en0" || one.Owners[0].PID != 812 {
		t.Errorf("JSON: %v: %s", err, clipboard.Content())
	}
	s.choose(t, "As CSV")
	if lines, err := csv.NewReader(strings.NewReader(clipboard.Content())).ReadAll(); err != nil || len(lines) != 2 || !slices.Contains(lines[1], "8088") {
		t.Errorf("CSV: %v: %s", err, clipboard.Content())
	}
	s.selectPort(41822)
	s.choose(t, "portctl command")
	if got, want := clipboard.Content(), "portctl list port:41822 remote:127.0.0.1"; got != want {
		t.Errorf("copied %q, want %q", got, want)
	}
}

func TestCopiesSeveral(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.selectPorts(3000, 5432, 41822)
	clipboard := s.app.Clipboard()
	rows := s.window.table.SelectedRows()
	if len(rows) != 3 {
		t.Fatalf("%d rows are selected", len(rows))
	}
	s.choose(t, "Copy 3 rows")
	if got := strings.Split(clipboard.Content(), "\n"); len(got) != 3 {
		t.Errorf("copied %q", got)
	}
	s.choose(t, "PID")
	if got := strings.Fields(clipboard.Content()); len(got) != 2 || !slices.Contains(got, "812") || !slices.Contains(got, "640") {
		t.Errorf("PIDs %q: each once", got)
	}
	s.choose(t, "As JSON")
	var list []export.Socket
	if err := json.Unmarshal([]byte(clipboard.Content()), &list); err != nil || len(list) != 3 {
		t.Errorf("JSON: %v: %s", err, clipboard.Content())
	}
	s.window.table.TypedShortcut(&fyne.ShortcutCopy{})
	if got := strings.Split(clipboard.Content(), "\n"); len(got) != 3 {
		t.Errorf("the shortcut copies %q", got)
	}
	s.shortcut(fyne.KeyG)
	if !strings.HasPrefix(clipboard.Content(), "[{") {
		t.Errorf("Ctrl-G copies %q", clipboard.Content())
	}
	s.choose(t, "Show only these 3 ports")
	if got := s.ports(); !slices.Contains(got, 3000) || !slices.Contains(got, 5432) || slices.Contains(got, 9229) || s.window.searchError.text() != "" {
		t.Errorf("%q shows %v, and says %q", s.window.search.Text, got, s.window.searchError.text())
	}
}

func TestCopiesOfAnApp(t *testing.T) {
	s := newScene(t)
	s.read(crowded(3))
	s.do(func() { s.window.setByApp(true) })
	s.selectGroup("Google Chrome")
	clipboard := s.app.Clipboard()
	s.choose(t, "As JSON")
	var a export.AppCount
	if err := json.Unmarshal([]byte(clipboard.Content()), &a); err != nil || a.Name != "Google Chrome" || a.Processes != 3 {
		t.Errorf("JSON: %v: %s", err, clipboard.Content())
	}
	s.choose(t, "PID")
	if got := strings.Fields(clipboard.Content()); len(got) != 3 {
		t.Errorf("PIDs %q", got)
	}
	s.choose(t, "portctl command")
	if got, want := clipboard.Content(), `portctl list 'app:"Google Chrome"'`; got != want {
		t.Errorf("copied %q, want %q", got, want)
	}
	s.choose(t, "Name")
	if got := clipboard.Content(); got != "Google Chrome" {
		t.Errorf("copied %q", got)
	}
	for _, row := range s.window.table.rows {
		if row.Group != nil { // the groups without a process too
			s.window.menuItems(row)
		}
	}
}

func TestShellWords(t *testing.T) {
	for word, want := range map[string]string{"port:3000": "port:3000", "app:it's": `'app:it'\''s'`, "a b": "'a b'", "$(x)": "'$(x)'", "": "''", "a;b": "'a;b'"} {
		if got := shellWord(word); got != want {
			t.Errorf("shellWord(%q) = %s, want %s", word, got, want)
		}
	}
}

func TestPages(t *testing.T) {
	for local, want := range map[string]string{
		"127.0.0.1:3000": "http://localhost:3000/ https://localhost:3000/", "[::]:80": "http://localhost/ https://localhost:80/", "0.0.0.0:443": "https://localhost/ http://localhost:443/",
		"[::1]:8443": "https://localhost:8443/ http://localhost:8443/", "192.168.1.20:8080": "http://192.168.1.20:8080/ https://192.168.1.20:8080/",
		"[2001:db8::1]:3000": "http://[2001:db8::1]:3000/ https://[2001:db8::1]:3000/", "[2001:db8::1]:80": "http://[2001:db8::1]/ https://[2001:db8::1]:80/",
		"[fe80::1%en0]:3000": "http://[fe80::1]:3000/ https://[fe80::1]:3000/",
	} {
		one := listen(local, node)
		var got []string
		for _, u := range pagesOf(&one) {
			got = append(got, u.String())
			if _, err := url.Parse(u.String()); err != nil {
				t.Errorf("%s: %v", local, err)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %s", local, got, want)
		}
	}
	udp, out := datagram("0.0.0.0:80", node), connection(netstat.Established, "127.0.0.1:80", "127.0.0.1:5", node)
	if pagesOf(&udp) != nil || pagesOf(&out) != nil || pagesOf(nil) != nil {
		t.Error("only what listens on TCP has a page")
	}
}

func TestOpenInBrowser(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.selectPort(3000)
	s.choose(t, "Open http://localhost:3000/")
	if !slices.Equal(s.bar.opened, []string{"http://localhost:3000/"}) {
		t.Errorf("opened %q", s.bar.opened)
	}
	s.bar.openErr = errors.New("no such\nprogram")
	s.shortcut(fyne.KeyO)
	if got := s.window.notice.text(); !strings.HasPrefix(got, `No browser opens http://localhost:3000/: no such\nprogram.`) {
		t.Errorf("told %q", got)
	}
	s.window.notice.action.OnTapped()
	if got := s.app.Clipboard().Content(); got != "http://localhost:3000/" {
		t.Errorf("copied %q", got)
	}
	s.selectPort(41822)
	s.shortcut(fyne.KeyO)
	if len(s.bar.opened) != 2 || s.has("Open http://localhost:41822/") {
		t.Errorf("a connection is opened: %q", s.bar.opened)
	}
}

func TestShowInFileManager(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "bin ü", "server")
	if err := os.MkdirAll(filepath.Dir(program), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	p := newProcess(77, "server", "alice", 501, app.App{Name: "server", Path: program})
	p.Executable, p.Work.Project = program, dir
	var shown []string
	var fails error
	s := newScene(t, func(o *Options) {
		o.Reveal = func(path string) error { shown = append(shown, path); return fails }
	})
	s.read(snapshot(0, listen("127.0.0.1:8000", p)))
	s.selectPort(8000)
	labels := placesOf(s.window.table.rows[0], s.window.snapshot())
	if len(labels) != 2 {
		t.Fatalf("places %v", labels)
	}
	for _, l := range labels {
		s.choose(t, l.label)
	}
	s.shortcut(fyne.KeyB)
	if !slices.Equal(shown, []string{program, dir, program}) || len(s.bar.opened) != 0 {
		t.Errorf("shown %q, opened %q", shown, s.bar.opened)
	}
	fails = errors.New("no file manager on the bus")
	s.shortcut(fyne.KeyB)
	if want := (&url.URL{Scheme: "file", Path: filepath.Dir(program)}).String(); !slices.Equal(s.bar.opened, []string{want}) {
		t.Errorf("opened %q, want the folder %s", s.bar.opened, want)
	}
	if err := os.Remove(program); err != nil {
		t.Fatal(err)
	}
	s.shortcut(fyne.KeyB)
	if got := s.window.notice.text(); !strings.HasSuffix(got, "is not there any more.") {
		t.Errorf("told %q", got)
	}
	inside := *p
	inside.App.Kind = app.Container
	if got := placesOf(table.Row{Owner: &netstat.Owner{Process: &inside}}, nil); len(got) != 0 {
		t.Errorf("the paths of a container are shown: %v", got)
	}
}

func TestShowOnlyThisRemote(t *testing.T) {
	s := newScene(t)
	now := desk()
	now.Sockets = append(now.Sockets, connection(netstat.Established, "10.0.0.1:40000", "151.101.1.14:443", node),
		connection(netstat.Established, "[fe80::1%en0]:40001", "[fe80::2%en0]:443", node))
	s.read(now)
	for port, label := range map[uint16]string{40000: "Show only connections with 151.101.1.14", 40001: "Show only connections with fe80::2%en0", 41822: "Show only connections with 127.0.0.1"} {
		s.do(func() { s.window.setQuery("") })
		s.selectPort(port)
		s.choose(t, label)
		want := s.window.table.rows[0].Socket.Remote.Addr()
		for _, row := range s.window.table.rows {
			if row.Socket.Remote.Addr() != want || s.window.searchError.text() != "" {
				t.Errorf("%q shows %v, and says %q", s.window.search.Text, row.Socket.Remote, s.window.searchError.text())
			}
		}
		if len(s.window.table.rows) == 0 || len(s.window.table.rows) == len(now.Sockets) {
			t.Errorf("%q shows %d rows", s.window.search.Text, len(s.window.table.rows))
		}
	}
}

func TestWatchAndHideFromTheMenu(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.selectPort(3000)
	s.choose(t, "Watch this port")
	if !s.watchesPort(3000) || !lineOfMenu(t, s.window.menuItems(s.window.table.SelectedRows()...), "Watch this port").Checked {
		t.Error("the port is not watched")
	}
	s.shortcut(fyne.KeyD)
	if s.watchesPort(3000) {
		t.Error("the key does not end it")
	}
	s.choose(t, "Hide this app")
	if !slices.ContainsFunc(s.settings.hidden, func(a hiddenApp) bool { return a.Name == "node" }) {
		t.Error("the app is not hidden")
	}
}

func TestShowOnlyThisAppByKey(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.selectPort(7000)
	s.shortcut(fyne.KeyL)
	if got, want := s.window.search.Text, `app:"Control Center"`; got != want {
		t.Errorf("the query is %q, want %q", got, want)
	}
}

// One question about all rows that are selected, and one list of what ends.
func TestKillOfSeveralRows(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.selectPorts(3000, 9229, 5432)
	s.window.table.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDelete})
	d := s.window.killing.dialog
	if d == nil || len(d.answer.targets) != 2 {
		t.Fatalf("the dialog is %+v", d)
	}
	s.wantTexts("Terminate Postgres and node?", "2 processes will end:")
	s.do(func() { d.act.OnTapped() })
	if got := len(s.kills); got != 2 {
		t.Errorf("%d kills", got)
	}
	if got := s.window.notice.text(); !strings.HasPrefix(got, "All 2 processes of Postgres and node have ended") {
		t.Errorf("told %q", got)
	}
}

func TestKillOfSeveralRowsSparesWhatIsProtected(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.protected[node.ID] = process.ErrProtected
	s.selectPorts(3000, 5432)
	s.choose(t, "Kill…")
	if d := s.window.killing.dialog; d == nil || len(d.answer.targets) != 1 || d.answer.name != "postgres" || len(d.answer.spared) != 1 {
		t.Fatalf("the dialog is %+v", d)
	}
	s.window.dismiss()
	s.selectPorts(50120, 323)
	s.shortcut(fyne.KeyK)
	s.wantTexts("There is no process to end")
}

// The pane's button opens the menu of the row, and the keyboard walks it.
func TestMenuFromThePane(t *testing.T) {
	s := openDetail(t, 3000)
	s.window.detail.actions.OnTapped()
	if s.window.menu == nil {
		t.Fatal("no menu is open")
	}
	for range 3 {
		s.window.menu.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	}
	s.window.menu.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if s.window.menu != nil || s.window.Canvas().Focused() != s.window.table {
		t.Error("Escape does not lead back to the table")
	}
}

// Whatever is selected, the menu is short, and fits into a small window.
func TestMenuOfHostileRows(t *testing.T) {
	p := longNamed()
	p.Executable, p.Work.Dir, p.Work.Line = "/"+longName, "/"+longName, longName
	evil := newProcess(666, "no\nde\x1b[31m\u202e", "ali\nce", 501, app.App{Name: "Saf\x07ari\u2066,(x)"})
	holders := crowd(500)
	s := newScene(t)
	s.window.Resize(fyne.NewSize(400, 300))
	s.read(snapshot(0, listen("[fe80::1%en0]:8001", p), listen("127.0.0.1:8002", evil), listen("0.0.0.0:443", holders...)))
	for _, row := range s.window.table.rows {
		s.window.table.Select(row.Key)
		for _, item := range s.window.menuItems(row) {
			if len([]rune(item.Label)) > 90 || strings.ContainsAny(item.Label, "\n\x1b\x07\u202e\u2066") {
				t.Errorf("a line says %q", item.Label)
			}
		}
		s.window.showMenu(row, fyne.NewPos(350, 250))
		if size := s.window.menu.panels[0].Size(); size.Height > 300 || size.Width > 400 {
			t.Errorf("the menu is %v", size)
		}
		s.window.dismiss()
	}
	s.window.table.selectAll()
	rows := s.window.table.SelectedRows()
	for _, item := range s.window.menuItems(rows...) {
		if len([]rune(item.Label)) > 90 {
			t.Errorf("a line says %q", item.Label)
		}
	}
	s.window.killing.askAll(rows)
	if d := s.window.killing.dialog; d == nil || len(d.answer.targets) != 502 {
		t.Error("not all processes are asked about")
	}
}

func TestExport(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	s := newScene(t)
	s.read(desk())
	s.shortcut(fyne.KeyS)
	d := s.window.exporting
	if d == nil {
		t.Fatal("nothing is asked")
	}
	if want := filepath.Join(home, "portolan-2026-11-22-1200.csv"); d.path.Text != want {
		t.Errorf("proposed is %q, want %q", d.path.Text, want)
	}
	if d.path.CursorColumn != len(d.path.Text) {
		t.Errorf("the cursor is at %d", d.path.CursorColumn)
	}
	s.shortcut(fyne.KeyR) // under a dialog only leaving is possible
	d.path.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if s.window.exporting != nil {
		t.Fatalf("the dialog stays: %q", d.problem.Text)
	}
	text, err := os.ReadFile(filepath.Join(home, "portolan-2026-11-22-1200.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil || len(lines) != len(s.window.table.rows)+1 {
		t.Errorf("%d lines, %v", len(lines), err)
	}
	if got := s.window.notice.text(); !strings.Contains(got, fmt.Sprintf("%d rows were written to ", len(lines)-1)) {
		t.Errorf("told %q", got)
	}
	s.window.notice.action.OnTapped()
	if len(s.bar.opened) != 1 || !strings.HasPrefix(s.bar.opened[0], "file://") {
		t.Errorf("opened %q", s.bar.opened)
	}
}

// A file that is there is replaced only when the person says so, of this very file.
func TestExportAsksBeforeItReplaces(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	path := filepath.Join(home, "ports.json")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newScene(t)
	s.read(desk())
	s.shortcut(fyne.KeyE)
	d := s.window.exporting
	d.path.SetText("~/ports.json")
	if d.form.chosen != 1 {
		t.Error("the ending does not choose the form")
	}
	d.act.OnTapped()
	if text, _ := os.ReadFile(path); string(text) != "old" || s.window.exporting != d || d.act.Text != "Replace" || !d.problem.Visible() {
		t.Fatalf("the file has %q, the button says %q, told %q", text, d.act.Text, d.problem.Text)
	}
	d.path.SetText("~/other.json")
	if d.act.Text != "Export" || d.problem.Visible() {
		t.Errorf("for another file the button says %q, told %q", d.act.Text, d.problem.Text)
	}
	d.path.SetText("~/ports.json")
	d.act.OnTapped()
	d.act.OnTapped()
	text, err := os.ReadFile(path)
	var list export.List
	if err != nil || json.Unmarshal(text, &list) != nil || len(list.Sockets) != len(desk().Sockets) || s.window.exporting != nil {
		t.Errorf("written: %v, %d sockets", err, len(list.Sockets))
	}
}

func TestExportSaysWhatIsInTheWay(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	s := newScene(t)
	s.read(desk())
	s.exportFromTheMenu(t)
	d := s.window.exporting
	for path, want := range map[string]string{
		"":             "Name a file to write to.",
		"nowhere/x.ch": "There is no such folder. Choose another one.",
		"/dev/null":    "This is not the name of a file. Choose another name.",
		home:           "This is not the name of a file. Choose another name.",
	} {
		d.path.SetText(path)
		d.act.OnTapped()
		if d.problem.Text != want || s.window.exporting != d || d.act.Disabled() {
			t.Errorf("%q: told %q, want %q", path, d.problem.Text, want)
		}
	}
	for err, want := range map[error]string{
		fmt.Errorf("x: %w", export.ErrNoSpace):  "There is no room left on this disk. Nothing was written.",
		fmt.Errorf("x: %w", export.ErrReadOnly): "Nothing can be written on this disk. Choose another folder.",
		&fs.PathError{Err: fs.ErrPermission}:    "This user may not write there. Choose another folder.",
		errors.New("wo\nrse"):                   `The file could not be written: wo\nrse.`,
	} {
		if got := exportProblem(err); got != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
	d.path.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if s.window.exporting != nil {
		t.Error("Escape does not leave")
	}
}

// exportFromTheMenu opens the export from the menu of a row.
func (s *scene) exportFromTheMenu(t *testing.T) {
	t.Helper()
	s.selectPort(3000)
	s.choose(t, "Export all that is shown…")
}

func TestExportByApp(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	s := newScene(t)
	s.read(crowded(3))
	s.do(func() { s.window.setByApp(true) })
	for _, name := range []string{"apps.json", "apps.csv"} {
		s.shortcut(fyne.KeyE)
		s.window.exporting.path.SetText(filepath.Join(home, name))
		s.window.exporting.act.OnTapped()
	}
	text, err := os.ReadFile(filepath.Join(home, "apps.json"))
	var apps export.Apps
	if err != nil || json.Unmarshal(text, &apps) != nil || len(apps.Apps) != len(s.window.table.rows) {
		t.Errorf("%v: %d apps", err, len(apps.Apps))
	}
	text, err = os.ReadFile(filepath.Join(home, "apps.csv"))
	if err != nil || strings.Count(string(text), "\r\n") != len(s.window.table.rows)+1 {
		t.Errorf("%v: %s", err, text)
	}
}

// The folder may be looked for, and the name stays.
func TestExportChoosesAFolder(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	s := newScene(t)
	s.read(desk())
	s.shortcut(fyne.KeyE)
	d := s.window.exporting
	d.path.SetText(filepath.Join(home, "mine.json"))
	for _, folder := range []string{"Documents", "work/deep", ".hidden"} {
		if err := os.MkdirAll(filepath.Join(home, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	labels := func() (all []string) {
		for _, item := range d.folderItems(d.folder()) {
			all = append(all, item.Label)
		}
		return all
	}
	if got := strings.Join(labels(), "|"); got != "Home folder|~/Documents||Up to "+filepath.Dir(home)+"|Documents|work" {
		t.Errorf("offered are %q", got)
	}
	items := d.folderItems(d.folder())
	items[len(items)-1].Action()
	if got := labels(); d.path.Text != filepath.Join(home, "work", "mine.json") || got[len(got)-1] != "deep" {
		t.Errorf("the path is %q, offered are %q", d.path.Text, got)
	}
	overlays := len(s.window.Canvas().Overlays().List())
	d.chooseFolder(d.path)
	if got := s.window.Canvas().Overlays(); len(got.List()) != overlays+1 {
		t.Errorf("there is no menu: %d overlays", len(got.List()))
	} else {
		got.Top().Hide()
	}
	d.inFolder("/srv/out")
	if d.path.Text != "/srv/out/mine.json" || d.form.chosen != 1 {
		t.Errorf("the path is %q, the form %d", d.path.Text, d.form.chosen)
	}
	d.path.SetText("")
	if d.inFolder("/srv/out"); !strings.HasPrefix(d.path.Text, "/srv/out/portolan-") {
		t.Errorf("without a name it is %q", d.path.Text)
	}
}

// A tree is written as far as it is open, in its order and with its filter, and each line of it says for itself what it is.
func TestExportOfTrees(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	l := newLensScene(t)
	l.read(desk())
	files := 0
	written := func(ending string) string {
		files++
		path := filepath.Join(home, fmt.Sprint(files)+ending)
		l.shortcut(fyne.KeyE)
		l.window.exporting.path.SetText(path)
		l.window.exporting.act.OnTapped()
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	l.do(func() { l.window.setByApp(true) })
	l.do(func() { l.window.toggle(l.row("node")) })
	l.do(func() { l.window.setQuery("app:node") })
	var apps export.Apps
	if err := json.Unmarshal([]byte(written(".json")), &apps); err != nil || len(apps.Apps) != 1 || len(apps.Apps[0].Opened) != 1 {
		t.Fatalf("%v: %+v", err, apps.Apps)
	}
	process := apps.Apps[0].Opened[0]
	if process.PID != node.PID || len(process.Sockets) == 0 || process.Sockets[0].Owners[0].PID != node.PID {
		t.Errorf("opened is %+v", process)
	}
	lines, err := csv.NewReader(strings.NewReader(written(".csv"))).ReadAll()
	if err != nil || len(lines) < 4 {
		t.Fatalf("%v: %q", err, lines)
	}
	at := func(title string) int { return slices.Index(lines[0], title) }
	for i, level := range []string{"Level", "app", "process", "socket"} {
		if lines[i][0] != level {
			t.Errorf("line %d is a %q, want %q", i, lines[i][0], level)
		}
	}
	for title, want := range map[string]string{"Process": "node", "PID": "812", "User": "alice"} {
		if got := lines[3][at(title)]; got != want {
			t.Errorf("the %s of a socket is %q, want %q", title, got, want)
		}
	}

	l.do(func() { l.window.setQuery("app:firefox") })
	l.turned()
	l.do(func() { l.window.toggle(l.row("Firefox")) })
	var flows export.Flows
	if err := json.Unmarshal([]byte(written(".json")), &flows); err != nil || len(flows.Apps) != 1 || len(flows.Apps[0].Services) != 1 {
		t.Fatalf("%v: %+v", err, flows.Apps)
	}
	if f := flows.Apps[0]; f.Name != "Firefox" || f.Connections == 0 || f.Services[0].Sockets != nil || !strings.HasPrefix(f.Services[0].Name, "443") {
		t.Errorf("the lens is %+v", f)
	}
	l.do(func() { l.window.toggle(l.window.table.rows[1]) })
	if err := json.Unmarshal([]byte(written(".json")), &flows); err != nil || len(flows.Apps[0].Services[0].Sockets) != flows.Apps[0].Connections {
		t.Errorf("%v: opened is %+v", err, flows.Apps[0].Services)
	}
}

// A row is copied as it is shown.
func TestCopyOfShownColumns(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.selectPort(3000)
	s.do(func() { s.window.table.arrange(s.window.table.columns.choice().shown(table.ColumnProtocol, false)) })
	s.window.copyRows(s.window.table.SelectedRows())
	if got := s.app.Clipboard().Content(); !strings.HasPrefix(got, "*\t3000\thttp-dev\t") {
		t.Errorf("copied %q", got)
	}
	s.do(func() { s.window.setByApp(true) })
	s.selectGroup("node")
	s.window.copyRows(s.window.table.SelectedRows())
	if got := s.app.Clipboard().Content(); !strings.HasPrefix(got, "node\t812\t1\t3000, 9229\t") {
		t.Errorf("copied %q", got)
	}
}

// What is exported is what was shown when it was asked for, and nothing of it is done on the UI thread.
func TestExportOfManyRowsIsNotOnTheUIThread(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	s := newScene(t)
	var pending []func()
	s.window.killing.spawn = func(f func()) { pending = append(pending, f) }
	many := snapshot(0)
	for i := range 50_000 {
		many.Sockets = append(many.Sockets, socket(netstat.TCP, netstat.Established, fmt.Sprintf("10.%d.0.1:%d", i/60_000, 1+i), netip.AddrPortFrom(netip.MustParseAddr("10.9.9.9"), 443).String(), node))
	}
	s.read(many)
	s.shortcut(fyne.KeyE)
	d := s.window.exporting
	d.act.OnTapped()
	if !d.act.Disabled() || len(pending) != 1 {
		t.Fatalf("%d pieces of work", len(pending))
	}
	path := d.path.Text
	if _, err := os.Stat(path); err == nil {
		t.Error("written on the UI thread")
	}
	d.cancel() // the person goes on
	s.read(desk())
	pending[0]()
	text, err := os.ReadFile(path)
	if err != nil || strings.Count(string(text), "\r\n") != 50_001 {
		t.Errorf("%v, %d lines", err, strings.Count(string(text), "\r\n"))
	}
	if got := s.window.notice.text(); !strings.HasPrefix(got, "50000 rows were written") {
		t.Errorf("told %q", got)
	}
}

// No key means two things.
func TestShortcutsAreDistinct(t *testing.T) {
	s := newScene(t)
	file, find, view, settings := s.window.commands()
	all := slices.Concat([]command{{key: fyne.KeyQ}, {key: fyne.KeyE}}, file, find, view, settings, s.window.rowCommands())
	// Those that Fyne gives to fields of text (driver/glfw, triggersShortcut), and those that macOS keeps for itself.
	titles := map[fyne.KeyName]string{fyne.KeyA: "Select All", fyne.KeyC: "Copy", fyne.KeyV: "Paste", fyne.KeyX: "Cut", fyne.KeyZ: "Undo",
		fyne.KeyY: "Redo", fyne.KeyH: "Hide", fyne.KeyM: "Minimize"}
	for _, c := range all {
		if c.key == "" {
			continue
		}
		if other, taken := titles[c.key]; taken {
			t.Errorf("%s is both %q and %q", c.key, other, c.title)
		}
		titles[c.key] = c.title
	}
}

// notices gives what the window says after f.
func (s *scene) notices(f func()) string {
	s.window.notice.Hide()
	s.do(f)
	return s.window.notice.text()
}

// TestRowCommandsSayWhyNot: every command of a row does something or says why it does not, whatever the row.
func TestRowCommandsSayWhyNot(t *testing.T) {
	kinds := map[string]func(s *scene){
		"no row":                   func(*scene) {},
		"a listener":               func(s *scene) { s.selectPort(3000) },
		"a connection":             func(s *scene) { s.selectPort(51000) },
		"an app":                   func(s *scene) { s.do(func() { s.window.turnTo(turnByApp) }); s.selectGroup("Postgres") },
		"an app without listeners": func(s *scene) { s.do(func() { s.window.turnTo(turnByApp) }); s.selectGroup("Firefox") },
		"an app in the lens":       func(s *scene) { s.do(func() { s.window.turnTo(turnLens) }); s.selectGroup("Firefox") },
		"TIME_WAIT":                func(s *scene) { s.do(func() { s.window.turnTo(turnLens) }); s.selectGroup("TIME_WAIT") },
	}
	for kind, of := range kinds {
		for i := range newScene(t).window.rowCommands() {
			s := newScene(t)
			s.read(desk())
			of(s)
			c := s.window.rowCommands()[i]
			query, copied := s.window.search.Text, s.app.Clipboard().Content()
			said := s.notices(func() { s.window.do(c) })
			something := said != "" || s.window.search.Text != query || s.app.Clipboard().Content() != copied || s.window.asking() || s.window.menu != nil || len(s.settings.hidden) > 0
			if !something {
				t.Errorf("%s of %s does nothing and says nothing", c.title, kind)
			}
			if kind == "no row" && said != "No row is selected." {
				t.Errorf("%s without a row says %q", c.title, said)
			}
			if strings.Contains(said, "%!") {
				t.Errorf("%s of %s says %q", c.title, kind, said)
			}
		}
	}
}

// TestRowMenuByKey: one shortcut opens the menu of the row, in every view, and the main menu has all that it has.
func TestRowMenuByKey(t *testing.T) {
	for turn := range 4 {
		s := newScene(t)
		s.window.Resize(screen)
		s.read(desk())
		s.do(func() { s.window.turnTo(turn) })
		if len(s.window.table.rows) == 0 {
			continue
		}
		s.do(func() { s.window.table.selectIndex(0) })
		s.window.table.takeFocus()
		s.shortcut(fyne.KeyU)
		if s.window.menu == nil || !s.window.table.held() {
			t.Errorf("view %d: no menu is open", turn)
		}
	}
	s := newScene(t)
	s.read(desk())
	m := s.MainMenu()
	for _, label := range []string{"Row Menu…", "Open in Browser", "Show in File Manager", "Show Only This App", "Show Only This Port", "Show Only This Remote Address",
		"Watch This Port", "Hide This App", "Explain…", "Copy Address", "Copy Port", "Copy PID", "Copy Command line", "Copy portctl command", "Copy as JSON", "Copy as CSV", "Kill…"} {
		mainMenuLine(t, m, "Row", label)
	}
	s.selectPort(5432)
	s.do(mainMenuLine(t, m, "Row", "Copy Address").Action)
	if got := s.app.Clipboard().Content(); got != "127.0.0.1:5432" {
		t.Errorf("copied %q", got)
	}
	s.do(mainMenuLine(t, m, "Row", "Show Only This Port").Action)
	if s.window.search.Text != "port:5432" {
		t.Errorf("the query is %q", s.window.search.Text)
	}
}

// TestMenuShowsItsKeys: what a key does too says so in the menu.
func TestMenuShowsItsKeys(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.selectPort(3000)
	items := s.window.menuItems(s.window.table.SelectedRows()...)
	for label, key := range map[string]fyne.KeyName{"Open http://localhost:3000/": fyne.KeyO, "Show only node": fyne.KeyL, "Watch this port": fyne.KeyD, "As JSON": fyne.KeyG,
		"Export all that is shown…": fyne.KeyS, "Kill…": fyne.KeyK} {
		if got, ok := lineOfMenu(t, items, label).Shortcut.(*desktop.CustomShortcut); !ok || got.KeyName != key {
			t.Errorf("%s: %v, want %s", label, lineOfMenu(t, items, label).Shortcut, key)
		}
	}
	if _, ok := lineOfMenu(t, items, "Copy row").Shortcut.(*fyne.ShortcutCopy); !ok {
		t.Error("Copy row has no key")
	}
}

// TestActionsOfApps: what waits on ports can be opened, narrowed to and watched from the row of its app or process.
func TestActionsOfApps(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.do(func() { s.window.turnTo(turnByApp) })
	s.selectGroup("Postgres")
	s.choose(t, "Open https://localhost:5432/")
	if !slices.Equal(s.bar.opened, []string{"https://localhost:5432/"}) {
		t.Errorf("opened %q", s.bar.opened)
	}
	s.choose(t, "Watch this port")
	if !s.watchesPort(5432) {
		t.Error("the port is not watched")
	}
	s.choose(t, "Show only port 5432")
	if s.window.search.Text != "port:5432" {
		t.Errorf("the query is %q", s.window.search.Text)
	}
	s.do(func() { s.window.setQuery("") })
	s.selectGroup("node")
	within := lineOfMenu(t, s.window.menuItems(s.window.table.SelectedRows()...), "Open in Browser").ChildMenu
	if len(within.Items) != 4 || within.Items[2].Label != "Open http://localhost:9229/" {
		t.Errorf("node offers %d pages", len(within.Items))
	}
	s.choose(t, "Watch these 2 ports")
	if !s.watchesPort(3000) || !s.watchesPort(9229) {
		t.Error("the ports are not watched")
	}
	s.choose(t, "Watch these 2 ports")
	if s.watchesPort(3000) || s.watchesPort(9229) || !s.watchesPort(5432) {
		t.Error("choosing it again does not stop it, or stops more")
	}
	s.choose(t, "Show only these 2 ports")
	if s.window.search.Text != "port:3000,9229" {
		t.Errorf("the query is %q", s.window.search.Text)
	}
	s.do(func() { s.window.setQuery("") })
	s.selectGroup("Firefox")
	if s.has("Watch this port") || s.has("Open in Browser") {
		t.Error("an app that waits for nobody has ports to watch")
	}
}

// TestWatchableOfConnections: the port that the system lent a connection is another one the next time.
func TestWatchableOfConnections(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	for number, want := range map[uint16][]uint16{
		3000:  {3000},
		49731: {49731}, // chosen by the system, and yet somebody waits there
		5353:  {5353},
		41822: {5432}, // goes to a server here
		51000: nil,    // goes away
		50120: nil,
	} {
		s.selectPort(number)
		if got := watchable(s.window.table.SelectedRows()); !slices.Equal(got, want) {
			t.Errorf("of port %d %v can be watched, want %v", number, got, want)
		}
	}
	s.selectPorts(3000, 9229, 51000)
	s.choose(t, "Watch these 2 ports")
	if !s.watchesPort(3000) || !s.watchesPort(9229) || s.watchesPort(51000) {
		t.Error("the ports of several rows are not watched")
	}
	s.selectPorts(3000, 51000)
	s.shortcut(fyne.KeyD)
	if s.watchesPort(3000) || !s.watchesPort(9229) {
		t.Error("the key does not end it")
	}
}

// BenchmarkMenuOfAllRows is a right click on all of 10,000 rows, each with another remote address.
func BenchmarkMenuOfAllRows(b *testing.B) {
	s := newScene(b)
	var sockets []netstat.Socket
	for i := range 10_000 {
		sockets = append(sockets, connection(netstat.Established, fmt.Sprintf("192.168.1.20:%d", 20_000+i), fmt.Sprintf("10.%d.%d.1:443", i/256, i%256), firefox))
	}
	s.read(snapshot(0, sockets...))
	rows := s.window.table.rows
	for _, n := range []int{200, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				s.window.menuItems(rows[:n]...)
			}
		})
	}
}
