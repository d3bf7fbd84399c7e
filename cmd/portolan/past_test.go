package main

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"portolan/internal/history"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
)

// TestAnswersThePast: other programs of this user get the events since the time that they ask for.
func TestAnswersThePast(t *testing.T) {
	past := history.New(history.Options{})
	began := time.Now()
	past.Record(monitor.Update{Snapshot: &netstat.Snapshot{Taken: began}})
	opened := netstat.Socket{ID: 1, Protocol: netstat.TCP, State: netstat.Listen, Local: netip.MustParseAddrPort("127.0.0.1:3000")}
	past.Record(monitor.Update{Snapshot: &netstat.Snapshot{Taken: began.Add(time.Millisecond), Sockets: []netstat.Socket{opened}}, Opened: []netstat.Socket{opened}})
	answer := (&lifetime{past: past}).answers()[history.Word]
	var text bytes.Buffer
	if err := answer(&text, "60"); err != nil {
		t.Fatal(err)
	}
	r, err := history.ReadReport(text.Bytes())
	if err != nil || len(r.Events) != 1 || r.Events[0].Socket.Local != opened.Local || len(r.Tenures) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	if err := answer(&text, "soon"); err == nil {
		t.Error("a time that is none is answered")
	}
}
