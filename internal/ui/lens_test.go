package ui

import (
	"fmt"
	"testing"
	"time"

	"portolan/internal/history"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/table"
)

// setByApp turns to the by-app view, or to the flat one.
func (w *window) setByApp(byApp bool) {
	if byApp {
		w.turnTo(turnByApp)
	} else {
		w.turnTo(turnFlat)
	}
}

// lensScene is a scene with a past: twelve minutes of a browser that comes and goes, and of a server that
// keeps its connections to a database.
type lensScene struct {
	*scene
	past  *history.History
	open  map[uint64]netstat.Socket
	order []uint64
}

var sceneRange = port.Range{First: 32768, Last: 60999}

func newLensScene(t testing.TB, change ...func(*Options)) *lensScene {
	l := &lensScene{past: history.New(history.Options{Outgoing: table.OutgoingIn(sceneRange)}), open: map[uint64]netstat.Socket{}}
	change = append(change, func(o *Options) { o.Past, o.TimeWait, o.Ephemeral = l.past, time.Minute, sceneRange })
	l.scene = newScene(t, change...)
	l.model.clock = func() time.Time { return l.clock }
	return l
}

// tell has the history and the UI told of what came and went.
func (l *lensScene) tell(opened []netstat.Socket, closed ...netstat.Socket) {
	u := monitor.Update{Opened: opened, Closed: closed}
	for _, s := range closed {
		delete(l.open, s.ID)
	}
	for _, s := range opened {
		if _, there := l.open[s.ID]; !there {
			l.order = append(l.order, s.ID)
		}
		l.open[s.ID] = s
	}
	u.Snapshot = &netstat.Snapshot{Taken: l.clock}
	for _, id := range l.order {
		if s, there := l.open[id]; there {
			u.Snapshot.Sockets = append(u.Snapshot.Sockets, s)
		}
	}
	l.past.Record(u)
	l.model.receive(u)
	l.settle()
}

// web is connection i of Firefox.
func web(i int) netstat.Socket {
	return connection(netstat.Established, fmt.Sprintf("192.168.1.20:%d", 51000+i), fmt.Sprintf("151.101.1.%d:443", i%12+1), firefox)
}

// remembering is what is left of connection i of nobody any more.
func remembering(i int) netstat.Socket {
	return connection(netstat.TimeWait, fmt.Sprintf("127.0.0.1:%d", 40000+i), "127.0.0.1:5432")
}

// morning plays the twelve minutes.
func (l *lensScene) morning() {
	base := desk().Sockets
	base = base[:len(base)-24] // the browser comes by and by
	l.tell(base)
	up := 0
	for step := range 72 {
		l.clock = l.clock.Add(10 * time.Second)
		want := 12 + (step*step*7)%23
		if step > 40 && step < 52 {
			want += 30
		}
		var opened, closed []netstat.Socket
		for ; up < want; up++ {
			opened = append(opened, web(up))
		}
		for ; up > want; up-- {
			closed = append(closed, web(up-1))
		}
		l.tell(opened, closed...)
	}
	var waiting []netstat.Socket
	for i := range 140 {
		waiting = append(waiting, remembering(i))
	}
	l.clock = l.clock.Add(5 * time.Second)
	l.tell(waiting)
	l.clock = l.clock.Add(28 * time.Second)
	l.model.change(func(*content) {})
	l.settle()
}
