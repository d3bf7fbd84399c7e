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
	"portolan/internal/instance"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/table"
)

type historyOptions struct {
	json  bool
	since time.Duration
}

func newHistory(sys *system) *cobra.Command {
	var o historyOptions
	c := &cobra.Command{
		Use:   "history [QUERY]",
		Short: "Say what opened and closed in the last minutes",
		Long: `Asks Portolan, the app in the menu bar, which must be running: who waited on which port, and
what was opened and closed, by each app and one by one. It remembers ten minutes. When more happened
than it keeps one by one, the older part is told in sums.

QUERY is what list takes; it is tried on the sockets as they were. A sum knows only protocol, port,
app and process, and the counts of an app only the app. When the query asks for more, as with
class:outgoing, and a part is known in sums only, that is said; when nothing else matches, the exit
code is 1, as it cannot be told, and not 3.`,
		Example: "  portctl history :3000\n  portctl history --since 5m class:listening\n  portctl history node --json",
		RunE: run(func(ctx context.Context, args []string) error {
			return tellHistory(ctx, sys, args, o)
		}),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	c.Flags().BoolVar(&o.json, "json", false, "print JSON")
	c.Flags().DurationVar(&o.since, "since", history.Keep, "how far to look back")
	return c
}

func tellHistory(ctx context.Context, sys *system, args []string, o historyOptions) error {
	if o.since <= 0 || o.since > 24*time.Hour {
		return exitf(exitUsage, "--since %v: a time such as 5m, at most 24h", o.since)
	}
	view, err := viewOf(sys, args, listOptions{})
	if err != nil {
		return err
	}
	report, err := askPast(ctx, sys, o.since)
	if errors.Is(err, instance.ErrNone) {
		return &exitError{code: exitFailed, err: err, text: "Portolan is not running, and only it remembers: start it, or see what happens from now on with portctl watch"}
	}
	if err != nil {
		return err
	}
	past := pick(report, view)
	doubt := view.PastDoubt(&report)
	if o.json {
		err = export.WriteJSON(sys.out, past.asJSON(sys, report, waitedIn(report, view.Ephemeral), o.since))
	} else {
		past.print(sys)
		if sys.terminal.out && !report.Begun.IsZero() {
			fmt.Fprintln(sys.errOut, knownSince(report, o.since))
		}
	}
	switch {
	case err != nil:
		return err
	case past.empty() && doubt != "": // there may have been some: that is not nothing
		return exitf(exitFailed, "nothing that is known one by one %s. %s", strings.TrimSpace(asked(args)), doubt)
	case past.empty():
		return exitf(exitNothing, "nothing %sin the last %v", asked(args), o.since)
	case doubt != "":
		fmt.Fprintln(sys.errOut, doubt)
	}
	return nil
}

// knownSince says how far back the record goes, and from when on it has every event.
func knownSince(r history.Report, since time.Duration) string {
	said := fmt.Sprintf("Portolan has watched since %s. Every event is known from %s on", clock(r.Begun),
		clock(latest(latest(r.Begun, r.Whole), r.Taken.Add(-min(since, history.Keep)))))
	if len(r.Sums) > 0 {
		said += ", before that sums"
	}
	return said + "."
}

// asked is the part of a message that names a query.
func asked(args []string) string {
	if len(args) == 0 {
		return "opened or closed "
	}
	return fmt.Sprintf("matches %q ", strings.Join(args, " "))
}

// past is the part of a report that matches a query.
type past struct {
	tenures []history.Tenure
	events  []history.Event
	sums    []history.Sum
	apps    []history.AppCount
	short   int  // connections that no look has seen; whose is not known, so a query has none
	partial bool // the counts are at least so much
}

func (p *past) empty() bool { return len(p.tenures)+len(p.events)+len(p.sums)+len(p.apps)+p.short == 0 }

func pick(r history.Report, v table.View) past {
	v.Census = waitedIn(r, v.Ephemeral)
	p := past{
		tenures: matched(r.Tenures, table.TenureSocket, v),
		events:  matched(r.Events, func(e *history.Event) netstat.Socket { return e.Socket }, v),
		sums:    matched(r.Sums, table.SumSocket, v),
		apps:    matched(r.Apps, countedSocket, v),
		partial: r.Partial,
	}
	if v.Query.String() == "" {
		p.short = r.Short
	}
	return p
}

// matched gives what a query wants of things that can be seen as sockets.
func matched[T any](all []T, socket func(*T) netstat.Socket, v table.View) []T {
	s := &netstat.Snapshot{Sockets: make([]netstat.Socket, len(all))}
	for i := range all {
		s.Sockets[i] = socket(&all[i])
	}
	var found []T
	i := 0
	for _, r := range table.Rows(s, v) { // in the same order, but for those that are not wanted
		for &s.Sockets[i] != r.Socket {
			i++
		}
		found = append(found, all[i])
	}
	return found
}

// print writes what there is, each part under its titles.
func (p *past) print(sys *system) {
	blank := ""
	part := func(s *sheet) {
		if len(s.rows) > 0 {
			fmt.Fprint(sys.out, blank)
			s.print(sys.out, sys.terminal.width, sys.terminal.colour)
			blank = "\n"
		}
	}
	part(tenureSheet(p.tenures))
	part(sumSheet(p.sums))
	part(p.countSheet())
	part(eventSheet(p.events))
}

// clock is the time of day of an event.
func clock(t time.Time) string { return t.Local().Format(time.TimeOnly) }

func tenureSheet(tenures []history.Tenure) *sheet {
	s := &sheet{columns: []sheetColumn{{title: "WAITED"}, {title: "UNTIL"}, {title: "SOCKET", least: 9}, {title: "PROCESS", least: 9}, {title: "PID", right: true}, {title: "APP", least: 9}}}
	for i := range tenures {
		t := &tenures[i]
		from, to := clock(t.From), "now"
		if t.Older {
			from = "before " + from
		}
		if !t.To.IsZero() {
			to = clock(t.To)
		}
		socket := table.TenureSocket(t)
		s.rows = append(s.rows, append([]cell{{text: from}, {text: to}, {text: socket.Protocol.String() + " " + table.Endpoint(&socket)}}, whoCells(&socket)...))
	}
	return s
}

func eventSheet(events []history.Event) *sheet {
	s := &sheet{columns: []sheetColumn{{title: "TIME"}, {title: "EVENT"}, {title: "SOCKET", least: 9}, {title: "REMOTE", least: 9}, {title: "STATE"},
		{title: "PROCESS", least: 9}, {title: "PID", right: true}, {title: "APP", least: 9}}}
	for i := range events {
		e := &events[i]
		cells := []cell{{text: clock(e.At)}, {text: e.What.String()}, {text: e.Socket.Protocol.String() + " " + table.Endpoint(&e.Socket)},
			{text: orDash(remoteText(&e.Socket))}, {text: orDash(e.Socket.State.String())}}
		s.rows = append(s.rows, append(cells, whoCells(&e.Socket)...))
	}
	return s
}

func sumSheet(sums []history.Sum) *sheet {
	s := &sheet{columns: []sheetColumn{{title: "FROM"}, {title: "TO"}, {title: "PORT"}, {title: "OPENED", right: true}, {title: "CLOSED", right: true}, {title: "PROCESS", least: 9}, {title: "APP", least: 9}}}
	for _, x := range ofAllMinutes(sums) {
		s.rows = append(s.rows, []cell{{text: clock(x.From)}, {text: clock(x.To)}, {text: fmt.Sprintf("%v %d", x.Protocol, x.Port)}, {text: fmt.Sprint(x.Opened)},
			{text: fmt.Sprint(x.Closed)}, {text: orDash(table.Clean(x.Process))}, {text: orDash(table.Clean(x.App.Name))}})
	}
	return s
}

func remoteText(s *netstat.Socket) string {
	if !s.Remote.IsValid() {
		return ""
	}
	return table.Clean(s.Remote.String())
}

// whoCells are the process, its PID and its app.
func whoCells(s *netstat.Socket) []cell {
	r := table.Rows(&netstat.Snapshot{Sockets: []netstat.Socket{*s}}, table.View{})[0]
	var cells []cell
	for _, id := range []table.ColumnID{table.ColumnProcess, table.ColumnPID, table.ColumnApp} {
		cells = append(cells, cell{text: orDash(columnText(id)(&r))})
	}
	return cells
}

func (p *past) asJSON(sys *system, r history.Report, census *table.Census, since time.Duration) historyJSON {
	out := historyJSON{Taken: export.Moment{Time: r.Taken}, Host: hostOf(sys), Since: export.Moment{Time: r.Taken.Add(-since)}, Begun: momentOf(r.Begun), Whole: momentOf(r.Whole),
		Tenures: []tenureJSON{}, Events: []pastEventJSON{}, Sums: []sumJSON{}, Apps: []appPastJSON{}, NeverSeen: p.short, Partial: p.partial}
	for i := range p.tenures {
		t := &p.tenures[i]
		one := tenureJSON{Protocol: t.Protocol.String(), Local: export.NewAddress(t.Local), DualStack: t.DualStack, From: export.Moment{Time: t.From}, Older: t.Older, To: momentOf(t.To)}
		if t.Process != nil {
			of := export.NewProcess(t.Process)
			one.Process = &of
		}
		out.Tenures = append(out.Tenures, one)
	}
	for i := range p.events {
		e := &p.events[i]
		out.Events = append(out.Events, pastEventJSON{Event: e.What.String(), Taken: export.Moment{Time: e.At}, Socket: export.NewSocket(&e.Socket, census)})
	}
	for _, x := range p.sums {
		out.Sums = append(out.Sums, sumJSON{From: export.Moment{Time: x.From}, To: export.Moment{Time: x.To}, Protocol: x.Protocol.String(), Port: x.Port,
			Process: table.Clean(x.Process), App: table.Clean(x.App.Name), Opened: x.Opened, Closed: x.Closed})
	}
	for i := range p.apps {
		a := &p.apps[i]
		out.Apps = append(out.Apps, appPastJSON{App: export.NewApp(a.App), Outgoing: tallyJSON(a.Outgoing), Incoming: tallyJSON(a.Incoming), Listening: tallyJSON(a.Listening)})
	}
	return out
}

// waitedIn is the census of what waited at some time of a report, whatever was asked for: it tells what came in.
func waitedIn(r history.Report, ephemeral port.Range) *table.Census {
	s := &netstat.Snapshot{Sockets: make([]netstat.Socket, len(r.Tenures))}
	for i := range r.Tenures {
		s.Sockets[i] = table.TenureSocket(&r.Tenures[i])
	}
	return table.TakeCensus(s, ephemeral, nil)
}

// momentOf is nil for the zero time.
func momentOf(t time.Time) *export.Moment {
	if t.IsZero() {
		return nil
	}
	return &export.Moment{Time: t}
}
