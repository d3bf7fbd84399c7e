package netstat

import (
	"errors"
	"maps"
	"slices"
	"sync/atomic"
	"syscall"

	"portolan/internal/process"
)

// Linux names the owner of a socket nowhere: the links below /proc/PID/fd of every
// process are read to find it. That is the slow part, so what was found is kept between
// refreshes and only what is new is looked for. What is shown is as true as this:
//
//   - A socket that was not there in the refresh before, or that has lost its last known
//     owner, is looked for at once, until it is found: behind the descriptors that are likely to
//     be new, and those whose TCP or UDP socket has gone; then, if the kernel says that
//     it is still there, behind all new ones of every process, and behind all of the processes of the socket's user.
//   - A process that was not there in the refresh before is read in full, and in full once
//     more in the next refresh, when a child has exec'd and closed what it inherited.
//   - All the rest, a descriptor that was passed to another process or closed while others
//     hold the socket too, is noticed within rereadEvery refreshes.
//   - That a PID is not another process's by now is seen in every refresh, by the inodes of its
//     directories in /proc, which the kernel makes for one process and counts up. What a process is called
//     is looked at whenever its links are read again.
//
// The links are read while the kernel lists its sockets, on the other core. So
// a link may be older than the sockets, and is then not taken for a proof that a process does not hold one.
const (
	// rereadEvery is the number of refreshes within which every link is read again: 48 seconds at one every three.
	rereadEvery = 16
	// rereadAtLeast is the number of links that every refresh reads again in any
	// case: at about 2 us each not worth sparing.
	rereadAtLeast = 64
	// sliceAtLeast is the number of descriptors up to which a process is read again as a whole.
	sliceAtLeast = 256
	// processCost is what opening and listing a process costs, counted in links.
	processCost = 8
	// readWorkers read processes at the same time. More of them wait for each other in the kernel.
	readWorkers = 2
	// burst is the number of sockets still without an owner, behind all that was likely, from which on all processes
	// are read in full at once, instead of one after the other until all is found.
	burst = 1000
	// searchAtOnce is how many processes all workers search before it is looked whether that was enough.
	searchAtOnce = 16
)

// procTree is what is asked of /proc. The methods may be called by several goroutines at once, list by one.
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

// scope is which of its links a process is asked for. What is not read again is taken over from the known.
type scope uint8

const (
	// allLinks: every one.
	allLinks scope = iota
	// someLinks: those whose numbers are from query.from up to, but not with, query.until.
	someLinks
	// likelyLinks: the stale ones, and those of the free numbers that the kernel gives away next. It does not list the
	// descriptors, which costs a third of reading their links, and may miss some.
	likelyLinks
	// newLinks: the stale ones and all that are not known.
	newLinks
)

// query is what is asked about one process, and the answer.
type query struct {
	pid         int
	scope       scope
	from, until int32        // of someLinks; until 0: to the end
	known       []descriptor // of an earlier answer, in the order of the numbers

	found []descriptor // appended to, in the order of the numbers
	// identity is zero when it was not known before; then it is read, of the very process
	// that found is about, if that holds any socket.
	identity  process.ID
	directory uint64 // the inode of the directory that was read
	uid       uint32 // the effective user

	buffer  []byte // for the tree's use
	changed bool   // an answer of this round was not what was known
}

// holding is what is known of one process.
type holding struct {
	dirent
	identity    process.ID // zero until it was seen to hold a socket
	directory   uint64     // the inode of that of its descriptors
	uid         uint32
	denied      bool // may not be read
	gone        bool // it had ended when it was to be named
	holds       bool // it holds a listed socket
	moved       bool // to another user, since it was named last
	descriptors []descriptor
	process     *process.Process

	// Refreshes: in which it came; in which links were read again last, so that it is to be looked up; every link; every
	// link after the kernel had listed its sockets; in which process was found to be right; in which a
	// socket came or went here.
	first, again, read, fresh, described, active uint64
}

// owners finds the processes that hold sockets.
type owners struct {
	tree   procTree
	lookup func(pid int) (*process.Process, error)
	// known is what lookup gave last, if that may be taken as it is; changed says that it may not.
	known   func(pid int) (*process.Process, bool)
	changed func(pid int)
	sweep   func()

	round            uint64
	ordered, earlier []*holding // by PID: of this round and the one before
	inodes           inodeTable // of this round
	listed           inodeTable // of the round before
	slots            []slot
	vain             map[uint64]uint64 // cookie of a socket that was looked for and not found: the round
	denied           int               // processes that may not be read
	missing          int               // slots that are being looked for
	hasty            bool              // in this round not everything was looked at for what is missing
	failure          error             // of our own: we could not look at a process
	calm             bool              // nothing was found yet in this round that differs from the one before

	links, before []link // of this round and the one before
	listing       []dirent
	ring          place
	errands       []errand
	candidates    []*holding
	dumped        atomic.Bool // the kernel has listed the sockets of this round
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
	o := &owners{tree: tree, lookup: register.Lookup, known: register.Known, changed: register.Changed,
		sweep: register.Sweep, vain: make(map[uint64]uint64)}
	o.inodes.reset(0)
	return o
}

// gatherer has the kernel list the sockets. It reports whether the records are the same as in the refresh
// before, of which nothing was left out by a confirmer.
type gatherer func() (records []diagRecord, same bool, err error)

// confirmer asks the kernel once more for the sockets whose inodes are in doubt, and gives the
// inodes of those that have closed.
type confirmer func(inDoubt func(inode uint32) bool) (closed []uint32, err error)

// refresh finds the owners of the records that gather gives: afterwards o.links holds them. It
// reports whether records and owners are the same as in the refresh before.
func (o *owners) refresh(gather gatherer, ask confirmer) (same bool, err error) {
	o.round++
	o.calm, o.hasty, o.failure = true, false, nil
	if err := o.list(); err != nil {
		return false, err
	}
	records, sameRecords, err := o.readBeside(o.due(), gather)
	if err != nil {
		return false, err
	}
	if sameRecords && o.unchanged() {
		return true, nil
	}
	o.index(records)
	if uids := o.unheld(); len(uids) > 0 {
		if err := o.search(uids, ask); err != nil {
			return false, err
		}
	}
	o.resolve()
	if o.failure != nil {
		return false, o.failure
	}
	if err := o.confirm((*slot).abandoned, ask); err != nil {
		return false, err
	}
	o.giveUp()
	return sameRecords && slices.Equal(o.links, o.before), nil
}

// unchanged reports whether, given the same records, the links are those of the round before: no process came or
// went, what was read again is as it was, and so is who the holders are.
func (o *owners) unchanged() bool {
	for i := range o.queries {
		if o.queries[i].changed {
			return false
		}
	}
	if !o.calm {
		return false
	}
	for _, h := range o.ordered {
		if !h.holds {
			continue
		}
		before := h.process
		if o.describe(h) == nil || h.process != before {
			return false
		}
	}
	o.sweep()
	return true
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

// list brings the holdings up to date with the processes there are. It may be called more than once in a round.
func (o *owners) list() (err error) {
	o.listing, err = o.tree.list(o.listing[:0])
	if err != nil {
		return err
	}
	o.ordered, o.earlier = o.earlier[:0], o.ordered
	before := o.earlier
	for _, d := range o.listing {
		for len(before) > 0 && before[0].number < d.number {
			before, o.calm = before[1:], false
		}
		if len(before) > 0 && before[0].number == d.number && before[0].inode == d.inode && !before[0].gone {
			o.ordered = append(o.ordered, before[0])
			before = before[1:]
			continue
		}
		o.ordered = append(o.ordered, &holding{dirent: d, first: o.round})
		o.calm = false
	}
	o.calm = o.calm && len(before) == 0
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
			if !d.stale && o.listed.has(d.inode) {
				d.stale, h.active = true, o.round
			}
			continue
		}
		if o.slots[i].held || o.slots[i].gone {
			continue
		}
		o.slots[i].held = true
		if o.slots[i].sought {
			o.missing--
			h.active = o.round
		}
	}
}

// giveUp remembers what was not found, so that it is not looked for again at every refresh.
func (o *owners) giveUp() {
	for i := range o.slots {
		if s := &o.slots[i]; s.unfound() && !o.hasty {
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
		h.holds = false
		for _, d := range h.descriptors {
			i, ok := o.inodes.find(d.inode)
			if !ok || o.slots[i].last == int32(h.number) {
				continue
			}
			p := o.describe(h)
			if p == nil {
				break
			}
			h.holds = true
			o.slots[i].last = int32(h.number)
			o.links = append(o.links, link{slot: i, process: p})
		}
	}
	o.sweep()
}

// describe gives the process that the descriptors of h were read of, once in a round; nil when it has ended.
// Until its links are read again, its directories in /proc prove that it is the same as before.
func (o *owners) describe(h *holding) *process.Process {
	if h.described == o.round {
		return h.process
	}
	if h.gone {
		return nil
	}
	before := h.process
	if before != nil && h.again != o.round {
		if p, ok := o.known(h.number); ok && p == before {
			h.described = o.round
			return p
		}
	}
	if h.moved {
		o.changed(h.number)
		h.moved = false
	}
	p, err := o.lookup(h.number)
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		o.failure = err // it says nothing about the process
		return nil
	}
	if err != nil || p.ID != h.identity {
		h.gone = true // and the PID may be another's: that one is new to the next refresh
		return nil
	}
	if before != nil && before != p {
		h.read = 0 // another program now: what it holds is read again in the next refresh
	}
	h.process, h.described = p, o.round
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
