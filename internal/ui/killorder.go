package ui

import (
	"context"
	"slices"
	"sync"
	"time"

	"portolan/internal/process"
)

const (
	// grace is how long a process has to end before it counts as still running.
	grace = 5 * time.Second
	// headStart is how much earlier a process is signalled than those that it started. One that
	// watches over others would start them again; most end them when they end.
	headStart = 400 * time.Millisecond
	// endedAtOnce is how many processes are waited for at once. Each needs a descriptor.
	endedAtOnce = 128
)

// end is what came of one process.
type end struct {
	process *process.Process
	outcome outcome
	err     error
}

// endAll ends processes, those that started others of them before these, and gives what came of
// each in the order of targets. It returns when all have ended or had their time of grace.
func endAll(targets []*process.Process, s process.Signal, kill Killer) []end {
	ends := make([]end, len(targets))
	places := make(chan struct{}, endedAtOnce)
	var all sync.WaitGroup
	waves := inWaves(targets)
	for i, wave := range waves {
		var these sync.WaitGroup
		for _, at := range wave {
			places <- struct{}{}
			these.Add(1)
			all.Go(func() {
				defer func() { <-places; these.Done() }()
				ctx, cancel := context.WithTimeout(context.Background(), grace)
				defer cancel()
				err := kill(ctx, targets[at].ID, s)
				ends[at] = end{targets[at], outcomeOf(err), err}
			})
		}
		if i < len(waves)-1 {
			waitAtMost(&these, headStart)
		}
	}
	all.Wait()
	return ends
}

// waitAtMost waits for the group, or until the time is over.
func waitAtMost(g *sync.WaitGroup, d time.Duration) {
	done := make(chan struct{})
	go func() { g.Wait(); close(done) }()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}

// inWaves gives the places of processes by how many of the others are their ancestors, those without any first.
func inWaves(processes []*process.Process) [][]int {
	byPID := make(map[int]*process.Process, len(processes))
	for _, p := range processes {
		byPID[p.PID] = p
	}
	var waves [][]int
	for i, p := range processes {
		depth := 0
		// No way up is longer than all of them: numbers that were passed on may make a circle.
		for parent := byPID[p.PPID]; parent != nil && depth < len(processes); parent = byPID[parent.PPID] {
			depth++
		}
		for len(waves) <= depth {
			waves = append(waves, nil)
		}
		waves[depth] = append(waves[depth], i)
	}
	return slices.DeleteFunc(waves, func(w []int) bool { return len(w) == 0 })
}
