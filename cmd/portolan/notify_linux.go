package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"github.com/godbus/dbus/v5"

	"portolan/internal/language"
)

// The names of the Desktop Notifications Specification 1.2.
const (
	notifyName   = "org.freedesktop.Notifications"
	notifyPath   = "/org/freedesktop/Notifications"
	notifyAction = "default" // what a click on the notification itself does
)

// notifyTime is how long the service may take: a desktop may have to start it first.
const notifyTime = 5 * time.Second

// errNoNotifications: nothing on this desktop shows notifications.
var errNoNotifications = errors.New("no notification service is running")

// notifier shows notifications. The connection to the session bus is made for the first one.
type notifier struct {
	mu     sync.Mutex
	conn   *dbus.Conn
	markup bool           // the service takes < and & for markup
	clicks clicks[uint32] // by the number of the notification
}

// newNotifier gives one. What a click on a notification of an earlier run does is of no use: the service
// tells clicks only to whom it showed them for.
func newNotifier(fyne.App, func()) *notifier { return &notifier{} }

// notify shows one; clicked is called, from any goroutine, when somebody clicks it.
func (n *notifier) notify(title, body string, clicked func()) error {
	// Held until the number is known: a click may come as soon as the service has answered.
	n.mu.Lock()
	defer n.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), notifyTime)
	defer cancel()
	if err := n.connect(ctx); err != nil {
		return err
	}
	if n.markup {
		body = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(body)
	}
	hints := map[string]dbus.Variant{"desktop-entry": dbus.MakeVariant(appID), "category": dbus.MakeVariant("network")}
	call := n.conn.Object(notifyName, notifyPath).CallWithContext(ctx, notifyName+".Notify", 0,
		appName, uint32(0), appID, title, body, []string{notifyAction, language.T("Show")}, hints, int32(-1))
	var id uint32
	if err := call.Store(&id); err != nil {
		n.drop()
		return notifyError(err)
	}
	n.clicks.remember(id, clicked)
	return nil
}

// connect logs in to the session bus and listens for clicks, unless that is done. The lock is held.
func (n *notifier) connect(ctx context.Context) error {
	if n.conn != nil && n.conn.Connected() {
		return nil
	}
	n.drop()
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		return fmt.Errorf("connect to the session bus: %w", err)
	}
	var can []string
	if err := conn.Object(notifyName, notifyPath).CallWithContext(ctx, notifyName+".GetCapabilities", 0).Store(&can); err != nil {
		conn.Close()
		return notifyError(err)
	}
	if err := conn.AddMatchSignalContext(ctx, dbus.WithMatchInterface(notifyName), dbus.WithMatchObjectPath(notifyPath)); err != nil {
		conn.Close()
		return fmt.Errorf("listen for clicks on notifications: %w", err)
	}
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	n.conn, n.markup = conn, slices.Contains(can, "body-markup")
	go n.listen(signals)
	return nil
}

// drop leaves the bus. The lock is held.
func (n *notifier) drop() {
	if n.conn != nil {
		n.conn.Close()
		n.conn = nil
	}
	n.clicks.forget()
}

// notifyError says in plain words that there is no service.
func notifyError(err error) error {
	var refused dbus.Error
	if errors.As(err, &refused) && (refused.Name == "org.freedesktop.DBus.Error.ServiceUnknown" || refused.Name == "org.freedesktop.DBus.Error.NameHasNoOwner") {
		return errNoNotifications
	}
	return fmt.Errorf("show a notification: %w", err)
}

// listen does what clicks ask for until the connection ends.
func (n *notifier) listen(signals <-chan *dbus.Signal) {
	for s := range signals {
		var id uint32
		switch s.Name {
		case notifyName + ".ActionInvoked":
			var action string
			if dbus.Store(s.Body, &id, &action) != nil || action != notifyAction {
				continue
			}
			if act := n.take(id); act != nil {
				act()
			}
		case notifyName + ".NotificationClosed":
			var reason uint32
			if dbus.Store(s.Body, &id, &reason) == nil {
				n.take(id)
			}
		}
	}
}

// take gives what a click on a notification does, once its number is known; nil for those of others.
func (n *notifier) take(id uint32) func() {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.clicks.take(id)
}
