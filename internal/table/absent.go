package table

import (
	"time"

	"portolan/internal/language"
	"portolan/internal/netstat"
)

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

// Their names in English, which queries find in every language.
var (
	kernelName = language.Mark("Kernel (no process)")
	hiddenName = language.Mark("Hidden processes")
)

// englishName is the group's, for queries.
func (a *absent) englishName() string {
	if a.whole == hiddenGroup {
		return hiddenName
	}
	return kernelName
}

// absent tells the kernel's sockets from those whose processes are hidden; user
// is whose they are, "" when that is not known, and wait as in label.
func (k labelKey) absent(user string, wait time.Duration) absent {
	if k.absence == netstat.Concealed {
		a := absent{
			whole: hiddenGroup, groupName: language.Marked(hiddenName),
			groupNote: language.T("Other users' processes hold these sockets, and this user may not see which."),
			part:      hiddenGroup + ":" + user, partName: language.F("%s's processes, names hidden", user),
			partNote: language.F("Processes of %s hold these sockets, and this user may not see which.", user),
		}
		if user == "" {
			a.partName = language.T("owner hidden")
			a.partNote = language.T("The system tells this user neither which processes hold these sockets nor whose they are.")
		}
		return a
	}
	a := absent{
		whole: kernelGroup, groupName: language.Marked(kernelName),
		groupNote: language.T("No process holds these sockets: they are the kernel's, which finishes what programs have left behind, and they go by themselves."),
	}
	switch {
	case closing(k.state):
		a.part, a.partName = kernelGroup+":closing", language.T("closing connections that the kernel finishes (TIME_WAIT and the like)")
		a.partNote = language.F("The programs have closed these connections. The kernel finishes them, keeps their addresses %s (TIME_WAIT), and then they go.", waitText(wait))
	case k.state == netstat.Established || k.state == netstat.SynReceived:
		a.part, a.partName = kernelGroup+":queue", language.T("connections that no program has accepted yet")
		a.partNote = language.T("They wait in the queue of a program that listens, until it takes them.")
	default:
		a.part, a.partName = kernelGroup+":own", language.T("the kernel's own sockets")
		a.partNote = language.T("The kernel itself made these sockets, or no process has them any more.")
	}
	return a
}
