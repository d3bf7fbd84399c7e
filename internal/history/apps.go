package history

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"portolan/internal/app"
)

// Tally counts sockets of one kind.
type Tally struct {
	// Now is how many are open. Opened and Closed are how many came and went, as far as the looks have seen them.
	Now, Opened, Closed int
}

// AppCount is what the sockets of an app have done.
type AppCount struct {
	App app.App
	// Outgoing and Incoming are connections: those that are being closed are no longer counted. Listening is what waits:
	// listeners, and UDP sockets that are not connected.
	Outgoing, Incoming, Listening Tally
}

// appsFrom gives the apps that have anything now or had since, in the order of their names. The Step in which since lies
// is told as a whole.
func (h *History) appsFrom(from, now time.Duration) []AppCount {
	type named struct {
		key string
		AppCount
	}
	var all []named
	for key, a := range h.apps {
		one := AppCount{App: a.of.app, Outgoing: a.series[outgoing].tally(from, now), Incoming: a.series[incoming].tally(from, now), Listening: a.series[listening].tally(from, now)}
		if one != (AppCount{App: one.App}) {
			all = append(all, named{key, one})
		}
	}
	slices.SortFunc(all, func(a, b named) int {
		return cmp.Or(strings.Compare(a.App.Name, b.App.Name), strings.Compare(a.key, b.key))
	})
	counts := make([]AppCount, len(all))
	for i := range all {
		counts[i] = all[i].AppCount
	}
	return counts
}

// tally sums up the steps from one moment to another. x may be nil.
func (x *series) tally(from, to time.Duration) Tally {
	if x == nil {
		return Tally{}
	}
	t := Tally{Now: x.open}
	last := int64(to / Step)
	for step := max(int64(from/Step), last-int64(Steps)+1, 0); step <= last; step++ {
		p := x.read(step)
		t.Opened += int(p.opened)
		t.Closed += int(p.closed)
	}
	return t
}
