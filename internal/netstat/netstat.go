// Package netstat reads which sockets are open on this computer and which processes hold them.
package netstat

import (
	"net/netip"
	"time"

	"portolan/internal/process"
)

// Protocol is a transport protocol.
type Protocol uint8

// The transport protocols, by their IANA protocol numbers.
const (
	TCP Protocol = 6
	UDP Protocol = 17
)

// String gives "tcp" or "udp".
func (p Protocol) String() string {
	switch p {
	case TCP:
		return "tcp"
	case UDP:
		return "udp"
	default:
		return "unknown"
	}
}

// State is the state of a TCP connection (RFC 9293, section 3.3.2). The zero
// State is that of a UDP socket, which has none.
type State uint8

// The states of RFC 9293. Each system numbers them differently; these numbers are ours.
const (
	Listen State = iota + 1
	SynSent
	SynReceived
	Established
	FinWait1
	FinWait2
	CloseWait
	Closing
	LastAck
	TimeWait
	Closed // bound or new, neither listening nor connected
)

var stateNames = [...]string{"", "LISTEN", "SYN_SENT", "SYN_RECEIVED", "ESTABLISHED", "FIN_WAIT_1",
	"FIN_WAIT_2", "CLOSE_WAIT", "CLOSING", "LAST_ACK", "TIME_WAIT", "CLOSED"}

// String gives the name as netstat prints it, "" for the zero State.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "unknown"
}

// Evidence is how it is known that a process holds a socket.
type Evidence uint8

// The kinds of Evidence.
const (
	// ByDescriptor: the socket was seen among the process's descriptors.
	ByDescriptor Evidence = iota + 1
	// ByLastUse: macOS names this process as the one that used the socket last
	// (so_last_pid), it is alive, and its descriptors may not be read. A hint, not a proof.
	ByLastUse
	// ByLaunchd: macOS's launchd holds the socket and starts a service when
	// somebody connects. It is never to be killed for it.
	ByLaunchd
)

// String gives the word that the JSON output uses.
func (e Evidence) String() string {
	switch e {
	case ByDescriptor:
		return "descriptor"
	case ByLastUse:
		return "last-used"
	case ByLaunchd:
		return "launchd"
	default:
		return "unknown"
	}
}

// Owner is one process that holds a socket.
type Owner struct {
	// Process is never nil, and shared between snapshots: do not change it.
	Process *process.Process
	By      Evidence
}

// Absence says why a socket has no Owners.
type Absence uint8

// The reasons. The zero Absence is that of a socket with owners.
const (
	Owned Absence = iota
	// Kernel: no process holds it. TIME_WAIT, a closing connection whose
	// process has let go of it, one not yet accepted, a socket of the kernel itself.
	Kernel
	// Concealed: a process may hold it, but this user may not see which; see Snapshot.Hidden.
	Concealed
)

// String gives the word that the JSON output uses, "" for Owned.
func (a Absence) String() string {
	switch a {
	case Kernel:
		return "kernel"
	case Concealed:
		return "concealed"
	default:
		return ""
	}
}

// Socket is one open TCP or UDP socket.
type Socket struct {
	Protocol Protocol
	// Local is the bound address. The wildcard is 0.0.0.0 or [::]; a link-local
	// address keeps its zone. An IPv4 address on an IPv6 socket is given as IPv4.
	Local netip.AddrPort
	// Remote is the zero AddrPort unless the socket is connected.
	Remote netip.AddrPort
	// State is zero for UDP.
	State State
	// DualStack: bound to [::] and also takes IPv4.
	DualStack bool
	// KernelPort: the kernel chose the local port. macOS tells; on Linux it is always
	// false, and the ephemeral range (package port) is the guide.
	KernelPort bool
	// PortTold: whether the kernel chose the port is known of this socket. Never on Linux, nor of what macOS
	// lists without its flags: there the range is the guide.
	PortTold bool
	// UID is the user that created the socket, known even when the owners are not; -1 unknown.
	UID int
	// User is the login name of UID, the number as text when it has none, "" when UID is -1.
	User string
	// ID is the kernel's own name for the socket (Linux: the sock_diag cookie, macOS: xso_so).
	// It stays the same between snapshots for the life of the socket. Never zero.
	ID uint64
	// Owners are all the processes that hold it: a parent before the children to which it handed the
	// socket down, else in the order of their PIDs. Empty: see Absence.
	Owners []Owner
	// Absence says why Owners is empty.
	Absence Absence
	// OnBehalfOf is the process for which an owner works on this socket (macOS: so_e_pid); nil when there is none.
	OnBehalfOf *process.Process
	// RxBytes and TxBytes count the payload since the socket was made; 0 when the kernel does not tell,
	// or was not asked (Reader.CountBytes).
	RxBytes, TxBytes uint64
	// Queue is how many connections wait to be accepted, of a socket in LISTEN, and QueueLimit how many may: beyond that
	// the kernel turns away who comes. QueueLimit 0: not known. Backlog is what listen(2) asked for, as ss shows it: on Linux one less.
	Queue, QueueLimit, Backlog uint32
}

// Hidden counts what this user may not see, and says why.
type Hidden struct {
	// Owners is the number of listed sockets whose Absence is Concealed.
	Owners int
	// Sockets is the number of sockets that the kernel has but does not list (macOS 27 and later, for other users' sockets).
	Sockets int
	// Processes is the number of processes whose descriptors may not be read.
	Processes int
	// Skipped is the number of well-framed kernel records that could not be understood and were left out.
	Skipped int
	// Reason says in one sentence, in the language in use, why, and what would help; "" when nothing is hidden.
	Reason string
}

// Snapshot is every socket at one moment. It is immutable once it is handed out.
type Snapshot struct {
	Taken time.Time
	// Sockets are in one stable order: protocol, local port, not connected before connected, local address, remote, ID.
	Sockets []Socket
	Hidden  Hidden
}
