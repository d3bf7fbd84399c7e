package main

import (
	"errors"
	"fmt"
	"image"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// gaugesVariable has TestGauges know that it is in a network of its own, and where the real binary is.
const gaugesVariable = "PORTOLAN_TEST_GAUGES"

// TestGauges is what can go wrong with ports, made for real and read from the real window: a program that forgets to close
// its connections, a queue that is full, and a range that somebody makes narrow meanwhile.
func TestGauges(t *testing.T) {
	if binary := os.Getenv(gaugesVariable); binary != "" {
		watchGauges(t, binary)
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestGauges$", "-test.v")
	cmd.Env = append(os.Environ(), gaugesVariable+"="+build(t))
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	endWithTest(cmd)
	runtime.LockOSThread() // by which it ends
	defer runtime.UnlockOSThread()
	out, err := cmd.CombinedOutput()
	if errors.Is(err, fs.ErrPermission) {
		t.Skipf("this user may not make namespaces: %v", err)
	}
	if t.Logf("inside:\n%s", out); err != nil {
		t.Errorf("inside: %v", err)
	}
}

// raiseLoopback has this network's only interface work.
func raiseLoopback(t *testing.T) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		t.Fatal(err)
	}
	lo.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); err != nil {
		t.Fatal(err)
	}
}

// setRange sets the range from which the system hands out ports here.
func setRange(t *testing.T, text string) {
	t.Helper()
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_local_port_range", []byte(text), 0); err != nil {
		t.Fatal(err)
	}
}

// acting starts a program that does what a script says, and waits until it has.
func acting(t *testing.T, program, script string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), actVariable+"="+script)
	waitLines(t, cmd, strings.Count(script, "\n"))
	return cmd
}

// watchGauges is TestGauges in its own network.
func watchGauges(t *testing.T, binary string) {
	raiseLoopback(t)
	usual, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		t.Fatal(err)
	}
	d := newDesktop(t)
	d.remember(`{"window.shown": true, "settings.limit.leak_time": 1}`) // a minute
	bar := newPanel(t, d.bus, true)
	p, window := d.open(bar, binary)
	leakAll(t, d)

	stuck := acting(t, copyOfOurselves(t, d, "stuckserver"), "stuck 127.0.0.1:7002\n")
	for range queueAsked + 1 {
		c, err := net.Dial("tcp", "127.0.0.1:7002")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	p.wait("msg=alarm", "gauge=queue", "level=red",
		fmt.Sprintf(`sentence="stuckserver (PID %d) does not accept connections on TCP port 7002: 5 wait, no more may,`, stuck.Process.Pid))
	keepScreenshot(d, window, "alarm-queue.png")
	_ = stuck.Process.Kill()
	p.wait("msg=alarm", `gauge=""`, "level=green")

	setRange(t, "50000 50022")
	p.wait("msg=rules", "first=50000", "last=50022", "ports=23")
	shop := startServerOn(t, copyOfOurselves(t, d, "shopserver"), 7003)
	crawler := acting(t, copyOfOurselves(t, d, "crawler"), strings.Repeat(fmt.Sprintf("dial 127.0.0.1:%d\n", shop.port), 20))
	p.wait("msg=alarm", "gauge=remote", "level=red", `sentence="20 of 23 possible connections from 127.0.0.1 to 127.0.0.1:7003 are in use, most of them by crawler (20); with none left, no other can be opened. Quit or restart crawler,`)
	setRange(t, string(usual))
	p.wait("msg=rules", "ports=28232")
	_ = crawler.Process.Kill()

	d.key("ctrl+f")
	d.write("state:close_wait")
	p.wait("msg=rows", "query=state:close_wait")
	d.key("Return", "Down")
	p.wait("msg=selected", "port=7001", "process=leakyserver", "class=closing")

	leaked := p.wait("msg=alarm", "gauge=close-wait", "level=red", "only grows: it leaks them. Waiting does not help; restart")
	if !regexp.MustCompile(`sentence="leakyserver has not closed \d+ connections that the other side has ended, and their number only grows`).MatchString(leaked) {
		t.Error(leaked)
	}
	keepScreenshot(d, window, "alarm-leak.png")
	d.key("ctrl+3")
	p.wait("msg=rows", "count=0", "query=state:close_wait") // the lens has no such rows, but the gauges
	bounds := d.picture(window).Bounds()
	const gauges, leak = 5, 3 // TCP, UDP, TIME_WAIT, CLOSE_WAIT, the queues
	d.click(window, image.Pt(bounds.Dx()*(2*leak+1)/(2*gauges), toolbarHeight+12), 1)
	figures := p.wait("msg=figures", "gauge=close-wait", "level=red")
	if !regexp.MustCompile(`\{connections in CLOSE_WAIT \d+\} .*\{yellow from 5 for 1 min\} \{red from 100 for 1 min\} \{red if they only grow, from 5\}`).MatchString(figures) {
		t.Error(figures)
	}
	keepScreenshot(d, window, "figures-leak.png")
	p.healthy()
}

// leakAll has a program leave more and more connections in CLOSE_WAIT until the test ends.
func leakAll(t *testing.T, d *desktop) {
	t.Helper()
	acting(t, copyOfOurselves(t, d, "leakyserver"), "keep 127.0.0.1:7001\n")
	hangUp := func() {
		c, err := net.Dial("tcp", "127.0.0.1:7001")
		if err != nil {
			t.Error(err)
			return
		}
		_ = c.Close()
	}
	for range 5 {
		hangUp()
	}
	more := time.NewTicker(5 * time.Second)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-t.Context().Done():
				return
			case <-more.C:
				hangUp()
			}
		}
	}()
	t.Cleanup(func() { more.Stop(); <-done })
}
