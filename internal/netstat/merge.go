package netstat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"portolan/internal/language"
	"portolan/internal/process"
)

// How a snapshot of macOS comes about: the kernel's two tables and the walk
// over the descriptors of this user's processes, joined as a union. Neither has
// everything. The tables lack who holds a socket, and on macOS 27 they lack
// other processes' sockets; the walk lacks TIME_WAIT, what is not accepted yet,
// other users' sockets and the byte counters.

// tcpStates are xnu's numbers for the states (bsd/netinet/tcp_fsm.h), TCPS_CLOSED first.
var tcpStates = [...]State{Closed, Listen, SynSent, SynReceived, Established, CloseWait, FinWait1, Closing, LastAck, FinWait2, TimeWait}

// processes is what the scanner needs of a process.Register.
type processes interface {
	Lookup(pid int) (*process.Process, error)
	Sweep()
}

// scanner reads snapshots on macOS. It keeps buffers and answers between scans.
type scanner struct {
	sys       xnu
	processes processes
	walker    *walker
	now       func() time.Time
	room      [2][]byte             // for the TCP and the UDP table
	again     []pcb                 // for a table that is read once more
	seen      map[unowned]time.Time // when each was first listed
	vain      map[unowned]bool      // the sockets that were looked for in the read before, and whose holder was not found
	scan      scan                  // its rooms are used again
}

// unowned is a socket of which at most the last user is known. The handle alone does not name it: another
// socket has it soon after its end.
type unowned struct{ id, gencnt uint64 }

func newScanner(sys xnu, p processes) *scanner {
	s := &scanner{sys: sys, processes: p, walker: newWalker(sys), now: time.Now,
		seen: map[unowned]time.Time{}, vain: map[unowned]bool{}}
	s.scan = scan{scanner: s, byID: map[uint64]int{}, byPCB: map[pcbKey]int{}, zones: map[uint16]string{},
		made: map[uint64]bool{}, lastUse: map[unowned]time.Time{}, stillVain: map[unowned]bool{},
		looked: map[int32]*process.Process{}}
	return s
}

// begin gives a new scan, in the rooms of the one before.
func (s *scanner) begin() *scan {
	c := &s.scan
	c.taken, c.hidden, c.missing = s.now(), Hidden{}, 0
	c.faults, c.rows = c.faults[:0], c.rows[:0]
	clear(c.byID)
	clear(c.byPCB)
	clear(c.zones)
	clear(c.made)
	clear(c.lastUse)
	clear(c.stillVain)
	clear(c.looked)
	return c
}

// scan is one snapshot in the making.
type scan struct {
	*scanner
	taken   time.Time
	tables  [2]pcbTable
	faults  []string       // what failed of each source, for people
	rows    []row          // every socket found so far
	byID    map[uint64]int // xso_so to index of rows
	byPCB   map[pcbKey]int // where the handles do not agree
	zones   map[uint16]string
	made    map[uint64]bool // the IDs made up in this scan
	hidden  Hidden
	lastUse map[unowned]time.Time      // becomes scanner.seen
	looked  map[int32]*process.Process // every process is looked up once; nil: it has ended

	stillVain map[unowned]bool // becomes scanner.vain
	missing   int              // rows whose holder is being looked for
}

// row is one socket before its owners are known.
type row struct {
	socket  Socket
	pcb     *pcb // nil: only the walk saw it
	holders []int32
	sought  bool // its holder is being looked for
	closed  bool // it has gone since the table was read
}

func (r *row) name() unowned { return unowned{r.socket.ID, r.pcb.gencnt} }

// addRow adds a row, with the room for holders of the row that was there in an earlier scan.
func (c *scan) addRow(s Socket, b *pcb) {
	if len(c.rows) == cap(c.rows) {
		c.rows = append(c.rows, row{})
	} else {
		c.rows = c.rows[:len(c.rows)+1]
	}
	r := &c.rows[len(c.rows)-1]
	*r = row{socket: s, pcb: b, holders: r.holders[:0]}
}

// pcbKey is the second-best name of a socket: the generation of its PCB is unique
// per protocol as long as the PCB lives.
type pcbKey struct {
	protocol      Protocol
	gencnt        uint64
	local, remote netip.AddrPort
}

// read makes one snapshot. One source that fails (a table that the system
// refuses, or whose framing is broken: then what came before the fault counts)
// does not take the others with it; Hidden.Reason says what is missing and where the
// fault is. Without any source there is no snapshot.
func (s *scanner) read(ctx context.Context) (*Snapshot, error) {
	c := s.begin()
	var failed []error
	for i, p := range []Protocol{TCP, UDP} {
		if err := c.readTable(i, p); err != nil {
			failed = append(failed, err)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := c.walk(); err != nil {
		failed = append(failed, err)
		c.faults = append(c.faults, err.Error())
	}
	if len(failed) == 3 {
		return nil, fmt.Errorf("read the sockets: %w", errors.Join(failed...))
	}
	c.own()
	s.seen, c.lastUse = c.lastUse, s.seen
	s.vain, c.stillVain = c.stillVain, s.vain
	s.processes.Sweep()
	return c.snapshot(), nil
}

// readTable reads one table into rows. A table that could be read in part counts
// as a source; the error is for one of which nothing came.
func (c *scan) readTable(i int, p Protocol) error {
	room := c.tables[i].sockets
	c.tables[i] = pcbTable{status: tableCorrupt, sockets: room[:0]}
	buf, err := readTable(c.sys, "net.inet."+p.String()+".pcblist_n", c.room[i])
	c.room[i] = buf[:cap(buf)]
	if err != nil && len(buf) == 0 {
		c.faults = append(c.faults, err.Error())
		return err
	}
	t, fault := decodePCBList(room, buf, p)
	if fault = cmp.Or(err, fault); fault != nil {
		fault = fmt.Errorf("the kernel's %s table could not be read to its end: %w", p, fault)
		c.faults = append(c.faults, fault.Error())
	}
	if t.status == tablePartial && fault == nil {
		c.faults = append(c.faults, fmt.Sprintf("the kernel's %s table stops before its end", p))
	}
	c.tables[i] = t
	c.hidden.Skipped += t.unknown + t.skipped - t.dying
	for j := range t.sockets {
		c.addPCB(&t.sockets[j], p)
	}
	if fault != nil && len(t.sockets) == 0 {
		return fault
	}
	return nil
}

// addPCB adds a socket of a table. One without a local port is not open yet and is left out.
func (c *scan) addPCB(b *pcb, p Protocol) {
	if b.localPort == 0 {
		return
	}
	s := c.socket(&b.endpoints, p, b.tcpState)
	s.PortTold = !b.skywalk() // which has no flags
	s.UID, s.ID = b.owner(), c.identify(b, &s)
	s.RxBytes, s.TxBytes = b.rxBytes, b.txBytes
	if s.State == Listen { // so_qlen and so_qlimit, what listen(2) asked for cut to kern.ipc.somaxconn
		s.Queue, s.QueueLimit, s.Backlog = uint32(b.waiting), uint32(b.qlimit), uint32(b.qlimit)
	}
	c.byID[s.ID] = len(c.rows)
	if b.gencnt != 0 {
		c.byPCB[keyOfPCB(p, b.gencnt, &s)] = len(c.rows)
	}
	c.addRow(s, b)
}

func keyOfPCB(p Protocol, gencnt uint64, s *Socket) pcbKey {
	return pcbKey{p, gencnt, s.Local, s.Remote}
}

// identify gives the kernel's handle of the socket, or for what has none one that is made of
// what does not change: the PCB's handle, or protocol and addresses.
func (c *scan) identify(b *pcb, s *Socket) uint64 {
	switch {
	case b.soID != 0:
		return b.soID
	case b.inpID != 0:
		return b.inpID
	}
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, s.Protocol, s.Local, s.Remote) // a hash takes everything
	id := h.Sum64() | syntheticID
	for c.made[id] { // the same flow twice
		id = (id + 1) | syntheticID
	}
	c.made[id] = true
	return id
}

// socket makes the part that both sources have.
func (c *scan) socket(e *endpoints, p Protocol, state int32) Socket {
	s := Socket{Protocol: p, UID: -1, KernelPort: e.flags&flagAnonPort != 0, PortTold: true}
	s.Local = netip.AddrPortFrom(c.zoned(e.local, e.localScope), e.localPort)
	if p == TCP {
		s.State = Closed
		if state >= 0 && int(state) < len(tcpStates) {
			s.State = tcpStates[state]
		}
	}
	if s.State != Listen && (e.remotePort != 0 || !e.remote.IsUnspecified()) {
		s.Remote = netip.AddrPortFrom(c.zoned(e.remote, e.remoteScope), e.remotePort)
	}
	both := byte(vflagIPv4 | vflagIPv6)
	s.DualStack = e.vflag&both == both && e.local.IsUnspecified()
	return s
}

// zoned adds the name of the interface to a link-local address, its index when the name is not known.
func (c *scan) zoned(a netip.Addr, scope uint16) netip.Addr {
	if scope == 0 {
		return a
	}
	name, ok := c.zones[scope]
	if !ok {
		if name = c.sys.interfaceName(uint32(scope)); name == "" {
			name = strconv.Itoa(int(scope))
		}
		c.zones[scope] = name
	}
	return a.WithZone(name)
}

// walk asks the processes, and joins what they hold with the rows.
func (c *scan) walk() error {
	alive := c.listed
	if c.unreliable() {
		alive = nil
	}
	if err := c.walker.walk(alive); err != nil {
		return err
	}
	c.hidden.Processes = c.walker.hidden
	c.join()
	if alive == nil {
		return nil
	}
	if c.search() {
		for i := range c.rows {
			c.rows[i].holders = c.rows[i].holders[:0]
		}
		c.join()
	}
	return nil
}

// search looks for the holders of the sockets in the table that nobody is known to hold: perhaps one is in a descriptor
// about which an old answer was believed. First the processes are asked that used them last; then, if the kernel
// says that they are still there, all. What is not found is not looked for again. It reports whether any was found.
func (c *scan) search() bool {
	if c.seek(); c.missing == 0 {
		return false
	}
	sought := c.missing
	for i := range c.rows {
		r := &c.rows[i]
		for _, pid := range []int32{r.lastPID(), r.effPID()} {
			if d := c.walker.process(pid); r.sought && d != nil {
				c.walker.again(d, c.found)
			}
		}
	}
	found := sought - c.missing
	c.dropClosed()
	sought = c.missing
	if uid := c.sys.uid(); uid == 0 || slices.ContainsFunc(c.rows, func(r row) bool { return r.sought && r.socket.UID == uid }) {
		for _, d := range c.walker.readable {
			if c.missing == 0 {
				break
			}
			c.walker.again(d, c.found)
		}
	}
	for i := range c.rows {
		if r := &c.rows[i]; r.sought {
			c.stillVain[r.name()] = true
		}
	}
	return found+sought-c.missing > 0
}

func (r *row) lastPID() int32 {
	if r.pcb == nil {
		return 0
	}
	return r.pcb.lastPID
}

func (r *row) effPID() int32 {
	if r.pcb == nil {
		return 0
	}
	return r.pcb.effPID
}

// seek marks the rows whose holder is to be looked for.
func (c *scan) seek() {
	for i := range c.rows {
		r := &c.rows[i]
		if len(r.holders) > 0 || !r.couldBeHeld() {
			continue
		}
		if name := r.name(); c.vain[name] {
			c.stillVain[name] = true
			continue
		}
		r.sought = true
		c.missing++
	}
}

// found is told what a descriptor is.
func (c *scan) found(s *fdSocket) {
	if i, ok := c.byID[s.soID]; ok && c.rows[i].sought && c.rows[i].pcb.gencnt == s.gencnt {
		c.rows[i].sought = false
		c.missing--
	}
}

// unreliable says whether the tables leave out sockets, so that they do not tell which are alive.
func (c *scan) unreliable() bool {
	for i := range c.tables {
		t := &c.tables[i]
		if t.status != tableOK && t.status != tableEmpty || t.missing() > t.skipped && c.onlyOwn(t) {
			return true
		}
	}
	return false
}

// listed says whether the table has this socket, with this PCB.
func (c *scan) listed(s *fdSocket) bool {
	i, ok := c.byID[s.soID]
	return ok && c.rows[i].pcb != nil && c.rows[i].pcb.gencnt == s.gencnt
}

// couldBeHeld: a process may have a descriptor for it.
func (r *row) couldBeHeld() bool {
	p := r.pcb
	return p != nil && r.socket.State != TimeWait && p.flags2&flag2TimeWait == 0 && !p.noSocket() && !p.skywalk() &&
		p.soState&(stateNoFDRef|stateIncomp|stateComp) == 0
}

// dropClosed: a socket that its last user does not hold, although that process could be looked
// into, was perhaps closed between the table and the walk. The tables in which there are such
// are read once more, and what is gone from them is gone.
func (c *scan) dropClosed() {
	for i, p := range []Protocol{TCP, UDP} {
		doubtful := func(r *row) bool {
			return r.sought && r.socket.Protocol == p && c.walker.process(r.pcb.lastPID) != nil
		}
		if !slices.ContainsFunc(c.rows, func(r row) bool { return doubtful(&r) }) {
			continue
		}
		buf, err := readTable(c.sys, "net.inet."+p.String()+".pcblist_n", c.room[i])
		c.room[i] = buf[:cap(buf)]
		if err != nil {
			continue
		}
		now, err := decodePCBList(c.again, buf, p)
		c.again = now.sockets
		if err != nil || now.status != tableOK && now.status != tableEmpty {
			continue
		}
		open := make(map[uint64]uint64, len(now.sockets)) // generations by handle
		for j := range now.sockets {
			open[now.sockets[j].soID] = now.sockets[j].gencnt
		}
		for j := range c.rows {
			r := &c.rows[j]
			if gencnt, listed := open[r.socket.ID]; doubtful(r) && (!listed || gencnt != r.pcb.gencnt) {
				r.closed, r.sought = true, false
				c.missing--
			}
		}
	}
}

func (c *scan) join() {
	for _, d := range c.walker.readable {
		c.joinProcess(int32(d.pid), d)
	}
}

// joinProcess makes pid a holder of each of its sockets.
func (c *scan) joinProcess(pid int32, d *descriptors) {
	for i := range d.answers {
		a := &d.answers[i]
		if !a.inet || a.socket.localPort == 0 {
			continue
		}
		r := &c.rows[c.rowOf(&a.socket)]
		if n := len(r.holders); n == 0 || r.holders[n-1] != pid { // the processes come in the order of their PIDs
			r.holders = append(r.holders, pid)
		}
	}
}

// rowOf finds the row of a socket by its handle, else by its PCB, else makes one. A handle is the hash of an
// address, which another socket may have by now: then what the descriptor says is the newer truth.
func (c *scan) rowOf(f *fdSocket) int {
	i, ok := c.byID[f.soID]
	if ok && (c.rows[i].pcb == nil || c.rows[i].pcb.gencnt == f.gencnt) {
		return i
	}
	s := c.socket(&f.endpoints, f.protocol, f.tcpState)
	s.ID = f.soID
	if !ok {
		if at, found := c.byPCB[keyOfPCB(f.protocol, f.gencnt, &s)]; found && f.gencnt != 0 {
			return at
		}
		i = len(c.rows)
		c.byID[f.soID] = i
		c.addRow(s, nil)
		return i
	}
	c.rows[i] = row{socket: s, holders: c.rows[i].holders[:0]}
	return i
}

// own finds the owners of every row. A row that only the walk saw, and whose
// holders have all ended since, is gone.
func (c *scan) own() {
	most := len(c.rows) // one that is guessed, where nobody holds it
	for i := range c.rows {
		most += len(c.rows[i].holders)
	}
	owners := make([]Owner, 0, most) // one piece of memory for all
	for i := range c.rows {
		r := &c.rows[i]
		if r.closed {
			continue
		}
		from := len(owners)
		if owners = c.descriptorOwners(r, owners); len(owners) == from {
			if r.pcb == nil {
				r.closed = true
				continue
			}
			owners = c.guess(r, owners)
		}
		if len(owners) > from {
			r.socket.Owners = owners[from:len(owners):len(owners)]
		}
		c.onBehalfOf(r)
		r.socket.User = process.UserName(r.socket.UID)
	}
}

// lookup gives nil for a process that has ended or may not be looked at.
func (c *scan) lookup(pid int32) *process.Process {
	p, ok := c.looked[pid]
	if !ok {
		p, _ = c.processes.Lookup(int(pid))
		c.looked[pid] = p
	}
	return p
}

// descriptorOwners: who has a descriptor holds the socket. A process that ended meanwhile is silence.
func (c *scan) descriptorOwners(r *row, owners []Owner) []Owner {
	for _, pid := range r.holders {
		p := c.lookup(pid)
		if p == nil {
			continue
		}
		by := ByDescriptor
		if pid == 1 {
			by = ByLaunchd
		}
		owners = append(owners, Owner{p, by})
		if r.pcb == nil && r.socket.UID < 0 { // a descriptor does not say who made its socket; most likely its holder's user
			r.socket.UID = p.UID
		}
	}
	return owners
}

// guess says who owns a socket that no readable process holds: the process that used it last, where
// that may be believed, launchd, or why nobody.
func (c *scan) guess(r *row, owners []Owner) []Owner {
	last := int(r.pcb.lastPID)
	r.socket.Absence = Concealed
	if c.walker.whole { // we looked into every process, and none holds it
		r.socket.Absence = Kernel
	}
	switch {
	case r.pcb.skywalk(): // it never has a descriptor
	case !r.couldBeHeld() || last <= 0: // the pid of a TIME_WAIT socket is that of a process that has let go of it; 0 is the kernel itself
		r.socket.Absence = Kernel
		return owners
	case last == 1: // launchd may keep it where descriptors do not show (a Mach port)
	case c.walker.whole:
		return owners
	case c.walker.process(r.pcb.lastPID) != nil: // we looked into this one, and it does not hold it
		return owners
	}
	name := r.name()
	first, known := c.seen[name]
	if !known {
		first = c.taken
	}
	c.lastUse[name] = first
	p := c.lookup(r.pcb.lastPID)
	if p == nil || p.Started.After(first) { // then the number is another process's now
		return owners
	}
	by := ByLastUse
	if last == 1 {
		by = ByLaunchd
	}
	r.socket.Absence = Owned
	return append(owners, Owner{p, by})
}

// onBehalfOf: so_e_pid, where it is another process than the one that works.
func (c *scan) onBehalfOf(r *row) {
	if r.pcb == nil || !r.pcb.delegated() || r.socket.Absence == Kernel {
		return
	}
	r.socket.OnBehalfOf = c.lookup(r.pcb.effPID)
}

// snapshot puts everything together.
func (c *scan) snapshot() *Snapshot {
	sockets := make([]Socket, 0, len(c.rows))
	for i := range c.rows {
		if !c.rows[i].closed {
			sockets = append(sockets, c.rows[i].socket)
		}
	}
	filtered := c.countHidden()
	c.hidden.Reason = c.reason(filtered, countConcealed(sockets) > 0)
	return newSnapshot(c.taken, sockets, c.hidden)
}

// countHidden counts what the kernel has and does not list, and says whether
// it hides other processes' sockets: by the number of groups against the header's count, or, in a
// small table, when it lists nobody's but our own although others are known to have some.
func (c *scan) countHidden() (filtered bool) {
	for i, p := range []Protocol{TCP, UDP} {
		t := &c.tables[i]
		if t.status == tableOK && t.missing() > t.skipped && c.onlyOwn(t) && c.othersUnlisted(p) {
			t.status = tableFiltered
		}
		if t.status != tableOK && t.status != tableEmpty {
			found := 0
			for j := range c.rows {
				if c.rows[j].socket.Protocol == p && !c.rows[j].closed {
					found++
				}
			}
			c.hidden.Sockets += max(0, int(t.header.Count)-found)
		}
		filtered = filtered || t.status == tableFiltered
	}
	return filtered
}

// onlyOwn: every socket listed was used last by ourselves.
func (c *scan) onlyOwn(t *pcbTable) bool {
	me := int32(c.sys.pid())
	return !slices.ContainsFunc(t.sockets, func(b pcb) bool { return b.lastPID != me })
}

// othersUnlisted: another process holds a socket that the table does not list.
func (c *scan) othersUnlisted(p Protocol) bool {
	me := int32(c.sys.pid())
	return slices.ContainsFunc(c.rows, func(r row) bool {
		return r.pcb == nil && !r.closed && r.socket.Protocol == p && len(r.holders) > 0 && !slices.Contains(r.holders, me)
	})
}

// The reasons of Hidden, as people read them.
var (
	reasonFiltered = language.Mark("macOS hides other users' sockets from programs like this one; run as administrator to see them")
	reasonOwners   = language.Mark("other users' processes may not be looked into; run as administrator to see who holds their sockets")
)

func (c *scan) reason(filtered, owners bool) string {
	var reasons []string
	if filtered {
		reasons = append(reasons, language.Marked(reasonFiltered))
	} else if owners && !c.walker.whole {
		reasons = append(reasons, language.Marked(reasonOwners))
	}
	if c.hidden.Skipped > 0 {
		reasons = append(reasons, language.N("%d record of the kernel is of a kind that is not known",
			"%d records of the kernel are of a kind that is not known", c.hidden.Skipped))
	}
	return sentences(append(reasons, c.faults...)...)
}
