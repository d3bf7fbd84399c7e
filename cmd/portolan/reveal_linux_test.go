package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/godbus/dbus/v5"
)

// fileManager is a file manager that notes what it is to show.
type fileManager struct{ shown chan []string }

// ShowItems is of org.freedesktop.FileManager1.
func (f *fileManager) ShowItems(uris []string, _ string) *dbus.Error {
	f.shown <- uris
	return nil
}

func TestReveal(t *testing.T) {
	needTools(t, "dbus-daemon")
	dir, err := os.MkdirTemp("", "b") // t.TempDir is too long a path for sockets
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
	if err := reveal("/srv/shop"); err == nil {
		t.Error("nobody is there to show it, and that is no error")
	}
	f := &fileManager{shown: make(chan []string, 1)}
	conn := connectTo(t, address)
	if err := conn.Export(f, fileManagerPath, fileManagerName); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(fileManagerName, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	if err := reveal("/srv/sh op/ü#?.txt"); err != nil {
		t.Fatal(err)
	}
	if got := <-f.shown; len(got) != 1 || got[0] != "file:///srv/sh%20op/%C3%BC%23%3F.txt" {
		t.Errorf("shown %q", got)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(dir, "nobody"))
	if err := reveal("/srv/shop"); err == nil {
		t.Error("without a bus it is no error")
	}
}
