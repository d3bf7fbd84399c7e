package table

import (
	"strings"

	"portolan/internal/language"
	"portolan/internal/netstat"
)

// Counts sums up sockets. A socket may count under several names: one end of
// an established connection may well be ephemeral.
type Counts struct {
	Sockets     int
	Listening   int // TCP in LISTEN
	Established int // TCP in ESTABLISHED
	Ephemeral   int // the kernel chose the local port
	Closing     int // TCP on its way down: FIN_WAIT_1 to TIME_WAIT
	UDP         int
	Outgoing    int // connections that this side opened, see ClassOf
	Incoming    int // connections to something that waits here
}

// Parts says what is not zero, but for the sum: "2 listening", "5 established", "3 ephemeral".
func (c Counts) Parts() []string {
	var parts []string
	for _, part := range []struct {
		count int
		text  string
	}{
		{c.Listening, language.F("%d listening", c.Listening)},
		{c.Established, language.F("%d established", c.Established)},
		{c.Ephemeral, language.F("%d ephemeral", c.Ephemeral)},
		{c.Closing, language.F("%d closing", c.Closing)},
		{c.UDP, language.F("%d UDP", c.UDP)},
	} {
		if part.count > 0 {
			parts = append(parts, part.text)
		}
	}
	return parts
}

// String says what is not zero: "7 sockets, 2 listening, 5 established, 3 ephemeral".
func (c Counts) String() string {
	return strings.Join(append([]string{socketsText(c.Sockets)}, c.Parts()...), ", ")
}

func (c *Counts) add(s *netstat.Socket, ephemeral bool, class Class) {
	c.Sockets++
	switch {
	case s.Protocol == netstat.UDP:
		c.UDP++
	case s.State == netstat.Listen:
		c.Listening++
	case s.State == netstat.Established:
		c.Established++
	case closing(s.State):
		c.Closing++
	}
	if ephemeral {
		c.Ephemeral++
	}
	switch class {
	case Outgoing:
		c.Outgoing++
	case Incoming:
		c.Incoming++
	}
}

// closing reports whether one of the two ends has begun to close the connection (RFC 9293, section 3.6).
func closing(s netstat.State) bool { return s >= netstat.FinWait1 && s <= netstat.TimeWait }

// Count sums up all sockets of a snapshot, of which the census is, or of a part of that; nothing for nil.
func Count(s *netstat.Snapshot, census *Census) Counts {
	var c Counts
	if s == nil {
		return c
	}
	kinds := census.of(s.Sockets)
	for i := range s.Sockets {
		c.add(&s.Sockets[i], kinds[i].ephemeral(), kinds[i].class())
	}
	return c
}

func socketsText(n int) string { return language.N("%d socket", "%d sockets", n) }

func processesText(n int) string { return language.N("%d process", "%d processes", n) }
