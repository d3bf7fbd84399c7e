package history

import "time"

// Step is the time that one point of a plot stands for.
const Step = 10 * time.Second

// Steps is the number of points.
const Steps = int(Keep / Step)

// Point sums up the outgoing connections of an app during one Step.
type Point struct {
	// Open is how many were open at the same time at most.
	Open           int
	Opened, Closed int
}

// activity is what the outgoing connections of one app have done lately.
type activity struct {
	open   int           // now
	marked time.Duration // when something happened last
	step   int64         // of the last point that was written
	points [Steps]point  // by step, round and round
}

type point struct{ Open, Opened, Closed uint32 }

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
		a.points[a.step%int64(Steps)] = point{Open: uint32(a.open)}
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

// Activity gives the last ten minutes of an app's outgoing connections, by its app.App.Key, one Point a Step
// with the present one last. ok is false for an app that had none.
func (h *History) Activity(key string, now time.Time) (points []Point, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
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
		points[i] = Point{Open: int(p.Open), Opened: int(p.Opened), Closed: int(p.Closed)}
	}
	return points, true
}
