package process

import (
	"errors"
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"portolan/internal/app"
)

// counted is a table that counts what is read of it.
type counted struct {
	*table
	entries, descriptions int
	user                  string
	began                 time.Time // zero: as if somebody set the clock all the time
}

func (s *counted) entry(pid int) (entry, error) {
	s.entries++
	return s.table.entry(pid)
}

func (s *counted) describe(pid int, more *app.Evidence) (*Process, entry, error) {
	s.descriptions++
	p, e, err := s.table.describe(pid, more)
	if err != nil {
		return nil, e, err
	}
	p.User = s.user
	if p.Started = s.began; s.began.IsZero() {
		p.Started = time.Unix(int64(s.descriptions), 0)
	}
	return p, e, nil
}

func newCounted() (*counted, *Register) {
	s := &counted{table: &table{entries: map[int]entry{16: {ID: ID{16, 1}, ppid: 1}, 17: {ID: ID{17, 1}, ppid: 1}}}}
	return s, newRegister(s, plainNames())
}

func lookup(t *testing.T, r *Register, pid int) *Process {
	t.Helper()
	p, err := r.Lookup(pid)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRegisterKeeps(t *testing.T) {
	s, r := newCounted()
	first := lookup(t, r, 16)
	for range rereadAfter {
		if p := lookup(t, r, 16); p != first {
			t.Fatalf("another pointer for the same process: %+v, %+v", p, first)
		}
	}
	if s.descriptions != 1 || s.entries != rereadAfter {
		t.Errorf("%d descriptions and %d entries read, want 1 and %d", s.descriptions, s.entries, rereadAfter)
	}
	if lookup(t, r, 16) != first || s.descriptions != 2 {
		t.Errorf("the description was not read again after %d lookups, or it moved", rereadAfter)
	}
}

func TestRegisterNoticesEntry(t *testing.T) {
	for name, change := range map[string]func(*entry){
		"another process": func(e *entry) { e.Start++ },
		"another parent":  func(e *entry) { e.ppid = 7 },
		"another name":    func(e *entry) { copy(e.comm[:], "sh") },
	} {
		s, r := newCounted()
		first := lookup(t, r, 16)
		e := s.table.entries[16]
		change(&e)
		s.table.entries[16] = e
		if p := lookup(t, r, 16); p == first || p.ID != e.ID || p.PPID != e.ppid || p.Name != e.name() {
			t.Errorf("%s: %+v, %+v", name, p, first)
		}
	}
}

// What the entry does not tell is noticed within rereadAfter lookups, counted from any of them.
func TestRegisterNoticesTheRest(t *testing.T) {
	for _, pid := range []int{16, 17} {
		s, r := newCounted()
		first := lookup(t, r, pid)
		s.user = "postgres"
		var p *Process
		lookups := 0
		for p = first; p == first && lookups <= rereadAfter; lookups++ {
			p = lookup(t, r, pid)
		}
		if p == first || p.User != "postgres" || first.User != "" {
			t.Errorf("process %d: not noticed in %d lookups: %+v", pid, lookups, p)
		}
	}
}

func TestRegisterGoneAndSwept(t *testing.T) {
	s, r := newCounted()
	lookup(t, r, 16)
	second := lookup(t, r, 17)
	r.Sweep()
	if len(r.records) != 2 {
		t.Fatalf("%d records after the first Sweep, want 2", len(r.records))
	}
	if lookup(t, r, 17) != second {
		t.Error("a Sweep moved what is used")
	}
	r.Sweep()
	if len(r.records) != 1 || r.records[17] == nil {
		t.Fatalf("records %v, want only 17", r.records)
	}
	delete(s.table.entries, 17)
	if p, err := r.Lookup(17); !errors.Is(err, ErrGone) || p != nil || len(r.records) != 0 {
		t.Errorf("%v, %v, %d records, want %v", p, err, len(r.records), ErrGone)
	}
}

// TestRegisterSettles: an app that may be known better is asked for again when more is known, and only then.
func TestRegisterSettles(t *testing.T) {
	s, _ := newCounted()
	name, sure := "3f2a", false
	names := &scripted{say: func(*app.Evidence) (app.App, app.Work, bool) { return app.App{Name: name}, app.Work{}, sure }}
	r := newRegister(s, &naming{namer: names})
	first := lookup(t, r, 16)
	if lookup(t, r, 16) != first || len(names.asked) != 1 {
		t.Errorf("asked %d times although nothing became known", len(names.asked))
	}
	names.version++ // of another container
	if lookup(t, r, 16) != first || len(names.asked) != 2 {
		t.Errorf("asked %d times, or another pointer for the same description", len(names.asked))
	}
	names.version++
	name, sure = "shop-db", true
	named := lookup(t, r, 16)
	if named == first || named.App.Name != "shop-db" || first.App.Name != "3f2a" {
		t.Errorf("%+v, %+v", first.App, named.App)
	}
	names.version++
	if lookup(t, r, 16) != named || len(names.asked) != 3 {
		t.Errorf("asked %d times although it was settled", len(names.asked))
	}
}

// TestRegisterAsksOnce: what tells the app is read once; when the description is read again, only if that has
// changed, or if the process was so young that it had not gone where it stays.
func TestRegisterAsksOnce(t *testing.T) {
	for _, test := range []struct {
		name    string
		started time.Time
		change  func(*counted)
		asked   int
	}{
		{"old", time.Unix(1, 0), func(*counted) {}, 1},
		{"young", time.Now(), func(s *counted) { s.began = time.Unix(1, 0) }, 2},
		{"another user", time.Unix(1, 0), func(s *counted) { s.user = "postgres" }, 2},
	} {
		s, _ := newCounted()
		s.began = test.started
		names := &scripted{}
		r := newRegister(s, &naming{namer: names})
		lookup(t, r, 16)
		test.change(s)
		for range 3 * rereadAfter {
			lookup(t, r, 16)
		}
		if len(names.asked) != test.asked {
			t.Errorf("%s: asked %d times, want %d", test.name, len(names.asked), test.asked)
		}
	}
}

// TestLookupAllocatesNothing: a refresh without a new process costs no more than reading its entries.
func TestLookupAllocatesNothing(t *testing.T) {
	r, pid := NewRegister(), os.Getpid()
	lookup(t, r, pid)
	known := r.records[pid]
	if n := testing.AllocsPerRun(100, func() {
		known.lookups = 0 // no reading again
		lookup(t, r, pid)
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestProcessStaysSmall: it is copied and compared a lot.
func TestProcessStaysSmall(t *testing.T) {
	if size := unsafe.Sizeof(Process{}); size > 384 {
		t.Errorf("a Process has %d bytes", size)
	}
	if a, b := (Process{Name: "a"}), (Process{Name: "a"}); a != b {
		t.Error("two equal descriptions differ")
	}
}

func TestUserName(t *testing.T) {
	if got := UserName(-1); got != "" {
		t.Errorf("-1: %q", got)
	}
	if got := UserName(0); got != "root" {
		t.Errorf("0: %q", got)
	}
	for range 2 {
		if got := UserName(1987654321); got != "1987654321" {
			t.Errorf("a user that is not there: %q", got)
		}
	}
}

// A directory server that does not answer is waited for once, by nobody else meanwhile, and what it says in the end counts.
func TestUserNameFromDeadServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dead := make(chan struct{})
		var asked atomic.Int32
		u := newUserNames(func(number string) (string, error) {
			if number == "0" {
				return "root", nil
			}
			asked.Add(1)
			<-dead
			return "alice", nil
		})
		for _, test := range []struct {
			uid  int
			want string
			took time.Duration
		}{{0, "root", 0}, {1000, "1000", userPatience}, {1000, "1000", 0}, {1001, "1001", 0}, {0, "root", 0}} {
			begun := time.Now()
			if got := u.name(test.uid); got != test.want || time.Since(begun) != test.took {
				t.Errorf("%d: %q after %v, want %q after %v", test.uid, got, time.Since(begun), test.want, test.took)
			}
		}
		synctest.Wait()
		if asked.Load() != 2 {
			t.Errorf("asked %d times for two users", asked.Load())
		}
		close(dead)
		synctest.Wait()
		if got := u.name(1000); got != "alice" || u.late != 0 || len(u.asking) != 0 {
			t.Errorf("afterwards: %q, %d late, %d asked for", got, u.late, len(u.asking))
		}
	})
}

func BenchmarkIdentify(b *testing.B) {
	pid := ourselves().PID
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Identify(pid); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	pid := ourselves().PID
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(pid); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRegisterLookup(b *testing.B) {
	r, pid := NewRegister(), ourselves().PID
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Lookup(pid); err != nil {
			b.Fatal(err)
		}
	}
}

// ourselves gives our own identity.
func ourselves() ID {
	id, err := Identify(os.Getpid())
	if err != nil {
		panic(err)
	}
	return id
}

// TestRegisterKnown: nothing is read for what is known, until the caller says that it has changed; and it counts for Sweep.
func TestRegisterKnown(t *testing.T) {
	s, r := newCounted()
	if p, ok := r.Known(16); ok || p != nil {
		t.Errorf("known before it was looked up: %+v", p)
	}
	first := lookup(t, r, 16)
	s.entries, s.descriptions = 0, 0
	for range 2 * rereadAfter {
		if p, ok := r.Known(16); !ok || p != first {
			t.Fatalf("got %+v, %v", p, ok)
		}
		r.Sweep()
	}
	if s.entries+s.descriptions != 0 {
		t.Errorf("%d entries and %d descriptions were read", s.entries, s.descriptions)
	}
	s.user = "postgres"
	r.Changed(16)
	r.Changed(99) // not known
	if _, ok := r.Known(16); ok {
		t.Error("still known after it had changed")
	}
	if p := lookup(t, r, 16); p == first || p.User != "postgres" || s.descriptions == 0 {
		t.Errorf("%+v, %d descriptions read", p, s.descriptions)
	}
	r.Sweep()
	r.Sweep()
	if _, ok := r.Known(16); ok {
		t.Error("known after it was swept")
	}
}
