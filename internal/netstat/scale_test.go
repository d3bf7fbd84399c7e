package netstat

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"portolan/internal/process"
)

// crowd adds processes which hold so many sockets each, and gives the records of all.
func (f *fakeTree) crowd(processes, each int) (records []diagRecord) {
	for pid := 1; pid <= processes; pid++ {
		fds := make(map[int32]uint32, each)
		for fd := range int32(each) {
			inode := uint32((pid-1)*each) + uint32(fd) + 1
			fds[3+fd] = inode
			records = append(records, sock(inode))
		}
		f.add(pid, 1000, fds)
	}
	return records
}

// TestOwnersOfOneLargeProcess: it is read again in slices, and all of it within the bound, new descriptors too.
func TestOwnersOfOneLargeProcess(t *testing.T) {
	o, tree := fakeOwners()
	records := tree.crowd(1, 20_000)
	other := tree.add(2, 1000, map[int32]uint32{3: 40_000})
	records = append(records, sock(40_000))
	o.testRound(t, records...)
	large := tree.processes[1]
	delete(large.fds, 9_000) // passed on
	other.fds[10_001] = 9_000 - 2
	large.fds[30_000] = 40_000     // received
	large.fds[19_000] = 40_000     // received, at a number that was another's
	other.fds[10_000] = 19_000 - 2 // whose socket is held by another now
	most := int64(0)
	var held map[uint32][]int
	for range rereadEvery + 1 { // the first of them reads the new one once more
		tree.links.Store(0)
		held = o.testRound(t, records...)
		most = max(most, tree.links.Load())
	}
	want(t, held, 9_000-2, 2)
	want(t, held, 40_000, 1, 2)
	want(t, held, 19_000-2, 2)
	if bound := int64(20_000/rereadEvery + sliceAtLeast + rereadAtLeast); most > bound {
		t.Errorf("a refresh read %d links, want at most %d", most, bound)
	}
}

// TestOwnersOlderThanRecords: what comes between the reading of the links and the kernel's list is found in the same
// refresh: a socket of a process that was read, and a process.
func TestOwnersOlderThanRecords(t *testing.T) {
	workers := runtime.GOMAXPROCS(2)
	defer runtime.GOMAXPROCS(workers)
	o, tree := fakeOwners()
	tree.add(1, 1000, map[int32]uint32{3: 7})
	read := make(chan struct{})
	o.tree = &announced{tree, sync.OnceFunc(func() { close(read) })}
	_, err := o.refresh(func() ([]diagRecord, bool, error) {
		<-read
		tree.processes[1].fds[4] = 8
		tree.add(2, 1000, map[int32]uint32{3: 9})
		return []diagRecord{sock(7), sock(8), sock(9)}, false, nil
	}, allThere)
	if err != nil || o.missing != 0 || len(o.vain) != 0 {
		t.Errorf("%d are missing, %v in vain, %v", o.missing, o.vain, err)
	}
	held := o.testRound(t, sock(7), sock(8), sock(9))
	want(t, held, 7, 1)
	want(t, held, 8, 1)
	want(t, held, 9, 2)
}

// announced tells when a process was read for the first time.
type announced struct {
	*fakeTree
	done func()
}

func (a *announced) read(q *query) error {
	defer a.done()
	return a.fakeTree.read(q)
}

// TestOwnersBurst: ten thousand new sockets in one refresh are all found in it, and no link is read twice for it.
func TestOwnersBurst(t *testing.T) {
	o, tree := fakeOwners()
	records := tree.crowd(50, 20)
	for range 3 {
		o.testRound(t, records...)
	}
	inode := uint32(1_000_000)
	for pid := 1; pid <= 50; pid++ {
		for fd := range int32(200) {
			inode++
			tree.processes[pid].fds[100+fd] = inode
			records = append(records, sock(inode))
		}
	}
	tree.links.Store(0)
	held := o.testRound(t, records...)
	for n, r := range records {
		if len(held[r.inode]) != 1 {
			t.Fatalf("socket %d of %d is held by %v", n, len(records), held[r.inode])
		}
	}
	if most := int64(2 * len(records)); tree.links.Load() > most {
		t.Errorf("%d links were read, want at most %d", tree.links.Load(), most)
	}
}

// TestOwnersLooksUpWhatItReads: who a process is is asked when its links are read again, and so
// within the bound; a change of the user is seen then too, and told to the register.
func TestOwnersLooksUpWhatItReads(t *testing.T) {
	o, tree := fakeOwners()
	records := tree.crowd(200, 20)
	lookups, changed := 0, 0
	o.lookup = func(pid int) (*process.Process, error) { lookups++; return tree.lookup(pid) }
	o.changed = func(pid int) { changed++; tree.changed(pid) }
	o.testRound(t, records...)
	if lookups != 200 {
		t.Fatalf("%d lookups at first", lookups)
	}
	before := tree.processes[77].described
	tree.processes[77].uid = 33
	most := 0
	for range rereadEvery {
		lookups = 0
		if _, err := o.refresh(given(true, records...), allThere); err != nil {
			t.Fatal(err)
		}
		most = max(most, lookups)
	}
	if most > 200/rereadEvery+2 {
		t.Errorf("%d lookups in one refresh", most)
	}
	if changed != 1 || tree.processes[77].described == before {
		t.Errorf("told of %d changes", changed)
	}
}

// TestOwnersScale: 100,000 sockets in 30,000 processes: right, and what is kept of them is bounded.
func TestOwnersScale(t *testing.T) {
	o, tree := fakeOwners()
	records := tree.crowd(30_000, 3)
	records = append(records, sock(1_000_000)) // nobody's
	for pid := 1; pid <= 10_000; pid++ {
		tree.processes[pid].fds[50] = uint32(200_000 + pid)
		records = append(records, sock(uint32(200_000+pid)))
	}
	before := heap()
	everyOneIsHeld(t, records, o.testRound(t, records...))
	if kept := heap() - before; kept > 48<<20 {
		t.Errorf("%d MB are kept", kept>>20)
	}
	// A third of the processes end, and their sockets with them.
	for pid := 1; pid <= 10_000; pid++ {
		delete(tree.processes, pid)
	}
	records = slices.DeleteFunc(records, func(r diagRecord) bool { return r.inode <= 30_000 || r.inode > 200_000 && r.inode < 1_000_000 })
	for _, pids := range o.testRound(t, records...) {
		if len(pids) != 1 || pids[0] <= 10_000 {
			t.Fatalf("held by %v", pids)
		}
	}
	if len(o.ordered) != 20_000 || len(o.vain) != 1 {
		t.Errorf("%d processes are kept, %d sockets in vain", len(o.ordered), len(o.vain))
	}
}

// everyOneIsHeld by one process, but for the socket that nobody has.
func everyOneIsHeld(t *testing.T, records []diagRecord, held map[uint32][]int) {
	t.Helper()
	for i, r := range records {
		if got := len(held[r.inode]); got != 1 && r.inode != 1_000_000 {
			t.Fatalf("socket %d is held %d times", i, got)
		}
	}
}

// heap is how much is in use after what is not has been cleared away.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestOwnersNobodys: a socket that no process holds does not make a first refresh read anything twice, is looked for
// everywhere in the second, and no more after that.
func TestOwnersNobodys(t *testing.T) {
	workers := runtime.GOMAXPROCS(2)
	defer runtime.GOMAXPROCS(workers)
	o, tree := fakeOwners()
	records := append(tree.crowd(40, 50), sock(1_000_000))
	all := make(chan struct{})
	var read atomic.Int32
	o.tree = &announced{tree, func() {
		if read.Add(1) == 41 {
			close(all) // every process was read before the kernel had listed its sockets
		}
	}}
	beside := func() ([]diagRecord, bool, error) {
		<-all
		return records, false, nil
	}
	for round, most := range []int64{2000 + 40*3, 4000, 2000/rereadEvery + 200, 2000/rereadEvery + 200} {
		tree.add(100+round, 1000, map[int32]uint32{}) // there is always somebody new
		tree.links.Store(0)
		if _, err := o.refresh(beside, allThere); err != nil {
			t.Fatal(err)
		}
		if got := tree.links.Load(); got > most || (round == 1) != (got >= 2000) && round > 0 {
			t.Errorf("refresh %d read %d links, want at most %d", round, got, most)
		}
	}
	if len(o.vain) != 1 {
		t.Errorf("in vain: %v", o.vain)
	}
}
