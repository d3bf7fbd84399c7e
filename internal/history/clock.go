package history

import "time"

// clock turns the times of records into moments: the time since the first record, as the clock on the wall counts it.
// That one goes on while the computer sleeps, which the clock of a program (the monotonic reading of a time.Time) does not:
// of what was remembered before a night nothing is left after it. People set it, too: forward counts as a sleep,
// and back as nothing, so that moments never go back.
type clock struct {
	at   time.Time     // of the last record
	last time.Duration // its moment
	// behind is by how much the clock on the wall was set back, at the moment back. Who sets it forward again soon
	// only undoes that.
	behind, back time.Duration
}

// slack is by how much the two clocks may differ from one record to the next: the one on the wall
// is made to go a little faster or slower now and then.
const slack = time.Second

// set gives the clock after a record at t.
func (c clock) set(t time.Time) clock {
	wall, awake := t.Round(0).Sub(c.at.Round(0)), awake(c.at, t)
	ahead, gap := wall-awake, wall
	if c.last-c.back > Keep {
		c.behind = 0
	}
	switch {
	case ahead < -slack:
		c.behind, c.back, gap = c.behind-ahead, c.last, awake
	case ahead > slack:
		undone := min(c.behind, ahead)
		c.behind -= undone
		gap -= undone
	}
	c.at, c.last = t, c.last+max(gap, 0)
	return c
}

// awake is how long the computer did not sleep between two times; 0 when they do not tell.
func awake(from, to time.Time) time.Duration {
	if !monotonic(from) || !monotonic(to) {
		return 0
	}
	return max(to.Sub(from), 0)
}

// monotonic reports whether a time has the reading of the program's clock. There is no other way to ask: Round(0) takes it
// away, and Equal, which compares the moments alone, would find no difference.
func monotonic(t time.Time) bool {
	return t != t.Round(0) //nolint:staticcheck // QF1009: the reading is what is compared
}

// now gives the moment of a time that is not before the last record.
func (c clock) now(t time.Time) time.Duration {
	if c.at.IsZero() {
		return 0
	}
	return c.set(t).last
}

// moment gives that of a time which the clock on the wall has shown.
func (c clock) moment(t time.Time) time.Duration {
	const far = 1 << 62 // so that nothing overflows
	return c.last + min(max(t.Round(0).Sub(c.at.Round(0)), -far), far-c.last)
}

// time gives what the clock on the wall showed at a moment. After it was set that is what it
// would have shown: so "ten minutes ago" is ten minutes ago.
func (c clock) time(d time.Duration) time.Time { return c.at.Round(0).Add(d - c.last) }
