// Package restart says who would start a process again once it has ended, how it is stopped
// the right way, and whether it did come back.
package restart

// Kind says what would start a process again, or what it works for.
type Kind uint8

// The kinds of Cause.
const (
	Systemd    Kind = iota + 1 // a systemd unit with Restart=, or a socket unit that starts it at the next connection
	Launchd                    // a launchd job
	Container                  // the container's restart policy
	Supervisor                 // a parent that watches over it: nodemon, pm2, foreman, supervisord ...
	Forwarder                  // it only forwards a container's port: ending it breaks the container's port
)

// Cause is one reason why ending a process is not the end of it, with its evidence.
type Cause struct {
	Kind Kind
	// By is who, clean: "systemd", "nodemon (PID 4242)", "Docker".
	By string
	// Text is one sentence for a dialog, clean: "systemd starts it again: Restart=always in postgresql.service."
	Text string
	// Stop is the command that stops it the right way, to be copied: "systemctl --user stop x"; "" when none is known.
	Stop string
	// Returns: it will be started again. False: it may, or only Stop is the better way.
	Returns bool
}
