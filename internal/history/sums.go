package history

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"portolan/internal/app"
	"portolan/internal/netstat"
)

// Sum is what is left of many events of one minute when there are too many to keep each. Those of sockets that waited are
// in none, as long as their Tenure is kept.
type Sum struct {
	// From and To are when the first and the last of them was noticed, within one minute.
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

// sumKey is what the events of a minute are put together by.
type sumKey struct {
	app, process string
	port         uint16
	protocol     netstat.Protocol
}

type sum struct {
	of             *appInfo // nil for nobody's
	from, to       time.Duration
	opened, closed uint32
}

// sums are those of one minute. They go all at once, so that what is told of the last five minutes never holds
// what was before them.
type sums struct {
	minute int64
	by     map[sumKey]sum
}

// sum adds an event to its sum, unless a tenure says it already. Events come in their order, so the minute is the last or a new one.
func (h *History) sum(r *record) {
	if r.waits() && r.at > h.tenures.lost {
		return
	}
	minute := int64(r.at / time.Minute)
	if n := len(h.sums); n == 0 || h.sums[n-1].minute != minute {
		h.sums = append(h.sums, sums{minute, map[sumKey]sum{}})
	}
	by := h.sums[len(h.sums)-1].by
	key := sumKey{protocol: r.protocol, port: tellingPort(r)}
	var of *appInfo
	if x := h.briefs.list[r.who]; x != nil {
		of, key.app, key.process = x.of, x.of.key, x.name
	}
	s, known := by[key]
	if !known && len(by) >= maxSums {
		key, of = sumKey{protocol: r.protocol}, nil
		s, known = by[key]
	}
	if !known {
		s = sum{of: of, from: r.at}
	}
	s.to = r.at
	if r.what == Opened {
		s.opened++
	} else {
		s.closed++
	}
	by[key] = s
}

// tellingPort is the port of a service more likely than the other: the lower one.
func tellingPort(r *record) uint16 {
	if !r.remote.IsValid() {
		return r.ports[0]
	}
	return min(r.ports[0], r.ports[1])
}

// dropSums forgets the minutes that ended before a moment.
func (h *History) dropSums(before time.Duration) {
	old := 0
	for old < len(h.sums) && time.Duration(h.sums[old].minute+1)*time.Minute <= before {
		old++
	}
	h.sums = slices.Delete(h.sums, 0, old)
}

// sumsFrom gives what is known in sums of the time from a moment on, the oldest minute first, each in the order of apps and
// ports. The minute in which the moment lies is told as a whole.
func (h *History) sumsFrom(from time.Duration) []Sum {
	var all []Sum
	for _, minute := range h.sums {
		start := len(all)
		for key, s := range minute.by {
			if s.to < from {
				continue
			}
			one := Sum{From: h.time(s.from), To: h.time(s.to), Protocol: key.protocol, Port: key.port,
				Process: key.process, Opened: int(s.opened), Closed: int(s.closed)}
			if s.of != nil {
				one.App = s.of.app
			}
			all = append(all, one)
		}
		slices.SortFunc(all[start:], func(a, b Sum) int {
			return cmp.Or(strings.Compare(a.App.Name, b.App.Name), strings.Compare(a.Process, b.Process),
				cmp.Compare(a.Port, b.Port), cmp.Compare(a.Protocol, b.Protocol), a.From.Compare(b.From))
		})
	}
	return all
}
