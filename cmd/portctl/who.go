package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"portolan/internal/export"
	"portolan/internal/netstat"
	"portolan/internal/table"
)

func newWho(sys *system) *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use:   "who PORT",
		Short: "Say who holds a port",
		Long: `Says which process holds a port and what it is: how it came to run, its command with passwords
masked, its folder and project, its container or unit, and what would start it again.`,
		Example: "  portctl who 3000\n  portctl who 5432 --json",
		Args:    onePort,
		RunE: run(func(ctx context.Context, args []string) error {
			return who(ctx, sys, args[0], asJSON)
		}),
		ValidArgsFunction: completePorts(sys),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON: as list does, with all sockets of this local port, and more about who holds it")
	return c
}

// onePort checks the number of arguments.
func onePort(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return errors.New("name one port, as in portctl who 3000")
	}
	return nil
}

func who(ctx context.Context, sys *system, argument string, asJSON bool) error {
	number, err := parsePort(argument)
	if err != nil {
		return err
	}
	snapshot, err := readOnce(ctx, sys, asJSON)
	if err != nil {
		return err
	}
	use := useOf(snapshot, number)
	census := table.TakeCensus(snapshot, sys.portRules().Ephemeral, nil)
	portraits := portraitsOf(ctx, sys, snapshot, census, use.holding())
	if asJSON {
		all := append(use.bound, use.connections...)
		out := whoJSON{List: export.NewList(snapshot, all, census, hostOf(sys)), Processes: []holderJSON{}}
		for _, p := range portraits {
			out.Processes = append(out.Processes, p.asJSON())
		}
		if err := export.WriteJSON(sys.out, out); err != nil {
			return err
		}
	} else if len(use.holding()) > 0 {
		holderSheet(use.holding()).print(sys.out, sys.terminal.width, sys.terminal.colour)
		if len(use.bound) > 0 && len(use.connections) > 0 {
			fmt.Fprintf(sys.out, "and %s on it (portctl list :%d)\n", plural(len(use.connections), "connection", "connections"), number)
		}
		printPortraits(sys, portraits)
	}
	if len(use.holding()) == 0 {
		return exitf(exitNothing, "nobody holds port %d%s", number, goesOut(snapshot, number))
	}
	return nil
}

// goesOut mentions the connections to the same port of other computers, which is what
// often brings the question up.
func goesOut(s *netstat.Snapshot, number uint16) string {
	count := 0
	for i := range s.Sockets {
		if s.Sockets[i].Remote.Port() == number {
			count++
		}
	}
	if count == 0 {
		return ""
	}
	return fmt.Sprintf(" here; %s to port %d elsewhere", plural(count, "connection goes out", "connections go out"), number)
}

// holderSheet has a row for every socket and process that holds it.
func holderSheet(sockets []*netstat.Socket) *sheet {
	s := &sheet{columns: []sheetColumn{
		{title: "SOCKET"}, {title: "STATE"}, {title: "REACH"}, {title: "PROCESS", least: 9}, {title: "PID", right: true},
		{title: "USER", least: 5}, {title: "STARTED"}, {title: "EXECUTABLE", least: 12},
	}}
	process := columnText(table.ColumnProcess)
	for _, socket := range sockets {
		base := []cell{
			{text: socket.Protocol.String() + " " + table.Endpoint(socket)},
			{text: orDash(socket.State.String())},
			{text: orDash(table.Exposure(socket).String())},
		}
		for _, r := range table.Rows(&netstat.Snapshot{Sockets: []netstat.Socket{*socket}}, table.View{}) {
			cells := append(slices.Clip(base), cell{text: orDash(process(&r)), style: bold})
			s.rows = append(s.rows, append(cells, ownerCells(&r)...))
		}
	}
	return s
}

func columnText(id table.ColumnID) func(*table.Row) string {
	for _, c := range table.Columns() {
		if c.ID == id {
			return c.Text
		}
	}
	panic("no column " + string(id)) // the table has every column that it names
}

// ownerCells are the PID, the user, the start and the executable.
func ownerCells(r *table.Row) []cell {
	if r.Owner == nil {
		return []cell{{text: "-"}, {text: orDash(table.Clean(r.Socket.User))}, {text: "-"}, {text: "-"}}
	}
	p := r.Owner.Process
	started := "-"
	if !p.Started.IsZero() {
		started = p.Started.Local().Format("2006-01-02 15:04")
	}
	return []cell{{text: fmt.Sprint(p.PID)}, {text: orDash(table.Clean(p.User))}, {text: started},
		{text: orDash(strings.TrimSpace(table.Clean(p.Executable)))}}
}
