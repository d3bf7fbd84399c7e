package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/table"
)

// NewList describes sockets of a snapshot, of which census is. host is the computer's name, clean.
func NewList(s *netstat.Snapshot, sockets []*netstat.Socket, census *table.Census, host string) List {
	out := List{Taken: Moment{s.Taken}, Host: host, Hidden: newHidden(s.Hidden), Sockets: make([]Socket, 0, len(sockets))}
	for _, socket := range sockets {
		out.Sockets = append(out.Sockets, NewSocket(socket, census))
	}
	return out
}

// NewSocket describes one socket; census is that of its snapshot.
func NewSocket(s *netstat.Socket, census *table.Census) Socket {
	out := Socket{
		ID:        strconv.FormatUint(s.ID, 16),
		Protocol:  s.Protocol.String(),
		Family:    family(s.Local.Addr()),
		Local:     NewAddress(s.Local),
		Remote:    NewRemote(s),
		State:     s.State.String(),
		DualStack: s.DualStack,
		Ephemeral: census.Ephemeral(s),
		Exposure:  table.Exposure(s).String(),
		Service:   census.Service(s),
		UID:       s.UID,
		User:      table.Clean(s.User),
		RxBytes:   s.RxBytes,
		TxBytes:   s.TxBytes,
		Owners:    NewOwners(s.Owners),
		Absence:   s.Absence.String(),
		Class:     census.Class(s).String(),
	}
	if s.State == netstat.Listen && s.QueueLimit > 0 {
		queue, limit, capacity := s.Queue, s.Backlog, s.QueueLimit
		out.Queue, out.QueueLimit, out.QueueCapacity = &queue, &limit, &capacity
	}
	if s.OnBehalfOf != nil {
		behalf := NewProcess(s.OnBehalfOf)
		out.OnBehalfOf = &behalf
	}
	return out
}

// NewOwners describes owners; never nil.
func NewOwners(owners []netstat.Owner) []Owner {
	out := make([]Owner, 0, len(owners))
	for _, o := range owners {
		out = append(out, Owner{PID: o.Process.PID, By: o.By.String(), Description: describe(o.Process)})
	}
	return out
}

// NewProcess describes a process.
func NewProcess(p *process.Process) Process { return Process{PID: p.PID, Description: describe(p)} }

func describe(p *process.Process) Description {
	d := Description{
		Name:       table.Clean(p.Name),
		Executable: table.Clean(p.Executable),
		User:       table.Clean(p.User),
		App:        NewApp(p.App),
		Work:       newWork(p.Work),
	}
	if !p.Started.IsZero() {
		started := p.Started.UTC().Truncate(time.Millisecond)
		d.Started = &started
	}
	return d
}

// NewApp describes an app.
func NewApp(a app.App) App {
	out := App{
		Name:     table.Clean(a.Name),
		Path:     table.Clean(a.Path),
		Kind:     a.Kind.String(),
		ID:       table.Clean(a.ID),
		Unit:     table.Clean(a.Unit),
		UserUnit: a.UserUnit,
		In:       table.Clean(a.In),
	}
	if a.Kind == app.Container {
		out.Container = &Container{ID: out.ID, Name: out.Name, Image: table.Clean(a.Image), Runtime: table.Clean(a.Runtime)}
	}
	return out
}

func newWork(w app.Work) Work {
	return Work{Title: table.Clean(w.Title), Command: table.Clean(w.Line), Directory: table.Clean(w.Dir), Project: table.Clean(w.Project)}
}

// NewApps describes groups of apps; those of processes are not among them.
func NewApps(s *netstat.Snapshot, groups []*table.Group, host string) Apps {
	out := Apps{Taken: Moment{s.Taken}, Host: host, Hidden: newHidden(s.Hidden), Apps: make([]AppCount, 0, len(groups))}
	for _, g := range groups {
		out.Apps = append(out.Apps, newAppCount(g))
	}
	return out
}

func newAppCount(g *table.Group) AppCount {
	what := NewApp(g.App)
	what.Name, what.In = g.Name, g.In
	if g.App == (app.App{}) {
		what.Kind = "" // of no known process: the kernel's, or hidden
	}
	if g.Absence == netstat.Kernel {
		what.Name = "kernel" // what scripts know it by
	}
	return AppCount{App: what, Processes: g.Processes, Sockets: g.Sockets, Listening: g.Listening, Established: g.Established,
		Ephemeral: g.Ephemeral, Closing: g.Closing, Ports: append([]uint16{}, g.Ports...), UDP: g.UDP,
		RxBytes: g.RxBytes, TxBytes: g.TxBytes, User: g.User, Absence: g.Absence.String()}
}

// NewAddress describes an address and its port. One that is not known is empty: sockets that are told of in sums have the
// port alone in common.
func NewAddress(a netip.AddrPort) Address {
	if !a.Addr().IsValid() {
		return Address{Port: a.Port()}
	}
	return Address{Address: table.Clean(a.Addr().String()), Port: a.Port()}
}

// NewRemote describes the other end; nil when there is none.
func NewRemote(s *netstat.Socket) *Address {
	if !s.Remote.IsValid() {
		return nil
	}
	remote := NewAddress(s.Remote)
	return &remote
}

func family(a netip.Addr) string {
	switch {
	case !a.IsValid():
		return ""
	case a.Is4():
		return "ipv4"
	default:
		return "ipv6"
	}
}

func newHidden(h netstat.Hidden) Hidden {
	return Hidden{Sockets: h.Sockets, Processes: h.Processes, Reason: table.Clean(h.Reason), Owners: h.Owners, Skipped: h.Skipped}
}

// WriteJSON writes v as one line.
func WriteJSON(w io.Writer, v any) error {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("encode JSON: %w", err)
	}
	_, err := w.Write(EscapeUnseen(text.Bytes()))
	return err
}

// EscapeUnseen writes what a terminal would act on or not show (DEL, the C1 controls, bidi
// marks, zero-width characters, line separators) as \u escapes, which mean the same in JSON.
// encoding/json does so for the controls below 32 only. Outside of strings JSON has none of these.
func EscapeUnseen(text []byte) []byte {
	unseen := func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }
	if !bytes.ContainsFunc(text, unseen) {
		return text
	}
	out := make([]byte, 0, len(text)+64)
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case !unseen(r):
			out = append(out, text[:size]...)
		case r > 0xffff:
			high, low := (r-0x10000)>>10+0xd800, (r-0x10000)&0x3ff+0xdc00
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		text = text[size:]
	}
	return out
}
