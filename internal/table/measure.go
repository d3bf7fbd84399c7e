package table

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"portolan/internal/history"
	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
)

// measure counts what the gauges are made of, in one pass.
type measure struct {
	snapshot   *netstat.Snapshot
	rules      port.Rules
	thresholds Thresholds
	given      port.Range // where the system takes ports from
	offered    int        // how many these are; 0: none, or not known

	used      [2]portBits // ports of the range that are in use, by bitsOf
	inUse     [2]int      // how many
	bound     portBits    // those of TCP that somebody has bound without a connection: they are nobody else's, whatever the other end
	boundBy   int         // how many
	kept      portBits    // those that TIME_WAIT keeps
	keptCount int
	waits     int // connections in TIME_WAIT
	waitsHere int // those of them on ports of the range
	tcp       int // TCP sockets

	listeners int

	holders map[string]*holder
	byOwner map[*process.Process]*holder
	names   labels
	queued  []*netstat.Socket // listeners of which the limit is known
}

// holder is an app, and what it has.
type holder struct {
	key, name string      // Key.App; clean
	app       bool        // it is one, and not the kernel or somebody hidden
	on        [2][]uint16 // ports of the range, by bitsOf: once for each socket
	boundOn   []uint16    // those of the TCP sockets on them that are not connected
	ports     [2]int      // how many ports these are, as several sockets may share one
	bound     int
	closeWait int
	connected int // connections in ESTABLISHED or CLOSE_WAIT
}

func newMeasure(s *netstat.Snapshot, rules port.Rules, t Thresholds) *measure {
	t.LeakTime = min(max(t.LeakTime, history.Step), longestLeakTime)
	given := rules.Ephemeral.Given()
	m := &measure{snapshot: s, rules: rules, thresholds: t, given: given, offered: given.Count(),
		holders: make(map[string]*holder), byOwner: make(map[*process.Process]*holder), names: newLabels(rules.TimeWait)}
	for i := range s.Sockets {
		m.take(&s.Sockets[i])
	}
	var scratch portBits
	for _, h := range m.holders {
		h.ports = [2]int{scratch.distinct(h.on[0]), scratch.distinct(h.on[1])}
		h.bound = scratch.distinct(h.boundOn)
	}
	return m
}

// distinct counts how many ports there are. The set is empty, and left so.
func (b *portBits) distinct(ports []uint16) int {
	n := 0
	for _, p := range ports {
		if !b.has(p) {
			b.set(p)
			n++
		}
	}
	for _, p := range ports {
		b[p/64] = 0
	}
	return n
}

func (m *measure) take(s *netstat.Socket) {
	which, local := bitsOf(s.Protocol), s.Local.Port()
	offered := m.offered > 0 && m.given.Contains(local)
	bound := offered && which == 0 && !connected(s)
	count := func(b *portBits, n *int) {
		if !b.has(local) {
			b.set(local)
			*n++
		}
	}
	if offered {
		count(&m.used[which], &m.inUse[which])
	}
	if bound {
		count(&m.bound, &m.boundBy)
	}
	if which == 0 {
		m.tcp++
	}
	if s.State == netstat.Listen {
		m.listeners++
	}
	switch {
	case s.State == netstat.TimeWait:
		m.waits++
		if offered {
			m.waitsHere++
			count(&m.kept, &m.keptCount)
		}
	case s.State == netstat.Listen && s.QueueLimit > 0:
		m.queued = append(m.queued, s)
	}
	if !offered && s.State != netstat.CloseWait && s.State != netstat.Established {
		return
	}
	h := m.holder(s)
	if offered {
		h.on[which] = append(h.on[which], local)
	}
	if bound {
		h.boundOn = append(h.boundOn, local)
	}
	switch s.State {
	case netstat.CloseWait:
		h.closeWait++
		h.connected++
	case netstat.Established:
		h.connected++
	}
}

// holder gives whom the socket counts for: the app of its first owner.
func (m *measure) holder(s *netstat.Socket) *holder {
	o := firstOwner(s)
	if o != nil {
		if h := m.byOwner[o.Process]; h != nil {
			return h
		}
	}
	l := m.names.of(s, o)
	h := m.holders[l.group]
	if h == nil {
		h = &holder{key: l.group, app: o != nil, name: cmp.Or(l.app, l.process)}
		if o == nil {
			h.name = l.groupName
		}
		m.holders[l.group] = h
	}
	if o != nil {
		m.byOwner[o.Process] = h
	}
	return h
}

// most gives the holders with the most first, without those that have none.
func (m *measure) most(number func(*holder) int) []*holder {
	var all []*holder
	for _, h := range m.holders {
		if number(h) > 0 {
			all = append(all, h)
		}
	}
	slices.SortFunc(all, func(a, b *holder) int {
		return cmp.Or(cmp.Compare(number(b), number(a)), cmp.Compare(a.name, b.name), cmp.Compare(a.key, b.key))
	})
	return all
}

// rowKey is the key of a holder's row; the zero Key when it is no app.
func (h *holder) rowKey() Key {
	if !h.app {
		return Key{}
	}
	return Key{App: h.key}
}

// end is where TCP connections go: there each of our addresses can use each port once. remote alone is the same
// from all of them.
type end struct {
	local  netip.Addr
	remote netip.AddrPort
}

func endOf(s *netstat.Socket) end { return end{s.Local.Addr().Unmap(), unmapped(s.Remote)} }

func (e end) compare(o end) int {
	return cmp.Or(compareAddrPort(e.remote, o.remote), e.local.Compare(o.local))
}

// away reports whether the socket is a TCP connection from a port of the range that has nobody but connections.
func (m *measure) away(s *netstat.Socket) bool {
	return s.Protocol == netstat.TCP && connected(s) && m.given.Contains(s.Local.Port()) && !m.bound.has(s.Local.Port())
}

// fullest gives the ends with the most connections away of those that are wanted, the one with the most first; at most
// mostGauges.
func (m *measure) fullest(wanted func(*netstat.Socket) bool) (ends []end, counts map[end]int) {
	counts = map[end]int{}
	for i := range m.snapshot.Sockets {
		if s := &m.snapshot.Sockets[i]; m.away(s) && wanted(s) {
			counts[endOf(s)]++
		}
	}
	before := func(a, b end) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), a.compare(b)) }
	for e := range counts {
		at, _ := slices.BinarySearchFunc(ends, e, before)
		if at < mostGauges {
			ends = slices.Insert(ends, at, e)
			ends = ends[:min(len(ends), mostGauges)]
		}
	}
	return ends, counts
}

// perEnd is how many connections there can be to one end, from one address.
func (m *measure) perEnd() int { return m.offered - m.boundBy }

// mostGauges is how many of one kind are shown.
const mostGauges = 5

// offers reports whether there are ports to hand out, and says in the gauge why not.
func (m *measure) offers(g *Gauge) bool {
	switch {
	case m.offered > 0:
		return true
	case m.given.Known():
		g.Known = true
		g.Figures = append(g.Figures, Figure{language.T("ports to hand out"), language.T("none")}, m.rangeFigure())
	default:
		g.Figures = append(g.Figures, Figure{language.T("ports to hand out"), language.T("unknown")})
	}
	return false
}

// fill sets the share and the level.
func (m *measure) fill(g *Gauge, n, of int, yellow, red float64) {
	g.Share, g.Known = min(float64(n)/float64(of), 1), true
	g.Level = levelOf(g.Share, yellow, red)
}

func (m *measure) rangeFigures(g *Gauge) {
	g.figure(language.T("ports to hand out"), m.offered)
	g.Figures = append(g.Figures, m.rangeFigure())
}

func (m *measure) rangeFigure() Figure {
	return Figure{language.T("range"), fmt.Sprintf("%d-%d", m.given.First, m.given.Last)}
}

func (g *Gauge) figure(name string, n int) {
	g.Figures = append(g.Figures, Figure{name, fmt.Sprint(n)})
}

// judged says by what the level was found.
func (g *Gauge) judged(yellow, red string) {
	g.Figures = append(g.Figures, Figure{language.T("yellow from"), yellow}, Figure{language.T("red from"), red})
}

// mostBy names who has the most of so many: most of them only when it is more than half.
func mostBy(who string, n, of int) string {
	if 2*n > of {
		return language.F("most of them by %s (%d)", who, n)
	}
	return language.F("the most by %s (%d)", who, n)
}

// remedy says what to do about who uses up ports; bound: with listeners, or with UDP, of which nothing can be used again.
func remedy(h *holder, bound bool) string {
	kernel := h.key == kernelGroup
	switch {
	case kernel && bound:
		return language.T("They are the kernel's own; an administrator can see what for.")
	case kernel:
		return language.T("The kernel frees them by itself; who opens so many connections should keep them and use them again.")
	case !h.app:
		return language.T("An administrator can see who it is.")
	case bound:
		return language.F("Quit or restart %s, or have it close what it does not need.", h.name)
	default:
		return language.F("Quit or restart %s, or have it use its connections again.", h.name)
	}
}
