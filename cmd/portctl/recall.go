package main

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"portolan/internal/history"
	"portolan/internal/instance"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/table"
)

// askPast asks the app for what happened within a time; an error wraps instance.ErrNone when it does not run.
func askPast(ctx context.Context, sys *system, within time.Duration) (history.Report, error) {
	answer, err := sys.ask(ctx, history.Question(within))
	if err != nil {
		return history.Report{}, err
	}
	return history.ReadReport(answer)
}

// pastFor gives what the app remembers, for a query that asks since when the sockets of s are open.
func pastFor(ctx context.Context, sys *system, s *netstat.Snapshot) (*history.History, error) {
	report, err := askPast(ctx, sys, history.Keep)
	if errors.Is(err, instance.ErrNone) {
		return nil, &exitError{code: exitFailed, err: err,
			text: "since: is not known here: Portolan is not running, and only it remembers when the sockets were opened. Start it, and ask again or use portctl history; or see what is opened from now on with portctl watch"}
	}
	if err != nil {
		return nil, err
	}
	return recalled(report, s), nil
}

// recalled makes a History of what a report knows of the sockets of a snapshot: it begins where the report begins to be
// whole. A socket of which that tells nothing was there before, but for one that waits: of those the app knows each, and
// one that it does not know was opened after its last look.
func recalled(r history.Report, s *netstat.Snapshot) *history.History {
	begun := latest(latest(r.Begun, r.Whole), r.Taken.Add(-history.Keep))
	opened := map[uint64]time.Time{} // by socket ID
	for i := range r.Events {
		if e := &r.Events[i]; e.What == history.Opened {
			opened[e.Socket.ID] = e.At
		}
	}
	waited := map[netip.AddrPort]bool{} // where, as far as it is not known with which socket
	for i := range r.Tenures {
		switch t := &r.Tenures[i]; {
		case !t.To.IsZero():
		case t.Socket == 0:
			waited[t.Local] = true
		case t.Older:
			opened[t.Socket] = begun
		default:
			opened[t.Socket] = t.From
		}
	}
	old := &netstat.Snapshot{Taken: begun}
	var later []*netstat.Socket
	at := func(socket *netstat.Socket) time.Time {
		when, known := opened[socket.ID]
		if !known && table.Waits(socket) && !waited[socket.Local] {
			return r.Taken
		}
		return when
	}
	for i := range s.Sockets {
		if socket := &s.Sockets[i]; at(socket).After(begun) {
			later = append(later, socket)
		} else {
			old.Sockets = append(old.Sockets, *socket)
		}
	}
	past := history.New(history.Options{})
	past.Record(monitor.Update{Snapshot: old})
	slices.SortStableFunc(later, func(a, b *netstat.Socket) int { return at(a).Compare(at(b)) })
	for _, socket := range later {
		past.Record(monitor.Update{Snapshot: &netstat.Snapshot{Taken: at(socket)}, Opened: []netstat.Socket{*socket}})
	}
	return past
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
