package main

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/godbus/dbus/v5"
)

// The names of the File Manager D-Bus Interface (freedesktop.org, "file-manager-interface").
const (
	fileManagerName = "org.freedesktop.FileManager1"
	fileManagerPath = "/org/freedesktop/FileManager1"
)

// fileManagerTime is how long the file manager may take: the bus may have to start it first.
const fileManagerTime = 5 * time.Second

// reveal has the file manager show a file in its folder.
func reveal(path string) error {
	ctx, cancel := context.WithTimeout(context.Background(), fileManagerTime)
	defer cancel()
	answers := make(chan error, 1) // logging in to a bus does not look at the context
	go func() { answers <- revealOver(ctx, path) }()
	select {
	case err := <-answers:
		return err
	case <-ctx.Done():
		return fmt.Errorf("ask the file manager: %w", ctx.Err())
	}
}

func revealOver(ctx context.Context, path string) error {
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return fmt.Errorf("connect to the session bus: %w", err)
	}
	defer conn.Close()
	if err := conn.Auth(nil); err != nil {
		return fmt.Errorf("log in to the session bus: %w", err)
	}
	if err := conn.Hello(); err != nil {
		return fmt.Errorf("log in to the session bus: %w", err)
	}
	file := url.URL{Scheme: "file", Path: path}
	call := conn.Object(fileManagerName, fileManagerPath).CallWithContext(ctx, fileManagerName+".ShowItems", 0, []string{file.String()}, "")
	if call.Err != nil {
		return fmt.Errorf("ask the file manager: %w", call.Err)
	}
	return nil
}
