package table

import (
	"strings"

	"portolan/internal/language"
	"portolan/internal/netstat"
)

// Status says in one line how many sockets there are, what is hidden and why:
// "312 sockets, 3 owners hidden (run as administrator to see them)". Before the
// first snapshot it says that it is being read.
func Status(s *netstat.Snapshot) string {
	if s == nil {
		return language.T("reading the sockets …")
	}
	h := s.Hidden
	parts := []string{socketsText(len(s.Sockets))}
	if h.Owners > 0 {
		parts = append(parts, language.N("%d owner hidden", "%d owners hidden", h.Owners))
	}
	if h.Sockets > 0 {
		parts = append(parts, language.N("%d more socket not shown by the system", "%d more sockets not shown by the system", h.Sockets))
	}
	if h.Processes > 0 {
		parts = append(parts, language.N("%d process not readable", "%d processes not readable", h.Processes))
	}
	if h.Skipped > 0 {
		parts = append(parts, language.N("%d record not understood", "%d records not understood", h.Skipped))
	}
	return strings.Join(parts, ", ") + reason(h)
}

func reason(h netstat.Hidden) string {
	why := strings.TrimSuffix(Clean(h.Reason), ".")
	if why == "" && h.Owners+h.Sockets+h.Processes > 0 {
		why = language.T("run as administrator to see them")
	}
	if why == "" {
		return ""
	}
	return " (" + why + ")"
}
