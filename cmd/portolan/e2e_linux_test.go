package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// actVariable makes the test's binary act as another program instead: see act.
const actVariable = "PORTOLAN_TEST_ACT"

func TestMain(m *testing.M) {
	if script := os.Getenv(actVariable); script != "" {
		act(script)
	}
	code := m.Run()
	os.RemoveAll(builtIn)
	os.Exit(code)
}

// act opens sockets as the script says and holds them until it is ended. The script is made of lines
// of two words: "tcp4 ADDRESS", "tcp6", "udp4" and "udp6" listen, "tcp" does so for both families at once, "dial ADDRESS"
// connects, "drop ADDRESS" connects and hangs up, "many N" opens N UDP sockets, and "churn N" replaces some of them all the time. "keep ADDRESS" listens and never hangs up, and
// "stuck ADDRESS" listens and takes nobody, with a queue of queueAsked. The port of each socket is printed, a line each, once all of them are open.
func act(script string) {
	var ports []int
	for line := range strings.Lines(script) {
		verb, address, _ := strings.Cut(strings.TrimSpace(line), " ")
		port, err := openSocket(verb, address)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		ports = append(ports, port)
	}
	for _, port := range ports {
		fmt.Println(port)
	}
	select {}
}

// openSocket does one line of a script, and gives the local port.
func openSocket(verb, address string) (int, error) {
	switch verb {
	case "tcp4", "tcp6", "tcp":
		listener, err := net.Listen(verb, address)
		if err != nil {
			return 0, err
		}
		go acceptAll(listener)
		return listener.Addr().(*net.TCPAddr).Port, nil
	case "udp4", "udp6":
		conn, err := net.ListenPacket(verb, address)
		if err != nil {
			return 0, err
		}
		return conn.LocalAddr().(*net.UDPAddr).Port, nil
	case "keep":
		// Go's keep-alive would find out, a minute later, that the other side is gone, and end the connection.
		quiet := net.ListenConfig{KeepAlive: -1}
		listener, err := quiet.Listen(context.Background(), "tcp4", address)
		if err != nil {
			return 0, err
		}
		go func() {
			for kept := []net.Conn{}; ; {
				if conn, err := listener.Accept(); err == nil {
					kept = append(kept, conn)
				}
			}
		}()
		return listener.Addr().(*net.TCPAddr).Port, nil
	case "stuck":
		return listenStuck(address)
	case "many", "churn":
		return openMany(address, verb == "churn")
	default:
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return 0, err
		}
		if verb == "drop" {
			conn.Close()
		}
		return conn.LocalAddr().(*net.TCPAddr).Port, nil
	}
}

// queueAsked is how long a queue "stuck" asks for.
const queueAsked = 4

// listenStuck listens with a short queue, which nobody empties.
func listenStuck(address string) (int, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return 0, err
	}
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	err = errors.Join(syscall.Bind(fd, &syscall.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}), syscall.Listen(fd, queueAsked))
	return int(at.Port()), err
}

// acceptAll holds every connection until the other side hangs up.
func acceptAll(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			_, _ = io.Copy(io.Discard, conn)
		}()
	}
}

// server is a process that listens.
type server struct {
	cmd  *exec.Cmd
	port int
	done chan struct{} // closed when it has ended
}

// startServer starts one on a free port of 127.0.0.1.
func startServer(t *testing.T) *server {
	t.Helper()
	return startServerAt(t, os.Args[0])
}

// startServerAt starts a copy of this test's binary as one.
func startServerAt(t *testing.T, path string) *server {
	t.Helper()
	return startServerOn(t, path, 0)
}

// startServerOn starts one on the given port of 127.0.0.1; 0: a free one.
func startServerOn(t *testing.T, path string, port int) *server {
	t.Helper()
	cmd := exec.Command(path)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=tcp4 127.0.0.1:%d", actVariable, port))
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &server{cmd: cmd, done: make(chan struct{})}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err == nil {
		s.port, err = strconv.Atoi(strings.TrimSpace(line))
	}
	go func() {
		_ = cmd.Wait()
		close(s.done)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-s.done
	})
	if err != nil {
		t.Fatal("the server says no port:", err)
	}
	return s
}

// builtIn is the folder that buildOnce has made; "" before that.
var builtIn string

// buildOnce builds the real binary, without the tag migrated_fynedo: then Fyne checks that
// each call comes from the right thread.
var buildOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "portolan-e2e")
	if err != nil {
		return "", err
	}
	builtIn = dir
	binary := filepath.Join(dir, "portolan")
	cmd := exec.Command("go", "build", "-o", binary, ".")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return binary, nil
})

// build gives the path of the real binary.
func build(t testing.TB) string {
	t.Helper()
	binary, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// open starts the app, has its icon open the window, and puts the keyboard there.
func (d *desktop) open(bar *panel, binary string) (p *program, window string) {
	d.t.Helper()
	p = d.start(binary, "-interval", "1s")
	p.wait("msg=started")
	bar.activate(d.t)
	p.wait(`msg="window shown"`)
	window = d.window("Portolan")
	d.focus(window)
	return p, window
}

// TestFromTheIconToTheKill is the whole of what Portolan is for, in the real binary: the icon, the window,
// the table, the kill, the row that goes, the window that hides, the second start, the end.
func TestFromTheIconToTheKill(t *testing.T) {
	binary := build(t)
	d := newDesktop(t)
	bar := newPanel(t, d.bus, true)
	target, bystander := startServer(t), startServer(t)

	p := d.start(binary, "-interval", "1s")
	p.wait(`msg=started`)
	bar.waitItem(t)
	if out, _ := d.command("xdotool", "search", "--onlyvisible", "--name", "^Portolan$").Output(); len(out) != 0 {
		t.Error("the window is there before the icon was clicked")
	}
	for _, label := range []string{"Open Portolan", "Quit"} {
		if line := bar.waitLine(t, label); !line.Enabled {
			t.Errorf("%q cannot be chosen from the menu", label)
		}
	}

	bar.activate(t)
	p.wait(`msg="window shown"`)
	window := d.window("Portolan")
	d.focus(window)

	// Find the row, select it, press Delete, read the dialog, say yes.
	d.key("ctrl+f")
	query := fmt.Sprintf("port:%d", target.port)
	d.write(query)
	p.wait("msg=rows", "count=1", "query="+query)
	d.key("Down", "Home") // from the search to the table, and there to the first row
	p.wait("msg=selected", fmt.Sprintf("port=%d", target.port), fmt.Sprintf("pid=%d", target.cmd.Process.Pid))
	keepScreenshot(d, window, "selected.png")
	d.key("Delete")
	p.wait(`msg="kill asked"`, fmt.Sprintf("pid=%d", target.cmd.Process.Pid))
	keepScreenshot(d, window, "dialog.png")
	d.key("Escape")
	if ended(target) {
		t.Fatal("Escape did not keep the process")
	}
	d.key("Delete")
	p.wait(`msg="kill asked"`)
	d.key("Right", "Return") // the first button is Cancel, the second Terminate
	p.wait(`msg="kill outcome"`, fmt.Sprintf("pid=%d", target.cmd.Process.Pid), "outcome=gone")
	p.wait("msg=rows", "count=0", "query="+query)
	waitFor(t, "the process to end", func() bool { return ended(target) })
	if status := target.cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signal() != syscall.SIGTERM {
		t.Errorf("it ended with %v, want SIGTERM", target.cmd.ProcessState)
	}
	if ended(bystander) {
		t.Error("another process ended with it")
	}
	keepScreenshot(d, window, "gone.png")

	// Closing hides; the icon opens it again, and so does a second start.
	d.shut(window)
	p.wait(`msg="window hidden"`)
	bar.click(t, "Open Portolan")
	p.wait(`msg="window shown"`)
	d.shut(d.window("Portolan"))
	p.wait(`msg="window hidden"`)
	second := d.start(binary)
	second.waitEnd(exitDone)
	p.wait(`msg="window shown"`)
	d.shut(d.window("Portolan"))
	p.wait(`msg="window hidden"`)
	if !p.alive() {
		t.Fatal("closing the window ended the app")
	}

	start := time.Now()
	bar.click(t, "Quit")
	p.waitEnd(exitDone)
	if took := time.Since(start); took > quitTime+patience/2 {
		t.Errorf("quitting took %v", took)
	}
	p.healthy()
	second.healthy()
}

// ended reports whether the server has ended.
func ended(s *server) bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// keepScreenshot keeps the picture in the folder that PORTOLAN_PICTURES names, for people to look at.
func keepScreenshot(d *desktop, window, name string) {
	if dir := os.Getenv("PORTOLAN_PICTURES"); dir != "" {
		d.keepStill(window, filepath.Join(dir, name))
	}
}

// TestWithoutTray: where nothing shows icons the window opens by itself, and closing it is the end.
func TestWithoutTray(t *testing.T) {
	for name, prepare := range map[string]func(*testing.T, *desktop){
		"no watcher":           func(*testing.T, *desktop) {},
		"a watcher, no host":   func(t *testing.T, d *desktop) { newPanel(t, d.bus, false) },
		"no session bus":       func(_ *testing.T, d *desktop) { d.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent") },
		"a bus that is silent": func(t *testing.T, d *desktop) { d.setenv("DBUS_SESSION_BUS_ADDRESS", silentBus(t, d)) },
	} {
		t.Run(name, func(t *testing.T) {
			binary := build(t)
			d := newDesktop(t)
			prepare(t, d)
			p := d.start(binary)
			p.wait("msg=tray", "found=false")
			p.wait(`msg="window shown"`)
			d.shut(d.window("Portolan"))
			p.waitEnd(exitDone)
			p.healthy()
		})
	}
}

// setenv changes the environment of what is started from now on.
func (d *desktop) setenv(name, value string) {
	d.env = slices.DeleteFunc(d.env, func(s string) bool { return strings.HasPrefix(s, name+"=") })
	d.env = append(d.env, name+"="+value)
}

// silentBus gives the address of a bus that takes connections and never says a word.
func silentBus(t *testing.T, d *desktop) string {
	t.Helper()
	path := filepath.Join(d.home, "silent")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return "unix:path=" + dbus.EscapeBusAddressValue(path)
}

// TestFirstStart: the first start opens the window, also where there is a tray; the next one does not.
func TestFirstStart(t *testing.T) {
	binary := build(t)
	d := newDesktop(t)
	d.remember("{}")
	bar := newPanel(t, d.bus, true)
	first := d.start(binary)
	first.wait(`msg="window shown"`)
	window := d.window("Portolan")
	first.wait("msg=rows")
	keepScreenshot(d, window, "first.png")
	d.shut(window)
	first.wait(`msg="window hidden"`)
	bar.click(t, "Quit")
	first.waitEnd(exitDone)
	first.healthy()

	second := d.start(binary)
	second.wait("msg=started")
	if strings.Contains(second.log(), "window shown") {
		t.Error("the second start has opened the window by itself")
	}
	bar.activate(t)
	second.wait(`msg="window shown"`)
	bar.click(t, "Quit")
	second.waitEnd(exitDone)
	second.healthy()
}

// TestBrokenPreferences: what cannot be read counts as not remembered.
func TestBrokenPreferences(t *testing.T) {
	binary := build(t)
	d := newDesktop(t)
	d.setenv("LANG", "de_DE.UTF-8")
	for broken, aside := range map[string]bool{"": true, `{"window.sho`: true, "[1, 2]": true,
		`{"window.shown": "yes", "window.width": "wide", "window.height": 1e300, "view.sort": 7, "view.by_app": []}`: false} {
		d.remember(broken)
		p := d.start(binary)
		if aside {
			p.wait("msg=notice", "Die Einstellungen waren nicht lesbar")
		}
		p.wait(`msg="window shown"`)
		p.wait("msg=rows")
		d.shut(d.window("Portolan"))
		p.waitEnd(exitDone)
		p.healthy()
	}
}

// TestSignalQuits: SIGTERM and SIGINT end an app whose window is hidden and whose loop sleeps.
func TestSignalQuits(t *testing.T) {
	binary := build(t)
	d := newDesktop(t)
	newPanel(t, d.bus, true)
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		p := d.start(binary)
		p.wait("msg=started")
		if err := p.cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		p.waitEnd(exitDone)
		p.healthy()
	}
}

// TestWithoutDisplay: one clear line, a way out, an exit code of its own, and no stack trace.
func TestWithoutDisplay(t *testing.T) {
	binary := build(t)
	for name, display := range map[string]string{
		"none is named":            "",
		"the named one has ended":  ":32109",
		"the name makes no sense":  "nowhere",
		"the named one is refused": "localhost:0.0",
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			cmd := exec.CommandContext(t.Context(), binary)
			cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_RUNTIME_DIR=" + home}
			if display != "" {
				cmd.Env = append(cmd.Env, "DISPLAY="+display)
			}
			out, _ := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != exitNoDisplay {
				t.Errorf("exit code %d, want %d", code, exitNoDisplay)
			}
			text := string(out)
			if !strings.Contains(text, "no display") || !strings.Contains(text, "portctl watch") {
				t.Errorf("it does not say what to do:\n%s", text)
			}
			if strings.Contains(text, "panic") || strings.Contains(text, "goroutine") || strings.Count(text, "\n") > 2 {
				t.Errorf("it says too much:\n%s", text)
			}
		})
	}
}
