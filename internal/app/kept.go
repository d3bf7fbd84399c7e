package app

import "sync"

// maxKept bounds what is kept of one kind: bundles, folders.
const maxKept = 1024

// kept remembers answers by name, a bounded number of them. The zero kept is ready, and several
// goroutines may use it.
type kept[V any] struct {
	mu      sync.Mutex
	answers map[string]V
}

// get gives the answer for name, and asks for it when it is not kept. Two that ask
// at once may both ask: nobody waits for another's disk.
func (k *kept[V]) get(name string, ask func() V) V {
	k.mu.Lock()
	v, ok := k.answers[name]
	k.mu.Unlock()
	if ok {
		return v
	}
	v = ask()
	k.put(name, v)
	return v
}

// put keeps an answer. When there are too many, all go: those in use come back at once.
func (k *kept[V]) put(name string, v V) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.answers == nil || len(k.answers) >= maxKept {
		k.answers = make(map[string]V)
	}
	k.answers[name] = v
}
