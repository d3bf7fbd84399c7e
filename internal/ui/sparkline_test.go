package ui

import (
	"slices"
	"testing"
	"time"

	"portolan/internal/netstat"
	"portolan/internal/table"
)

// TestRatesOfTheSelected: the pane plots how fast the selected row receives and sends, from when it was selected.
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
	if plot.Visible() {
		t.Error("a plot of one moment")
	}
	grow(5000)
	grow(50_000)
	if !plot.Visible() || plot.lines[0].word.Text != "Received 10.0 kB/s" || plot.lines[1].word.Text != "Sent 1.0 kB/s" {
		t.Errorf("visible %v, %q, %q", plot.Visible(), plot.lines[0].word.Text, plot.lines[1].word.Text)
	}
	if !slices.Equal(plot.series.in, []float64{1000, 10_000}) {
		t.Errorf("%v", plot.series.in)
	}
	l.selectPort(51001)
	if plot.Visible() {
		t.Error("the plot of another row stays")
	}
}

// TestSeries: counters that go back, stand still or were not there for long make no wrong rate, and memory is bounded.
func TestSeries(t *testing.T) {
	var r rateSeries
	row := table.Row{Key: table.Key{Socket: 1}, Socket: &netstat.Socket{ID: 1}}
	at := noon
	add := func(after time.Duration, received uint64) {
		at = at.Add(after)
		row.Socket.RxBytes = received
		r.add(&row, at)
	}
	add(0, 0)
	if r.known {
		t.Error("no counters are counters")
	}
	add(5*time.Second, 100)
	add(5*time.Second, 600)
	add(5*time.Second, 50)
	add(5*time.Second, 1050)
	if !slices.Equal(r.in, []float64{100, 100, 200}) {
		t.Errorf("%v", r.in)
	}
	add(-time.Hour, 5000)
	add(2*time.Hour, 6000)
	if len(r.in) != 0 {
		t.Errorf("after a long time: %v", r.in)
	}
	for i := range uint64(1000) {
		add(3*time.Second, 10_000+i)
	}
	if len(r.in) > int(ratesKept/ratesStep) {
		t.Errorf("%d values are kept", len(r.in))
	}
}
