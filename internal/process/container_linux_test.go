package process

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"portolan/internal/app"
	"portolan/internal/container"
)

// slowRuntime is a container runtime that tells its one container when it is let.
type slowRuntime struct {
	told    container.Container
	version atomic.Uint64 // 1 when it has told
	answer  chan struct{} // closed: it may tell
}

func (r *slowRuntime) Known(id string) (container.Container, bool) {
	return r.told, r.version.Load() == 1 && strings.HasPrefix(r.told.ID, id)
}

func (r *slowRuntime) ByAddress(netip.Addr) (container.Container, bool) {
	return container.Container{}, false
}

func (r *slowRuntime) ByPort(string, netip.Addr, uint16) (container.Container, bool) {
	return container.Container{}, false
}

func (r *slowRuntime) Version() uint64 { return r.version.Load() }

func (r *slowRuntime) Settle(ctx context.Context) error {
	select {
	case <-r.answer:
		r.version.Store(1)
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// TestContainerNamedLater: a process in a container is there at once, and has the container's name
// when its runtime has told that; nobody waits for it who does not want to.
func TestContainerNamedLater(t *testing.T) {
	const id = "5f1c0e2a9b7d4c3e8f6a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60"
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS("testdata/proc")); err != nil {
		t.Fatal(err)
	}
	cgroup := filepath.Join(root, "812", "cgroup")
	if err := os.WriteFile(cgroup, []byte("0::/system.slice/docker-"+id+".scope\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	runtime := &slowRuntime{told: container.Container{ID: id, Name: "shop-db", Image: "postgres:17", Runtime: "docker"}, answer: make(chan struct{})}
	names := &naming{namer: app.NewFinder(app.Options{System: app.Linux, Root: t.TempDir(), Home: "/home/me", Containers: runtime})}
	r := newRegister(procfs{root: root}, names)

	unnamed := lookup(t, r, 812)
	if unnamed.App.Kind != app.Container || unnamed.App.ID == "" || unnamed.App.Image != "" {
		t.Fatalf("before its runtime has told: %+v", unnamed.App)
	}
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if names.settle(impatient) || lookup(t, r, 812) != unnamed {
		t.Error("something is new although the runtime has told nothing")
	}
	close(runtime.answer)
	if !names.settle(t.Context()) {
		t.Error("what the runtime has told is not new")
	}
	named := lookup(t, r, 812)
	if named == unnamed || named.App.Name != "shop-db" || named.App.Image != "postgres:17" || named.ID != unnamed.ID {
		t.Errorf("%+v", named.App)
	}
	if lookup(t, r, 812) != named || names.settle(t.Context()) {
		t.Error("it is named again")
	}
}
