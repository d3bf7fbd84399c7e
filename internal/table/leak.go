package table

import (
	"fmt"
	"slices"
	"time"

	"portolan/internal/history"
	"portolan/internal/language"
)

// longestLeakTime is the longest LeakTime that the record can answer for.
const longestLeakTime = history.Keep

// slowRises is how often a number must have risen, and never fallen, in all that is known to be called a slow leak.
const slowRises = 3

// waitTrend is what an app's number of connections in CLOSE_WAIT did in the last LeakTime.
type waitTrend struct {
	known   bool // the record is long enough to tell
	least   int  // that was there all the time
	first   int  // at the beginning of it
	growing bool // it never fell, and rose more than once; or so it did, slowly, in all the time that is known
}

// trendOf reads the last points, as many as LeakTime takes and one to begin with where there are so many, and then all since
// the record began.
func trendOf(points []history.Point, begun, now time.Time, leakTime time.Duration, count int) waitTrend {
	n := min(int(leakTime/history.Step)+1, history.Steps)
	if len(points) < n || n < 2 || begun.IsZero() || now.Sub(begun) < leakTime {
		return waitTrend{}
	}
	all := min(len(points), int(now.Sub(begun)/history.Step)+1)
	var waiting []int
	for _, p := range points[len(points)-max(n, all):] {
		waiting = append(waiting, p.CloseWait)
	}
	waiting = append(waiting, count)
	lately := waiting[len(waiting)-n-1:]
	quick, slow := climbOf(lately), climbOf(waiting)
	return waitTrend{known: true, least: slices.Min(lately), first: lately[0],
		growing: quick.rises > 1 && quick.falls == 0 || slow.steadily(int(leakTime/history.Step))}
}

// climb is how a number went up and down.
type climb struct {
	rises, falls  int
	first, latest int // steps before the end, of the first and of the latest rise
	rest          int // the most steps from one rise to the next
}

func climbOf(numbers []int) climb {
	var c climb
	for i := 1; i < len(numbers); i++ {
		switch before := len(numbers) - 1 - i; {
		case numbers[i] < numbers[i-1]:
			c.falls++
		case numbers[i] > numbers[i-1]:
			if c.rises++; c.rises == 1 {
				c.first = before
			} else {
				c.rest = max(c.rest, c.latest-before)
			}
			c.latest = before
		}
	}
	return c
}

// steadily reports whether it only rose, often enough, for longer than so many steps, and has not stopped: then it has
// rested for much longer than it did in between.
func (c climb) steadily(steps int) bool {
	return c.falls == 0 && c.rises >= slowRises && c.first-c.latest > steps && c.latest <= max(steps, 2*c.rest)
}

// closeWaits measures the apps that leave connections in CLOSE_WAIT: all that matter, or else the worst.
func (m *measure) closeWaits(past *history.History, now time.Time) []Gauge {
	top := m.most(func(h *holder) int { return h.closeWait })
	if len(top) == 0 {
		return []Gauge{{ID: GaugeCloseWait, Name: "CLOSE_WAIT", Known: true, Topic: "CLOSE_WAIT", Figures: []Figure{{language.T("connections"), "0"}}}}
	}
	trends := m.trends(top, past, now)
	var gauges []Gauge
	for i, h := range top {
		g := m.closeWait(h, trends[i])
		if g.Level > Green {
			gauges = append(gauges, g)
		}
	}
	if len(gauges) == 0 {
		return []Gauge{m.closeWait(top[0], trends[0])}
	}
	slices.SortStableFunc(gauges, func(a, b Gauge) int { return int(b.Level) - int(a.Level) })
	return gauges[:min(len(gauges), mostGauges)]
}

// trends gives one for each app.
func (m *measure) trends(apps []*holder, past *history.History, now time.Time) []waitTrend {
	trends := make([]waitTrend, len(apps))
	if past == nil {
		return trends
	}
	past.Look(func(sight history.Sight) {
		for i, h := range apps {
			if points, ok := sight.Activity(h.key, now); ok && h.app {
				trends[i] = trendOf(points, sight.Begun(), now, m.thresholds.LeakTime, h.closeWait)
			}
		}
	})
	return trends
}

func (m *measure) closeWait(h *holder, trend waitTrend) Gauge {
	g := Gauge{ID: GaugeCloseWait, Name: language.F("CLOSE_WAIT of %s", h.name), Share: float64(h.closeWait) / float64(h.connected), Known: true,
		Topic: "CLOSE_WAIT", Key: h.rowKey()}
	g.figure(language.T("connections in CLOSE_WAIT"), h.closeWait)
	g.figure(language.T("connections that stand"), h.connected-h.closeWait)
	minutes := fmt.Sprintf("%.3g min", m.thresholds.LeakTime.Minutes())
	if trend.known {
		g.Figures = append(g.Figures, Figure{language.F("before %s", minutes), fmt.Sprint(trend.first)})
	}
	t := m.thresholds
	g.judged(language.F("%[1]d for %[2]s", t.CloseWait, minutes), language.F("%[1]d for %[2]s", t.CloseWaitMany, minutes))
	g.figure(language.T("red if they only grow, from"), t.CloseWait)
	switch {
	case trend.growing && h.closeWait >= t.CloseWait:
		g.Level = Red
		g.Sentence = language.F("%s has not closed %d connections that the other side has ended, and their number only grows: it leaks them. Waiting does not help; restart it.", h.name, h.closeWait)
	case h.closeWait >= t.CloseWaitMany && trend.least >= t.CloseWaitMany:
		g.Level = Red
		g.Sentence = language.F("%s has not closed %d connections that the other side has ended, for %s now. Waiting does not help; restart it.", h.name, h.closeWait, minutes)
	case trend.least >= t.CloseWait:
		g.Level = Yellow
		g.Sentence = language.F("%s has not closed %d connections that the other side has ended, for %s now. If they become more, restart it.", h.name, h.closeWait, minutes)
	case h.closeWait >= t.CloseWaitMany:
		g.Level = Yellow
		g.Sentence = language.F("%s has not closed %d connections that the other side has ended. If they stay, restart it.", h.name, h.closeWait)
	}
	return g
}
