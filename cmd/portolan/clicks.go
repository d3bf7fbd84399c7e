package main

import "slices"

// maxClicks is how many notifications are remembered to be clicked.
const maxClicks = 50

// clicks knows what a click on each of the last notifications does, by what the system calls that notification.
// It is for one goroutine at a time.
type clicks[ID comparable] struct {
	acts  map[ID]func()
	order []ID // of acts, the oldest first
}

// remember keeps what a click does.
func (c *clicks[ID]) remember(id ID, act func()) {
	if c.acts == nil {
		c.acts = map[ID]func(){}
	}
	c.acts[id] = act
	c.order = append(c.order, id)
	if len(c.order) > maxClicks {
		delete(c.acts, c.order[0])
		c.order = c.order[1:]
	}
}

// take gives what a click on a notification does, once; nil for those that are not known.
func (c *clicks[ID]) take(id ID) func() {
	act := c.acts[id]
	delete(c.acts, id)
	c.order = slices.DeleteFunc(c.order, func(x ID) bool { return x == id })
	return act
}

// forget leaves none.
func (c *clicks[ID]) forget() {
	clear(c.acts)
	c.order = nil
}
