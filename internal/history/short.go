package history

import (
	"net/netip"
	"time"

	"portolan/internal/netstat"
)

// Connections that are opened and closed between two looks are never seen. Some of them leave a trace: the side that
// closes first goes into TIME_WAIT, and a socket that is there when it is first seen was a connection before. Nobody knows whose,
// but the port of the service tells what for. So it is with what is first seen while it is being closed, when its process has let
// go of it. They are a lower bound: of what the other side closed first nothing is left.

// maxServices is how many services are told apart; the others are counted together, under 0.
const maxServices = 1 << 8

// shorts counts them.
type shorts struct {
	services map[uint16]*minute // by port
	all      series
	last     time.Duration // when the latest was counted; -1: none was
}

// ends are those of a TCP connection.
type ends struct{ local, remote netip.AddrPort }

// endings gives the connections that an update closes: some systems give a socket another ID when it goes into TIME_WAIT.
func endings(closed []netstat.Socket) map[ends]bool {
	all := make(map[ends]bool)
	for i := range closed {
		if s := &closed[i]; s.Protocol == netstat.TCP && s.State != netstat.TimeWait && s.Remote.IsValid() {
			all[ends{s.Local, s.Remote}] = true
		}
	}
	return all
}

// hungUp reports whether one end of a connection, or both, have closed it, and more is left of it than TIME_WAIT.
func hungUp(s *netstat.Socket) bool {
	switch s.State {
	case netstat.FinWait1, netstat.FinWait2, netstat.CloseWait, netstat.Closing, netstat.LastAck:
		return true
	case netstat.Closed:
		return s.Remote.IsValid()
	default:
		return false
	}
}

// missed counts a connection that was opened and has ended already when it is first seen: for its app, or where that
// is not known with those that were never seen open.
func (h *History) missed(s *netstat.Socket, side Side, now time.Duration) {
	k := ofSide[side]
	switch p := owner(s); {
	case k == uncounted:
	case p == nil:
		h.short(s, now)
	default:
		if a := h.activity(p); a != nil {
			a.pass(k, Opened, now)
			a.pass(k, Closed, now)
		}
	}
}

// short counts a connection that was first seen when nobody had it any more.
func (h *History) short(s *netstat.Socket, now time.Duration) {
	x := &h.shorts
	x.all.at(now).opened++
	h.shorts.last = now
	service := h.service(s)
	m := x.services[service]
	if m == nil && len(x.services) >= maxServices {
		service = 0
		m = x.services[0]
	}
	if m == nil {
		m = &minute{}
		x.services[service] = m
	}
	m.add(Opened, now)
}

// service is the port of what a connection was for: that of the other side, or ours when it came in.
func (h *History) service(s *netstat.Socket) uint16 {
	if h.side(s) == Incoming {
		return s.Local.Port()
	}
	return s.Remote.Port()
}

func (x *shorts) forget(now time.Duration) {
	for service, m := range x.services {
		if m.idle(now) {
			delete(x.services, service)
		}
	}
}
