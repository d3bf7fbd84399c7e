package table

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"portolan/internal/history"
	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/port"
)

// Facts are what the lens and the gauges must know of this system.
type Facts struct {
	// Ephemeral is the system's range, see port.EphemeralRange; the zero Range when it is not known.
	Ephemeral port.Range
	// TimeWait is how long the system remembers closed connections, see port.TimeWait; 0 when not known.
	TimeWait time.Duration
}

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
	// Opened and Closed are how many came and went in the last minute, as far as a look every
	// few seconds sees them. Followed: that is known, and Points too; it never is of one service.
	Opened, Closed int
	Followed       bool
	// Points are the last ten minutes, one a history.Step, the present one last.
	Points []history.Point
	// Remotes are the services that they go to, the one with the most connections first.
	Remotes []Remote
	// Oldest is when the oldest was first seen; Older: it was there before the record began. The zero
	// time when nothing is known.
	Oldest time.Time
	Older  bool
	// Received and Sent are bytes a second, of those connections of which it is known; Rated: of one at least.
	Received, Sent float64
	Rated          bool
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
// LensColumns; else the app with the most first), Descending and Open. past may be nil: then
// nothing is known of before. It changes nothing; the rows point into the snapshot, and nil has none.
func LensOf(s *netstat.Snapshot, v View, facts Facts, past *history.History, now time.Time) Lens {
	if s == nil {
		return Lens{}
	}
	f := newFolder(s, v, facts)
	if past == nil {
		f.fold(nil)
		return f.lens(v, facts, nil, now)
	}
	var l Lens
	past.Look(func(sight history.Sight) {
		f.fold(&sight)
		l = f.lens(v, facts, &sight, now)
	})
	return l
}

// flow is an app, or one of the services it is connected to, while it is filled.
type flow struct {
	key     Key
	group   Group
	flow    Flow
	remotes []*flow // of an app
	remote  Remote  // of a service
	sockets []int32 // of a service that is open: their places
	rated   int     // connections of which the rate is known
	path    string  // the app's key, for the history
}

// folder folds sockets.
type folder struct {
	snapshot *netstat.Snapshot
	ends     *Waiting
	eph      port.Range
	wanted   []bool // by place, what matches the query; nil: all do
	open     map[Key]bool

	names    labels
	apps     []*flow
	byLabel  map[*label]*flow
	byKey    map[string]*flow
	services map[serviceKey]*flow
	seen     map[addressKey]struct{}
	wait     *flow // TIME_WAIT
}

// serviceKey is a service as one app uses it.
type serviceKey struct {
	app      *flow
	port     uint16
	protocol netstat.Protocol
}

// addressKey is one address of a service.
type addressKey struct {
	service *flow
	address [16]byte
}

func newFolder(s *netstat.Snapshot, v View, facts Facts) *folder {
	f := &folder{snapshot: s, ends: WaitingIn(s), eph: EphemeralRange(s, facts.Ephemeral), open: v.Open,
		names: labels{made: make(map[labelKey]*label)}, byLabel: make(map[*label]*flow), byKey: make(map[string]*flow),
		services: make(map[serviceKey]*flow), seen: make(map[addressKey]struct{}, len(s.Sockets)/8)}
	f.wait = &flow{key: Key{App: timeWaitGroup}, group: Group{Name: netstat.TimeWait.String(), Absence: netstat.Kernel}}
	f.match(v)
	return f
}

// match tries the query, if there is one, on what the lens may show. It is done before the history stands
// still, as a query may ask that too.
func (f *folder) match(v View) {
	if len(v.Query.terms) == 0 {
		return
	}
	look := newMatcher(v.Query).recall(v.Past, f.snapshot)
	f.wanted = make([]bool, len(f.snapshot.Sockets))
	for i := range f.snapshot.Sockets {
		if s := &f.snapshot.Sockets[i]; f.folds(s) {
			row := f.row(s, firstOwner(s))
			f.wanted[i] = look.match(&row)
		}
	}
}

// folds reports whether the lens is about the socket.
func (f *folder) folds(s *netstat.Socket) bool {
	return s.State == netstat.TimeWait || s.State != netstat.Listen && ClassOf(s, f.eph, f.ends) == Outgoing
}

// firstOwner is whom a socket that several processes hold counts for; nil when none is known.
func firstOwner(s *netstat.Socket) *netstat.Owner {
	if len(s.Owners) == 0 {
		return nil
	}
	return &s.Owners[0]
}

// row makes the row of a socket.
func (f *folder) row(s *netstat.Socket, o *netstat.Owner) Row {
	row := Row{Key: Key{Socket: s.ID}, Socket: s, Owner: o, Depth: socketDepth,
		Service: Service(s, f.eph), Ephemeral: Ephemeral(s, f.eph), Exposure: Exposure(s), Class: ClassOf(s, f.eph, f.ends)}
	if o != nil {
		row.Key.Process = o.Process.ID
	}
	row.label = f.names.of(s, o)
	return row
}

// fold takes every socket to where it belongs. One that several processes hold counts for the first.
func (f *folder) fold(sight *history.Sight) {
	for i := range f.snapshot.Sockets {
		s := &f.snapshot.Sockets[i]
		if f.wanted != nil && !f.wanted[i] || f.wanted == nil && !f.folds(s) {
			continue
		}
		app := f.wait
		if s.State != netstat.TimeWait {
			app = f.app(s, firstOwner(s))
		}
		service := f.service(app, s)
		f.address(service, s)
		service.count(s, sight)
		if f.shows(service) {
			service.sockets = append(service.sockets, int32(i))
		}
	}
}

// shows reports whether the sockets of a service are to be seen.
func (f *folder) shows(service *flow) bool { return f.open[service.key] }

// app gives the app of an owner.
func (f *folder) app(s *netstat.Socket, o *netstat.Owner) *flow {
	l := f.names.of(s, o)
	if app := f.byLabel[l]; app != nil {
		return app
	}
	app := f.byKey[l.group]
	if app == nil {
		app = &flow{key: Key{App: l.group}, path: l.group}
		row := Row{Socket: s, Owner: o, label: l}
		app.group.describe(&row)
		if o == nil {
			app.path = ""
		} else {
			app.group.In = l.in
		}
		f.byKey[l.group] = app
		f.apps = append(f.apps, app)
	}
	f.byLabel[l] = app
	return app
}

// service gives the service at the other end, as the app uses it. The end of a closed connection that was called
// from outside is the one here.
func (f *folder) service(app *flow, s *netstat.Socket) *flow {
	k := serviceKey{app, s.Remote.Port(), s.Protocol}
	if app == f.wait && f.ends.takes(s) {
		k.port = s.Local.Port()
	}
	service := f.services[k]
	if service == nil {
		service = &flow{remote: Remote{Protocol: k.protocol, Port: k.port, Service: port.Service(k.protocol.String(), k.port)}}
		service.key = Key{App: app.key.App + "\x00" + k.protocol.String() + "/" + portText(k.port)}
		service.group = Group{App: app.group.App, Absence: app.group.Absence}
		f.services[k] = service
		app.remotes = append(app.remotes, service)
	}
	return service
}

// address counts an address of a service once.
func (f *folder) address(service *flow, s *netstat.Socket) {
	k := addressKey{service, s.Remote.Addr().As16()}
	before := len(f.seen)
	f.seen[k] = struct{}{}
	service.remote.Addresses += len(f.seen) - before
}

// count adds a connection to its service.
func (x *flow) count(s *netstat.Socket, sight *history.Sight) {
	x.remote.Connections++
	x.group.RxBytes += s.RxBytes
	x.group.TxBytes += s.TxBytes
	if sight == nil {
		return
	}
	if at, known, ok := sight.Since(s.ID); ok && (x.flow.Oldest.IsZero() || at.Before(x.flow.Oldest)) {
		x.flow.Oldest, x.flow.Older = at, !known
	}
	if received, sent, ok := sight.Rate(s.ID); ok {
		x.flow.Received += received
		x.flow.Sent += sent
		x.flow.Rated = true
	}
}

// lens sums up and puts in order.
func (f *folder) lens(v View, facts Facts, sight *history.Sight, now time.Time) Lens {
	by := direction{column(lensColumns, v.Sort), v.Descending}
	l := Lens{Apps: len(f.apps)}
	for _, app := range f.apps {
		app.sum(Outgoing)
		l.Connections += app.flow.Now
		if sight != nil && app.path != "" {
			app.follow(sight, now)
		}
	}
	by.sortFlows(f.apps)
	all := f.apps
	if len(f.wait.remotes) > 0 {
		f.wait.sum(Closing)
		l.Waiting = f.wait.flow.Now
		f.wait.flow.Sentence = waitSentence(f.wait.flow.Now, facts.TimeWait, sight, now)
		f.wait.group.Note = f.wait.flow.Sentence
		all = append(all, f.wait)
	}
	for _, app := range all {
		l.Rows = f.show(l.Rows, app, by)
	}
	return l
}

// sum adds up the services of an app.
func (x *flow) sum(class Class) {
	for _, service := range x.remotes {
		n := service.remote.Connections
		service.flow.Now, service.flow.Remotes = n, []Remote{service.remote}
		service.group.Name = service.remote.String()
		service.group.Counts = countsOf(class, n)
		x.flow.Now += n
		x.flow.Remotes = append(x.flow.Remotes, service.remote)
		x.group.RxBytes += service.group.RxBytes
		x.group.TxBytes += service.group.TxBytes
		if o := service.flow.Oldest; !o.IsZero() && (x.flow.Oldest.IsZero() || o.Before(x.flow.Oldest)) {
			x.flow.Oldest, x.flow.Older = o, service.flow.Older
		}
		x.flow.Received += service.flow.Received
		x.flow.Sent += service.flow.Sent
		x.flow.Rated = x.flow.Rated || service.flow.Rated
	}
	x.group.Counts = countsOf(class, x.flow.Now)
	slices.SortFunc(x.flow.Remotes, compareRemotes)
}

func countsOf(class Class, n int) Counts {
	if class == Closing {
		return Counts{Sockets: n, Closing: n}
	}
	return Counts{Sockets: n, Outgoing: n}
}

// compareRemotes puts the one with the most connections first.
func compareRemotes(a, b Remote) int {
	return cmp.Or(cmp.Compare(b.Connections, a.Connections), cmp.Compare(a.Port, b.Port), cmp.Compare(a.Protocol, b.Protocol))
}

// follow adds what the history has of an app.
func (x *flow) follow(sight *history.Sight, now time.Time) {
	points, ok := sight.Activity(x.path, now)
	if !ok {
		return
	}
	x.flow.Points, x.flow.Followed = points, true
	for _, p := range points[len(points)-int(time.Minute/history.Step):] {
		x.flow.Opened += p.Opened
		x.flow.Closed += p.Closed
	}
}

// sortFlows puts apps into the order of the column; those that it does not tell apart, and all without one,
// with the most connections first.
func (d direction) sortFlows(all []*flow) {
	slices.SortFunc(all, func(a, b *flow) int {
		if d.column != nil {
			x, y := a.asRow(0), b.asRow(0)
			if c := d.compare(&x, &y); c != 0 {
				return c
			}
		}
		return cmp.Or(cmp.Compare(b.flow.Now, a.flow.Now), compareRemotes(a.remote, b.remote), compareHeaders(&a.group, &b.group), strings.Compare(a.key.App, b.key.App))
	})
}

func (x *flow) asRow(depth int) Row {
	return Row{Key: x.key, Group: &x.group, Flow: &x.flow, Depth: depth}
}

// show appends the rows of an app.
func (f *folder) show(rows []Row, app *flow, by direction) []Row {
	app.group.Open = f.open[app.key]
	rows = append(rows, app.asRow(appDepth))
	if !app.group.Open {
		return rows
	}
	by.sortFlows(app.remotes)
	for _, service := range app.remotes {
		service.group.Open = f.open[service.key]
		rows = append(rows, service.asRow(processDepth))
		if service.group.Open {
			rows = f.showSockets(rows, service, by)
		}
	}
	return rows
}

func (f *folder) showSockets(rows []Row, service *flow, by direction) []Row {
	start := len(rows)
	for _, place := range service.sockets {
		s := &f.snapshot.Sockets[place]
		rows = append(rows, f.row(s, firstOwner(s)))
	}
	if by.column != nil {
		slices.SortStableFunc(rows[start:], func(a, b Row) int { return by.compare(&a, &b) })
	}
	return rows
}

// waitStep is what the seconds of the countdown are rounded up to.
const waitStep = 5 * time.Second

// waitSentence says what becomes of n connections in TIME_WAIT. The last of them to come is the last to go.
func waitSentence(n int, wait time.Duration, sight *history.Sight, now time.Time) string {
	what := language.N("%d closed connection is remembered for a while (TIME_WAIT);", "%d closed connections are remembered for a while (TIME_WAIT);", n)
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

// OutgoingIn tells a History which connections went out, see history.Options: as ClassOf does.
func OutgoingIn(ephemeral port.Range) func(*netstat.Snapshot) func(*netstat.Socket) bool {
	return func(s *netstat.Snapshot) func(*netstat.Socket) bool {
		eph, waiting := EphemeralRange(s, ephemeral), WaitingIn(s)
		return func(socket *netstat.Socket) bool { return ClassOf(socket, eph, waiting) == Outgoing }
	}
}
