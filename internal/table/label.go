package table

import (
	"fmt"
	"strconv"
	"strings"

	"portolan/internal/netstat"
	"portolan/internal/process"
)

// label is what a row says about who holds the socket: the same for all
// sockets of a process, so it is made once and shared by their rows.
type label struct {
	process, app, user, pid     string // as shown, clean
	processKey, appKey, userKey string // lower case, to sort by and search in
	processSearch, search       string // lower case: the process as shown; all columns, parted by newlines
	group, groupName            string // Key.App of the group it belongs to, and the name of an unowned one
	unowned                     bool   // nobody is known to hold it: sorts after those that have a name
}

// labelKey is all that a label depends on.
type labelKey struct {
	process, behalf *process.Process
	by              netstat.Evidence
	absence         netstat.Absence
	state           netstat.State
	uid             int
	user            string
}

func labelKeyOf(s *netstat.Socket, o *netstat.Owner) labelKey {
	if o == nil {
		return labelKey{absence: s.Absence, state: s.State, uid: s.UID, user: s.User}
	}
	k := labelKey{process: o.Process, by: o.By, behalf: s.OnBehalfOf}
	if o.Process.User == "" {
		k.uid, k.user = s.UID, s.User
	}
	return k
}

// label makes the words for a key.
func (k labelKey) label() *label {
	l := &label{user: userText(k), unowned: k.process == nil}
	if l.unowned {
		l.process = unownedText(k, l.user)
		l.processKey = strings.ToLower(l.process)
		l.group, l.groupName = unownedGroup(k, l.user)
	} else {
		l.process = ownerText(k)
		l.processKey = strings.ToLower(nameOf(k.process))
		l.pid = strconv.Itoa(k.process.PID)
		l.app = Clean(k.process.App.Name)
		l.group = appGroup(k.process.App)
	}
	l.appKey, l.userKey = strings.ToLower(l.app), strings.ToLower(l.user)
	l.processSearch = strings.ToLower(l.process)
	l.search = l.processSearch + "\n" + l.pid + "\n" + l.appKey + "\n" + l.userKey
	return l
}

// userText is the login name of the owner, else of the socket's creator.
func userText(k labelKey) string {
	switch {
	case k.process != nil && k.process.User != "":
		return Clean(k.process.User)
	case k.user != "":
		return Clean(k.user)
	case k.process != nil && k.process.UID >= 0:
		return strconv.Itoa(k.process.UID)
	case k.process == nil && k.uid >= 0:
		return strconv.Itoa(k.uid)
	default:
		return ""
	}
}

// ownerText names the process, and says so where that is less than certain.
func ownerText(k labelKey) string {
	var text string
	switch k.by {
	case netstat.ByLaunchd:
		text = "launchd, on demand"
	case netstat.ByLastUse:
		text = "last used by " + nameOf(k.process)
	default:
		text = nameOf(k.process)
	}
	if k.behalf != nil && k.behalf.ID != k.process.ID {
		text += " for " + nameOf(k.behalf)
	}
	return text
}

// nameOf never gives nothing: a process without a name has a number still.
func nameOf(p *process.Process) string {
	if p.Name == "" {
		return fmt.Sprintf("process %d", p.PID)
	}
	return Clean(p.Name)
}

// unownedText says why there is no process to name.
func unownedText(k labelKey, user string) string {
	switch {
	case k.absence == netstat.Concealed && user == "":
		return "owner hidden"
	case k.absence == netstat.Concealed:
		return user + "'s process, name hidden"
	case k.state == netstat.Established || k.state == netstat.SynReceived:
		return "kernel (not accepted yet)" // it waits in a listener's queue
	case k.state == 0 || k.state == netstat.Listen || k.state == netstat.Closed:
		return "kernel"
	default:
		return "kernel (" + k.state.String() + ")"
	}
}

// labels keeps the labels of one set of rows.
type labels struct {
	made    map[labelKey]*label
	last    *label // neighbours often have the same owner
	lastKey labelKey
}

func (ls *labels) of(s *netstat.Socket, o *netstat.Owner) *label {
	k := labelKeyOf(s, o)
	if ls.last != nil && k == ls.lastKey {
		return ls.last
	}
	l, known := ls.made[k]
	if !known {
		l = k.label()
		ls.made[k] = l
	}
	ls.lastKey, ls.last = k, l
	return l
}
