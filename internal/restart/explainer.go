package restart

import (
	"context"
	"os"
	"slices"
	"time"

	"portolan/internal/container"
	"portolan/internal/netstat"
	"portolan/internal/process"
)

// limit is how long the causes are looked for: a person waits for the dialog. A tenth of it is kept
// for those who gave up asking to say what they know without an answer.
const limit = time.Second

// Explainer finds out who would start a process again. It is safe for use by several goroutines.
type Explainer struct {
	containers interface {
		Inspect(ctx context.Context, id string) (container.Container, error)
		List(ctx context.Context) ([]container.Container, error)
	}
	ancestors func(process.ID) ([]*process.Process, error)
	buses     *buses
	root      string // the folder that stands for "/"; "" is the real one
	home      string
	uid       int // who we are
	limit     time.Duration
}

// NewExplainer makes an Explainer of this computer and this user. It asks nothing yet.
func NewExplainer() *Explainer {
	home, _ := os.UserHomeDir()
	uid := os.Geteuid()
	return &Explainer{
		containers: container.NewClient(nil),
		ancestors:  process.Ancestors,
		buses:      newBuses(os.Getenv, uid),
		home:       home,
		uid:        uid,
		limit:      limit,
	}
}

// Close ends the connections to the message buses.
func (x *Explainer) Close() { x.buses.close() }

// subject is the process that is to be explained.
type subject struct {
	*process.Process
	held      []*netstat.Socket
	ancestors []*process.Process // the parent first
}

// Causes says why ending p is not the end of it, the best reason to stop it in another way first; nil
// when no reason is known. held are the sockets that p listens on. It takes up to a second:
// call it off the user interface's thread. What cannot be asked within that time is left out.
func (x *Explainer) Causes(ctx context.Context, p *process.Process, held []*netstat.Socket) []Cause {
	if p == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, x.limit)
	defer cancel()
	asking, stop := context.WithTimeout(ctx, x.limit*9/10)
	defer stop()
	s := &subject{Process: p, held: held}
	s.ancestors, _ = x.ancestors(p.ID) // it has ended, or is hidden: then nobody is known above it
	asks := []func(context.Context, *subject) []Cause{x.forwarder, x.container, x.systemd, x.launchd, x.supervisors}
	type answer struct {
		place  int
		causes []Cause
	}
	answers := make(chan answer, len(asks))
	for i, ask := range asks {
		go func() { answers <- answer{i, ask(asking, s)} }()
	}
	found := make([][]Cause, len(asks))
	for range asks {
		select {
		case a := <-answers:
			found[a.place] = a.causes
		case <-ctx.Done():
			for len(answers) > 0 {
				a := <-answers
				found[a.place] = a.causes
			}
			return sum(found)
		}
	}
	return sum(found)
}

// sum puts the causes in order. Of a forwarder only what starts itself again is worth a word beside
// what it forwards: stopping Docker as a whole, whose part it is, is no way to free one port.
func sum(found [][]Cause) []Cause {
	all := slices.Concat(found...)
	if len(all) > 0 && all[0].Kind == Forwarder {
		all = slices.DeleteFunc(all, func(c Cause) bool { return c.Kind != Forwarder && !c.Returns })
	}
	return all
}
