package port

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// rangeDefault is the range of a macOS on which nobody changed it, the dynamic ports of RFC 6335.
var rangeDefault = Range{First: 49152, Last: 65535}

// EphemeralRange reads the range from which the kernel takes a local port for
// a program that did not ask for a certain one. It can be changed while the
// system runs. macOS also marks every such port (netstat.Socket.KernelPort),
// which is exact where the range is a guess. A kernel that does not have the range's
// sysctls (ENOENT) gives the range of RFC 6335, 49152 to 65535, and no error.
func EphemeralRange() (Range, error) {
	var ends [4]uint32
	for i, name := range [4]string{"first", "last", "hifirst", "hilast"} {
		end, err := unix.SysctlUint32("net.inet.ip.portrange." + name)
		if i < 2 && errors.Is(err, unix.ENOENT) {
			return rangeDefault, nil
		}
		if i < 2 && err != nil {
			return Range{}, fmt.Errorf("read ephemeral port range: sysctl net.inet.ip.portrange.%s: %w", name, err)
		}
		ends[i] = end // zero for a second range that cannot be read: it is left out
	}
	r, err := rangeOf(ends[0], ends[1], ends[2], ends[3])
	if err != nil {
		return Range{}, fmt.Errorf("read ephemeral port range: %w", err)
	}
	return r, nil
}

// perEnd: connect(2) chooses the port as bind(2) does, before it looks at the other end, and skips each that a socket of
// the same protocol has (in_pcbbind, with INPLOOKUP_WILDCARD, in bsd/netinet/in_pcb.c).
const perEnd = false

// mslDefault is TCPTV_MSL (bsd/netinet/tcp_timer.h).
const mslDefault = 15 * time.Second

// TimeWait tells how long the kernel remembers a closed connection (TIME_WAIT): twice the
// maximum segment lifetime (RFC 9293, section 3.3.2), which macOS keeps in milliseconds in net.inet.tcp.msl
// (bsd/netinet/tcp_timer.h). It can be changed while the system runs. A kernel that does not
// have the sysctl (ENOENT) gives the usual half minute, and no error.
func TimeWait() (time.Duration, error) {
	msl, err := unix.SysctlUint32("net.inet.tcp.msl")
	if errors.Is(err, unix.ENOENT) {
		return 2 * mslDefault, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the time of TIME_WAIT: sysctl net.inet.tcp.msl: %w", err)
	}
	return 2 * time.Duration(msl) * time.Millisecond, nil
}
