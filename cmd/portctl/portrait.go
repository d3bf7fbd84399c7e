package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/restart"
	"portolan/internal/table"
)

// portrait is all that is to be told of a process that holds a port.
type portrait struct {
	process   *process.Process
	sentences []string // what it does with the port
	ancestors []*process.Process
	causes    []restart.Cause
}

// portraitsOf gives those of all processes that hold the sockets, by PID. census is of s.
func portraitsOf(ctx context.Context, sys *system, s *netstat.Snapshot, census *table.Census, sockets []*netstat.Socket) []portrait {
	holders := holdersOf(sockets)
	portraits := make([]portrait, len(holders))
	var all sync.WaitGroup
	for i, h := range holders {
		all.Go(func() {
			p := portrait{process: h.process, sentences: sentencesOf(sys, s, census, sockets, h.process)}
			p.ancestors, _ = sys.ancestors(h.process.ID) // it may have ended: then there is less to tell
			if h.by == netstat.ByDescriptor {
				p.causes = sys.causes(ctx, h.process, listening(table.PortsOf(s, h.process.ID)))
			}
			portraits[i] = p
		})
	}
	all.Wait()
	return portraits
}

// sentencesOf says in words what the process does with each of the sockets.
func sentencesOf(sys *system, s *netstat.Snapshot, census *table.Census, sockets []*netstat.Socket, p *process.Process) []string {
	var sentences []string
	for _, socket := range sockets {
		for i, o := range socket.Owners {
			if o.Process.ID == p.ID {
				row := census.Row(socket, &socket.Owners[i])
				sentences = append(sentences, table.Sentence(&row, s, sys.uid, nil))
			}
		}
	}
	slices.Sort(sentences)
	return slices.Compact(sentences) // of a listener on IPv4 and one on IPv6
}

// listening gives the sockets that wait for others.
func listening(held []table.Held) []*netstat.Socket {
	var sockets []*netstat.Socket
	for _, h := range held {
		if table.Waits(h.Socket) {
			sockets = append(sockets, h.Socket)
		}
	}
	return sockets
}

// mostPortraits is how many are printed: a web server may have a hundred workers.
const mostPortraits = 5

func printPortraits(sys *system, portraits []portrait) {
	for _, p := range portraits[:min(len(portraits), mostPortraits)] {
		fmt.Fprintln(sys.out)
		for _, sentence := range p.sentences {
			fmt.Fprintln(sys.out, sentence)
		}
		for _, f := range p.facts() {
			name := fmt.Sprintf("  %-10s ", f.name)
			fmt.Fprintln(sys.out, bold.paint(name, sys.terminal.colour)+f.text)
		}
	}
	if more := len(portraits) - mostPortraits; more > 0 {
		fmt.Fprintf(sys.out, "\nand %s (--json tells of all)\n", plural(more, "more process", "more processes"))
	}
}

// fact is a line of a portrait; its text is clean.
type fact struct{ name, text string }

// facts are what is known; what is not is left out.
func (p portrait) facts() []fact {
	a, w := p.process.App, p.process.Work
	var facts []fact
	add := func(name, text string) {
		if text != "" {
			facts = append(facts, fact{name, text})
		}
	}
	if text := table.AppText(a); a.Kind != app.Container && !strings.EqualFold(text, table.Clean(p.process.Name)) {
		add("app", text)
	}
	if len(p.ancestors) > 0 {
		add("started by", table.Chain(p.process, p.ancestors))
	}
	add("command", table.Clean(w.Line))
	add("folder", table.Clean(w.Dir))
	if w.Project != w.Dir {
		add("project", table.Clean(w.Project))
	}
	if a.Kind == app.Container {
		add("container", containerText(a))
	}
	add("unit", unitText(a))
	for _, c := range p.causes {
		add("restart", causeText(c))
	}
	return facts
}

// containerText gives "web (docker, image nginx:1.27, id 0123456789ab)".
func containerText(a app.App) string {
	var parts []string
	for _, part := range []struct{ before, text string }{{"", a.Runtime}, {"image ", a.Image}, {"id ", a.ID[:min(len(a.ID), shortID)]}} {
		if part.text != "" {
			parts = append(parts, part.before+table.Clean(part.text))
		}
	}
	return fmt.Sprintf("%s (%s)", table.Clean(a.Name), strings.Join(parts, ", "))
}

// shortID is how much of a container's id its tools show.
const shortID = 12

func unitText(a app.App) string {
	if a.Unit != "" && a.UserUnit {
		return table.Clean(a.Unit) + " (systemctl --user)"
	}
	return table.Clean(a.Unit)
}

// causeText gives the sentence, and the command that is the right one.
func causeText(c restart.Cause) string {
	if c.Stop == "" {
		return table.Clean(c.Text)
	}
	return table.Clean(c.Text) + " To stop it: " + table.Clean(c.Stop)
}

func (p portrait) asJSON() holderJSON {
	out := holderJSON{PID: p.process.PID, Ancestors: []ancestorJSON{}, Causes: causesAsJSON(p.causes)}
	for _, a := range p.ancestors {
		out.Ancestors = append(out.Ancestors, ancestorJSON{a.PID, table.Clean(a.Name)})
	}
	return out
}
