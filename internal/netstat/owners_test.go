package netstat

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"

	"portolan/internal/process"
)

// fakeTree is a /proc of values: what each process holds.
type fakeTree struct {
	processes map[int]*fakeProcess
	links     atomic.Int64 // that were read
}

type fakeProcess struct {
	identity process.ID
	inode    uint64 // of its entry
	uid      uint32
	err      error
	fds      map[int32]uint32

	described *process.Process
}

func (f *fakeTree) add(pid int, uid uint32, fds map[int32]uint32) *fakeProcess {
	p := &fakeProcess{identity: process.ID{PID: pid, Start: uint64(1000 + pid)}, inode: uint64(pid), uid: uid, fds: fds}
	f.processes[pid] = p
	return p
}

func (f *fakeTree) list(into []dirent) ([]dirent, error) {
	for _, pid := range slices.Sorted(maps.Keys(f.processes)) {
		into = append(into, dirent{number: pid, inode: f.processes[pid].inode})
	}
	return into, nil
}

func (f *fakeTree) read(q *query) error {
	p := f.processes[q.pid]
	if p == nil {
		return errProcessGone
	}
	if p.err != nil {
		return p.err
	}
	q.uid, q.directory = p.uid, p.inode
	if q.identity == (process.ID{}) {
		q.identity = p.identity
	}
	known := make(map[int32]descriptor)
	for _, k := range q.known {
		known[k.number] = k
		if _, open := p.fds[k.number]; !open && !q.reads(k, true) {
			q.found = append(q.found, k)
		}
	}
	for fd, inode := range p.fds {
		k, isKnown := known[fd]
		if k.number = fd; q.reads(k, isKnown) {
			f.links.Add(1)
			k = descriptor{number: fd, inode: inode}
		} else if !isKnown {
			continue
		}
		q.found = append(q.found, k)
	}
	slices.SortFunc(q.found, func(a, b descriptor) int { return cmp.Compare(a.number, b.number) })
	return nil
}

// reads reports whether the link of a descriptor is within the query's scope.
func (q *query) reads(d descriptor, known bool) bool {
	switch q.scope {
	case someLinks:
		return d.number >= q.from && (q.until == 0 || d.number < q.until)
	case likelyLinks:
		return d.stale || !known && d.number%7 != 0 // some are missed
	case newLinks:
		return d.stale || !known
	default:
		return true
	}
}

func (f *fakeTree) lookup(pid int) (*process.Process, error) {
	p := f.processes[pid]
	if p == nil {
		return nil, fmt.Errorf("look: %w", process.ErrGone)
	}
	if p.described == nil || p.described.ID != p.identity {
		p.described = &process.Process{ID: p.identity}
	}
	return p.described, nil
}

func (f *fakeTree) known(pid int) (*process.Process, bool) {
	p := f.processes[pid]
	if p == nil || p.described == nil {
		return nil, false
	}
	return p.described, true
}

// changed has the next lookup give another description.
func (f *fakeTree) changed(pid int) { f.processes[pid].described = nil }

// given are records that the kernel gives; same, when it gives them again.
func given(same bool, records ...diagRecord) gatherer {
	return func() ([]diagRecord, bool, error) { return records, same, nil }
}

// fakeOwners makes owners over a fake tree.
func fakeOwners() (*owners, *fakeTree) {
	tree := &fakeTree{processes: make(map[int]*fakeProcess)}
	o := newOwners(tree)
	o.lookup, o.known, o.changed, o.sweep = tree.lookup, tree.known, tree.changed, func() {}
	return o, tree
}

// round does one refresh and gives the PIDs of each inode's holders.
func (o *owners) testRound(t *testing.T, records ...diagRecord) map[uint32][]int {
	t.Helper()
	if _, err := o.refresh(given(false, records...), allThere); err != nil {
		t.Fatal(err)
	}
	sockets := make([]Socket, len(records))
	o.assign(records, sockets, false)
	held := make(map[uint32][]int)
	for i := range sockets {
		for _, owner := range sockets[i].Owners {
			held[records[i].inode] = append(held[records[i].inode], owner.Process.PID)
		}
	}
	return held
}

// allThere confirms every socket.
func allThere(func(uint32) bool) ([]uint32, error) { return nil, nil }

// sock is a socket of user 1000 with this inode.
func sock(inode uint32) diagRecord {
	return diagRecord{protocol: TCP, family: linuxINET, state: 10, cookie: uint64(inode) + 1<<40, inode: inode, uid: 1000}
}

func want(t *testing.T, held map[uint32][]int, inode uint32, pids ...int) {
	t.Helper()
	if !slices.Equal(held[inode], pids) {
		t.Errorf("socket %d is held by %v, want %v", inode, held[inode], pids)
	}
}

func TestOwnersShared(t *testing.T) {
	o, tree := fakeOwners()
	tree.add(20, 1000, map[int32]uint32{0: 0, 3: 7, 4: 8, 5: 7}) // twice the same
	tree.add(10, 0, map[int32]uint32{9: 7})
	held := o.testRound(t, sock(7), sock(8), sock(9), sock(0))
	want(t, held, 7, 10, 20)
	want(t, held, 8, 20)
	want(t, held, 9)
	want(t, held, 0)
}

func TestOwnersOfOneInode(t *testing.T) {
	o, tree := fakeOwners()
	tree.add(10, 0, map[int32]uint32{3: 7})
	a, b := sock(7), sock(7)
	b.cookie++ // two connections of one MPTCP socket
	want(t, o.testRound(t, a, b), 7, 10, 10)
}

// TestOwnersUnchanged: a refresh in which nothing has changed says so, and
// reads no more links than promised.
func TestOwnersUnchanged(t *testing.T) {
	o, tree := fakeOwners()
	var records []diagRecord
	for pid := range 40 {
		fds := make(map[int32]uint32)
		for fd := range int32(500) {
			inode := uint32(1 + pid*500 + int(fd))
			fds[fd] = inode
			records = append(records, sock(inode))
		}
		tree.add(1+pid, 1000, fds)
	}
	o.testRound(t, records...)
	if tree.links.Load() != 20_000 {
		t.Fatalf("the first refresh read %d links, want 20000", tree.links.Load())
	}
	for range 3 * rereadEvery {
		tree.links.Store(0)
		if same, err := o.refresh(given(true, records...), allThere); !same || err != nil {
			t.Fatalf("same %v, error %v", same, err)
		}
		if most := int64(20_000/rereadEvery + 500); tree.links.Load() > most {
			t.Fatalf("an unchanged refresh read %d links, want at most %d", tree.links.Load(), most)
		}
	}
}

// TestOwnersUnchangedAllocations: it needs no memory either.
func TestOwnersUnchangedAllocations(t *testing.T) {
	o, tree := fakeOwners()
	gather := given(true, tree.crowd(200, 10)...)
	o.tree = &allocationless{fakeTree: tree}
	for range 2 * rereadEvery {
		if _, err := o.refresh(gather, allThere); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(4*rereadEvery, func() { o.refresh(gather, allThere) }); n >= 10 {
		t.Errorf("%v allocations in an unchanged refresh", n)
	}
}

// allocationless answers from what it was asked with, after it has answered everything once.
type allocationless struct {
	*fakeTree
	listing []dirent
}

func (a *allocationless) list(into []dirent) ([]dirent, error) {
	if a.listing == nil {
		a.listing, _ = a.fakeTree.list(nil)
	}
	return append(into, a.listing...), nil
}

func (a *allocationless) read(q *query) error {
	if len(q.known) == 0 {
		return a.fakeTree.read(q)
	}
	p := a.processes[q.pid]
	q.found, q.uid, q.directory = append(q.found, q.known...), p.uid, p.inode
	return nil
}

// TestOwnersNewSocket: it is found in the same refresh, wherever its descriptor is, and
// without reading what is known.
func TestOwnersNewSocket(t *testing.T) {
	o, tree := fakeOwners()
	for pid := 1; pid < 100; pid++ {
		fds := make(map[int32]uint32)
		for fd := range int32(100) {
			fds[fd] = 0
		}
		tree.add(pid, 1000, fds)
	}
	p := tree.processes[50]
	p.fds[3] = 5
	o.testRound(t, sock(5))
	o.testRound(t, sock(5))

	p.fds[100] = 6 // a new descriptor
	want(t, o.testRound(t, sock(5), sock(6)), 6, 50)

	p.fds[3] = 7 // a descriptor that was another socket's
	tree.links.Store(0)
	held := o.testRound(t, sock(6), sock(7))
	want(t, held, 7, 50)
	want(t, held, 5)
	if most := int64(100*108/rereadEvery + 100 + 1); tree.links.Load() > most { // one process more than the slice, and what is new
		t.Errorf("read %d links, want at most %d", tree.links.Load(), most)
	}

	p.fds[9] = 8 // a descriptor that was a file's
	want(t, o.testRound(t, sock(6), sock(7), sock(8)), 8, 50)
}

// TestOwnersOfAnotherUser: a socket that root made and a server of another user holds.
func TestOwnersOfAnotherUser(t *testing.T) {
	o, tree := fakeOwners()
	p := tree.add(5, 33, map[int32]uint32{})
	tree.add(6, 1000, map[int32]uint32{})
	o.testRound(t)
	p.fds[4] = 9
	r := sock(9)
	r.uid = 0
	want(t, o.testRound(t, r), 9, 5)
}

// TestOwnersBound: what nothing points at is noticed within the promised number of refreshes.
func TestOwnersBound(t *testing.T) {
	o, tree := fakeOwners()
	records := []diagRecord{sock(1_000_000)}
	for pid := 1; pid <= 64; pid++ {
		fds := make(map[int32]uint32)
		for fd := range int32(200) {
			fds[fd] = uint32(pid*200 + int(fd))
			records = append(records, sock(fds[fd]))
		}
		tree.add(pid, 1000, fds)
	}
	tree.processes[1].fds[500] = 1_000_000
	want(t, o.testRound(t, records...), 1_000_000, 1)
	for pid := 2; pid <= 64; pid++ {
		tree.processes[pid].fds[500] = 1_000_000 // passed to it
	}
	delete(tree.processes[1].fds, 500)
	var held map[uint32][]int
	for range rereadEvery {
		held = o.testRound(t, records...)
	}
	if got := held[1_000_000]; len(got) != 63 || got[0] != 2 {
		t.Errorf("after %d refreshes it is held by %v, want 2 to 64", rereadEvery, got)
	}
}

// TestOwnersFork: a child is seen at once with what it inherited, and one refresh later without what its exec closed.
func TestOwnersFork(t *testing.T) {
	o, tree := fakeOwners()
	tree.add(5, 1000, map[int32]uint32{3: 7})
	o.testRound(t, sock(7))
	o.testRound(t, sock(7))
	child := tree.add(6, 1000, map[int32]uint32{3: 7})
	want(t, o.testRound(t, sock(7)), 7, 5, 6)
	child.fds = map[int32]uint32{}
	want(t, o.testRound(t, sock(7)), 7, 5)
}

// TestOwnersLastOneGoes: the holder passed the socket on and ended.
func TestOwnersLastOneGoes(t *testing.T) {
	o, tree := fakeOwners()
	tree.add(5, 1000, map[int32]uint32{3: 7})
	other := tree.add(6, 0, map[int32]uint32{})
	o.testRound(t, sock(7))
	other.fds[8] = 7
	delete(tree.processes, 5)
	want(t, o.testRound(t, sock(7)), 7, 6)
}

// TestOwnersRecycledPID: another process has the number; the old one's sockets are not its.
func TestOwnersRecycledPID(t *testing.T) {
	for _, entry := range []uint64{5, 99} { // also where the directory entry does not tell
		o, tree := fakeOwners()
		tree.add(5, 1000, map[int32]uint32{3: 7})
		o.testRound(t, sock(7))
		next := tree.add(5, 1000, map[int32]uint32{3: 8})
		next.identity.Start, next.inode = 77, entry
		held := o.testRound(t, sock(7), sock(8))
		want(t, held, 7)
		held = o.testRound(t, sock(7), sock(8))
		want(t, held, 7)
		want(t, held, 8, 5)
	}
}

// TestOwnersGoneInMidScan: a process that ends between two reads is no error.
func TestOwnersGoneInMidScan(t *testing.T) {
	o, tree := fakeOwners()
	tree.add(5, 1000, map[int32]uint32{3: 7}).err = errProcessGone
	tree.add(6, 1000, map[int32]uint32{3: 8})
	o.lookup = func(int) (*process.Process, error) { return nil, fmt.Errorf("look: %w", process.ErrGone) }
	held := o.testRound(t, sock(7), sock(8))
	want(t, held, 7)
	want(t, held, 8)
	if o.denied != 0 {
		t.Errorf("%d processes count as denied", o.denied)
	}
}

func TestOwnersDenied(t *testing.T) {
	o, tree := fakeOwners()
	p := tree.add(5, 0, map[int32]uint32{3: 7})
	p.err = errDenied
	tree.add(6, 1000, map[int32]uint32{})
	want(t, o.testRound(t, sock(7)), 7)
	if o.denied != 1 {
		t.Errorf("%d processes are denied, want 1", o.denied)
	}
	p.err = nil // it gave up its privileges
	for range rereadEvery {
		o.testRound(t, sock(7))
	}
	want(t, o.testRound(t, sock(7)), 7, 5)
	if o.denied != 0 {
		t.Errorf("%d processes are denied, want none", o.denied)
	}
}

// TestOwnersFailure: an error of our own, as when no descriptor is left, fails the refresh.
func TestOwnersFailure(t *testing.T) {
	o, tree := fakeOwners()
	broken := errors.New("too many open files")
	for pid := 1; pid < 20; pid++ {
		tree.add(pid, 1000, map[int32]uint32{}).err = broken
	}
	if _, err := o.refresh(given(false), allThere); !errors.Is(err, broken) {
		t.Errorf("got error %v", err)
	}
}

func TestAssignAbsence(t *testing.T) {
	o, tree := fakeOwners()
	tree.add(5, 1000, map[int32]uint32{3: 7})
	records := []diagRecord{sock(7), sock(8), sock(0)}
	o.testRound(t, records...)
	for limited, want := range map[bool][]Absence{false: {Owned, Kernel, Kernel}, true: {Owned, Concealed, Kernel}} {
		sockets := make([]Socket, len(records))
		o.assign(records, sockets, limited)
		for i := range sockets {
			if sockets[i].Absence != want[i] {
				t.Errorf("limited %v: socket %d: got %d, want %d", limited, i, sockets[i].Absence, want[i])
			}
		}
	}
}

// TestOwnersClosedMeanwhile: a socket that the kernel no longer knows is not looked for behind every
// descriptor of its user, nor remembered as one without a holder.
func TestOwnersClosedMeanwhile(t *testing.T) {
	o, tree := fakeOwners()
	for pid := range 40 {
		fds := make(map[int32]uint32)
		for fd := range int32(500) {
			fds[fd] = uint32(5000 + pid*500 + int(fd)) // in no table: of another kind, or another network namespace
		}
		tree.add(1+pid, 1000, fds)
	}
	for range 2 { // they are new in the first, and read in full once more in the second
		o.testRound(t)
	}
	tree.links.Store(0)
	asked := 0
	_, err := o.refresh(given(false, sock(7)), func(inDoubt func(uint32) bool) ([]uint32, error) {
		asked++
		if !inDoubt(7) || inDoubt(8) {
			t.Error("it is socket 7 that is in doubt")
		}
		return []uint32{7}, nil
	})
	if err != nil || asked != 1 || len(o.vain) != 0 || o.missing != 0 {
		t.Errorf("asked %d times, vain %v, %d missing, %v", asked, o.vain, o.missing, err)
	}
	if most := int64(20_000/rereadEvery + 500); tree.links.Load() > most {
		t.Errorf("%d links were read, want at most %d", tree.links.Load(), most)
	}
	broken := errors.New("broken")
	if _, err := o.refresh(given(false, sock(9)), func(func(uint32) bool) ([]uint32, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}
