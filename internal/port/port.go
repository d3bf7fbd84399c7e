// Package port says what a port number means: its service name, whether the
// system hands it out by itself, and who can reach an address.
package port

// Range is a range of port numbers, both ends included. It is comparable.
type Range struct {
	First, Last uint16

	reserved *portSet // ports in between that the system keeps out; nil: none
}

// Contains reports whether p lies in the range and is not kept out of it. Nothing lies in the zero Range but port 0.
func (r Range) Contains(p uint16) bool {
	return r.First <= p && p <= r.Last && !r.reserved.has(p)
}

// Count is how many ports the system may hand out from the range; 0 for the zero Range.
func (r Range) Count() int {
	if r.First == 0 || r.First > r.Last {
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

// portSet is a set of ports, one bit each.
type portSet [1 << 16 / 64]uint64

func (s *portSet) add(p uint16) { s[p/64] |= 1 << (p % 64) }

func (s *portSet) has(p uint16) bool { return s != nil && s[p/64]&(1<<(p%64)) != 0 }
