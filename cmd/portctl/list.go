package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"portolan/internal/export"
	"portolan/internal/netstat"
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
	c.Flags().StringVar(&o.sort, "sort", "", "the column to sort by: "+strings.Join(columnNames(table.Columns()), ", ")+
		"; with --by-app: "+strings.Join(columnNames(table.GroupColumns()), ", "))
	c.Flags().BoolVarP(&o.reverse, "reverse", "r", false, "sort the other way round (counts and bytes begin with the most)")
	offer := func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return columnNames(columnsOf(o.byApp)), cobra.ShellCompDirectiveNoFileComp
	}
	if err := c.RegisterFlagCompletionFunc("sort", offer); err != nil {
		panic(err) // there is no such flag: a fault of ours
	}
	return c
}

const queryHelp = `  :3000  3000-3010  port:3000,8080  port:>1023  pid:812  tcp  udp6
  local:127.0.0.1  remote:10.0.0.0/8  remote::443  addr:fe80::/10%en0
  state:listen,established  class:incoming  exposed:yes  ephemeral:no  service:https
  app:node  name:vite  process:node  user:ada  container:web  unit:nginx.service
  kind:container  in:iterm  since:5m
All words must hold; commas and "one or other" offer a choice, (parentheses) group, and !WORD or
-WORD is what is not wanted. Quotes take a word as it is. A shell wants its own quotes around !, >, "
and parentheses.`

// columnsOf gives the columns of a view.
func columnsOf(byApp bool) []table.Column {
	if byApp {
		return table.GroupColumns()
	}
	return table.Columns()
}

func columnNames(columns []table.Column) []string {
	var names []string
	for _, c := range columns {
		names = append(names, string(c.ID))
	}
	return names
}

func list(ctx context.Context, sys *system, args []string, o listOptions) error {
	view, err := viewOf(sys, args, o)
	if err != nil {
		return err
	}
	snapshot, err := readOnce(ctx, sys, o.json || o.byApp)
	if err != nil {
		return err
	}
	if view.Doubt(snapshot) != "" { // it asks since when
		if view.Past, err = pastFor(ctx, sys, snapshot); err != nil {
			return err
		}
		if doubt := view.Doubt(snapshot); doubt != "" {
			fmt.Fprintln(sys.errOut, "portctl: "+doubt)
		}
	}
	found, err := printList(sys, snapshot, view, o)
	if err != nil {
		return err
	}
	if !o.json && (sys.terminal.out || snapshot.Hidden != (netstat.Hidden{})) {
		fmt.Fprintln(sys.errOut, statusLine(snapshot, found, len(args) > 0))
	}
	if found == 0 && len(args) > 0 {
		return exitf(exitNothing, "nothing matches %q", strings.Join(args, " "))
	}
	return nil
}

// printList prints what the view shows, and gives the number of sockets that match.
func printList(sys *system, s *netstat.Snapshot, view table.View, o listOptions) (found int, err error) {
	if o.byApp {
		groups := appGroups(s, view)
		switch {
		case o.json:
			err = export.WriteJSON(sys.out, export.NewApps(s, groups, hostOf(sys)))
		case len(groups) > 0:
			appSheet(groups).print(sys.out, sys.terminal.width, sys.terminal.colour)
		}
		return matching(s, view), err
	}
	rows := table.Rows(s, view)
	sockets := socketsOf(rows)
	switch {
	case o.json:
		err = export.WriteJSON(sys.out, export.NewList(s, sockets, table.TakeCensus(s, view.Ephemeral, view.Past), hostOf(sys)))
	case len(rows) > 0:
		rowSheet(rows).print(sys.out, sys.terminal.width, sys.terminal.colour)
	}
	return len(sockets), err
}

// viewOf checks what the command line says about the view.
func viewOf(sys *system, args []string, o listOptions) (table.View, error) {
	query, err := table.ParseQuery(strings.Join(args, " "))
	if err != nil {
		return table.View{}, queryFailure(strings.Join(args, " "), err)
	}
	rules := sys.portRules()
	view := table.View{ByApp: o.byApp, Query: query, Descending: o.reverse, Ephemeral: rules.Ephemeral, TimeWait: rules.TimeWait}
	if o.sort == "" {
		return view, nil
	}
	columns := columnsOf(o.byApp)
	i := slices.IndexFunc(columns, func(c table.Column) bool { return string(c.ID) == o.sort })
	if i < 0 {
		return table.View{}, exitf(exitUsage, "no column is named %q: there are %s", o.sort, strings.Join(columnNames(columns), ", "))
	}
	view.Sort, view.Descending = columns[i].ID, o.reverse != columns[i].MostFirst
	return view, nil
}

// statusLine goes below the table: how many there are, and what cannot be seen.
func statusLine(s *netstat.Snapshot, found int, filtered bool) string {
	if !filtered {
		return table.Status(s)
	}
	return fmt.Sprintf("%d shown of %s", found, table.Status(s))
}

// matching gives the number of sockets that a view has, however it shows them.
func matching(s *netstat.Snapshot, view table.View) int {
	return len(socketsOf(table.Rows(s, table.View{Query: view.Query, Ephemeral: view.Ephemeral, Past: view.Past})))
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
