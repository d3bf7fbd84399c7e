package port

import "fmt"

// macOS has the ends of its ephemeral range in four sysctls
// (bsd/netinet/in_pcb.c in xnu). A port that a program did not ask for comes
// from first to last; one that it asked to be high (IP_PORTRANGE_HIGH) from hifirst
// to hilast. Both are 49152 to 65535, the dynamic ports of RFC 6335, if nobody changed them.

// rangeOf makes one range of the two. A first above its last is allowed: the kernel then
// searches downwards. The second range widens the first when they overlap
// or touch, and is left out when there are other ports between them. What is Given is the first alone: when that is
// used up, connections fail, however wide the second is.
func rangeOf(first, last, hifirst, hilast uint32) (Range, error) {
	low, err := rangeBetween(first, last)
	if err != nil {
		return Range{}, err
	}
	high, err := rangeBetween(hifirst, hilast)
	if err != nil || uint32(high.First) > uint32(low.Last)+1 || uint32(low.First) > uint32(high.Last)+1 {
		return low, nil
	}
	both := Range{First: min(low.First, high.First), Last: max(low.Last, high.Last)}
	if both != low {
		both.GivenFirst, both.GivenLast = low.First, low.Last
	}
	return both, nil
}

func rangeBetween(a, b uint32) (Range, error) {
	if a > b {
		a, b = b, a
	}
	if a == 0 || b > 65535 {
		return Range{}, fmt.Errorf("%d to %d is not a range of ports", a, b)
	}
	return Range{First: uint16(a), Last: uint16(b)}, nil
}
