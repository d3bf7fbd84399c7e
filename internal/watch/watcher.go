package watch

import (
	"slices"
	"time"

	"portolan/internal/app"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
	"portolan/internal/table"
)

// How often is told. A server that is restarted, or one that falls over again and again, must not become a nuisance.
const (
	// Settle is how long a change must last before it is told.
	Settle = 2 * time.Second
	// Gap is the shortest time between two notifications; what comes meanwhile is told in one.
	Gap = 10 * time.Second
	// RuleGap is the shortest time between two of one rule.
	RuleGap = time.Minute
	// maxNewcomers is how many are kept to be told; the rest is only counted.
	maxNewcomers = 50
)

// Watcher looks at snapshots by rules. It is not for use by several goroutines at once.
type Watcher struct {
	system    func() port.Rules
	rules     Rules
	ports     []watched // in the order of rules.Ports
	newcomers []newcomer
	more      int       // newcomers beyond these
	told      time.Time // when something was told last
}

// watched is one port and what is known of it.
type watched struct {
	rule    Port
	known   bool // it was looked at
	now     holder
	changed time.Time // when now began; zero: before it was first looked at
	said    holder    // what the person knows
	told    time.Time // when this rule spoke last
}

// holder is who has taken a port. The zero holder is nobody: the port is free.
type holder struct {
	taken bool
	id    process.ID // zero when nobody may say who it is
	name  string     // cleaned
	local netstat.Socket
}

// is reports whether the two are one, as far as anybody can tell.
func (h holder) is(other holder) bool {
	if h.taken != other.taken {
		return false
	}
	return h.id == other.id || h.id == (process.ID{}) || other.id == (process.ID{})
}

// New makes a Watcher. system gives the rules of the system's ports as they are then, see port.Live.
func New(rules Rules, system func() port.Rules) *Watcher {
	w := &Watcher{system: system}
	w.SetRules(rules)
	return w
}

// Rules gives the rules with what was seen up to now, to be kept.
func (w *Watcher) Rules() Rules {
	rules := w.rules
	rules.Ports, rules.Seen = slices.Clone(rules.Ports), rules.Seen.clone()
	return rules
}

// SetRules changes what is watched for. What is known of the ports that stay, and of the apps that were seen, stays
// known: rules.Seen counts only while the Watcher has seen none itself. Who begins to watch for new apps anew takes those
// that are there as known.
func (w *Watcher) SetRules(rules Rules) {
	ports := make([]watched, len(rules.Ports))
	for i, rule := range rules.Ports {
		at := slices.IndexFunc(w.ports, func(p watched) bool { return p.rule.same(rule) && !p.rule.Off && !rule.Off })
		if at >= 0 {
			ports[i] = w.ports[at]
		}
		ports[i].rule = rule
	}
	seen := rules.Seen
	if w.rules.Seen.days != nil || w.rules.Seen.learned {
		seen = w.rules.Seen
	}
	if !rules.Newcomers {
		w.newcomers, w.more = nil, 0
		seen.learned = false
	}
	w.rules, w.ports = rules, ports
	w.rules.Ports, w.rules.Seen = slices.Clone(rules.Ports), seen.clone()
}

// Look takes what the monitor tells. It reports whether the rules must be kept anew, because an app was seen.
func (w *Watcher) Look(u monitor.Update, now time.Time) (keep bool) {
	if u.Snapshot == nil || u.Err != nil || !w.rules.Any() {
		return false
	}
	ephemeral := w.system().Ephemeral
	holders := make([]holder, len(w.ports))
	for i := range u.Snapshot.Sockets {
		s := &u.Snapshot.Sockets[i]
		if table.Waits(s) {
			w.see(holders, s)
			keep = w.meet(s, ephemeral, now) || keep
		}
	}
	for i := range w.ports {
		w.ports[i].become(holders[i], now)
	}
	if w.rules.Newcomers && !w.rules.Seen.learned {
		w.rules.Seen.learned, keep = true, true
	}
	return keep
}

// see notes who holds the ports that are watched. Of several holders of one port the first counts that is known.
func (w *Watcher) see(holders []holder, s *netstat.Socket) {
	for i := range w.ports {
		rule := &w.ports[i].rule
		if rule.Number != s.Local.Port() || rule.Protocol != 0 && rule.Protocol != s.Protocol {
			continue
		}
		h := &holders[i]
		// Who held it the last time holds it still, whoever else does.
		for _, owner := range s.Owners {
			if h.id == (process.ID{}) || owner.Process.ID == w.ports[i].now.id {
				h.id, h.name = owner.Process.ID, appName(owner.Process.App, owner.Process.Name)
			}
		}
		if !h.taken {
			h.local = *s
		}
		h.taken = true
	}
}

// meet looks whether an app is new that listens to the network.
func (w *Watcher) meet(s *netstat.Socket, ephemeral port.Range, now time.Time) (keep bool) {
	if !w.rules.Newcomers || !open(s, ephemeral) || s.Absence == netstat.Kernel {
		return false
	}
	came := newcomer{user: table.Clean(s.User), protocol: s.Protocol, port: s.Local.Port(), at: now}
	if len(s.Owners) == 0 {
		return w.greet(ownerlessKey(s, ephemeral), came)
	}
	for _, owner := range s.Owners {
		one := came
		one.name = appName(owner.Process.App, owner.Process.Name)
		keep = w.greet(keyOf(owner.Process.App), one) || keep
	}
	return keep
}

func (w *Watcher) greet(key string, came newcomer) (keep bool) {
	isNew, keep := w.rules.Seen.note(key, came.at)
	switch {
	case !isNew || !w.rules.Seen.learned:
	case len(w.newcomers) < maxNewcomers:
		w.newcomers = append(w.newcomers, came)
	default:
		w.more++
	}
	return keep
}

// appName is what people call it, cleaned and short enough for a line.
func appName(a app.App, process string) string {
	name := table.Clean(a.Name)
	if name == "" {
		name = table.Clean(process)
	}
	const most = 60
	if r := []rune(name); len(r) > most {
		name = string(r[:most-1]) + "…"
	}
	return name
}

// become takes what was seen of the port.
func (p *watched) become(now holder, at time.Time) {
	switch {
	case !p.known:
		p.known, p.said = true, now // what was so before is no news
	case !p.now.is(now):
		p.changed = at
	case now.id == (process.ID{}) && now.taken:
		now.id, now.name = p.now.id, p.now.name // nobody may say any more who it is: it is still the same
	}
	p.now = now
	if p.now.is(p.said) || !p.asked() {
		p.said = p.now
	}
}

// asked reports whether the person wants to be told of what is so now.
func (p *watched) asked() bool {
	return !p.rule.Off && p.state().asked()
}

// waits reports whether the port has something to be told, and how long that is still to wait.
func (p *watched) waits(now time.Time) (time.Duration, bool) {
	if !p.known || !p.asked() || p.now.is(p.said) {
		return 0, false
	}
	return max(left(p.changed, Settle, now), left(p.told, RuleGap, now)), true
}

// left is how much of a time is left that began at a moment. A clock that was set back leaves nothing: nobody
// knows how long it has been.
func left(began time.Time, length time.Duration, now time.Time) time.Duration {
	gone := now.Sub(began)
	if began.IsZero() || gone < 0 || gone >= length {
		return 0
	}
	return length - gone
}

// Next is how long it is until Take has something; false: until the next Look nothing.
func (w *Watcher) Next(now time.Time) (time.Duration, bool) {
	var soonest time.Duration
	any := false
	consider := func(d time.Duration) {
		if !any || d < soonest {
			soonest, any = d, true
		}
	}
	for i := range w.ports {
		if d, ok := w.ports[i].waits(now); ok {
			consider(d)
		}
	}
	for _, n := range w.newcomers {
		consider(left(n.at, Settle, now))
	}
	return max(soonest, left(w.told, Gap, now)), any
}

// Take gives what is to be told now, all of it as one notification; false: nothing.
func (w *Watcher) Take(now time.Time) (Notification, bool) {
	if d, ok := w.Next(now); !ok || d > 0 {
		return Notification{}, false
	}
	var changes []*watched
	for i := range w.ports {
		p := &w.ports[i]
		if d, ok := p.waits(now); ok && d == 0 {
			changes = append(changes, p)
		}
	}
	newcomers, more := w.newcomers, w.more
	w.newcomers, w.more = nil, 0
	n := notificationOf(changes, newcomers, more)
	for _, p := range changes {
		p.said, p.told = p.now, now
	}
	w.told = now
	return n, true
}
