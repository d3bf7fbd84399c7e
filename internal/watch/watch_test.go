package watch

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"portolan/internal/app"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func init() { time.Local = time.UTC }

func kernelPorts() port.Rules {
	return port.Rules{Ephemeral: port.Range{First: 32768, Last: 60999}}
}

func proc(pid int, name string) *process.Process {
	return &process.Process{ID: process.ID{PID: pid, Start: uint64(pid)}, Name: name, App: app.App{Name: name, Path: "/bin/" + name}}
}

func sock(protocol netstat.Protocol, state netstat.State, local string, owners ...*process.Process) netstat.Socket {
	s := netstat.Socket{Protocol: protocol, State: state, Local: netip.MustParseAddrPort(local)}
	for _, p := range owners {
		s.Owners = append(s.Owners, netstat.Owner{Process: p, By: netstat.ByDescriptor})
	}
	if len(owners) == 0 {
		s.Absence = netstat.Concealed
	}
	return s
}

func listen(local string, owners ...*process.Process) netstat.Socket {
	return sock(netstat.TCP, netstat.Listen, local, owners...)
}

// bench is a Watcher with a clock.
type bench struct {
	*Watcher
	t   *testing.T
	now time.Time
}

func newBench(t *testing.T, rules Rules) *bench {
	return &bench{New(rules, kernelPorts), t, noon}
}

func (b *bench) look(sockets ...netstat.Socket) bool {
	return b.Look(monitor.Update{Snapshot: &netstat.Snapshot{Taken: b.now, Sockets: sockets}}, b.now)
}

// hears lets a time pass and looks what is told at its end.
func (b *bench) hears(after time.Duration, title string) Notification {
	b.t.Helper()
	b.now = b.now.Add(after)
	n, ok := b.Take(b.now)
	if !ok && title != "" || ok && n.Title != title {
		b.t.Errorf("at %s it tells %q (%v), want %q", b.now.Format("15:04:05"), n.Title, ok, title)
	}
	return n
}

func both(number uint16) Rules {
	return Rules{}.With(Port{Number: number, Taken: true, Free: true})
}

var node, python = proc(812, "node"), proc(900, "python")

func TestPortIsTakenAndFree(t *testing.T) {
	b := newBench(t, both(3000))
	b.look()
	b.hears(time.Hour, "")
	b.look(listen("127.0.0.1:3000", node))
	b.hears(0, "") // it might not last
	n := b.hears(Settle, "Port 3000 is taken")
	if n.Body != "node (PID 812) holds it: 127.0.0.1:3000." || n.Query != "port:3000" {
		t.Errorf("got %+v", n)
	}
	b.hears(time.Hour, "")
	b.look()
	if n := b.hears(Settle, "Port 3000 is free"); n.Body != "node has let go of it." {
		t.Errorf("got %+v", n)
	}
}

// What is so when the watching begins is no news.
func TestFirstLookIsQuiet(t *testing.T) {
	b := newBench(t, both(3000))
	b.look(listen("127.0.0.1:3000", node))
	b.hears(time.Hour, "")
	if got := b.States()[0].Text(); got != "port 3000: node" {
		t.Errorf("the state is %q", got)
	}
	b.look()
	b.hears(Settle, "Port 3000 is free")
	if got := b.States()[0].Text(); got != "port 3000: free since 13:00" {
		t.Errorf("the state is %q", got)
	}
}

func TestOnlyWhatWasAskedFor(t *testing.T) {
	for _, test := range []struct {
		rule  Port
		taken bool // a taken TCP port is told
		free  bool
	}{
		{Port{Number: 3000, Taken: true}, true, false},
		{Port{Number: 3000, Free: true}, false, true},
		{Port{Number: 3000}, false, false},
		{Port{Number: 3000, Taken: true, Free: true, Protocol: netstat.TCP}, true, true},
		{Port{Number: 3000, Taken: true, Free: true, Protocol: netstat.UDP}, false, false},
		{Port{Number: 3000, Taken: true, Free: true, Off: true}, false, false},
		{Port{Number: 3001, Taken: true, Free: true}, false, false},
	} {
		b := newBench(t, Rules{Newcomers: true}.With(test.rule))
		b.look()
		b.look(listen("127.0.0.1:3000", node))
		if _, told := b.Take(b.now.Add(Settle)); told != test.taken {
			t.Errorf("%+v: taken told %v", test.rule, told)
		}
		b.now = b.now.Add(2 * RuleGap)
		b.look()
		if _, told := b.Take(b.now.Add(Settle)); told != test.free {
			t.Errorf("%+v: free told %v", test.rule, told)
		}
	}
	udp := newBench(t, both(5353))
	udp.look()
	udp.look(sock(netstat.UDP, 0, "0.0.0.0:5353", node))
	udp.hears(Settle, "Port 5353 is taken")
}

// A server that is restarted in a moment, and one that falls over for ever.
func TestFlappingIsNotANuisance(t *testing.T) {
	b := newBench(t, both(3000))
	b.look(listen("127.0.0.1:3000", node))
	b.now = b.now.Add(time.Hour)
	b.look()
	b.hears(Settle/2, "")
	b.look(listen("127.0.0.1:3000", node))
	b.hears(time.Hour, "")

	told := 0
	for i := range 3600 { // an hour, a second each
		b.now = b.now.Add(time.Second)
		if i%10 < 5 {
			b.look()
		} else {
			b.look(listen("127.0.0.1:3000", node))
		}
		if _, ok := b.Take(b.now); ok {
			told++
		}
	}
	if told == 0 || told > 60 {
		t.Errorf("told %d times in an hour, want 1 to 60", told)
	}
}

func TestAnotherHolder(t *testing.T) {
	b := newBench(t, both(3000))
	b.look(listen("127.0.0.1:3000", node))
	b.look(listen("127.0.0.1:3000")) // nobody may say for a moment
	b.hears(time.Hour, "")
	b.look(listen("127.0.0.1:3000", python, node)) // node still does
	b.hears(time.Hour, "")
	b.look(listen("127.0.0.1:3000", python))
	b.hears(Settle, "Port 3000 is taken")
	if got := b.States()[0].Name; got != "python" {
		t.Errorf("the port is said to be held by %q", got)
	}
}

func TestBurstIsOneNotification(t *testing.T) {
	rules := Rules{}
	for i := range uint16(6) {
		rules = rules.With(Port{Number: 8000 + i, Taken: true})
	}
	b := newBench(t, rules)
	b.look()
	var all []netstat.Socket
	for i := range 6 {
		all = append(all, listen(fmt.Sprintf("127.0.0.1:%d", 8000+i), node))
	}
	b.look(all...)
	n := b.hears(Settle, "6 watched ports have changed")
	if n.Body != "port 8000: node, port 8001: node, port 8002: node, port 8003: node and 2 more" || n.Query != "port:8000,8001,8002,8003,8004,8005" {
		t.Errorf("got %+v", n)
	}
	b.hears(time.Hour, "")
}

// What a click on a notification shows is what it was about: the rule's protocol counts, and of several things each port
// is looked for once.
func TestQueryOfANotification(t *testing.T) {
	rules := Rules{Newcomers: true}.With(Port{Number: 53, Protocol: netstat.UDP, Taken: true, Free: true}).With(Port{Number: 3000, Taken: true, Free: true})
	b := newBench(t, rules)
	dns := sock(netstat.UDP, 0, "127.0.0.1:53", node)
	b.look()
	b.look(dns)
	if n := b.hears(Settle, "UDP port 53 is taken"); n.Query != "port:53 proto:udp" {
		t.Errorf("the query is %q", n.Query)
	}
	b.look(dns, listen("127.0.0.1:3000", node))
	b.hears(Gap, "Port 3000 is taken")
	b.now = b.now.Add(RuleGap)
	b.look(listen("0.0.0.0:8080", python), listen("0.0.0.0:8081", python))
	if n := b.hears(Settle, "3 changes"); n.Query != "port:53,3000,8080" {
		t.Errorf("the query is %q", n.Query)
	}
	b.look(listen("0.0.0.0:8080", python), listen("0.0.0.0:9000", proc(901, "ruby")), listen("0.0.0.0:9001", proc(902, "perl")), listen("[::]:9000", proc(903, "java")))
	if n := b.hears(Gap, "3 new listeners"); n.Query != "port:9000,9001 proto:tcp" {
		t.Errorf("the query is %q", n.Query)
	}
}

func TestGapBetweenNotifications(t *testing.T) {
	b := newBench(t, Rules{}.With(Port{Number: 1, Taken: true}).With(Port{Number: 2, Taken: true}).With(Port{Number: 3, Taken: true}))
	b.look()
	b.look(listen("127.0.0.1:1", node))
	b.hears(Settle, "Port 1 is taken")
	b.look(listen("127.0.0.1:1", node), listen("127.0.0.1:2", node))
	b.hears(Settle, "")
	b.look(listen("127.0.0.1:1", node), listen("127.0.0.1:2", node), listen("127.0.0.1:3", node))
	if d, ok := b.Next(b.now); !ok || d != Gap-Settle {
		t.Errorf("next is in %v (%v), want %v", d, ok, Gap-Settle)
	}
	b.hears(Gap-Settle, "2 watched ports have changed")
}

// The clock of the computer is set back and ahead: nothing is held up for a day, and nothing told twice.
func TestClockJumps(t *testing.T) {
	for _, jump := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		b := newBench(t, both(3000))
		b.look()
		b.look(listen("127.0.0.1:3000", node))
		b.hears(Settle, "Port 3000 is taken")
		b.now = b.now.Add(jump)
		b.hears(0, "")
		b.look()
		b.hears(Settle, "Port 3000 is free")
		b.hears(time.Hour, "")
	}
}

func TestNewcomers(t *testing.T) {
	b := newBench(t, Rules{Newcomers: true})
	desk := []netstat.Socket{listen("0.0.0.0:80", proc(1, "nginx")), listen("127.0.0.1:3000", node)}
	if !b.look(desk...) {
		t.Error("what was learned is not to be kept")
	}
	b.hears(time.Hour, "") // the first look learns

	if b.look(desk...) {
		t.Error("nothing is new, and yet it is to be kept")
	}
	b.look(append(desk, listen("0.0.0.0:8080", python))...)
	n := b.hears(Settle, "python listens to the network")
	if n.Body != "It was not seen to do so before: TCP port 8080." || n.Query != "port:8080 proto:tcp" {
		t.Errorf("got %+v", n)
	}
	b.look(append(desk, listen("[::]:9090", python))...)
	b.hears(time.Hour, "") // it is known by now, whatever the port

	for what, s := range map[string]netstat.Socket{
		"this computer only":     listen("127.0.0.1:4000", proc(5, "five")),
		"a connection":           sock(netstat.TCP, netstat.Established, "0.0.0.0:4001", proc(6, "six")),
		"a question over UDP":    sock(netstat.UDP, 0, "0.0.0.0:50123", proc(7, "seven")),
		"a socket of the kernel": {Protocol: netstat.UDP, Local: netip.MustParseAddrPort("0.0.0.0:2049"), Absence: netstat.Kernel},
	} {
		b.look(append(desk, s)...)
		if n, told := b.Take(b.now.Add(time.Hour)); told {
			t.Errorf("%s: told %q", what, n.Title)
		}
		b.now = b.now.Add(2 * time.Hour)
	}

	// Another start: what was seen was kept, and who came meanwhile is told.
	kept, err := Decode(Encode(b.Rules()))
	if err != nil {
		t.Fatal(err)
	}
	again := newBench(t, kept)
	again.look(append(desk, listen("0.0.0.0:9090", python), listen("0.0.0.0:22"), sock(netstat.UDP, 0, "0.0.0.0:1900", proc(8, "eight")))...)
	if n := again.hears(Settle, "2 new listeners"); n.Body != ":22, eight :1900" {
		t.Errorf("got %+v", n)
	}
}

// Who begins to watch takes what is there as known, and asks for nothing that came while nobody watched.
func TestNewcomersSwitchedOnLater(t *testing.T) {
	b := newBench(t, both(3000))
	b.look(listen("0.0.0.0:80", node))
	rules := b.Rules()
	rules.Newcomers = true
	b.SetRules(rules)
	b.look(listen("0.0.0.0:80", node))
	b.hears(time.Hour, "")
	b.look(listen("0.0.0.0:80", node), listen("0.0.0.0:81", python))
	rules.Newcomers = false
	b.SetRules(rules)
	b.hears(time.Hour, "")
}

func TestRulesKeepTheirState(t *testing.T) {
	b := newBench(t, both(3000))
	b.look(listen("127.0.0.1:3000", node))
	b.SetRules(b.Rules().With(Port{Number: 4000, Taken: true}))
	b.look()
	b.hears(Settle, "Port 3000 is free")
	b.SetRules(b.Rules().Without(Port{Number: 3000}))
	b.look(listen("127.0.0.1:3000", node))
	b.hears(time.Hour, "")
}

// A container is made anew with another ID, and stays the same app.
func TestKeyOfAContainer(t *testing.T) {
	one := app.App{Kind: app.Container, Name: "shop-db-1", Image: "postgres:16", ID: "aaa"}
	two := one
	two.ID = "bbb"
	if keyOf(one) != keyOf(two) {
		t.Error("the same service in a new container is another app")
	}
	two.Name = "shop-db-2"
	if keyOf(one) == keyOf(two) {
		t.Error("two services are one app")
	}
}

func TestHostileNames(t *testing.T) {
	evil := proc(7, "a\x1b[31m\u202eb\n<b>"+strings.Repeat("x", 1<<20))
	b := newBench(t, Rules{Newcomers: true}.With(Port{Number: 3000, Taken: true}))
	b.look()
	b.look(listen("0.0.0.0:3000", evil))
	n, _ := b.Take(b.now.Add(Settle))
	for _, text := range []string{n.Title, n.Body, b.States()[0].Text()} {
		if len(text) > 400 || strings.ContainsAny(text, "\x1b\u202e\n") {
			t.Errorf("it says %.100q", text)
		}
	}
	if len(Encode(b.Rules())) > 1000 {
		t.Error("the name is kept whole")
	}
}

func TestBounds(t *testing.T) {
	b := newBench(t, Rules{Newcomers: true})
	b.look()
	for pid := range 3 * maxSeen {
		if pid%maxSeen == 0 {
			b.now = b.now.Add(48 * time.Hour)
		}
		b.look(listen("0.0.0.0:80", proc(pid, fmt.Sprint("app", pid))))
	}
	if got := b.Rules().Seen.Len(); got != maxSeen {
		t.Errorf("%d apps are remembered, want %d", got, maxSeen)
	}
	if n := b.hears(Settle, fmt.Sprint(3*maxSeen, " new listeners")); !strings.Contains(n.Body, "more") {
		t.Errorf("got %+v", n)
	}
	rules := Rules{}
	for i := range 3 * MaxPorts {
		rules = rules.With(Port{Number: uint16(i), Taken: true})
	}
	if len(rules.Ports) != MaxPorts {
		t.Errorf("%d ports are watched, want %d", len(rules.Ports), MaxPorts)
	}
}

// A read that failed says nothing about the ports.
func TestFailedRead(t *testing.T) {
	b := newBench(t, both(3000))
	b.look(listen("127.0.0.1:3000", node))
	b.Look(monitor.Update{Snapshot: &netstat.Snapshot{}, Err: fmt.Errorf("no")}, b.now)
	b.Look(monitor.Update{}, b.now)
	b.hears(time.Hour, "")
}

func BenchmarkLook(b *testing.B) {
	var sockets []netstat.Socket
	for i := range 10_000 {
		sockets = append(sockets, sock(netstat.TCP, netstat.Established, fmt.Sprintf("10.0.0.1:%d", 1024+i), node))
	}
	for i := range 200 {
		sockets = append(sockets, listen(fmt.Sprintf("0.0.0.0:%d", 1024+i), node))
	}
	w := New(Rules{Newcomers: true}.With(Port{Number: 3000, Taken: true}), kernelPorts)
	u := monitor.Update{Snapshot: &netstat.Snapshot{Sockets: sockets}}
	b.ReportAllocs()
	for b.Loop() {
		w.Look(u, noon)
	}
}
