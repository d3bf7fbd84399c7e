package app

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of the index. A full desktop has some three hundred applications.
const (
	maxDesktopFiles = 4096            // read in all
	desktopFresh    = 3 * time.Second // the folders are looked at no more often
)

// dataFolders are the folders that hold applications/ and icons/, the one that wins first: those
// of the XDG Base Directory Specification, of Flatpak (for its user and for all) and of snapd.
func dataFolders(getenv func(string) string, home string) []string {
	var folders []string
	add := func(folder string) {
		if filepath.IsAbs(folder) && !slices.Contains(folders, path.Clean(folder)) && len(folders) < 32 {
			folders = append(folders, path.Clean(folder))
		}
	}
	userData := getenv("XDG_DATA_HOME")
	if userData == "" && home != "" {
		userData = path.Join(home, ".local/share")
	}
	add(userData)
	if home != "" {
		add(path.Join(home, ".local/share/flatpak/exports/share"))
	}
	for folder := range strings.SplitSeq(getenv("XDG_DATA_DIRS"), ":") {
		add(folder)
	}
	// Also those that a service or a bare environment does not name.
	for _, folder := range []string{"/usr/local/share", "/usr/share", "/var/lib/flatpak/exports/share", "/var/lib/snapd/desktop"} {
		add(folder)
	}
	return folders
}

// desktopIndex finds .desktop entries by their ids and by the programs that they start. It is
// read when it is first asked, and again when a folder has changed since.
type desktopIndex struct {
	root    string // "" or the folder that stands for "/", without links
	home    string
	folders []string // as dataFolders
	disk    *disk

	mu      sync.Mutex
	stamps  map[string]time.Time // of the folders that were read, and their subfolders; the zero time: not there
	entries atomic.Pointer[desktopEntries]
}

// desktopEntries is what was read at one time. It is not changed any more, but for the icons that were looked up.
type desktopEntries struct {
	byID      map[string]*desktopApp
	byProgram map[string]*desktopApp // by the absolute path, links resolved; that of Exec too
	byFolder  map[string]*desktopApp // by the folder in which the app is installed; nil: several share it
	byBase    map[string]*desktopApp // by the base name of programs in the folders of the search path
	bySnap    map[string]*desktopApp
	byFlatpak map[string]*desktopApp
	icons     func() *iconFolders // looked for at the first icon: to list their folders costs more than all else here
	iconPaths kept[string]        // by what the entries call them
	disk      *disk
}

// desktopApp is an entry of the index.
type desktopApp struct {
	desktopEntry
	path   string // of the program, links resolved; "" when it is not there
	folder string // in which it is installed; "" where that is a folder for all
}

func newDesktopIndex(root, home string, folders []string, d *disk) *desktopIndex {
	return &desktopIndex{root: root, home: home, folders: folders, disk: d}
}

// desktopNow gives the .desktop entries as they are, or were a moment ago. While a disk does not
// answer they are those of before, or none.
func (f *Finder) desktopNow() *desktopEntries {
	if d, ok := f.desktops.get(&f.disk, "", desktopFresh, f.desktop.read); ok {
		return d
	}
	if d := f.desktop.entries.Load(); d != nil {
		return d
	}
	return &desktopEntries{icons: func() *iconFolders { return &iconFolders{} }, disk: &f.disk}
}

// read gives the entries as they are now.
func (x *desktopIndex) read() *desktopEntries {
	x.mu.Lock()
	defer x.mu.Unlock()
	if entries := x.entries.Load(); entries != nil && !x.changed() {
		return entries
	}
	x.stamps = make(map[string]time.Time)
	entries := x.build()
	x.entries.Store(entries)
	return entries
}

// changed: a folder was changed, came or went. A change within a file is not noticed: packages
// and editors replace files, which changes the folder.
func (x *desktopIndex) changed() bool {
	for folder, stamp := range x.stamps {
		if !x.stamp(folder).Equal(stamp) {
			return true
		}
	}
	return false
}

func (x *desktopIndex) stamp(folder string) time.Time {
	info, err := os.Stat(x.root + folder)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

func (x *desktopIndex) build() *desktopEntries {
	found := &desktopEntries{
		byID:      make(map[string]*desktopApp),
		byProgram: make(map[string]*desktopApp),
		byFolder:  make(map[string]*desktopApp),
		byBase:    make(map[string]*desktopApp),
		bySnap:    make(map[string]*desktopApp),
		byFlatpak: make(map[string]*desktopApp),
		icons:     sync.OnceValue(func() *iconFolders { return newIconFolders(x.root, x.home, x.folders) }),
		disk:      x.disk,
	}
	var apps []*desktopApp
	files := 0
	for _, folder := range x.folders {
		apps = x.readFolder(found, apps, path.Join(folder, "applications"), "", &files)
	}
	for _, a := range apps {
		if !a.hidden {
			x.add(found, a)
		}
	}
	return found
}

// readFolder reads the .desktop files of a folder and of its subfolders, one level deep. The
// first entry with an id wins, also where it says only that there is none.
func (x *desktopIndex) readFolder(found *desktopEntries, apps []*desktopApp, folder, prefix string, files *int) []*desktopApp {
	x.stamps[folder] = x.stamp(folder)
	list, err := os.ReadDir(x.root + folder)
	if err != nil {
		return apps // most of the folders are not there
	}
	for _, file := range list {
		if *files >= maxDesktopFiles {
			break
		}
		name := file.Name()
		stem, isEntry := strings.CutSuffix(name, ".desktop")
		if !isEntry {
			if file.IsDir() && prefix == "" {
				apps = x.readFolder(found, apps, path.Join(folder, name), name+"-", files)
			}
			continue
		}
		id := prefix + stem
		if found.byID[id] != nil {
			continue
		}
		*files++
		text, err := readRegular(x.root+path.Join(folder, name), maxDesktopFile)
		if err != nil {
			continue
		}
		entry, ok := readDesktopEntry(text)
		if !ok {
			continue
		}
		entry.id = id
		entry.name = first(strings.TrimSpace(entry.name), boundText(id, maxDesktopText))
		a := &desktopApp{desktopEntry: entry}
		found.byID[id] = a
		apps = append(apps, a)
	}
	return apps
}

// add files an entry under everything that it can be found by.
func (x *desktopIndex) add(found *desktopEntries, a *desktopApp) {
	put(found.bySnap, a.snap, a)
	put(found.byFlatpak, a.flatpak, a)
	if a.program == "" || a.flatpak != "" || a.snap != "" {
		return
	}
	unresolved := ""
	a.path, unresolved = x.findProgram(a.program)
	if a.path == "" {
		return // TryExec in effect: what is not there runs nowhere
	}
	put(found.byProgram, a.path, a)
	put(found.byProgram, unresolved, a)
	a.folder = installFolder(a.path, x.home)
	if a.folder == "" {
		put(found.byBase, path.Base(unresolved), a)
		return
	}
	other, taken := found.byFolder[a.folder]
	switch {
	case !taken || other != nil && a.better(other):
		found.byFolder[a.folder] = a
	case other != nil && other.path != a.path && !other.better(a):
		found.byFolder[a.folder] = nil // two apps live there: the folder does not tell which
	}
}

// put files an app under a key, unless a better one is there.
func put(m map[string]*desktopApp, key string, a *desktopApp) {
	if key == "" {
		return
	}
	if other := m[key]; other == nil || a.better(other) {
		m[key] = a
	}
}

// better: of two entries that start one program, the one for the app itself is in the menus
// and has no arguments: not the handler of its links, not a page that a browser shows as an app.
func (a *desktopApp) better(b *desktopApp) bool {
	if a.shown != b.shown {
		return a.shown
	}
	return a.plain && !b.plain
}

// searchPath is where a program without a path is looked for. It is not the environment's: what
// started the app had another one.
var searchPath = []string{"/usr/local/bin", "/usr/bin", "/bin", "/usr/games", "/usr/local/games", "/usr/sbin", "/snap/bin"}

// findProgram gives the file of a program of Exec with all links resolved, and without; "" when there is none.
func (x *desktopIndex) findProgram(program string) (resolved, unresolved string) {
	if strings.HasPrefix(program, "/") {
		return x.resolve(program), path.Clean(program)
	}
	if strings.Contains(program, "/") {
		return "", ""
	}
	for _, folder := range searchPath {
		unresolved = folder + "/" + program
		if resolved = x.resolve(unresolved); resolved != "" {
			return resolved, unresolved
		}
	}
	if x.home != "" {
		unresolved = path.Join(x.home, ".local/bin", program)
		if resolved = x.resolve(unresolved); resolved != "" {
			return resolved, unresolved
		}
	}
	return "", ""
}

// resolve gives the path without links; "" when there is no such file.
func (x *desktopIndex) resolve(file string) string {
	resolved, err := filepath.EvalSymlinks(x.root + file)
	if err != nil {
		return ""
	}
	if x.root == "" {
		return resolved
	}
	inside, ok := strings.CutPrefix(resolved, x.root)
	if !ok {
		return ""
	}
	return inside
}

// snap gives the entry of a snap; nil when it has none.
func (d *desktopEntries) snap(name string) *desktopApp { return d.bySnap[name] }

// flatpak gives the entry of a flatpak; nil when it has none.
func (d *desktopEntries) flatpak(id string) *desktopApp {
	if a := d.byFlatpak[id]; a != nil {
		return a
	}
	return d.visible(id)
}

// first gives the entry with the first of the ids that has one; nil when none has.
func (d *desktopEntries) first(ids []string) *desktopApp {
	for _, id := range ids {
		if a := d.visible(id); a != nil {
			return a
		}
	}
	return nil
}

// visible gives the entry with an id, unless it stands for a deleted one.
func (d *desktopEntries) visible(id string) *desktopApp {
	if a := d.byID[id]; a != nil && !a.hidden {
		return a
	}
	return nil
}

// app makes the app of an entry.
func (d *desktopEntries) app(a *desktopApp) App {
	app := App{Name: a.name, Path: a.path, Kind: Desktop, ID: a.id, Icon: d.icon(a)}
	switch {
	case a.flatpak != "":
		app.Kind, app.ID = Flatpak, a.flatpak
	case a.snap != "":
		app.Kind, app.ID = Snap, a.snap
	}
	return app
}
