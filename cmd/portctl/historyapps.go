package main

import (
	"fmt"

	"portolan/internal/history"
	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/table"
)

// countedSocket stands for all the sockets of an app, of which nothing else is said.
func countedSocket(a *history.AppCount) netstat.Socket {
	p := &process.Process{Name: a.App.Name, App: a.App, UID: -1}
	return netstat.Socket{UID: -1, Owners: []netstat.Owner{{Process: p, By: netstat.ByDescriptor}}}
}

// ofAllMinutes puts the sums of the same together: for a person one line of ten minutes says more than ten. The
// order is that of the first minute.
func ofAllMinutes(sums []history.Sum) []history.Sum {
	type key struct {
		app, process string
		protocol     netstat.Protocol
		port         uint16
	}
	place := map[key]int{}
	var all []history.Sum
	for _, x := range sums {
		k := key{x.App.Key(), x.Process, x.Protocol, x.Port}
		i, known := place[k]
		if !known {
			place[k] = len(all)
			all = append(all, x)
			continue
		}
		one := &all[i]
		one.Opened, one.Closed = one.Opened+x.Opened, one.Closed+x.Closed
		if x.From.Before(one.From) {
			one.From = x.From
		}
		if x.To.After(one.To) {
			one.To = x.To
		}
	}
	return all
}

// countSheet has a line for each kind of sockets of an app.
func (p *past) countSheet() *sheet {
	s := &sheet{columns: []sheetColumn{{title: "APP", least: 9}, {title: "SOCKETS"}, {title: "NOW", right: true}, {title: "OPENED", right: true}, {title: "CLOSED", right: true}}}
	least := func(n int, partial bool) cell {
		if partial && n > 0 {
			return cell{text: fmt.Sprintf("≥ %d", n)}
		}
		return cell{text: fmt.Sprint(n)}
	}
	for _, a := range p.apps {
		for _, of := range []struct {
			kind table.Class
			history.Tally
		}{{table.Listening, a.Listening}, {table.Incoming, a.Incoming}, {table.Outgoing, a.Outgoing}} {
			if of.Tally != (history.Tally{}) {
				s.rows = append(s.rows, []cell{{text: orDash(table.Clean(a.App.Name))}, {text: of.kind.String()}, least(of.Now, p.partial), least(of.Opened, p.partial), least(of.Closed, p.partial)})
			}
		}
	}
	if p.short > 0 {
		s.rows = append(s.rows, []cell{{text: "-"}, {text: "never seen open"}, {text: "-"}, least(p.short, true), least(p.short, true)})
	}
	return s
}
