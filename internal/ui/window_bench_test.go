package ui

import (
	"fmt"
	"testing"

	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/table"
)

// busy is a snapshot of 10,000 sockets in ten processes.
func busy() *netstat.Snapshot {
	s := snapshot(0)
	for i := range 10_000 {
		s.Sockets = append(s.Sockets, connection(netstat.Established, fmt.Sprintf("10.0.%d.%d:%d", i/250, i%250+1, 1024+i),
			"151.101.1.140:443", newProcess(100+i%10, fmt.Sprintf("app%d", i%10), "alice", 501, node.App)))
	}
	return s
}

// BenchmarkApply is what one refresh costs on the UI thread.
func BenchmarkApply(b *testing.B) {
	s := newScene(b)
	s.window.Resize(screen)
	c := s.model.now
	c.update, c.known = monitor.Update{Snapshot: busy()}, true
	c.rows = table.Rows(c.update.Snapshot, c.view)
	c.counts = table.Count(c.update.Snapshot, c.view.Ephemeral)
	for b.Loop() {
		s.apply(c)
	}
}

// BenchmarkTurn is what one refresh costs off the UI thread, and on it.
func BenchmarkTurn(b *testing.B) {
	s := newScene(b)
	s.window.Resize(screen)
	s.model.now.update, s.model.now.known = monitor.Update{Snapshot: busy()}, true
	for b.Loop() {
		s.model.turn()
	}
}
