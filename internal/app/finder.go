package app

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"

	"portolan/internal/container"
)

// System says whose paths and evidence a Finder reads.
type System uint8

// The systems. The zero System is the one that the program runs on.
const (
	ThisSystem System = iota
	Linux
	MacOS
)

// Containers says what a runtime knows of the containers of this computer. None of its
// methods but Settle blocks: what is not known is asked for in the background, and
// Version changes when an answer has come. A *container.Client is one.
type Containers interface {
	// Known finds a container by its id, or by a prefix of at least twelve digits.
	Known(id string) (container.Container, bool)
	// ByAddress finds the container with that address in a network of its runtime.
	ByAddress(a netip.Addr) (container.Container, bool)
	// ByPort finds the container that publishes the port on that address of the host; the zero Addr stands for all addresses.
	ByPort(protocol string, host netip.Addr, public uint16) (container.Container, bool)
	Version() uint64
	// Settle waits until nothing is being asked, or ctx is done.
	Settle(ctx context.Context) error
}

// Options of a Finder. The zero Options are those of this computer and this user.
type Options struct {
	System System
	// Root is the folder that stands for "/" when files are read; "" is the real one. Paths
	// that are given and that come out are those without Root.
	Root string
	// Home is the user's home folder; "": what the environment says.
	Home string
	// Containers tells the names of containers; nil: they are called by their ids.
	Containers Containers
}

// Finder finds the app that a process belongs to and what it runs. It reads small local files
// (.desktop files, Info.plist, package.json) and keeps what it read; several goroutines may use it.
type Finder struct {
	system     System
	root       string // "" or a folder without a slash at its end and without links
	home       string
	containers Containers // nil: none

	// Of macOS.
	bundles kept[App]
	jobs    jobs // launchd's

	disk     disk
	projects kept[string]
	lstat    func(string) (os.FileInfo, error)

	// Of Linux.
	desktop  *desktopIndex
	desktops kept[*desktopEntries] // one, of all
	storage  *containerStorage
	listed   kept[map[string]container.Container] // likewise
	own      []enclosure                          // the containers around this program itself, from the outermost
}

// NewFinder makes a Finder. It reads nothing yet but the cgroup of this process.
func NewFinder(o Options) *Finder {
	f := &Finder{system: o.System, root: o.Root, home: o.Home, containers: o.Containers, lstat: os.Lstat}
	if f.system == ThisSystem {
		f.system = Linux
		if runtime.GOOS == "darwin" {
			f.system = MacOS
		}
	}
	if f.root != "" {
		f.root = filepath.Clean(f.root)
		// What links lead to is compared with it: on macOS, temporary folders are behind one.
		if resolved, err := filepath.EvalSymlinks(f.root); err == nil {
			f.root = resolved
		}
	}
	if f.root == "/" {
		f.root = ""
	}
	if f.home == "" {
		f.home, _ = os.UserHomeDir() // without one, nothing is looked for there
	}
	if f.system == Linux {
		getenv := f.environment()
		f.desktop = newDesktopIndex(f.root, f.home, dataFolders(getenv, f.home), &f.disk)
		f.storage = newContainerStorage(f.root, getenv, f.home)
		f.own = f.ownEnclosures()
	}
	return f
}

// environment reads this program's environment; a Finder with a root of its own has none.
func (f *Finder) environment() func(string) string {
	if f.root != "" {
		return func(string) string { return "" }
	}
	return os.Getenv
}

// Find says which app a process belongs to and what it runs. Settled false: a better answer
// may come later (a container's name, a folder on a slow disk); ask again when Version has changed. Find never waits
// for anything but small local files, and never fails: the least it says is the process's name.
func (f *Finder) Find(e *Evidence) (a App, w Work, settled bool) {
	if f.system == MacOS {
		a, w, settled = f.findMacOS(e)
	} else {
		a, w, settled = f.findLinux(e)
	}
	return a, w, settled && f.disk.stuck.Load() == 0
}

// Version changes each time that an app which was not settled may have a better answer.
func (f *Finder) Version() uint64 {
	version := f.disk.version.Load()
	if f.jobs.ready() {
		version++
	}
	if f.containers != nil {
		version += f.containers.Version()
	}
	return version
}

// Settle waits until nothing is being asked for any more, or ctx is done; then its error is returned. What
// a disk does not answer in time is not waited for.
func (f *Finder) Settle(ctx context.Context) error {
	if err := f.jobs.settle(ctx); err != nil || f.containers == nil {
		return err
	}
	return f.containers.Settle(ctx)
}

// real gives the path by which a file of the system is opened.
func (f *Finder) real(path string) string { return f.root + path }
