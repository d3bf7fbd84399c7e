package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/restart"
)

// TestWhoTellsAll: in words, the ancestors, the command, the container, the unit, and what would start it again.
func TestWhoTellsAll(t *testing.T) {
	web := working(newProcess(500, "nginx", "/usr/sbin/nginx", "alice", app.App{
		Name: "shop-web-1", Kind: app.Container, ID: strings.Repeat("0123456789abcdef", 4), Image: "nginx:1.27", Runtime: "docker", Unit: "docker-0123.scope"}),
		app.Work{Line: "nginx -g daemon off; --password=***", Dir: "/", Project: "/"})
	f := newFakeSystem(&netstat.Snapshot{Taken: testSnapshot().Taken, Sockets: []netstat.Socket{
		{ID: 1, Protocol: netstat.TCP, Local: at("0.0.0.0:8080"), State: netstat.Listen, Owners: heldByDescriptor(web)},
		{ID: 2, Protocol: netstat.TCP, Local: at("[::]:8080"), State: netstat.Listen, Owners: heldByDescriptor(web)},
	}})
	f.above = []*process.Process{{ID: process.ID{PID: 400}, Name: "containerd-shim"}, {ID: process.ID{PID: 1}, Name: "systemd"}}
	f.causes[500] = []restart.Cause{{Kind: restart.Container, By: "Docker", Text: "Docker starts the container again: its restart policy is always.", Stop: "docker stop shop-web-1", Returns: true}}
	wantCode(t, f.run(t, "who", "8080"), exitDone)
	golden(t, "who-container.txt", f.out.String())
	wantCode(t, f.run(t, "who", "8080", "--json"), exitDone)
	golden(t, "who-container.json", indented(t, f.out.String()))
}

// TestWhoTellsWhatIsLeft: a process that has ended meanwhile is described by what the snapshot has.
func TestWhoTellsWhatIsLeft(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	f.ancestors = func(process.ID) ([]*process.Process, error) { return nil, errors.New("no such process") }
	wantCode(t, f.run(t, "who", "5432"), exitDone)
	wantText(t, "standard output", f.out.String(), "Your process postgres (PID 812) accepts connections from this computer only on TCP port 5432.")
	if strings.Contains(f.out.String(), "started by") {
		t.Errorf("it makes ancestors up:\n%s", f.out.String())
	}
}

// TestWhoIsBounded: a web server may have a hundred workers.
func TestWhoIsBounded(t *testing.T) {
	var workers []*process.Process
	for i := range 100 {
		workers = append(workers, newProcess(1000+i, "nginx", "/usr/sbin/nginx", "www", app.App{Name: "nginx"}))
	}
	f := newFakeSystem(&netstat.Snapshot{Sockets: []netstat.Socket{{ID: 1, Protocol: netstat.TCP, Local: at("0.0.0.0:80"), State: netstat.Listen, Owners: heldByDescriptor(workers...)}}})
	wantCode(t, f.run(t, "who", "80"), exitDone)
	wantText(t, "standard output", f.out.String(), "and 95 more processes (--json tells of all)")
	if n := strings.Count(f.out.String(), "accepts connections"); n != mostPortraits {
		t.Errorf("%d portraits", n)
	}
	wantCode(t, f.run(t, "who", "80", "--json"), exitDone)
	var got whoJSON
	if err := json.Unmarshal([]byte(f.out.String()), &got); err != nil || len(got.Processes) != 100 {
		t.Errorf("%d processes, %v", len(got.Processes), err)
	}
}

// TestHostilePortrait: a shell's prompt may be in any name.
func TestHostilePortrait(t *testing.T) {
	evil := "\x1b]0;x\x07\u202e\n"
	p := working(newProcess(7, "x"+evil, "/x"+evil, "u"+evil, app.App{Name: "a" + evil, Kind: app.Container, ID: evil, Image: evil, Runtime: evil, Unit: evil, UserUnit: true, In: evil}),
		app.Work{Title: evil, Line: evil, Dir: evil, Project: "p" + evil})
	f := newFakeSystem(&netstat.Snapshot{Sockets: []netstat.Socket{{ID: 1, Protocol: netstat.TCP, Local: at("0.0.0.0:80"), State: netstat.Listen, Owners: heldByDescriptor(p)}}})
	f.above = []*process.Process{{Name: evil}}
	f.causes[7] = []restart.Cause{{Kind: restart.Supervisor, By: evil, Text: evil, Stop: evil}}
	for _, args := range []string{"who 80", "who 80 --json", "list --by-app", "list --by-app --json", "list", "kill :80 --dry-run", "kill :80 --dry-run --json"} {
		wantCode(t, f.run(t, strings.Fields(args)...), exitDone)
		if i := strings.IndexAny(strings.ReplaceAll(f.out.String(), "\n", ""), "\x1b\x07\u202e"); i >= 0 {
			t.Errorf("%s prints what steers a terminal: %q", args, f.out.String())
		}
	}
}

// TestNamesAreWaitedFor: what a runtime has told meanwhile is read again; where nothing is asked for there is one read.
func TestNamesAreWaitedFor(t *testing.T) {
	for _, args := range []string{"list", "list --json", "list --by-app", "who 3000", "kill :3000 --dry-run"} {
		for unsettled, reads := range map[bool]int{false: 1, true: 2} {
			f := newFakeSystem(testSnapshot())
			f.unsettled = unsettled
			wantCode(t, f.run(t, strings.Fields(args)...), exitDone)
			if f.reads != reads {
				t.Errorf("%s, unsettled %v: %d reads, want %d", args, unsettled, f.reads, reads)
			}
		}
	}
	f := newFakeSystem(testSnapshot())
	f.unsettled = true
	f.open = func() (source, error) { return &failsLater{f, fmt.Errorf("dump interrupted")}, nil }
	wantCode(t, f.run(t, "list"), exitDone) // what is there is better than nothing
	wantText(t, "standard output", f.out.String(), "5432")
}

// TestBytesAreCountedWhereShown: the counters cost the kernel much, so they are read for what prints them.
func TestBytesAreCountedWhereShown(t *testing.T) {
	for args, counted := range map[string]bool{"list": false, "list --json": true, "list --by-app": true, "list --by-app --json": true, "who 3000": false, "who 3000 --json": true} {
		f := newFakeSystem(testSnapshot())
		wantCode(t, f.run(t, strings.Fields(args)...), exitDone)
		if f.counted != counted {
			t.Errorf("%s: bytes were asked for is %v, want %v", args, f.counted, counted)
		}
	}
}
