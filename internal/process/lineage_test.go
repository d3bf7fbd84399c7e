package process

import (
	"slices"
	"testing"

	"portolan/internal/app"
)

// relatives is a table of made-up processes, by PID: the parent and the start of each.
func relatives(members map[int][2]int) *counted {
	s := &counted{table: &table{entries: map[int]entry{}}}
	for pid, m := range members {
		e := entry{ID: ID{pid, uint64(m[1])}, ppid: m[0]}
		copy(e.comm[:], string(rune('a'+pid%26)))
		s.table.entries[pid] = e
	}
	return s
}

func pidsOf(way []app.Ancestor) (pids []int) {
	for _, a := range way {
		pids = append(pids, a.PID)
	}
	return pids
}

func TestLineage(t *testing.T) {
	endless := map[int][2]int{}
	for pid := 2; pid < 100; pid++ {
		endless[pid] = [2]int{pid - 1, pid}
	}
	endless[1] = [2]int{0, 1}
	for _, test := range []struct {
		name    string
		members map[int][2]int
		pid     int
		want    []int
	}{
		{"up to but without the first", map[int][2]int{1: {0, 1}, 10: {1, 2}, 11: {10, 3}, 12: {11, 4}}, 12, []int{11, 10}},
		{"child of the first", map[int][2]int{1: {0, 1}, 12: {1, 4}}, 12, nil},
		{"of the first", map[int][2]int{1: {0, 1}}, 1, nil},
		{"no parent", map[int][2]int{12: {0, 4}}, 12, nil},
		{"the parent has ended", map[int][2]int{10: {1, 2}, 12: {11, 4}}, 12, nil},
		{"the parent's number is a younger process's", map[int][2]int{11: {10, 5}, 12: {11, 4}}, 12, nil},
		{"started in the same tick", map[int][2]int{11: {1, 4}, 12: {11, 4}}, 12, []int{11}},
		{"a parent that is hidden", map[int][2]int{11: {10, 0}, 12: {11, 4}}, 12, nil},
		{"its own parent", map[int][2]int{12: {12, 4}}, 12, nil},
		{"a circle", map[int][2]int{11: {12, 4}, 12: {11, 4}}, 12, []int{11}},
		{"a circle above", map[int][2]int{10: {11, 4}, 11: {10, 4}, 12: {11, 4}}, 12, []int{11, 10}},
	} {
		s := relatives(test.members)
		e := s.table.entries[test.pid]
		if way := pidsOf(newLineage(s).appendAncestors(nil, e.ID, e.ppid)); !slices.Equal(way, test.want) {
			t.Errorf("%s: %v, want %v", test.name, way, test.want)
		}
	}
	s := relatives(endless)
	if way := newLineage(s).appendAncestors(nil, s.table.entries[99].ID, 98); len(way) != maxAncestors {
		t.Errorf("%d ancestors, want %d", len(way), maxAncestors)
	}
}

// TestLineageReadsOnce: 500 children of one shell read it once; and in the next round only its entry.
func TestLineageReadsOnce(t *testing.T) {
	s := relatives(map[int][2]int{1: {0, 1}, 10: {1, 2}, 11: {10, 3}})
	l := newLineage(s)
	for pid := 100; pid < 600; pid++ {
		if way := l.appendAncestors(nil, ID{pid, 9}, 11); len(way) != 2 {
			t.Fatal(way)
		}
	}
	if s.descriptions != 2 || s.entries != 0 {
		t.Errorf("%d descriptions and %d entries read, want 2 and none", s.descriptions, s.entries)
	}
	l.sweep()
	l.appendAncestors(nil, ID{100, 9}, 11)
	if s.descriptions != 2 || s.entries != 2 {
		t.Errorf("in the next round: %d descriptions and %d entries read, want 2 and 2", s.descriptions, s.entries)
	}
	// The shell runs another program.
	e := s.table.entries[11]
	e.exec++
	s.table.entries[11] = e
	l.sweep()
	l.appendAncestors(nil, ID{100, 9}, 11)
	if s.descriptions != 3 {
		t.Errorf("%d descriptions, want 3", s.descriptions)
	}
	for range kinKept + 1 {
		l.sweep()
	}
	if len(l.kin) != 0 {
		t.Errorf("%d are kept that nobody asks about", len(l.kin))
	}
}

func TestAncestorName(t *testing.T) {
	for _, test := range [][3]string{
		{"zsh", "zsh", "zsh"}, {"gnome-terminal-server", "gnome-terminal-", "gnome-terminal-server"}, {"node", "node-MainThread", "node"},
		{"tmux", "tmux: server", "tmux"}, {"busybox", "sh", "sh"}, {"python3.12", "terminator", "terminator"}, {"sshd", "", "sshd"},
	} {
		if got := ancestorName(test[0], test[1]); got != test[2] {
			t.Errorf("%q, %q: %q, want %q", test[0], test[1], got, test[2])
		}
	}
}
