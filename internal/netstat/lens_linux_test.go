package netstat_test

import (
	"slices"
	"testing"
	"time"

	"portolan/internal/history"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/table"
)

// BenchmarkRefresh is one refresh of ten thousand sockets, from the kernel to the rows, as the window does it: without
// the lens and with it, one after the other in turn, so that what else the machine does meets both. It gives the median of the
// ratios, which must stay below 1.1:
//
//	CGO_ENABLED=0 go test ./internal/netstat -run '^$' -bench '^BenchmarkRefresh$' -benchtime 100x
//
// Without: the read, the counts of the status line and of the chips, and the rows of the flat table. With: the record of the
// past, the gauges, and the lens in place of the flat table. While bytes are counted they are for both, as the flat table's
// columns of rates have them counted too; "and counting" is the lens with these columns beside the flat table
// without: what the kernel takes for tcp_info, on top.
func BenchmarkRefresh(b *testing.B) {
	netstat.StartLoad(b, 20, 10_000)
	for _, c := range []struct {
		name          string
		lens          bool // in place of the flat table; else the gauges alone
		without, with bool // bytes are counted
		promised      float64
	}{
		{name: "lens", lens: true, promised: 1.1},
		{name: "lens, both counting", lens: true, without: true, with: true, promised: 1.1},
		{name: "gauges beside the flat table", promised: 1.1},
		{name: "lens and counting", lens: true, with: true},
	} {
		b.Run(c.name, func(b *testing.B) {
			without, with := newRefresher(b, c.without), newRefresher(b, c.with)
			with.gauges, with.lens = true, c.lens
			var ratios, base []float64
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				first, second := without, with
				if i%2 == 1 {
					first, second = with, without
				}
				first.refresh(b)
				second.refresh(b)
				ratios = append(ratios, with.took.Seconds()/without.took.Seconds())
				base = append(base, without.took.Seconds()*1000)
			}
			slices.Sort(ratios)
			slices.Sort(base)
			ratio := ratios[len(ratios)/2]
			b.ReportMetric(ratio, "with/without")
			b.ReportMetric(base[len(base)/2], "without-ms")
			b.ReportMetric(float64(with.outgoing), "outgoing")
			b.ReportMetric(0, "ns/op") // of both together it says nothing
			if c.promised > 0 && len(ratios) >= 50 && ratio > c.promised {
				b.Errorf("with the lens a refresh takes %.2f times as long as without, and at most %.2f is promised", ratio, c.promised)
			}
		})
	}
}

// refresher is a window as far as it costs time at each refresh.
type refresher struct {
	reader       *netstat.Reader
	past         *history.History
	rules        port.Rules
	lens, gauges bool
	took         time.Duration // of the last refresh
	outgoing     int           // connections in its lens
}

func newRefresher(b *testing.B, counting bool) *refresher {
	reader, err := netstat.Open()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { reader.Close() })
	reader.CountBytes(counting)
	live, err := port.NewLive()
	if err != nil {
		b.Fatal(err)
	}
	r := &refresher{reader: reader, rules: live.Rules(), past: history.New(history.Options{Side: table.SidesIn(live.Rules)})}
	r.past.CountRates(counting)
	r.refresh(b) // owners and buffers are there from the second on
	return r
}

func (r *refresher) refresh(b *testing.B) {
	began := time.Now()
	s, err := r.reader.Read(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if r.gauges || r.past.Begun().IsZero() {
		r.past.Record(monitor.Update{Snapshot: s})
	}
	view := table.View{Ephemeral: r.rules.Ephemeral, Lens: r.lens, Past: r.past, Census: table.TakeCensus(s, r.rules.Ephemeral, r.past)}
	table.Count(s, view.Census)
	if r.lens {
		r.outgoing = table.LensOf(s, view, r.rules, r.past, s.Taken).Connections
	} else {
		table.Rows(s, view)
	}
	table.CountFacets(s, view)
	if r.gauges {
		table.Gauges(s, r.rules, r.past, s.Taken, table.DefaultThresholds())
	}
	r.took = time.Since(began)
}
