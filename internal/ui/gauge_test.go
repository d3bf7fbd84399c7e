package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/table"
)

// texts is what the strip shows.
func (s *gaugeStrip) texts() []string {
	var all []string
	for _, o := range s.objects {
		if text, ok := o.(*canvas.Text); ok && text.Text != "" {
			all = append(all, text.Text)
		}
	}
	return all
}

func newScarceScene(t testing.TB) *lensScene {
	l := newLensScene(t, func(o *Options) { o.Rules = rulesIn(scarce) })
	l.window.Resize(screen)
	return l
}

// TestGaugesAreCalm: while all is well there are numbers, and neither a sentence nor a line in the other views.
func TestGaugesAreCalm(t *testing.T) {
	l := newLensScene(t)
	l.window.Resize(screen)
	l.morning()
	if l.window.gauges.Visible() || l.window.alarm.Visible() {
		t.Error("the flat table has gauges")
	}
	l.turned()
	if !l.window.gauges.Visible() {
		t.Fatal("the lens has no gauges")
	}
	got := strings.Join(l.window.gauges.texts(), "|")
	if got != "Ephemeral ports, TCP|1 %|Ephemeral ports, UDP|0 %|TIME_WAIT|142|CLOSE_WAIT of node|1|Queues of the listeners|unknown" {
		t.Errorf("%s", got)
	}
}

// TestGaugesWarn: what matters has a shape, a word and a sentence besides its colour.
func TestGaugesWarn(t *testing.T) {
	l := newScarceScene(t).turned()
	l.scarcity()
	got := strings.Join(l.window.gauges.texts(), " ")
	if !strings.Contains(got, "Ephemeral ports, TCP 88 %") || !strings.Contains(got, "Problem: 88 of the 100 ports that the system hands out are in use, most of them by Firefox (88)") {
		t.Errorf("%s", got)
	}
	tile := l.window.gauges.tiles[0]
	if tile.fill.FillColor != l.window.gauges.ink()(theme.ColorNameError) || tile.mark.Resource.Name() == levelIcon(table.Green).Name() {
		t.Error("neither the colour nor the shape has changed")
	}
	height := l.window.gauges.height
	l.window.Resize(fyne.NewSize(480, 600))
	if l.window.gauges.height <= height {
		t.Error("in a narrow window the sentence is cut")
	}
	for _, o := range l.window.gauges.objects {
		if text, ok := o.(*canvas.Text); ok && text.Position().X+text.MinSize().Width > 481 {
			t.Errorf("%q ends outside", text.Text)
		}
	}
}

// TestAlarmLeadsToTheLens: the other views have one line, which can be put away until it is worse.
func TestAlarmLeadsToTheLens(t *testing.T) {
	l := newScarceScene(t)
	var some []netstat.Socket
	for i := range 70 {
		some = append(some, web(i))
	}
	l.tell(some)
	if !strings.HasPrefix(l.window.alarm.text(), "Attention: 70 of the 100 ports") {
		t.Fatalf("%q", l.window.alarm.text())
	}
	l.window.putAlarmAway()
	l.tell([]netstat.Socket{web(70)})
	if l.window.alarm.Visible() {
		t.Error("it is back though it is no worse")
	}
	l.scarcity()
	if !strings.HasPrefix(l.window.alarm.text(), "Problem: 88 of the 100 ports") {
		t.Errorf("worse: %q", l.window.alarm.text())
	}
	l.turned()
	if l.window.alarm.Visible() || !l.window.gauges.Visible() {
		t.Error("the lens has both, or none")
	}
	l.do(func() { l.window.turnTo(turnFlat) })
	var gone []netstat.Socket
	for i := range 60 {
		gone = append(gone, web(i))
	}
	l.tell(nil, gone...)
	if l.window.alarm.Visible() {
		t.Errorf("all is well: %q", l.window.alarm.text())
	}
	l.tell(gone)
	if !l.window.alarm.Visible() {
		t.Error("what had become well and then bad again is not told")
	}
}

// TestFigures: behind a gauge are its figures, its explanation and its row.
func TestFigures(t *testing.T) {
	l := newScarceScene(t).turned()
	l.scarcity()
	l.window.gauges.FocusGained()
	l.window.gauges.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if l.window.popover == nil || !l.window.popover.Visible() {
		t.Fatal("there are no figures")
	}
	var texts []string
	var buttons []*widget.Button
	walk(l.window.popover.Content, func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case *words:
			texts = append(texts, o.Text)
		case *widget.Button:
			buttons = append(buttons, o)
		}
	})
	all := strings.Join(texts, "|")
	if !strings.Contains(all, "Problem · 88 %") || !strings.Contains(all, "in use|88") || !strings.Contains(all, "range|51000-51099") {
		t.Errorf("%s", all)
	}
	if len(buttons) != 2 {
		t.Fatalf("%d buttons", len(buttons))
	}
	l.do(func() { buttons[1].OnTapped() })
	if row, ok := l.window.table.Selected(); !ok || row.Group.Name != "Firefox" || l.window.popover != nil {
		t.Error("it does not lead to Firefox")
	}
	l.window.gauges.tap(0)
	l.window.typedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if l.window.popover != nil || !l.Visible() {
		t.Error("Escape does not close the figures alone")
	}
}

// TestFiguresStayInside: however long the names of apps and the texts of limits are, none ends outside of what shows them.
func TestFiguresStayInside(t *testing.T) {
	for _, german := range []bool{false, true} {
		if german {
			inGerman(t)
		}
		l := newScarceScene(t).turned()
		l.scarcity()
		g := l.window.gauges.all[0]
		g.Figures = append([]table.Figure{{Name: strings.Repeat("an app with a long name ", 8), Value: "100"}}, g.Figures...)
		for _, id := range []table.GaugeID{table.GaugeTimeWait, table.GaugeCloseWait, table.GaugeQueue} {
			one := l.window.gauges.heads[slices.IndexFunc(l.window.gauges.heads, func(g table.Gauge) bool { return g.ID == id })]
			g.Figures = append(g.Figures, one.Figures...)
		}
		limits := table.DefaultThresholds()
		leak := &netstat.Snapshot{Sockets: []netstat.Socket{{ID: 1, Protocol: netstat.TCP, State: netstat.CloseWait}}}
		for _, one := range table.Gauges(leak, port.Rules{Ephemeral: scarce, PerEnd: true}, nil, noon, limits) {
			g.Figures = append(g.Figures, one.Figures...)
		}
		l.window.gauges.all = []table.Gauge{g}
		l.window.gauges.tap(0)
		right := l.window.popover.Content.Position().X + l.window.popover.Content.Size().Width
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject
		left := at(l.window.popover.Content).X
		walk(l.window.popover.Content, func(o fyne.CanvasObject) {
			if text, ok := o.(*words); ok && at(text).X+text.Size().Width > left+right+1 {
				t.Errorf("%q ends at %v, the popover at %v", text.Text, at(text).X+text.Size().Width, left+right)
			}
		})
	}
}

// walk visits all objects in a container.
func walk(o fyne.CanvasObject, visit func(fyne.CanvasObject)) {
	visit(o)
	switch o := o.(type) {
	case *fyne.Container:
		for _, inner := range o.Objects {
			walk(inner, visit)
		}
	case fyne.Widget:
		if _, leaf := o.(*widget.Button); leaf {
			return
		}
		if label(o) != nil {
			return
		}
		for _, inner := range testObjects(o) {
			walk(inner, visit)
		}
	}
}

// TestGaugesKeepToTheirRoom: nothing of the strip is drawn where the rows begin, however low the window.
func TestGaugesKeepToTheirRoom(t *testing.T) {
	inLanguages(t, func(t *testing.T, _ string) {
		for _, height := range []float32{300, 320, 360, 500} {
			for _, red := range []bool{false, true} {
				l := newLensScene(t, func(o *Options) { o.Rules = rulesIn(scarce) })
				l.window.Resize(fyne.NewSize(tiny.Width, height))
				if l.turned(); red {
					l.scarcity()
				}
				for _, o := range l.window.gauges.objects {
					if end := o.Position().Y + o.Size().Height; o != l.window.gauges.back && end > l.window.gauges.Size().Height+1 {
						t.Errorf("in a window of %v (%v) %T ends at %v, the strip at %v", height, red, o, end, l.window.gauges.Size().Height)
					}
				}
				if rows := l.window.table.scroll.Size().Height / l.window.table.rowHeight(); rows < 2 {
					t.Errorf("in a window of %v (%v) there is room for %.1f rows", height, red, rows)
				}
			}
		}
	})
}

// behind is what the figures of a kind of gauge say, and the buttons below them.
func (l *lensScene) behind(id table.GaugeID) (texts string, buttons map[string]*widget.Button) {
	l.t.Helper()
	l.window.gauges.tap(slices.IndexFunc(l.window.gauges.heads, func(g table.Gauge) bool { return g.ID == id }))
	if l.window.popover == nil {
		l.t.Fatalf("there are no figures of %s", id)
	}
	var all []string
	buttons = map[string]*widget.Button{}
	walk(l.window.popover.Content, func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case *words:
			all = append(all, o.Text)
		case *widget.Icon:
			all = append(all, o.Resource.Name())
		case *widget.Button:
			buttons[o.Text] = o
		}
	})
	return strings.Join(all, "|"), buttons
}

// TestUnknownIsNotFine: of what is not known nothing is said but that, by the shape, in the figures and to who listens.
func TestUnknownIsNotFine(t *testing.T) {
	l := newLensScene(t, func(o *Options) { o.Rules = rulesIn(port.Range{}) }).turned()
	l.window.Resize(screen)
	l.morning()
	for i, g := range l.window.gauges.heads {
		known := g.ID == table.GaugeCloseWait
		if g.Known != known {
			t.Fatalf("%+v", g)
		}
		l.window.gauges.at = i
		spoken := l.window.gauges.AccessibilityLabel()
		shown, _ := l.behind(g.ID)
		if strings.Contains(spoken, "Fine") != known || strings.Contains(shown, "Fine") != known || strings.Contains(shown, "question.svg") == known {
			t.Errorf("%s: %q, %s", g.ID, spoken, shown)
		}
	}
}

// TestNobodyListens: then there is no queue, and that is known.
func TestNobodyListens(t *testing.T) {
	l := newScarceScene(t).turned()
	l.scarcity()
	if got := strings.Join(l.window.gauges.texts(), "|"); !strings.Contains(got, "Queues of the listeners|none") {
		t.Error(got)
	}
	if got, _ := l.behind(table.GaugeQueue); !strings.Contains(got, "Fine · none") {
		t.Error(got)
	}
}

// TestShowWhoLeaks: an app that has nothing but what it has not closed has no row in the lens, and is shown by app.
func TestShowWhoLeaks(t *testing.T) {
	l := newLensScene(t).turned()
	l.window.Resize(screen)
	l.morning()
	var left []netstat.Socket
	for i := range 120 {
		left = append(left, connection(netstat.CloseWait, "192.168.1.20:5432", fmt.Sprintf("192.168.1.%d:%d", i%200, 42000+i), postgres))
	}
	l.tell(left)
	key := l.window.gauges.heads[slices.IndexFunc(l.window.gauges.heads, func(g table.Gauge) bool { return g.ID == table.GaugeCloseWait })].Key
	if l.window.shows(key) {
		t.Fatal("the lens has a row of it")
	}
	l.do(func() { l.window.setQuery("firefox") }) // which is in its way
	_, buttons := l.behind(table.GaugeCloseWait)
	if buttons["Show"] == nil {
		t.Fatal("nothing leads to who leaks")
	}
	l.do(func() { buttons["Show"].OnTapped() })
	if row, ok := l.window.table.Selected(); !ok || row.Key != key || turnOf(l.window.view) != turnByApp {
		t.Errorf("%+v is selected", row.Group)
	}
	// Of TIME_WAIT there is a row in the lens, or none.
	l.turned()
	l.do(func() { l.window.setQuery("firefox") })
	if _, buttons = l.behind(table.GaugeTimeWait); buttons["Show"] != nil {
		t.Error("it leads to TIME_WAIT, of which there is no row")
	}
}

// However large the texts are, and however narrow the window, every gauge that is shown is named in full, and its mark is as high as
// the text.
func TestGaugesAreNamed(t *testing.T) {
	for _, german := range []bool{false, true} {
		if german {
			inGerman(t)
		}
		for _, percent := range []int{80, 100, 150} {
			for _, width := range []float32{400, 560, 800, 1180} {
				l := newLensScene(t)
				l.larger(percent)
				l.window.Resize(fyne.NewSize(width, 600))
				l.turned()
				l.morning()
				s := l.window.gauges
				for i := range s.placed {
					tile := s.tiles[i]
					if strings.HasSuffix(tile.name.Text, ellipsis) || tile.name.Text == "" {
						t.Errorf("German %v, %d %%, a width of %v: a gauge is called %q", german, percent, width, tile.name.Text)
					}
					if size := tile.mark.Size().Height; size < s.fitter.size {
						t.Errorf("%d %%: a mark of %v beside a text of %v", percent, size, s.fitter.size)
					}
				}
				if s.placed != len(s.heads) {
					t.Errorf("German %v, %d %%, a width of %v: %d of %d gauges", german, percent, width, s.placed, len(s.heads))
				}
			}
		}
	}
}
