package table

import (
	"testing"
	"time"

	"portolan/internal/history"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
)

// rated is a past that knows the rates of all sockets of a snapshot.
func rated(b *testing.B, s *netstat.Snapshot) *history.History {
	past := history.New(history.Options{})
	past.CountRates(true)
	then := *s
	then.Taken = start
	past.Record(monitor.Update{Snapshot: &then})
	now := then
	now.Taken = then.Taken.Add(3 * time.Second)
	past.Record(monitor.Update{Snapshot: &now})
	if _, _, ok := past.Rate(s.Sockets[1].ID); !ok {
		b.Fatal("no rates")
	}
	return past
}

// BenchmarkRows is what happens at each refresh and each key typed, for ten
// thousand sockets: the aim is under 15 ms.
func BenchmarkRows(b *testing.B) {
	s := crowd(10_000)
	past := rated(b, s)
	for _, c := range []struct {
		name, query string
		view        View
	}{
		{name: "plain"},
		{name: "port", view: View{Sort: ColumnPort}},
		{name: "process", view: View{Sort: ColumnProcess, Descending: true}},
		{name: "remote", view: View{Sort: ColumnRemote}},
		{name: "remote,word", query: "process", view: View{Sort: ColumnRemote}},
		{name: "service,words", query: "alice !listen 10.0 state:est", view: View{Sort: ColumnService}},
		{name: "local,port", query: ":1024-40000", view: View{Sort: ColumnLocal}},
		{name: "apps", view: View{ByApp: true}},
		{name: "apps,count", view: View{ByApp: true, Sort: ColumnEstablished, Descending: true}},
		{name: "apps,all open", view: View{ByApp: true, Open: everything(s)}},
		{name: "apps,all open,remote", view: View{ByApp: true, Open: everything(s), Sort: ColumnRemote}},
		{name: "apps,all open,received", view: View{ByApp: true, Open: everything(s), Sort: ColumnReceived, Descending: true}},
		{name: "rates", view: View{Past: past}},
		{name: "rates,received", view: View{Past: past, Sort: ColumnReceivedRate, Descending: true}},
		{name: "apps,rates,received", view: View{Past: past, ByApp: true, Sort: ColumnReceivedRate, Descending: true}},
		{name: "apps,word,open", query: "10.0", view: View{ByApp: true, Sort: ColumnPort, Open: map[Key]bool{appKey("App 1"): true}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			c.view.Ephemeral = linuxRange
			var err error
			if c.view.Query, err = ParseQuery(c.query); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if len(Rows(s, c.view)) == 0 {
					b.Fatal("no rows")
				}
			}
		})
	}
}

// BenchmarkText is one screenful of cells.
func BenchmarkText(b *testing.B) {
	rows := Rows(crowd(30), View{Ephemeral: linuxRange})
	columns := Columns()
	b.ReportAllocs()
	for b.Loop() {
		for i := range rows {
			for _, c := range columns {
				c.Text(&rows[i])
			}
		}
	}
}
