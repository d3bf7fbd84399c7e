package ui

import (
	"errors"
	"image"
	"image/draw"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/watch"
)

func TestSettingsRoundTrip(t *testing.T) {
	p := test.NewTempApp(t).Preferences()
	if got := loadSettings(p); !reflect.DeepEqual(got, defaults()) {
		t.Errorf("at first they are %+v", got)
	}
	want := settings{interval: 10 * time.Second, iconCount: true, highlight: 0, theme: themeDark, textSize: 125, thresholds: chosenThresholds(),
		hidden: []hiddenApp{{"bundle\x00com.example.noise", "Noise"}}}
	want.save(p)
	if got := loadSettings(p); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

// What was written by hand, by another version or by a mistake is what is usual, value by value.
func TestSettingsOfJunk(t *testing.T) {
	p := test.NewTempApp(t).Preferences()
	p.SetInt(keyInterval, 0)
	p.SetInt(keyHighlight, -7)
	p.SetInt(keyTextSize, 100_000)
	p.SetString(keyTheme, "pink")
	p.SetString(keyConfirm, "no")
	p.SetInt(keySlowOnBattery, 1)
	for _, hidden := range []string{"x", "[", `[1,{"key":""},{"key":"a"},{"key":"a"}]`, `{"key":"a"}`} {
		p.SetString(keyHidden, hidden)
		got := loadSettings(p)
		if n := len(got.hidden); n > 1 {
			t.Errorf("%s hides %d apps", hidden, n)
		}
		got.hidden = nil
		if !reflect.DeepEqual(got, defaults()) {
			t.Errorf("got %+v", got)
		}
	}
}

func FuzzHiddenApps(f *testing.F) {
	f.Add(`[{"key":"a","name":"b"}]`)
	f.Add(`[1]`)
	f.Fuzz(func(t *testing.T, text string) {
		apps := decodeHidden(text)
		if again := decodeHidden(encodeHidden(apps)); len(apps) > maxHidden || !reflect.DeepEqual(again, apps) {
			t.Fatalf("%+v becomes %+v", apps, again)
		}
	})
}

func TestPace(t *testing.T) {
	for _, test := range []struct {
		pace pace
		want time.Duration
	}{
		{pace{chosen: 3 * time.Second, visible: true}, 3 * time.Second},
		{pace{chosen: 3 * time.Second, visible: true, watching: true}, 3 * time.Second},
		{pace{chosen: 3 * time.Second}, 15 * time.Second},
		{pace{chosen: 3 * time.Second, watching: true}, 5 * time.Second},
		{pace{chosen: 30 * time.Second}, 30 * time.Second},
		{pace{chosen: 30 * time.Second, watching: true}, 30 * time.Second},
		{pace{chosen: 3 * time.Second, visible: true, onBattery: true}, 3 * time.Second},
		{pace{chosen: 3 * time.Second, visible: true, onBattery: true, slowOnBattery: true}, 9 * time.Second},
		{pace{chosen: 3 * time.Second, onBattery: true, slowOnBattery: true}, 45 * time.Second},
		{pace{chosen: 3 * time.Second, watching: true, onBattery: true, slowOnBattery: true}, 15 * time.Second},
		{pace{chosen: 30 * time.Second, onBattery: true, slowOnBattery: true}, time.Minute},
		{pace{chosen: 5 * time.Minute, visible: true, onBattery: true, slowOnBattery: true}, 5 * time.Minute},
	} {
		if got := test.pace.interval(); got != test.want {
			t.Errorf("%+v: %v, want %v", test.pace, got, test.want)
		}
	}
}

// The pace follows the window, the battery, the rules and the settings.
func TestPaceFollows(t *testing.T) {
	s := newScene(t)
	want := func(want time.Duration) {
		t.Helper()
		if got := s.pace().interval(); got != want {
			t.Errorf("every %v, want %v", got, want)
		}
	}
	want(3 * time.Second)
	s.change(func(o *settings) { o.interval = 10 * time.Second })
	want(10 * time.Second)
	s.SetOnBattery(true)
	want(30 * time.Second)
	s.change(func(o *settings) { o.slowOnBattery = false })
	want(10 * time.Second)
	s.Hide()
	want(15 * time.Second)
	s.change(func(o *settings) { o.interval = time.Second })
	s.watchPort(3000)
	want(5 * time.Second)
	s.Show()
	want(time.Second)
}

// press gives a key to what has the focus in the settings.
func (s *scene) tapToggle(i int) {
	s.t.Helper()
	toggles := all[*toggle](s.window.settings.page)
	if i >= len(toggles) {
		s.t.Fatalf("there are %d switches", len(toggles))
	}
	s.do(func() { test.Tap(toggles[i]) })
}

// all gives the objects of a kind below a container, in the order in which they are laid out.
func all[T fyne.CanvasObject](o fyne.CanvasObject) []T {
	var found []T
	switch o := o.(type) {
	case T:
		return []T{o}
	case *fyne.Container:
		for _, child := range o.Objects {
			found = append(found, all[T](child)...)
		}
	case *container.Scroll:
		return all[T](o.Content)
	}
	return found
}

func (s *scene) settingsText() string {
	var text strings.Builder
	for _, l := range all[*words](s.window.settings.page) {
		text.WriteString(l.Text + "\n")
	}
	return text.String()
}

func TestSettingsTakeEffectAtOnce(t *testing.T) {
	s := newScene(t)
	s.window.showSettingsPage(pageLook)
	choices := all[*segments](s.window.settings.page)
	dark := s.app.Settings().Theme().Color(theme.ColorNameBackground, theme.VariantLight)
	s.do(func() { choices[0].pick(2) })
	if now := s.app.Settings().Theme().Color(theme.ColorNameBackground, theme.VariantLight); now == dark || s.settings.theme != themeDark {
		t.Error("the dark theme is not taken")
	}
	height := s.window.table.rowHeight()
	s.do(func() { choices[1].pick(5) })
	if size := s.app.Settings().Theme().Size(theme.SizeNameText); size != 19.5 {
		t.Errorf("the text is %v high at 150 %%, want 19.5", size)
	}
	if now := s.window.table.rowHeight(); now <= height {
		t.Errorf("rows are %v high at 150 %%, %v before", now, height)
	}
	s.do(func() { choices[2].pick(2) })
	if got := s.app.Preferences().String(keyLanguage); got != "de" {
		t.Errorf("the language is %q", got)
	}
	s.do(func() { choices[3].pick(0) })
	if s.settings.highlight != 0 {
		t.Errorf("marked for %v", s.settings.highlight)
	}
	if again := loadSettings(s.app.Preferences()); !reflect.DeepEqual(again, s.settings) {
		t.Errorf("kept is %+v, in use %+v", again, s.settings)
	}
}

func TestSettingsByKeyboard(t *testing.T) {
	s := newScene(t)
	s.shortcut(fyne.KeyComma)
	if s.window.settings == nil {
		t.Fatal("the settings are not opened by their key")
	}
	s.shortcut(fyne.KeyP)
	if s.options.Monitor.Paused() {
		t.Error("a shortcut reaches the window below the settings")
	}
	if s.window.Canvas().FocusNext(); s.window.Canvas().Focused() != all[*segments](s.window.settings.page)[0] {
		t.Errorf("Tab goes from the pages to %T", s.window.Canvas().Focused())
	}
	seen := map[fyne.Focusable]bool{}
	for range 30 {
		focused := s.window.Canvas().Focused()
		seen[focused] = true
		s.window.Canvas().FocusNext()
	}
	if len(seen) < 6 {
		t.Errorf("Tab reaches %d controls", len(seen))
	}
	s.window.dismiss()
	for i := range len(seen) { // each of them knows the way out
		s.window.showSettings()
		for range i {
			s.window.Canvas().FocusNext()
		}
		f := s.window.Canvas().Focused()
		f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
		if s.window.settings != nil {
			t.Errorf("Escape does nothing on %T", f)
			s.window.dismiss()
		}
	}
	if s.window.settings != nil || s.window.Canvas().Overlays().Top() != nil {
		t.Error("the settings are still there")
	}
}

// starter is an Autostart of the test.
type starter struct {
	on       bool
	err      error
	readFail error
}

func (s *starter) Enabled() (bool, error) { return s.on, s.readFail }
func (s *starter) Set(on bool) error {
	if s.err == nil {
		s.on = on
	}
	return s.err
}

func TestSettingsAutostart(t *testing.T) {
	start := &starter{on: true}
	s := newScene(t, func(o *Options) { o.Autostart = start })
	s.window.showSettings()
	if toggles := all[*toggle](s.window.settings.page); !toggles[1].on {
		t.Error("that it starts at login is not read")
	}
	s.tapToggle(1)
	if start.on {
		t.Error("it was not switched off")
	}
	start.err = errors.New("read-only\nfile system")
	s.tapToggle(1)
	if toggles := all[*toggle](s.window.settings.page); toggles[1].on || !strings.Contains(s.window.notice.text(), "read-only") {
		t.Errorf("a failure shows %v and says %q", toggles[1].on, s.window.notice.text())
	}
	bare := newScene(t)
	bare.window.showSettings()
	if strings.Contains(bare.settingsText(), "login") {
		t.Error("start at login is offered where there is none")
	}
}

func TestForget(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.do(func() { s.window.sort("pid") })
	s.do(func() { s.window.table.arrange(s.window.table.columns.choice().shown("user", false)) })
	columns := len(s.window.table.columns.columns)
	s.window.Resize(fyne.NewSize(900, 500))
	s.window.save()
	s.window.showSettings()
	buttons := all[*modalButton](s.window.settings.page)
	s.do(func() { test.Tap(buttons[0]) })
	if s.window.view.Sort != "port" || loadSize(s.app.Preferences()) != firstSize {
		t.Errorf("the order is by %s, the size %v", s.window.view.Sort, loadSize(s.app.Preferences()))
	}
	if got := len(s.window.table.columns.columns); got != columns+1 {
		t.Errorf("%d columns are shown, want %d", got, columns+1)
	}
	for _, key := range []string{keyAppSort, keyLensSort, keyWidth, keyDetail, keyColumns, keyAppColumns, keyLensColumns} {
		if p := s.app.Preferences(); p.String(key) != "" || p.Float(key) != 0 || p.Bool(key) {
			t.Errorf("%s is still remembered", key)
		}
	}
}

// A single process of the person's own may be ended without a question, and nothing else ever.
func TestTerminateUnasked(t *testing.T) {
	s := newScene(t)
	docker := newProcess(77, "docker-proxy", "alice", 501, node.App)
	s.read(snapshot(0, listen("0.0.0.0:3000", node), listen("0.0.0.0:80", nginx), listen("0.0.0.0:5432", docker),
		listen("0.0.0.0:81", nginx, nginx2)))
	s.change(func(o *settings) { o.confirm = false })
	asks := func(what string, want bool) {
		t.Helper()
		asked := s.window.killing.dialog != nil
		if asked != want {
			t.Errorf("%s: asked %v, want %v", what, asked, want)
		}
		if asked {
			s.window.killing.dialog.cancel()
		}
	}
	s.selectPort(80)
	s.window.killSelected()
	asks("somebody else's", true)
	s.selectPort(5432)
	s.window.killSelected()
	asks("a forwarder", true)
	s.do(func() { s.window.setByApp(true) })
	s.selectGroup("nginx")
	s.window.killSelected()
	asks("several", true)
	s.do(func() { s.window.setByApp(false) })
	if len(s.kills) != 0 {
		t.Errorf("%d were ended", len(s.kills))
	}
	s.killed = func(process.ID, process.Signal) error { return process.ErrStillRunning }
	s.selectPort(3000)
	s.window.killSelected()
	asks("one of their own", false)
	if len(s.kills) != 1 || s.kills[0] != (kill{node.ID, process.Terminate}) {
		t.Errorf("ended %+v", s.kills)
	}
	s.window.notice.action.OnTapped() // Force Kill…
	asks("Force Kill", true)
}

func TestHiddenApps(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	rows := len(s.window.table.rows)
	s.do(func() { s.hideApp(firefox.App) })
	if got := rows - len(s.window.table.rows); got != 25 {
		t.Errorf("%d rows are left out, want 25", got)
	}
	if said := s.window.status.said.text; !strings.Contains(said, "25 sockets of hidden apps") {
		t.Errorf("the status line says %q", said)
	}
	s.do(func() { test.Tap(s.window.status) })
	if len(s.window.table.rows) != rows || !strings.Contains(s.window.status.said.text, "are shown") {
		t.Errorf("%d rows, and the status line says %q", len(s.window.table.rows), s.window.status.said.text)
	}
	s.do(func() { test.Tap(s.window.status) })
	if len(s.window.table.rows) == rows {
		t.Error("a second click does not hide them again")
	}
	if again := loadSettings(s.app.Preferences()); len(again.hidden) != 1 || again.hidden[0].Name != "Firefox" {
		t.Errorf("kept is %+v", again.hidden)
	}
	s.window.showSettingsPage(pageHidden)
	if !strings.Contains(s.settingsText(), "Firefox") {
		t.Errorf("the settings say %q", s.settingsText())
	}
	s.do(func() { test.Tap(all[*modalButton](s.window.settings.page)[0]) })
	s.do(s.window.settings.cancel)
	if len(s.window.table.rows) != rows || len(s.settings.hidden) != 0 {
		t.Error("the app is not shown again")
	}
	// What another app holds too stays to be seen.
	s.do(func() { s.hideApp(nginx.App) })
	both := listen("0.0.0.0:80", nginx, node)
	s.read(snapshot(0, both))
	if len(s.window.table.rows) == 0 {
		t.Error("a socket is hidden that another app holds too")
	}
}

func TestWatchPort(t *testing.T) {
	var told []string
	var clicked func()
	fail := error(nil)
	s := newScene(t, func(o *Options) {
		o.Notify = func(title, body string, click func()) error {
			told, clicked = append(told, title+"|"+body), click
			return fail
		}
	})
	s.watching.spawn = func(f func()) { f() }
	s.read(desk())
	s.do(func() { s.watchPort(3000) })
	if !s.watchesPort(3000) || !strings.Contains(s.window.notice.text(), "3000") {
		t.Errorf("watched: %v, and it says %q", s.watchesPort(3000), s.window.notice.text())
	}
	s.pass(time.Minute)
	if len(told) != 0 {
		t.Errorf("told %q of what was so before", told)
	}
	s.Hide()
	s.read(without(desk(), node))
	s.pass(watch.Settle)
	if len(told) != 1 || told[0] != "Port 3000 is free|node has let go of it." {
		t.Fatalf("told %q", told)
	}
	s.do(clicked)
	if !s.Visible() || s.window.search.Text != "port:3000" {
		t.Errorf("a click shows %v with %q", s.Visible(), s.window.search.Text)
	}
	fail = errors.New("no notification service is running")
	s.pass(watch.RuleGap)
	s.read(desk())
	s.pass(watch.Settle)
	if said := s.window.notice.text(); !strings.Contains(said, "Port 3000 is taken") || !strings.Contains(said, "no notification service") {
		t.Errorf("without a service the window says %q", said)
	}
	if kept, err := watch.Decode(s.app.Preferences().String(keyWatch)); err != nil || len(kept.Ports) != 1 {
		t.Errorf("kept is %+v, %v", kept, err)
	}
	s.do(func() { s.watchPort(3000) })
	if s.watchesPort(3000) {
		t.Error("choosing it again does not stop it")
	}
}

// Where the system shows no notifications the window says it, and no longer than it holds: a restart takes less
// time than there must be between two notifications.
func TestNoticeOfAPortFollowsIt(t *testing.T) {
	s := newScene(t, func(o *Options) {
		o.Notify = func(string, string, func()) error { return errors.New("no notification service is running") }
	})
	s.watching.spawn = func(f func()) { f() }
	s.read(desk())
	s.do(func() { s.watchPort(3000) })
	s.read(without(desk(), node))
	s.pass(watch.Settle)
	if said := s.window.notice.text(); !strings.Contains(said, "Port 3000 is free") {
		t.Fatalf("the window says %q", said)
	}
	s.read(desk())
	if said := s.window.notice.text(); said != "Port 3000 is taken" {
		t.Errorf("with the port taken again the window says %q", said)
	}
	s.do(func() { s.window.notice.action.OnTapped() })
	if s.window.search.Text != "port:3000" {
		t.Errorf("its button searches for %q", s.window.search.Text)
	}
	// Of a rule that does not ask for it nothing is said instead.
	s.read(without(desk(), node))
	s.do(func() {
		s.watching.setRules(s.watching.rules().With(watch.Port{Number: 3000, Free: true}))
	})
	s.pass(watch.RuleGap)
	if said := s.window.notice.text(); !strings.Contains(said, "Port 3000 is free") || s.window.notice.Hidden {
		t.Fatalf("the window says %q", said)
	}
	s.read(desk())
	if !s.window.notice.Hidden {
		t.Errorf("with the port taken again the window says %q", s.window.notice.text())
	}
	// Another notice is left alone.
	s.do(func() { s.window.notice.tell(theme.ColorNamePrimary, "something else", "", nil) })
	s.read(without(desk(), node))
	if s.window.notice.Hidden || s.window.notice.text() != "something else" {
		t.Error("another notice went too")
	}
}

// A click on a notification opens the row that it was about, whatever the window shows and whether it is shown at all.
func TestNotificationOpensTheRow(t *testing.T) {
	for turn := range 4 {
		var clicked func()
		s := newScene(t, func(o *Options) {
			o.Notify = func(_, _ string, click func()) error { clicked = click; return nil }
		})
		s.watching.spawn = func(f func()) { f() }
		s.read(without(desk(), node))
		s.do(func() {
			s.watching.setRules(s.watching.rules().With(watch.Port{Number: 3000, Protocol: netstat.TCP, Taken: true}))
		})
		s.do(func() { s.window.turnTo(turn) })
		s.Hide()
		s.read(desk())
		s.pass(watch.Settle)
		if clicked == nil {
			t.Fatal("nothing is told")
		}
		s.do(clicked)
		if row, ok := s.window.table.Selected(); !s.Visible() || !ok || row.Socket == nil || row.Socket.Local.Port() != 3000 || row.Socket.State != netstat.Listen {
			t.Errorf("view %d: a click selects %+v with %q", turn, row.Key, s.window.search.Text)
		}
	}
}

// The rules are made, changed and removed in the settings.
func TestWatchRulesInTheSettings(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.window.showSettingsPage(pageWatch)
	entry := all[*portEntry](s.window.settings.page)[0]
	for text, good := range map[string]bool{"": false, "0": false, "65536": false, "x": false, "-1": false, "3000": true, " :3000 ": true} {
		entry.SetText(text)
		if button := all[*modalButton](s.window.settings.page); button[len(button)-1].Disabled() == good {
			t.Errorf("%q can be watched: %v", text, !good)
		}
	}
	entry.SetText("70000")
	entry.OnSubmitted("")
	if len(s.watching.rules().Ports) != 0 {
		t.Error("a port that is none is watched")
	}
	entry.SetText("3000")
	s.do(func() { entry.OnSubmitted("") })
	if rules := s.watching.rules().Ports; len(rules) != 1 || rules[0] != (watch.Port{Number: 3000, Taken: true, Free: true}) {
		t.Fatalf("the rules are %+v", rules)
	}
	s.do(func() { all[*segments](s.window.settings.page)[0].pick(1) })
	s.tapToggle(1)
	if rules := s.watching.rules().Ports; rules[0] != (watch.Port{Number: 3000, Taken: true, Off: true}) {
		t.Errorf("the rules are %+v", rules)
	}
	s.tapToggle(0)
	if !s.watching.rules().Newcomers {
		t.Error("new listeners are not told")
	}
	s.do(func() { test.Tap(all[*widget.Button](s.window.settings.page)[0]) })
	if rules := s.watching.rules().Ports; len(rules) != 0 {
		t.Errorf("the rules are %+v", rules)
	}
}

// What is watched shows in the menu, with its state.
func TestWatchedInTheMenu(t *testing.T) {
	s := newScene(t)
	s.read(snapshot(0, listen("127.0.0.1:3000", node)))
	s.do(func() { s.watchPort(3000); s.watchPort(8080) })
	s.wantMenu("1 listening port", ":3000  node", "Kill process", "Watched", "port 3000: node", "port 8080: free")
	s.clock = s.clock.Add(time.Hour)
	s.read(snapshot(0, listen("127.0.0.1:8080", postgres)))
	s.wantMenu("1 listening port", ":8080  Postgres", "Kill process", "Watched", "port 3000: free since 13:00", "port 8080: Postgres since 13:00")
	s.Hide()
	s.chooseInMenu("port 8080: Postgres since 13:00")
	if !s.Visible() || s.window.search.Text != "port:8080" {
		t.Errorf("a watched port shows %q", s.window.search.Text)
	}
}

func TestWarningOfBrokenPreferences(t *testing.T) {
	s := newScene(t, func(o *Options) { o.Warning = "The settings could not be read" })
	if got := s.window.notice.text(); got != "The settings could not be read" {
		t.Errorf("the window says %q", got)
	}
}

func TestSettingsInEveryWindow(t *testing.T) {
	for _, size := range []fyne.Size{{Width: 400, Height: 300}, {Width: 640, Height: 480}, screen} {
		s := newScene(t)
		s.window.Resize(size)
		for page := range 4 {
			s.window.showSettingsPage(page)
			d := s.window.settings
			inner := d.popup.Content.Size()
			if inner.Width > size.Width || inner.Height > size.Height {
				t.Errorf("in a window of %v the settings are %v", size, inner)
			}
			for _, o := range d.page.Objects {
				if o.Position().X+o.Size().Width > d.scroll.Size().Width+1 {
					t.Errorf("in a window of %v page %d has a line of %v in %v", size, page, o.Size(), d.scroll.Size())
				}
			}
		}
	}
}

// settingsPicture is the picture of the settings alone: what lies below them is not theirs.
func (s *scene) settingsPicture() image.Image {
	box := s.window.settings.popup.Content
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(box)
	part := image.Rect(int(at.X), int(at.Y), int(at.X+box.Size().Width), int(at.Y+box.Size().Height))
	whole := s.window.Canvas().Capture()
	alone := image.NewNRGBA(image.Rectangle{Max: part.Size()})
	draw.Draw(alone, alone.Bounds(), whole, part.Min, draw.Src)
	return alone
}

func TestSettingsGolden(t *testing.T) {
	s := &scene{}
	for _, picture := range []struct {
		name string
		page int
		size fyne.Size
	}{{"general", pageGeneral, part}, {"look", pageLook, part}, {"watch", pageWatch, part}, {"limits", pageLimits, part}, {"hidden", pageHidden, part}, {"narrow", pageGeneral, fyne.NewSize(400, 300)}} {
		for variant, name := range map[fyne.ThemeVariant]string{theme.VariantLight: "light", theme.VariantDark: "dark"} {
			t.Run(picture.name+"_"+name, func(t *testing.T) {
				s = newScene(t, func(o *Options) { o.Autostart = &starter{on: true} })
				s.app.Settings().SetTheme(newThemeVariant(variant))
				s.window.Resize(fyne.NewSize(picture.size.Width, max(picture.size.Height, 300)))
				s.read(desk())
				s.watching.setRules(watch.Rules{}.With(watch.Port{Number: 3000, Taken: true, Free: true}).
					With(watch.Port{Number: 53, Protocol: netstat.UDP, Taken: true, Off: true}))
				s.do(func() { s.hideApp(firefox.App); s.hideApp(airplay.App) })
				s.window.showSettingsPage(picture.page)
				checkPicture(t, filepath.Join("testdata", "settings", picture.name+"_"+name+".png"), s.settingsPicture())
			})
		}
	}
}

// Why a port cannot be watched is said where it is typed.
func TestWatchFormSaysWhatAPortIs(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.do(func() { s.window.showSettingsPage(pageWatch) })
	var entry *portEntry
	for _, o := range everything(s.window.settings.popup) {
		if e, ok := o.(*portEntry); ok {
			entry = e
		}
	}
	reason := func() bool {
		for _, o := range everything(s.window.settings.page) {
			if l, ok := o.(*words); ok && l.Text == "A port is a number from 1 to 65535." {
				return l.Visible() && l.Size().Height > 10
			}
		}
		return false
	}
	for _, test := range []struct {
		typed string
		want  bool
	}{{"", false}, {"99999", true}, {"3000", false}, {"x", true}, {"0", true}, {"", false}} {
		s.do(func() { entry.SetText(test.typed) })
		if got := reason(); got != test.want {
			t.Errorf("%q: the reason is there: %v", test.typed, got)
		}
	}
}

// In a narrow window the word of the page that is shown is in view, whichever way it was turned to.
func TestPageWordIsInView(t *testing.T) {
	s := newScene(t)
	s.larger(150)
	s.window.Resize(tiny)
	s.read(desk())
	s.window.showSettingsPage(pageLimits)
	d := s.window.settings
	check := func() {
		t.Helper()
		from := float32(edgeRoom)
		cells := d.pages.cells(d.pages.Size().Width)
		for _, cell := range cells[:d.pages.chosen] {
			from += cell
		}
		if from < d.tabs.Offset.X || from+cells[d.pages.chosen] > d.tabs.Offset.X+d.tabs.Size().Width+0.5 {
			t.Errorf("page %d is from %v to %v, in view from %v to %v", d.pages.chosen, from, from+cells[d.pages.chosen], d.tabs.Offset.X, d.tabs.Offset.X+d.tabs.Size().Width)
		}
	}
	check()
	for _, key := range []fyne.KeyName{fyne.KeyRight, fyne.KeyLeft, fyne.KeyLeft, fyne.KeyLeft, fyne.KeyLeft, fyne.KeyRight} {
		d.pages.TypedKey(&fyne.KeyEvent{Name: key})
		check()
	}
}
