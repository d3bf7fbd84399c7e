package table

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"portolan/internal/app"
	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/process"
)

// label is what a row says about who holds the socket: the same for all
// sockets of a process, so it is made once and shared by their rows.
type label struct {
	process, app, in, user, pid        string // as shown, clean; in is the terminal's app
	processKey, appKey, inKey, userKey string // lower case, to sort by and search in
	processSearch, search              string // lower case: the process as shown; all that a word may mean, parted by newlines
	nameSearch                         string // lower case: the process's name, and what it runs, parted by newlines
	words                              appWords
	group                              string        // Key.App of the app
	unowned                            bool          // nobody is known to hold it: sorts after those that have a name
	absent                                           // zero unless unowned
	wait                               time.Duration // how long the system remembers closed connections; 0: not known
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

// label makes the words for a key. wait is as in label.
func (k labelKey) label(wait time.Duration) *label {
	l := &label{user: userText(k), unowned: k.process == nil, wait: wait}
	if l.unowned {
		l.process = unownedText(k, l.user, language.F)
		l.processKey = strings.ToLower(k.english(l.user))
		l.absent = k.absent(l.user, wait)
		l.group, l.words.app = l.whole, searched(l.groupName, l.englishName())
	} else {
		l.process = ownerText(k, language.F)
		l.processKey = strings.ToLower(nameOf(k.process))
		l.pid = strconv.Itoa(k.process.PID)
		l.app = Clean(k.process.App.Name)
		l.in = Clean(k.process.App.In)
		l.group = k.process.App.Key()
		l.words = wordsOf(k.process)
	}
	l.appKey, l.inKey, l.userKey = strings.ToLower(l.app), strings.ToLower(l.in), strings.ToLower(l.user)
	l.processSearch = searched(l.process, k.english(l.user))
	l.nameSearch = l.processKey + "\n" + l.words.work
	l.search = strings.Join([]string{l.processSearch, l.pid, l.userKey, l.words.app, l.words.container, l.words.unit, l.words.work}, "\n")
	return l
}

// appWords is what is looked for in an app and in what it runs: lower case, clean,
// parted by newlines.
type appWords struct {
	app       string // name, id and terminal
	container string // name, image, runtime and id; "" when it is none
	unit      string
	work      string // what it runs
}

func wordsOf(p *process.Process) appWords {
	a := &p.App
	w := appWords{app: joined(a.Name, a.ID, a.In), unit: joined(a.Unit), work: joined(p.Work.Title)}
	switch a.Kind {
	case app.Container:
		w.container = joined(a.Name, a.Image, a.Runtime, a.ID)
	case app.Unit:
		w.unit = joined(a.Unit, a.ID)
	}
	return w
}

// joined puts the words that are not empty under one another, clean and in lower case.
func joined(words ...string) string {
	var b strings.Builder
	for _, w := range words {
		if w == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(Clean(w))
	}
	return strings.ToLower(b.String())
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

// english is how a row names who holds the socket in English, so that the same words find it in every language.
func (k labelKey) english(user string) string {
	if k.process == nil {
		return unownedText(k, user, fmt.Sprintf)
	}
	return ownerText(k, fmt.Sprintf)
}

// searched is what a query looks for: what is shown, and the same in English.
func searched(shown, english string) string {
	if shown != english {
		shown += "\n" + english
	}
	return strings.ToLower(shown)
}

// ownerText names the process, and says so where that is less than certain, in the language that say speaks.
func ownerText(k labelKey, say func(string, ...any) string) string {
	text := nameOf(k.process)
	switch k.by {
	case netstat.ByLaunchd:
		text = say(language.Mark("launchd, on demand"))
	case netstat.ByLastUse:
		text = say(language.Mark("last used by %s"), text)
	}
	if k.behalf != nil && k.behalf.ID != k.process.ID {
		text = say(language.Mark("%s for %s"), text, nameOf(k.behalf))
	}
	return text
}

// nameOf never gives nothing: a process without a name has a number still.
func nameOf(p *process.Process) string {
	if p.Name == "" {
		return language.F("process %d", p.PID)
	}
	return Clean(p.Name)
}

// unownedText says why there is no process to name, in the language that say speaks.
func unownedText(k labelKey, user string, say func(string, ...any) string) string {
	switch {
	case k.absence == netstat.Concealed && user == "":
		return say(language.Mark("owner hidden"))
	case k.absence == netstat.Concealed:
		return say(language.Mark("%s's process, name hidden"), user)
	case k.state == netstat.Established || k.state == netstat.SynReceived:
		return say(language.Mark("kernel (not accepted yet)")) // it waits in a listener's queue
	case k.state == 0 || k.state == netstat.Listen || k.state == netstat.Closed:
		return say(language.Mark("kernel"))
	default:
		return say(language.Mark("kernel (%s)"), k.state)
	}
}

// labels keeps the labels of one set of rows.
type labels struct {
	wait    time.Duration // see label
	made    map[labelKey]*label
	last    *label // neighbours often have the same owner
	lastKey labelKey
}

func newLabels(wait time.Duration) labels {
	return labels{wait: wait, made: make(map[labelKey]*label)}
}

func (ls *labels) of(s *netstat.Socket, o *netstat.Owner) *label {
	k := labelKeyOf(s, o)
	if ls.last != nil && k == ls.lastKey {
		return ls.last
	}
	l, known := ls.made[k]
	if !known {
		l = k.label(ls.wait)
		ls.made[k] = l
	}
	ls.lastKey, ls.last = k, l
	return l
}
