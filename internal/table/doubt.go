package table

import (
	"portolan/internal/history"
	"portolan/internal/language"
	"portolan/internal/netstat"
)

// Doubt says in a sentence, clean, what of the query cannot be known: since: asks when a socket was first
// seen, and nobody may have looked that long. "" when there is no doubt.
func (v View) Doubt(s *netstat.Snapshot) string {
	if v.Query.since == 0 || s == nil {
		return ""
	}
	if v.Past == nil {
		return language.T("since: is not known here: nobody has kept a record of when the sockets were opened")
	}
	begun := v.Past.Begun()
	if begun.IsZero() || s.Taken.Sub(begun) >= v.Query.since {
		return ""
	}
	return language.F("since: the record goes back to %s only; what was open then may be older, and is left out", begun.Local().Format("15:04:05"))
}

// PastDoubt says in a sentence, clean, what of the query a report of the last minutes cannot answer: of what is not known
// one by one any more there is no state, no class and no address. "" when there is no doubt.
func (v View) PastDoubt(r *history.Report) string {
	if !v.Query.each || len(r.Sums) == 0 {
		return ""
	}
	return language.F("Before %s only sums are kept, which do not tell that", clock(r.Whole))
}
