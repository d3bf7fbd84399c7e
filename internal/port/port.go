// Package port says what a port number means: its service name, whether the
// system hands it out by itself, and who can reach an address.
package port

// Range is a range of port numbers, both ends included.
type Range struct {
	First, Last uint16
	// GivenFirst and GivenLast are the part of it that is Given; 0: all of it.
	GivenFirst, GivenLast uint16

	reserved *portSet // ports in between that the system keeps out; nil: none
}

// Contains reports whether p lies in the range and is not kept out of it. Nothing lies in the zero Range but port 0.
func (r Range) Contains(p uint16) bool {
	return r.First <= p && p <= r.Last && !r.reserved.has(p)
}

// Count is how many ports the system may hand out from the range; 0 for the zero Range.
func (r Range) Count() int {
	if !r.Known() {
		return 0
	}
	n := int(r.Last) - int(r.First) + 1
	for p := int(r.First); r.reserved != nil && p <= int(r.Last); p++ {
		if r.reserved.has(uint16(p)) {
			n--
		}
	}
	return n
}

// Given is the part of the range from which a program gets a port that does not say which it wants. On macOS the
// range may be wider: the rest goes to who asks for a high port (IP_PORTRANGE_HIGH).
func (r Range) Given() Range {
	if r.GivenFirst == 0 {
		return r
	}
	return Range{First: r.GivenFirst, Last: r.GivenLast, reserved: r.reserved}
}

// Known reports whether it is a range at all. One that is known may have no port to hand out, see Count.
func (r Range) Known() bool { return r.First > 0 && r.First <= r.Last }

// equal reports whether two ranges hold the same ports. == also tells where these were noted down.
func (r Range) equal(o Range) bool {
	x, y := r.reserved, o.reserved
	r.reserved, o.reserved = nil, nil
	return r == o && (x == y || x != nil && y != nil && *x == *y)
}

// portSet is a set of ports, one bit each.
type portSet [1 << 16 / 64]uint64

func (s *portSet) add(p uint16) { s[p/64] |= 1 << (p % 64) }

func (s *portSet) has(p uint16) bool { return s != nil && s[p/64]&(1<<(p%64)) != 0 }
