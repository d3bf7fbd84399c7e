package netstat

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"portolan/internal/process"
)

// Reader reads snapshots. It keeps what makes the next one cheap: the netlink socket,
// the buffers, and which process holds what. It is not safe for use by several goroutines at once.
type Reader struct {
	diag   *diagSocket // nil after a failed dump, whose late replies must not be met again
	owners *owners
	closed bool
	counts bool // the byte counters are asked for

	records, before []diagRecord // of this read and the last good one
	again           []diagRecord // what confirm reads
	confirmed       bool         // it was called in the last good read
	last            *Snapshot
	seen            visibility
	seenAt          uint64 // the owners' round in which seen was read
}

// Open makes a Reader. The error says so where the kernel, or the sandbox this
// runs in, does not offer NETLINK_SOCK_DIAG.
func Open() (*Reader, error) {
	diag, err := openDiag()
	if err != nil {
		return nil, err
	}
	return &Reader{diag: diag, owners: newOwners(&procDir{root: "/proc"})}, nil
}

// Close gives back what Open took. Read fails after it.
func (r *Reader) Close() error {
	r.closed = true
	return r.hangUp()
}

// CountBytes has the reads from the next one on ask for the byte counters of TCP connections
// (struct tcp_info), or no more: RxBytes and TxBytes are 0 until it was called. They are not free: every
// refresh then takes about twice as long, and is never the same as the one before where there is traffic.
func (r *Reader) CountBytes(on bool) { r.counts = on }

func (r *Reader) hangUp() error {
	if r.diag == nil {
		return nil
	}
	err := r.diag.close()
	r.diag = nil
	return err
}

// Read reads all sockets and who holds them: all or nothing. What this user may
// not see is no error, it is counted in Snapshot.Hidden. The error wraps
// ctx's when that is done, and errors.ErrUnsupported when the kernel has none of the tables.
func (r *Reader) Read(ctx context.Context) (*Snapshot, error) {
	if r.closed {
		return nil, fmt.Errorf("read the sockets: %w", os.ErrClosed)
	}
	taken := time.Now()
	var t tables
	gather := func() (records []diagRecord, same bool, err error) {
		if t, err = r.dump(ctx); err != nil {
			_ = r.hangUp() // the error before says more
			return nil, false, err
		}
		// After a confirmation the owners' links still count what was dropped: nothing is compared with them.
		same = !r.confirmed && r.last != nil && slices.Equal(r.records, r.before)
		return r.records, same, nil
	}
	confirmed := false
	same, err := r.owners.refresh(gather, func(inDoubt func(uint32) bool) ([]uint32, error) {
		confirmed = true
		return r.confirm(ctx, inDoubt)
	})
	if err != nil {
		r.last = nil // the next round's owners are compared with this one's, of which nothing was made
		return nil, fmt.Errorf("read the sockets: %w", err)
	}
	before := r.seen
	r.look()
	r.confirmed = confirmed
	if same && !confirmed && before == r.seen {
		r.last = &Snapshot{Taken: taken, Sockets: r.last.Sockets, Hidden: r.hidden(r.last.Hidden.Owners, t)}
		return r.last, nil
	}
	r.assemble(taken, t)
	r.records, r.before = r.before, r.records
	return r.last, nil
}

// confirm asks the kernel once more for the sockets that nobody was found to hold. Between its first
// answer and the search lie some milliseconds: a socket that closed meanwhile is dropped,
// instead of being shown as one whose owner is hidden, and of one that its process let go of, the
// new state is taken. It gives the inodes of both.
func (r *Reader) confirm(ctx context.Context, inDoubt func(inode uint32) bool) (closed []uint32, err error) {
	for _, want := range everyTable {
		want.counters = r.counts
		doubtful := func(d *diagRecord) bool {
			return d.family == want.family && d.protocol == want.protocol && inDoubt(d.inode)
		}
		if !want.narrow(r.records, doubtful) {
			continue
		}
		r.again, _, err = r.diag.dump(ctx, want, r.again[:0])
		if err != nil {
			_ = r.hangUp() // the error before says more
			return closed, fmt.Errorf("list %s once more: %w", want, err)
		}
		var more []uint32
		r.records, more = renew(r.records, doubtful, r.again)
		closed = append(closed, more...)
	}
	return closed, nil
}

// look finds what limits the view: the mount options of /proc can change, but seldom do.
func (r *Reader) look() {
	if r.seenAt == 0 || r.owners.round-r.seenAt >= rereadEvery {
		r.seen = lookAround("/proc")
		r.seenAt = r.owners.round
	}
	r.seen.denied = r.owners.denied
}

func (r *Reader) hidden(concealed int, t tables) Hidden {
	return Hidden{
		Owners:    concealed,
		Processes: r.seen.denied,
		Skipped:   t.skipped,
		Reason:    sentences(r.seen.reason(concealed), t.reason()),
	}
}

// assemble makes the new snapshot of records and owners.
func (r *Reader) assemble(taken time.Time, t tables) {
	zones := make(map[uint32]string)
	zone := func(index uint32) string { return zoneName(zones, index) }
	sockets := make([]Socket, len(r.records))
	for i := range r.records {
		r.records[i].fill(&sockets[i], zone)
	}
	r.owners.assign(r.records, sockets, r.seen.limited())
	nameUsers(sockets)
	r.last = newSnapshot(taken, sockets, Hidden{})
	r.last.Hidden = r.hidden(r.last.Hidden.Owners, t)
}

// nameUsers asks once for each user.
func nameUsers(sockets []Socket) {
	names := make(map[int]string)
	for i := range sockets {
		s := &sockets[i]
		if i > 0 && s.UID == sockets[i-1].UID {
			s.User = sockets[i-1].User
			continue
		}
		name, ok := names[s.UID]
		if !ok {
			name = process.UserName(s.UID)
			names[s.UID] = name
		}
		s.User = name
	}
}

// zoneName is the name of an interface, its number when it has gone.
func zoneName(known map[uint32]string, index uint32) string {
	name, ok := known[index]
	if !ok {
		name = strconv.Itoa(int(index))
		if i, err := net.InterfaceByIndex(int(index)); err == nil {
			name = i.Name
		}
		known[index] = name
	}
	return name
}

// dump asks for all four tables. A table that the kernel does not have is left out.
func (r *Reader) dump(ctx context.Context) (tables, error) {
	var t tables
	if r.diag == nil {
		diag, err := openDiag()
		if err != nil {
			return t, err
		}
		r.diag = diag
	}
	r.records = r.records[:0]
	left := everyTable[:]
	if !r.diag.split {
		switch err := r.dumpOne(ctx, bothTCP, &t); {
		case err == nil:
			left = udpTables
		case notOffered(err):
			r.diag.split = true
		default:
			return t, err
		}
	}
	for _, want := range left {
		err := r.dumpOne(ctx, want, &t)
		if errors.Is(err, linuxENOENT) {
			if want.family == linuxINET || hasIPv6() {
				t.absent = append(t.absent, want)
			}
			t.refused++
			continue
		}
		if err != nil {
			return t, err
		}
	}
	if t.refused == len(everyTable) {
		return t, fmt.Errorf("the kernel lists no sockets (is the module inet_diag missing?): %w", errors.ErrUnsupported)
	}
	return t, nil
}

// dumpOne appends one table to the records.
func (r *Reader) dumpOne(ctx context.Context, want table, t *tables) error {
	want.counters = r.counts
	records, skipped, err := r.diag.dump(ctx, want, r.records)
	if err != nil {
		return fmt.Errorf("list %s: %w", want, err)
	}
	r.records = records
	t.skipped += skipped
	return nil
}

// notOffered: the kernel itself refused the request as one that it does not know, or for a table that it does not have.
func notOffered(err error) bool {
	return errors.Is(err, linuxENOENT) || errors.Is(err, linuxEINVAL) || errors.Is(err, linuxENOTSUP)
}

// hasIPv6 reports whether there can be any IPv6 socket on this system.
func hasIPv6() bool {
	fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return !errors.Is(err, unix.EAFNOSUPPORT)
	}
	unix.Close(fd)
	return true
}

// lookAround finds what the /proc at root hides from us.
func lookAround(root string) (v visibility) {
	v.root = os.Geteuid() == 0
	if space, err := os.Readlink(root + "/self/ns/pid"); err == nil {
		v.enclosed = space != initialPIDSpace
	}
	if text, err := os.ReadFile(root + "/self/mountinfo"); err == nil {
		v.hidepid = hidepid(text, root)
	}
	if !hidesEntries(v.hidepid) || capable(unix.CAP_SYS_PTRACE) {
		v.hidepid = ""
	}
	return v
}

// capable reports whether we have that capability (capabilities(7)).
func capable(capability int) bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	err := unix.Capget(&header, &sets[0])
	return err == nil && sets[0].Effective&(1<<capability) != 0
}
