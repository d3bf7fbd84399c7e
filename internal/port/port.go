// Package port says what a port number means: its service name, whether the
// system hands it out by itself, and who can reach an address.
package port

// Range is a range of port numbers, both ends included.
type Range struct {
	First, Last uint16
}

// Contains reports whether p lies in the range.
func (r Range) Contains(p uint16) bool { return r.First <= p && p <= r.Last }
