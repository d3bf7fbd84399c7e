package monitor

import (
	"slices"

	"portolan/internal/netstat"
	"portolan/internal/process"
)

// differ finds the differences between two lists of sockets. It keeps its
// index between calls, so that comparing costs no memory when little changed.
type differ struct {
	before map[uint64]int // by socket ID: the place in the list before
}

// compare gives the sockets of after that were not in before, those that are
// in both and differ, and those of before that are gone; all nil when nothing
// changed. The order is that of the lists.
func (d *differ) compare(before, after []netstat.Socket) (opened, changed, closed []netstat.Socket) {
	// What is the same at both ends needs no index: most often that is all.
	for len(before) > 0 && len(after) > 0 && same(&before[0], &after[0]) {
		before, after = before[1:], after[1:]
	}
	for len(before) > 0 && len(after) > 0 && same(&before[len(before)-1], &after[len(after)-1]) {
		before, after = before[:len(before)-1], after[:len(after)-1]
	}
	if len(before) == 0 && len(after) == 0 {
		return nil, nil, nil
	}
	if d.before == nil {
		d.before = make(map[uint64]int)
	}
	clear(d.before)
	for i := range before {
		d.before[before[i].ID] = i
	}
	for i := range after {
		at, known := d.before[after[i].ID]
		switch {
		case !known:
			opened = append(opened, after[i])
		case !same(&before[at], &after[i]):
			changed = append(changed, after[i])
		}
		delete(d.before, after[i].ID)
	}
	for i := range before {
		if at, left := d.before[before[i].ID]; left && at == i {
			closed = append(closed, before[i])
		}
	}
	return opened, changed, closed
}

// same reports whether two sockets are one, and equal in all but the byte counters and the queue.
func same(a, b *netstat.Socket) bool {
	return a.ID == b.ID && a.State == b.State && a.Protocol == b.Protocol &&
		a.Local == b.Local && a.Remote == b.Remote &&
		a.DualStack == b.DualStack && a.KernelPort == b.KernelPort && a.PortTold == b.PortTold &&
		a.UID == b.UID && a.User == b.User && a.Absence == b.Absence &&
		sameProcess(a.OnBehalfOf, b.OnBehalfOf) &&
		slices.EqualFunc(a.Owners, b.Owners, sameOwner)
}

// sameQueues reports whether in two lists of the same sockets as many wait to be accepted by each that listens.
func sameQueues(a, b []netstat.Socket) bool {
	if len(a) > 0 && len(b) > 0 && &a[0] == &b[0] {
		return true
	}
	return slices.EqualFunc(a, b, func(x, y netstat.Socket) bool {
		return x.State != netstat.Listen || x.Queue == y.Queue && x.QueueLimit == y.QueueLimit
	})
}

// sameCounters reports whether two lists of the same sockets have the same byte counters. Lists in
// another order, which a Source does not give, have not.
func sameCounters(a, b []netstat.Socket) bool {
	if len(a) != len(b) {
		return false
	}
	if len(a) == 0 || &a[0] == &b[0] {
		return true
	}
	for i := range a {
		if a[i].ID != b[i].ID || a[i].RxBytes != b[i].RxBytes || a[i].TxBytes != b[i].TxBytes {
			return false
		}
	}
	return true
}

func sameOwner(a, b netstat.Owner) bool {
	return a.By == b.By && sameProcess(a.Process, b.Process)
}

func sameProcess(a, b *process.Process) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil || !a.Started.Equal(b.Started) {
		return false
	}
	x, y := *a, *b
	x.Started, y.Started = a.Started, a.Started // == would also compare the time zones
	return x == y
}
