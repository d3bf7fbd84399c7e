// Package app says which app a process belongs to and what it runs, in words that a person knows.
package app

// App is what a person would call a program: an application bundle, a
// container, a service, what runs in a terminal, or just its executable. It is comparable.
type App struct {
	// Name is what is shown: "Postgres", "Safari", "vite - shop-frontend". It comes
	// from outside and may hold anything; clean it before it is shown.
	Name string
	// Path is the bundle's or the executable's path, or the folder of a Command: its project's, else the one it works in; "" when not known.
	Path string
	Kind Kind
	// ID is what the system calls it: the bundle identifier, the container's id, the unit
	// ("postgresql.service"), the snap's name, the flatpak's or .desktop file's id, the launchd job's label; "" when there is none.
	ID string
	// Runtime runs the container: "docker", "podman", "containerd", "kubernetes" ...; "" unless Kind is Container.
	Runtime string
	// Image is the container's image; "" until the runtime has told, and when it does not.
	Image string
	// Unit is the systemd unit that the process runs in, whatever its app is; "" when there is none.
	Unit string
	// UserUnit: Unit is one of the user's own manager (systemctl --user).
	UserUnit bool
	// In is the app in whose terminal the program was started: "iTerm", "Code"; "" when it was not started in one.
	In string
	// Icon is the path of a file with the app's icon (.png, .svg, .icns); "" when none is known.
	Icon string
}

// Kind says what kind of thing an App is.
type Kind uint8

// The kinds of App, from the least that is known.
const (
	Executable Kind = iota // a program file
	Bundle                 // a macOS application bundle (.app)
	Command                // what a person or a script runs: a dev server, a script, a tool in a terminal
	Container              // a container of Docker, Podman, containerd ...
	Unit                   // a systemd unit
	Snap                   // a snap package
	Flatpak                // a flatpak
	Desktop                // a program with a .desktop file
	Job                    // a launchd job
)

var kindNames = [...]string{"executable", "bundle", "command", "container", "unit", "snap", "flatpak", "desktop", "launchd"}

// String gives the word that the JSON output uses.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Work is what a process runs. It is comparable.
type Work struct {
	// Title says it in a few words: "vite - shop-frontend"; "" where the process's name says it all.
	Title string
	// Line is the command line as one text, at most MaxLine bytes, with passwords and tokens
	// masked; "" when it may not be read. It comes from outside and may hold anything else; clean it before it is shown.
	Line string
	// Dir is the working directory; "" when it may not be read.
	Dir string
	// Project is the folder of the project around Dir or around the script; "" when there is none.
	Project string
}

// Evidence is what is known of a process when its app is looked for. What is not known is empty.
// It is only read, and not kept: Args may hold secrets.
type Evidence struct {
	PID        int
	Name       string // the base name of Executable, or the kernel's name for it
	Executable string // absolute path
	Args       []string
	Dir        string
	UID        int  // effective; -1 when not known
	Terminal   bool // it has a controlling terminal
	// Cgroup is the text of /proc/PID/cgroup (Linux).
	Cgroup []byte
	// Responsible is the executable of the process that macOS holds responsible for this one; "" for itself.
	Responsible string
	// Ancestors are its parent, the parent's parent and so on, up to but without the first process.
	Ancestors []Ancestor
}

// Ancestor is one of the processes that a process comes from.
type Ancestor struct {
	PID        int
	Name       string
	Executable string // "" when it may not be read
}
