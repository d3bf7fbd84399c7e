package port

import (
	"fmt"
	"os"
	"time"
)

// ephemeralRangeFile holds the two ends of the range (kernel documentation,
// networking/ip-sysctl, ip_local_port_range). It holds for IPv6 as well.
const ephemeralRangeFile = "/proc/sys/net/ipv4/ip_local_port_range"

// reservedPortsFile lists what is kept out of it (there too, ip_local_reserved_ports); since Linux 2.6.35.
const reservedPortsFile = "/proc/sys/net/ipv4/ip_local_reserved_ports"

// timeWaitLength is TCP_TIMEWAIT_LEN (include/net/tcp.h), which cannot be changed.
const timeWaitLength = 60 * time.Second

// perEnd: connect(2) takes any port whose connections all go to other ends (__inet_hash_connect in
// net/ipv4/inet_hashtables.c), but none that somebody has bound. bind(2) to port 0 takes only what nobody has.
const perEnd = true

// TimeWait tells how long the kernel remembers a closed connection (TIME_WAIT).
func TimeWait() (time.Duration, error) { return timeWaitLength, nil }

// EphemeralRange reads the range from which the kernel takes a local port for
// a program that did not ask for a certain one, without those that the system
// keeps out. Both can be changed while the system runs, and each network namespace has its own.
func EphemeralRange() (Range, error) {
	text, err := os.ReadFile(ephemeralRangeFile)
	if err != nil {
		return Range{}, fmt.Errorf("read ephemeral port range: %w", err)
	}
	r, err := parseRange(string(text))
	if err != nil {
		return Range{}, fmt.Errorf("read ephemeral port range: %s: %w", ephemeralRangeFile, err)
	}
	reserved, err := os.ReadFile(reservedPortsFile)
	if err != nil {
		return r, nil //nolint:nilerr // a kernel without the file keeps nothing out
	}
	if r, err = r.without(string(reserved)); err != nil {
		return r, fmt.Errorf("read ephemeral port range: %s: %w", reservedPortsFile, err)
	}
	return r, nil
}
