// Package export writes what the tables show for other programs: as the JSON that portctl prints, and as CSV.
package export

import "time"

// The JSON is a contract with scripts: fields are added, never renamed, removed or given another meaning. The
// golden tests of portctl hold it fast. It is never translated.

// List is what `portctl list --json` prints.
type List struct {
	Taken   Moment   `json:"taken"`
	Host    string   `json:"host"`
	Hidden  Hidden   `json:"hidden"`
	Sockets []Socket `json:"sockets"`
}

// Hidden is what this user may not see, and why; see netstat.Hidden.
type Hidden struct {
	Sockets   int    `json:"sockets"`
	Processes int    `json:"processes"`
	Reason    string `json:"reason"`
	Owners    int    `json:"owners"`
	Skipped   int    `json:"skipped"`
}

// Socket is one socket with all its owners.
type Socket struct {
	ID            string   `json:"id"` // hexadecimal: JavaScript's numbers cannot hold 64 bits
	Protocol      string   `json:"protocol"`
	Family        string   `json:"family"`
	Local         Address  `json:"local"`
	Remote        *Address `json:"remote"` // null unless connected
	State         string   `json:"state"`
	DualStack     bool     `json:"dual_stack"`
	Ephemeral     bool     `json:"ephemeral"`
	Exposure      string   `json:"exposure"`
	Service       string   `json:"service"`
	UID           int      `json:"uid"` // -1 when not known
	User          string   `json:"user"`
	RxBytes       uint64   `json:"rx_bytes"`
	TxBytes       uint64   `json:"tx_bytes"`
	Owners        []Owner  `json:"owners"`
	Absence       string   `json:"absence"` // why owners is empty: kernel, concealed; "" when it is not
	OnBehalfOf    *Process `json:"on_behalf_of"`
	Class         string   `json:"class"`          // listening, outgoing, incoming, closing, unconnected
	Queue         *uint32  `json:"queue"`          // connections that wait to be accepted; null unless it listens and that is known
	QueueLimit    *uint32  `json:"queue_limit"`    // what listen(2) asked for, as ss shows it; null as queue
	QueueCapacity *uint32  `json:"queue_capacity"` // how many may wait: on Linux one more than that; null as queue
}

// Address is one end of a connection. An IPv6 zone stays in the address.
type Address struct {
	Address string `json:"address"`
	Port    uint16 `json:"port"`
}

// Owner is a process that holds a socket, and how that is known.
type Owner struct {
	PID int    `json:"pid"`
	By  string `json:"by"`
	Description
}

// Process is a process by its number.
type Process struct {
	PID int `json:"pid"`
	Description
}

// Description says who a process is.
type Description struct {
	Started    *time.Time `json:"started"` // null when not known
	Name       string     `json:"name"`
	Executable string     `json:"executable"`
	User       string     `json:"user"`
	App        App        `json:"app"`
	Work       Work       `json:"work"`
}

// App is what a person would call a process.
type App struct {
	Name      string     `json:"name"`
	Path      string     `json:"path"`      // of the bundle or executable, or the project's folder of a command
	Kind      string     `json:"kind"`      // executable, bundle, command, container, unit, snap, flatpak, desktop, launchd; "" when there is no app
	ID        string     `json:"id"`        // what the system calls it: bundle identifier, unit, snap, job ...; "" when there is none
	Container *Container `json:"container"` // null when it runs in none
	Unit      string     `json:"unit"`      // the systemd unit that it runs in, whatever its kind; "" when there is none
	UserUnit  bool       `json:"user_unit"` // the unit is one of systemctl --user
	In        string     `json:"in"`        // the app in whose terminal it was started; "" when it was not
}

// Container is the container that an app runs in.
type Container struct {
	ID      string `json:"id"`
	Name    string `json:"name"` // "" until the runtime has told it
	Image   string `json:"image"`
	Runtime string `json:"runtime"` // docker, podman, containerd ...
}

// Work is what a process runs. All of it is "" when it is not known.
type Work struct {
	Title     string `json:"title"`     // vite - shop-frontend
	Command   string `json:"command"`   // the command line, with passwords and tokens masked
	Directory string `json:"directory"` // the working directory
	Project   string `json:"project"`   // the folder of the project
}

// Apps is what `portctl list --by-app --json` prints.
type Apps struct {
	Taken  Moment     `json:"taken"`
	Host   string     `json:"host"`
	Hidden Hidden     `json:"hidden"`
	Apps   []AppCount `json:"apps"`
}

// AppCount is an app and how many sockets it has.
type AppCount struct {
	App
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
	// Opened is what the window shows under an app that is open; portctl opens none.
	Opened []OpenedProcess `json:"opened,omitempty"`
}

// Moment is a time in UTC with milliseconds, always all three digits: so the texts sort as the times do.
type Moment struct{ time.Time }

// MarshalJSON is of json.Marshaler; what it writes, time.Time reads.
func (m Moment) MarshalJSON() ([]byte, error) {
	return []byte(m.UTC().Format(`"2006-01-02T15:04:05.000Z"`)), nil
}
