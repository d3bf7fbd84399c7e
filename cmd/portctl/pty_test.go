//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// onTerminal is the real portctl on a real terminal (pty(7)).
type onTerminal struct {
	t    *testing.T
	cmd  *exec.Cmd
	ptmx *os.File
	text chan []byte // what it prints, closed at its end
	seen bytes.Buffer
}

func runOnTerminal(t *testing.T, args ...string) *onTerminal {
	t.Helper()
	ptmx, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ptmx.Close() })
	number, err := unix.IoctlGetInt(int(ptmx.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(ptmx.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	if err := unix.IoctlSetWinsize(int(tty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 20, Col: 100}); err != nil {
		t.Fatal(err)
	}
	p := &onTerminal{t: t, ptmx: ptmx, text: make(chan []byte, 100)}
	p.cmd = exec.CommandContext(t.Context(), binary(t), args...)
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = tty, tty, tty
	p.cmd.Env = append(os.Environ(), "TERM=xterm-256color")
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go p.read()
	return p
}

func (p *onTerminal) read() {
	defer close(p.text)
	for {
		buffer := make([]byte, 4096)
		n, err := p.ptmx.Read(buffer)
		if n > 0 {
			p.text <- buffer[:n]
		}
		if err != nil {
			return // EIO when the last one has closed the other end
		}
	}
}

// expect waits until the text has been printed, and forgets all up to it.
func (p *onTerminal) expect(text string) {
	p.t.Helper()
	deadline := time.After(20 * time.Second)
	for !strings.Contains(p.seen.String(), text) {
		select {
		case more, open := <-p.text:
			if !open {
				p.t.Fatalf("it ended without %q: %q", text, p.seen.String())
			}
			p.seen.Write(more)
		case <-deadline:
			p.t.Fatalf("no %q in %q", text, p.seen.String())
		}
	}
	p.seen.Next(strings.Index(p.seen.String(), text) + len(text))
}

func (p *onTerminal) press(keys string) {
	p.t.Helper()
	if _, err := p.ptmx.WriteString(keys); err != nil {
		p.t.Fatal(err)
	}
}

// exit gives the exit code and the rest of what was printed.
func (p *onTerminal) exit() (int, string) {
	for more := range p.text {
		p.seen.Write(more)
	}
	p.cmd.Wait() // a failure is in the exit code
	return p.cmd.ProcessState.ExitCode(), p.seen.String()
}

func TestTerminalQuestion(t *testing.T) {
	c := startChild(t, "obedient")
	p := runOnTerminal(t, "kill", ":"+c.port)
	p.expect("127.0.0.1:" + c.port)
	p.expect("[y/N] ")
	p.press("n\r")
	code, rest := p.exit()
	wantCode(t, code, exitFailed)
	wantText(t, "terminal", rest, "nothing was sent")
	select {
	case <-c.done:
		t.Fatal("it was ended against the answer")
	default:
	}

	p = runOnTerminal(t, "kill", ":"+c.port)
	p.expect("[y/N] ")
	p.press("\x03") // Ctrl-C
	code, rest = p.exit()
	wantCode(t, code, exitFailed)
	wantText(t, "terminal", rest, "nothing was sent: interrupted")

	p = runOnTerminal(t, "kill", ":"+c.port)
	p.expect("[y/N] ")
	p.press("y\r")
	code, rest = p.exit()
	wantCode(t, code, exitDone)
	wantText(t, "terminal", rest, "has ended", "port "+c.port+" is free")
	if !c.ended() {
		t.Error("it has not ended")
	}
}

func TestTerminalLiveTable(t *testing.T) {
	c := startChild(t, "obedient")
	p := runOnTerminal(t, "watch", "--interval", "200ms", "state:listen")
	const alternateScreen, back = "\x1b[?1049h", "\x1b[?1049l"
	p.expect(alternateScreen)
	p.press("/")
	p.expect("enter: filter")
	p.press("\x15:" + c.port + "\r") // Ctrl-U clears the line
	p.expect("1 shown of")
	if err := syscall.Kill(c.pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.expect("Nothing matches")
	p.press("q")
	code, rest := p.exit()
	wantCode(t, code, exitDone)
	wantText(t, "terminal", rest, back)
}

// TestTerminalIsGivenBack: SIGTERM leaves the terminal as it was.
func TestTerminalIsGivenBack(t *testing.T) {
	p := runOnTerminal(t, "watch")
	p.expect("q quit")
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	code, rest := p.exit()
	wantCode(t, code, exitDone)
	wantText(t, "terminal", rest, "\x1b[?1049l", "\x1b[?25h")
}

func TestTerminalListIsCutAndColoured(t *testing.T) {
	c := startChild(t, "obedient")
	p := runOnTerminal(t, "list", fmt.Sprintf("pid:%d", c.pid))
	code, rest := p.exit()
	wantCode(t, code, exitDone)
	wantText(t, "terminal", rest, "\x1b[32mLISTEN\x1b[m", "1 shown of", c.port)
}
