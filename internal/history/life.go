package history

import "time"

// life is what is kept of an open socket, in eight bytes: there may be a hundred thousand of them, most in TIME_WAIT.
type life struct {
	low  uint32 // when it was first seen, in milliseconds
	high uint8
	what uint8  // its kind, and the marks
	app  uint16 // the number of the activity that it counts for; 0: none
}

// The marks of a life.
const (
	lifeKnown = 0x10 << iota // when is when it was opened, not when we began to look
	lifeWaits                // it is in TIME_WAIT, and when is when it went there
	lifeShort                // it was opened and closed between two looks
	lifeIn                   // it came in; neither this nor the next: not known, or it is no connection
	lifeOut   = 0x08         // it went out
	kindMask  = 0x07
)

func (l *life) born(at time.Duration) {
	ms := uint64(at / time.Millisecond)
	l.low, l.high = uint32(ms), uint8(ms>>32) // enough for 34 years
}

func (l life) from() time.Duration {
	return time.Duration(uint64(l.high)<<32|uint64(l.low)) * time.Millisecond
}

func (l life) kind() kind         { return kind(l.what & kindMask) }
func (l life) is(mark uint8) bool { return l.what&mark != 0 }
func (l *life) mark(mark uint8)   { l.what |= mark }
func (l *life) counts(k kind, a *activity) {
	l.what, l.app = l.what&^kindMask|uint8(k), 0
	if a != nil {
		l.app = a.number
	}
}

// onSide keeps from which side it was opened.
func (l *life) onSide(s Side) {
	switch s {
	case Incoming:
		l.mark(lifeIn)
	case Outgoing:
		l.mark(lifeOut)
	}
}

func (l life) side() Side {
	switch {
	case l.is(lifeIn):
		return Incoming
	case l.is(lifeOut):
		return Outgoing
	default:
		return NoSide
	}
}
