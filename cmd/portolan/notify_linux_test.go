package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
)

// notices is a notification service: what a desktop shows in a corner, without the pixels.
type notices struct {
	conn *dbus.Conn
	can  []string

	mu    sync.Mutex
	shown []notice
}

// notice is one notification that it was given.
type notice struct {
	id          uint32
	title, body string
	actions     []string
}

// newNotices puts one on the bus at address.
func newNotices(t testing.TB, address string, can ...string) *notices {
	t.Helper()
	n := &notices{conn: connectTo(t, address), can: can}
	if err := n.conn.Export(n, notifyPath, notifyName); err != nil {
		t.Fatal(err)
	}
	reply, err := n.conn.RequestName(notifyName, dbus.NameFlagDoNotQueue)
	if err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("own %s: %v, %v", notifyName, reply, err)
	}
	return n
}

// GetCapabilities is part of the interface.
func (n *notices) GetCapabilities() ([]string, *dbus.Error) { return n.can, nil }

// Notify is called by the app.
func (n *notices) Notify(_ string, _ uint32, _, title, body string, actions []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	id := uint32(len(n.shown) + 1)
	n.shown = append(n.shown, notice{id, title, body, actions})
	return id, nil
}

// last gives the newest notification; the zero notice before there is one.
func (n *notices) last() notice {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.shown) == 0 {
		return notice{}
	}
	return n.shown[len(n.shown)-1]
}

// click is a click on a notification.
func (n *notices) click(t testing.TB, id uint32, action string) {
	t.Helper()
	if err := n.conn.Emit(notifyPath, notifyName+".ActionInvoked", id, action); err != nil {
		t.Fatal(err)
	}
}

// newBus starts a session bus of the test's own, and makes it the one of this process.
func newBus(t *testing.T) string {
	t.Helper()
	needTools(t, "dbus-daemon")
	dir, err := os.MkdirTemp("", "pb") // t.TempDir is too long a path for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	config := filepath.Join(dir, "bus.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, busConfig, dir), 0o600); err != nil {
		t.Fatal(err)
	}
	address := spawnAndAsk(t, exec.Command("dbus-daemon", "--nofork", "--nopidfile", "--config-file="+config, "--print-address=3"))
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
	return address
}

func TestNotify(t *testing.T) {
	desk := newNotices(t, newBus(t), "actions", "body", "body-markup")
	n := newNotifier(nil, nil)
	clicks := make(chan string, 10)
	for _, title := range []string{"one", "two"} {
		if err := n.notify(title, "node <b> & more", func() { clicks <- title }); err != nil {
			t.Fatal(err)
		}
	}
	got := desk.last()
	if got.title != "two" || got.body != "node &lt;b&gt; &amp; more" || strings.Join(got.actions, " ") != "default Show" {
		t.Errorf("the service was given %+v", got)
	}
	desk.click(t, 99, notifyAction)  // somebody else's
	desk.click(t, got.id, "another") // not ours
	desk.click(t, got.id-1, notifyAction)
	if title := <-clicks; title != "one" {
		t.Errorf("a click on the first does what belongs to %q", title)
	}
	desk.click(t, got.id-1, notifyAction) // once only
	if err := desk.conn.Emit(notifyPath, notifyName+".NotificationClosed", got.id, uint32(2)); err != nil {
		t.Fatal(err)
	}
	desk.click(t, got.id, notifyAction) // it is gone
	if err := n.notify("three", "", func() { clicks <- "three" }); err != nil {
		t.Fatal(err)
	}
	desk.click(t, desk.last().id, notifyAction)
	if title := <-clicks; title != "three" {
		t.Errorf("%q was clicked", title)
	}
}

// A plain service shows the text as it is.
func TestNotifyWithoutMarkup(t *testing.T) {
	desk := newNotices(t, newBus(t), "body")
	if err := newNotifier(nil, nil).notify("title", "a <b> & c", func() {}); err != nil {
		t.Fatal(err)
	}
	if got := desk.last().body; got != "a <b> & c" {
		t.Errorf("it shows %q", got)
	}
}

// Without a service, and without a bus, that is said; and it is tried anew the next time.
func TestNotifyNobody(t *testing.T) {
	address := newBus(t)
	n := newNotifier(nil, nil)
	if err := n.notify("title", "", func() {}); !errors.Is(err, errNoNotifications) {
		t.Errorf("without a service: %v", err)
	}
	desk := newNotices(t, address)
	if err := n.notify("again", "", func() {}); err != nil || desk.last().title != "again" {
		t.Errorf("once there is a service: %v, %q", err, desk.last().title)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all")
	if err := newNotifier(nil, nil).notify("title", "", func() {}); err == nil {
		t.Error("without a bus nothing is said")
	}
}
