package table

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"portolan/internal/history"
	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/process"
)

// measure counts what the gauges are made of, in one pass.
type measure struct {
	snapshot   *netstat.Snapshot
	facts      Facts
	thresholds Thresholds
	offered    int // how many ports the system may hand out; 0: not known

	used      [2]portBits // ports of the range that are in use, by bitsOf
	inUse     [2]int      // how many
	kept      portBits    // those of them that TIME_WAIT keeps
	keptCount int
	waits     int // connections in TIME_WAIT
	tcp       int // TCP sockets

	holders map[string]*holder
	byOwner map[*process.Process]*holder
	names   labels
	queued  []*netstat.Socket // listeners of which the limit is known
}

// holder is an app, and what it has.
type holder struct {
	key, name string // Key.App; clean
	app       bool   // it is one, and not the kernel or somebody hidden
	ports     [2]int // sockets on ports of the range, by bitsOf
	closeWait int
	connected int // connections in ESTABLISHED or CLOSE_WAIT
}

func newMeasure(s *netstat.Snapshot, facts Facts, t Thresholds) *measure {
	t.LeakTime = min(max(t.LeakTime, history.Step), longestLeakTime)
	m := &measure{snapshot: s, facts: facts, thresholds: t, offered: facts.Ephemeral.Count(),
		holders: make(map[string]*holder), byOwner: make(map[*process.Process]*holder), names: labels{made: make(map[labelKey]*label)}}
	for i := range s.Sockets {
		m.take(&s.Sockets[i])
	}
	return m
}

func (m *measure) take(s *netstat.Socket) {
	which, local := bitsOf(s.Protocol), s.Local.Port()
	offered := m.offered > 0 && m.facts.Ephemeral.Contains(local)
	if offered && !m.used[which].has(local) {
		m.used[which].set(local)
		m.inUse[which]++
	}
	if which == 0 {
		m.tcp++
	}
	switch s.State {
	case netstat.TimeWait:
		m.waits++
		if offered && !m.kept.has(local) {
			m.kept.set(local)
			m.keptCount++
		}
	case netstat.Listen:
		if s.QueueLimit > 0 {
			m.queued = append(m.queued, s)
		}
	}
	if !offered && s.State != netstat.CloseWait && s.State != netstat.Established {
		return
	}
	h := m.holder(s)
	if offered {
		h.ports[which]++
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

// named is how many holders are among the figures.
const named = 3

// ports measures how much of the range a protocol uses.
func (m *measure) ports(p netstat.Protocol) Gauge {
	g := Gauge{ID: GaugeTCPPorts, Name: language.T("Ephemeral ports, TCP"), Topic: "ephemeral"}
	if p == netstat.UDP {
		g.ID, g.Name = GaugeUDPPorts, language.T("Ephemeral ports, UDP")
	}
	which := bitsOf(p)
	used := m.inUse[which]
	if !m.offers(&g) {
		return g
	}
	m.fill(&g, used, m.thresholds.PortsYellow, m.thresholds.PortsRed)
	g.figure(language.T("in use"), used)
	m.rangeFigures(&g)
	top := m.most(func(h *holder) int { return h.ports[which] })
	for _, h := range top[:min(len(top), named)] {
		g.figure(h.name, h.ports[which])
	}
	if g.Level == Green || len(top) == 0 {
		return g
	}
	g.Key = top[0].rowKey()
	g.Sentence = language.F("%d of the %d ports that the system hands out are in use, most of them by %s (%d); with none left, new connections fail.",
		used, m.offered, top[0].name, top[0].ports[which]) + " " + m.remedy(top[0])
	return g
}

// offers reports whether it is known how many ports there are, and says so in the gauge if not.
func (m *measure) offers(g *Gauge) bool {
	if m.offered == 0 {
		g.Figures = append(g.Figures, Figure{language.T("ports to hand out"), language.T("unknown")})
		return false
	}
	return true
}

// fill sets the share and the level.
func (m *measure) fill(g *Gauge, n int, yellow, red float64) {
	g.Share, g.Known = min(float64(n)/float64(m.offered), 1), true
	g.Level = levelOf(g.Share, yellow, red)
}

func (m *measure) rangeFigures(g *Gauge) {
	g.figure(language.T("ports to hand out"), m.offered)
	r := m.facts.Ephemeral
	g.Figures = append(g.Figures, Figure{language.T("range"), fmt.Sprintf("%d-%d", r.First, r.Last)})
}

func (g *Gauge) figure(name string, n int) {
	g.Figures = append(g.Figures, Figure{name, fmt.Sprint(n)})
}

// remedy says what to do about who uses up ports.
func (m *measure) remedy(h *holder) string {
	switch {
	case h.key == kernelGroup:
		return language.T("The kernel frees them by itself; who opens so many connections should keep them and use them again.")
	case !h.app:
		return language.T("An administrator can see who it is.")
	default:
		return language.F("Quit or restart %s, or have it use its connections again.", h.name)
	}
}

// timeWait measures how much of the range closed connections keep.
func (m *measure) timeWait(past *history.History, now time.Time) Gauge {
	g := Gauge{ID: GaugeTimeWait, Name: netstat.TimeWait.String(), Topic: "TIME_WAIT", Key: Key{App: timeWaitGroup}}
	g.figure(language.T("connections"), m.waits)
	if !m.offers(&g) {
		return g
	}
	m.fill(&g, m.keptCount, m.thresholds.TimeWaitYellow, m.thresholds.TimeWaitRed)
	g.figure(language.T("ports kept by them"), m.keptCount)
	m.rangeFigures(&g)
	if m.tcp > 0 {
		g.Figures = append(g.Figures, Figure{language.T("share of the TCP sockets"), percent(float64(m.waits) / float64(m.tcp))})
	}
	if m.facts.TimeWait > 0 {
		g.Figures = append(g.Figures, Figure{language.T("waiting time"), fmt.Sprintf("%d s", int(m.facts.TimeWait.Round(time.Second).Seconds()))})
	}
	if g.Level == Green {
		return g
	}
	end, n := m.busiest(func(s *netstat.Socket) bool { return s.State == netstat.TimeWait })
	g.Sentence = language.F("%d closed connections keep %s of the ports that the system hands out, most of them to %s (%d).", m.waits, percent(g.Share), end, n)
	if who, closed := m.closes(past, now); who != nil {
		g.Figures = append(g.Figures, Figure{language.F("closed by %s in a minute", who.name), fmt.Sprint(closed)})
		g.Sentence += " " + language.F("%s opens and closes the most.", who.name)
	}
	g.Sentence += " " + language.T("They clear by themselves; who opens a connection for each request should keep it and use it again.")
	return g
}

// closes gives the app that closed the most connections in the last minute; nil when none is known to have.
func (m *measure) closes(past *history.History, now time.Time) (who *holder, closed int) {
	if past == nil {
		return nil, 0
	}
	past.Look(func(sight history.Sight) {
		for _, h := range m.most(func(h *holder) int { return h.connected + h.ports[0] }) {
			if _, n, _ := sight.LastMinute(h.key, now); n > closed {
				who, closed = h, n
			}
		}
	})
	return who, closed
}

// busiest gives the remote end that most of the TCP connections from the range go to.
func (m *measure) busiest(wanted func(*netstat.Socket) bool) (end string, n int) {
	counts := map[netip.AddrPort]int{}
	var most netip.AddrPort
	for i := range m.snapshot.Sockets {
		s := &m.snapshot.Sockets[i]
		if s.Protocol != netstat.TCP || !connected(s) || !m.facts.Ephemeral.Contains(s.Local.Port()) || !wanted(s) {
			continue
		}
		remote := unmapped(s.Remote)
		counts[remote]++
		if c := counts[remote]; c > n || c == n && compareAddrPort(remote, most) < 0 {
			most, n = remote, c
		}
	}
	return string(appendAddrPort(nil, most)), n
}

// remotes measures the remote end that uses up most of the range, when it is much: for each end every
// port can be used once.
func (m *measure) remotes() []Gauge {
	if m.offered == 0 || float64(m.tcp) < m.thresholds.PortsYellow*float64(m.offered) {
		return nil // however they are spread, it is too little
	}
	end, n := m.busiest(func(s *netstat.Socket) bool { return s.State != netstat.Listen })
	g := Gauge{ID: GaugeRemote, Name: language.F("Connections to %s", end), Topic: "ephemeral"}
	if m.fill(&g, n, m.thresholds.PortsYellow, m.thresholds.PortsRed); g.Level == Green {
		return nil
	}
	g.figure(language.T("connections"), n)
	m.rangeFigures(&g)
	top := m.most(func(h *holder) int { return h.ports[0] }) // not empty: there are connections
	g.Key = top[0].rowKey()
	g.Sentence = language.F("%d of %d possible connections to %s are in use, most of the ports by %s; with none left, this one address can be connected to no more.",
		n, m.offered, end, top[0].name) + " " + m.remedy(top[0])
	return []Gauge{g}
}

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
	if len(gauges) == 0 {
		return []Gauge{{ID: GaugeQueue, Name: language.T("Queues of the listeners"), Topic: "backlog"}}
	}
	return gauges
}

// mostGauges is how many of one kind are shown.
const mostGauges = 5

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
	switch g.Level {
	case Yellow:
		g.Sentence = language.F("%s is slow to accept connections on TCP port %d: %d wait, and %d may. With more, the system turns away who comes.",
			name, s.Local.Port(), s.Queue, s.QueueLimit)
	case Red:
		g.Sentence = language.F("%s does not accept connections on TCP port %d: %d wait, no more may, and the system turns away who comes. If it does not catch up, restart it.",
			name, s.Local.Port(), s.Queue)
	}
}
