package table

import (
	"strings"

	"portolan/internal/netstat"
)

// Status says in one line how many sockets there are, what is hidden and why:
// "312 sockets, 3 owners hidden (run as administrator to see them)". Before the
// first snapshot it says that it is being read.
func Status(s *netstat.Snapshot) string {
	if s == nil {
		return "reading the sockets " + ellipsis
	}
	h := s.Hidden
	parts := []string{Plural(len(s.Sockets), "socket")}
	if h.Owners > 0 {
		parts = append(parts, Plural(h.Owners, "owner")+" hidden")
	}
	if h.Sockets > 0 {
		parts = append(parts, Plural(h.Sockets, "more socket")+" not shown by the system")
	}
	if h.Processes > 0 {
		parts = append(parts, Plural(h.Processes, "process")+" not readable")
	}
	if h.Skipped > 0 {
		parts = append(parts, Plural(h.Skipped, "record")+" not understood")
	}
	return strings.Join(parts, ", ") + reason(h)
}

func reason(h netstat.Hidden) string {
	why := strings.TrimSuffix(Clean(h.Reason), ".")
	if why == "" && h.Owners+h.Sockets+h.Processes > 0 {
		why = "run as administrator to see them"
	}
	if why == "" {
		return ""
	}
	return " (" + why + ")"
}
