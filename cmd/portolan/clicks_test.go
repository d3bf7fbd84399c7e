package main

import "testing"

// A click is done once, and only so many are remembered: the last ones.
func TestClicks(t *testing.T) {
	var c clicks[int]
	if c.take(1) != nil {
		t.Error("what was never shown can be clicked")
	}
	done := 0
	for id := range 10 * maxClicks {
		c.remember(id, func() { done = id })
	}
	if len(c.acts) != maxClicks || len(c.order) != maxClicks {
		t.Errorf("%d are remembered in %d places", len(c.acts), len(c.order))
	}
	last := 10*maxClicks - 1
	if c.take(0) != nil {
		t.Error("the first is still there")
	}
	c.take(last)()
	if done != last || c.take(last) != nil {
		t.Errorf("clicked %d, and again: %v", done, c.take(last) != nil)
	}
	c.forget()
	if c.take(last-1) != nil || len(c.order) != 0 {
		t.Error("what is forgotten is remembered")
	}
}
