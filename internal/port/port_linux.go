package port

import (
	"fmt"
	"os"
)

// ephemeralRangeFile holds the two ends of the range (kernel documentation,
// networking/ip-sysctl, ip_local_port_range). It holds for IPv6 as well.
const ephemeralRangeFile = "/proc/sys/net/ipv4/ip_local_port_range"

// EphemeralRange reads the range from which the kernel takes a local port for
// a program that did not ask for a certain one. It can be changed while the
// system runs.
func EphemeralRange() (Range, error) {
	text, err := os.ReadFile(ephemeralRangeFile)
	if err != nil {
		return Range{}, fmt.Errorf("read ephemeral port range: %w", err)
	}
	r, err := parseRange(string(text))
	if err != nil {
		return Range{}, fmt.Errorf("read ephemeral port range: %s: %w", ephemeralRangeFile, err)
	}
	return r, nil
}
