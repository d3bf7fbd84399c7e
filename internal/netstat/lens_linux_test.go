package netstat_test

import (
	"testing"

	"portolan/internal/history"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/table"
)

// BenchmarkRefresh is one refresh of ten thousand sockets, from the kernel to the rows: with the flat table, and
// with the lens and the gauges in addition.
func BenchmarkRefresh(b *testing.B) {
	netstat.StartLoad(b, 20, 10_000)
	reader, err := netstat.Open()
	if err != nil {
		b.Fatal(err)
	}
	defer reader.Close()
	ephemeral, err := port.EphemeralRange()
	if err != nil {
		b.Fatal(err)
	}
	past := history.New(history.Options{Side: table.SidesIn(ephemeral)})
	facts := table.Facts{Ephemeral: ephemeral}
	for _, c := range []struct {
		name string
		lens bool
	}{{"without the lens", false}, {"with the lens", true}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s, err := reader.Read(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				past.Record(monitor.Update{Snapshot: s})
				table.Rows(s, table.View{Ephemeral: ephemeral})
				if c.lens {
					table.LensOf(s, table.View{}, facts, past, s.Taken)
					table.Gauges(s, facts, past, s.Taken, table.DefaultThresholds())
				}
			}
		})
	}
}
