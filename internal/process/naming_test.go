package process

import (
	"context"
	"testing"

	"portolan/internal/app"
)

// scripted is a namer that says what a test wants, and notes what it was asked.
type scripted struct {
	say     func(e *app.Evidence) (app.App, app.Work, bool)
	version uint64
	wait    func() // what happens while Settle waits
	asked   []app.Evidence
	settled int
}

func (s *scripted) Find(e *app.Evidence) (app.App, app.Work, bool) {
	kept := *e
	kept.Ancestors = append([]app.Ancestor(nil), e.Ancestors...)
	kept.Cgroup = append([]byte(nil), e.Cgroup...)
	s.asked = append(s.asked, kept)
	if s.say == nil {
		return app.App{Name: e.Name, Path: e.Executable}, app.Work{}, true
	}
	return s.say(e)
}

func (s *scripted) Version() uint64 { return s.version }

func (s *scripted) Settle(context.Context) error {
	s.settled++
	if s.wait != nil {
		s.wait()
	}
	return nil
}

// plainNames calls every process by its own name.
func plainNames() *naming { return &naming{namer: &scripted{}} }

func TestSettle(t *testing.T) {
	s := &scripted{say: func(*app.Evidence) (app.App, app.Work, bool) { return app.App{}, app.Work{}, false }}
	n := &naming{namer: s}
	if n.settle(t.Context()) || s.settled != 0 {
		t.Errorf("nothing is awaited: waited %d times", s.settled)
	}
	n.find(&app.Evidence{})
	if n.settle(t.Context()) {
		t.Error("nothing new became known")
	}
	s.wait = func() { s.version++ }
	if !n.settle(t.Context()) {
		t.Error("what became known while it waited is not new")
	}
	if n.settle(t.Context()) {
		t.Error("the same news twice")
	}
	// The answer comes after Find and before Settle.
	s.wait = nil
	n.find(&app.Evidence{})
	s.version++
	n.find(&app.Evidence{})
	if !n.settle(t.Context()) {
		t.Error("what became known before it waited is not new")
	}
}

// notes is a Register whose namer only notes what it is asked.
func notes(sys system) (*Register, *scripted) {
	s := &scripted{}
	return newRegister(sys, &naming{namer: s}), s
}
