package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// pictureVariable names the file that TestPicture writes.
const pictureVariable = "PORTOLAN_SCREENSHOT"

// worldVariable is set in the process that runs in a network of its own, to the path of the real binary.
const worldVariable = "PORTOLAN_TEST_WORLD"

// anna is the user in the picture.
var anna = &syscall.Credential{Uid: 1000, Gid: 1000}

// actors are the programs in the picture, in the order of their start: what a developer's machine runs on a
// morning. The addresses are those of the world that makeWorld makes.
var actors = []struct {
	name, script string
	root         bool // it belongs to root, and Anna may not see what it holds
}{
	{"sshd", "tcp4 0.0.0.0:22\ntcp6 [::]:22", true},
	{"systemd-resolved", "tcp4 127.0.0.53:53\nudp4 127.0.0.53:53", true},
	{"cupsd", "tcp4 127.0.0.1:631", true},
	{"postgres", "tcp4 127.0.0.1:5432\ntcp6 [::1]:5432", false},
	{"redis-server", "tcp4 127.0.0.1:6379", false},
	{"mysqld", "tcp4 127.0.0.1:3306", false},
	{"node", "tcp [::]:3000\ndial 127.0.0.1:5432\ndial 127.0.0.1:5432\ndial 127.0.0.1:6379", false},
	{"vite", "tcp4 127.0.0.1:5173", false},
	{"python3", "tcp4 0.0.0.0:8000\ndial 127.0.0.1:5432\ndrop 127.0.0.1:6379", false},
	{"java", "tcp [::]:8080\ndial 127.0.0.1:3306", false},
	{"ollama", "tcp4 127.0.0.1:11434", false},
	{"code", "tcp4 127.0.0.1:40213\ndial 203.0.113.21:443\ndial 127.0.0.1:5173", false},
	{"firefox", "dial 203.0.113.80:443\ndial 203.0.113.81:443\ndial 127.0.0.1:3000\ndial 127.0.0.1:5173\ndrop 203.0.113.82:443", false},
	{"slack", "dial 203.0.113.140:443\ndial 203.0.113.141:443", false},
	{"spotify", "tcp4 192.168.1.24:57621\nudp4 0.0.0.0:1900\ndial 203.0.113.160:4070", false},
	{"avahi-daemon", "udp4 0.0.0.0:5353\nudp6 [::]:5353", false},
	{"ssh", "dial 203.0.113.9:22", false},
}

// works is what some of the actors run, and in which of Anna's projects.
var works = map[string]struct {
	project string
	args    []string
}{
	"node":    {"shop-api", []string{"server.js"}},
	"vite":    {"shop-frontend", nil},
	"python3": {"pricing", []string{"-m", "http.server"}},
}

// icons are drawings for those of the actors that have a place in the desktop's menu.
var icons = map[string]struct{ title, drawing string }{
	"firefox": {"Firefox", `<circle cx="24" cy="24" r="22" fill="#ff7139"/><circle cx="26" cy="22" r="13" fill="#592acb"/>`},
	"code":    {"Visual Studio Code", `<rect x="3" y="3" width="42" height="42" rx="8" fill="#0078d4"/><path d="M31 12L17 24l14 12" fill="none" stroke="#fff" stroke-width="5"/>`},
	"slack":   {"Slack", `<rect x="3" y="3" width="42" height="42" rx="8" fill="#4a154b"/><path d="M18 11v26M30 11v26M11 18h26M11 30h26" stroke="#ecb22e" stroke-width="5"/>`},
	"spotify": {"Spotify", `<circle cx="24" cy="24" r="22" fill="#1db954"/><path d="M12 18q12-5 25 2M13 25q11-4 21 2M15 32q9-3 16 1" fill="none" stroke="#fff" stroke-width="4"/>`},
}

// furnish puts Anna's projects into her home, and her apps into the desktop's menu.
func furnish(t *testing.T, d *desktop) {
	t.Helper()
	write := func(path, text string) {
		path = filepath.Join(d.home, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("shop-api/package.json", `{"name": "shop-api"}`)
	write("shop-api/server.js", "")
	write("shop-frontend/package.json", `{"name": "shop-frontend"}`)
	write("pricing/pyproject.toml", "[project]\nname = \"pricing\"\n")
	for name, icon := range icons {
		write(".local/share/applications/"+name+".desktop", fmt.Sprintf("[Desktop Entry]\nType=Application\nName=%s\nExec=%s\nIcon=%s\n",
			icon.title, filepath.Join(d.home, "bin", name), name))
		write(".local/share/icons/hicolor/scalable/apps/"+name+".svg", `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">`+icon.drawing+`</svg>`)
	}
	if out, err := exec.Command("chown", "-R", "1000:1000", d.home).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestPicture renews the picture of the README: `make screenshots`. It runs the real binary, as an ordinary
// user, on a machine made up for it: a network and a process table of its own.
func TestPicture(t *testing.T) {
	path := os.Getenv(pictureVariable)
	if path == "" {
		t.Skipf("no picture is asked for: set %s to the file to write", pictureVariable)
	}
	if os.Getenv(worldVariable) != "" {
		takePictures(t, path)
		return
	}
	if os.Geteuid() != 0 {
		t.Fatal("only root may make the network that the picture shows: run it as root, in a container for example")
	}
	needTools(t, "ip", "nsenter")
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestPicture$", "-test.v")
	cmd.Env = append(os.Environ(), worldVariable+"="+build(t), pictureVariable+"="+path)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWPID | syscall.CLONE_NEWNS}
	endWithTest(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// takePictures is TestPicture inside the world.
func takePictures(t *testing.T, path string) {
	makeWorld(t)
	if err := os.Mkdir("/home/anna", 0o755); err != nil {
		t.Fatal(err)
	}
	d := newDesktopAs(t, anna, "/home/anna")
	furnish(t, d)
	startActors(t, d)
	if err := os.Chmod(filepath.Dir(os.Getenv(worldVariable)), 0o755); err != nil {
		t.Fatal(err)
	}
	bar := newPanel(t, d.bus, true)
	d.do("xdotool", "mousemove", "1439", "899") // away from the rows, which show what is under it
	p := d.start(os.Getenv(worldVariable))
	p.wait("msg=started")
	bar.activate(t)
	p.wait(`msg="window shown"`)
	window := d.window("Portolan")
	d.focus(window)
	p.wait("msg=rows")

	d.key("Home")
	for range rowsAboveNode {
		d.key("Down")
	}
	p.wait("msg=selected", "port=3000", "process=node")
	d.keepStill(window, variant(path, ""))
	d.key("Delete")
	p.wait(`msg="kill asked"`)
	d.keepStill(window, variant(path, "-kill"))
	d.key("Escape", "ctrl+2")
	p.wait("msg=selected", `app="server.js - shop-api"`) // the selection goes along with what was selected
	d.key("Right", "Right")
	p.wait("msg=selected", "process=node", `app="server.js - shop-api"`)
	d.keepStill(window, variant(path, "-apps"))
	d.key("ctrl+3")
	p.wait("msg=selected", "none=true")
	d.key("Home")
	p.wait("msg=selected", "app=Firefox")
	d.key("Right") // opens the app with the most connections
	p.wait("msg=rows")
	d.keepStill(window, variant(path, "-ephemeral"))
	p.healthy()
}

// rowsAboveNode is how many rows are above node's in the picture: those of the ports below 3000.
const rowsAboveNode = 6

// variant gives the name of a picture beside the first: "picture.png", "-kill" -> "picture-kill.png".
func variant(path, suffix string) string {
	ext := filepath.Ext(path)
	return strings.TrimSuffix(path, ext) + suffix + ext
}

// makeWorld makes this process's namespaces into a machine with a network card, behind which is
// a network where every address answers.
func makeWorld(t *testing.T) {
	t.Helper()
	for _, mount := range []struct {
		source, target, kind string
		flags                uintptr
	}{
		{"none", "/", "", syscall.MS_REC | syscall.MS_PRIVATE},
		{"proc", "/proc", "proc", 0},
		{"tmpfs", "/home", "tmpfs", 0},
		{writePasswd(t), "/etc/passwd", "", syscall.MS_BIND},
	} {
		if err := syscall.Mount(mount.source, mount.target, mount.kind, mount.flags, ""); err != nil {
			t.Fatalf("mount %s: %v", mount.target, err)
		}
	}
	far := exec.CommandContext(t.Context(), "sleep", "infinity") // holds the far network open
	far.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	spawn(t, far)
	pid := fmt.Sprint(far.Process.Pid)
	inFar := []string{"nsenter", "-t", pid, "-n"}
	for _, command := range [][]string{
		{"ip", "link", "set", "lo", "up"},
		{"ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", pid},
		{"ip", "addr", "add", "192.168.1.24/24", "dev", "eth0"},
		{"ip", "link", "set", "eth0", "up"},
		{"ip", "route", "add", "default", "via", "192.168.1.1"},
		append(inFar, "ip", "link", "set", "lo", "up"),
		append(inFar, "ip", "addr", "add", "192.168.1.1/24", "dev", "eth0"),
		append(inFar, "ip", "link", "set", "eth0", "up"),
		append(inFar, "ip", "route", "add", "local", "203.0.113.0/24", "dev", "lo"),
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", command, err, out)
		}
	}
	web := exec.CommandContext(t.Context(), "nsenter", "-t", pid, "-n", os.Args[0])
	web.Env = append(os.Environ(), actVariable+"=tcp4 0.0.0.0:443\ntcp4 0.0.0.0:22\ntcp4 0.0.0.0:4070")
	waitLines(t, web, 3)
}

// writePasswd gives a file in which the user 1000 is called anna.
func writePasswd(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "passwd")
	text := "root:x:0:0::/root:/bin/sh\nanna:x:1000:1000::/home/anna:/bin/sh\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// startActors starts the programs of the picture: this binary, under their names.
func startActors(t *testing.T, d *desktop) {
	t.Helper()
	bin := filepath.Join(d.home, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	first := filepath.Join(bin, "first")
	if err := os.WriteFile(first, self, 0o755); err != nil {
		t.Fatal(err)
	}
	d.own(bin)
	for _, actor := range actors {
		path := filepath.Join(bin, actor.name)
		if err := os.Link(first, path); err != nil {
			t.Fatal(err)
		}
		cmd := d.command(path)
		cmd.Env = append(slices.Clone(d.env), actVariable+"="+actor.script)
		if work, ok := works[actor.name]; ok {
			cmd.Args, cmd.Dir = append([]string{actor.name}, work.args...), filepath.Join(d.home, work.project)
		}
		if actor.root {
			cmd.SysProcAttr.Credential = nil
		}
		waitLines(t, cmd, strings.Count(actor.script, "\n")+1)
	}
}

// waitLines starts a program and waits until it has printed that many lines.
func waitLines(t testing.TB, cmd *exec.Cmd, lines int) {
	t.Helper()
	out := &lineCounter{done: make(chan struct{}), left: lines}
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	spawn(t, cmd)
	select {
	case <-out.done:
	case <-time.After(patience):
		t.Fatalf("%s has not opened its sockets", cmd.Path)
	}
}

// lineCounter closes done when all the lines have been written to it.
type lineCounter struct {
	done chan struct{}
	left int
}

func (c *lineCounter) Write(p []byte) (int, error) {
	for _, b := range p {
		if b == '\n' {
			if c.left--; c.left == 0 {
				close(c.done)
			}
		}
	}
	return len(p), nil
}
