package instance

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// shortDir is a private folder with a path short enough for a socket; t.TempDir
// puts the test's name into it, which can be too long on macOS.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "p")
}

// onShow answers the one question that a second start has.
func onShow(f func()) map[string]Answer {
	return map[string]Answer{Show: func(io.Writer, string) error { f(); return nil }}
}

func TestAnswers(t *testing.T) {
	dir := shortDir(t)
	if _, err := Ask(t.Context(), "past 5", dir); !errors.Is(err, ErrNone) {
		t.Errorf("nobody runs: %v", err)
	}
	in, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	long := strings.Repeat("a line of many\n", 1<<16)
	go in.Serve(map[string]Answer{
		"past":  func(w io.Writer, argument string) error { _, err := io.WriteString(w, "of "+argument); return err },
		"long":  func(w io.Writer, _ string) error { _, err := io.WriteString(w, long); return err },
		"fails": func(io.Writer, string) error { return errors.New("there is no past") },
		"huge": func(w io.Writer, _ string) error {
			_, err := io.Copy(w, io.LimitReader(zeros{}, maxAnswer+10))
			return err
		},
	})
	for question, want := range map[string]string{"past 5": "of 5", "past": "of ", "long": long} {
		if got, err := Ask(t.Context(), question, dir); err != nil || string(got) != want {
			t.Errorf("%q: %.20q, %v", question, got, err)
		}
	}
	for question, want := range map[string]string{"fails": "there is no past", "what": "does not know", "huge": "more than 64 MB"} {
		if got, err := Ask(t.Context(), question, dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %.20q, %v; want an error with %q", question, got, err, want)
		}
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestSecondStartShowsTheFirst(t *testing.T) {
	dir := shortDir(t)
	first, err := Open(t.Context(), dir)
	if err != nil || first == nil {
		t.Fatalf("first start: %v, %v", first, err)
	}
	defer first.Close()
	shown := make(chan struct{}, 1)
	go first.Serve(onShow(func() { shown <- struct{}{} }))

	second, err := Open(t.Context(), dir)
	if err != nil || second != nil {
		t.Fatalf("second start: %v, %v; want nil, nil", second, err)
	}
	<-shown
}

func TestInstanceIsPrivate(t *testing.T) {
	dir := shortDir(t)
	in, err := claim(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for name, want := range map[string]os.FileMode{"": 0o700, "lock": 0o600, "socket": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%q has mode %o, want %o", name, got, want)
		}
	}
}

func TestInstanceRefusesASharedFolder(t *testing.T) {
	dir := shortDir(t)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	in, err := Open(t.Context(), dir)
	if err == nil {
		in.Close()
		t.Fatal("a folder that all may write was taken")
	}
	if !strings.Contains(err.Error(), "not this user's alone") {
		t.Errorf("error = %v", err)
	}
}

func TestStaleSocketIsReplaced(t *testing.T) {
	dir := shortDir(t)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	// What a crash leaves behind: the socket's file, nobody listening.
	old, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, "socket"), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	old.SetUnlinkOnClose(false)
	old.Close()

	in, err := Open(t.Context(), dir)
	if err != nil || in == nil {
		t.Fatalf("start after a crash: %v, %v", in, err)
	}
	defer in.Close()
	go in.Serve(onShow(func() {}))
	if _, err := Ask(t.Context(), Show, dir); err != nil {
		t.Error(err)
	}
}

// TestManyStartsAtOnce: exactly one of them wins, all the others reach it.
func TestManyStartsAtOnce(t *testing.T) {
	dir := shortDir(t)
	var (
		wg      sync.WaitGroup
		mu      sync.Mutex
		winners []*Instance
		shown   int
	)
	for range 16 {
		wg.Go(func() {
			in, err := Open(t.Context(), dir)
			if err != nil {
				t.Error(err)
				return
			}
			if in == nil {
				return
			}
			mu.Lock()
			winners = append(winners, in)
			mu.Unlock()
			go in.Serve(onShow(func() {
				mu.Lock()
				defer mu.Unlock()
				shown++
			}))
		})
	}
	wg.Wait()
	mu.Lock()
	defer mu.Unlock()
	if len(winners) != 1 {
		t.Fatalf("%d instances, want 1", len(winners))
	}
	winners[0].Close()
	if shown != 15 {
		t.Errorf("the window was asked for %d times, want 15", shown)
	}
}

// TestStartWhileTheFirstLeaves: the lock is still held and nobody answers; as
// soon as the lock is let go of, the start goes on as the next instance.
func TestStartWhileTheFirstLeaves(t *testing.T) {
	dir := shortDir(t)
	first, err := claim(dir)
	if err != nil {
		t.Fatal(err)
	}
	first.listener.Close()
	type result struct {
		in  *Instance
		err error
	}
	done := make(chan result, 1)
	go func() {
		in, err := Open(t.Context(), dir)
		done <- result{in, err}
	}()
	if _, err := Ask(t.Context(), Show, dir); err == nil {
		t.Error("an instance that is leaving answered")
	}
	first.lock.Close()
	got := <-done
	if got.err != nil || got.in == nil {
		t.Fatalf("start while the first leaves: %v, %v", got.in, got.err)
	}
	got.in.Close()
}

func TestSilentInstanceIsAnError(t *testing.T) {
	dir := shortDir(t)
	first, err := claim(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	in, err := Open(ctx, dir)
	if in != nil || !errors.Is(err, errRunning) {
		t.Fatalf("got %v, %v; want errRunning", in, err)
	}
}

func TestInstanceAnswersOnlyWhatItKnows(t *testing.T) {
	dir := shortDir(t)
	in, err := claim(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	asked := make(chan struct{}, 8)
	go in.Serve(onShow(func() { asked <- struct{}{} }))

	const unknown = "no it does not know the question\n"
	for request, want := range map[string]string{
		"quit\n":                          unknown,
		"\n":                              unknown,
		"showme\n":                        unknown,
		"\x00\x1b[31m\n":                  unknown,
		strings.Repeat("x", 65536) + "\n": "",
	} {
		conn, err := net.Dial("unix", filepath.Join(dir, "socket"))
		if err != nil {
			t.Fatal(err)
		}
		// The other side may hang up on a long request before all of it is sent.
		_, _ = io.WriteString(conn, request)
		got, _ := io.ReadAll(conn)
		conn.Close()
		if string(got) != want {
			t.Errorf("request %.20q: reply %q, want %q", request, got, want)
		}
	}
	if _, err := Ask(t.Context(), Show, dir); err != nil {
		t.Errorf("after bad requests: %v", err)
	}
	if len(asked) != 1 {
		t.Errorf("the window was asked for %d times, want 1", len(asked))
	}
}

// TestDirs: where the app looks for a place, and where others look for the app.
func TestDirs(t *testing.T) {
	home := shortDir(t)
	t.Setenv("HOME", home)
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("TMPDIR", "/tmp")
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	cache = filepath.Join(cache, "portolan")
	run := shortDir(t)
	own := filepath.Join(run, strconv.Itoa(os.Geteuid()))
	kept := filepath.Join(own, "portolan")
	env := func(base string) func(string) string {
		return func(name string) string { return map[string]string{"XDG_RUNTIME_DIR": base}[name] }
	}
	check := func(what, system string, getenv func(string) string, want ...string) {
		t.Helper()
		if got, err := dirs(system, getenv, run); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v; want %q", what, got, err, want)
		}
	}
	check("no runtime folder", "linux", env(""), cache)
	check("the variable alone", "linux", env("/elsewhere"), "/elsewhere/portolan", cache)
	if err := os.MkdirAll(own, 0o700); err != nil {
		t.Fatal(err)
	}
	check("the folder alone, as after su", "linux", env(""), kept, cache)
	check("both, as in a session", "linux", env(own), kept, cache)
	check("another in the variable", "linux", env("/elsewhere"), "/elsewhere/portolan", kept, cache)
	check("macOS", "darwin", env(own), cache)
	if err := os.Chmod(own, 0o770); err != nil {
		t.Fatal(err)
	}
	check("a folder that others may enter", "linux", env(""), cache)
	fallback := filepath.Join("/tmp", "portolan-"+strconv.Itoa(os.Getuid()))
	check("a path too long", "linux", env("/"+strings.Repeat("long", 40)), fallback, cache)
	t.Setenv("HOME", "/home/"+strings.Repeat("anna", 40))
	check("two paths too long", "linux", env("/"+strings.Repeat("long", 40)), fallback)
	t.Setenv("HOME", "")
	check("no home", "linux", env("/elsewhere"), "/elsewhere/portolan")
	if got, err := dirs("linux", env(""), run); err == nil {
		t.Errorf("nowhere: %q", got)
	}
}

// TestFoundInAnotherPlace: who has been started without the variable finds the app that was started with it, and the other way round.
func TestFoundInAnotherPlace(t *testing.T) {
	one, two := shortDir(t), shortDir(t)
	first, err := Open(t.Context(), one, two)
	if err != nil || first == nil {
		t.Fatalf("first start: %v, %v", first, err)
	}
	defer first.Close()
	shown := make(chan struct{}, 1)
	go first.Serve(onShow(func() { shown <- struct{}{} }))
	if second, err := Open(t.Context(), two, one); err != nil || second != nil {
		t.Fatalf("second start: %v, %v; want nil, nil", second, err)
	}
	<-shown
	if _, err := Ask(t.Context(), Show, two, one); err != nil {
		t.Error(err)
	}
	first.Close()
	if _, err := Ask(t.Context(), Show, two, one); !errors.Is(err, ErrNone) {
		t.Errorf("after the end: %v", err)
	}
	// What is wrong in one place is told, and does not keep from looking in the next.
	blocked := filepath.Join(one, "socket")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Ask(t.Context(), Show, filepath.Join(blocked, "below"), two); err == nil || errors.Is(err, ErrNone) {
		t.Errorf("a file in the way: %v", err)
	}
}

// TestAnswersAtOnce: no more than so many are made at the same time, and in the end each has its own.
func TestAnswersAtOnce(t *testing.T) {
	dir := shortDir(t)
	in, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	began, goOn := make(chan struct{}, 100), make(chan struct{})
	var now, most atomic.Int32
	go in.Serve(map[string]Answer{"past": func(w io.Writer, argument string) error {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		began <- struct{}{}
		<-goOn
		_, err := io.WriteString(w, argument)
		return err
	}})
	var asking sync.WaitGroup
	for i := range 3 * answersAtOnce {
		asking.Go(func() {
			want := strconv.Itoa(i)
			if got, err := Ask(t.Context(), "past "+want, dir); err != nil || string(got) != want {
				t.Errorf("%s: %q, %v", want, got, err)
			}
		})
	}
	for range answersAtOnce {
		<-began
	}
	close(goOn)
	asking.Wait()
	if n := most.Load(); n != answersAtOnce {
		t.Errorf("%d answers at once, want %d", n, answersAtOnce)
	}
}

// TestForeignersAreRefused: who is not the user that runs the app gets no answer, and is not even listened to.
func TestForeignersAreRefused(t *testing.T) {
	dir := shortDir(t)
	in, err := claim(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for _, user := range []int{os.Geteuid(), os.Geteuid() + 1, -1} {
		done := make(chan struct{})
		asked := false
		go func() {
			defer close(done)
			conn, err := in.listener.AcceptUnix()
			if err != nil {
				t.Error(err)
				return
			}
			answer(conn, user, onShow(func() { asked = true }))
		}()
		_, err := Ask(t.Context(), Show, dir)
		<-done
		if own := user == os.Geteuid(); asked != own || (err == nil) != own {
			t.Errorf("to a user who is %d: asked %v, %v", user, asked, err)
		}
	}
}

// Where nobody could be let in for a while, who comes later is.
func TestServesAgainAfterAFault(t *testing.T) {
	dir := shortDir(t)
	in, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := in.listener.SetDeadline(time.Unix(1, 0)); err != nil { // whoever lets somebody in fails
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		in.Serve(onShow(func() {}))
	}()
	select {
	case <-ended:
		t.Fatal("it gives up")
	case <-time.After(2 * acceptPause):
	}
	if err := in.listener.SetDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	if _, err := Ask(t.Context(), Show, dir); err != nil {
		t.Error(err)
	}
}
