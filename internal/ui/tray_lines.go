package ui

import (
	"runtime"
	"slices"
)

// menuLine is a line of the menu, which is told only what is new: each telling goes over a bus to the panel.
type menuLine struct {
	line  Line
	state LineState
	told  bool
}

func (l *menuLine) set(state LineState) {
	if l.told && l.state == state {
		return
	}
	l.state, l.told = state, true
	l.line.Set(state)
}

// say shows the line with a text; "" hides it. A hidden line keeps its label: nobody sees it.
func (l *menuLine) say(text string) {
	state := LineState{Label: menuText(text, runtime.GOOS), Shown: text != "", Checked: l.state.Checked}
	if text == "" {
		state.Label = l.state.Label
	}
	l.set(state)
}

// slots are the lines for things of one kind that come and go.
type slots[T comparable] struct {
	all   []slot[T]
	label func(T) string
}

// slot is a line and what it stands for.
type slot[T comparable] struct {
	*menuLine
	thing T
	taken bool // it stands for thing
	freed int  // how many were freed before it
}

// newSlots adds n lines; chosen is told for what a line stands that was clicked.
func newSlots[T comparable](n int, add func(func()) *menuLine, chosen func(T), label func(T) string) *slots[T] {
	s := &slots[T]{all: make([]slot[T], n), label: label}
	for i := range s.all {
		s.all[i].menuLine = add(func() {
			if s.all[i].taken {
				chosen(s.all[i].thing)
			}
		})
	}
	return s
}

// arrange has the first lines stand for these things, in their order.
func (s *slots[T]) arrange(things []T) {
	for i := range s.all {
		if i < len(things) {
			if !s.all[i].taken || s.all[i].thing != things[i] {
				s.put(i, things[i])
			}
			continue
		}
		s.free(i)
	}
}

// fit has lines stand for these things without any line that is seen becoming another: nobody knows whether
// a panel that does not tell has the menu open. New things take hidden lines, at best such as have been
// hidden for long. Things that find none are left out; arrange has room for all.
func (s *slots[T]) fit(things []T) {
	for i := range s.all {
		if s.all[i].taken && !slices.Contains(things, s.all[i].thing) {
			s.free(i)
		}
	}
	for _, thing := range things {
		if s.index(thing) >= 0 {
			continue
		}
		best := -1
		for i := range s.all {
			if !s.all[i].taken && (best < 0 || s.all[i].freed < s.all[best].freed) {
				best = i
			}
		}
		if best >= 0 {
			s.put(best, thing)
		}
	}
}

// mark says of the things that are not there any more what gone makes of them, and of the others what they are.
func (s *slots[T]) mark(things []T, gone func(T) string) {
	for i := range s.all {
		if !s.all[i].taken {
			continue
		}
		if slices.Contains(things, s.all[i].thing) {
			s.all[i].say(s.label(s.all[i].thing))
		} else {
			s.all[i].say(gone(s.all[i].thing))
		}
	}
}

// rename changes the text of the line that stands for a thing.
func (s *slots[T]) rename(thing T, text string) {
	if i := s.index(thing); i >= 0 {
		s.all[i].say(text)
	}
}

func (s *slots[T]) index(thing T) int {
	return slices.IndexFunc(s.all, func(x slot[T]) bool { return x.taken && x.thing == thing })
}

func (s *slots[T]) put(i int, thing T) {
	s.all[i].thing, s.all[i].taken = thing, true
	if text := s.label(thing); text != "" {
		s.all[i].say(text)
	}
}

func (s *slots[T]) free(i int) {
	if !s.all[i].taken {
		s.all[i].say("")
		return
	}
	last := 0
	for _, other := range s.all {
		last = max(last, other.freed)
	}
	s.all[i].taken, s.all[i].freed = false, last+1
	s.all[i].say("")
}
