package watch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/table"
)

// maxListed is how many of a burst are named.
const maxListed = 4

// Notification is what a person is told.
type Notification struct {
	Title, Body string // cleaned; a few words, and a line or some
	Query       string // finds in the window what it is about
	about       []State
}

// Now gives what a notification that stays in view is to say by now: itself while all ports that it tells of are as they
// were, else the state of the one port, where the person asked for it. false: it has become false.
func (n Notification) Now(states []State) (Notification, bool) {
	for _, was := range n.about {
		at := slices.IndexFunc(states, func(s State) bool { return s.Port.same(was.Port) })
		switch {
		case at >= 0 && states[at].Taken == was.Taken && states[at].Name == was.Name:
			continue
		case at < 0 || len(n.about) > 1 || !states[at].asked():
			return Notification{}, false
		}
		return Notification{Title: states[at].title(), Query: n.Query, about: states[at : at+1 : at+1]}, true
	}
	return n, true
}

// asked reports whether the person wants to be told of it.
func (s State) asked() bool { return s.Taken && s.Port.Taken || !s.Taken && s.Port.Free }

// title says whether the port is free.
func (s State) title() string {
	if s.Taken {
		return language.F("%s is taken", s.Port.Title())
	}
	return language.F("%s is free", s.Port.Title())
}

// notificationOf puts into one notification what is to be told.
func notificationOf(changes []*watched, newcomers []newcomer, more int) Notification {
	switch {
	case len(changes) == 1 && len(newcomers) == 0:
		return changes[0].notification()
	case len(changes) == 0 && len(newcomers) == 1 && more == 0:
		return newcomers[0].notification()
	}
	var lines []string
	for _, p := range changes {
		lines = append(lines, p.line())
	}
	for _, n := range newcomers {
		lines = append(lines, n.line())
	}
	all := len(lines) + more
	n := Notification{Query: queryOf(changes, newcomers)}
	for _, p := range changes {
		n.about = append(n.about, p.state())
	}
	switch {
	case len(changes) == 0:
		n.Title = language.N("%d new listener", "%d new listeners", all)
	case len(newcomers) == 0:
		n.Title = language.N("%d watched port has changed", "%d watched ports have changed", all)
	default:
		n.Title = language.N("%d change", "%d changes", all)
	}
	if len(lines) > maxListed {
		lines = lines[:maxListed]
	}
	n.Body = strings.Join(lines, ", ")
	if rest := all - len(lines); rest > 0 {
		n.Body = language.F("%s and %d more", n.Body, rest)
	}
	return n
}

// queryOf finds all that a burst is about: their ports, each once, and the protocol where it is one.
func queryOf(changes []*watched, newcomers []newcomer) string {
	about := make([]Port, 0, len(changes)+len(newcomers))
	for _, p := range changes {
		about = append(about, p.rule)
	}
	for _, n := range newcomers {
		about = append(about, Port{Number: n.port, Protocol: n.protocol})
	}
	var numbers []string
	all := about[0]
	for _, p := range about {
		if number := strconv.Itoa(int(p.Number)); !slices.Contains(numbers, number) {
			numbers = append(numbers, number)
		}
		if p.Protocol != all.Protocol {
			all.Protocol = 0
		}
	}
	return withProtocol("port:"+strings.Join(numbers, ","), all.Protocol)
}

func (p *watched) notification() Notification {
	n := Notification{Title: p.state().title(), Query: p.rule.Query(), about: []State{p.state()}}
	if !p.now.taken {
		if p.said.name != "" {
			n.Body = language.F("%s has let go of it.", p.said.name)
		}
		return n
	}
	n.Body = language.T("Who holds it may not be seen.")
	if p.now.name != "" {
		n.Body = language.F("%s (PID %d) holds it: %s.", p.now.name, p.now.id.PID, table.Endpoint(&p.now.local))
	}
	return n
}

func (p *watched) line() string {
	switch {
	case !p.now.taken:
		return language.F("%s is free", p.rule.Name())
	case p.now.name == "":
		return language.F("%s is taken", p.rule.Name())
	default:
		return language.F("%s: %s", p.rule.Name(), p.now.name)
	}
}

func (n newcomer) notification() Notification {
	title := language.T("A process that may not be seen listens to the network")
	switch {
	case n.name != "":
		title = language.F("%s listens to the network", n.name)
	case n.user != "":
		title = language.F("A process of %s listens to the network", n.user)
	}
	return Notification{
		Title: title,
		Body:  language.F("It was not seen to do so before: %s port %d.", strings.ToUpper(n.protocol.String()), n.port),
		Query: Port{Number: n.port, Protocol: n.protocol}.Query(),
	}
}

func (n newcomer) line() string {
	name := n.name
	if name == "" {
		name = n.user
	}
	return strings.TrimSpace(fmt.Sprintf("%s :%d", name, n.port))
}

// State is what is known of a watched port, for a menu.
type State struct {
	Port  Port
	Known bool      // it was looked at
	Taken bool      // by Name, if that is known
	Name  string    // cleaned
	Since time.Time // when it became so; zero: before it was first looked at
}

// States gives those of the ports that are watched, in their order.
func (w *Watcher) States() []State {
	var states []State
	for _, p := range w.ports {
		if !p.rule.Off {
			states = append(states, p.state())
		}
	}
	return states
}

func (p *watched) state() State {
	return State{Port: p.rule, Known: p.known, Taken: p.now.taken, Name: p.now.name, Since: p.changed}
}

// withProtocol narrows a query to a protocol; 0 is either.
func withProtocol(query string, protocol netstat.Protocol) string {
	if protocol == 0 {
		return query
	}
	return query + " proto:" + protocol.String()
}

// Text says it: "port 3000: free", "port 3000: node since 10:42".
func (s State) Text() string {
	name := s.Name
	switch {
	case !s.Known:
		return s.Port.Name()
	case !s.Taken:
		name = language.T("free")
	case name == "":
		name = language.T("taken")
	}
	if s.Since.IsZero() {
		return language.F("%s: %s", s.Port.Name(), name)
	}
	return language.F("%s: %s since %s", s.Port.Name(), name, s.Since.Local().Format("15:04"))
}
