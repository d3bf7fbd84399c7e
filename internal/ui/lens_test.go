package ui

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/history"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/table"
)

// setByApp turns to the by-app view, or to the flat one.
func (w *window) setByApp(byApp bool) {
	if byApp {
		w.turnTo(turnByApp)
	} else {
		w.turnTo(turnFlat)
	}
}

// lensScene is a scene with a past: twelve minutes of a browser that comes and goes, and of a server that
// keeps its connections to a database.
type lensScene struct {
	*scene
	past  *history.History
	open  map[uint64]netstat.Socket
	order []uint64
}

var sceneRange = port.Range{First: 32768, Last: 60999}

// rulesIn are those of a system that hands out the ports of a range, each to one at a time as macOS does.
func rulesIn(r port.Range) func() port.Rules {
	return func() port.Rules { return port.Rules{Ephemeral: r, TimeWait: time.Minute} }
}

func newLensScene(t testing.TB, change ...func(*Options)) *lensScene {
	l := &lensScene{past: history.New(history.Options{Side: table.SidesIn(rulesIn(sceneRange))}), open: map[uint64]netstat.Socket{}}
	usual := func(o *Options) { o.Past, o.Rules = l.past, rulesIn(sceneRange) }
	l.scene = newScene(t, append([]func(*Options){usual}, change...)...)
	l.model.clock = func() time.Time { return l.clock }
	return l
}

// tell has the history and the UI told of what came and went.
func (l *lensScene) tell(opened []netstat.Socket, closed ...netstat.Socket) {
	u := monitor.Update{Opened: opened, Closed: closed}
	for _, s := range closed {
		delete(l.open, s.ID)
	}
	for _, s := range opened {
		if _, there := l.open[s.ID]; !there {
			l.order = append(l.order, s.ID)
		}
		l.open[s.ID] = s
	}
	u.Snapshot = &netstat.Snapshot{Taken: l.clock}
	for _, id := range l.order {
		if s, there := l.open[id]; there {
			u.Snapshot.Sockets = append(u.Snapshot.Sockets, s)
		}
	}
	l.past.Record(u)
	l.model.receive(u)
	l.settle()
}

// web is connection i of Firefox.
func web(i int) netstat.Socket {
	return connection(netstat.Established, fmt.Sprintf("192.168.1.20:%d", 51000+i), fmt.Sprintf("151.101.1.%d:443", i%12+1), firefox)
}

// remembering is what is left of connection i of nobody any more.
func remembering(i int) netstat.Socket {
	return connection(netstat.TimeWait, fmt.Sprintf("127.0.0.1:%d", 40000+i), "127.0.0.1:5432")
}

// morning plays the twelve minutes.
func (l *lensScene) morning() {
	base := desk().Sockets
	base = base[:len(base)-24] // the browser comes by and by
	l.tell(base)
	up := 0
	for step := range 72 {
		l.clock = l.clock.Add(10 * time.Second)
		want := 12 + (step*step*7)%23
		if step > 40 && step < 52 {
			want += 30
		}
		var opened, closed []netstat.Socket
		for ; up < want; up++ {
			opened = append(opened, web(up))
		}
		for ; up > want; up-- {
			closed = append(closed, web(up-1))
		}
		l.tell(opened, closed...)
	}
	var waiting []netstat.Socket
	for i := range 140 {
		waiting = append(waiting, remembering(i))
	}
	l.clock = l.clock.Add(5 * time.Second)
	l.tell(waiting)
	l.clock = l.clock.Add(28 * time.Second)
	l.model.change(func(*content) {})
	l.settle()
}

// turned turns to the lens.
func (l *lensScene) turned() *lensScene {
	l.do(func() { l.window.turnTo(turnLens) })
	return l
}

// cell gives what a column says of the row of this name.
func (l *lensScene) cell(name string, id table.ColumnID) string {
	l.t.Helper()
	row := l.row(name)
	for i, c := range l.window.table.columns.columns {
		if c.ID == id {
			return l.window.table.cellText(&row, i)
		}
	}
	l.t.Fatalf("there is no column %s", id)
	return ""
}

func (l *lensScene) row(name string) table.Row {
	l.t.Helper()
	for _, row := range l.window.table.rows {
		if row.Group != nil && row.Group.Name == name {
			return row
		}
	}
	l.t.Fatalf("there is no row %q", name)
	return table.Row{}
}

// texts is all that the rows in view show.
func (l *lensScene) texts() string {
	var all []string
	for _, o := range l.window.table.body.objects {
		if text, ok := o.(*canvas.Text); ok {
			all = append(all, text.Text)
		}
	}
	return strings.Join(all, "\n")
}

func TestLensShowsAppsAndWaiting(t *testing.T) {
	l := newLensScene(t).turned()
	l.window.Resize(screen)
	l.morning()
	for id, want := range map[table.ColumnID]string{table.ColumnNow: "28", table.ColumnOpened: "≥ 7", table.ColumnClosed: "≥ 9", table.ColumnRemotes: "443 (https) to 13 addresses"} {
		if got := l.cell("Firefox", id); got != want {
			t.Errorf("Firefox, %s: %q, want %q", id, got, want)
		}
	}
	if got := l.texts(); !strings.Contains(got, "≥ 140\n≥ 140\nIn the last minute at least 140 were never seen open; these clear by themselves within 35 s.") {
		t.Errorf("no countdown in\n%s", got)
	}
	l.do(func() { l.window.Resize(fyne.NewSize(560, 400)) })
	if got := l.texts(); !strings.Contains(got, "These clear by themselves within 35 s.") {
		t.Errorf("no countdown in a narrow window:\n%s", got)
	}
	l.do(func() { l.window.Resize(screen) })
	if l.window.views.chosen != turnLens {
		t.Error("the switch shows another view")
	}
	l.do(func() { l.window.toggle(l.row("Firefox")) })
	service := l.row("443 (https) to 13 addresses")
	l.do(func() { l.window.toggle(service) })
	if got := l.texts(); !strings.Contains(got, "tcp 151.101.1.1:443") || !strings.Contains(got, "from port 51000") {
		t.Errorf("opened:\n%s", got)
	}
	if a := judge(service, l.window.snapshot(), l.options.Protected); len(a.targets) > 0 || a.title == "" {
		t.Errorf("a service can be ended: %+v", a)
	}
	if a := judge(l.row("Firefox"), l.window.snapshot(), l.options.Protected); len(a.targets) != 1 || a.targets[0] != firefox {
		t.Errorf("the app cannot be ended: %+v", a)
	}
}

// TestLensGoesOn: numbers of the last minute go down and the countdown goes on while nothing is told.
func TestLensGoesOn(t *testing.T) {
	l := newLensScene(t).turned()
	l.window.Resize(screen)
	l.morning()
	l.clock = l.clock.Add(20 * time.Second)
	l.model.change(func(*content) {})
	l.settle()
	if got := l.texts(); !strings.Contains(got, "clear by themselves within 15 s.") {
		t.Errorf("20 s later:\n%s", got)
	}
	l.clock = l.clock.Add(70 * time.Second)
	l.model.change(func(*content) {})
	l.settle()
	if got := l.cell("Firefox", table.ColumnOpened); got != "" {
		t.Errorf("after a quiet minute %s were opened in the last", got)
	}
	l.setPaused(true)
	l.settle()
	if got := l.texts(); !strings.Contains(got, "clear by themselves within 60 s.") {
		t.Errorf("paused, the moment of the last read is shown:\n%s", got)
	}
}

// TestLensTicks: a turn is made at every pace while the lens is visible, and at no other time.
func TestLensTicks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := 0
		m := newModel(table.View{Lens: true}, func(f func()) { f() }, func(content) { turns++ })
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go m.run(ctx)
		expect := func(what string, want int) {
			t.Helper()
			synctest.Wait()
			turns = 0
			time.Sleep(30*time.Second + time.Millisecond)
			synctest.Wait()
			if turns != want {
				t.Errorf("%s: %d turns in 30 s, want %d", what, turns, want)
			}
		}
		m.setPace(3 * time.Second)
		expect("hidden", 0)
		m.setVisible(true)
		expect("visible", 10)
		m.setPaused(true)
		expect("paused", 0)
		m.setPaused(false)
		m.setView(table.View{})
		expect("flat", 0)
		m.setView(table.View{Lens: true})
		m.setVisible(false)
		expect("hidden again", 0)
	})
}

// TestLensOrder: the lens has an order of its own, which is remembered.
func TestLensOrder(t *testing.T) {
	l := newLensScene(t)
	l.morning()
	l.turned()
	if l.window.view.Sort != table.ColumnNow || !l.window.view.Descending {
		t.Errorf("at first by %s", l.window.view.Sort)
	}
	for _, id := range []table.ColumnID{table.ColumnName, table.ColumnNow, table.ColumnOpened, table.ColumnClosed, table.ColumnRemotes, table.ColumnOldest, table.ColumnReceivedRate, table.ColumnSentRate} {
		l.do(func() { l.window.sort(id) })
		if l.window.table.sort != id {
			t.Errorf("sorted by %s in place of %s", l.window.table.sort, id)
		}
	}
	l.do(func() { l.window.sort(table.ColumnName) })
	first := l.window.table.rows[0].Group.Name
	l.do(func() { l.window.turnTo(turnByApp) })
	if l.window.view.Sort == table.ColumnOpened {
		t.Error("the by-app view took over the order")
	}
	l.turned()
	if l.window.view.Sort != table.ColumnName || l.window.table.rows[0].Group.Name != first || first != "Firefox" {
		t.Errorf("by %s, %s first", l.window.view.Sort, first)
	}
	if again := loadView(l.app.Preferences()); !again.Lens || again.Sort != table.ColumnName {
		t.Errorf("the next run begins with %+v", again)
	}
}

// TestLensSelection goes along from view to view.
func TestLensSelection(t *testing.T) {
	l := newLensScene(t)
	l.morning()
	l.do(func() { l.window.turnTo(turnByApp) })
	l.selectGroup("Firefox")
	l.turned()
	if row, ok := l.window.table.Selected(); !ok || row.Group.Name != "Firefox" || row.Flow == nil {
		t.Errorf("%+v is selected", row)
	}
}

// TestLensWithoutPast says that nothing was recorded, and shows no plot.
func TestLensWithoutPast(t *testing.T) {
	s := newScene(t)
	s.window.Resize(screen)
	s.read(desk())
	s.do(func() { s.window.turnTo(turnLens) })
	if !strings.Contains(strings.Join(s.window.gauges.texts(), "\n"), "The record has not begun") {
		t.Errorf("%q", s.window.gauges.texts())
	}
	for _, slot := range s.window.table.body.slots {
		if slot.plot.shown() {
			t.Error("a plot of what nobody knows")
		}
	}
	if len(s.window.table.rows) == 0 {
		t.Error("no rows")
	}
	s.read(snapshot(time.Second, listen("127.0.0.1:80", nginx)))
	if s.window.empty.Hidden || s.window.empty.title.Text != "No connection goes out" {
		t.Errorf("%q", s.window.empty.title.Text)
	}
}

// TestLensCounts: bytes are counted while columns of rates are visible, and at no other time.
func TestLensCounts(t *testing.T) {
	l := newLensScene(t)
	c := connection(netstat.Established, "192.168.1.20:51000", "151.101.1.1:443", firefox)
	grow := func() {
		l.clock = l.clock.Add(10 * time.Second)
		c.RxBytes += 50_000
		c.TxBytes += 1_000
		l.tell([]netstat.Socket{c})
	}
	for range 3 {
		grow()
	}
	if _, _, ok := l.past.Rate(c.ID); ok {
		t.Error("rates are made while nobody looks")
	}
	l.turned()
	for range 2 {
		grow()
	}
	if _, _, ok := l.past.Rate(c.ID); ok {
		t.Error("rates are made for a lens that shows none")
	}
	for _, id := range rateIDs {
		l.do(func() { l.window.table.arrange(l.window.table.columns.choice().shown(id, true)) })
	}
	for range 2 {
		grow()
	}
	if got := l.cell("Firefox", table.ColumnReceivedRate); got != "5.0 kB/s" {
		t.Errorf("received %q", got)
	}
	if got := l.cell("Firefox", table.ColumnSentRate); got != "100 B/s" {
		t.Errorf("sent %q", got)
	}
	l.Hide()
	if _, _, ok := l.past.Rate(c.ID); ok {
		t.Error("rates are made while the window is hidden")
	}
}

// larger has all texts so large, in percent.
func (s *scene) larger(percent int) {
	chosen := defaults()
	chosen.textSize = percent
	s.app.Settings().SetTheme(oneVariant{chosen.look(), theme.VariantLight})
}

// TestLensGolden compares the lens with pictures that were looked at.
func TestLensGolden(t *testing.T) {
	for _, picture := range []struct {
		name    string
		variant fyne.ThemeVariant
		size    fyne.Size
		scope   port.Range
		act     func(l *lensScene)
	}{
		{"lens_light", theme.VariantLight, part, sceneRange, (*lensScene).morning},
		{"lens_dark", theme.VariantDark, part, sceneRange, func(l *lensScene) {
			l.morning()
			l.do(func() { l.window.toggle(l.row("Firefox")) })
			l.do(func() { l.window.toggle(l.row("443 (https) to 13 addresses")) })
		}},
		{"lens_narrow_light", theme.VariantLight, fyne.NewSize(560, 420), sceneRange, (*lensScene).morning},
		{"lens_800_light", theme.VariantLight, fyne.NewSize(800, 420), sceneRange, (*lensScene).morning},
		{"lens_large_light", theme.VariantLight, fyne.NewSize(800, 420), sceneRange, func(l *lensScene) { l.larger(150); l.morning() }},
		{"lens_red_light", theme.VariantLight, part, scarce, (*lensScene).scarcity},
		{"lens_red_dark", theme.VariantDark, part, scarce, (*lensScene).scarcity},
		{"alarm_light", theme.VariantLight, part, scarce, func(l *lensScene) {
			l.scarcity()
			l.do(func() { l.window.turnTo(turnFlat) })
		}},
		{"figures_light", theme.VariantLight, part, sceneRange, func(l *lensScene) {
			l.morning()
			l.window.gauges.tap(2)
		}},
		{"explained_light", theme.VariantLight, part, sceneRange, func(l *lensScene) {
			l.morning()
			l.window.explain("TIME_WAIT")
		}},
	} {
		t.Run(picture.name, func(t *testing.T) {
			l := newLensScene(t, func(o *Options) { o.Rules = rulesIn(picture.scope) })
			l.app.Settings().SetTheme(newThemeVariant(picture.variant))
			l.window.Resize(picture.size)
			l.turned()
			picture.act(l)
			checkPicture(t, filepath.Join("testdata", "lens", picture.name+".png"), l.lensPart())
		})
	}
}

// lensPart is the window without what all views have: from the gauges, or the line about one, to the status line.
func (l *lensScene) lensPart() image.Image {
	from, whole := fyne.CanvasObject(l.window.gauges), l.window.Canvas().Capture()
	if l.window.alarm.Visible() {
		from = l.window.alarm
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject
	inner := image.Rect(0, int(at(from).Y), whole.Bounds().Dx(), int(at(l.window.status).Y))
	part := image.NewRGBA(image.Rect(0, 0, inner.Dx(), inner.Dy()))
	draw.Draw(part, part.Bounds(), whole, inner.Min, draw.Src)
	return part
}

// scarce is a range that is soon used up.
var scarce = port.Range{First: 51000, Last: 51099}

// scarcity has the browser take most of the ports there are.
func (l *lensScene) scarcity() {
	var all []netstat.Socket
	for i := range 88 {
		all = append(all, web(i))
	}
	l.tell(all)
}

// BenchmarkPlot is what drawing one plot anew costs.
func BenchmarkPlot(b *testing.B) {
	values := make([]float64, history.Steps)
	for i := range values {
		values[i] = float64(i * i % 17)
	}
	for b.Loop() {
		drawPlot(values, history.Steps, 130, 16, color.NRGBA{0, 0, 0xff, 0xff})
	}
}

func TestPlot(t *testing.T) {
	ink := color.NRGBA{0x12, 0x61, 0xb8, 0xff}
	half := []float64{4, 4, 4, 4, 4}
	picture := drawPlot(half, 10, 100, 20, ink)
	alpha := func(x, y int) uint32 { _, _, _, a := picture.At(x, y).RGBA(); return a }
	for y := range 20 {
		if alpha(20, y) != 0 {
			t.Fatalf("what is not known is drawn at %d", y)
		}
	}
	if alpha(90, 19) == 0 || alpha(90, 0) != 0 {
		t.Error("the ground below is not tinted, or the sky is")
	}
	for _, odd := range [][]float64{nil, {0}, {1e300, 0}, {0, 0, 0}} {
		for _, size := range [][2]int{{0, 0}, {1, 1}, {100, 16}, {3, 200}} {
			drawPlot(odd, 60, size[0], size[1], ink)
		}
	}
	p := newSparkline()
	if !p.set(half, 10, ink) || p.set(slices.Clone(half), 10, ink) || !p.set(half[1:], 10, ink) {
		t.Error("it is drawn anew for nothing, or not when it should be")
	}
}

// TestRulesThatChange: somebody changes the range and the time of TIME_WAIT while the window is open. All goes by them from the next
// update on, though no socket is another.
func TestRulesThatChange(t *testing.T) {
	var rules atomic.Value
	rules.Store(rulesIn(sceneRange)())
	l := newLensScene(t, func(o *Options) { o.Rules = func() port.Rules { return rules.Load().(port.Rules) } })
	l.window.Resize(screen)
	l.scarcity()
	if l.window.alarm.Visible() || l.window.shown.counts.Ephemeral != 88 {
		t.Fatalf("%q, %d ephemeral", l.window.alarm.text(), l.window.shown.counts.Ephemeral)
	}
	rules.Store(port.Rules{Ephemeral: scarce, TimeWait: 4 * time.Second})
	l.tell(nil)
	if !strings.HasPrefix(l.window.alarm.text(), "Problem: 88 of the 100 ports") {
		t.Errorf("%q", l.window.alarm.text())
	}
	rules.Store(port.Rules{Ephemeral: port.Range{First: 60000, Last: 60099}, TimeWait: 4 * time.Second})
	l.tell(nil)
	if l.window.alarm.Visible() || l.window.shown.counts.Ephemeral != 0 {
		t.Errorf("%q, %d ephemeral", l.window.alarm.text(), l.window.shown.counts.Ephemeral)
	}
	if topic, _ := l.window.topic("TIME_WAIT"); !strings.Contains(topic.Text, "for 4 seconds") {
		t.Errorf("%s", topic.Text)
	}
	if topic, _ := l.window.topic("ephemeral"); !strings.Contains(topic.Text, "60000 to 60099") {
		t.Errorf("%s", topic.Text)
	}
}
