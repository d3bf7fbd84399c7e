package export

import (
	"time"

	"portolan/internal/netstat"
	"portolan/internal/table"
)

// What the window writes besides what portctl does: its trees as far as they are open, and the last minutes. The rows are
// as the tables have them, in their order, and nothing is written that is not shown.

// OpenedProcess is a process under an app that is open, with its sockets where it is open itself.
type OpenedProcess struct {
	Process          // of sockets without a process the name says why, and the PID is 0
	Sockets []Socket `json:"sockets,omitempty"`
}

// Flows is the lens: who has connections to whom.
type Flows struct {
	Taken  Moment    `json:"taken"`
	Host   string    `json:"host"`
	Hidden Hidden    `json:"hidden"`
	Apps   []AppFlow `json:"apps"`
}

// AppFlow is an app's outgoing connections; with its services where it is open.
type AppFlow struct {
	App
	Flow
	Services []ServiceFlow `json:"services,omitempty"`
}

// ServiceFlow is those to one service; with the sockets where it is open.
type ServiceFlow struct {
	Name string `json:"name"` // 443 (https) to 12 addresses
	Flow
	Sockets []Socket `json:"sockets,omitempty"`
}

// Flow is how many connections there are, and how they come and go.
type Flow struct {
	Connections int     `json:"connections"`
	Opened      *int    `json:"opened_per_minute"` // null when not known
	Closed      *int    `json:"closed_per_minute"`
	AtLeast     bool    `json:"at_least"` // there were at least so many
	Remotes     string  `json:"remotes"`  // "" where the name says it
	Oldest      *Moment `json:"oldest"`   // null when not known
	Older       bool    `json:"older"`    // it was there before that
	Note        string  `json:"note"`     // of what is in TIME_WAIT, what becomes of it
}

// Spans is the last minutes.
type Spans struct {
	Taken Moment `json:"taken"`
	Host  string `json:"host"`
	Spans []Span `json:"spans"`
}

// Span is how long a socket was there.
type Span struct {
	From   Moment  `json:"from"`
	Older  bool    `json:"older"`            // it was there before that
	Until  *Moment `json:"until"`            // null while it is there
	Opened int     `json:"opened,omitempty"` // of many that are not known one by one: how many
	Closed int     `json:"closed,omitempty"`
	Socket *Socket `json:"socket"` // the one, or what all of them have in common
}

// NewOpenedApps describes the rows of the by-app view of a snapshot, of which census is: the apps, and under those that are open what is shown of them.
func NewOpenedApps(s *netstat.Snapshot, rows []table.Row, census *table.Census, host string) Apps {
	out := NewApps(s, nil, host)
	for i := range rows {
		row, last := &rows[i], len(out.Apps)-1
		switch {
		case row.Group != nil && row.Depth == 0:
			out.Apps = append(out.Apps, newAppCount(row.Group))
		case last < 0: // a tree begins with an app
		case row.Group != nil && row.Group.Process != nil:
			out.Apps[last].Opened = append(out.Apps[last].Opened, OpenedProcess{Process: NewProcess(row.Group.Process)})
		case row.Group != nil:
			out.Apps[last].Opened = append(out.Apps[last].Opened, OpenedProcess{Process: Process{Description: Description{Name: row.Group.Name}}})
		case row.Socket != nil && len(out.Apps[last].Opened) > 0:
			opened := out.Apps[last].Opened
			opened[len(opened)-1].Sockets = append(opened[len(opened)-1].Sockets, NewSocket(row.Socket, census))
		}
	}
	return out
}

// NewFlows describes the rows of the lens on a snapshot, of which census is.
func NewFlows(s *netstat.Snapshot, rows []table.Row, census *table.Census, host string) Flows {
	out := Flows{Taken: Moment{s.Taken}, Host: host, Hidden: newHidden(s.Hidden), Apps: []AppFlow{}}
	for i := range rows {
		row, last := &rows[i], len(out.Apps)-1
		switch {
		case row.Flow != nil && row.Depth == 0:
			what := NewApp(row.Group.App)
			what.Name = row.Group.Name
			out.Apps = append(out.Apps, AppFlow{App: what, Flow: newFlow(row.Flow, row.Flow.RemotesText())})
		case last < 0: // a tree begins with an app
		case row.Flow != nil:
			out.Apps[last].Services = append(out.Apps[last].Services, ServiceFlow{Name: row.Group.Name, Flow: newFlow(row.Flow, "")})
		case row.Socket != nil && len(out.Apps[last].Services) > 0:
			services := out.Apps[last].Services
			services[len(services)-1].Sockets = append(services[len(services)-1].Sockets, NewSocket(row.Socket, census))
		}
	}
	return out
}

func newFlow(f *table.Flow, remotes string) Flow {
	out := Flow{Connections: f.Now, Remotes: remotes, Older: f.Older, Note: f.Sentence}
	if f.Followed {
		opened, closed := f.Opened, f.Closed
		out.Opened, out.Closed, out.AtLeast = &opened, &closed, f.Least
	}
	out.Oldest = momentOf(f.Oldest)
	return out
}

// momentOf gives null for the zero time.
func momentOf(t time.Time) *Moment {
	if t.IsZero() {
		return nil
	}
	return &Moment{t}
}

// NewSpans describes the rows of the last minutes before a snapshot, of which census is.
func NewSpans(s *netstat.Snapshot, rows []table.Row, census *table.Census, host string) Spans {
	out := Spans{Taken: Moment{s.Taken}, Host: host, Spans: []Span{}}
	for i := range rows {
		row := &rows[i]
		if row.Span == nil {
			continue
		}
		span := Span{From: Moment{row.Span.From}, Older: row.Span.Older, Until: momentOf(row.Span.Until), Opened: row.Span.Opened, Closed: row.Span.Closed}
		if row.Socket != nil {
			socket := NewSocket(row.Socket, census)
			if row.Span.Summed() {
				socket.Class = "" // of all kinds
			}
			span.Socket = &socket
		}
		out.Spans = append(out.Spans, span)
	}
	return out
}
