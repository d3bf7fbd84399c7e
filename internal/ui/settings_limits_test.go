package ui

import (
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2/test"

	"portolan/internal/history"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/table"
)

// chosenThresholds are others than the usual ones, each of them.
func chosenThresholds() table.Thresholds {
	t := table.DefaultThresholds()
	for _, l := range limits {
		l.set(&t, l.all[len(l.all)-1])
	}
	return t
}

// TestLimits: what is usual can be chosen, yellow comes before red, and the lowest that can be chosen is not nothing.
func TestLimits(t *testing.T) {
	usual := table.DefaultThresholds()
	for _, l := range limits {
		if !slices.Contains(l.all, l.get(usual)) || !slices.IsSorted(l.all) || l.all[0] <= 0 {
			t.Errorf("%s: %v, usual %d", l.key, l.all, l.get(usual))
		}
		for _, n := range l.all {
			changed := usual
			if l.set(&changed, n); l.get(changed) != n {
				t.Errorf("%s: %d becomes %d", l.key, n, l.get(changed))
			}
		}
		same := usual
		if l.set(&same, l.get(usual)); same != usual {
			t.Errorf("%s: what is usual changes when it is kept: %+v", l.key, same)
		}
	}
	high, low := chosenThresholds(), table.DefaultThresholds()
	for _, l := range limits {
		l.set(&low, l.all[0])
	}
	if high.LeakTime != history.Keep {
		t.Errorf("beyond %v nothing is known, and the longest time is %v", history.Keep, high.LeakTime)
	}
	if high.PortsYellow >= low.PortsRed || high.TimeWaitYellow >= low.TimeWaitRed || high.CloseWait >= low.CloseWaitMany || high.QueueYellow >= low.QueueRed {
		t.Errorf("red may come before yellow: from %+v to %+v", low, high)
	}
}

func TestLimitsOfJunk(t *testing.T) {
	p := test.NewTempApp(t).Preferences()
	for _, junk := range []int{-1, 0, 7, 101, 1 << 40} {
		for _, l := range limits {
			p.SetInt(l.key, junk)
		}
		if got := loadThresholds(p); got != table.DefaultThresholds() {
			t.Errorf("%d: %+v", junk, got)
		}
	}
	for _, l := range limits {
		p.SetString(l.key, "many")
	}
	if got := loadThresholds(p); got != table.DefaultThresholds() {
		t.Errorf("of words: %+v", got)
	}
}

// TestLimitsTakeEffectAtOnce: with half of the range in use nothing is said, until 40 % are chosen; and
// what is usual comes back.
func TestLimitsTakeEffectAtOnce(t *testing.T) {
	s := newScene(t, func(o *Options) { o.Rules = rulesIn(port.Range{First: 50000, Last: 50099}) })
	var sockets []netstat.Socket
	for i := range 50 {
		sockets = append(sockets, connection(netstat.Established, fmt.Sprintf("192.168.1.20:%d", 50000+i), fmt.Sprintf("151.101.1.%d:443", i+1), firefox))
	}
	s.read(snapshot(0, sockets...))
	if !s.window.alarm.Hidden {
		t.Fatalf("at 50 %%: %q", s.window.alarm.label.Text)
	}
	s.window.showSettingsPage(pageLimits)
	yellow := all[*segments](s.window.settings.page)[0]
	s.do(func() { yellow.pick(slices.Index(limits[0].all, 40)) })
	if s.window.alarm.Hidden || s.window.shown.gauges[0].Level != table.Yellow {
		t.Errorf("from 40 %% on: level %s", s.window.shown.gauges[0].Level)
	}
	if kept := loadSettings(s.app.Preferences()).thresholds; kept.PortsYellow != 0.4 {
		t.Errorf("kept is %v", kept.PortsYellow)
	}
	buttons := all[*modalButton](s.window.settings.page)
	s.do(func() { test.Tap(buttons[0]) })
	if !s.window.alarm.Hidden || s.settings.thresholds != table.DefaultThresholds() {
		t.Errorf("reset: %+v", s.settings.thresholds)
	}
	if yellow := all[*segments](s.window.settings.page)[0]; limits[0].all[yellow.chosen] != 60 {
		t.Errorf("reset, the page shows %d %%", limits[0].all[yellow.chosen])
	}
}

// TestLimitsInTheNextRun: they hold from the first picture on.
func TestLimitsInTheNextRun(t *testing.T) {
	s := newScene(t)
	s.change(func(o *settings) { o.thresholds = chosenThresholds() })
	u := newUI(s.app, s.options, func(func()) {})
	t.Cleanup(u.window.Close)
	if u.model.now.thresholds != chosenThresholds() {
		t.Errorf("%+v", u.model.now.thresholds)
	}
}

// TestBarOfCloseWait: the bar is full where red begins.
func TestBarOfCloseWait(t *testing.T) {
	g := &table.Gauge{ID: table.GaugeCloseWait, Known: true, Figures: []table.Figure{{Name: "connections", Value: "50"}}}
	for tooMany, want := range map[int]float32{100: 0.5, 200: 0.25, 50: 1, 10: 1, 0: 1} {
		if got := barShare(g, tooMany); got != want {
			t.Errorf("50 of %d: %v, want %v", tooMany, got, want)
		}
	}
}
