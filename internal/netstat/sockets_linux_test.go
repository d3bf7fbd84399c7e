package netstat

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

// What a child of the load holds, and at which address: each has one of its own in 127.0.0.0/8, so that the
// ports of one address are never too few.
const (
	sizeVariable    = "PORTOLAN_NETSTAT_TEST_SIZE"
	addressVariable = "PORTOLAN_NETSTAT_TEST_ADDRESS"
)

// load is children that hold sockets.
type load struct {
	children []*child
	size     int
	next     int // the child that is asked first to open new ones
}

// startLoad starts children which hold so many sockets together.
func startLoad(tb testing.TB, children, sockets int) *load {
	tb.Helper()
	l := &load{children: make([]*child, children), size: sockets}
	if most := share(sockets, children, 0) + 64; descriptorLimit(tb) < uint64(most) {
		tb.Fatalf("%d sockets in %d processes: %d descriptors each are allowed, %d are needed (ulimit -n)",
			sockets, children, descriptorLimit(tb), most)
	}
	for i := range l.children {
		l.children[i] = startRole(tb, "load", func(cmd *exec.Cmd) {
			cmd.Env = append(cmd.Env, sizeVariable+"="+strconv.Itoa(share(sockets, children, i)),
				addressVariable+"="+strconv.Itoa(i))
		})
	}
	return l
}

// share is what the i-th of so many children has of a number of sockets.
func share(sockets, children, i int) int {
	if i < sockets%children {
		return sockets/children + 1
	}
	return sockets / children
}

func descriptorLimit(tb testing.TB) uint64 {
	tb.Helper()
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		tb.Fatal(err)
	}
	return limit.Max
}

// stop ends all children.
func (l *load) stop() {
	for _, c := range l.children {
		c.stop()
	}
}

// pids gives the children's, in their order.
func (l *load) pids() (pids []int) {
	for _, c := range l.children {
		pids = append(pids, c.pid())
	}
	slices.Sort(pids)
	return pids
}

// renew has about n sockets closed and as many opened, by as many children as can share it.
func (l *load) renew(tb testing.TB, n int) {
	tb.Helper()
	each := max(1, n/len(l.children))
	for ; n > 0; n -= each {
		c := l.children[l.next%len(l.children)]
		l.next++
		if _, err := fmt.Fprintln(c.stdin, each); err != nil {
			tb.Fatal(err)
		}
		if line := c.line(tb); line != "renewed" {
			tb.Fatalf("a child of the load said %q", line)
		}
	}
}

// loadRole holds sockets: of ten, four are both ends of TCP connections, one listens, one is UDP; one in four is
// IPv6. For every number that it reads it closes its oldest so many and opens others.
func loadRole() error {
	size, err := strconv.Atoi(os.Getenv(sizeVariable))
	if err != nil {
		return err
	}
	address, err := strconv.Atoi(os.Getenv(addressVariable))
	if err != nil {
		return err
	}
	h := holder{address: [4]byte{127, 1, byte(address / 250), byte(1 + address%250)}}
	if err := h.fill(size); err != nil {
		return fmt.Errorf("open %d sockets: %w", size, err)
	}
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			return err
		}
		if err := h.renew(n); err != nil {
			return fmt.Errorf("open %d others: %w", n, err)
		}
		fmt.Println("renewed")
	}
	return nil
}

// kind is what is opened and closed together.
type kind uint8

const (
	listener kind = iota
	datagram
	connection // both ends
)

// held are the sockets of one kind that were opened together.
type held struct {
	kind   kind
	family int
	fds    []int
}

// holder opens and closes the sockets of one child.
type holder struct {
	address   [4]byte
	oldest    []held      // but the listeners that connections are made to
	listeners map[int]int // by family: to connect to
	opened    int
}

// pattern is the order in which a holder opens.
var pattern = [...]kind{datagram, listener, connection, connection, connection, connection}

func (h *holder) fill(size int) error {
	h.listeners = make(map[int]int)
	for i := 0; h.opened < size; i++ {
		family := unix.AF_INET
		if i/len(pattern)%4 == 3 {
			family = unix.AF_INET6
		}
		k := pattern[i%len(pattern)]
		if _, listens := h.listeners[family]; k == connection && (!listens || size-h.opened < 2) {
			k = datagram
		}
		if err := h.open(k, family); err != nil {
			return err
		}
	}
	return nil
}

// renew closes the oldest sockets, at least n of them if there are so many, and opens as many of the same kind.
func (h *holder) renew(n int) error {
	for ; n > 0 && len(h.oldest) > 0; n -= len(h.oldest[len(h.oldest)-1].fds) {
		first := h.oldest[0]
		h.oldest = append(h.oldest[:0], h.oldest[1:]...)
		for _, fd := range first.fds {
			unix.Close(fd)
		}
		if err := h.open(first.kind, first.family); err != nil {
			return err
		}
	}
	return nil
}

func (h *holder) open(k kind, family int) (err error) {
	var fds []int
	switch k {
	case datagram:
		fds, err = one(h.bound(family, unix.SOCK_DGRAM))
	case listener:
		if fds, err = one(h.bound(family, unix.SOCK_STREAM)); err == nil {
			err = unix.Listen(fds[0], 64)
		}
	case connection:
		fds, err = h.connect(family)
	}
	if err != nil {
		return err
	}
	h.opened += len(fds)
	if _, listens := h.listeners[family]; k == listener && !listens {
		h.listeners[family] = fds[0] // stays for as long as we do
		return nil
	}
	h.oldest = append(h.oldest, held{k, family, fds})
	return nil
}

func one(fd int, err error) ([]int, error) { return []int{fd}, err }

// at is our address in the family, with any port.
func (h *holder) at(family int) unix.Sockaddr {
	if family == unix.AF_INET6 {
		return &unix.SockaddrInet6{Addr: [16]byte{15: 1}}
	}
	return &unix.SockaddrInet4{Addr: h.address}
}

func (h *holder) bound(family, kind int) (int, error) {
	fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	return fd, unix.Bind(fd, h.at(family))
}

// connect makes a connection to our listener and keeps both ends. They end
// with a reset, so that no TIME_WAIT is left behind.
func (h *holder) connect(family int) ([]int, error) {
	listener := h.listeners[family]
	to, err := unix.Getsockname(listener)
	if err != nil {
		return nil, err
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.Connect(fd, to); err != nil {
		return nil, err
	}
	accepted, _, err := unix.Accept4(listener, unix.SOCK_CLOEXEC)
	if err != nil {
		return nil, err
	}
	for _, end := range []int{fd, accepted} {
		if err := unix.SetsockoptLinger(end, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}); err != nil {
			return nil, err
		}
	}
	return []int{fd, accepted}, nil
}
