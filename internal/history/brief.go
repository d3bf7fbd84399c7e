package history

import (
	"cmp"
	"strings"
	"time"
	"unicode/utf8"

	"portolan/internal/app"
	"portolan/internal/process"
)

// brief is what is kept of a process, which may have gone: who it was, and not all that it had. A description as the
// reader has it is some kilobytes, and would live for as long as an event names it.
type brief struct {
	process.ID
	of                                                *appInfo
	name, executable, user, title, line, dir, project string
	started                                           int64 // in nanoseconds since 1970; 0: not known
	uid                                               shortUID
	ppid                                              int32
	events, tenures                                   int32 // how many of each name it
	number                                            uint32
	next                                              *brief // of the same ID: it has become another program
}

// longest is how many bytes of one text are kept: of a command line it is the beginning.
const longest = 128

// longestCommon is how many bytes a text may have that the processes of an app have in common.
const longestCommon = 1024

// briefs are the processes that events and tenures name.
type briefs struct {
	infos    infos
	by       map[process.ID]*brief
	list     []*brief // by number; the first is nil
	free     []uint32
	eventful int // how many are named by events
}

// of finds that of a process, or makes one; nil for nobody.
func (b *briefs) of(p *process.Process) *brief {
	if p == nil {
		return nil
	}
	key := p.App.Key()
	for x := b.by[p.ID]; x != nil; x = x.next {
		if x.of.key == key && (x.name == p.Name || len(p.Name) > longest && x.name == beginning(p.Name)) {
			return x
		}
	}
	return b.add(p, key)
}

func (b *briefs) add(p *process.Process, key string) *brief {
	info := b.infos.hold(key, p)
	x := &brief{ID: p.ID, of: info, name: cmp.Or(info.share(p.Name), beginning(p.Name)), executable: info.share(p.Executable), user: info.share(p.User),
		title: info.share(p.Work.Title), line: beginning(p.Work.Line), dir: info.share(p.Work.Dir), project: info.share(p.Work.Project),
		uid: shortUID(p.UID), ppid: int32(p.PPID), next: b.by[p.ID]}
	if !p.Started.IsZero() {
		x.started = p.Started.UnixNano()
	}
	if n := len(b.free); n > 0 {
		x.number, b.free = b.free[n-1], b.free[:n-1]
	} else {
		if len(b.list) == 0 {
			b.list = append(b.list, nil)
		}
		x.number = uint32(len(b.list))
		b.list = append(b.list, nil)
	}
	b.list[x.number], b.by[p.ID] = x, x
	return x
}

// beginning gives what is kept of a text of which the beginning says something, in memory of its own.
func beginning(line string) string {
	if len(line) <= longest {
		return strings.Clone(line)
	}
	n := longest
	for n > 0 && !utf8.RuneStart(line[n]) {
		n--
	}
	return line[:n] + "…"
}

// release forgets one that nobody names any more.
func (b *briefs) release(x *brief) {
	if x == nil || x.events > 0 || x.tenures > 0 {
		return
	}
	if first := b.by[x.ID]; first != x {
		for first.next != x {
			first = first.next
		}
		first.next = x.next
	} else if x.next != nil {
		b.by[x.ID] = x.next
	} else {
		delete(b.by, x.ID)
	}
	b.list[x.number] = nil
	b.free = append(b.free, x.number)
	b.infos.release(x.of)
}

// process makes a description of what is kept.
func (x *brief) process() *process.Process {
	p := &process.Process{ID: x.ID, PPID: int(x.ppid), Name: x.name, Executable: x.executable, User: x.user, UID: x.uid.full(), App: x.of.app,
		Work: app.Work{Title: x.title, Line: x.line, Dir: x.dir, Project: x.project}}
	if x.started != 0 {
		p.Started = time.Unix(0, x.started)
	}
	return p
}

// cast gives the processes of one report, each once.
type cast map[*brief]*process.Process

func (c cast) process(x *brief) *process.Process {
	if x == nil {
		return nil
	}
	p := c[x]
	if p == nil {
		p = x.process()
		c[x] = p
	}
	return p
}

// appInfo describes an app, once for all that is kept of it.
type appInfo struct {
	key   string
	app   app.App
	texts [5]string // some that its processes have in common
	uses  int32
}

// infos are the apps that briefs and activities name.
type infos map[string]*appInfo

// hold finds the app of a process by its key, or adds it, for one more that names it.
func (i infos) hold(key string, p *process.Process) *appInfo {
	x := i[key]
	if x == nil {
		x = &appInfo{key: strings.Clone(key)}
		for k, text := range [...]string{p.Executable, p.User, p.Work.Title, p.Work.Dir, p.Work.Project} {
			if len(text) <= longestCommon {
				x.texts[k] = strings.Clone(text)
			}
		}
		i[x.key] = x
	}
	if x.app != p.App { // a container's image is told late
		x.app = cloned(p.App)
	}
	x.uses++
	return x
}

func (i infos) release(x *appInfo) {
	if x.uses--; x.uses == 0 {
		delete(i, x.key)
	}
}

// share gives a text in memory that is kept in any case, or else a copy: what is passed in may be a part of something bigger.
// One that is too long to be kept is left out, as a part of a path is another path.
func (x *appInfo) share(text string) string {
	for _, kept := range [...]string{x.app.Name, x.app.Path, x.texts[0], x.texts[1], x.texts[2], x.texts[3], x.texts[4]} {
		if text == kept {
			return kept
		}
	}
	if len(text) > longest {
		return ""
	}
	return strings.Clone(text)
}

// cloned gives the same app in memory of its own.
func cloned(a app.App) app.App {
	for _, text := range []*string{&a.Name, &a.Path, &a.ID, &a.Runtime, &a.Image, &a.Unit, &a.In, &a.Icon} {
		*text = strings.Clone(*text)
	}
	return a
}
