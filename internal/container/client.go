package container

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// between is the least time from one list that was asked for in the background to the next.
	between = time.Second
	// fresh is how old a list may be for an address or a port without being asked for anew:
	// both are given to another container when theirs has ended.
	fresh = 10 * time.Second
	// early is how many times a question that finds no answer is asked again by itself: a container
	// that is just being started is not in the list yet. After that it takes somebody to ask.
	early = 2
	// maxMisses is how many questions without an answer are remembered.
	maxMisses = 1024
	// maxKept is how many containers are remembered after they have left the list.
	maxKept = 4096
)

// ErrNoRuntime says that no container runtime answers. The error's text says what each said; it
// wraps fs.ErrPermission where a socket is there and this user may not use it, which is normal.
var ErrNoRuntime = errors.New("no container runtime answers")

// Client asks the runtimes and remembers what they said. It is safe for use by several goroutines.
type Client struct {
	sockets []string // nil: DefaultSockets, looked for at the first question
	dial    dialer

	mu       sync.Mutex
	runtimes []*runtime
	byID     map[string]Container
	listed   map[*runtime][]Container // the last list of each
	misses   map[question]miss
	waiting  map[question]bool // asked since the list in flight was asked for
	asking   chan struct{}     // closed when the list in flight is there; nil: none is in flight
	planned  bool              // a list is to be asked for at the end of the pause
	asked    time.Time         // when the last list was asked for
	took     time.Time         // when the last list came
	version  uint64
}

// question is what memory had no answer to.
type question struct {
	id       string
	address  netip.Addr
	protocol string
	port     uint16
}

// miss is a question that the runtimes had no answer to either.
type miss struct {
	count int
	next  time.Time // not to be asked again before
}

// NewClient makes a Client of the runtimes that listen at these unix sockets; nil: DefaultSockets. It asks nothing yet.
func NewClient(sockets []string) *Client { return newClient(sockets, dialUnix) }

func newClient(sockets []string, dial dialer) *Client {
	return &Client{sockets: sockets, dial: dial, byID: map[string]Container{}, listed: map[*runtime][]Container{},
		misses: map[question]miss{}, waiting: map[question]bool{}}
}

// Known gives the container with this id, or the only one whose id begins with these 12 or more
// digits, from memory. When it is not known it is asked for in the background: see Version.
func (c *Client) Known(id string) (Container, bool) {
	if len(id) < ShortID || len(id) > idLen || !hexadecimal(id) {
		return Container{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.find(id); ok {
		return known, true
	}
	c.want(question{id: id})
	return Container{}, false
}

// find looks an id up in memory.
func (c *Client) find(id string) (Container, bool) {
	if len(id) == idLen {
		known, ok := c.byID[id]
		return known, ok
	}
	var found Container
	for full, known := range c.byID {
		if strings.HasPrefix(full, id) {
			if found.ID != "" {
				return Container{}, false
			}
			found = known
		}
	}
	return found, found.ID != ""
}

// ByAddress gives the container that has this address inside its runtime's networks, from memory.
// What is not known, or was asked for some time ago, is asked for in the background: see Version.
func (c *Client) ByAddress(a netip.Addr) (Container, bool) {
	a = a.Unmap().WithZone("")
	if !a.IsValid() || a.IsUnspecified() || a.IsLoopback() {
		return Container{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.current(question{address: a}, func(known Container) bool { return slices.Contains(known.Addresses, a) })
}

// ByPort gives the container that publishes this port of the host, from memory; protocol is "tcp" or "udp", and the zero
// host stands for all addresses. What is not known, or was asked for some time ago, is asked for in the background: see Version.
func (c *Client) ByPort(protocol string, host netip.Addr, public uint16) (Container, bool) {
	if public == 0 || protocol != "tcp" && protocol != "udp" {
		return Container{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.current(question{protocol: protocol, address: host, port: public}, func(known Container) bool {
		_, ok := known.PortAt(protocol, host, public)
		return ok
	})
}

// current looks among the containers of the last lists.
func (c *Client) current(q question, fits func(Container) bool) (Container, bool) {
	for _, r := range c.runtimes {
		for _, known := range c.listed[r] {
			if fits(known) {
				if time.Since(c.took) > fresh {
					c.want(q)
				}
				return known, true
			}
		}
	}
	c.want(q)
	return Container{}, false
}

// Version changes each time that something new is known: what had no answer may have one now.
func (c *Client) Version() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.version
}

// Settle waits until nothing is being asked, or ctx is done: then it returns ctx's error. A
// question that waits for its turn is not waited for.
func (c *Client) Settle(ctx context.Context) error {
	for {
		c.mu.Lock()
		asking := c.asking
		c.mu.Unlock()
		if asking == nil {
			return nil
		}
		select {
		case <-asking:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// want sees to it that a question is asked, unless it was not long ago. c is locked.
func (c *Client) want(q question) {
	if m, known := c.misses[q]; known && time.Now().Before(m.next) {
		return
	}
	if len(c.waiting) < maxMisses {
		c.waiting[q] = true
	}
	c.plan()
}

// plan asks for a list now, or when the pause since the last is over. c is locked.
func (c *Client) plan() {
	if c.asking != nil || c.planned {
		return // its end looks at what is waiting
	}
	c.open()
	if !slices.ContainsFunc(c.runtimes, (*runtime).ready) {
		clear(c.waiting) // they are asked when somebody asks again
		return
	}
	if wait := between - time.Since(c.asked); wait > 0 && !c.asked.IsZero() {
		c.planned = true
		time.AfterFunc(wait, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.planned = false
			c.plan()
		})
		return
	}
	asked := maps.Clone(c.waiting)
	clear(c.waiting)
	c.asked = time.Now()
	c.asking = make(chan struct{})
	go c.refresh(asked)
}

// open looks for the runtimes, once. c is locked.
func (c *Client) open() {
	if c.runtimes != nil {
		return
	}
	if c.sockets == nil {
		c.sockets = DefaultSockets()
	}
	for _, socket := range c.sockets {
		c.runtimes = append(c.runtimes, newRuntime(socket, c.dial))
	}
}

// refresh asks all runtimes that are ready, and looks which of the questions that has answered.
func (c *Client) refresh(asked map[question]bool) {
	c.mu.Lock()
	ready := slices.DeleteFunc(slices.Clone(c.runtimes), func(r *runtime) bool { return !r.ready() })
	c.mu.Unlock()
	answers, _ := c.ask(context.Background(), ready) // a runtime that fails is left alone for a while
	c.mu.Lock()
	defer c.mu.Unlock()
	c.learn(answers)
	again := c.judge(asked, len(answers) > 0)
	close(c.asking)
	c.asking = nil
	for q := range c.waiting {
		if c.answered(q) {
			delete(c.waiting, q)
		}
	}
	if len(c.waiting) > 0 || again {
		c.plan()
	}
}

// judge remembers which questions found no answer, and says whether one of them is asked again by itself. c is locked.
func (c *Client) judge(asked map[question]bool, heard bool) (again bool) {
	for q := range asked {
		if c.answered(q) {
			delete(c.misses, q)
			continue
		}
		if !heard {
			continue // the runtimes have their own pauses
		}
		m, known := c.misses[q]
		if !known && !c.room() {
			continue
		}
		if m.count++; m.count > early {
			m.next = time.Now().Add(pause(m.count - early - 1))
		} else if len(c.waiting) < maxMisses {
			c.waiting[q] = true
			again = true
		}
		c.misses[q] = m
	}
	return again
}

// room says whether another miss can be remembered, and forgets those that have had their time. c is locked.
func (c *Client) room() bool {
	if len(c.misses) < maxMisses {
		return true
	}
	now := time.Now()
	maps.DeleteFunc(c.misses, func(_ question, m miss) bool { return !m.next.IsZero() && m.next.Before(now) })
	return len(c.misses) < maxMisses
}

// answered looks whether memory has the answer to a question now. c is locked.
func (c *Client) answered(q question) bool {
	if q.id != "" {
		_, ok := c.find(q.id)
		return ok
	}
	for _, list := range c.listed {
		for _, known := range list {
			if q.port == 0 && slices.Contains(known.Addresses, q.address) {
				return true
			}
			if _, ok := known.PortAt(q.protocol, q.address, q.port); ok && q.port != 0 {
				return true
			}
		}
	}
	return false
}

// ask asks runtimes for their lists, all at once. The error says what those said that gave none.
func (c *Client) ask(ctx context.Context, runtimes []*runtime) (map[*runtime][]Container, error) {
	lists := make([][]Container, len(runtimes))
	errs := make([]error, len(runtimes))
	var all sync.WaitGroup
	for i, r := range runtimes {
		all.Go(func() { lists[i], errs[i] = r.list(ctx) })
	}
	all.Wait()
	answers := map[*runtime][]Container{}
	for i, r := range runtimes {
		if errs[i] == nil {
			answers[r] = lists[i]
		}
	}
	return answers, errors.Join(errs...)
}

// learn takes new lists into memory. c is locked.
func (c *Client) learn(answers map[*runtime][]Container) {
	if len(answers) == 0 {
		return
	}
	c.took = time.Now()
	changed := false
	for r, list := range answers {
		changed = changed || !slices.EqualFunc(c.listed[r], list, Container.equal)
		c.listed[r] = list
	}
	if !changed {
		return
	}
	c.version++
	c.forget()
	for _, list := range c.listed {
		for _, known := range list {
			c.byID[known.ID] = known
		}
	}
}

// forget makes room: those that have ended are kept for the rows of processes that have just gone, but not all of them for ever.
func (c *Client) forget() {
	if len(c.byID) > maxKept {
		clear(c.byID)
	}
}

// List asks all runtimes now for the containers that run, even those that have failed before. The error
// wraps ErrNoRuntime when none answers; where some do, theirs are the result and there is no error.
func (c *Client) List(ctx context.Context) ([]Container, error) {
	answers, err := c.ask(ctx, c.all())
	c.mu.Lock()
	defer c.mu.Unlock()
	c.learn(answers)
	if len(answers) == 0 {
		return nil, noRuntime(err)
	}
	var list []Container
	seen := map[string]bool{}
	for _, r := range c.runtimes {
		for _, found := range answers[r] {
			if !seen[found.ID] { // two sockets may lead to one runtime
				seen[found.ID] = true
				list = append(list, found)
			}
		}
	}
	return list, nil
}

func noRuntime(err error) error {
	if err == nil {
		return ErrNoRuntime
	}
	return fmt.Errorf("%w: %w", ErrNoRuntime, err)
}

// all gives all runtimes.
func (c *Client) all() []*runtime {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open()
	return c.runtimes
}

// Inspect asks all runtimes now for one container, by its id, the first 12 or more digits of it, or its name;
// the answer has its restart policy and first process. The error wraps ErrUnknown when no runtime that answers has it, and
// ErrNoRuntime when none answers.
func (c *Client) Inspect(ctx context.Context, id string) (Container, error) {
	if !IsName(id) {
		return Container{}, fmt.Errorf("inspect container %.64q: %w", id, ErrUnknown)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // the first that knows it is enough
	type answer struct {
		found Container
		err   error
	}
	runtimes := c.all()
	answers := make(chan answer, len(runtimes))
	for _, r := range runtimes {
		go func() {
			found, err := r.inspect(ctx, id)
			answers <- answer{found, err}
		}()
	}
	var errs []error
	for range runtimes {
		a := <-answers
		if a.err == nil {
			return a.found, nil
		}
		errs = append(errs, a.err)
	}
	err := errors.Join(errs...)
	if !errors.Is(err, ErrUnknown) {
		err = noRuntime(err)
	}
	return Container{}, fmt.Errorf("inspect container %s: %w", id, err)
}
