package table

import (
	"cmp"
	"maps"
	"slices"

	"portolan/internal/language"
	"portolan/internal/netstat"
)

// named is how many holders are among the figures.
const named = 3

// ports measures how much of the range a protocol uses.
func (m *measure) ports(p netstat.Protocol) Gauge {
	g := Gauge{ID: GaugeTCPPorts, Name: language.T("Ephemeral ports, TCP"), Topic: "ephemeral"}
	if p == netstat.UDP {
		g.ID, g.Name = GaugeUDPPorts, language.T("Ephemeral ports, UDP")
	}
	which, t := bitsOf(p), m.thresholds
	if !m.offers(&g) {
		if g.Known { // all that there are is kept out of it
			g.Share, g.Level = 1, Red
			g.Sentence = language.T("The system has no port to hand out, as all of its range is reserved: who does not ask for a certain port gets none, and new connections fail. An administrator can take ports out of those that are reserved.")
		}
		return g
	}
	used := m.inUse[which]
	m.fill(&g, used, m.offered, t.PortsYellow, t.PortsRed)
	g.figure(language.T("in use"), used)
	shared := p == netstat.TCP && m.rules.PerEnd
	red := percent(t.PortsRed)
	if shared {
		g.Level = max(min(g.Level, Yellow), m.boundLevel())
		g.figure(language.T("of these listened on"), m.boundBy)
		red = language.F("%s listened on", red)
	}
	m.rangeFigures(&g)
	top := m.most(func(h *holder) int { return h.ports[which] })
	for _, h := range top[:min(len(top), named)] {
		g.figure(h.name, h.ports[which])
	}
	g.judged(percent(t.PortsYellow), red)
	if g.Level > Green && len(top) > 0 {
		m.portsSentence(&g, p, used, shared, top)
	}
	return g
}

// boundLevel is Red when most of the range is bound: then connections fail, wherever they go.
func (m *measure) boundLevel() Level {
	if float64(m.boundBy)/float64(m.offered) >= m.thresholds.PortsRed {
		return Red
	}
	return Green
}

// portsSentence says what will not work any more once all ports are in use. top are who has the most of them.
func (m *measure) portsSentence(g *Gauge, p netstat.Protocol, used int, shared bool, top []*holder) {
	who := top[0]
	most := mostBy(who.name, who.ports[bitsOf(p)], used)
	bound := p == netstat.UDP || 2*who.bound > who.ports[0]
	switch {
	case p == netstat.UDP:
		g.Sentence = language.F("%d of the %d ports that the system hands out are in use, %s; with none left, a program that needs a UDP port gets none.",
			used, m.offered, most)
	case shared && g.Level == Red:
		who, bound = m.most(func(h *holder) int { return h.bound })[0], true
		g.Sentence = language.F("Programs listen on %d of the %d ports that the system hands out, %s; with none left, new connections fail.",
			m.boundBy, m.offered, mostBound(who, m.boundBy))
	case shared:
		g.Sentence = language.F("%d of the %d ports that the system hands out are in use, %s. Connections to other servers still find one, but with none left a program that listens on any free port gets none.",
			used, m.offered, most)
	default:
		g.Sentence = language.F("%d of the %d ports that the system hands out are in use, %s; with none left, new connections fail.",
			used, m.offered, most)
	}
	g.Key = who.rowKey()
	g.Sentence += " " + remedy(who, bound)
}

// mostBound is mostBy for who listens.
func mostBound(who *holder, of int) string {
	if 2*who.bound > of {
		return language.F("most of them %s (%d)", who.name, who.bound)
	}
	return language.F("the most %s (%d)", who.name, who.bound)
}

// remotes measures the ends to which much of the range is used up, where a port can be used once for each of them. Where a
// port is nobody else's anyway the whole range tells as much.
func (m *measure) remotes() []Gauge {
	t, most := m.thresholds, m.perEnd()
	if !m.rules.PerEnd || most <= 0 || float64(m.tcp) < t.PortsYellow*float64(most) {
		return nil // however they are spread, it is too little
	}
	ends, counts := m.fullest(func(*netstat.Socket) bool { return true })
	var full []end
	for _, e := range ends {
		if levelOf(float64(counts[e])/float64(most), t.PortsYellow, t.PortsRed) > Green {
			full = append(full, e)
		}
	}
	var gauges []Gauge
	held := m.heldTo(full)
	for _, e := range full {
		gauges = append(gauges, m.remote(e, counts[e], held[e]))
	}
	return gauges
}

// heldTo counts the connections to each end by who has them.
func (m *measure) heldTo(ends []end) map[end]map[*holder]int {
	held := map[end]map[*holder]int{}
	for _, e := range ends {
		held[e] = map[*holder]int{}
	}
	for i := range m.snapshot.Sockets {
		if s := &m.snapshot.Sockets[i]; len(ends) > 0 && m.away(s) {
			if of := held[endOf(s)]; of != nil {
				of[m.holder(s)]++
			}
		}
	}
	return held
}

// remote is the gauge of one end with n connections; held says how many each holder has, at least one.
func (m *measure) remote(e end, n int, held map[*holder]int) Gauge {
	to, t := string(appendAddrPort(nil, e.remote)), m.thresholds
	g := Gauge{ID: GaugeRemote, Name: language.F("Connections to %s", to), Topic: "ephemeral"}
	m.fill(&g, n, m.perEnd(), t.PortsYellow, t.PortsRed)
	g.figure(language.T("connections"), n)
	g.Figures = append(g.Figures, Figure{language.T("from"), addressText(e.local)})
	m.rangeFigures(&g)
	top := slices.SortedFunc(maps.Keys(held), func(a, b *holder) int {
		return cmp.Or(cmp.Compare(held[b], held[a]), cmp.Compare(a.name, b.name), cmp.Compare(a.key, b.key))
	})
	for _, h := range top[:min(len(top), named)] {
		g.figure(h.name, held[h])
	}
	g.judged(percent(t.PortsYellow), percent(t.PortsRed))
	g.Key = top[0].rowKey()
	g.Sentence = language.F("%d of %d possible connections from %s to %s are in use, %s; with none left, no other can be opened.",
		n, m.perEnd(), addressText(e.local), to, mostBy(top[0].name, held[top[0]], n)) + " " + remedy(top[0], false)
	return g
}
