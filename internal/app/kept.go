package app

import (
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxKept bounds what is kept of one kind: bundles, folders.
	maxKept = 1024
	// patience is how long a question to a disk is waited for. One on a server that does not
	// answer would block for ever.
	patience = 100 * time.Millisecond
	// maxStuck is how many questions may be stuck at once; more are not asked.
	maxStuck = 4
)

// disk counts the questions that a disk has not answered in time. The zero disk has none.
type disk struct {
	stuck   atomic.Int32
	version atomic.Uint64 // how many of them were answered after all
}

// kept remembers answers by name, a bounded number of them. The zero kept is ready, and several
// goroutines may use it.
type kept[V any] struct {
	mu      sync.Mutex
	answers map[string]*answer[V]
}

// answer is one question's.
type answer[V any] struct {
	asked time.Time
	late  atomic.Bool   // somebody has waited for it in vain
	done  chan struct{} // closed when value is there
	value V
}

// there: the question is answered.
func (a *answer[V]) there() bool {
	select {
	case <-a.done:
		return true
	default:
		return false
	}
}

// get gives the answer for name, and has ask called when none is kept that is younger than fresh (0: any is).
// An answer that does not come in time is ok false then and until it is there; who comes later does not wait.
func (k *kept[V]) get(d *disk, name string, fresh time.Duration, ask func() V) (v V, ok bool) {
	known := k.answer(d, name, fresh, ask)
	if known == nil {
		return v, false
	}
	if known.there() {
		return known.value, true
	}
	if known.late.Load() {
		return v, false
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-known.done:
		return known.value, true
	case <-timer.C:
	}
	if known.late.CompareAndSwap(false, true) {
		d.stuck.Add(1)
		go func() {
			<-known.done
			d.stuck.Add(-1)
			d.version.Add(1)
		}()
	}
	return v, false
}

// answer gives the kept answer or begins a new one; nil when there is none and too many are stuck. A question
// that has no answer yet is not asked again: it would be stuck at the same disk. When too many are kept, all
// go: those in use come back at once.
func (k *kept[V]) answer(d *disk, name string, fresh time.Duration, ask func() V) *answer[V] {
	k.mu.Lock()
	defer k.mu.Unlock()
	known := k.answers[name]
	if known != nil && (fresh == 0 || time.Since(known.asked) < fresh || !known.there()) {
		return known
	}
	if d.stuck.Load() >= maxStuck {
		return known
	}
	if k.answers == nil || len(k.answers) >= maxKept {
		k.answers = make(map[string]*answer[V])
	}
	begun := &answer[V]{asked: time.Now(), done: make(chan struct{})}
	k.answers[name] = begun
	go func() {
		begun.value = ask()
		close(begun.done)
	}()
	return begun
}
