package history

import (
	"time"

	"portolan/internal/netstat"
	"portolan/internal/process"
)

// Step is the time that one point of a plot stands for.
const Step = 10 * time.Second

// Steps is the number of points.
const Steps = int(Keep / Step)

// Point sums up the outgoing connections of an app during one Step.
type Point struct {
	// Open is how many were open at the same time at most.
	Open           int
	Opened, Closed int
	// CloseWait is how many connections the app had not closed, at least, after the other side had:
	// those in CLOSE_WAIT, whichever side opened them.
	CloseWait int
}

// kind is what the sockets of an app are counted as.
type kind uint8

const (
	uncounted kind = iota
	outgoing
	incoming
	listening
	stuck // in CLOSE_WAIT
	kinds
)

// activity is what the sockets of one app have done lately.
type activity struct {
	of     *appInfo
	number uint16        // by which a life names it
	marked time.Duration // when something happened last
	series [kinds]*series
	minute *minute    // of the outgoing ones; nil when there were none
	leaves process.ID // the process that came last to leave connections in CLOSE_WAIT
}

// series is one kind of them, step by step.
type series struct {
	open   int   // now
	step   int64 // of the last point that was written
	points [Steps]point
}

// point has in open the most that there were at the same time in a step, and the least of those in CLOSE_WAIT.
type point struct{ open, opened, closed uint32 }

// activity gives that of an owner's app; nil when there are too many apps to follow each.
func (h *History) activity(p *process.Process) *activity {
	key := p.App.Key()
	a := h.apps[key]
	if a != nil || len(h.apps) >= maxApps {
		return a
	}
	a = &activity{of: h.infos.hold(key, p)}
	if n := len(h.free); n > 0 {
		a.number, h.free = h.free[n-1], h.free[:n-1]
	} else {
		h.numbered = append(h.numbered, nil)
		a.number = uint16(len(h.numbered) - 1)
	}
	h.apps[a.of.key], h.numbered[a.number] = a, a
	return a
}

// numberedBy gives the activity that a life counts for; nil for none.
func (h *History) numberedBy(l life) *activity {
	if l.app == 0 {
		return nil
	}
	return h.numbered[l.app]
}

// ofSide are the kinds of connections.
var ofSide = [...]kind{NoSide: uncounted, Outgoing: outgoing, Incoming: incoming}

// counts tells what a socket, opened from a side, counts as, and for which app.
func (h *History) counts(s *netstat.Socket, side Side) (kind, *activity) {
	p := owner(s)
	if p == nil {
		return uncounted, nil
	}
	var k kind
	switch {
	case s.State == netstat.CloseWait:
		k = stuck
	case s.State == netstat.TimeWait, hungUp(s): // it has ended
	case waits(s):
		k = listening
	default:
		k = ofSide[side]
	}
	if k == uncounted {
		return k, nil
	}
	a := h.activity(p)
	if a == nil {
		k = uncounted
	}
	return k, a
}

// seriesOf gives that of a kind, which something is about to happen to.
func (a *activity) seriesOf(k kind, now time.Duration) *series {
	x := a.series[k]
	if x == nil {
		x = &series{step: int64(now/Step) - 1}
		a.series[k] = x
	}
	if k == outgoing && a.minute == nil {
		a.minute = &minute{}
	}
	a.marked = now
	return x
}

// leftBy has the numbers of those in CLOSE_WAIT begin anew when none is left of one process, and another leaves some: the app
// was started again, and what the one before it left says nothing of it.
func (a *activity) leftBy(id process.ID) {
	if x := a.series[stuck]; x != nil && x.open == 0 && id != a.leaves {
		x.points = [Steps]point{}
	}
	a.leaves = id
}

// gain counts a socket more; known: it was opened just now.
func (a *activity) gain(k kind, now time.Duration, known bool) {
	x := a.seriesOf(k, now)
	p := x.at(now) // before the count changes: the steps until now had the old one
	x.open++
	if k != stuck {
		p.open = max(p.open, uint32(x.open))
	}
	if known {
		a.pass(k, Opened, now)
	}
}

func (a *activity) lose(k kind, now time.Duration) {
	x := a.seriesOf(k, now)
	p := x.at(now)
	x.open--
	if k == stuck {
		p.open = min(p.open, uint32(x.open))
	}
	a.pass(k, Closed, now)
}

// pass counts that one was opened or closed, and not whether it is open.
func (a *activity) pass(k kind, what What, now time.Duration) {
	p := a.seriesOf(k, now).at(now)
	if what == Opened {
		p.opened++
	} else {
		p.closed++
	}
	if k == outgoing {
		a.minute.add(what, now)
	}
}

// at gives the point of a moment. The steps in which nothing happened are filled in first.
func (x *series) at(now time.Duration) *point {
	step := int64(now / Step)
	for x.step < step {
		x.step = max(x.step, step-int64(Steps)) + 1
		x.points[x.step%int64(Steps)] = point{open: uint32(x.open)}
	}
	return &x.points[step%int64(Steps)]
}

// read gives the point of a step that is not before all that are kept, without writing what at would fill in: who
// looks may be ahead of what is recorded. x may be nil.
func (x *series) read(step int64) point {
	switch {
	case x == nil || step < 0 || step <= x.step-int64(Steps):
		return point{}
	case step > x.step:
		return point{open: uint32(x.open)}
	default:
		return x.points[step%int64(Steps)]
	}
}

// idle reports whether nothing of it is worth keeping.
func (x *series) idle(now time.Duration) bool {
	return x.open == 0 && x.step < int64((now-Keep)/Step)
}

// forget lets go of what has not been for long; it reports whether that is all.
func (a *activity) forget(now time.Duration) bool {
	left := 0
	for k, x := range a.series {
		switch {
		case x == nil:
		case x.idle(now):
			a.series[k] = nil
		default:
			left++
		}
	}
	if a.series[outgoing] == nil {
		a.minute = nil
	}
	return left == 0
}

// Activity gives the last ten minutes of an app's outgoing connections and of those in CLOSE_WAIT, by its
// app.App.Key, one Point a Step with the present one last. ok is false for an app that had neither.
func (h *History) Activity(key string, now time.Time) (points []Point, ok bool) {
	h.Look(func(s Sight) { points, ok = s.Activity(key, now) })
	return points, ok
}

func (h *History) activityOf(key string, now time.Time) (points []Point, ok bool) {
	a := h.apps[key]
	if a == nil || a.series[outgoing] == nil && a.series[stuck] == nil {
		return nil, false
	}
	step := int64(h.clock.now(now) / Step)
	points = make([]Point, Steps)
	for i := range points {
		of := step - int64(Steps-1-i)
		p := a.series[outgoing].read(of)
		points[i] = Point{Open: int(p.open), Opened: int(p.opened), Closed: int(p.closed), CloseWait: int(a.series[stuck].read(of).open)}
	}
	return points, true
}
