package port

import (
	"errors"
	"testing"
	"time"
)

// TestLive: what is set while we run is noticed, once, and what is the same is no news.
func TestLive(t *testing.T) {
	first, _ := Range{First: 40000, Last: 40999}.without("40100-40109")
	again, _ := Range{First: 40000, Last: 40999}.without("40100-40109")
	other, _ := Range{First: 40000, Last: 40999}.without("40100-40108")
	mac, _ := rangeOf(50000, 50099, 49152, 65535)
	macToo, _ := rangeOf(50000, 50098, 49152, 65535)
	denied := errors.New("denied")
	now, wait, failure := first, time.Minute, error(nil)
	l := &Live{ephemeral: func() (Range, error) { return now, failure }, timeWait: func() (time.Duration, error) { return wait, nil }}
	for i, step := range []struct {
		r       Range
		wait    time.Duration
		err     error
		changed bool
	}{
		{first, time.Minute, nil, true}, {first, time.Minute, nil, false}, {again, time.Minute, nil, false}, {other, time.Minute, nil, true},
		{other, 30 * time.Second, nil, true}, {mac, 30 * time.Second, nil, true}, {macToo, 30 * time.Second, nil, true}, {Range{}, 30 * time.Second, denied, true},
		{Range{}, 30 * time.Second, denied, false},
	} {
		now, wait, failure = step.r, step.wait, step.err
		changed, err := l.Read()
		if got := l.Rules(); changed != step.changed || !errors.Is(err, step.err) || !got.Ephemeral.equal(step.r) || got.TimeWait != step.wait {
			t.Errorf("step %d: %v, %v, %+v", i, changed, err, got)
		}
	}
}

// TestLiveOfThisSystem: it is what the two functions give, and no news.
func TestLiveOfThisSystem(t *testing.T) {
	l, err := NewLive()
	if err != nil {
		t.Fatal(err)
	}
	r, _ := EphemeralRange()
	wait, _ := TimeWait()
	if got := l.Rules(); !got.Ephemeral.equal(r) || got.TimeWait != wait || !r.Known() {
		t.Errorf("%+v", got)
	}
	if changed, err := l.Read(); changed || err != nil {
		t.Errorf("nobody changed it: %v, %v", changed, err)
	}
}
