package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/restart"
	"portolan/internal/table"
)

// mostConnections is how many connections of one process are listed one by one before
// a kill. What it listens on, and its UDP sockets, are listed always.
const mostConnections = 10

// printPlan shows what will end, and every port that closes with it.
func printPlan(w io.Writer, sys *system, p plan, o killOptions) {
	if len(p.targets) == 0 {
		return
	}
	title := "To be ended with SIGTERM:"
	if o.force {
		title = "To be ended with SIGKILL, losing what is not saved:"
	}
	if o.dryRun {
		title = strings.Replace(title, "To be", "A dry run. Would be", 1)
	}
	s := &sheet{columns: []sheetColumn{{title: "PROCESS"}, {title: "PID", right: true}, {title: "USER"}, {title: "APP"}, {title: "PORTS THAT CLOSE"}}}
	for _, t := range p.targets {
		lines := closing(t.held)
		s.rows = append(s.rows, []cell{
			{text: orDash(table.Clean(t.process.Name)), style: bold},
			{text: fmt.Sprint(t.process.PID)},
			{text: orDash(table.Clean(t.process.User))},
			{text: orDash(table.Clean(t.process.App.Name))},
			{text: lines[0]},
		})
		for _, line := range lines[1:] {
			s.rows = append(s.rows, []cell{{}, {}, {}, {}, {text: line}})
		}
	}
	fmt.Fprintln(w, title)
	// Never cut to the terminal: this has to be read whole.
	s.print(w, 0, sys.terminal.colour)
	printCauses(w, p)
}

// printCauses says why that would not be the end of it, each cause once, and what would be.
func printCauses(w io.Writer, p plan) {
	var told []restart.Cause
	for _, t := range p.targets {
		for _, c := range t.causes {
			if slices.Contains(told, c) {
				continue // of the workers of one server
			}
			told = append(told, c)
			fmt.Fprintf(w, "%s: %s\n", nameOf(t.process), table.Clean(c.Text))
			if c.Stop != "" {
				fmt.Fprintf(w, "  the right way to stop it: %s\n", table.Clean(c.Stop))
			}
		}
	}
}

// closing says what closes, a line each.
func closing(held []table.Held) []string {
	var lines []string
	connections := 0
	for _, h := range held {
		if isConnection(h.Socket) {
			if connections++; connections > mostConnections {
				continue
			}
		}
		lines = append(lines, h.String())
	}
	if more := connections - mostConnections; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more connections (--json lists all)", more))
	}
	if len(lines) == 0 {
		lines = append(lines, "no ports")
	}
	return lines
}

func isConnection(s *netstat.Socket) bool {
	return s.Protocol == netstat.TCP && s.State != netstat.Listen
}

func printRefused(w io.Writer, p plan) {
	for _, r := range p.refused {
		fmt.Fprintf(w, "portctl: %s: %s\n", r.argument, table.Clean(r.why))
	}
}

func isTarget(id process.ID, targets []target) bool {
	for _, t := range targets {
		if t.process.ID == id {
			return true
		}
	}
	return false
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
