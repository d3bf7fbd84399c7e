package table

import (
	"cmp"
	"slices"

	"portolan/internal/netstat"
	"portolan/internal/process"
)

// AppPorts gives everything that ends with an app: those of its processes that hold
// sockets, in the order of their PIDs, and all sockets that they hold, as PortsOf
// gives them. key is Key.App of the app's row, which is app.App.Key. Nil when the app holds none.
func AppPorts(s *netstat.Snapshot, key string) (processes []*process.Process, held []Held) {
	if s == nil {
		return nil, nil
	}
	seen := make(map[process.ID]bool) // a key is text that has to be made: once for each process
	for i := range s.Sockets {
		for _, o := range s.Sockets[i].Owners {
			if seen[o.Process.ID] {
				continue
			}
			seen[o.Process.ID] = true
			if o.Process.App.Key() == key {
				processes = append(processes, o.Process)
			}
		}
	}
	slices.SortFunc(processes, func(a, b *process.Process) int {
		return cmp.Or(cmp.Compare(a.PID, b.PID), cmp.Compare(a.Start, b.Start))
	})
	ids := make([]process.ID, len(processes))
	for i, p := range processes {
		ids[i] = p.ID
	}
	return processes, PortsOf(s, ids...)
}
