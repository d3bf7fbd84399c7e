package netstat

import (
	"cmp"
	"errors"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"portolan/internal/process"
)

// Linux names the owner of a socket nowhere: the links below /proc/PID/fd of every
// process are read to find it. That is the slow part, so what was found is kept between
// refreshes and only what is new is looked for. What is shown is as true as this:
//
//   - A socket that was not there in the refresh before, or that has lost its last known
//     owner, is looked for at once, until it is found: behind the new descriptors, and those
//     whose TCP or UDP socket has gone, of every process; then, if the kernel says that it is still
//     there, behind all of the processes of the socket's user.
//   - A process that was not there in the refresh before is read in full, and in full once
//     more in the next refresh, when a child has exec'd and closed what it inherited.
//   - All the rest, a descriptor that was passed to another process or closed while others
//     hold the socket too, is noticed within rereadEvery refreshes.
//   - Who a process is (its start time) is checked for every owner in every refresh.
const (
	// rereadEvery is the number of refreshes within which every link is read again.
	rereadEvery = 8
	// rereadAtLeast is the number of links that every refresh may read again in any
	// case: at about 2 us each not worth sparing, and few enough machines have more.
	rereadAtLeast = 512
	// processCost is what opening and listing a process costs, counted in links.
	processCost = 8
	// readWorkers read processes at the same time. More of them wait for each other in the kernel.
	readWorkers = 2
)

// procTree is what is asked of /proc. The methods may be called by several goroutines at once.
type procTree interface {
	// list appends the processes there are, in the order of their PIDs.
	list(into []dirent) ([]dirent, error)
	// read reads the descriptors of a process.
	read(q *query) error
}

// What can come of reading a process's descriptors, beside success.
var (
	errProcessGone = errors.New("the process has ended")
	errDenied      = errors.New("its descriptors may not be read")
)

// descriptor is one descriptor of a process: the inode of the socket behind it, 0 when it is no socket.
type descriptor struct {
	number int32
	inode  uint32
	stale  bool // the kernel did list its socket, and does no more: the number may be another's by now
}

// query is what is asked about one process, and the answer.
type query struct {
	pid     int
	known   []descriptor // of an earlier answer, in the order of the numbers
	newOnly bool         // of the known descriptors only the stale ones are read again

	found []descriptor // appended to, in the order of the numbers
	// identity is zero when it was not known before; then it is read, of the very process
	// that found is about, if that holds any socket.
	identity process.ID
	uid      uint32 // the effective user

	buffer []byte // for the tree's use
}

// holding is what is known of one process.
type holding struct {
	dirent
	identity    process.ID // zero until it was seen to hold a socket
	uid         uint32
	denied      bool // may not be read
	descriptors []descriptor

	first, seen  uint64 // refreshes: in which it came, in which it was listed last
	read, gained uint64 // refreshes: in which every link was read last, in which a new socket was found here
	process      *process.Process
	described    bool // process is that of this round
}

// owners finds the processes that hold sockets.
type owners struct {
	tree   procTree
	lookup func(pid int) (*process.Process, error)
	sweep  func()

	round    uint64
	holdings map[int]*holding
	ordered  []*holding // by PID
	inodes   inodeTable // of this round
	listed   inodeTable // of the round before
	slots    []slot
	vain     map[uint64]uint64 // cookie of a socket that was looked for and not found: the round
	denied   int               // processes that may not be read
	missing  int               // slots that are being looked for

	links, before []link // of this round and the one before
	listing       []dirent
	queries       [readWorkers]query
}

// slot is one inode that some process may hold. The TCP connections of one
// MPTCP socket share an inode.
type slot struct {
	cookie uint64
	uid    uint32
	held   bool
	sought bool  // it is new, and nobody is known to hold it
	gone   bool  // it has closed since the kernel listed it
	last   int32 // the PID that was linked last, against counting one process twice
}

// unfound: it was looked for, in vain so far.
func (s *slot) unfound() bool { return s.sought && !s.held }

// abandoned: all that were seen to hold it had ended when they were to be named.
func (s *slot) abandoned() bool { return s.held && s.last == 0 }

// link says that a process holds the sockets of a slot.
type link struct {
	slot    int32
	process *process.Process
}

func newOwners(tree procTree) *owners {
	register := process.NewRegister()
	o := &owners{tree: tree, lookup: register.Lookup, sweep: register.Sweep,
		holdings: make(map[int]*holding), vain: make(map[uint64]uint64)}
	o.inodes.reset(0)
	return o
}

// confirmer asks the kernel once more for the sockets whose inodes are in doubt, and gives the
// inodes of those that have closed.
type confirmer func(inDoubt func(inode uint32) bool) (closed []uint32, err error)

// refresh finds the owners of the records, which the kernel has given just now: afterwards
// o.links holds them. It reports whether they are the same as in the refresh before, given that
// the records are, and that ask was not called.
func (o *owners) refresh(records []diagRecord, ask confirmer) (same bool, err error) {
	o.round++
	if err := o.list(); err != nil {
		return false, err
	}
	if err := o.readInFull(o.due()); err != nil {
		return false, err
	}
	o.index(records)
	if uids := o.unheld(); len(uids) > 0 {
		if err := o.search(uids, ask); err != nil {
			return false, err
		}
	}
	o.resolve()
	if err := o.confirm((*slot).abandoned, ask); err != nil {
		return false, err
	}
	o.giveUp()
	return slices.Equal(o.links, o.before), nil
}

// index makes the slots: one for each inode.
func (o *owners) index(records []diagRecord) {
	o.inodes, o.listed = o.listed, o.inodes
	o.inodes.reset(len(records))
	o.slots = slices.Grow(o.slots[:0], len(records))
	for i := range records {
		r := &records[i]
		if r.inode != 0 && o.inodes.add(r.inode, int32(len(o.slots))) {
			o.slots = append(o.slots, slot{cookie: r.cookie, uid: r.uid})
		}
	}
}

// list brings the holdings up to date with the processes there are.
func (o *owners) list() (err error) {
	o.listing, err = o.tree.list(o.listing[:0])
	if err != nil {
		return err
	}
	o.ordered = o.ordered[:0]
	for _, d := range o.listing {
		h := o.holdings[d.number]
		if h == nil || h.inode != d.inode {
			h = &holding{dirent: d, first: o.round}
			o.holdings[d.number] = h
		}
		h.seen = o.round
		o.ordered = append(o.ordered, h)
	}
	if len(o.holdings) > len(o.ordered) {
		maps.DeleteFunc(o.holdings, func(_ int, h *holding) bool { return h.seen != o.round })
	}
	return nil
}

// due gives the holdings that are to be read in full in this round: the new, those
// that came in the round before, and, the oldest first, a slice of the others.
func (o *owners) due() []*holding {
	var now, later []*holding
	total := 0
	for _, h := range o.ordered {
		total += h.cost()
		switch {
		case h.read == 0, h.first == o.round-1 && h.first > 1:
			now = append(now, h)
		default:
			later = append(later, h)
		}
	}
	slices.SortStableFunc(later, func(a, b *holding) int { return cmp.Compare(a.read, b.read) })
	budget := max(rereadAtLeast, (total+rereadEvery-1)/rereadEvery)
	for _, h := range later {
		if budget <= 0 {
			break
		}
		budget -= h.cost()
		now = append(now, h)
	}
	return now
}

func (h *holding) cost() int { return processCost + len(h.descriptors) }

// readInFull reads every link of these processes.
func (o *owners) readInFull(list []*holding) error {
	if len(list) < 2*readWorkers || runtime.GOMAXPROCS(0) < 2 {
		for _, h := range list {
			if err := o.ask(&o.queries[0], h, false); err != nil {
				return err
			}
		}
		return nil
	}
	var next atomic.Int64
	var workers sync.WaitGroup
	var errs [readWorkers]error
	for i := range readWorkers {
		workers.Go(func() {
			for n := next.Add(1) - 1; n < int64(len(list)) && errs[i] == nil; n = next.Add(1) - 1 {
				errs[i] = o.ask(&o.queries[i], list[n], false)
			}
		})
	}
	workers.Wait()
	return errors.Join(errs[:]...)
}

// ask reads one process: all links, or only those that are new or stale. That it has
// ended or may not be read is no error. It changes nothing but q and h.
//
// The process is found by its PID, which could be another's by now: an identity that
// was known before is proved by resolve, which comes after and meets the same one again.
func (o *owners) ask(q *query, h *holding, newOnly bool) error {
	q.pid, q.known, q.newOnly = h.number, h.descriptors, newOnly
	q.found, q.identity = q.found[:0], h.identity
	err := o.tree.read(q)
	h.denied = errors.Is(err, errDenied)
	switch {
	case h.denied, errors.Is(err, errProcessGone):
		h.descriptors, h.identity = h.descriptors[:0], process.ID{}
	case err != nil:
		return err
	default:
		h.descriptors = append(h.descriptors[:0], q.found...)
		h.identity, h.uid = q.identity, q.uid
	}
	if !newOnly {
		h.read = o.round
	}
	return nil
}

// unheld marks the slots that some process is known to hold and counts, in
// o.missing, those that are left and were not looked for in vain before. It gives their users.
func (o *owners) unheld() (uids []uint32) {
	for _, h := range o.ordered {
		o.mark(h)
	}
	o.missing = 0
	for i := range o.slots {
		s := &o.slots[i]
		if s.held {
			continue
		}
		if _, looked := o.vain[s.cookie]; looked {
			o.vain[s.cookie] = o.round
			continue
		}
		s.sought = true
		o.missing++
		if !slices.Contains(uids, s.uid) {
			uids = append(uids, s.uid)
		}
	}
	return uids
}

// mark marks the slots that h holds, and those of its descriptors whose socket has gone.
func (o *owners) mark(h *holding) {
	for j := range h.descriptors {
		d := &h.descriptors[j]
		i, ok := o.inodes.find(d.inode)
		if !ok {
			d.stale = d.stale || o.listed.has(d.inode)
			continue
		}
		if o.slots[i].held || o.slots[i].gone {
			continue
		}
		o.slots[i].held = true
		if o.slots[i].sought {
			o.missing--
			h.gained = o.round
		}
	}
}

// search looks for the processes that hold the missing slots, which these users made:
// first behind new descriptors and those whose socket has gone, then, for the same users, behind all:
// that costs much more, and is not done for a socket that has closed meanwhile.
// That ends when nothing is missing, so those come first that gained a socket last. What was
// read in full in this round is left out: that is younger than the records.
func (o *owners) search(uids []uint32, ask confirmer) error {
	var candidates []*holding
	for _, h := range o.ordered {
		if !h.denied && h.read != o.round {
			candidates = append(candidates, h)
		}
	}
	foreign := func(h *holding) bool { return !slices.Contains(uids, h.uid) }
	slices.SortStableFunc(candidates, func(a, b *holding) int {
		if x, y := foreign(a), foreign(b); x != y {
			return cmpBool(x, y)
		}
		return cmp.Compare(b.gained, a.gained)
	})
	if err := o.searchIn(candidates, true); err != nil {
		return err
	}
	if err := o.confirm((*slot).unfound, ask); err != nil {
		return err
	}
	return o.searchIn(slices.DeleteFunc(candidates, foreign), false)
}

// confirm has the kernel asked about the slots in doubt, and takes note of those that have closed.
func (o *owners) confirm(doubt func(*slot) bool, ask confirmer) error {
	doubts := 0
	for i := range o.slots {
		if doubt(&o.slots[i]) {
			doubts++
		}
	}
	if doubts == 0 {
		return nil
	}
	closed, err := ask(func(inode uint32) bool {
		i, ok := o.inodes.find(inode)
		return ok && doubt(&o.slots[i])
	})
	for _, inode := range closed {
		i, _ := o.inodes.find(inode)
		s := &o.slots[i]
		if s.unfound() {
			o.missing--
		}
		s.sought, s.held, s.gone = false, false, true
	}
	return err
}

// searchIn reads the candidates until nothing is missing.
func (o *owners) searchIn(candidates []*holding, newOnly bool) error {
	for _, h := range candidates {
		if o.missing == 0 {
			return nil
		}
		if err := o.ask(&o.queries[0], h, newOnly); err != nil {
			return err
		}
		o.mark(h)
	}
	return nil
}

// giveUp remembers what was not found, so that it is not looked for again at every refresh.
func (o *owners) giveUp() {
	for i := range o.slots {
		if s := &o.slots[i]; s.unfound() {
			o.vain[s.cookie] = o.round
		}
	}
	maps.DeleteFunc(o.vain, func(_, round uint64) bool { return round != o.round })
}

// resolve makes the links: who the processes that hold something are.
func (o *owners) resolve() {
	o.links, o.before = slices.Grow(o.before[:0], len(o.slots)), o.links
	o.denied = 0
	for _, h := range o.ordered {
		if h.denied {
			o.denied++
		}
		for _, d := range h.descriptors {
			i, ok := o.inodes.find(d.inode)
			if !ok || o.slots[i].last == int32(h.number) {
				continue
			}
			p := o.describe(h)
			if p == nil {
				break
			}
			o.slots[i].last = int32(h.number)
			o.links = append(o.links, link{slot: i, process: p})
		}
		h.described = false
	}
	o.sweep()
}

// describe gives the process that the descriptors of h were read of, once in a round; nil when it has ended.
func (o *owners) describe(h *holding) *process.Process {
	if h.described {
		return h.process
	}
	before := h.process
	p, err := o.lookup(h.number)
	if err != nil || p.ID != h.identity {
		// Ended, and the PID may be another's: that one is new to the next refresh.
		delete(o.holdings, h.number)
		return nil
	}
	if before != nil && before != p {
		h.read = 0 // another program now: what it holds is read again in the next refresh
	}
	h.process, h.described = p, true
	return p
}

// cmpBool orders false before true.
func cmpBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// assign gives the sockets of the records their owners. limited says that a process may
// hold a socket without being seen to.
func (o *owners) assign(records []diagRecord, sockets []Socket, limited bool) {
	counts := make([]int32, len(o.slots)+1)
	for _, l := range o.links {
		counts[l.slot+1]++
	}
	for i := 1; i < len(counts); i++ {
		counts[i] += counts[i-1]
	}
	// One piece of memory for all; links are in the order of the PIDs, so owners are too.
	all := make([]Owner, len(o.links))
	next := slices.Clone(counts)
	for _, l := range o.links {
		all[next[l.slot]] = Owner{Process: l.process, By: ByDescriptor}
		next[l.slot]++
	}
	for i := range records {
		slot, ok := o.inodes.find(records[i].inode)
		switch {
		case ok && counts[slot] < counts[slot+1]:
			sockets[i].Owners = all[counts[slot]:counts[slot+1]:counts[slot+1]]
		case ok && limited:
			sockets[i].Absence = Concealed
		default:
			sockets[i].Absence = Kernel
		}
	}
}
