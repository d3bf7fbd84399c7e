package netstat

import (
	"errors"
	"runtime"
	"slices"
	"sort"
	"sync"
	"sync/atomic"

	"portolan/internal/process"
)

// place is where in all links of all processes, in the order of PIDs and numbers, the reading again goes on.
type place struct {
	pid    int
	number int32
}

// errand is a process of which links are to be read: what a query says of them.
type errand struct {
	*holding
	scope       scope
	from, until int32
}

// due gives what is to be read in any case in this round: the new processes in full, those that
// came in the round before once more, and of the rest, going round and round, a slice.
func (o *owners) due() []errand {
	o.errands = o.errands[:0]
	total := 0
	for _, h := range o.ordered {
		total += h.cost()
		if o.mustRead(h) {
			o.errands = append(o.errands, errand{holding: h})
		}
	}
	budget := max(rereadAtLeast, (total+rereadEvery-1)/rereadEvery)
	at := sort.Search(len(o.ordered), func(i int) bool { return o.ordered[i].number >= o.ring.pid })
	for range o.ordered {
		if budget <= 0 {
			break
		}
		if at == len(o.ordered) {
			at, o.ring = 0, place{}
		}
		h := o.ordered[at]
		if h.number != o.ring.pid {
			o.ring = place{pid: h.number}
		}
		if !o.mustRead(h) {
			e := h.slice(o.ring.number, budget)
			o.errands = append(o.errands, e)
			budget -= processCost + e.links()
			if e.until != 0 {
				o.ring.number = e.until
				break
			}
		}
		at++
		o.ring = place{pid: h.number + 1}
	}
	return o.errands
}

func (o *owners) mustRead(h *holding) bool {
	return h.read == 0 || h.first == o.round-1 && h.first > 1
}

func (h *holding) cost() int { return processCost + len(h.descriptors) }

// index is where in the descriptors of h the first is whose number is not below.
func (h *holding) index(number int32) int {
	return sort.Search(len(h.descriptors), func(i int) bool { return h.descriptors[i].number >= number })
}

// slice gives the errand to read the links of h from a number on: all that are left, or, where those are many, about n.
func (h *holding) slice(from int32, n int) errand {
	first := h.index(from)
	if n = max(n, sliceAtLeast/2); len(h.descriptors)-first > max(n, sliceAtLeast) {
		return errand{holding: h, scope: someLinks, from: from, until: h.descriptors[first+n].number}
	}
	if from > 0 {
		return errand{holding: h, scope: someLinks, from: from}
	}
	return errand{holding: h}
}

// links is about how many links are to be read.
func (e errand) links() int {
	if e.until == 0 {
		return len(e.descriptors) - e.index(e.from)
	}
	return e.index(e.until) - e.index(e.from)
}

// readBeside reads what is due while the kernel lists its sockets.
func (o *owners) readBeside(due []errand, gather gatherer) (records []diagRecord, same bool, err error) {
	for i := range o.queries {
		o.queries[i].changed = false
	}
	o.dumped.Store(false)
	var errs [readWorkers]error
	var next atomic.Int64
	var others sync.WaitGroup
	if parallel() {
		for i := 1; i < readWorkers; i++ {
			others.Go(func() { errs[i] = o.work(&o.queries[i], due, &next) })
		}
	}
	records, same, err = gather()
	if err != nil {
		next.Store(int64(len(due)))
	}
	o.dumped.Store(true)
	errs[0] = o.work(&o.queries[0], due, &next)
	others.Wait()
	if err != nil {
		return nil, false, err
	}
	return records, same, errors.Join(errs[:]...)
}

func parallel() bool { return runtime.GOMAXPROCS(0) > 1 }

// work does errands until there are none left.
func (o *owners) work(q *query, errands []errand, next *atomic.Int64) error {
	for n := next.Add(1) - 1; n < int64(len(errands)); n = next.Add(1) - 1 {
		if err := o.ask(q, errands[n]); err != nil {
			return err
		}
	}
	return nil
}

// readAll reads links of these processes, with all workers where there are several.
func (o *owners) readAll(list []*holding, s scope) error {
	o.errands = o.errands[:0]
	for _, h := range list {
		o.errands = append(o.errands, errand{holding: h, scope: s})
	}
	var errs [readWorkers]error
	var next atomic.Int64
	var others sync.WaitGroup
	if parallel() && len(list) > readWorkers {
		for i := 1; i < readWorkers; i++ {
			others.Go(func() { errs[i] = o.work(&o.queries[i], o.errands, &next) })
		}
	}
	errs[0] = o.work(&o.queries[0], o.errands, &next)
	others.Wait()
	return errors.Join(errs[:]...)
}

// ask reads one process. That it has ended or may not be read is no error. It changes nothing but q and h.
//
// The process is found by its PID, which could be another's by now: an identity that
// was known before is proved by describe, which comes after and meets the same one again.
func (o *owners) ask(q *query, e errand) error {
	h, s, fresh := e.holding, e.scope, o.dumped.Load()
	q.pid, q.scope, q.from, q.until, q.known = h.number, s, e.from, e.until, h.descriptors
	q.found, q.identity, q.directory = q.found[:0], h.identity, 0
	err := o.tree.read(q)
	denied := errors.Is(err, errDenied)
	switch {
	case denied, errors.Is(err, errProcessGone):
		q.changed = q.changed || denied != h.denied || len(h.descriptors) > 0
		h.descriptors, h.identity = h.descriptors[:0], process.ID{}
	case err != nil:
		return err
	default:
		q.changed = q.changed || h.denied || q.uid != h.uid || !slices.Equal(h.descriptors, q.found)
		h.descriptors = append(h.descriptors[:0], q.found...)
		h.moved = h.moved || h.process != nil && h.uid != q.uid
		h.identity, h.uid = q.identity, q.uid
	}
	if h.denied = denied; s == allLinks || s == someLinks || h.directory != q.directory {
		h.again, h.directory = o.round, q.directory
	}
	if s == allLinks {
		h.read = o.round
		if fresh {
			h.fresh = o.round
		}
	}
	return nil
}
