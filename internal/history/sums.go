package history

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"portolan/internal/app"
	"portolan/internal/netstat"
)

// Sum is what is left of many events when there are too many to keep each.
type Sum struct {
	// From and To are when the first and the last of them was noticed.
	From, To time.Time
	Protocol netstat.Protocol
	// Port is the one that says something: of a connection the lower of the two, else the local one.
	Port uint16
	// App and Process name whose sockets they were; both empty when nobody was known, or when even the sums became
	// too many and those of different apps were put together.
	App            app.App
	Process        string
	Opened, Closed int
}

// sumKey is what events are put together by.
type sumKey struct {
	app, process string
	port         uint16
	protocol     netstat.Protocol
}

type sum struct {
	app            app.App
	from, to       time.Duration
	opened, closed int
}

// sum adds an event to its sum.
func (h *History) sum(r *record) {
	key := sumKey{protocol: r.protocol, port: tellingPort(r)}
	var of app.App
	if r.process != nil {
		of = r.process.App
		key.app, key.process = of.Key(), r.process.Name
	}
	s := h.sums[key]
	if s == nil && len(h.sums) >= maxSums {
		key, of = sumKey{protocol: r.protocol}, app.App{}
		s = h.sums[key]
	}
	if s == nil {
		s = &sum{app: of, from: r.at}
		h.sums[key] = s
	}
	s.to = r.at
	if r.what == Opened {
		s.opened++
	} else {
		s.closed++
	}
}

// tellingPort is the port of a service more likely than the other: the lower one.
func tellingPort(r *record) uint16 {
	if !r.remote.IsValid() {
		return r.local.Port()
	}
	return min(r.local.Port(), r.remote.Port())
}

// Sums gives what is known in sums of the time from since on, in the order of apps and ports.
func (h *History) Sums(since time.Time) []Sum {
	h.mu.Lock()
	defer h.mu.Unlock()
	from := since.Sub(h.base)
	var all []Sum
	for key, s := range h.sums {
		if s.to >= from {
			all = append(all, Sum{From: h.time(s.from), To: h.time(s.to), Protocol: key.protocol, Port: key.port,
				App: s.app, Process: key.process, Opened: s.opened, Closed: s.closed})
		}
	}
	slices.SortFunc(all, func(a, b Sum) int {
		return cmp.Or(strings.Compare(a.App.Name, b.App.Name), strings.Compare(a.Process, b.Process),
			cmp.Compare(a.Port, b.Port), cmp.Compare(a.Protocol, b.Protocol), a.From.Compare(b.From))
	})
	return all
}
