package table

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"portolan/internal/history"
	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
)

// Lens is the ephemeral ports, folded: the outgoing connections by app.
type Lens struct {
	// Rows are in the order to show. An app has Depth 0, with Group and Flow; under it, when open, are the services
	// that it is connected to (Depth 1, Group and Flow), and under these the sockets (Depth 2).
	// TIME_WAIT is a row of its own, like an app's, and the last.
	Rows []Row
	// Apps and Connections are how many there are, without TIME_WAIT; those without a known process count as one app.
	Apps, Connections int
	// Waiting is the number of closed connections that the kernel still remembers.
	Waiting int
}

// Flow is what the lens says of the outgoing connections of an app, or of those of it to one service.
type Flow struct {
	// Now is how many there are.
	Now int
	// Opened and Closed are how many came and went in the last sixty seconds, as far as a look every
	// few seconds sees them. Followed: that is known, and Points too; it never is of one service. In the row of TIME_WAIT,
	// and in those of its services, they are the connections that came and went between two looks.
	Opened, Closed int
	Followed       bool
	// Least: there were at least so many. So it always is of what came and went between two looks, and of an app
	// while there are more sockets than are followed, or connections of the last sixty seconds were never seen open: some of
	// these may be its own.
	Least bool
	// Points are the last ten minutes, one a history.Step, the present one last. Low: they are at least so high, as more sockets
	// were open than are followed.
	Points []history.Point
	Low    bool
	// Remotes are the services that most of them go to, the one with the most connections first; at most
	// three. Services is how many there are in all.
	Remotes  []Remote
	Services int
	// Oldest is when the oldest was first seen; Older: it was there before the record began, or not of all is known
	// when they were seen. The zero time when nothing is known.
	Oldest time.Time
	Older  bool
	// Traffic is bytes a second, of those connections of which it is known.
	Traffic Traffic
	// Sentence says of the row of TIME_WAIT what becomes of them; "" for all others.
	Sentence string
}

// Remote is one service on other computers, or on this one.
type Remote struct {
	Protocol netstat.Protocol
	Port     uint16
	Service  string // what is usually found there; "" when nothing is known
	// Addresses and Connections are how many there are.
	Addresses, Connections int
}

// timeWaitGroup is Key.App of the row of TIME_WAIT.
const timeWaitGroup = "time-wait"

// LensOf folds the outgoing connections of a snapshot by app. Of the view it takes Query, Sort (a column of
// LensColumns; else the app with the most first), Descending, Open, Marks and Census. past may be nil: then
// nothing is known of before. It changes nothing; the rows point into the snapshot, and nil has none.
func LensOf(s *netstat.Snapshot, v View, rules port.Rules, past *history.History, now time.Time) Lens {
	if s == nil {
		return Lens{}
	}
	f := newFolder(s, v, rules)
	f.now = now
	if past == nil {
		f.fold(nil)
		return f.lens(v, rules, nil, now)
	}
	var l Lens
	past.Look(func(sight history.Sight) {
		f.fold(&sight)
		l = f.lens(v, rules, &sight, now)
	})
	return l
}

// call is the services' part of an app's connections: what one app has to do with one port of others.
type call struct {
	app         *flow
	port        uint16
	protocol    netstat.Protocol
	connections int
	addresses   int
	first, last netip.Addr // of the first connection, and of the last
	kept        bool       // first is in the set of addresses
	gone        int        // connections that have closed, and are shown a moment longer
	short       int        // of TIME_WAIT: how many came and went between two looks in the last minute, at least
	flow        *flow      // when its app is open
}

func (c *call) remote() Remote {
	return Remote{Protocol: c.protocol, Port: c.port, Service: port.Service(c.protocol.String(), c.port), Addresses: c.addresses, Connections: c.connections}
}

// flow is an app, or one of the services it is connected to, while it is filled.
type flow struct {
	key      Key
	group    Group
	flow     Flow
	path     string  // the app's key, for the history; "" of what is none
	index    uint32  // which app
	calls    []*call // of an app, the ones with the most connections
	services []*flow // of an app that is open
	sockets  []int32 // of a service that is open: their places; of those that have closed -1 and less
	news     news    // what has happened to its connections
	opened   int     // how many of them have just opened
	missed   bool    // the history does not know all of its sockets
}

// folder folds sockets.
type folder struct {
	snapshot  *netstat.Snapshot
	now       time.Time
	census    *Census
	kinds     []kind // of the sockets, by place
	wanted    []bool // by place, what matches the query; nil: all do
	open      map[Key]bool
	marks     *Marks
	gone      []netstat.Socket // what matches of what has closed
	goneKinds []kind           // of these

	names     labels
	apps      []*flow
	wait      *flow // TIME_WAIT
	byProcess map[*process.Process]*flow
	byKey     map[string]*flow
	calls     map[uint64]*call
	made      []call // room for the next ones
	seen      map[addressKey]struct{}
}

// addressKey is one address of a service.
type addressKey struct {
	call    *call
	address netip.Addr
}

func newFolder(s *netstat.Snapshot, v View, rules port.Rules) *folder {
	v.Ephemeral = rules.Ephemeral
	census := v.census(s)
	f := &folder{snapshot: s, census: census, kinds: census.of(s.Sockets), open: v.Open, marks: v.Marks,
		names: newLabels(rules.TimeWait), byProcess: make(map[*process.Process]*flow), byKey: make(map[string]*flow),
		calls: make(map[uint64]*call), seen: make(map[addressKey]struct{})}
	f.wait = &flow{key: Key{App: timeWaitGroup}, group: Group{Name: netstat.TimeWait.String(), Absence: netstat.Kernel}}
	f.match(v)
	return f
}

// match tries the query, if there is one, on what the lens may show. It is done before the history stands
// still, as a query may ask that too.
func (f *folder) match(v View) {
	look := newMatcher(v.Query).recall(v.Past, f.snapshot)
	if gone := v.Marks.gone(); len(gone) > 0 {
		for i, kind := range f.census.With(gone).of(gone) {
			if row := f.rowOf(&gone[i], kind); inLens(&gone[i], kind.class()) && look.match(&row) {
				f.gone, f.goneKinds = append(f.gone, gone[i]), append(f.goneKinds, kind)
			}
		}
	}
	if len(v.Query.terms) == 0 {
		return
	}
	f.wanted = make([]bool, len(f.snapshot.Sockets))
	for i := range f.snapshot.Sockets {
		if f.folds(i) {
			row := f.row(i)
			f.wanted[i] = look.match(&row)
		}
	}
}

// folds reports whether the lens is about the socket at a place.
func (f *folder) folds(place int) bool {
	return inLens(&f.snapshot.Sockets[place], f.kinds[place].class())
}

// inLens is folds for a socket whose class is known.
func inLens(s *netstat.Socket, c Class) bool { return s.State == netstat.TimeWait || c == Outgoing }

// firstOwner is whom a socket that several processes hold counts for; nil when none is known.
func firstOwner(s *netstat.Socket) *netstat.Owner {
	if len(s.Owners) == 0 {
		return nil
	}
	return &s.Owners[0]
}

// row makes the row of the socket at a place.
func (f *folder) row(place int) Row {
	return f.rowOf(&f.snapshot.Sockets[place], f.kinds[place])
}

func (f *folder) rowOf(s *netstat.Socket, kind kind) Row {
	o := firstOwner(s)
	row := Row{Key: Key{Socket: s.ID}, Socket: s, Owner: o, Depth: socketDepth,
		Service: f.census.Service(s), Ephemeral: kind.ephemeral(), Exposure: Exposure(s), Class: kind.class()}
	if o != nil {
		row.Key.Process = o.Process.ID
	}
	row.label = f.names.of(s, o)
	return row
}

// fold takes every socket to where it belongs. One that several processes hold counts for the first.
func (f *folder) fold(sight *history.Sight) {
	for i := range f.snapshot.Sockets {
		if f.wanted != nil && !f.wanted[i] || f.wanted == nil && !f.folds(i) {
			continue
		}
		s := &f.snapshot.Sockets[i]
		app := f.wait
		if s.State != netstat.TimeWait {
			app = f.app(s, firstOwner(s))
		}
		c := f.call(app, s)
		c.connections++
		f.address(c, s.Remote.Addr(), c.connections)
		if app == f.wait && f.wanted != nil && sight != nil && sight.WasShort(s.ID, f.now) {
			c.short++
		}
		mark := f.marks.of(s)
		app.count(s, sight)
		app.mark(mark)
		if service := c.flow; service != nil {
			service.count(s, sight)
			service.mark(mark)
			if service.group.Open {
				service.sockets = append(service.sockets, int32(i))
			}
		}
	}
	for _, app := range f.byProcess {
		app.group.Processes++
	}
	f.foldGone()
}

// foldGone takes those that have closed to where they belonged. They count nowhere.
func (f *folder) foldGone() {
	for i := range f.gone {
		s := &f.gone[i]
		app := f.wait
		if s.State != netstat.TimeWait {
			app = f.app(s, firstOwner(s))
		}
		c := f.call(app, s)
		if c.gone++; c.connections == 0 {
			f.address(c, s.Remote.Addr(), c.gone)
		}
		app.mark(MarkClosed)
		if service := c.flow; service != nil {
			service.mark(MarkClosed)
			if service.group.Open {
				service.sockets = append(service.sockets, int32(-1-i))
			}
		}
	}
}

// mark notes what has happened to a connection.
func (x *flow) mark(m Mark) {
	x.news.add(m)
	if m == MarkOpened {
		x.opened++
	}
}

// app gives the app of an owner.
func (f *folder) app(s *netstat.Socket, o *netstat.Owner) *flow {
	if o != nil {
		if app := f.byProcess[o.Process]; app != nil {
			return app
		}
	}
	l := f.names.of(s, o)
	app := f.byKey[l.group]
	if app == nil {
		app = &flow{key: Key{App: l.group}, index: uint32(len(f.apps) + 1)}
		row := Row{Socket: s, Owner: o, label: l}
		app.group.describe(&row)
		if o != nil {
			app.path, app.group.In = l.group, l.in
		}
		f.byKey[l.group] = app
		f.apps = append(f.apps, app)
	}
	if o != nil {
		f.byProcess[o.Process] = app
	}
	return app
}

// call gives the service at the other end, as the app uses it. Of a closed connection that was called
// from outside it is the one here.
func (f *folder) call(app *flow, s *netstat.Socket) *call {
	number := s.Remote.Port()
	if app == f.wait && f.census.waiting.takes(s) {
		number = s.Local.Port()
	}
	k := uint64(app.index)<<32 | uint64(s.Protocol)<<16 | uint64(number)
	c := f.calls[k]
	if c != nil {
		return c
	}
	if len(f.made) == 0 {
		f.made = make([]call, 64)
	}
	c, f.made = &f.made[0], f.made[1:]
	*c = call{app: app, port: number, protocol: s.Protocol}
	if f.open[app.key] {
		c.flow = &flow{key: Key{App: app.key.App + "\x00" + s.Protocol.String() + "/" + portText(number)}}
		c.flow.group = Group{App: app.group.App, Absence: app.group.Absence, Open: f.open[c.flow.key]}
		app.services = append(app.services, c.flow)
	}
	f.calls[k] = c
	return c
}

// address counts an address of a service once, of its nth connection. The set is for services with several: most have one.
func (f *folder) address(c *call, a netip.Addr, nth int) {
	a = a.Unmap()
	switch {
	case nth == 1:
		c.first, c.addresses = a, 1
	case a == c.last:
		return
	default:
		if !c.kept {
			f.seen[addressKey{c, c.first}], c.kept = struct{}{}, true
		}
		before := len(f.seen)
		f.seen[addressKey{c, a}] = struct{}{}
		c.addresses += len(f.seen) - before
	}
	c.last = a
}

// count adds a connection to its app or service.
func (x *flow) count(s *netstat.Socket, sight *history.Sight) {
	x.flow.Now++
	x.group.RxBytes += s.RxBytes
	x.group.TxBytes += s.TxBytes
	if sight == nil {
		return
	}
	switch at, known, ok := sight.Since(s.ID); {
	case !ok:
		x.missed = true
	case x.flow.Oldest.IsZero() || at.Before(x.flow.Oldest):
		x.flow.Oldest, x.flow.Older = at, !known
	}
	x.flow.Traffic.add(trafficOf(s, sight))
}

// lens sums up and puts in order.
func (f *folder) lens(v View, rules port.Rules, sight *history.Sight, now time.Time) Lens {
	by := direction{column(lensColumns, v.Sort), v.Descending}
	for _, c := range f.calls {
		if c.app == f.wait && f.wanted == nil && sight != nil {
			c.short = sight.Short(c.port, now)
		}
		c.sum()
	}
	l := Lens{Waiting: f.wait.flow.Now}
	for _, app := range f.apps {
		app.finish(Outgoing)
		l.Connections += app.flow.Now
		if app.flow.Now > 0 {
			l.Apps++
		}
		if sight != nil && app.path != "" {
			app.follow(sight, now)
		}
	}
	by.sortFlows(f.apps)
	all := f.apps
	if l.Waiting > 0 {
		f.wait.finish(Closing)
		f.wait.flow.Sentence = waitSentence(l.Waiting, f.wait.flow.Opened, rules.TimeWait, sight, now)
		f.wait.group.Note = f.wait.flow.Sentence
		if f.wait.flow.Least {
			f.wait.group.Note += " " + language.T("What was never seen open was opened and closed between two looks, in the last minute. There may have been more that left no trace.")
		}
		all = append(all, f.wait)
	}
	for _, app := range all {
		l.Rows = f.show(l.Rows, app, by)
	}
	for i := range l.Rows {
		if s := l.Rows[i].Socket; s != nil && sight != nil {
			l.Rows[i].Traffic = trafficOf(s, sight)
		}
	}
	return l
}

// sum adds a service to its app, where the ones with the most connections are kept. One that is gone is said only of
// an app that is gone altogether.
func (c *call) sum() {
	app := c.app
	app.flow.passed(c.short)
	if c.flow != nil {
		c.flow.calls, c.flow.flow.Services = []*call{c}, 1
		c.flow.flow.passed(c.short)
	}
	if c.connections == 0 && app.flow.Now > 0 {
		return
	}
	app.flow.Services++
	at, _ := slices.BinarySearchFunc(app.calls, c, compareCalls)
	if at < mostRemotes {
		app.calls = slices.Insert(app.calls, at, c)
		app.calls = app.calls[:min(len(app.calls), mostRemotes)]
	}
}

// passed counts connections that came and went between two looks.
func (f *Flow) passed(n int) {
	f.Opened += n
	f.Closed += n
	f.Least = f.Opened > 0
}

// compareCalls puts the one with the most connections first.
func compareCalls(a, b *call) int {
	return cmp.Or(cmp.Compare(b.connections, a.connections), cmp.Compare(a.port, b.port), cmp.Compare(a.protocol, b.protocol))
}

// finish writes what is counted into the row, and into those of the services.
func (x *flow) finish(class Class) {
	for _, c := range x.calls {
		x.flow.Remotes = append(x.flow.Remotes, c.remote())
	}
	x.flow.Older = x.flow.Older || x.missed
	x.group.Counts = Counts{Sockets: x.flow.Now}
	if class == Closing {
		x.group.Closing = x.flow.Now
	} else {
		x.group.Outgoing = x.flow.Now
	}
	for _, service := range x.services {
		service.finish(class)
		service.group.Name = service.flow.Remotes[0].String()
	}
}

// follow adds what the history has of an app.
func (x *flow) follow(sight *history.Sight, now time.Time) {
	points, ok := sight.Activity(x.path, now)
	if !ok {
		return
	}
	x.flow.Points, x.flow.Followed, x.flow.Low = points, true, sight.Partial()
	x.flow.Least = x.flow.Low || sight.Missed(now)
	x.flow.Opened, x.flow.Closed, _ = sight.LastMinute(x.path, now)
}

// sortFlows puts apps, or services of one, into the order of the column; those that it does not tell apart, and all
// without one, with the most connections first.
func (d direction) sortFlows(all []*flow) {
	slices.SortFunc(all, func(a, b *flow) int {
		if d.column != nil {
			x, y := a.asRow(0), b.asRow(0)
			if c := d.compare(&x, &y); c != 0 {
				return c
			}
		}
		return cmp.Or(cmp.Compare(b.flow.Now, a.flow.Now), compareCalls(a.calls[0], b.calls[0]), compareHeaders(&a.group, &b.group), strings.Compare(a.key.App, b.key.App))
	})
}

func (x *flow) asRow(depth int) Row {
	mark := x.news.mark(x.flow.Now, x.opened, x.group.Open)
	if x.key.App == timeWaitGroup {
		mark = Unmarked // it changes all the time: that is what it is
	}
	return Row{Key: x.key, Group: &x.group, Flow: &x.flow, Mark: mark, Depth: depth}
}

// show appends the rows of an app.
func (f *folder) show(rows []Row, app *flow, by direction) []Row {
	app.group.Open = f.open[app.key]
	rows = append(rows, app.asRow(appDepth))
	by.sortFlows(app.services)
	for _, service := range app.services {
		rows = append(rows, service.asRow(processDepth))
		rows = f.showSockets(rows, service, by)
	}
	return rows
}

// showSockets appends the sockets of a service, of which there are none to show when it is closed.
func (f *folder) showSockets(rows []Row, service *flow, by direction) []Row {
	start := len(rows)
	for _, place := range service.sockets {
		if place < 0 {
			row := f.rowOf(&f.gone[-1-place], f.goneKinds[-1-place])
			row.Mark = MarkClosed
			rows = append(rows, row)
			continue
		}
		row := f.row(int(place))
		row.Mark = f.marks.of(row.Socket)
		rows = append(rows, row)
	}
	if len(f.gone) > 0 { // each among its neighbours
		slices.SortStableFunc(rows[start:], func(a, b Row) int { return netstat.Compare(a.Socket, b.Socket) })
	}
	if by.column != nil {
		slices.SortStableFunc(rows[start:], func(a, b Row) int { return by.compare(&a, &b) })
	}
	return rows
}

// waitStep is what the seconds of the countdown are rounded up to.
const waitStep = 5 * time.Second

// waitSentence says what becomes of n connections in TIME_WAIT, and how many, at least, came and went between two
// looks. The last of them to come is the last to go.
func waitSentence(n, short int, wait time.Duration, sight *history.Sight, now time.Time) string {
	what := language.N("%d closed connection is remembered for a while (TIME_WAIT);", "%d closed connections are remembered for a while (TIME_WAIT);", n)
	if short > 0 {
		what += " " + language.F("in the last minute at least %d were never seen open;", short)
	}
	left := wait
	if sight != nil && wait > 0 {
		if last := sight.Waited(); !last.IsZero() {
			left = min(last.Add(wait).Sub(now), wait)
		}
	}
	seconds := int((left + waitStep - 1) / waitStep * waitStep / time.Second)
	switch one := n == 1; {
	case wait <= 0 && one:
		return what + " " + language.T("it clears by itself soon.")
	case wait <= 0:
		return what + " " + language.T("these clear by themselves soon.")
	case left <= 0 && one:
		return what + " " + language.T("it clears by itself at any moment.")
	case left <= 0:
		return what + " " + language.T("these clear by themselves at any moment.")
	case one:
		return what + " " + language.F("it clears by itself within %d s.", seconds)
	default:
		return what + " " + language.F("these clear by themselves within %d s.", seconds)
	}
}

// SidesIn tells a History who opened a connection, see history.Options: as ClassOf does, by the range as it is then.
func SidesIn(rules func() port.Rules) func(*netstat.Snapshot) func(*netstat.Socket) history.Side {
	return func(s *netstat.Snapshot) func(*netstat.Socket) history.Side {
		ephemeral, waiting := rules().Ephemeral, WaitingIn(s)
		return func(socket *netstat.Socket) history.Side {
			if socket.State == netstat.TimeWait {
				if waiting.takes(socket) {
					return history.Incoming
				}
				return history.NoSide
			}
			stood := *socket
			if ClassOf(socket, ephemeral, waiting) == Closing {
				stood.State = netstat.Established // as which it was opened
			}
			switch ClassOf(&stood, ephemeral, waiting) {
			case Outgoing:
				return history.Outgoing
			case Incoming:
				return history.Incoming
			default:
				return history.NoSide
			}
		}
	}
}
