package app

import (
	"path"
	"slices"
	"strings"
)

// trace is what is read once of a Linux process's evidence, before it is weighed.
type trace struct {
	e        *Evidence
	work     Work
	program  string      // the executable, or what the command line says of it where that may not be read
	around   []enclosure // the containers around it, but for those that are around this program too
	units    unitPlace
	snap     string
	desktop  *desktopEntries
	own      *desktopApp // the app whose program it is
	terminal string      // the app in whose terminal it was started
	inTerm   bool
}

// findLinux weighs the evidence of a Linux process, the best first.
func (f *Finder) findLinux(e *Evidence) (App, Work, bool) {
	t := trace{e: e, work: f.workOf(e), program: programFile(e)}
	at := readCgroup(e.Cgroup)
	var steps []string
	t.around, steps = at.outside(f.own)
	t.units, t.snap = readUnits(steps), at.snap
	a, settled := f.weigh(&t)
	a.Unit, a.UserUnit = t.units.unit, t.units.user
	return a, t.work, settled
}

func (f *Finder) weigh(t *trace) (a App, settled bool) {
	if len(t.around) > 0 {
		return f.containerApp(t.around)
	}
	if fw, ok := readForwarder(strings.TrimSuffix(t.e.Executable, " (deleted)"), t.e.Args); ok {
		return f.forwarderApp(fw)
	}
	if isRootlessport(t.program, t.e.Name) {
		return executable(t.e, t.program), true
	}
	t.desktop = f.desktopNow()
	t.own = f.ownApp(t)
	t.terminal, t.inTerm = inTerminal(t.e)
	for _, evidence := range []func(*trace) (App, bool){
		f.bySnap, f.byFlatpak, f.byRemoteEditor, f.bySystemUnit, f.byOwnProgram, f.byTerminal, f.byAppUnit, f.byUserUnit, f.byWork,
	} {
		if a, ok := evidence(t); ok {
			return a, true
		}
	}
	return executable(t.e, t.program), true
}

// programFile is the path of the program. Of another user's process the executable may not be read, but
// the command line may; a browser's has all its arguments in the first, and so has a title that a process gave itself.
func programFile(e *Evidence) string {
	if e.Executable != "" {
		return strings.TrimSuffix(e.Executable, " (deleted)") // it was replaced, by an update say
	}
	if len(e.Args) == 0 || !strings.HasPrefix(e.Args[0], "/") {
		return ""
	}
	program, _, _ := strings.Cut(e.Args[0], " -")
	if len(program) > maxDesktopPath {
		return ""
	}
	return path.Clean(program)
}

// ownApp finds the app with a .desktop file that the program is of: by itself, or, for a helper of
// an app that is installed in a folder of its own, by the process that it comes from.
func (f *Finder) ownApp(t *trace) *desktopApp {
	if a := t.desktop.match(t.program, f.home); a != nil {
		return a
	}
	folder := installFolder(t.program, f.home)
	if t.program == "" || folder == "" || isInterpreter(path.Base(t.program)) {
		return nil
	}
	var found *desktopApp
	for _, ancestor := range t.e.Ancestors {
		program := strings.TrimSuffix(ancestor.Executable, " (deleted)")
		if program == "" || installFolder(program, f.home) != folder {
			continue
		}
		if a := t.desktop.match(program, f.home); a != nil {
			found = a // the last is the topmost
		}
	}
	return found
}

// guest: the process runs in the surroundings of an app that has only started it: a dev server in the
// terminal of an editor, a program run by an IDE. of says that its program is the app's own.
func (t *trace) guest(of bool) bool {
	return !of && (t.inTerm || t.work.Title != "" && t.work.Project != "")
}

func (t *trace) command(in string) App { return command(t.e, t.work, in) }

func (f *Finder) bySnap(t *trace) (App, bool) {
	inside := snapOfProgram(t.program)
	name := first(t.snap, inside)
	if name == "" {
		return App{}, false
	}
	plain, _, _ := strings.Cut(name, "_") // without the key of an instance
	a := App{Name: name, Kind: Snap, ID: name, Path: t.program}
	if entry := t.desktop.snap(name); entry != nil {
		a.Name, a.Icon = entry.name, t.desktop.icon(entry)
	}
	if isInterpreter(plain) && t.work.Title != "" { // the snap of node
		return t.command(t.terminal), true
	}
	if t.guest(inside == plain) {
		return t.command(first(t.terminal, a.Name)), true
	}
	return a, true
}

func (f *Finder) byFlatpak(t *trace) (App, bool) {
	id := t.units.flatpak
	if id == "" {
		return App{}, false
	}
	a := App{Name: nameOfID(id), Kind: Flatpak, ID: id, Path: t.program}
	if entry := t.desktop.flatpak(id); entry != nil {
		a.Name, a.Icon = entry.name, t.desktop.icon(entry)
	}
	if t.guest(strings.HasPrefix(t.program, "/app/")) {
		return t.command(first(t.terminal, a.Name)), true
	}
	return a, true
}

// byRemoteEditor: the program is a part of the server that an editor installs for itself on another
// computer, in WSL and in containers. What a person runs in the editor's terminal is not.
func (f *Finder) byRemoteEditor(t *trace) (App, bool) {
	for _, server := range environments {
		if before, _, ok := strings.Cut(t.program, "/"+server.folder+"/"); ok {
			return App{Name: server.name + " (remote)", Path: before + "/" + server.folder, Kind: Executable}, true
		}
	}
	return App{}, false
}

// bySystemUnit: a service of the system's manager.
func (f *Finder) bySystemUnit(t *trace) (App, bool) {
	if t.units.user || t.inTerm {
		return App{}, false
	}
	return t.unitApp()
}

func (f *Finder) byUserUnit(t *trace) (App, bool) { return t.unitApp() }

func (t *trace) unitApp() (App, bool) {
	name, ok := unitName(t.units.unit, first(t.program, t.e.Name))
	if !ok {
		return App{}, false
	}
	return App{Name: name, Kind: Unit, ID: t.units.unit, Path: t.program}, true
}

// byOwnProgram: the program has a .desktop file. One that runs in a terminal is named by byTerminal.
func (f *Finder) byOwnProgram(t *trace) (App, bool) {
	if t.own == nil || t.own.terminal && t.inTerm {
		return App{}, false
	}
	return t.desktop.app(t.own), true
}

func (f *Finder) byTerminal(t *trace) (App, bool) {
	if !t.inTerm {
		return App{}, false
	}
	return t.command(t.terminal), true
}

// byAppUnit: the desktop has started it as an app, in a unit that is called by the .desktop file.
func (f *Finder) byAppUnit(t *trace) (App, bool) {
	entry := t.desktop.first(t.units.apps)
	if entry == nil {
		if t.units.app == "" {
			return App{}, false
		}
		// There is no such file any more, or it may not be read: its id is a name still.
		a := App{Name: nameOfID(t.units.app), Kind: Desktop, ID: t.units.app, Path: t.program}
		if t.guest(false) {
			return t.command(first(t.terminal, a.Name)), true
		}
		return a, true
	}
	if own := entry.owns(t.program, t.e.Args, f.home); t.guest(own) || entry.emulator && !own {
		return t.command(first(t.terminal, entry.name)), true
	}
	a := t.desktop.app(entry)
	a.Path = first(a.Path, t.program)
	return a, true
}

// owns: the program is the app's, or one that is called after it ("gnome-terminal-server"), or
// an interpreter that runs the app, which is a script.
func (a *desktopApp) owns(program string, args []string, home string) bool {
	if program == "" || a.path == "" {
		return true // nothing says otherwise
	}
	base := path.Base(a.path)
	if program == a.path || a.folder != "" && installFolder(program, home) == a.folder ||
		len(base) >= 3 && strings.HasPrefix(path.Base(program), base) {
		return true
	}
	if len(args) == 0 || !isInterpreter(path.Base(program)) {
		return false
	}
	return slices.ContainsFunc(args[1:min(len(args), 4)], func(arg string) bool { return path.Base(arg) == base })
}

// isRootlessport: the process forwards the ports of one of Podman's containers. Its command line does not say
// of which, and the unit that it happens to be in is that of where Podman was called.
func isRootlessport(program, name string) bool {
	return path.Base(program) == "rootlessport" || program == "" && name == "rootlessport"
}

// byWork: an interpreter that is no known app is named by what it runs.
func (f *Finder) byWork(t *trace) (App, bool) {
	if t.work.Title == "" {
		return App{}, false
	}
	return t.command(""), true
}

// ownEnclosures are the containers that this program itself runs in.
func (f *Finder) ownEnclosures() []enclosure {
	text, err := readRegular(f.real("/proc/self/cgroup"), maxCgroupText)
	if err != nil {
		return nil // then all containers are foreign, which is right outside of one
	}
	p := readCgroup(text)
	return p.enclosures
}

// nameOfID makes a name of an application id: "Nautilus" of org.gnome.Nautilus, "telegram" of org.telegram.desktop.
func nameOfID(id string) string {
	parts := strings.Split(id, ".")
	if len(parts) < 3 {
		return id
	}
	last := parts[len(parts)-1]
	switch strings.ToLower(last) {
	case "desktop", "app", "client", "application", "":
		last = parts[len(parts)-2]
	}
	return first(last, id)
}
