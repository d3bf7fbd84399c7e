package ui

import (
	"context"
	"sync"
	"testing"
	"time"
)

// A letter that is typed is drawn with the rows that it finds, where these are made in time; else they come later.
func TestTypedLetterIsAnsweredAtOnce(t *testing.T) {
	for name, patience := range map[string]time.Duration{"in time": time.Minute, "too late": 0} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.read(desk())
			all := len(s.window.table.rows)
			var mu sync.Mutex
			var later []func() // what the UI thread is to do next
			s.model.do = func(f func()) { mu.Lock(); defer mu.Unlock(); later = append(later, f) }
			s.model.patience = patience
			ctx, cancel := context.WithCancel(context.Background())
			var ended sync.WaitGroup
			ended.Go(func() { s.model.run(ctx) })
			defer ended.Wait()
			defer cancel()
			for !s.model.working.Load() {
				time.Sleep(time.Millisecond) // between two looks
			}
			s.window.search.SetText("postgres")
			if got := len(s.window.table.rows); patience > 0 && (got == 0 || got >= all) {
				t.Errorf("%d rows of %d are shown", got, all)
			}
			for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
				mu.Lock()
				due := len(later)
				mu.Unlock()
				if due > 0 || time.Now().After(deadline) {
					break
				}
			}
			mu.Lock()
			defer mu.Unlock()
			for _, f := range later {
				f()
			}
			if got := len(s.window.table.rows); got == 0 || got >= all {
				t.Errorf("in the end %d rows of %d are shown", got, all)
			}
		})
	}
}
