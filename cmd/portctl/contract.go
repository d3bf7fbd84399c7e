package main

import "portolan/internal/export"

// The JSON that portctl prints, beside what package export has of it. It is a contract with scripts: fields are added,
// never renamed, removed or given another meaning. The golden tests hold it fast.

// whoJSON is what `who --json` prints: the sockets as list does, and more about the processes that hold them.
type whoJSON struct {
	export.List
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
	Event  string        `json:"event"` // opened, changed, closed
	Taken  export.Moment `json:"taken"`
	Socket export.Socket `json:"socket"`
}

// snapshotEventJSON is the first line of `watch --json`.
type snapshotEventJSON struct {
	Event string `json:"event"` // snapshot
	export.List
}

// historyJSON is what `history --json` prints.
type historyJSON struct {
	Taken export.Moment  `json:"taken"`
	Host  string         `json:"host"`
	Since export.Moment  `json:"since"` // how far back was asked for
	Begun *export.Moment `json:"begun"` // since when Portolan has watched; null: it has seen nothing yet
	// Whole is from when on every event is in events; those before it are in sums. null as begun.
	Whole *export.Moment `json:"whole"`
	// Tenures are who waited on which port, in the order in which they began.
	Tenures []tenureJSON    `json:"tenures"`
	Events  []pastEventJSON `json:"events"` // the oldest first
	Sums    []sumJSON       `json:"sums"`
	// Apps are what the sockets of each app have done, in the order of their names.
	Apps []appPastJSON `json:"apps"`
	// NeverSeen is how many connections were, at least, opened and closed between two looks. Whose is not known: they
	// are in no app's counts, and a query finds none.
	NeverSeen int `json:"never_seen"`
	// Partial: more sockets were open than are followed, and the counts of the apps are at least so much.
	Partial bool `json:"partial"`
}

// appPastJSON is an app and what its sockets have done. A connection that is being closed counts as closed.
type appPastJSON struct {
	App       export.App `json:"app"`
	Outgoing  tallyJSON  `json:"outgoing"`
	Incoming  tallyJSON  `json:"incoming"`
	Listening tallyJSON  `json:"listening"` // listeners, and UDP sockets that are not connected
}

type tallyJSON struct {
	Now    int `json:"now"`
	Opened int `json:"opened"`
	Closed int `json:"closed"`
}

type tenureJSON struct {
	Protocol  string          `json:"protocol"`
	Local     export.Address  `json:"local"`
	DualStack bool            `json:"dual_stack"`
	Process   *export.Process `json:"process"` // null when it is not known
	From      export.Moment   `json:"from"`
	Older     bool            `json:"older"` // it was there already when Portolan began to watch
	To        *export.Moment  `json:"to"`    // null while it waits
}

type pastEventJSON struct {
	Event  string        `json:"event"` // opened, closed
	Taken  export.Moment `json:"taken"`
	Socket export.Socket `json:"socket"` // as it was then, with its first owner only, and of its command line the beginning
}

// sumJSON is what is left of many events.
type sumJSON struct {
	From     export.Moment `json:"from"`
	To       export.Moment `json:"to"`
	Protocol string        `json:"protocol"`
	Port     uint16        `json:"port"` // of a connection the lower of the two
	Process  string        `json:"process"`
	App      string        `json:"app"`
	Opened   int           `json:"opened"`
	Closed   int           `json:"closed"`
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
	export.Process
	Ports   []heldJSON `json:"ports"`   // all that it holds
	Outcome string     `json:"outcome"` // ended, already-ended, not-permitted, protected, still-running, failed; would-end in a dry run
	Error   string     `json:"error"`   // "" when it has ended
	// Causes are why it would not be the end of it, as known before.
	Causes []causeJSON `json:"causes"`
}

type heldJSON struct {
	Protocol string          `json:"protocol"`
	Local    export.Address  `json:"local"`
	Remote   *export.Address `json:"remote"`
	State    string          `json:"state"`
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
	Port   uint16         `json:"port"`
	Free   bool           `json:"free"` // nothing listens on it, and no UDP socket is bound to it
	Owners []export.Owner `json:"owners"`
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
