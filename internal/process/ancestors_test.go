package process

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"
)

// shifting is a table in which something happens when a process is described.
type shifting struct {
	*counted
	describing func(pid int)
}

func (s *shifting) entry(pid int) (entry, error) {
	s.describing(pid)
	return s.counted.entry(pid)
}

func wayOf(processes []*Process) (pids []int) {
	for _, p := range processes {
		pids = append(pids, p.PID)
	}
	return pids
}

func TestAncestorsOf(t *testing.T) {
	family := map[int][2]int{1: {0, 1}, 10: {1, 2}, 11: {10, 3}, 12: {11, 4}, 50: {1, 2}}
	id := ID{12, 4}
	for _, test := range []struct {
		name   string
		id     ID
		change func(table map[int]entry)
		want   []int
		err    error
	}{
		{"as they are", id, func(map[int]entry) {}, []int{11, 10, 1}, nil},
		{"the process has ended", id, func(m map[int]entry) { delete(m, 12) }, nil, ErrGone},
		{"its number is another's", ID{12, 3}, func(map[int]entry) {}, nil, ErrGone},
		{"the parent has ended meanwhile", id, func(m map[int]entry) {
			delete(m, 11)
			m[12] = entry{ID: id, ppid: 1}
		}, []int{1}, nil},
		{"and its number is another's", id, func(m map[int]entry) {
			m[11] = entry{ID: ID{11, 99}, ppid: 50}
			m[12] = entry{ID: id, ppid: 10}
		}, []int{10, 1}, nil},
		{"the rest is hidden", id, func(m map[int]entry) { m[10] = entry{ID: ID{PID: 10}} }, []int{11, 10}, nil},
		{"its own parent", id, func(m map[int]entry) { m[12] = entry{ID: id, ppid: 12} }, nil, errRestless},
		{"a circle", id, func(m map[int]entry) { m[10] = entry{ID: ID{10, 2}, ppid: 11}; m[11] = entry{ID: ID{11, 2}, ppid: 10} }, nil, errRestless},
		{"a child older than its parent", id, func(m map[int]entry) { m[11] = entry{ID: ID{11, 9}, ppid: 10} }, nil, errRestless},
	} {
		s := relatives(family)
		test.change(s.table.entries)
		way, err := ancestorsOf(newRegister(s, plainNames()), test.id)
		if !slices.Equal(wayOf(way), test.want) || !errors.Is(err, test.err) {
			t.Errorf("%s: %v, %v; want %v, %v", test.name, wayOf(way), err, test.want, test.err)
		}
	}
}

// TestAncestorsWhileTheyChange: the way is one that there was at one time, whenever the change comes.
func TestAncestorsWhileTheyChange(t *testing.T) {
	for at := range 40 {
		s := relatives(map[int][2]int{1: {0, 1}, 10: {1, 2}, 11: {10, 3}, 12: {11, 4}})
		calls := 0
		system := &shifting{s, func(int) {
			if calls++; calls == at { // the parent ends, the grandparent takes its child
				delete(s.table.entries, 11)
				s.table.entries[12] = entry{ID: ID{12, 4}, ppid: 10}
			}
		}}
		way, err := ancestorsOf(newRegister(system, plainNames()), ID{12, 4})
		if pids := wayOf(way); err != nil || !slices.Equal(pids, []int{11, 10, 1}) && !slices.Equal(pids, []int{10, 1}) {
			t.Errorf("change at call %d: %v, %v", at, pids, err)
		}
	}
}

// TestAncestorsHidden: where the system refuses to tell of a parent, the way ends, and that is no error.
func TestAncestorsHidden(t *testing.T) {
	s := relatives(map[int][2]int{12: {11, 4}})
	s.failing = map[int]error{11: fs.ErrPermission}
	if way, err := ancestorsOf(newRegister(s, plainNames()), ID{12, 4}); err != nil || len(way) != 0 {
		t.Errorf("%v, %v", wayOf(way), err)
	}
}

func TestMacAncestors(t *testing.T) {
	m := openScenario(t, filepath.Join(ownMacFixtures, "scenario_dev"))
	for pid, want := range map[int32][]int{501: {480, 470, 1}, 1733: {1700, 1}, 88001: {88000, 480, 470, 1}, 1: nil} {
		id := ID{int(pid), m.process(pid).UniqueID}
		way, err := ancestorsOf(newRegister(xnu{m}, macNames(t)), id)
		if err != nil || !slices.Equal(wayOf(way), want) {
			t.Errorf("process %d: %v, %v; want %v", pid, wayOf(way), err, want)
		}
		for _, p := range way {
			if p.Name != filepath.Base(p.Executable) || p.App.Name == "" {
				t.Errorf("process %d: %+v", pid, p)
			}
		}
	}
}
