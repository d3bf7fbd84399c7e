package table

import (
	"strconv"
	"time"

	"portolan/internal/history"
	"portolan/internal/netstat"
	"portolan/internal/port"
)

// Level says how urgent a gauge is.
type Level uint8

// The levels.
const (
	Green  Level = iota // nothing to do
	Yellow              // worth knowing
	Red                 // something fails, or soon will
)

// String gives the word for scripts and tests.
func (l Level) String() string { return [...]string{"green", "yellow", "red"}[min(l, Red)] }

// GaugeID names a gauge.
type GaugeID string

// The gauges. Those of CLOSE_WAIT, of the queues and of remote ends come once for each app, listener or end that matters.
const (
	GaugeTCPPorts  GaugeID = "tcp-ports"
	GaugeUDPPorts  GaugeID = "udp-ports"
	GaugeRemote    GaugeID = "remote"
	GaugeTimeWait  GaugeID = "time-wait"
	GaugeCloseWait GaugeID = "close-wait"
	GaugeQueue     GaugeID = "queue"
)

// Gauge is one thing that can run out or run full.
type Gauge struct {
	ID GaugeID
	// Name is what to write beside it, in the language in use.
	Name string
	// Share is how full it is, from 0 to 1. Known is false when that cannot be said: then it is 0.
	Share float64
	Known bool
	Level Level
	// Sentence says what is the matter, with whom, and what to do, clean; "" while it is Green.
	Sentence string
	// Figures are what it was made of, in the order to show.
	Figures []Figure
	// Key is that of the row that it is about, an app's or a socket's; the zero Key when it is about none.
	Key Key
	// Topic is the ID of an explanation, see package explain.
	Topic string
}

// Figure is one number behind a gauge.
type Figure struct{ Name, Value string }

// Thresholds say from where on a gauge is no longer Green.
type Thresholds struct {
	// PortsYellow and PortsRed are shares of the ephemeral range in use, of a protocol and towards one remote end. Where a port
	// can be used for several ends (port.Rules.PerEnd), what TCP uses in all is never Red, but for what is listened on.
	PortsYellow, PortsRed float64
	// TimeWaitYellow and TimeWaitRed are shares of the range that connections in TIME_WAIT keep; Red by those to one end, as above.
	TimeWaitYellow, TimeWaitRed float64
	// CloseWait is how many connections an app may leave in CLOSE_WAIT, and CloseWaitMany how many are
	// too many in any case.
	CloseWait, CloseWaitMany int
	// LeakTime is how long they must be there, or grow, before anything is said: a busy server always has some. It is history.Keep
	// at most: beyond that nothing is known.
	LeakTime time.Duration
	// QueueYellow and QueueRed are shares of what may wait in a listener's queue. When it is full the system turns away who comes.
	QueueYellow, QueueRed float64
}

// DefaultThresholds are used unless somebody sets others. A kernel takes longer and longer to find a free port in a
// range that is nearly used up, and something fails when none is left; 60 % leaves the time to do something.
// Two minutes are far more than a sound program needs to close a connection.
func DefaultThresholds() Thresholds {
	return Thresholds{PortsYellow: 0.6, PortsRed: 0.85, TimeWaitYellow: 0.4, TimeWaitRed: 0.7,
		CloseWait: 5, CloseWaitMany: 100, LeakTime: 2 * time.Minute, QueueYellow: 0.7, QueueRed: 1}
}

func levelOf(share, yellow, red float64) Level {
	switch {
	case share >= red:
		return Red
	case share >= yellow:
		return Yellow
	default:
		return Green
	}
}

// percent gives "64 %", and never 100 for what is not all.
func percent(share float64) string {
	n := int(share*100 + 0.5)
	if share < 1 {
		n = min(n, 99)
	}
	return strconv.Itoa(n) + " %"
}

// Gauges measures a snapshot: the ports of TCP and of UDP, TIME_WAIT, CLOSE_WAIT and the queues of listeners always, and
// remote ends when they matter. past may be nil: then it is not known what grows.
func Gauges(s *netstat.Snapshot, rules port.Rules, past *history.History, now time.Time, t Thresholds) []Gauge {
	if s == nil {
		return nil
	}
	m := newMeasure(s, rules, t)
	gauges := []Gauge{m.ports(netstat.TCP), m.ports(netstat.UDP)}
	gauges = append(gauges, m.remotes()...)
	gauges = append(gauges, m.timeWait(past, now))
	gauges = append(gauges, m.closeWaits(past, now)...)
	return append(gauges, m.queues()...)
}

// Worst is the gauge to show when there is room for one: the first of those with the highest level; false when all are Green.
func Worst(gauges []Gauge) (worst Gauge, matters bool) {
	for _, g := range gauges {
		if g.Level > worst.Level {
			worst, matters = g, true
		}
	}
	return worst, matters
}
