package ui

import (
	"fmt"
	"image/color"
	"math"
	"testing"
	"time"

	"portolan/internal/netstat"
	"portolan/internal/table"
)

// TestRatesOfTheSelected: the pane plots how fast the selected row receives and sends, from when it was selected. Where a counter
// goes back there is a gap, and no rate of before stands for it.
func TestRatesOfTheSelected(t *testing.T) {
	l := newLensScene(t)
	l.window.Resize(screen)
	c := connection(netstat.Established, "192.168.1.20:51000", "151.101.1.1:443", firefox)
	other := connection(netstat.Established, "192.168.1.20:51001", "151.101.1.1:443", firefox)
	grow := func(bytes uint64) {
		l.clock = l.clock.Add(5 * time.Second)
		c.RxBytes += bytes
		c.TxBytes += bytes / 10
		l.tell([]netstat.Socket{c, other})
	}
	grow(1000)
	l.selectPort(51000)
	l.window.detail.toggle()
	plot := l.window.detail.rates
	grow(1000)
	if plot.Visible() {
		t.Error("a plot of one moment")
	}
	grow(5000)
	grow(50_000)
	words := func() string { return plot.lines[0].word.Text + ", " + plot.lines[1].word.Text }
	if !plot.Visible() || words() != "Received 10.0 kB/s, Sent 1.0 kB/s" {
		t.Errorf("visible %v, %s", plot.Visible(), words())
	}
	c.RxBytes = 0
	grow(2000)
	if words() != "Received unknown, Sent unknown" {
		t.Errorf("of a counter that went back: %s", words())
	}
	grow(20_000)
	if got := fmt.Sprint(plot.series.in); got != "[1000 10000 NaN 4000]" {
		t.Errorf("%s", got)
	}
	l.selectPort(51001)
	if plot.Visible() {
		t.Error("the plot of another row stays")
	}
}

// TestRatesOfAnApp: that one of its connections closes takes only what this one carried from the sum, and with another query,
// by which the app has other connections, there is another plot.
func TestRatesOfAnApp(t *testing.T) {
	l := newLensScene(t)
	l.window.Resize(screen)
	l.do(func() { l.window.turnTo(turnByApp) })
	first := connection(netstat.Established, "192.168.1.20:51000", "151.101.1.1:443", firefox)
	second := connection(netstat.Established, "192.168.1.20:51001", "151.101.1.1:80", firefox)
	first.RxBytes, second.RxBytes = 900_000_000, 5000
	grow := func(closed ...netstat.Socket) {
		l.clock = l.clock.Add(5 * time.Second)
		first.RxBytes += 10_000
		second.RxBytes += 5000
		opened := []netstat.Socket{first, second}
		l.tell(opened[len(closed):], closed...)
	}
	grow()
	l.selectGroup("Firefox")
	l.window.detail.toggle()
	for range 4 {
		grow()
	}
	grow(first)
	grow(first)
	plot := l.window.detail.rates
	if got := fmt.Sprint(plot.series.in); got != "[3000 3000 3000 3000 1000 1000]" {
		t.Errorf("%s", got)
	}
	l.do(func() { l.window.setQuery("firefox") })
	grow(first)
	if got := fmt.Sprint(plot.series.in); got != "[1000]" && got != "[1000 1000]" {
		t.Errorf("with another query: %s", got)
	}
}

// TestRatesOfOutgoing: the pane tells all sockets of an app, and in the lens its plots are of outgoing connections alone: that
// is said above them, and of a connection, or in another view, it is not.
func TestRatesOfOutgoing(t *testing.T) {
	inLanguages(t, func(t *testing.T, language string) {
		l := newLensScene(t)
		l.window.Resize(screen)
		c := connection(netstat.Established, "192.168.1.20:51000", "151.101.1.1:443", firefox)
		grow := func() {
			l.clock = l.clock.Add(5 * time.Second)
			c.RxBytes += 10_000
			l.tell([]netstat.Socket{c})
		}
		plot := l.window.detail.rates
		said := func(turn int, choose func(), want string) {
			t.Helper()
			l.do(func() { l.window.turnTo(turn) })
			choose()
			grow()
			grow()
			if !plot.Visible() || plot.scope.Text != want {
				t.Errorf("%d: visible %v, %q, want %q", turn, plot.Visible(), plot.scope.Text, want)
			}
			if end := plot.lines[1].word.Position().Y + plot.lines[1].word.Size().Height; end > plot.Size().Height+1 {
				t.Errorf("%d: the plots end at %v, their room at %v", turn, end, plot.Size().Height)
			}
		}
		grow()
		l.window.detail.toggle()
		want := map[string]string{"english": "Outgoing connections:", "german": "Ausgehende Verbindungen:"}[language]
		said(turnByApp, func() { l.selectGroup("Firefox") }, "")
		said(turnLens, func() { l.selectGroup("Firefox") }, want)
		said(turnFlat, func() { l.selectPort(51000) }, "")
	})
}

// TestSeries: what is not known is a gap, nothing is plotted before anything is known, a long pause begins anew, and memory is bounded.
func TestSeries(t *testing.T) {
	var r rateSeries
	at := noon
	of := plotted{key: table.Key{Socket: 1}}
	add := func(after time.Duration, received float32, known bool) {
		at = at.Add(after)
		r.add(of, table.Traffic{Received: received, Known: known}, at)
	}
	want := func(values string) {
		t.Helper()
		if got := fmt.Sprint(r.in); got != values {
			t.Errorf("%s, want %s", got, values)
		}
	}
	add(0, 0, false)
	want("[]")
	add(5*time.Second, 100, true)
	add(5*time.Second, 0, false)
	add(5*time.Second, 200, true)
	add(time.Second, 300, true) // the same moment, or nearly
	want("[100 NaN 200]")
	add(-time.Hour, 5000, true)
	want("[5000]")
	add(3*time.Hour, 6000, true)
	want("[6000]")
	of.query = "node"
	add(5*time.Second, 7000, true)
	want("[7000]")
	for range 1000 {
		add(3*time.Second, 10_000, true)
	}
	if len(r.in) > int(ratesKept/ratesStep) {
		t.Errorf("%d values are kept", len(r.in))
	}
}

// TestPlotWithAGap: where nothing is known nothing is drawn, and the rest is.
func TestPlotWithAGap(t *testing.T) {
	picture := drawPlot([]float64{5, 5, math.NaN(), 5, 5}, 5, 50, 20, color.NRGBA{R: 255, A: 255})
	drawn := func(x int) bool {
		for y := range 20 {
			if _, _, _, a := picture.At(x, y).RGBA(); a > 0 {
				return true
			}
		}
		return false
	}
	for x, want := range map[int]bool{2: true, 15: true, 25: false, 35: true, 47: true} {
		if drawn(x) != want {
			t.Errorf("at %d there is something: %v", x, !want)
		}
	}
}

// Beside the plots it is said when the rate is of a part of the sockets only.
func TestRateTextAtLeast(t *testing.T) {
	var r rateSeries
	for i, test := range []struct {
		traffic table.Traffic
		want    string
	}{
		{table.Traffic{Received: 2000, Known: true}, "2.0 kB/s"},
		{table.Traffic{Received: 2000, Known: true, Least: true}, "≥ 2.0 kB/s"},
		{table.Traffic{Least: true}, "unknown"},
		{table.Traffic{Received: 2000, Known: true}, "2.0 kB/s"},
	} {
		r.add(plotted{}, test.traffic, noon.Add(time.Duration(i)*ratesStep))
		if got := rateText(r.in, r.least); got != test.want {
			t.Errorf("%+v reads %q, want %q", test.traffic, got, test.want)
		}
	}
}
