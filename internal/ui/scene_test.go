package ui

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"portolan/internal/app"
	"portolan/internal/language"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
	"portolan/internal/restart"
)

// noon is when all scenes take place.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// The scenes take place where noon is noon, on every computer.
func init() { time.Local = time.UTC }

// source is a monitor's source that gives what a test has put there.
type source struct {
	mu       sync.Mutex
	snapshot *netstat.Snapshot
	err      error
	reads    int
}

func (s *source) Read(context.Context) (*netstat.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	return s.snapshot, s.err
}

// bar is an app with a menu bar that notes what it is given.
type bar struct {
	fyne.App
	icon    fyne.Resource
	window  fyne.Window
	opened  []string // what the browser and the file manager were given
	openErr error
}

func (b *bar) SetSystemTrayMenu(*fyne.Menu)         { panic("Fyne makes the menu anew each time") }
func (b *bar) SetSystemTrayIcon(icon fyne.Resource) { b.icon = icon }
func (b *bar) SetSystemTrayWindow(w fyne.Window)    { b.window = w }

var _ desktop.App = (*bar)(nil)

// scene is a UI whose outside world is the test.
type scene struct {
	*UI
	t         testing.TB
	bar       *bar
	menu      *barMenu
	source    *source
	mu        sync.Mutex // of kills
	kills     []kill
	killed    func(process.ID, process.Signal) error // what the next kill comes to
	protected map[process.ID]error
	details   process.Details
	detailErr error
	causes    map[process.ID][]restart.Cause
	asked     []process.ID // whose causes were asked for
	ancestors []*process.Process
	networks  []port.Interface
	clock     time.Time
	pending   []alarm // what is to be done later, by the scene's clock
	quits     int
}

// alarm is something that is to be done at a time.
type alarm struct {
	at time.Time
	do func()
}

type kill struct {
	id     process.ID
	signal process.Signal
}

// newScene gives a UI that is shown and has no snapshot yet.
func newScene(t testing.TB, change ...func(*Options)) *scene {
	t.Helper()
	app := test.NewTempApp(t)
	s := &scene{t: t, bar: &bar{App: app}, menu: &barMenu{}, source: &source{}, protected: map[process.ID]error{}, causes: map[process.ID][]restart.Cause{},
		details:  process.Details{Line: "node server.js --port 3000", Directory: "/srv/shop"},
		networks: []port.Interface{{Name: "en0", Addresses: []netip.Prefix{netip.MustParsePrefix("192.168.1.20/24")}}},
		killed:   func(process.ID, process.Signal) error { return nil }}
	o := Options{
		Monitor: monitor.New(s.source, time.Hour),
		Kill: func(ctx context.Context, id process.ID, sig process.Signal) error {
			if _, limited := ctx.Deadline(); !limited {
				t.Error("a kill without a time of grace")
			}
			s.mu.Lock() // several are ended at once
			defer s.mu.Unlock()
			s.kills = append(s.kills, kill{id, sig})
			return s.killed(id, sig)
		},
		Protected: func(id process.ID) error { return s.protected[id] },
		Details: func(ctx context.Context, _ process.ID) (process.Details, error) {
			if _, limited := ctx.Deadline(); !limited {
				t.Error("details without a limit of time")
			}
			return s.details, s.detailErr
		},
		Restart: func(ctx context.Context, p *process.Process, _ []*netstat.Socket) []restart.Cause {
			if _, limited := ctx.Deadline(); !limited {
				t.Error("causes without a limit of time")
			}
			s.asked = append(s.asked, p.ID)
			return s.causes[p.ID]
		},
		Ancestors:  func(process.ID) ([]*process.Process, error) { return s.ancestors, nil },
		Rules:      rulesIn(sceneRange),
		Interfaces: func() ([]port.Interface, error) { return s.networks, nil },
		Tray:       true,
		Menu:       s.menu,
		OnQuit:     func() { s.quits++ },
	}
	for _, f := range change {
		f(&o)
	}
	s.UI = newUI(s.bar, o, func(f func()) { f() })
	s.window.killing.spawn = func(f func()) { f() }
	s.window.table.icons.spawn = func(func()) {} // no icon comes: the UI thread is the test's
	s.window.killing.uid, s.model.now.uid = 501, 501
	s.clock = noon
	s.window.killing.now = func() time.Time { return s.clock }
	s.watching.now = s.window.killing.now
	s.watching.in = func(d time.Duration) { s.pending = append(s.pending, alarm{s.clock.Add(d), s.watching.tell}) }
	s.window.killing.later = func(d time.Duration, f func()) { s.pending = append(s.pending, alarm{s.clock.Add(d), f}) }
	s.window.detail.spawn, s.window.detail.later, s.window.detail.me = s.window.killing.spawn, s.window.killing.later, 501
	s.window.detail.now, s.window.detail.system = s.window.killing.now, "linux"
	t.Cleanup(s.window.Close)
	s.Show()
	s.settle()
	return s
}

// pass lets time pass, and does what was to be done in it.
func (s *scene) pass(d time.Duration) {
	s.clock = s.clock.Add(d)
	for i := 0; i < len(s.pending); {
		if s.pending[i].at.After(s.clock) {
			i++
			continue
		}
		due := s.pending[i]
		s.pending = slices.Delete(s.pending, i, i+1)
		due.do()
	}
	s.settle()
}

// settle has the model make what it was asked for.
func (s *scene) settle() {
	for {
		select {
		case <-s.model.wake:
			s.model.turn()
		default:
			return
		}
	}
}

// read has the UI told of a snapshot.
func (s *scene) read(snapshot *netstat.Snapshot) {
	s.model.receive(monitor.Update{Snapshot: snapshot})
	s.settle()
}

// fail has the UI told that a read failed.
func (s *scene) fail(err error) {
	s.model.receive(monitor.Update{Snapshot: s.window.snapshot(), Err: err})
	s.settle()
}

// do does something with the window and lets the model answer it.
func (s *scene) do(f func()) {
	f()
	s.settle()
}

// selectPort selects the first row with this local port.
func (s *scene) selectPort(number uint16) {
	s.t.Helper()
	for _, row := range s.window.table.rows {
		if row.Socket != nil && row.Socket.Local.Port() == number {
			s.window.table.Select(row.Key)
			return
		}
	}
	s.t.Fatalf("there is no row with port %d", number)
}

// selectGroup selects the group of this name.
func (s *scene) selectGroup(name string) {
	s.t.Helper()
	for _, row := range s.window.table.rows {
		if row.Group != nil && row.Group.Name == name {
			s.window.table.Select(row.Key)
			return
		}
	}
	s.t.Fatalf("there is no group %q", name)
}

// The processes of the scenes.
var (
	node     = newProcess(812, "node", "alice", 501, app.App{Name: "node", Path: "/usr/local/bin/node"})
	postgres = newProcess(640, "postgres", "alice", 501, app.App{Name: "Postgres", Path: "/Applications/Postgres.app", Kind: app.Bundle})
	nginx    = newProcess(90, "nginx", "root", 0, app.App{Name: "nginx", Path: "/usr/sbin/nginx"})
	nginx2   = newProcess(91, "nginx", "www", 33, app.App{Name: "nginx", Path: "/usr/sbin/nginx"})
	firefox  = newProcess(2210, "firefox", "alice", 501, app.App{Name: "Firefox", Path: "/Applications/Firefox.app", Kind: app.Bundle})
	launchd  = newProcess(1, "launchd", "root", 0, app.App{Name: "launchd", Path: "/sbin/launchd"})
	airplay  = newProcess(455, "ControlCenter", "alice", 501, app.App{Name: "Control Center", Path: "/System/Library/CoreServices/ControlCenter.app", Kind: app.Bundle})
)

func newProcess(pid int, name, user string, uid int, a app.App) *process.Process {
	return &process.Process{ID: process.ID{PID: pid, Start: uint64(pid) * 1000}, Name: name, User: user, UID: uid,
		Executable: a.Path, Started: noon.Add(-2 * time.Hour), App: a}
}

// listen and the rest make sockets; the ID follows from what is given.
func listen(local string, owners ...*process.Process) netstat.Socket {
	return socket(netstat.TCP, netstat.Listen, local, "", owners...)
}

func connection(state netstat.State, local, remote string, owners ...*process.Process) netstat.Socket {
	return socket(netstat.TCP, state, local, remote, owners...)
}

func datagram(local string, owners ...*process.Process) netstat.Socket {
	return socket(netstat.UDP, 0, local, "", owners...)
}

func socket(protocol netstat.Protocol, state netstat.State, local, remote string, owners ...*process.Process) netstat.Socket {
	s := netstat.Socket{Protocol: protocol, State: state, Local: netip.MustParseAddrPort(local), UID: -1, ID: 1}
	if remote != "" {
		s.Remote = netip.MustParseAddrPort(remote)
	}
	for _, b := range []byte(protocol.String() + local + remote) {
		s.ID = s.ID*131 + uint64(b)
	}
	for _, p := range owners {
		s.Owners = append(s.Owners, netstat.Owner{Process: p, By: netstat.ByDescriptor})
		s.UID, s.User = p.UID, p.User
	}
	if len(owners) == 0 {
		s.Absence = netstat.Kernel
	}
	return s
}

// snapshot gives the sockets as read that long after noon.
func snapshot(after time.Duration, sockets ...netstat.Socket) *netstat.Snapshot {
	return &netstat.Snapshot{Taken: noon.Add(after), Sockets: sockets}
}

// desk is a snapshot of an ordinary developer's computer.
func desk() *netstat.Snapshot {
	dual := listen("[::]:3000", node)
	dual.DualStack = true
	held := listen("0.0.0.0:80", nginx, nginx2)
	onDemand := listen("[::1]:631", launchd)
	onDemand.Owners[0].By = netstat.ByLaunchd
	lastUsed := listen("[::]:7000", airplay)
	lastUsed.Owners[0].By = netstat.ByLastUse
	concealed := listen("0.0.0.0:22")
	concealed.Absence, concealed.UID, concealed.User = netstat.Concealed, 0, "root"
	all := []netstat.Socket{
		concealed, held, onDemand, dual, listen("127.0.0.1:9229", node), listen("127.0.0.1:5432", postgres), listen("[::1]:5432", postgres),
		lastUsed, listen("127.0.0.1:49731", airplay),
		connection(netstat.Established, "127.0.0.1:41822", "127.0.0.1:5432", node),
		connection(netstat.Established, "127.0.0.1:5432", "127.0.0.1:41822", postgres),
		connection(netstat.CloseWait, "192.168.1.20:50112", "142.250.185.78:443", node),
		connection(netstat.TimeWait, "192.168.1.20:50120", "142.250.185.78:443"),
		connection(netstat.TimeWait, "127.0.0.1:3000", "127.0.0.1:52110"),
		connection(netstat.Established, "[2001:db8::14]:51544", "[2606:4700::6810:84e5]:443", firefox),
		datagram("0.0.0.0:5353", airplay), datagram("[::]:5353", airplay), datagram("127.0.0.1:323"),
	}
	for i := range 24 {
		all = append(all, connection(netstat.Established, fmt.Sprintf("192.168.1.20:%d", 51000+i*7), fmt.Sprintf("151.101.%d.140:443", i+1), firefox))
	}
	s := snapshot(0, all...)
	s.Hidden = netstat.Hidden{Owners: 1, Processes: 104, Reason: language.T("run as administrator to see them")}
	return s
}

var errKernel = errors.New("read tcp sockets: the kernel gave no answer")

// text gives what is shown; "" when nothing is.
func (s *strip) text() string {
	if s.Hidden {
		return ""
	}
	return s.label.Text
}
