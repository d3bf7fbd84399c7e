package monitor

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// setWall has the clock on the wall differ from the one that our timers go by.
func setWall(m *Monitor) (ahead *atomic.Int64) {
	ahead = new(atomic.Int64)
	m.clock = func() time.Time { return wallClock().Add(time.Duration(ahead.Load())) }
	return ahead
}

// After the computer has slept, which our timers do not notice, there is a read at once, and then one at every interval.
func TestReadsAfterSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: always(1)}
		m := New(s, time.Minute)
		ahead := setWall(m)
		run(t, m, s)
		after(10 * time.Second)
		ahead.Add(int64(8 * time.Hour))
		after(time.Second + time.Millisecond)
		if len(s.reads()) != 2 {
			t.Fatalf("%d reads one second after a sleep of eight hours, want one more than before", len(s.reads()))
		}
		woke := s.reads()[1]
		after(2 * time.Minute)
		if all := s.reads(); len(all) != 4 || all[2].Sub(woke) != time.Minute || all[3].Sub(all[2]) != time.Minute {
			t.Errorf("reads at %v, want two more, a minute apart", all)
		}
	})
}

// A clock that somebody sets, or that is adjusted little by little, neither stops the reads nor multiplies them.
func TestReadsOnWhenTheClockIsSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: always(1)}
		m := New(s, 10*time.Second)
		ahead := setWall(m)
		run(t, m, s)
		for _, step := range []time.Duration{-48 * time.Hour, 48 * time.Hour, -time.Hour} {
			after(20500 * time.Millisecond)
			ahead.Add(int64(step))
		}
		for range 600 { // the clock on the wall is one tenth too fast
			after(100 * time.Millisecond)
			ahead.Add(int64(10 * time.Millisecond))
		}
		after(0)
		elapsed := s.reads()[len(s.reads())-1].Sub(s.reads()[0])
		// One read more for the one that set it ahead.
		if n, most := len(s.reads())-1, int(elapsed/(10*time.Second))+1; n < most-1 || n > most {
			t.Errorf("%d reads in %v", n, elapsed)
		}
	})
}

// While paused a wake is nobody's concern, and the end of the pause reads at once.
func TestSleepWhilePaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: always(1)}
		m := New(s, time.Minute)
		ahead := setWall(m)
		run(t, m, s)
		after(time.Second)
		m.SetPaused(true)
		ahead.Add(int64(time.Hour))
		after(30 * time.Second)
		if len(s.reads()) != 1 {
			t.Fatalf("%d reads while paused", len(s.reads())-1)
		}
		after(time.Hour)
		m.SetPaused(false)
		after(0)
		if len(s.reads()) != 2 {
			t.Errorf("%d reads after the pause, want one at once", len(s.reads())-1)
		}
	})
}

// The loop slows down and comes back: a shorter interval counts from the last read.
func TestSlowAndFastAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := &script{answer: always(1)}
		m := start(t, s, 3*time.Second)
		after(4 * time.Second)
		m.SetInterval(15 * time.Second)
		after(20 * time.Second) // reads at 0, 3 and 18
		m.SetInterval(3 * time.Second)
		after(0)
		var at []time.Duration
		for _, r := range s.reads() {
			at = append(at, r.Sub(began))
		}
		if len(at) != 4 || at[2] != 18*time.Second || at[3] != 24*time.Second {
			t.Errorf("reads at %v, want them at 0, 3, 18 and, as it was due, 24 seconds", at)
		}
	})
}
