package process

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Details are what is read of one process when a person asks about it, and never in a refresh.
type Details struct {
	// Line is the command line as one text, with passwords and tokens masked, see app.Work; "" when
	// it may not be read, and for threads of the kernel. It comes from outside and may hold anything else.
	Line string
	// Directory is its working directory; "" when it may not be read.
	Directory string
	// Memory is what it has in memory now, in bytes; 0 when that may not be read.
	Memory uint64
	// CPU is how many processor cores it kept busy on average in the time CPUOver that
	// ended now: 0.5 is half of one core, 2 are two. 0 when that may not be read.
	CPU float64
	// CPUOver is the time since ReadDetails was last called for this process, where that was
	// between a second and a minute ago; else it is the time since the process began. 0: CPU is not known.
	CPUOver time.Duration
}

// ReadDetails reads the details of the process that id names. The error wraps ErrGone
// when it has ended. Memory and CPU are not to be had on macOS in a program built
// without cgo.
func ReadDetails(ctx context.Context, id ID) (Details, error) {
	d, err := readDetails(ctx, id)
	if err != nil {
		return Details{}, fmt.Errorf("read details of process %d: %w", id.PID, err)
	}
	return d, nil
}

func readDetails(ctx context.Context, id ID) (Details, error) {
	p, err := Read(id.PID)
	if err != nil {
		return Details{}, err
	}
	u, taken := readUsage(ctx, id.PID), time.Now()
	if err := ctx.Err(); err != nil {
		return Details{}, err
	}
	// Checked last: had the number been passed on before, the details would be another's.
	if now, err := Identify(id.PID); err != nil {
		return Details{}, err
	} else if now != id || p.ID != id {
		return Details{}, fmt.Errorf("its number is another process now: %w", ErrGone)
	}
	d := Details{Line: p.Work.Line, Directory: p.Work.Dir, Memory: u.memory}
	if u.cpuTold {
		d.CPU, d.CPUOver = spent.share(id, p.Started, sample{u.cpu, taken})
	}
	return d, nil
}

// usage is what a process has and had of the computer; zero where it may not be read.
type usage struct {
	memory  uint64        // in bytes
	cpu     time.Duration // on all cores, since it began
	cpuTold bool
}

// sample is the processor time that a process has had up to a moment.
type sample struct {
	cpu   time.Duration
	taken time.Time
}

// spent remembers what processes had when their details were last read.
var spent = &samples{last: map[ID]sample{}}

type samples struct {
	sync.Mutex
	last map[ID]sample
}

// A CPU share is that since the last reading if this was neither so short ago that it says
// little (the kernel counts in hundredths of a second), nor so long that nobody thinks of it.
const (
	shortestShare = time.Second
	longestShare  = time.Minute
)

// maxSamples bounds what is remembered; a person looks at one process after another.
const maxSamples = 64

// share gives the cores used, and over which time.
func (s *samples) share(id ID, started time.Time, now sample) (cores float64, over time.Duration) {
	s.Lock()
	defer s.Unlock()
	last, known := s.last[id]
	age := now.taken.Sub(last.taken)
	if known && age >= shortestShare && age <= longestShare && now.cpu >= last.cpu {
		s.last[id] = now
		return float64(now.cpu-last.cpu) / float64(age), age
	}
	if !known || age > longestShare {
		if len(s.last) >= maxSamples {
			clear(s.last)
		}
		s.last[id] = now
	}
	if over = now.taken.Sub(started); started.IsZero() || over <= 0 {
		return 0, 0
	}
	return float64(now.cpu) / float64(over), over
}
