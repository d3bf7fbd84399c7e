package table

import "portolan/internal/netstat"

// absent says what a socket without a known process is: which group it belongs
// to, and which part of that, with names and notes, which are clean.
type absent struct {
	whole, part         string // Key.App of the group, and of its part
	groupName, partName string
	groupNote, partNote string
}

// The groups of the sockets without a known process.
const (
	kernelGroup = "kernel"
	hiddenGroup = "hidden"
)

// absent tells the kernel's sockets from those whose processes are hidden; user
// is whose they are, "" when that is not known.
func (k labelKey) absent(user string) absent {
	if k.absence == netstat.Concealed {
		a := absent{
			whole: hiddenGroup, groupName: "Hidden processes",
			groupNote: "Other users' processes hold these sockets, and this user may not see which.",
			part:      hiddenGroup + ":" + user, partName: user + "'s processes, names hidden",
			partNote: "Processes of " + user + " hold these sockets, and this user may not see which.",
		}
		if user == "" {
			a.partName = "owner hidden"
			a.partNote = "The system tells this user neither which processes hold these sockets nor whose they are."
		}
		return a
	}
	a := absent{
		whole: kernelGroup, groupName: "Kernel (no process)",
		groupNote: "No process holds these sockets: they are the kernel's, which finishes what programs have left behind, and they go by themselves.",
	}
	switch {
	case closing(k.state):
		a.part, a.partName = kernelGroup+":closing", "closing connections that the kernel finishes (TIME_WAIT and the like)"
		a.partNote = "The programs have closed these connections. The kernel finishes them, keeps their addresses for a minute or so (TIME_WAIT), and then they go."
	case k.state == netstat.Established || k.state == netstat.SynReceived:
		a.part, a.partName = kernelGroup+":queue", "connections that no program has accepted yet"
		a.partNote = "They wait in the queue of a program that listens, until it takes them."
	default:
		a.part, a.partName = kernelGroup+":own", "the kernel's own sockets"
		a.partNote = "The kernel itself made these sockets, or no process has them any more."
	}
	return a
}
