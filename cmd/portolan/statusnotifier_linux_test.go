package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

const (
	itemInterface = "org.kde.StatusNotifierItem"
	menuInterface = "com.canonical.dbusmenu"
)

// panel is a StatusNotifierWatcher and host for one icon: what the panel of a desktop is, without the pixels.
type panel struct {
	conn *dbus.Conn

	mu   sync.Mutex
	item dbus.BusObject // the icon; nil before one registers
}

// menuLine is one line of an icon's menu.
type menuLine struct {
	ID      int32
	Label   string
	Within  string // the line beside which its menu opens; "": it is in the menu itself
	Enabled bool
}

// menuLayout is a node of com.canonical.dbusmenu's GetLayout, (ia{sv}av).
type menuLayout struct {
	ID         int32
	Properties map[string]dbus.Variant
	Children   []dbus.Variant
}

// connectTo logs in to the bus at address.
func connectTo(t testing.TB, address string) *dbus.Conn {
	t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// newPanel puts a panel on the bus at address. Where hosting is false there is only a
// watcher, which shows nothing.
func newPanel(t testing.TB, address string, hosting bool) *panel {
	t.Helper()
	p := &panel{conn: connectTo(t, address)}
	if err := p.conn.Export(p, watcherPath, watcherName); err != nil {
		t.Fatal(err)
	}
	_, err := prop.Export(p.conn, watcherPath, prop.Map{watcherName: {
		"IsStatusNotifierHostRegistered": {Value: hosting, Emit: prop.EmitTrue},
		"RegisteredStatusNotifierItems":  {Value: []string{}, Emit: prop.EmitTrue},
		"ProtocolVersion":                {Value: int32(0), Emit: prop.EmitConst},
	}})
	if err != nil {
		t.Fatal(err)
	}
	reply, err := p.conn.RequestName(watcherName, dbus.NameFlagDoNotQueue)
	if err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("own %s: %v, %v", watcherName, reply, err)
	}
	return p
}

// RegisterStatusNotifierItem is called by the icon. It names itself by its object's
// path, or by its bus name.
func (p *panel) RegisterStatusNotifierItem(service string, sender dbus.Sender) *dbus.Error {
	name, path := string(sender), dbus.ObjectPath("/StatusNotifierItem")
	if strings.HasPrefix(service, "/") {
		path = dbus.ObjectPath(service)
	} else {
		name = service
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.item = p.conn.Object(name, path)
	return nil
}

// RegisterStatusNotifierHost is part of the interface; we are the only host.
func (p *panel) RegisterStatusNotifierHost(string) *dbus.Error { return nil }

// registered gives the icon; nil before one registers, and when its app has left the bus: as a real
// panel it forgets the icon then.
func (p *panel) registered() dbus.BusObject {
	p.mu.Lock()
	item := p.item
	p.mu.Unlock()
	if item == nil {
		return nil
	}
	var there bool
	err := p.conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, item.Destination()).Store(&there)
	if err != nil || !there {
		return nil
	}
	return item
}

// waitItem waits for the icon.
func (p *panel) waitItem(t testing.TB) dbus.BusObject {
	t.Helper()
	var item dbus.BusObject
	waitFor(t, "the icon to register", func() bool {
		item = p.registered()
		return item != nil
	})
	return item
}

// activate is a left click on the icon.
func (p *panel) activate(t testing.TB) {
	t.Helper()
	if err := p.waitItem(t).Call(itemInterface+".Activate", 0, int32(0), int32(0)).Err; err != nil {
		t.Fatal("click the icon:", err)
	}
}

// lines reads the menu as it is now, without the lines that nobody sees.
func (p *panel) lines() ([]menuLine, error) {
	item := p.registered()
	if item == nil {
		return nil, errors.New("find the menu: the icon has gone")
	}
	var path dbus.ObjectPath
	if err := item.StoreProperty(itemInterface+".Menu", &path); err != nil {
		return nil, fmt.Errorf("find the menu: %w", err)
	}
	var (
		revision uint32
		root     menuLayout
	)
	call := p.conn.Object(item.Destination(), path).Call(menuInterface+".GetLayout", 0, int32(0), int32(-1), []string{})
	if err := call.Store(&revision, &root); err != nil {
		return nil, fmt.Errorf("read the menu: %w", err)
	}
	return linesBelow(root, "")
}

// linesBelow gives the lines of a menu, and of the menus beside these.
func linesBelow(menu menuLayout, within string) ([]menuLine, error) {
	var lines []menuLine
	for _, child := range menu.Children {
		var node menuLayout
		if err := dbus.Store([]any{child.Value()}, &node); err != nil {
			return nil, fmt.Errorf("read the menu: %w", err)
		}
		if v, ok := node.Properties["visible"]; ok && v.Value() == false {
			continue
		}
		line := menuLine{ID: node.ID, Within: within, Enabled: true}
		if v, ok := node.Properties["label"]; ok {
			line.Label, _ = v.Value().(string)
		}
		if v, ok := node.Properties["enabled"]; ok {
			line.Enabled, _ = v.Value().(bool)
		}
		inner, err := linesBelow(node, line.Label)
		if err != nil {
			return nil, err
		}
		lines = append(append(lines, line), inner...)
	}
	return lines, nil
}

// waitLine waits until the menu has a line that starts with label.
func (p *panel) waitLine(t testing.TB, label string) menuLine { return p.waitInner(t, "", label) }

// waitInner is waitLine for the menu beside a line.
func (p *panel) waitInner(t testing.TB, within, label string) menuLine {
	t.Helper()
	p.waitItem(t)
	var found menuLine
	waitFor(t, fmt.Sprintf("the menu to say %q", label), func() bool {
		lines, err := p.lines()
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(lines, func(l menuLine) bool { return l.Within == within && strings.HasPrefix(l.Label, label) })
		if i >= 0 {
			found = lines[i]
		}
		return i >= 0
	})
	return found
}

// click opens the menu and chooses the line that starts with label.
func (p *panel) click(t testing.TB, label string) { p.clickInner(t, "", label) }

// clickInner is click for the menu beside a line.
func (p *panel) clickInner(t testing.TB, within, label string) {
	t.Helper()
	line := p.waitInner(t, within, label)
	item := p.waitItem(t)
	var path dbus.ObjectPath
	if err := item.StoreProperty(itemInterface+".Menu", &path); err != nil {
		t.Fatal(err)
	}
	menu := p.conn.Object(item.Destination(), path)
	now := uint32(time.Now().Unix())
	for _, event := range []struct {
		id   int32
		name string
	}{{0, "opened"}, {line.ID, "clicked"}, {0, "closed"}} {
		// No reply is waited for: the choice may be the one that ends the app.
		call := menu.Call(menuInterface+".Event", dbus.FlagNoReplyExpected, event.id, event.name, dbus.MakeVariant(""), now)
		if call.Err != nil {
			t.Fatalf("choose %q: %s: %v", label, event.name, call.Err)
		}
	}
}
