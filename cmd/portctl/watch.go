package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"portolan/internal/export"
	"portolan/internal/history"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/table"
)

// shortestInterval keeps a slip of the finger from making a busy loop.
const shortestInterval = 100 * time.Millisecond

type watchOptions struct {
	json     bool
	interval time.Duration
}

func newWatch(sys *system) *cobra.Command {
	var o watchOptions
	c := &cobra.Command{
		Use:   "watch [QUERY]",
		Short: "Show the open ports live",
		Long: `Shows the table live in the terminal. Where the output is no terminal it prints the table once
and then one line for every port that opens, changes or closes; with --json one JSON object
a line: first the snapshot, then the events.`,
		Example: "  portctl watch\n  portctl watch state:listen\n  portctl watch --json | jq -c 'select(.event == \"opened\")'",
		RunE: run(func(ctx context.Context, args []string) error {
			return watch(ctx, sys, args, o)
		}),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	c.Flags().BoolVar(&o.json, "json", false, "print JSON lines")
	c.Flags().DurationVar(&o.interval, "interval", monitor.DefaultInterval, "the time between two looks")
	return c
}

func watch(ctx context.Context, sys *system, args []string, o watchOptions) error {
	if o.interval < shortestInterval {
		return exitf(exitUsage, "--interval %v: the shortest is %v", o.interval, shortestInterval)
	}
	view, err := viewOf(sys, args, listOptions{})
	if err != nil {
		return err
	}
	reader, err := sys.open()
	if err != nil {
		return err
	}
	defer reader.Close()
	reader.CountBytes(o.json) // the live table asks for them where it shows them
	m := monitor.New(reader, o.interval)
	rules := ruled{read: sys.rules, now: port.Rules{Ephemeral: view.Ephemeral, TimeWait: view.TimeWait}}
	m.Also(rules.again)
	view.Past = rules.past()
	m.Subscribe(view.Past.Record)
	if t := sys.terminal; !o.json && t.in && t.out && !t.dumb {
		return watchLive(ctx, sys, m, &rules, view, strings.Join(args, " "))
	}
	return watchLines(ctx, sys, m, &rules, view, o.json)
}

// ruled are the rules of the system's ports for the time of a watch. It is used in the monitor's goroutine only.
type ruled struct {
	read func() (port.Rules, error)
	now  port.Rules
}

// past makes a record of what happens from now on, for since: and for the last minutes of the live table.
func (r *ruled) past() *history.History {
	return history.New(history.Options{Side: table.SidesIn(func() port.Rules { return r.now })})
}

// again reads the rules anew, and reports whether somebody has changed them. Why they cannot be read was said at the start.
func (r *ruled) again() bool {
	rules, _ := r.read()
	rules.PerEnd = false // no row depends on it
	changed := rules != r.now
	r.now = rules
	return changed
}

// watchLines prints the first snapshot, and then what happens, until the whole is done or nobody reads on.
func watchLines(whole context.Context, sys *system, m *monitor.Monitor, rules *ruled, view table.View, asJSON bool) error {
	ctx, cancel := context.WithCancelCause(whole)
	defer cancel(nil)
	f := follower{view: view, rules: rules}
	errEnough := errors.New("nobody reads on")
	stop := m.Subscribe(func(u monitor.Update) {
		switch {
		case u.Err != nil && u.Snapshot == nil:
			cancel(u.Err) // nothing to begin with
			return
		case u.Err != nil:
			printFailure(sys.errOut, u.Err, asJSON)
			return
		case asJSON:
			f.printJSON(sys, u)
		default:
			f.printText(sys, u)
		}
		if sys.out.closed || sys.out.err != nil {
			cancel(errEnough)
		}
	})
	defer stop()
	go func() {
		if sys.readerGone(ctx) {
			cancel(errEnough)
		}
	}()
	err := m.Run(ctx)
	switch cause := context.Cause(ctx); {
	case whole.Err() != nil, errors.Is(cause, errEnough):
		return nil // Ctrl-C is how it ends
	case cause != nil:
		return cause
	default:
		return err
	}
}

// follower tells the events of the sockets that match a query: one that comes to match opens,
// one that no longer does closes.
type follower struct {
	view    table.View
	rules   *ruled
	begun   bool
	matched map[uint64]bool // by socket ID
	census  *table.Census   // of the snapshot last seen
}

// event is something that happened to a socket.
type event struct {
	name   string // opened, changed, closed
	socket *netstat.Socket
	census *table.Census // of the snapshot that the socket is in
}

// begin takes in the first snapshot and gives its rows.
func (f *follower) begin(s *netstat.Snapshot) []table.Row {
	f.begun = true
	f.goByRules()
	f.census = table.TakeCensus(s, f.view.Ephemeral, f.view.Past)
	f.matched = map[uint64]bool{}
	rows := table.Rows(s, f.view)
	for _, r := range rows {
		f.matched[r.Socket.ID] = true
	}
	return rows
}

// follow gives the events of an update after the first: closed ones first, so that a port that
// changes hands is seen to close before it opens.
func (f *follower) follow(u monitor.Update) []event {
	var events []event
	before, anew := f.census, f.goByRules()
	f.census = table.TakeCensus(u.Snapshot, f.view.Ephemeral, f.view.Past)
	for i := range u.Closed {
		if s := &u.Closed[i]; f.matched[s.ID] {
			delete(f.matched, s.ID)
			events = append(events, event{"closed", s, before})
		}
	}
	all := [][]netstat.Socket{u.Changed, u.Opened}
	if anew { // others may match though they are as they were
		all = append(all, u.Snapshot.Sockets)
	}
	for n, sockets := range all {
		same := n == 2
		matching := f.matching(sockets)
		for i := range sockets {
			s := &sockets[i]
			was, is := f.matched[s.ID], matching[s.ID]
			switch {
			case was && is && same:
			case was && is:
				events = append(events, event{"changed", s, f.census})
			case is:
				f.matched[s.ID] = true
				events = append(events, event{"opened", s, f.census})
			case was:
				delete(f.matched, s.ID)
				events = append(events, event{"closed", s, f.census})
			}
		}
	}
	return events
}

// goByRules has the rows go by the rules as they are now, and reports whether these are others.
func (f *follower) goByRules() bool {
	rules := f.rules.now
	changed := f.view.Ephemeral != rules.Ephemeral || f.view.TimeWait != rules.TimeWait
	f.view.Ephemeral, f.view.TimeWait = rules.Ephemeral, rules.TimeWait
	return changed
}

// matching tells which of some sockets of the last snapshot the query wants.
func (f *follower) matching(sockets []netstat.Socket) map[uint64]bool {
	if len(sockets) == 0 {
		return nil
	}
	view := f.view
	view.Census = f.census
	found := map[uint64]bool{}
	for _, r := range table.Rows(&netstat.Snapshot{Sockets: sockets}, view) {
		found[r.Socket.ID] = true
	}
	return found
}

// export.WriteJSON prints what is new. The output keeps its first error, by which the watch ends.
func (f *follower) printJSON(sys *system, u monitor.Update) {
	if !f.begun {
		sockets := socketsOf(f.begin(u.Snapshot))
		_ = export.WriteJSON(sys.out, snapshotEventJSON{"snapshot", export.NewList(u.Snapshot, sockets, f.census, hostOf(sys))})
		return
	}
	for _, e := range f.follow(u) {
		_ = export.WriteJSON(sys.out, eventJSON{e.name, export.Moment{Time: u.Snapshot.Taken}, export.NewSocket(e.socket, e.census)})
	}
}

func (f *follower) printText(sys *system, u monitor.Update) {
	if !f.begun {
		rowSheet(f.begin(u.Snapshot)).print(sys.out, 0, false)
		if u.Snapshot.Hidden != (netstat.Hidden{}) {
			fmt.Fprintln(sys.errOut, table.Status(u.Snapshot))
		}
		return
	}
	for _, e := range f.follow(u) {
		fmt.Fprintln(sys.out, e.line(u.Snapshot.Taken))
	}
}

// line gives "10:00:03 opened  tcp 127.0.0.1:3000 LISTEN (node, PID 812)".
func (e event) line(taken time.Time) string {
	s := e.socket
	words := []string{taken.Local().Format(time.TimeOnly), fmt.Sprintf("%-7s", e.name), s.Protocol.String(), table.Endpoint(s)}
	if s.Remote.IsValid() {
		words = append(words, "->", table.Clean(s.Remote.String()))
	}
	if s.State != 0 {
		words = append(words, s.State.String())
	}
	if holders := heldBy([]*netstat.Socket{s}); holders != "" {
		words = append(words, "("+holders+")")
	}
	return strings.Join(words, " ")
}
