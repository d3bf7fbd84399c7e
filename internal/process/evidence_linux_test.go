package process

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"portolan/internal/app"
)

// A shell under the name of an interpreter is as good as one: it runs the script that its first
// argument names, and starts in a millisecond. The scripts of these tests use what a shell has built in.
const (
	waits  = "echo ready; read x"
	swaps  = `[ -n "$3" ] && echo ready; exec "$2" "$0" "$2" "$1"` // two programs become each other, over and over
	starts = `exec 3<&0; "$@" <&3 & wait`                          // runs a command, with its own input
)

// scripts is a project of that many scripts, with a program "node" to run them.
type scripts struct{ folder, program string }

func newScripts(t testing.TB, folder string, text ...string) scripts {
	t.Helper()
	needRealProcesses(t)
	s := scripts{folder, shellNamed(t, folder, "node")}
	files := map[string]string{filepath.Join(folder, "package.json"): `{"name": "shop-frontend"}`}
	for i, script := range text {
		files[filepath.Join(folder, fmt.Sprintf("script%d.js", i))] = script + "\n"
	}
	for name, content := range files {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// shellNamed makes a shell of that name in the folder's bin.
func shellNamed(t testing.TB, folder, name string) string {
	t.Helper()
	shell, err := os.ReadFile("/bin/sh")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "bin", name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, shell, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// run starts a script, and ends it with the test. It returns when the script is ready.
func (s scripts) run(t testing.TB, args ...string) (pid int) {
	t.Helper()
	return s.start(t, func(*exec.Cmd) {}, args...)
}

// start is run with something changed before.
func (s scripts) start(t testing.TB, change func(*exec.Cmd), args ...string) (pid int) {
	t.Helper()
	cmd := exec.Command(s.program, args...)
	cmd.Dir, cmd.Stderr = s.folder, os.Stderr
	change(cmd)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Process.Kill()
		cmd.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("%v says %q, %v", args, line, err)
	}
	return cmd.Process.Pid
}

// TestEvidence: everything that an app is told from is of the process that is asked about.
func TestEvidence(t *testing.T) {
	s := newScripts(t, t.TempDir(), waits)
	pid := s.run(t, "script0.js", "", "--password=hunter2", "a\x1b[2Jb")
	r, asked := notes(host)
	if _, err := r.Lookup(pid); err != nil {
		t.Fatal(err)
	}
	e := asked.asked[0]
	if e.PID != pid || e.Name != "node" || e.Executable != s.program || e.UID != os.Geteuid() || e.Dir != s.folder {
		t.Errorf("%+v", e)
	}
	if want := []string{s.program, "script0.js", "", "--password=hunter2", "a\x1b[2Jb"}; !slices.Equal(e.Args, want) {
		t.Errorf("args %q, want %q", e.Args, want)
	}
	cgroup, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	if err != nil || string(e.Cgroup) != string(cgroup) {
		t.Errorf("cgroup %q, want %q (%v)", e.Cgroup, cgroup, err)
	}
	program, _ := os.Executable()
	if len(e.Ancestors) == 0 || e.Ancestors[0].PID != os.Getpid() || e.Ancestors[0].Executable != program || e.Ancestors[0].Name != filepath.Base(program) {
		t.Errorf("ancestors %+v, want first ourselves", e.Ancestors)
	}
	if slices.ContainsFunc(e.Ancestors, func(a app.Ancestor) bool { return a.PID <= 1 }) {
		t.Errorf("the first process is among %+v", e.Ancestors)
	}
	if r.evidence.Args != nil {
		t.Errorf("the register keeps the arguments %q", r.evidence.Args)
	}
}

// TestAppOfScript: what an interpreter runs is called by that and by its project, and its secrets are in no part of it.
func TestAppOfScript(t *testing.T) {
	s := newScripts(t, filepath.Join(t.TempDir(), "shop-frontend"), waits)
	pid := s.run(t, "script0.js", "--port=3000", "--password=hunter2")
	p, err := Read(pid)
	if err != nil {
		t.Fatal(err)
	}
	if p.App.Kind != app.Command || p.App.Name != "script0.js - shop-frontend" || p.App.Path != s.folder {
		t.Errorf("app %+v", p.App)
	}
	if p.Work.Title != p.App.Name || p.Work.Dir != s.folder || p.Work.Project != s.folder || !strings.HasSuffix(p.Work.Line, "script0.js --port=3000 --password=***") {
		t.Errorf("work %+v", p.Work)
	}
	d, err := ReadDetails(t.Context(), p.ID)
	if err != nil || d.Line != p.Work.Line || d.Directory != s.folder || d.Memory == 0 {
		t.Errorf("details %+v, %v", d, err)
	}
	if all := fmt.Sprintf("%+v %+v", p, d); strings.Contains(all, "hunter2") {
		t.Errorf("the password is in %s", all)
	}
}

// TestAppInTerminal: what a person started in a terminal says in which, and its way up is there.
func TestAppInTerminal(t *testing.T) {
	s := newScripts(t, filepath.Join(t.TempDir(), "shop-frontend"), starts, waits)
	window, prompt := shellNamed(t, t.TempDir(), "kitty"), shellNamed(t, t.TempDir(), "zsh")
	top := scripts{s.folder, window}.run(t, "script0.js", prompt, "script0.js", s.program, "script1.js")
	pid := childOf(t, childOf(t, top))
	p, err := Read(pid)
	if err != nil || p.App.Kind != app.Command || p.App.In != "kitty" || p.App.Name != "script1.js - shop-frontend" {
		t.Fatalf("%+v, %v", p, err)
	}
	way, err := Ancestors(p.ID)
	if err != nil || len(way) < 3 || way[0].Executable != prompt || way[1].PID != top || way[2].ID != ourselves() {
		t.Errorf("%+v, %v", way, err)
	}
}

// TestEvidenceOfRestless: a process that is another program all the time is never described by a
// mixture of both, nor does it keep anybody waiting.
func TestEvidenceOfRestless(t *testing.T) {
	s := newScripts(t, t.TempDir(), swaps)
	other := shellNamed(t, s.folder, "python3")
	pid := s.run(t, "script0.js", s.program, other, "first")
	id, err := Identify(pid)
	if err != nil {
		t.Fatal(err)
	}
	r, asked := notes(host)
	for len(asked.asked) < 20 {
		r.Changed(pid)
		p, err := r.Lookup(pid)
		if err != nil || p.ID != id || p.Executable != s.program && p.Executable != other || filepath.Base(p.Executable) != p.Name {
			t.Fatalf("%+v, %v", p, err)
		}
	}
	for _, e := range asked.asked {
		if len(e.Args) > 0 && e.Executable != e.Args[2] || e.Dir != s.folder {
			t.Errorf("%s in %s with %q", e.Executable, e.Dir, e.Args)
		}
	}
}

// TestReadOfAnotherUser: what may not be read is left out, and the rest is told.
func TestReadOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user")
	}
	s := newScripts(t, t.TempDir(), waits)
	pid := s.run(t, "script0.js", "--token=hunter2")
	reader := start(t, "reader", asNobody(fmt.Sprintf("PID=%d", pid)))
	if line := reader.line(t); line != "false <nil>" {
		t.Errorf("Identify and Read: %s", line)
	}
	line := reader.line(t)
	for _, want := range []string{" Name:node Executable: User:root UID:0 ", "Kind:command", "--token=***", " Dir: Project:}"} {
		if !strings.Contains(line, want) {
			t.Errorf("%q is not in %s", want, line)
		}
	}
}

// TestEvidenceTerminal: a controlling terminal is told from none.
func TestEvidenceTerminal(t *testing.T) {
	s := newScripts(t, t.TempDir(), waits)
	screen := terminal(t)
	without, with := s.run(t, "script0.js"), s.start(t, func(c *exec.Cmd) {
		c.ExtraFiles = []*os.File{screen}
		c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
	}, "script0.js")
	for pid, want := range map[int]bool{with: true, without: false} {
		r, asked := notes(host)
		if _, err := r.Lookup(pid); err != nil || asked.asked[0].Terminal != want {
			t.Errorf("terminal %v, %v, want %v", asked.asked[0].Terminal, err, want)
		}
	}
}

// terminal makes a pseudo-terminal.
func terminal(t *testing.T) *os.File {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	screen, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { screen.Close() })
	return screen
}

// TestEvidenceFolderGone: the name of a working directory that was removed is still that of a folder.
func TestEvidenceFolderGone(t *testing.T) {
	s := newScripts(t, t.TempDir(), waits)
	gone := filepath.Join(s.folder, "gone")
	if err := os.Mkdir(gone, 0o755); err != nil {
		t.Fatal(err)
	}
	pid := scripts{gone, s.program}.run(t, "../script0.js")
	if err := os.Remove(gone); err != nil {
		t.Fatal(err)
	}
	r, asked := notes(host)
	if _, err := r.Lookup(pid); err != nil || asked.asked[0].Dir != gone {
		t.Errorf("folder %q, %v, want %q", asked.asked[0].Dir, err, gone)
	}
}

// TestEvidenceHugeLine: a command line of a megabyte is cut, and the process has its name.
func TestEvidenceHugeLine(t *testing.T) {
	s := newScripts(t, t.TempDir(), waits)
	args := []string{"script0.js"}
	for range 10 {
		args = append(args, strings.Repeat("\x1b]0;x\a", 100<<10/6))
	}
	args = append(args, make([]string, 20000)...)
	pid := s.run(t, args...)
	r, asked := notes(host)
	p, err := r.Lookup(pid)
	if err != nil || p.Name != "node" {
		t.Fatalf("%+v, %v", p, err)
	}
	length := 0
	for _, arg := range asked.asked[0].Args {
		length += len(arg)
	}
	if n := len(asked.asked[0].Args); n > maxArgs || length > maxArgsLen || length < maxArgsLen/2 {
		t.Errorf("%d arguments with %d bytes", n, length)
	}
	if p, err = NewRegister().Lookup(pid); err != nil || p.Name != "node" || len(p.Work.Line) > app.MaxLine {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestAncestors: the way from a child's child to the first process.
func TestAncestors(t *testing.T) {
	s := newScripts(t, t.TempDir(), starts, waits)
	parent := s.run(t, "script0.js", s.program, "script1.js")
	child := childOf(t, parent)
	id, err := Identify(child)
	if err != nil {
		t.Fatal(err)
	}
	way, err := Ancestors(id)
	if err != nil || len(way) < 2 || way[0].PID != parent || way[0].Executable != s.program || way[1].ID != ourselves() {
		t.Fatalf("%+v, %v; want %d and ourselves", way, err, parent)
	}
	for i, p := range way {
		if i+1 < len(way) && p.PPID != way[i+1].PID {
			t.Errorf("%d is followed by %d, its parent is %d", p.PID, way[i+1].PID, p.PPID)
		}
	}
	if last := way[len(way)-1]; last.PPID != 0 {
		t.Errorf("the last, %d %s, has the parent %d", last.PID, last.Name, last.PPID)
	}
	if way, err := Ancestors(ID{id.PID, id.Start + 1}); err == nil {
		t.Errorf("another process with that number has the ancestors %+v", way)
	}
}

// childOf waits for the first child of a process.
func childOf(t *testing.T, pid int) int {
	t.Helper()
	for {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
		if err != nil {
			t.Fatal(err)
		}
		var child int
		if n, _ := fmt.Sscan(string(text), &child); n == 1 {
			return child
		}
	}
}

// TestEvidenceExec: what a process ran before is in no part of what is said of what it runs now.
func TestEvidenceExec(t *testing.T) {
	c := start(t, "exec")
	other := copyProgram(t, "other")
	r, asked := notes(host)
	before, err := r.Lookup(c.id.PID)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(c.in, other)
	if line := c.line(t); line != "ready" {
		t.Fatal(line)
	}
	after, err := r.Lookup(c.id.PID)
	if err != nil || after == before || len(asked.asked) != 2 {
		t.Fatalf("%+v, %v, asked %d times", after, err, len(asked.asked))
	}
	if e := asked.asked[1]; e.Executable != other || e.Name != "other" || !slices.Equal(e.Args, []string{"x"}) {
		t.Errorf("%+v", e)
	}
}

// BenchmarkDescribe500 describes 500 processes of 50 projects that nothing is known of.
func BenchmarkDescribe500(b *testing.B) {
	pids := fiveHundred(b)
	b.ReportAllocs()
	for b.Loop() {
		r := newRegister(host, &naming{namer: newFinder()})
		for _, pid := range pids {
			if _, err := r.Lookup(pid); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkRefresh500 looks up 500 processes that are known.
func BenchmarkRefresh500(b *testing.B) {
	pids := fiveHundred(b)
	r := newRegister(host, &naming{namer: newFinder()})
	b.ReportAllocs()
	for b.Loop() {
		for _, pid := range pids {
			if _, err := r.Lookup(pid); err != nil {
				b.Fatal(err)
			}
		}
		r.Sweep()
	}
}

func fiveHundred(b *testing.B) (pids []int) {
	b.Helper()
	folder := b.TempDir()
	for i := range 50 {
		s := newScripts(b, filepath.Join(folder, fmt.Sprintf("project%d", i)), waits)
		for range 10 {
			pids = append(pids, s.run(b, "script0.js", "--port", "3000", "--token=hunter2"))
		}
	}
	return pids
}

// BenchmarkAncestors is what the detail of a process costs.
func BenchmarkAncestors(b *testing.B) {
	id := ourselves()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Ancestors(id); err != nil {
			b.Fatal(err)
		}
	}
}
