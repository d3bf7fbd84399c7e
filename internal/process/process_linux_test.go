package process

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"portolan/internal/app"
)

func init() {
	// The first thread must be ours to end in the role "headless".
	if os.Getenv(roleVariable) == "headless" {
		runtime.LockOSThread()
	}
	roles["headless"] = func() { // its first thread ends, the rest goes on
		go func() {
			for !bytes.Contains(readOwnStat(), []byte(") Z ")) {
				time.Sleep(time.Millisecond)
			}
			fmt.Println("ready")
			waitForInput()
			os.Exit(0)
		}()
		unix.Syscall(unix.SYS_EXIT, 0, 0, 0)
	}
	roles["hostile"] = func() { // calls itself what its input says
		fmt.Println("ready")
		in := bufio.NewReader(os.Stdin)
		name, _ := in.ReadString(0)
		os.WriteFile("/proc/self/comm", []byte(strings.TrimSuffix(name, "\x00")), 0)
		fmt.Println("done")
		in.ReadByte()
	}
	roles["exec"] = func() { // becomes the program that its input names
		fmt.Println("ready")
		path, _ := bufio.NewReader(os.Stdin).ReadString('\n')
		os.Setenv(roleVariable, "obedient")
		err := syscall.Exec(strings.TrimSpace(path), []string{"x"}, os.Environ())
		fmt.Println(err)
	}
	roles["reader"] = func() { // says what it may read of the process that its environment names
		pid, _ := strconv.Atoi(os.Getenv("PID"))
		_, err := Identify(pid)
		fmt.Println("ready")
		p, readErr := Read(pid)
		fmt.Println(errors.Is(err, fs.ErrPermission), readErr)
		fmt.Printf("%+v\n", p)
		waitForInput()
	}
	roles["killer"] = func() { // tries to end the process that its environment names
		pid, _ := strconv.Atoi(os.Getenv("PID"))
		start, _ := strconv.ParseUint(os.Getenv("START"), 10, 64)
		fmt.Println("ready")
		err := Kill(testContext, ID{pid, start}, ForceKill)
		fmt.Println(errors.Is(err, ErrNotPermitted), err)
		waitForInput()
	}
}

func readOwnStat() []byte {
	text, _ := os.ReadFile("/proc/self/stat")
	return text
}

// fixtures is a made-up /proc with the worst that a real one can hold.
var fixtures = procfs{root: "testdata/proc"}

func TestDescribeFixtures(t *testing.T) {
	for _, test := range []struct {
		pid                    int
		name, executable, comm string
		ppid, uid              int
	}{
		{812, "postgres", "/usr/lib/postgresql/17/bin/postgres", "postgres", 1, 26},
		{813, "postgres", "/usr/lib/postgresql/17/bin/postgres", "postgres", 1, 26},
		{814, "node", "/usr/bin/node", "node-MainThread", 1, 26},
		{815, "a\x1b[2J b", "/tmp/a\x1b[2J b", ") R 1 1 (a b\n)", 1, 26},
		{817, "headless-server", "/usr/bin/headless-server", "headless", 1, 26}, // its other thread tells
		{2, "kthreadd", "", "kthreadd", 0, 26},
		{820, "systemd-resolved", "", "systemd-resolve", 1, 26},
		{821, "systemd-resolve", "", "systemd-resolve", 1, 26},
		{822, "short", "", "short", 1, 26},
		{824, "nostatus", "", "nostatus", 1, -1},
		{825, "badstatus", "", "badstatus", 1, -1},
		{826, "nobody", "", "nobody", 1, -1},
	} {
		p, e, err := fixtures.describe(test.pid, nil)
		if err != nil {
			t.Errorf("%d: %v", test.pid, err)
			continue
		}
		if p.PID != test.pid || p.Start != 1234 || p.Name != test.name || p.Executable != test.executable ||
			p.PPID != test.ppid || p.UID != test.uid || p.User != UserName(test.uid) || p.Started.IsZero() {
			t.Errorf("%d: %+v", test.pid, p)
		}
		if p.App != (app.App{Name: test.name, Path: test.executable, Kind: app.Executable}) {
			t.Errorf("%d: app %+v", test.pid, p.App)
		}
		if cheap, err := fixtures.entry(test.pid); err != nil || cheap != e || e.name() != test.comm {
			t.Errorf("%d: entry %+v, %v, described with %+v", test.pid, cheap, err, e)
		}
	}
}

func TestDescribeFixturesRefused(t *testing.T) {
	for _, test := range []struct {
		pid   int
		gone  bool
		says  string
		cheap bool // the cheap entry is refused too
	}{
		{816, true, "already ended", true},        // a zombie
		{823, true, "a thread of 812", false},     // only the status tells
		{830, false, "no name", true},             // an empty file
		{831, false, "field 12: cut off", true},   // cut off
		{832, false, "its stat is that of", true}, // another process's
		{833, true, "already ended", true},        // ended between the directory and the file
		{834, true, "already ended", false},       // its memory is gone, but it is no zombie yet
		{999, true, "already ended", true},        // not there
		{-1, true, "already ended", true},         // never there
		{1 << 30, true, "already ended", true},    // beyond all numbers
	} {
		p, _, err := fixtures.describe(test.pid, nil)
		if p != nil || err == nil || errors.Is(err, ErrGone) != test.gone || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%d: %+v, %v", test.pid, p, err)
		}
		if _, err := fixtures.entry(test.pid); (err != nil) != test.cheap || test.cheap && errors.Is(err, ErrGone) != test.gone {
			t.Errorf("%d: entry: %v", test.pid, err)
		}
	}
}

func TestSelf(t *testing.T) {
	p, err := Read(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	program, _ := os.Executable()
	if p.ID != ourselves() || p.Start == 0 || p.PPID != os.Getppid() || p.UID != os.Geteuid() ||
		p.Executable != program || p.Name != filepath.Base(program) || p.User != UserName(os.Geteuid()) {
		t.Errorf("%+v", p)
	}
}

// The kernel's stamp and its clock since boot give the moment between that
// before and that after the start, to within a clock tick.
func TestStarted(t *testing.T) {
	const tick = time.Second / userHZ
	before := time.Now()
	c := start(t, "obedient")
	after := time.Now()
	p, err := Read(c.id.PID)
	if err != nil {
		t.Fatal(err)
	}
	if p.Started.Before(before.Add(-2*tick)) || p.Started.After(after.Add(tick)) {
		t.Errorf("started %v, not between %v and %v", p.Started, before, after)
	}
}

func TestChildDescribed(t *testing.T) {
	c := start(t, "obedient")
	p, err := Read(c.id.PID)
	if err != nil {
		t.Fatal(err)
	}
	if p.ID != c.id || p.PPID != os.Getpid() || p.UID != os.Geteuid() {
		t.Errorf("%+v, want it to be %v, our child", p, c.id)
	}
}

// A name can be anything that is no zero; the kernel writes it as it is.
func TestHostileName(t *testing.T) {
	c := start(t, "hostile")
	const name = ") Z 1 (\n\x1b[2J" // all of the 15 bytes but one
	fmt.Fprint(c.in, name+"\x00")
	if line := c.line(t); line != "done" {
		t.Fatal(line)
	}
	e, err := host.entry(c.id.PID)
	if err != nil || e.ID != c.id || e.name() != name || e.ppid != os.Getpid() {
		t.Errorf("%+v (%q), %v", e, e.name(), err)
	}
}

// A program that is replaced by another of the same name is noticed at once.
func TestRegisterNoticesExec(t *testing.T) {
	r := NewRegister()
	c := start(t, "exec")
	before, err := r.Lookup(c.id.PID)
	if err != nil {
		t.Fatal(err)
	}
	other := copyProgram(t, filepath.Base(before.Executable))
	fmt.Fprintln(c.in, other)
	if line := c.line(t); line != "ready" {
		t.Fatal(line)
	}
	after, err := r.Lookup(c.id.PID)
	if err != nil {
		t.Fatal(err)
	}
	if after == before || after.ID != before.ID || after.Executable != other || after.App.Path != other {
		t.Errorf("before %+v, after %+v", before, after)
	}
	// An upgrade removes the file under a running program.
	if err := os.Remove(other); err != nil {
		t.Fatal(err)
	}
	if p, err := Read(c.id.PID); err != nil || p.Executable != other {
		t.Errorf("with its file gone: %+v, %v", p, err)
	}
}

func copyProgram(t *testing.T, name string) string {
	t.Helper()
	from, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	path := filepath.Join(t.TempDir(), name)
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// A thread's number has a directory in /proc, but is no process.
func TestThreadIsNoProcess(t *testing.T) {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		tid, _ := strconv.Atoi(task.Name())
		if tid == os.Getpid() {
			continue
		}
		if p, err := Read(tid); !errors.Is(err, ErrGone) {
			t.Errorf("thread %d: %+v, %v", tid, p, err)
		}
		if h, err := host.open(ID{PID: tid}); !errors.Is(err, ErrGone) {
			t.Errorf("thread %d can be held: %v, %v", tid, h, err)
		}
		return
	}
	t.Fatal("a Go program with one thread")
}

// asNobody runs a child as a user with no rights and no groups. It starts the program
// by its descriptor, since the way to a test binary is closed to others.
func asNobody(environment ...string) func(*exec.Cmd) {
	return func(c *exec.Cmd) {
		c.Path = "/proc/self/exe"
		c.Dir = "/"
		c.Env = append(c.Env, environment...)
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
}

const nobody = 65534

// inNamespace runs the calling test again, as the first process of new PID and mount
// namespaces, where it may do what would hurt outside. It says whether the caller is the one inside.
func inNamespace(t *testing.T) bool {
	const variable = "PORTOLAN_PROCESS_TEST_INSIDE"
	if os.Getenv(variable) == t.Name() {
		return true
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), variable+"="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS,
		Pdeathsig:  syscall.SIGKILL,
	}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	runtime.LockOSThread() // Pdeathsig goes by the thread
	defer runtime.UnlockOSThread()
	out, err := cmd.CombinedOutput()
	if errors.Is(err, fs.ErrPermission) {
		t.Skipf("this user may not make namespaces: %v", err)
	}
	t.Logf("inside:\n%s", out)
	if err != nil {
		t.Errorf("inside: %v", err)
	}
	return false
}

// mountProc gives the namespace a /proc of its own.
func mountProc(t *testing.T, options string) {
	t.Helper()
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		t.Fatalf("keep mounts to ourselves: %v", err)
	}
	if err := unix.Mount("proc", "/proc", "proc", 0, options); err != nil {
		t.Fatalf("mount /proc: %v", err)
	}
}

// Where /proc hides other users' processes, they are there all the same: nothing is
// made up, nothing is called gone, and they may not be killed.
func TestHidepid(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user")
	}
	if !inNamespace(t) {
		return
	}
	for _, test := range []struct{ option, want string }{
		{"hidepid=1", "&{ID:{PID:%d Start:0} PPID:0 Name: Executable: User:root UID:0 Started:0001-01-01 00:00:00 +0000 UTC App:{Name: Path: Kind:executable ID: Runtime: Image: Unit: UserUnit:false In: Icon:} Work:{Title: Line: Dir: Project:}}"},
		{"hidepid=2", "&{ID:{PID:%d Start:0} PPID:0 Name: Executable: User: UID:-1 Started:0001-01-01 00:00:00 +0000 UTC App:{Name: Path: Kind:executable ID: Runtime: Image: Unit: UserUnit:false In: Icon:} Work:{Title: Line: Dir: Project:}}"},
	} {
		mountProc(t, test.option)
		victim := start(t, "obedient")
		reader := start(t, "reader", asNobody(fmt.Sprintf("PID=%d", victim.id.PID)))
		if line := reader.line(t); line != "true <nil>" {
			t.Errorf("%s: Identify and Read: %s", test.option, line)
		}
		if line, want := reader.line(t), fmt.Sprintf(test.want, victim.id.PID); line != want {
			t.Errorf("%s: %s\nwant %s", test.option, line, want)
		}
		killer := start(t, "killer", asNobody(fmt.Sprintf("PID=%d", victim.id.PID), fmt.Sprintf("START=%d", victim.id.Start)))
		if line := killer.line(t); !strings.HasPrefix(line, "true ") {
			t.Errorf("%s: Kill: %s", test.option, line)
		}
		if !victim.alive(t) {
			t.Errorf("%s: the process was ended", test.option)
		}
	}
}

// Read while it ends, a process is whole or gone: never half of it.
func TestReadWhileItEnds(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		c := start(t, "obedient")
		c.in.Close()
		for {
			p, err := Read(c.id.PID)
			if errors.Is(err, ErrGone) {
				break
			}
			if err != nil || p.ID != c.id || p.Executable != program || p.UID != os.Geteuid() || p.PPID != os.Getpid() {
				t.Fatalf("%+v, %v", p, err)
			}
		}
	}
}
