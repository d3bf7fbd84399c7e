package process

import (
	"slices"
	"strings"

	"portolan/internal/app"
)

// What a process's app is told from is bounded, whatever the process says of itself.
const (
	maxArgs      = 1024      // arguments of a command line
	maxArgsLen   = 64 * 1024 // bytes of a command line
	maxAncestors = 32
)

// lineage keeps what is read of the ancestors of processes, by their identity: the same few
// shells, terminals and servers start most of what runs. What was read is taken as it is
// for the rest of a round, and its entry is read again in the next.
type lineage struct {
	sys   system
	kin   map[int]*kin // by PID
	round uint
}

// kin is an ancestor of a process.
type kin struct {
	entry
	app.Ancestor
	round uint // when it was last read
}

// kinKept is for how many rounds an ancestor is kept that nobody asked about.
const kinKept = 2 * rereadAfter

func newLineage(sys system) *lineage { return &lineage{sys: sys, kin: make(map[int]*kin)} }

// sweep begins a round.
func (l *lineage) sweep() {
	l.round++
	for pid, k := range l.kin {
		if l.round-k.round > kinKept {
			delete(l.kin, pid)
		}
	}
}

// appendAncestors adds the process's parent, the parent's parent and so on, up to but
// without the first process. The way ends early where one may not be read, has ended,
// or has a number that is another process's by now: no ancestor is younger than its
// descendant, and none comes twice.
func (l *lineage) appendAncestors(way []app.Ancestor, id ID, ppid int) []app.Ancestor {
	for pid, start := ppid, id.Start; pid > 1 && len(way) < maxAncestors; {
		k := l.look(pid)
		if k == nil || k.Start > start || pid == id.PID || slices.ContainsFunc(way, func(a app.Ancestor) bool { return a.PID == pid }) {
			break
		}
		way = append(way, k.Ancestor)
		pid, start = k.ppid, k.Start
	}
	return way
}

// look gives the process that has the PID; nil when it cannot be told who that is.
func (l *lineage) look(pid int) *kin {
	k := l.kin[pid]
	if k != nil && k.round == l.round {
		return k
	}
	if k != nil {
		if e, err := l.sys.entry(pid); err == nil && e == k.entry {
			k.round = l.round
			return k
		}
	}
	p, e, err := l.sys.describe(pid, nil)
	if err != nil || e.Start == 0 {
		delete(l.kin, pid)
		return nil
	}
	k = &kin{entry: e, Ancestor: app.Ancestor{PID: pid, Name: ancestorName(p.Name, e.name()), Executable: p.Executable}, round: l.round}
	l.kin[pid] = k
	return k
}

// ancestorName is the name, but for a program whose short name has nothing to do with its executable's:
// "sh" is busybox, and "terminator" python3.12.
func ancestorName(name, comm string) string {
	if comm == "" || strings.HasPrefix(name, comm) || strings.HasPrefix(comm, name) {
		return name
	}
	return comm
}
