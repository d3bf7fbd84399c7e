package restart

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/process"
)

var (
	ended = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

	node  = proc(812, "node", "node server.js")
	other = proc(90, "nginx", "nginx: worker process")
	again = proc(4242, "node", "node server.js")
)

// held is a socket that processes hold.
func held(s *netstat.Socket, id uint64, owners ...*process.Process) netstat.Socket {
	s.ID = id
	for _, p := range owners {
		s.Owners = append(s.Owners, netstat.Owner{Process: p, By: netstat.ByDescriptor})
	}
	if len(owners) == 0 {
		s.Absence = netstat.Concealed
	}
	return *s
}

// shot is what was there some time after the end.
func shot(after time.Duration, sockets ...netstat.Socket) *netstat.Snapshot {
	return &netstat.Snapshot{Taken: ended.Add(after), Sockets: sockets}
}

func udp(s *netstat.Socket) *netstat.Socket {
	s.Protocol, s.State = netstat.UDP, 0
	return s
}

func connection(port uint16) *netstat.Socket {
	s := listens("127.0.0.1", port)
	s.State, s.Remote = netstat.TimeWait, s.Local
	return s
}

func TestAftermath(t *testing.T) {
	two := []*process.Process{node, other}
	before := shot(-time.Second, held(listens("127.0.0.1", 3000), 1, node), held(listens("::1", 3000), 2, node), held(listens("0.0.0.0", 9229), 3, node), held(udp(listens("0.0.0.0", 5353)), 4, node, again),
		held(listens("0.0.0.0", 80), 5, other), held(connection(3000), 6, node))
	tests := map[string]struct {
		targets []*process.Process
		before  *netstat.Snapshot
		after   *netstat.Snapshot
		want    string
		free    int
	}{
		"free":            {[]*process.Process{node}, shot(0, held(listens("0.0.0.0", 3000), 1, node)), shot(1), "port 3000 is free", 1},
		"two free":        {[]*process.Process{node}, shot(0, held(listens("0.0.0.0", 3001), 1, node), held(listens("0.0.0.0", 3000), 2, node)), shot(1), "ports 3000 and 3001 are free", 2},
		"one, both kinds": {[]*process.Process{node}, shot(0, held(listens("0.0.0.0", 53), 1, node), held(udp(listens("0.0.0.0", 53)), 2, node)), shot(1), "port 53 is free", 2},
		"came back": {[]*process.Process{node}, shot(0, held(listens("0.0.0.0", 3000), 1, node)), shot(1, held(listens("0.0.0.0", 3000), 7, again)),
			"port 3000 came back as PID 4242 (node), started by nodemon", 0},
		"came back, on both families": {[]*process.Process{node}, shot(0, held(listens("0.0.0.0", 3000), 1, node)), shot(1, held(listens("127.0.0.1", 3000), 7, again), held(listens("::1", 3000), 8, again)),
			"port 3000 came back as PID 4242 (node), started by nodemon", 0},
		"came back, hidden": {[]*process.Process{node}, shot(0, held(listens("0.0.0.0", 3000), 1, node)), shot(1, held(listens("0.0.0.0", 3000), 7)),
			"port 3000 came back, by a process that this user may not see", 0},
		"the same number, another process": {[]*process.Process{node}, shot(0, held(listens("0.0.0.0", 3000), 1, node)),
			shot(1, held(listens("0.0.0.0", 3000), 7, &process.Process{ID: process.ID{PID: 812, Start: 99}, Name: "node"})), "port 3000 came back as PID 812 (node), started by nodemon", 0},
		"shared, still held": {[]*process.Process{node}, before, shot(1, held(udp(listens("0.0.0.0", 5353)), 4, again)),
			"port 5353 is still in use, by PID 4242 (node); ports 3000 and 9229 are free", 2},
		"others before": {[]*process.Process{node}, shot(0, held(listens("127.0.0.1", 3000), 1, node), held(listens("::1", 3000), 2, other)), shot(1, held(listens("::1", 3000), 2, other)),
			"port 3000 is still in use, by PID 90 (nginx)", 0},
		"several targets": {two, before, shot(1, held(listens("0.0.0.0", 80), 9, again)),
			"port 80 came back as PID 4242 (node), started by nodemon; ports 3000, 5353 and 9229 are free", 3},
		"read before the end":            {two, before, shot(-1, held(listens("0.0.0.0", 80), 5, other)), "", 0},
		"one target has not ended":       {two, before, shot(1, held(listens("0.0.0.0", 80), 5, other)), "port 80 is still in use, by PID 90 (nginx); ports 3000, 5353 and 9229 are free", 3},
		"connections do not count":       {[]*process.Process{node}, before, shot(1, held(connection(3000), 6)), "ports 3000, 5353 and 9229 are free", 3},
		"another's port does not count":  {[]*process.Process{node}, before, shot(1, held(listens("0.0.0.0", 80), 5, other), held(listens("0.0.0.0", 81), 9, again)), "ports 3000, 5353 and 9229 are free", 3},
		"no ports":                       {[]*process.Process{proc(1, "x", "")}, before, shot(1), "", 0},
		"nobody":                         {nil, before, shot(1), "", 0},
		"nothing was read before":        {[]*process.Process{node}, nil, shot(1), "", 0},
		"nothing was read after":         {[]*process.Process{node}, before, nil, "", 0},
		"a name with escape codes is no": {[]*process.Process{node}, shot(0, held(listens("0.0.0.0", 3000), 1, node)), shot(1, held(listens("0.0.0.0", 3000), 7, proc(77, "a\x1b[2J", ""))), `port 3000 came back as PID 77 (a\x1b[2J), started by nodemon`, 0},
		"no name":                        {[]*process.Process{node}, shot(0, held(listens("0.0.0.0", 3000), 1, node)), shot(1, held(listens("0.0.0.0", 3000), 7, proc(77, "", ""))), `port 3000 came back as PID 77, started by nodemon`, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := NewAftermath(test.targets, test.before)
			a.startedBy = func(*process.Process) string { return "nodemon" }
			a.Begin(ended)
			v := a.Verdict(test.after)
			if v.Text != test.want || len(v.Free) != test.free {
				t.Errorf("%q, %d free\nwant %q, %d free", v.Text, len(v.Free), test.want, test.free)
			}
			if second := a.Verdict(test.after); second.Text != v.Text {
				t.Errorf("asked again it says %q", second.Text)
			}
		})
	}
}

// TestManyPorts: their number is enough.
func TestManyPorts(t *testing.T) {
	var sockets []netstat.Socket
	for i := range 40 {
		sockets = append(sockets, held(listens("0.0.0.0", uint16(4000+i)), uint64(i+1), node))
	}
	a := NewAftermath([]*process.Process{node}, shot(0, sockets...))
	a.Begin(ended)
	if v := a.Verdict(shot(1)); v.Text != "40 ports are free" || len(v.Free) != 40 {
		t.Errorf("%q", v.Text)
	}
}

// TestStartedByIsAskedOnce: the process table is not read at every refresh.
func TestStartedByIsAskedOnce(t *testing.T) {
	a := NewAftermath([]*process.Process{node}, shot(0, held(listens("0.0.0.0", 3000), 1, node)))
	asked := 0
	a.startedBy = func(*process.Process) string { asked++; return "" }
	a.Begin(ended)
	for range 3 {
		if v := a.Verdict(shot(1, held(listens("0.0.0.0", 3000), 7, again))); v.Text != "port 3000 came back as PID 4242 (node)" || v.Back[0].Still || v.Back[0].Process != again {
			t.Errorf("%+v", v)
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

func TestOver(t *testing.T) {
	a := NewAftermath([]*process.Process{node}, shot(0))
	if a.Over(shot(time.Hour)) {
		t.Error("over before it began")
	}
	a.Begin(ended)
	for after, want := range map[time.Duration]bool{0: false, Watched - 1: false, Watched + 1: true} {
		if got := a.Over(shot(after)); got != want {
			t.Errorf("after %v: %v", after, got)
		}
	}
	if a.Over(nil) {
		t.Error("over without a snapshot")
	}
}

func TestStartedBy(t *testing.T) {
	inUnit := proc(30, "postgres", "postgres")
	inUnit.App.Unit = "postgresql.service"
	inside := proc(30, "node", "node x")
	inside.App = app.App{Kind: app.Container, Runtime: "docker", ID: dbID}
	init := proc(1, "systemd", "/sbin/init")
	tests := []struct {
		p     *process.Process
		above []*process.Process
		err   error
		want  string
	}{
		{again, []*process.Process{proc(20, "node", "node /usr/bin/nodemon")}, nil, "nodemon"},
		{again, []*process.Process{proc(25, "sh", "sh -c x"), proc(20, "node", "PM2 v5.4.2: God Daemon (/home/alice/.pm2)")}, nil, "pm2"},
		{again, []*process.Process{proc(25, "zsh", "-zsh"), proc(20, "iTerm2", "")}, nil, "zsh"},
		{again, []*process.Process{proc(25, "a\nb", "")}, nil, `a\nb`},
		{inUnit, []*process.Process{init}, nil, "systemd (postgresql.service)"},
		{inside, []*process.Process{proc(7, "containerd-shim", ""), init}, nil, "Docker"},
		{again, []*process.Process{init}, nil, "systemd"},
		{again, nil, nil, ""},
		{again, nil, fmt.Errorf("x: %w", process.ErrGone), ""},
		{again, nil, errors.ErrUnsupported, ""},
	}
	for _, test := range tests {
		f := startedBy(func(process.ID) ([]*process.Process, error) { return test.above, test.err })
		if got := f(test.p); got != test.want {
			t.Errorf("%s: %q, want %q", test.p.Name, got, test.want)
		}
	}
}

// FuzzVerdict: whatever is on the ports afterwards, each of them is told of, once as free or else as not.
func FuzzVerdict(f *testing.F) {
	f.Add([]byte{1, 2, 3}, []byte{0, 9, 200})
	f.Fuzz(func(t *testing.T, before, after []byte) {
		owners := [][]*process.Process{{node}, {other}, {again}, {node, other}, {}, {other, again}}
		make := func(data []byte) (all []netstat.Socket) {
			for i, b := range data {
				s := listens("0.0.0.0", uint16(b%8)+1)
				if b&0x40 != 0 {
					udp(s)
				}
				all = append(all, held(s, uint64(b)+uint64(i%2)<<8, owners[int(b>>3)%len(owners)]...))
			}
			return all
		}
		a := NewAftermath([]*process.Process{node}, shot(0, make(before)...))
		a.startedBy = func(*process.Process) string { return "x" }
		a.Begin(ended)
		v := a.Verdict(shot(1, make(after)...))
		for _, p := range a.ports {
			back := slices.ContainsFunc(v.Back, func(r Return) bool { return r.Port == p })
			if free := slices.Contains(v.Free, p); free == back {
				t.Errorf("port %v: free %v, back %v", p, free, back)
			}
		}
		if (v.Text == "") != (len(a.ports) == 0) {
			t.Errorf("%d ports, %q", len(a.ports), v.Text)
		}
	})
}
