package main

import (
	"fmt"
	"io"
	"testing"

	"portolan/internal/export"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/table"
)

// busy is a computer with 10,000 sockets.
func busy() *netstat.Snapshot {
	s := crowd(1000, 10999)
	for i := range s.Sockets {
		if i%3 == 0 {
			s.Sockets[i].State, s.Sockets[i].Remote = netstat.Established, at(fmt.Sprintf("192.0.2.1:%d", 1000+i))
		}
	}
	return s
}

func BenchmarkListText(b *testing.B) {
	s := busy()
	for b.Loop() {
		rowSheet(table.Rows(s, table.View{})).print(io.Discard, 120, true)
	}
}

func BenchmarkListJSON(b *testing.B) {
	s := busy()
	for b.Loop() {
		sockets := socketsOf(table.Rows(s, table.View{}))
		if err := export.WriteJSON(io.Discard, export.NewList(s, sockets, table.TakeCensus(s, port.Range{First: 32768, Last: 60999}, nil), "chart")); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLiveUpdate(b *testing.B) {
	l := newLiveTest(120, 40, busy())
	for b.Loop() {
		l.send(updateMsg{l.update, testRules})
	}
}

func BenchmarkLiveView(b *testing.B) {
	l := newLiveTest(120, 40, busy())
	for b.Loop() {
		l.View()
	}
}
