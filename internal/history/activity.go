package history

import (
	"time"

	"portolan/internal/netstat"
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

// activity is what the connections of one app have done lately: the outgoing ones, and those in CLOSE_WAIT.
type activity struct {
	open   int           // outgoing ones, now
	stuck  int           // in CLOSE_WAIT, now
	marked time.Duration // when something happened last
	step   int64         // of the last point that was written
	points [Steps]point  // by step, round and round
}

type point struct{ Open, Opened, Closed, stuck uint32 }

// activity gives that of an app; nil when there are too many apps to follow each.
func (h *History) activity(key string) *activity {
	a := h.apps[key]
	if a == nil && len(h.apps) < maxApps {
		a = &activity{}
		h.apps[key] = a
	}
	return a
}

// at gives the point of a moment. The steps in which nothing happened are filled in first.
func (a *activity) at(now time.Duration) *point {
	step := int64(now / Step)
	for a.step < step {
		if step-a.step > int64(Steps) {
			a.step = step - int64(Steps)
		}
		a.step++
		a.points[a.step%int64(Steps)] = point{Open: uint32(a.open), stuck: uint32(a.stuck)}
	}
	return &a.points[step%int64(Steps)]
}

// gain counts a connection more; known: it was opened just now.
func (a *activity) gain(now time.Duration, known bool) {
	p := a.at(now) // before the count changes: the steps until now had the old one
	a.open++
	p.Open = max(p.Open, uint32(a.open))
	if known {
		p.Opened++
	}
	a.marked = now
}

func (a *activity) lose(now time.Duration) {
	a.at(now).Closed++
	a.open--
	a.marked = now
}

// stick counts a socket among those in CLOSE_WAIT of its app, or no more.
func (h *History) stick(s *netstat.Socket, now time.Duration) {
	if s.State != netstat.CloseWait {
		h.unstick(s.ID, now)
		return
	}
	p := owner(s)
	if h.stuck[s.ID] != nil || p == nil || len(h.stuck) >= maxStuck {
		return
	}
	if a := h.activity(p.App.Key()); a != nil {
		a.at(now)
		a.stuck++
		a.marked = now
		h.stuck[s.ID] = a
	}
}

func (h *History) unstick(id uint64, now time.Duration) {
	a := h.stuck[id]
	if a == nil {
		return
	}
	p := a.at(now)
	a.stuck--
	a.marked = now
	p.stuck = min(p.stuck, uint32(a.stuck))
	delete(h.stuck, id)
}

// Activity gives the last ten minutes of an app's outgoing connections and of those in CLOSE_WAIT, by its
// app.App.Key, one Point a Step with the present one last. ok is false for an app that had neither.
func (h *History) Activity(key string, now time.Time) (points []Point, ok bool) {
	h.Look(func(s Sight) { points, ok = s.Activity(key, now) })
	return points, ok
}

func (h *History) activityOf(key string, now time.Time) (points []Point, ok bool) {
	a := h.apps[key]
	if a == nil {
		return nil, false
	}
	at := max(h.last, now.Sub(h.base))
	a.at(at)
	step := int64(at / Step)
	points = make([]Point, Steps)
	for i := range points {
		of := step - int64(Steps-1-i)
		if of < 0 {
			continue
		}
		p := a.points[of%int64(Steps)]
		points[i] = Point{Open: int(p.Open), Opened: int(p.Opened), Closed: int(p.Closed), CloseWait: int(p.stuck)}
	}
	return points, true
}
