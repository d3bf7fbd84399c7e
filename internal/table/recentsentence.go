package table

import (
	"slices"
	"strings"
	"time"

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
	who, what := holderThen(r, me), Held{Socket: r.Socket}.String()
	if r.Span.Older {
		return language.F("%s had %s open before %s already, and until %s.", who, what, clock(r.Span.From), clock(r.Span.Until))
	}
	return language.F("%s had %s open from %s until %s.", who, what, clock(r.Span.From), clock(r.Span.Until))
}

// ClosedSentence says the same of a row that has closed a moment ago and is still shown, see Marks: at is when it was seen
// to be gone (zero: that is not known). "" for a row of what is there now, and of a group.
func ClosedSentence(r *Row, at time.Time, me int) string {
	switch {
	case r.Mark != MarkClosed || r.Socket == nil:
		return ""
	case at.IsZero():
		return language.F("%s had %s open.", holderThen(r, me), Held{Socket: r.Socket}.String())
	default:
		return language.F("%s had %s open until %s.", holderThen(r, me), Held{Socket: r.Socket}.String(), clock(at))
	}
}

// holderThen names who had a socket that is there no more, at the beginning of a sentence.
func holderThen(r *Row, me int) string {
	switch {
	case r.Owner != nil:
		return upperFirst(Who(r.Owner.Process, me))
	case r.Socket.Absence == netstat.Kernel:
		return language.T("The kernel")
	default:
		return language.T("A process that is not known")
	}
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
// 10:42:03". Its own time there is none of these, nor is what began later. "" when nobody is known to have.
func Earlier(s *netstat.Socket, tenures []history.Tenure, most int) string {
	var lines []string
	for i, t := range slices.Backward(tenures) { // the last of its socket is its own; who had that before is another
		if s.ID != 0 && t.Socket == s.ID {
			tenures = tenures[:i]
			break
		}
	}
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
