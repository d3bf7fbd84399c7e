package main

import "time"

// The JSON that portctl prints. It is a contract with scripts: fields are added,
// never renamed, removed or given another meaning. The golden tests hold it fast.

type listJSON struct {
	Taken   moment       `json:"taken"`
	Host    string       `json:"host"`
	Hidden  hiddenJSON   `json:"hidden"`
	Sockets []socketJSON `json:"sockets"`
}

type hiddenJSON struct {
	Sockets   int    `json:"sockets"`
	Processes int    `json:"processes"`
	Reason    string `json:"reason"`
	Owners    int    `json:"owners"`
	Skipped   int    `json:"skipped"`
}

type socketJSON struct {
	ID         string       `json:"id"` // hexadecimal: JavaScript's numbers cannot hold 64 bits
	Protocol   string       `json:"protocol"`
	Family     string       `json:"family"`
	Local      addressJSON  `json:"local"`
	Remote     *addressJSON `json:"remote"` // null unless connected
	State      string       `json:"state"`
	DualStack  bool         `json:"dual_stack"`
	Ephemeral  bool         `json:"ephemeral"`
	Exposure   string       `json:"exposure"`
	Service    string       `json:"service"`
	UID        int          `json:"uid"` // -1 when not known
	User       string       `json:"user"`
	RxBytes    uint64       `json:"rx_bytes"`
	TxBytes    uint64       `json:"tx_bytes"`
	Owners     []ownerJSON  `json:"owners"`
	Absence    string       `json:"absence"` // why owners is empty: kernel, concealed; "" when it is not
	OnBehalfOf *processJSON `json:"on_behalf_of"`
}

type addressJSON struct {
	Address string `json:"address"`
	Port    uint16 `json:"port"`
}

type ownerJSON struct {
	PID int    `json:"pid"`
	By  string `json:"by"`
	descriptionJSON
}

type processJSON struct {
	PID int `json:"pid"`
	descriptionJSON
}

type descriptionJSON struct {
	Started    *time.Time `json:"started"` // null when not known
	Name       string     `json:"name"`
	Executable string     `json:"executable"`
	User       string     `json:"user"`
	App        appJSON    `json:"app"`
	Work       workJSON   `json:"work"`
}

type appJSON struct {
	Name      string         `json:"name"`
	Path      string         `json:"path"`      // of the bundle or executable, or the project's folder of a command
	Kind      string         `json:"kind"`      // executable, bundle, command, container, unit, snap, flatpak, desktop, launchd; "" when there is no app
	ID        string         `json:"id"`        // what the system calls it: bundle identifier, unit, snap, job ...; "" when there is none
	Container *containerJSON `json:"container"` // null when it runs in none
	Unit      string         `json:"unit"`      // the systemd unit that it runs in, whatever its kind; "" when there is none
	UserUnit  bool           `json:"user_unit"` // the unit is one of systemctl --user
	In        string         `json:"in"`        // the app in whose terminal it was started; "" when it was not
}

type containerJSON struct {
	ID      string `json:"id"`
	Name    string `json:"name"` // "" until the runtime has told it
	Image   string `json:"image"`
	Runtime string `json:"runtime"` // docker, podman, containerd ...
}

// workJSON is what a process runs. All of it is "" when it is not known.
type workJSON struct {
	Title     string `json:"title"`     // vite - shop-frontend
	Command   string `json:"command"`   // the command line, with passwords and tokens masked
	Directory string `json:"directory"` // the working directory
	Project   string `json:"project"`   // the folder of the project
}

// appsJSON is what `list --by-app --json` prints.
type appsJSON struct {
	Taken  moment         `json:"taken"`
	Host   string         `json:"host"`
	Hidden hiddenJSON     `json:"hidden"`
	Apps   []appCountJSON `json:"apps"`
}

type appCountJSON struct {
	appJSON
	Processes   int      `json:"processes"`
	Sockets     int      `json:"sockets"`
	Listening   int      `json:"listening"`
	Established int      `json:"established"`
	Ephemeral   int      `json:"ephemeral"`
	Closing     int      `json:"closing"`
	Ports       []uint16 `json:"ports"` // that it listens on, in order
	UDP         int      `json:"udp"`
	RxBytes     uint64   `json:"rx_bytes"` // over the sockets that are there now; 0 when the kernel does not tell
	TxBytes     uint64   `json:"tx_bytes"`
	User        string   `json:"user"`    // "" when several, or not known
	Absence     string   `json:"absence"` // why there is no app: kernel, concealed; "" when there is one
}

// whoJSON is what `who --json` prints: the sockets as list does, and more about the processes that hold them.
type whoJSON struct {
	listJSON
	Processes []holderJSON `json:"processes"`
}

type holderJSON struct {
	PID int `json:"pid"`
	// Ancestors are its parent, the parent's parent and so on; empty when they may not be read.
	Ancestors []ancestorJSON `json:"ancestors"`
	Causes    []causeJSON    `json:"causes"`
}

type ancestorJSON struct {
	PID  int    `json:"pid"`
	Name string `json:"name"`
}

// causeJSON is a reason why ending a process is not the end of it.
type causeJSON struct {
	Kind    string `json:"kind"`    // systemd, launchd, container, supervisor, forwarder
	By      string `json:"by"`      // "nodemon (PID 4242)"
	Text    string `json:"text"`    // a sentence with the evidence
	Stop    string `json:"stop"`    // the command that stops it the right way; "" when none is known
	Returns bool   `json:"returns"` // it will be started again; false: it may, or stop is the better way
}

// eventJSON is a line of `watch --json` after the first.
type eventJSON struct {
	Event  string     `json:"event"` // opened, changed, closed
	Taken  moment     `json:"taken"`
	Socket socketJSON `json:"socket"`
}

// snapshotEventJSON is the first line of `watch --json`.
type snapshotEventJSON struct {
	Event string `json:"event"` // snapshot
	listJSON
}

// killJSON is what `kill --json` prints.
type killJSON struct {
	DryRun    bool             `json:"dry_run"`
	Signal    string           `json:"signal"`
	Processes []killedJSON     `json:"processes"`
	Refused   []refusedJSON    `json:"refused"`
	Ports     []portStatusJSON `json:"ports"`
	ExitCode  int              `json:"exit_code"`
}

type killedJSON struct {
	processJSON
	Ports   []heldJSON `json:"ports"`   // all that it holds
	Outcome string     `json:"outcome"` // ended, already-ended, not-permitted, protected, still-running, failed; would-end in a dry run
	Error   string     `json:"error"`   // "" when it has ended
	// Causes are why it would not be the end of it, as known before.
	Causes []causeJSON `json:"causes"`
}

type heldJSON struct {
	Protocol string       `json:"protocol"`
	Local    addressJSON  `json:"local"`
	Remote   *addressJSON `json:"remote"`
	State    string       `json:"state"`
	// Closes is false when a process that is not to be ended holds it too.
	Closes bool `json:"closes"`
}

type refusedJSON struct {
	Argument string `json:"argument"`
	PID      int    `json:"pid"` // 0 when no process is known
	Error    string `json:"error"`
	ExitCode int    `json:"exit_code"`
}

type portStatusJSON struct {
	Port   uint16      `json:"port"`
	Free   bool        `json:"free"` // nothing listens on it, and no UDP socket is bound to it
	Owners []ownerJSON `json:"owners"`
	// Connections counts the TCP connections with this local port that are still there, TIME_WAIT included.
	Connections int `json:"connections"`
	// CameBack: another socket is bound to it than before the kill.
	CameBack bool `json:"came_back"`
	// StartedBy is what started the process that came back; "" when that is not known.
	StartedBy string `json:"started_by"`
}

// errorJSON goes to standard error when --json is given.
type errorJSON struct {
	Error    string `json:"error"`
	ExitCode int    `json:"exit_code"`
}

type versionJSON struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	System  string `json:"system"`
}

// moment is a time in UTC with milliseconds, always all three digits: so the texts sort as the times do.
type moment struct{ time.Time }

// MarshalJSON is of json.Marshaler; what it writes, time.Time reads.
func (m moment) MarshalJSON() ([]byte, error) {
	return []byte(m.UTC().Format(`"2006-01-02T15:04:05.000Z"`)), nil
}
