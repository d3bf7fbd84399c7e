package table

import (
	"cmp"
	"fmt"
	"slices"

	"portolan/internal/language"
	"portolan/internal/netstat"
)

// queues measures the listeners with the fullest queues: all that matter, or else one.
func (m *measure) queues() []Gauge {
	share := func(s *netstat.Socket) float64 { return min(float64(s.Queue)/float64(s.QueueLimit), 1) }
	slices.SortStableFunc(m.queued, func(a, b *netstat.Socket) int { return cmp.Compare(share(b), share(a)) })
	var gauges []Gauge
	for _, s := range m.queued {
		g := Gauge{ID: GaugeQueue, Name: language.F("Queue of port %d", s.Local.Port()), Share: share(s), Known: true, Topic: "backlog",
			Key: Key{Socket: s.ID}, Level: levelOf(share(s), m.thresholds.QueueYellow, m.thresholds.QueueRed)}
		if g.Level == Green && len(gauges) > 0 || len(gauges) == mostGauges {
			break
		}
		m.queue(&g, s)
		gauges = append(gauges, g)
	}
	if len(gauges) > 0 {
		return gauges
	}
	g := Gauge{ID: GaugeQueue, Name: language.T("Queues of the listeners"), Topic: "backlog"}
	if m.listeners == 0 && m.snapshot.Hidden.Sockets == 0 {
		g.Known = true
		g.Figures = []Figure{{language.T("listeners"), language.T("none")}}
	}
	return []Gauge{g}
}

func (m *measure) queue(g *Gauge, s *netstat.Socket) {
	o := firstOwner(s)
	name := m.names.of(s, o).process
	if o != nil {
		g.Key.Process = o.Process.ID
		name = fmt.Sprintf("%s (PID %d)", nameOf(o.Process), o.Process.PID)
	}
	g.figure(language.T("wait to be accepted"), int(s.Queue))
	g.figure(language.T("may wait"), int(s.QueueLimit))
	g.Figures = append(g.Figures, Figure{language.T("listens"), Endpoint(s)})
	g.judged(percent(m.thresholds.QueueYellow), percent(m.thresholds.QueueRed))
	switch full := s.Queue >= s.QueueLimit; {
	case g.Level == Green:
	case full:
		g.Sentence = language.F("%s does not accept connections on TCP port %d: %d wait, no more may, and the system turns away who comes. If it does not catch up, restart it.",
			name, s.Local.Port(), s.Queue)
	default:
		g.Sentence = language.F("%s is slow to accept connections on TCP port %d: %d wait, and %d may. With more, the system turns away who comes. If it stays so, restart it, or have it accept with more workers.",
			name, s.Local.Port(), s.Queue, s.QueueLimit)
	}
}
