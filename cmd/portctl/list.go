package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/table"
)

type listOptions struct {
	json, byApp, reverse bool
	sort                 string
}

func newList(sys *system) *cobra.Command {
	var o listOptions
	c := &cobra.Command{
		Use:   "list [QUERY]",
		Short: "List the open ports and who holds them",
		Long: `Lists every TCP and UDP socket of this computer with the process that holds it.

QUERY is what the search field of Portolan takes: words that any column may hold, and
` + queryHelp,
		Example: "  portctl list\n  portctl list state:listen exposed:yes\n  portctl list :3000-3010 --json\n  portctl list --by-app",
		RunE: run(func(ctx context.Context, args []string) error {
			return list(ctx, sys, args, o)
		}),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	c.Flags().BoolVar(&o.json, "json", false, "print JSON")
	c.Flags().BoolVar(&o.byApp, "by-app", false, "one line for every app, with its counts")
	c.Flags().StringVar(&o.sort, "sort", "", "the column to sort by: "+strings.Join(columnNames(), ", "))
	c.Flags().BoolVarP(&o.reverse, "reverse", "r", false, "sort the other way round")
	if err := c.RegisterFlagCompletionFunc("sort", cobra.FixedCompletions(columnNames(), cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // there is no such flag: a fault of ours
	}
	return c
}

const queryHelp = `  :3000  :3000-3010  pid:812  tcp  udp  state:listen  app:node  process:node  user:ada
  exposed:yes  ephemeral:no        and !WORD for what is not wanted`

func columnNames() []string {
	var names []string
	for _, c := range table.Columns() {
		names = append(names, string(c.ID))
	}
	return names
}

func list(ctx context.Context, sys *system, args []string, o listOptions) error {
	view, err := viewOf(sys, args, o)
	if err != nil {
		return err
	}
	snapshot, err := readOnce(ctx, sys)
	if err != nil {
		return err
	}
	rows := table.Rows(snapshot, view)
	switch {
	case o.json && o.byApp:
		err = printJSON(sys.out, appsAsJSON(snapshot, view, rows, hostOf(sys)))
	case o.json:
		err = printJSON(sys.out, listAsJSON(snapshot, socketsOf(rows), view.Ephemeral, hostOf(sys)))
	case len(rows) > 0 && o.byApp:
		appSheet(snapshot, view, rows).print(sys.out, sys.terminal.width, sys.terminal.colour)
	case len(rows) > 0:
		rowSheet(rows).print(sys.out, sys.terminal.width, sys.terminal.colour)
	}
	if err != nil {
		return err
	}
	if !o.json && (sys.terminal.out || snapshot.Hidden != (netstat.Hidden{})) {
		fmt.Fprintln(sys.errOut, statusLine(snapshot, rows, len(args) > 0))
	}
	if len(rows) == 0 && len(args) > 0 {
		return exitf(exitNothing, "nothing matches %q", strings.Join(args, " "))
	}
	return nil
}

// viewOf checks what the command line says about the view.
func viewOf(sys *system, args []string, o listOptions) (table.View, error) {
	query, err := table.ParseQuery(strings.Join(args, " "))
	if err != nil {
		return table.View{}, exitf(exitUsage, "%w", err)
	}
	if o.sort != "" && !slices.Contains(columnNames(), o.sort) {
		return table.View{}, exitf(exitUsage, "no column is named %q: there are %s", o.sort, strings.Join(columnNames(), ", "))
	}
	return table.View{ByApp: o.byApp, Query: query, Sort: table.ColumnID(o.sort), Descending: o.reverse, Ephemeral: sys.ephemeralRange()}, nil
}

// statusLine goes below the table: how many there are, and what cannot be seen.
func statusLine(s *netstat.Snapshot, rows []table.Row, filtered bool) string {
	if !filtered {
		return table.Status(s)
	}
	shown := 0
	for _, r := range rows {
		if r.Group != nil {
			shown += r.Group.Sockets
		}
	}
	return fmt.Sprintf("%d shown of %s", shown+len(socketsOf(rows)), table.Status(s))
}

// socketsOf gives the sockets of the rows, each once, in the order of the rows.
func socketsOf(rows []table.Row) []*netstat.Socket {
	seen := make(map[uint64]bool, len(rows))
	var sockets []*netstat.Socket
	for _, r := range rows {
		if r.Socket != nil && !seen[r.Socket.ID] {
			seen[r.Socket.ID] = true
			sockets = append(sockets, r.Socket)
		}
	}
	return sockets
}

func hostOf(sys *system) string {
	host, err := sys.hostname()
	if err != nil {
		return "" // a computer may have no name
	}
	return table.Clean(host)
}

func listAsJSON(s *netstat.Snapshot, sockets []*netstat.Socket, ephemeral port.Range, host string) listJSON {
	out := listJSON{Taken: moment{s.Taken}, Host: host, Hidden: hiddenAsJSON(s.Hidden), Sockets: make([]socketJSON, 0, len(sockets))}
	ephemeral = table.EphemeralRange(s, ephemeral)
	for _, socket := range sockets {
		out.Sockets = append(out.Sockets, socketAsJSON(socket, ephemeral))
	}
	return out
}

// rowSheet puts the rows into columns. An empty cell gets a dash, so that every line
// has the same number of words for awk.
func rowSheet(rows []table.Row) *sheet {
	columns := table.Columns()
	s := &sheet{rows: make([][]cell, 0, len(rows))}
	for _, c := range columns {
		s.columns = append(s.columns, sheetColumn{title: strings.ToUpper(string(c.ID)), right: c.AlignRight, least: leastWidth(c.ID)})
	}
	for i := range rows {
		cells := make([]cell, len(columns))
		if rows[i].Group != nil {
			s.rows = append(s.rows, cells) // a header is drawn across the columns
			continue
		}
		for j, c := range columns {
			cells[j] = cell{text: orDash(c.Text(&rows[i])), style: styleOf(&rows[i], c.ID)}
		}
		s.rows = append(s.rows, cells)
	}
	return s
}

// leastWidth is what a column keeps on a narrow terminal; numbers and states are never cut.
func leastWidth(id table.ColumnID) int {
	switch id {
	case table.ColumnLocal, table.ColumnRemote, table.ColumnProcess, table.ColumnApp:
		return 9
	case table.ColumnService, table.ColumnUser:
		return 5
	default:
		return 0
	}
}

func styleOf(r *table.Row, id table.ColumnID) style {
	switch {
	case r.Socket == nil:
		return plain
	case id == table.ColumnState && r.Socket.State == netstat.Listen:
		return green
	case id == table.ColumnLocal && r.Exposure == port.Network:
		return yellow // others can reach it
	case r.Owner == nil:
		return faint
	default:
		return plain
	}
}

// appLine is one app with the ports it listens on.
type appLine struct {
	group *table.Group
	ports []uint16
}

// appLines adds the ports to the groups, which are the rows of the by-app view.
func appLines(s *netstat.Snapshot, view table.View, groups []table.Row) []appLine {
	view.Open = make(map[table.Key]bool, len(groups))
	for _, r := range groups {
		view.Open[r.Key] = true
	}
	var lines []appLine
	for _, r := range table.Rows(s, view) {
		if r.Group != nil {
			lines = append(lines, appLine{group: r.Group, ports: []uint16{}})
		} else if r.Socket.State == netstat.Listen {
			last := &lines[len(lines)-1]
			last.ports = append(last.ports, r.Socket.Local.Port())
		}
	}
	for i := range lines {
		slices.Sort(lines[i].ports)
		lines[i].ports = slices.Compact(lines[i].ports)
	}
	return lines
}

func appSheet(s *netstat.Snapshot, view table.View, groups []table.Row) *sheet {
	out := &sheet{columns: []sheetColumn{
		{title: "APP", least: 9}, {title: "PROCESSES", right: true}, {title: "SOCKETS", right: true}, {title: "LISTENING", right: true},
		{title: "ESTABLISHED", right: true}, {title: "EPHEMERAL", right: true}, {title: "CLOSING", right: true}, {title: "PORTS", least: 9},
	}}
	for _, l := range appLines(s, view, groups) {
		g := l.group
		cells := []cell{{text: orDash(g.Name), style: bold}}
		for _, n := range []int{g.Processes, g.Sockets, g.Listening, g.Established, g.Ephemeral, g.Closing} {
			cells = append(cells, cell{text: strconv.Itoa(n)})
		}
		ports := make([]string, len(l.ports))
		for i, p := range l.ports {
			ports[i] = strconv.Itoa(int(p))
		}
		out.rows = append(out.rows, append(cells, cell{text: orDash(strings.Join(ports, ",")), style: green}))
	}
	return out
}

func appsAsJSON(s *netstat.Snapshot, view table.View, groups []table.Row, host string) appsJSON {
	out := appsJSON{Taken: moment{s.Taken}, Host: host, Hidden: hiddenAsJSON(s.Hidden), Apps: []appCountJSON{}}
	for _, l := range appLines(s, view, groups) {
		g := l.group
		what := appAsJSON(g.App)
		what.Name = g.Name
		if g.App == (app.App{}) {
			what.Kind = "" // of no known process: the kernel's, or hidden
		}
		out.Apps = append(out.Apps, appCountJSON{appJSON: what, Processes: g.Processes, Sockets: g.Sockets, Listening: g.Listening,
			Established: g.Established, Ephemeral: g.Ephemeral, Closing: g.Closing, Ports: l.ports})
	}
	return out
}
