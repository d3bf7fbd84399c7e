package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long anything that is waited for may take: a leak is one after a minute. It is only used up when a test fails.
const patience = 2 * time.Minute

// waitFor waits until done says so.
func waitFor(t testing.TB, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v for %s", patience, what)
		}
		time.Sleep(20 * time.Millisecond) // between two looks; what is waited for is the condition
	}
}

// needTools fails the test where a program is missing that it needs.
func needTools(t testing.TB, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%s is not installed. `make test` installs all that the tests need.", tool)
		}
	}
}

// endWithTest has the kernel end a program should the test end without its clean-up.
func endWithTest(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
}

// spawn starts a program that ends with the test.
func spawn(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	endWithTest(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

// spawnAndAsk starts a program that writes one line to the descriptor 3 when it is ready,
// and gives that line.
func spawnAndAsk(t testing.TB, cmd *exec.Cmd) string {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	cmd.ExtraFiles = []*os.File{write}
	spawn(t, cmd)
	write.Close()
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatalf("%s did not start: %v", cmd.Path, err)
	}
	return strings.TrimSpace(line)
}

// desktop is a screen, a window manager and a session bus of the test's own.
type desktop struct {
	t    testing.TB
	home string
	bus  string // the session bus's address
	env  []string
	as   *syscall.Credential // who runs the programs on it; nil: who runs the test
}

// busConfig is a session bus that starts no services: those of the machine that the
// test runs on (its own panel, say) must not take part.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=%s</listen>
  <policy context="default"><allow user="*"/><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>
`

// newDesktop starts one with a fresh home, of somebody who has used Portolan before.
func newDesktop(t testing.TB) *desktop {
	t.Helper()
	home, err := os.MkdirTemp("", "pl") // t.TempDir is too long a path for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(home) })
	return newDesktopAs(t, nil, home)
}

// newDesktopAs starts one for another user (nil: who runs the test) in an empty home.
func newDesktopAs(t testing.TB, as *syscall.Credential, home string) *desktop {
	t.Helper()
	needTools(t, "Xvfb", "openbox", "dbus-daemon", "xdotool", "import")
	d := &desktop{t: t, home: home, as: as, env: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "LANG=C.UTF-8",
		"LIBGL_ALWAYS_SOFTWARE=1", "FYNE_SCALE=1", "FYNE_THEME=light", "XDG_RUNTIME_DIR=" + filepath.Join(home, "run")}}
	for _, dir := range []string{".cache", ".config", "run"} {
		if err := os.Mkdir(filepath.Join(home, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	d.remember(`{"window.shown": true}`)
	config := filepath.Join(home, "bus.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, busConfig, home), 0o600); err != nil {
		t.Fatal(err)
	}
	d.own(home)
	display := spawnAndAsk(t, d.command("Xvfb", "-displayfd", "3", "-screen", "0", "1440x900x24", "-nolisten", "tcp"))
	d.bus = spawnAndAsk(t, d.command("dbus-daemon", "--nofork", "--nopidfile", "--config-file="+config, "--print-address=3"))
	d.env = append(d.env, "DBUS_SESSION_BUS_ADDRESS="+d.bus, "DISPLAY=:"+display)
	ready := filepath.Join(home, "ready")
	spawn(t, d.command("openbox", "--startup", "touch "+ready)) // it runs this once it listens to keys
	waitFor(t, "the window manager", func() bool {
		_, err := os.Stat(ready)
		return err == nil
	})
	return d
}

// command is a program that runs on this desktop.
func (d *desktop) command(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(d.t.Context(), name, args...)
	cmd.Env = d.env
	cmd.Dir = d.home
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: d.as}
	return cmd
}

// own gives a folder and all that is in it to the desktop's user.
func (d *desktop) own(dir string) {
	d.t.Helper()
	if d.as == nil {
		return
	}
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(path, int(d.as.Uid), int(d.as.Gid))
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

// do runs a program on this desktop to its end, and gives what it prints.
func (d *desktop) do(name string, args ...string) string {
	d.t.Helper()
	out, err := d.command(name, args...).CombinedOutput()
	if err != nil {
		d.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// remember makes this all that is remembered of earlier runs, in JSON.
func (d *desktop) remember(preferences string) {
	d.t.Helper()
	dir := filepath.Join(d.home, ".config", "fyne", appID)
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "preferences.json"), []byte(preferences), 0o600)
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// window waits until the window with this title is on the screen, and gives its number.
func (d *desktop) window(title string) string {
	d.t.Helper()
	var id string
	waitFor(d.t, fmt.Sprintf("the window %q", title), func() bool {
		out, _ := d.command("xdotool", "search", "--onlyvisible", "--name", "^"+title+"$").Output()
		id, _, _ = strings.Cut(strings.TrimSpace(string(out)), "\n")
		return id != ""
	})
	return id
}

// focus waits until the window has the keyboard, both for the window manager and for the X
// server, and gives it to the window if it comes without.
func (d *desktop) focus(window string) {
	d.t.Helper()
	waitFor(d.t, "the window to have the keyboard", func() bool {
		active, _ := d.command("xdotool", "getactivewindow").Output()
		focused, _ := d.command("xdotool", "getwindowfocus", "-f").Output()
		if strings.TrimSpace(string(active)) == window && strings.TrimSpace(string(focused)) == window {
			return true
		}
		_ = d.command("xdotool", "windowactivate", window).Run()
		return false
	})
}

// visible reports whether the window is on the screen.
func (d *desktop) visible(window string) bool {
	out, _ := d.command("xdotool", "search", "--onlyvisible", "--name", ".").Output()
	return slices.Contains(strings.Fields(string(out)), window)
}

// shut closes the window as its close button does, and waits until it is gone. The key is pressed
// again when nothing came of it: the window manager lets go of its keys for a moment whenever
// the X server changes the keyboard, which the first pressed key makes it do.
func (d *desktop) shut(window string) {
	d.t.Helper()
	d.focus(window)
	pressed := time.Time{}
	waitFor(d.t, "the window to close", func() bool {
		if !d.visible(window) {
			return true
		}
		if time.Since(pressed) > time.Second {
			d.key("alt+F4")
			pressed = time.Now()
		}
		return false
	})
}

// key presses keys, one after the other.
func (d *desktop) key(keys ...string) {
	d.t.Helper()
	d.do("xdotool", append([]string{"key", "--delay", "30"}, keys...)...)
}

// write types text.
func (d *desktop) write(text string) {
	d.t.Helper()
	d.do("xdotool", "type", "--delay", "15", text)
}

// keepStill keeps a picture of the window, once two in a row are the same: then all is drawn.
func (d *desktop) keepStill(window, path string) {
	d.t.Helper()
	one, two := filepath.Join(d.home, "one.xwd"), filepath.Join(d.home, "two.xwd")
	waitFor(d.t, "the window to hold still", func() bool {
		d.do("import", "-silent", "-window", window, "xwd:"+one)
		time.Sleep(150 * time.Millisecond) // some frames
		d.do("import", "-silent", "-window", window, "xwd:"+two)
		a, errA := os.ReadFile(one)
		b, errB := os.ReadFile(two)
		return errA == nil && errB == nil && bytes.Equal(a, b)
	})
	picture := filepath.Join(d.home, "picture.png")
	d.do("import", "-silent", "-window", window, "-strip", picture)
	data, err := os.ReadFile(picture)
	if err == nil {
		err = os.WriteFile(path, data, 0o644)
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// program is a running portolan.
type program struct {
	t    testing.TB
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended and all is written down

	mu    sync.Mutex
	lines []string // what it wrote to stderr
	seen  int      // how many of them wait has looked at
}

// start starts portolan with its debug log on.
func (d *desktop) start(binary string, args ...string) *program {
	d.t.Helper()
	p := &program{t: d.t, cmd: d.command(binary, append([]string{"-debug"}, args...)...), done: make(chan struct{})}
	endWithTest(p.cmd)
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	go func() {
		defer close(p.done)
		for scan := bufio.NewScanner(stderr); scan.Scan(); {
			p.mu.Lock()
			p.lines = append(p.lines, scan.Text())
			p.mu.Unlock()
		}
		_ = p.cmd.Wait()
	}()
	d.t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.done
		if d.t.Failed() {
			d.t.Logf("what portolan wrote:\n%s", p.log())
		}
	})
	return p
}

// log is all that it has written.
func (p *program) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.lines, "\n")
}

// wait waits for a log line that has all the parts, after the line that the wait before
// ended with, and gives it.
func (p *program) wait(parts ...string) string {
	p.t.Helper()
	var found string
	waitFor(p.t, fmt.Sprintf("the log line %q", parts), func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		for ; found == "" && p.seen < len(p.lines); p.seen++ {
			found = p.lines[p.seen]
			for _, part := range parts {
				if !strings.Contains(found+" ", part+" ") {
					found = ""
					break
				}
			}
		}
		return found != ""
	})
	return found
}

// alive reports whether it still runs.
func (p *program) alive() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// waitEnd waits until it has ended, and looks at how.
func (p *program) waitEnd(code int) {
	p.t.Helper()
	waitFor(p.t, "portolan to end", func() bool { return !p.alive() })
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		p.t.Errorf("it ended with %v, want exit code %d", p.cmd.ProcessState, code)
	}
}

// healthy fails the test for what must never be in the log.
func (p *program) healthy() {
	p.t.Helper()
	// Fyne watches the file of its preferences and may read it while it writes it itself:
	// it keeps what it has then, so this one says nothing.
	log := strings.ReplaceAll(p.log(), "Fyne error:  Preferences load error", "")
	// Fyne may refresh the tray's menu once more after it has closed the bus itself on quitting. Before that it is a fault.
	if before, after, quit := strings.Cut(log, "msg=quit"); quit {
		log = before + strings.ReplaceAll(after, "systray error: failed to update menu version: dbus: connection closed by user", "")
	}
	for _, bad := range []string{"*** Error in Fyne call thread", "DATA RACE", "panic", "Fyne error", "systray error", "level=ERROR"} {
		if strings.Contains(log, bad) {
			p.t.Errorf("the log holds %q", bad)
		}
	}
}
