package table

import (
	"slices"
	"strings"

	"portolan/internal/history"
	"portolan/internal/language"
	"portolan/internal/netstat"
)

// RecentSentence says in plain words what the row of something that is over was: "Your process node (PID 812) had
// tcp *:3000 open from 10:42:03 until 10:45:10." me is the user who reads it (-1: nobody). "" for a row of what is there now.
func RecentSentence(r *Row, me int) string {
	switch {
	case !r.Closed() || r.Span == nil:
		return ""
	case r.Span.Summed():
		return language.F("From %s until %s %s opened %d sockets and closed %d. That was too much to remember one by one.",
			clock(r.Span.From), clock(r.Span.Until), summedWho(r), r.Span.Opened, r.Span.Closed)
	}
	who := language.T("A process that is not known")
	if r.Owner != nil {
		who = upperFirst(Who(r.Owner.Process, me))
	} else if r.Socket.Absence == netstat.Kernel {
		who = language.T("The kernel")
	}
	what := Held{Socket: r.Socket}.String()
	if r.Span.Older {
		return language.F("%s had %s open until %s, since before %s.", who, what, clock(r.Span.Until), clock(r.Span.From))
	}
	return language.F("%s had %s open from %s until %s.", who, what, clock(r.Span.From), clock(r.Span.Until))
}

// summedWho names what a sum is of: "node, on tcp port 443,".
func summedWho(r *Row) string {
	who := language.T("programs")
	if r.Owner != nil {
		who = brief(nameOf(r.Owner.Process))
	}
	return language.F("%s, on %s port %d,", who, r.Socket.Protocol.String(), r.Socket.Local.Port())
}

// Earlier names who waited on the port of a socket before, the latest first, at most so many, one a line: "python3 (PID 31) until
// 10:42:03". "" when nobody is known to have.
func Earlier(s *netstat.Socket, tenures []history.Tenure, most int) string {
	var lines []string
	for _, t := range slices.Backward(tenures) {
		if t.To.IsZero() || t.Protocol != s.Protocol || t.Local.Port() != s.Local.Port() {
			continue
		}
		if len(lines) == most {
			break
		}
		who := language.T("owner hidden")
		if t.Process != nil {
			who = language.F("%s (PID %d)", brief(nameOf(t.Process)), t.Process.PID)
		}
		lines = append(lines, language.F("%s until %s", who, clock(t.To)))
	}
	return strings.Join(lines, "\n")
}
