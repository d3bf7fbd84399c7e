package table

import (
	"fmt"
	"net/netip"
	"time"

	"portolan/internal/history"
	"portolan/internal/language"
	"portolan/internal/netstat"
)

// timeWait measures how much of the range closed connections keep.
func (m *measure) timeWait(past *history.History, now time.Time) Gauge {
	g := Gauge{ID: GaugeTimeWait, Name: netstat.TimeWait.String(), Topic: "TIME_WAIT", Key: Key{App: timeWaitGroup}}
	g.figure(language.T("connections"), m.waits)
	if !m.offers(&g) {
		return g
	}
	t := m.thresholds
	m.fill(&g, m.keptCount, m.offered, t.TimeWaitYellow, t.TimeWaitRed)
	red := percent(t.TimeWaitRed)
	if m.rules.PerEnd {
		g.Level = m.waitLevel(g.Level)
		red = language.F("%s to one server", red)
	}
	g.figure(language.T("ports kept by them"), m.keptCount)
	m.rangeFigures(&g)
	if m.tcp > 0 {
		g.Figures = append(g.Figures, Figure{language.T("share of the TCP sockets"), percent(float64(m.waits) / float64(m.tcp))})
	}
	if m.rules.TimeWait > 0 {
		g.Figures = append(g.Figures, Figure{language.T("waiting time"), fmt.Sprintf("%d s", int(m.rules.TimeWait.Round(time.Second).Seconds()))})
	}
	if g.Level > Green {
		m.waitSentences(&g, past, now)
	}
	g.judged(percent(t.TimeWaitYellow), red)
	return g
}

// waitLevel is Red only where it is the same end that the ports are kept for: for others they can be used.
func (m *measure) waitLevel(level Level) Level {
	if level < Red || m.perEnd() <= 0 {
		return min(level, Yellow)
	}
	ends, counts := m.fullest(inTimeWait)
	if len(ends) > 0 && float64(counts[ends[0]])/float64(m.perEnd()) >= m.thresholds.TimeWaitRed {
		return Red
	}
	return Yellow
}

func inTimeWait(s *netstat.Socket) bool { return s.State == netstat.TimeWait }

// waitSentences say where the connections went, who had them as far as that is known, and what to do.
func (m *measure) waitSentences(g *Gauge, past *history.History, now time.Time) {
	to, n := m.busiest()
	g.Sentence = language.N("%d closed connection keeps %s of the ports that the system hands out, %s.", "%d closed connections keep %s of the ports that the system hands out, %s.",
		m.waitsHere, percent(g.Share), mostTo(to, n, m.waitsHere)) + " "
	open := m.openTo(to)
	there := leader(open)
	server := m.listensAt(to)
	switch who, closed := m.closer(open, past, now, to, n); {
	case who != nil:
		g.Figures = append(g.Figures, Figure{language.F("closed by %s in a minute", who.name), fmt.Sprint(closed)})
		g.Sentence += language.F("%s opens and closes the most.", who.name)
	case there != nil:
		g.Figures = append(g.Figures, Figure{language.F("of %s, still open there", there.name), fmt.Sprint(open[there])})
		g.Sentence += language.F("Of what is still open there most is of %s.", there.name)
	case server != "":
		g.Sentence += language.F("%s listens there; whose connections they were is not known any more.", server)
	default:
		g.Sentence += language.T("Whose they were is not known any more.")
	}
	g.Sentence += " " + language.T("They clear by themselves; who opens a connection for each request should keep it and use it again.")
}

// mostTo is mostBy for where connections went.
func mostTo(to netip.AddrPort, n, of int) string {
	where := string(appendAddrPort(nil, to))
	if 2*n > of {
		return language.F("most of them to %s (%d)", where, n)
	}
	return language.F("the most to %s (%d)", where, n)
}

// closer gives who closed the n connections that are kept to a remote end, of those that still have some open there; nil
// when nobody is known to. It closed at least half as many in the last minute, which is about as long as they are kept, and
// more than were never seen: one that closes a few, wherever they went, is not to blame for what somebody unseen does. Nor is
// anybody when most of them were never seen open.
func (m *measure) closer(open map[*holder]int, past *history.History, now time.Time, to netip.AddrPort, n int) (who *holder, closed int) {
	if past == nil || len(open) == 0 {
		return nil, 0
	}
	past.Look(func(sight history.Sight) {
		if 2*m.unseen(sight, now, to) > n {
			return
		}
		least := max((n+1)/2, sight.Short(to.Port(), now)+1)
		for h := range open {
			if _, c, _ := sight.LastMinute(h.key, now); c >= least && (c > closed || c == closed && h.key < who.key) {
				who, closed = h, c
			}
		}
	})
	return who, closed
}

// unseen counts the connections that are kept to a remote end and were opened and closed between two looks.
func (m *measure) unseen(sight history.Sight, now time.Time, to netip.AddrPort) int {
	n := 0
	for i := range m.snapshot.Sockets {
		if s := &m.snapshot.Sockets[i]; m.keeps(s) && unmapped(s.Remote) == to && sight.WasShort(s.ID, now) {
			n++
		}
	}
	return n
}

// keeps reports whether a closed connection keeps a port of the range.
func (m *measure) keeps(s *netstat.Socket) bool {
	return s.State == netstat.TimeWait && m.given.Contains(s.Local.Port())
}

// busiest gives the remote end that most of the closed connections from the range went to, from whichever address.
func (m *measure) busiest() (most netip.AddrPort, n int) {
	counts := map[netip.AddrPort]int{}
	for i := range m.snapshot.Sockets {
		s := &m.snapshot.Sockets[i]
		if !m.keeps(s) {
			continue
		}
		remote := unmapped(s.Remote)
		counts[remote]++
		if c := counts[remote]; c > n || c == n && compareAddrPort(remote, most) < 0 {
			most, n = remote, c
		}
	}
	return most, n
}

// openTo counts the connections from the range that stand to a remote end by the app that has them.
func (m *measure) openTo(to netip.AddrPort) map[*holder]int {
	open := map[*holder]int{}
	for i := range m.snapshot.Sockets {
		s := &m.snapshot.Sockets[i]
		if s.Protocol == netstat.TCP && len(s.Owners) > 0 && m.given.Contains(s.Local.Port()) && unmapped(s.Remote) == to {
			open[m.holder(s)]++
		}
	}
	return open
}

// leader gives who has the most; nil when nobody has any.
func leader(counts map[*holder]int) (who *holder) {
	for h, n := range counts {
		if who == nil || n > counts[who] || n == counts[who] && h.key < who.key {
			who = h
		}
	}
	return who
}

// listensAt names who listens at an end, if that is on this computer: a connection from here to itself, and back, has
// the end among its local addresses. "" when nobody is known to.
func (m *measure) listensAt(to netip.AddrPort) string {
	here := to.Addr().IsLoopback()
	var listener *netstat.Socket
	for i := range m.snapshot.Sockets {
		s := &m.snapshot.Sockets[i]
		if s.Protocol != netstat.TCP {
			continue
		}
		here = here || bare(s.Local.Addr()) == bare(to.Addr())
		if at := bare(s.Local.Addr()); s.State == netstat.Listen && s.Local.Port() == to.Port() && len(s.Owners) > 0 &&
			(at == bare(to.Addr()) || at.IsUnspecified() && (at.Is4() == bare(to.Addr()).Is4() || s.DualStack)) {
			listener = s
		}
	}
	if !here || listener == nil {
		return ""
	}
	return m.holder(listener).name
}
