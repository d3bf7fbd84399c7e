package main

import (
	"context"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"
)

// The names of the StatusNotifier specification, as KDE, Xfce and GNOME's extension use them
// (freedesktop.org, "StatusNotifierItem", section StatusNotifierWatcher).
const (
	watcherName = "org.kde.StatusNotifierWatcher"
	watcherPath = "/StatusNotifierWatcher"
)

// trayTime is how long a session bus may take to answer, before the app starts without a tray.
const trayTime = time.Second

// hasTray reports whether a panel is there that shows tray icons. An error
// says why there is none: no session bus, no watcher, no answer.
func hasTray(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, trayTime)
	defer cancel()
	type answer struct {
		found bool
		err   error
	}
	// Connecting and logging in do not look at the context, and a bus that
	// takes connections but never answers must not hold up the start.
	answers := make(chan answer, 1)
	go func() {
		found, err := askForTray(ctx)
		answers <- answer{found, err}
	}()
	select {
	case a := <-answers:
		return a.found, a.err
	case <-ctx.Done():
		return false, fmt.Errorf("ask the session bus for a tray: %w", ctx.Err())
	}
}

// askForTray asks the session bus. It starts no bus where there is none.
func askForTray(ctx context.Context) (bool, error) {
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return false, fmt.Errorf("connect to the session bus: %w", err)
	}
	defer conn.Close()
	if err := conn.Auth(nil); err != nil {
		return false, fmt.Errorf("log in to the session bus: %w", err)
	}
	if err := conn.Hello(); err != nil {
		return false, fmt.Errorf("log in to the session bus: %w", err)
	}
	var found bool
	get := conn.Object(watcherName, watcherPath).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get",
		dbus.FlagNoAutoStart, watcherName, "IsStatusNotifierHostRegistered")
	if err := get.Store(&found); err != nil {
		return false, fmt.Errorf("ask %s for a tray: %w", watcherName, err)
	}
	return found, nil
}
