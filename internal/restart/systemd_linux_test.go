package restart

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"portolan/internal/app"
)

// busConfig is a bus that starts no services: the machine's own systemd must not take part.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=%s</listen>
  <policy context="default"><allow user="*"/><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>
`

// startBus starts a message bus of the test's own, and gives its address and a way to end it early.
func startBus(t *testing.T) (address string, end func()) {
	t.Helper()
	program, err := exec.LookPath("dbus-daemon")
	if err != nil {
		t.Fatalf("these tests need dbus-daemon: %v", err)
	}
	dir, err := os.MkdirTemp("", "b") // t.TempDir is too long a path for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	config := filepath.Join(dir, "bus.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, busConfig, dir), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "--nofork", "--nopidfile", "--config-file="+config, "--print-address=3")
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	cmd.ExtraFiles = []*os.File{write}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	gone := make(chan struct{})
	go func() { cmd.Wait(); close(gone) }()
	end = func() { cmd.Process.Kill(); <-gone }
	t.Cleanup(end)
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatalf("dbus-daemon did not start: %v", err)
	}
	return strings.TrimSpace(line), end
}

// manager is a fake org.freedesktop.systemd1: units by name, each a set of properties.
type manager struct {
	units map[string]map[string]any
	hang  chan struct{} // not nil: no question is answered before it is closed
}

func (m *manager) wait() {
	if m.hang != nil {
		<-m.hang
	}
}

// GetUnit is called by its clients.
func (m *manager) GetUnit(name string) (dbus.ObjectPath, *dbus.Error) {
	m.wait()
	if _, ok := m.units[name]; !ok {
		return "", dbus.NewError("org.freedesktop.systemd1.NoSuchUnit", []any{"Unit " + name + " not loaded."})
	}
	return unitPath(name), nil
}

func unitPath(name string) dbus.ObjectPath {
	return dbus.ObjectPath(fmt.Sprintf("%s/unit/_%x", systemdPath, name))
}

// unitProperties is one unit's org.freedesktop.DBus.Properties.
type unitProperties struct {
	m    *manager
	name string
}

// Get is called by the manager's clients.
func (u unitProperties) Get(_, name string) (dbus.Variant, *dbus.Error) {
	u.m.wait()
	value, ok := u.m.units[u.name][name]
	if !ok {
		return dbus.Variant{}, dbus.NewError("org.freedesktop.DBus.Error.UnknownProperty", nil)
	}
	return dbus.MakeVariant(value), nil
}

// export puts the manager on the bus.
func (m *manager) export(t *testing.T, address string) {
	t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.Export(m, systemdPath, systemdManager); err != nil {
		t.Fatal(err)
	}
	for name := range m.units {
		if err := conn.Export(unitProperties{m, name}, unitPath(name), "org.freedesktop.DBus.Properties"); err != nil {
			t.Fatal(err)
		}
	}
	reply, err := conn.RequestName(systemdName, dbus.NameFlagDoNotQueue)
	if err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("own %s: %v, %v", systemdName, reply, err)
	}
}

// withSystemd is an Explainer whose two buses are one with this systemd.
func withSystemd(t *testing.T, m *manager) *Explainer {
	t.Helper()
	address, _ := startBus(t)
	m.export(t, address)
	return onBus(t, address)
}

func onBus(t *testing.T, address string) *Explainer {
	x := explainer()
	x.buses.system = address
	x.buses.user = func(int) string { return address }
	t.Cleanup(x.Close)
	return x
}

func service(restart string, main uint32, triggeredBy ...string) map[string]any {
	if triggeredBy == nil {
		triggeredBy = []string{}
	}
	return map[string]any{"Restart": restart, "MainPID": main, "Id": "", "TriggeredBy": triggeredBy}
}

func TestSystemd(t *testing.T) {
	alias := service("always", 30)
	alias["Id"] = "postgresql@16-main.service"
	x := withSystemd(t, &manager{units: map[string]map[string]any{
		"always.service": service("always", 30), "failure.service": service("on-failure", 30), "success.service": service("on-success", 30),
		"abort.service": service("on-abort", 30), "watchdog.service": service("on-watchdog", 30), "no.service": service("no", 30),
		"worker.service": service("always", 12), "alias.service": alias,
		"cups.service": service("no", 30, "cups.socket", "cups.path", "off.socket", "gone.socket"), "both.service": service("always", 30, "both.timer"),
		"cups.socket": {"ActiveState": "active"}, "cups.path": {"ActiveState": "active"}, "off.socket": {"ActiveState": "inactive"}, "both.timer": {"ActiveState": "active"},
		`dev\x2dserver.service`: service("always", 30),
		"user@1000.service":     service("always", 30), "app.scope": service("always", 30),
	}})
	tests := map[string]struct {
		user    bool
		stop    string // "": no cause
		returns bool
		text    string
	}{
		"always.service":        {false, "sudo systemctl stop always.service", true, "Restart=always in always.service"},
		"failure.service":       {true, "systemctl --user stop failure.service", false, "unless it ends cleanly"},
		"success.service":       {false, "sudo systemctl stop success.service", true, "when it ends cleanly"},
		"abort.service":         {false, "sudo systemctl stop abort.service", false, "Restart=on-abort"},
		"watchdog.service":      {},
		"no.service":            {},
		"worker.service":        {false, "sudo systemctl stop worker.service", false, "part of worker.service"},
		"alias.service":         {false, "sudo systemctl stop postgresql@16-main.service", true, "in postgresql@16-main.service"},
		"cups.service":          {false, "sudo systemctl stop cups.path cups.socket cups.service", true, "at the next connection: cups.socket keeps the port"},
		"both.service":          {true, "systemctl --user stop both.timer both.service", true, "both.timer"},
		`dev\x2dserver.service`: {true, `systemctl --user stop 'dev\x2dserver.service'`, true, `dev\x2dserver.service`},
		"unknown.service":       {true, "systemctl --user stop unknown.service", false, "may start again"},
		"user@1000.service":     {}, "app.scope": {}, "": {}, "a b.service": {}, "-x.service;y.service": {}, "x\n.service": {},
	}
	for name, test := range tests {
		p := proc(30, "server", "server")
		p.App = app.App{Name: name, Kind: app.Unit, Unit: name, UserUnit: test.user}
		causes := x.Causes(t.Context(), p, nil)
		if test.stop == "" {
			if causes != nil {
				t.Errorf("%s: %+v", name, causes)
			}
			continue
		}
		if c := one(t, causes); c.Kind != Systemd || c.By != "systemd" || c.Stop != test.stop || c.Returns != test.returns || !strings.Contains(c.Text, test.text) {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

// TestSystemctl: for whom the command is.
func TestSystemctl(t *testing.T) {
	tests := []struct {
		we, owner int
		user      string
		unit      bool // the user's
		want      string
	}{
		{1000, 999, "postgres", false, "sudo systemctl stop x.service"},
		{0, 999, "postgres", false, "systemctl stop x.service"},
		{1000, 1000, "alice", true, "systemctl --user stop x.service"},
		{1000, 1001, "bob", true, "sudo systemctl --user --machine bob@.host stop x.service"},
		{0, 1001, "bob", true, "systemctl --user --machine bob@.host stop x.service"},
		{1000, 1001, "b; reboot", true, "sudo systemctl --user --machine 'b; reboot@.host' stop x.service"},
		{1000, 1001, "b'; reboot", true, ""},
		{1000, 1001, "", true, ""},
		{1000, -1, "", true, "systemctl --user stop x.service"},
	}
	for _, test := range tests {
		x := explainer()
		x.uid = test.we
		p := proc(30, "x", "x")
		p.UID, p.User, p.App = test.owner, test.user, app.App{Unit: "x.service", UserUnit: test.unit}
		if got := one(t, x.Causes(t.Context(), p, nil)); got.Stop != test.want || got.Returns {
			t.Errorf("%+v: %q", test, got.Stop)
		}
	}
}

// inUnit is a process in a system unit.
func inUnit(name string) *subject {
	p := proc(30, "x", "x")
	p.App.Unit = name
	return &subject{Process: p}
}

// quick checks that the causes come in about the time that they may take; what the cgroup says is still told.
func quick(t *testing.T, x *Explainer, most time.Duration) {
	t.Helper()
	began := time.Now()
	c := one(t, x.Causes(t.Context(), inUnit("x.service").Process, nil))
	if took := time.Since(began); took > most {
		t.Errorf("it took %v", took)
	}
	if c.Returns || !strings.Contains(c.Text, "may start again") || c.Stop != "sudo systemctl stop x.service" {
		t.Errorf("%+v", c)
	}
}

func TestSystemdHangs(t *testing.T) {
	m := &manager{units: map[string]map[string]any{"x.service": service("always", 30)}, hang: make(chan struct{})}
	x := withSystemd(t, m)
	x.limit = limit
	quick(t, x, 10*limit) // generous: the machine is shared
	close(m.hang)
	x.limit = time.Minute
	if c := one(t, x.Causes(t.Context(), inUnit("x.service").Process, nil)); !c.Returns {
		t.Errorf("after it has recovered: %+v", c)
	}
}

func TestSystemdLies(t *testing.T) {
	const unit = "x.service"
	lies := map[string]map[string]any{
		"types":     {"Restart": "always", "MainPID": "30", "Id": uint32(7), "TriggeredBy": "cups.socket"},
		"names":     {"Restart": "always", "MainPID": uint32(30), "Id": "y.service; reboot", "TriggeredBy": []string{"a b.socket", "-x.socket", "", "$(reboot).socket", strings.Repeat("a", 500) + ".socket"}},
		"scope":     {"Restart": "always", "MainPID": uint32(30), "Id": "user@1000.service"},
		"many":      {"Restart": "always", "MainPID": uint32(30), "TriggeredBy": many("cups.socket", 1000)},
		"a library": {"Restart": "always\x1b[2J", "MainPID": uint32(30)},
	}
	for name, properties := range lies {
		x := withSystemd(t, &manager{units: map[string]map[string]any{unit: properties, "cups.socket": {"ActiveState": "active"}}})
		causes := x.Causes(t.Context(), inUnit(unit).Process, nil)
		switch name {
		case "a library": // no Restart= that there is
			if causes != nil {
				t.Errorf("%s: %+v", name, causes)
			}
		case "many":
			if c := one(t, causes); len(strings.Fields(c.Stop)) > maxTriggers+4 {
				t.Errorf("%s: %+v", name, c)
			}
		default:
			if c := one(t, causes); c.Stop != "sudo systemctl stop x.service" {
				t.Errorf("%s: %+v", name, c)
			}
		}
	}
	x := withSystemd(t, &manager{units: map[string]map[string]any{unit: {"Restart": uint32(1)}}})
	if c := one(t, x.Causes(t.Context(), inUnit(unit).Process, nil)); c.Returns || !strings.Contains(c.Text, "may start again") {
		t.Errorf("a number for a word: %+v", c)
	}
}

func many(s string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = s
	}
	return all
}

func TestNoSystemdOnTheBus(t *testing.T) {
	address, _ := startBus(t)
	quick(t, onBus(t, address), 10*limit)
}

// TestBusGoesAndComes: a connection that has ended is made anew.
func TestBusGoesAndComes(t *testing.T) {
	m := &manager{units: map[string]map[string]any{"x.service": service("always", 30)}}
	address, end := startBus(t)
	m.export(t, address)
	x := onBus(t, address)
	ask := func() Cause { return one(t, x.Causes(t.Context(), inUnit("x.service").Process, nil)) }
	if c := ask(); !c.Returns {
		t.Fatalf("%+v", c)
	}
	end()
	if c := ask(); c.Returns {
		t.Errorf("without a bus: %+v", c)
	}
	second, _ := startBus(t)
	m.export(t, second)
	x.buses.system = second
	if c := ask(); !c.Returns {
		t.Errorf("with another bus: %+v", c)
	}
}

// TestBadBuses: one that says nothing, one that talks nonsense, one that is no socket, one that would run a program.
func TestBadBuses(t *testing.T) {
	silent := badBus(t, func(net.Conn) {})
	babble := badBus(t, func(c net.Conn) { fmt.Fprint(c, strings.Repeat("REJECTED x\r\n", 1000)) })
	endless := badBus(t, func(c net.Conn) {
		for {
			if _, err := c.Write(make([]byte, 4096)); err != nil {
				return
			}
		}
	})
	owned := filepath.Join(t.TempDir(), "owned")
	for _, address := range []string{silent, babble, endless, "unix:path=/nonexistent", "", "nonsense", "unixexec:path=/usr/bin/touch,argv1=" + owned,
		"unix:path=/nonexistent;unixexec:path=/usr/bin/touch,argv1=" + owned} {
		x := onBus(t, address)
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		began := time.Now()
		for _, c := range x.systemd(ctx, inUnit("x.service")) {
			if c.Returns {
				t.Errorf("%s: %+v", address, c)
			}
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s took %v", address, took)
		}
		cancel()
	}
	if _, err := os.Stat(owned); err == nil {
		t.Error("a program was run")
	}
}

// badBus listens at a unix socket, and hands each connection to talk.
func badBus(t *testing.T, talk func(net.Conn)) (address string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "b")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close(); os.RemoveAll(dir) })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			go talk(conn)
		}
	}()
	return "unix:path=" + path
}

func TestBusAddresses(t *testing.T) {
	env := map[string]string{"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/s", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/u", "XDG_RUNTIME_DIR": "/run/user/1000"}
	b := newBuses(func(k string) string { return env[k] }, we)
	if b.system != "unix:path=/s" || b.user(we) != "unix:path=/u" || b.user(1001) != "unix:path=/run/user/1001/bus" {
		t.Errorf("%s, %s, %s", b.system, b.user(we), b.user(1001))
	}
	delete(env, "DBUS_SESSION_BUS_ADDRESS")
	b = newBuses(func(k string) string { return env[k] }, we)
	if b.user(we) != "unix:path=/run/user/1000/bus" {
		t.Error(b.user(we))
	}
	if b = newBuses(func(string) string { return "" }, we); b.system != "unix:path=/run/dbus/system_bus_socket" || b.user(we) != "unix:path=/run/user/1000/bus" {
		t.Errorf("%s, %s", b.system, b.user(we))
	}
}
