package history

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"portolan/internal/netstat"
	"portolan/internal/process"
)

// Report is all that a History knows of a time, in one piece: what the running app tells portctl.
type Report struct {
	// Taken is when it was made, Begun when the record began; the zero time when nothing was read yet.
	Taken, Begun time.Time
	// Whole is the moment from which on Events has every event; those before are in Sums.
	Whole   time.Time
	Events  []Event
	Sums    []Sum
	Tenures []Tenure
	// Apps are what the sockets of each app have done.
	Apps []AppCount
	// Short is how many connections were, at least, opened and closed between two looks: they are in no other count.
	Short int
	// Partial: so many sockets were open that not all were followed, and what is told is at least so much.
	Partial bool
}

// Report gives what is known from since on.
func (h *History) Report(since, now time.Time) Report {
	h.mu.Lock()
	defer h.mu.Unlock()
	from, until, who := h.clock.moment(since), h.clock.now(now), cast{}
	return Report{Taken: now, Begun: h.time(0), Whole: h.time(h.events.lost), Events: h.eventsFrom(from, who), Sums: h.sumsFrom(from), Tenures: h.tenuresFrom(from, who),
		Apps: h.appsFrom(from, until), Short: h.shorts.all.tally(from, until).Opened, Partial: h.partial()}
}

// Word is what the running app is asked for its past with, see instance.Ask.
const Word = "past"

// Question is the line to ask with, for what happened within a time.
func Question(within time.Duration) string {
	return Word + " " + strconv.FormatInt(int64((within+time.Second-1)/time.Second), 10)
}

// Answer answers a Question, of which argument is what stands after the Word, with a report for ReadReport.
func (h *History) Answer(w io.Writer, argument string, now time.Time) error {
	seconds, err := strconv.ParseUint(argument, 10, 31)
	if err != nil {
		return fmt.Errorf("tell the past: %.20q is no number of seconds", argument)
	}
	r := h.Report(now.Add(-time.Duration(seconds)*time.Second), now)
	_, err = r.WriteTo(w)
	return err
}

// wire is how a report is written: each process once, however many events name it.
type wire struct {
	Taken, Begun, Whole time.Time
	Processes           []*process.Process
	Events              []wireEvent
	Sums                []Sum
	Tenures             []wireTenure
	Apps                []AppCount
	Short               int
	Partial             bool
}

// wireEvent is an Event with what is kept of its socket.
type wireEvent struct {
	At            time.Time
	What          What
	ID            uint64
	Protocol      netstat.Protocol
	Local, Remote netip.AddrPort
	State         netstat.State
	UID           int
	DualStack     bool `json:",omitempty"`
	KernelPort    bool `json:",omitempty"`
	PortTold      bool `json:",omitempty"`
	Absence       netstat.Absence
	Process       int // which of Processes, from 1; 0: nobody known
}

type wireTenure struct {
	Socket    uint64 `json:",omitempty"`
	Protocol  netstat.Protocol
	Local     netip.AddrPort
	Process   int
	From, To  time.Time
	Older     bool
	DualStack bool `json:",omitempty"`
}

// WriteTo writes the report for ReadReport, as JSON.
func (r *Report) WriteTo(w io.Writer) (int64, error) {
	text, err := json.Marshal(r.wire())
	if err != nil {
		return 0, fmt.Errorf("write the history: %w", err)
	}
	n, err := w.Write(text)
	return int64(n), err
}

func (r *Report) wire() wire {
	out := wire{Taken: r.Taken, Begun: r.Begun, Whole: r.Whole, Sums: r.Sums, Apps: r.Apps, Short: r.Short, Partial: r.Partial,
		Events: make([]wireEvent, len(r.Events)), Tenures: make([]wireTenure, len(r.Tenures))}
	numbers := map[*process.Process]int{nil: 0}
	number := func(p *process.Process) int {
		n, known := numbers[p]
		if !known {
			out.Processes = append(out.Processes, p)
			n = len(out.Processes)
			numbers[p] = n
		}
		return n
	}
	for i := range r.Events {
		e := &r.Events[i]
		s := &e.Socket
		out.Events[i] = wireEvent{At: e.At, What: e.What, ID: s.ID, Protocol: s.Protocol, Local: s.Local, Remote: s.Remote, State: s.State,
			UID: s.UID, DualStack: s.DualStack, KernelPort: s.KernelPort, PortTold: s.PortTold, Absence: s.Absence, Process: number(owner(s))}
	}
	for i, t := range r.Tenures {
		out.Tenures[i] = wireTenure{Socket: t.Socket, Protocol: t.Protocol, Local: t.Local, Process: number(t.Process), From: t.From, To: t.To, Older: t.Older, DualStack: t.DualStack}
	}
	return out
}

// ReadReport reads what WriteTo wrote, in this version of Portolan or in another: fields that are
// missing are empty, and those that are not known are left out. Nobody else's words make more of it than a
// History keeps, nor anything that it never has: such entries are left out too.
func ReadReport(text []byte) (Report, error) {
	var in wire
	if err := json.Unmarshal(text, &in); err != nil {
		return Report{}, fmt.Errorf("read the history: %w", err)
	}
	r := Report{Taken: in.Taken, Begun: in.Begun, Whole: in.Whole, Sums: in.Sums[:min(len(in.Sums), 2*mostSums)], Apps: in.Apps[:min(len(in.Apps), maxApps)],
		Short: max(in.Short, 0), Partial: in.Partial}
	r.Sums = slices.DeleteFunc(r.Sums, func(s Sum) bool { return !sound(s.Protocol, 0, 0) || s.Opened < 0 || s.Closed < 0 })
	r.Apps = slices.DeleteFunc(r.Apps, func(a AppCount) bool { return !a.Outgoing.sound() || !a.Incoming.sound() || !a.Listening.sound() })
	for _, e := range in.Events[:min(len(in.Events), maxEvents)] {
		p, ok := in.process(e.Process)
		if !ok || !sound(e.Protocol, e.State, e.Absence) || e.What != Opened && e.What != Closed || !e.Local.IsValid() {
			continue
		}
		r.Events = append(r.Events, Event{At: e.At, What: e.What, Socket: e.socket(p)})
	}
	for _, t := range in.Tenures[:min(len(in.Tenures), maxTenures)] {
		if p, ok := in.process(t.Process); ok && sound(t.Protocol, 0, 0) && t.Local.IsValid() {
			r.Tenures = append(r.Tenures, Tenure{Socket: t.Socket, Protocol: t.Protocol, Local: t.Local, Process: p, From: t.From, To: t.To, Older: t.Older, DualStack: t.DualStack})
		}
	}
	return r, nil
}

func (e *wireEvent) socket(p *process.Process) netstat.Socket {
	s := netstat.Socket{Protocol: e.Protocol, Local: e.Local, Remote: e.Remote, State: e.State, ID: e.ID, UID: e.UID, Absence: e.Absence,
		DualStack: e.DualStack, KernelPort: e.KernelPort, PortTold: e.PortTold}
	if p != nil {
		s.Owners = []netstat.Owner{{Process: p, By: netstat.ByDescriptor}}
	}
	return s
}

// process gives the one of a number; false for one that there is not.
func (in *wire) process(number int) (p *process.Process, ok bool) {
	if number == 0 {
		return nil, true
	}
	if number < 0 || number > len(in.Processes) {
		return nil, false
	}
	p = in.Processes[number-1]
	return p, p != nil
}

// mostSums is how many there are of all the minutes that are kept, with the one that is put together of each protocol.
const mostSums = (int(Keep/time.Minute) + 2) * (maxSums + 2)

func sound(p netstat.Protocol, s netstat.State, a netstat.Absence) bool {
	return (p == netstat.TCP || p == netstat.UDP) && s <= netstat.Closed && a <= netstat.Concealed
}

func (t Tally) sound() bool { return t.Now >= 0 && t.Opened >= 0 && t.Closed >= 0 }
