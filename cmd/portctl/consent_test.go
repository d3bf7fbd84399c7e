package main

import (
	"encoding/json"
	"strings"
	"testing"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/restart"
)

var (
	proxy    = newProcess(77, "docker-proxy", "/usr/bin/docker-proxy", "root", app.App{Name: "Docker", Kind: app.Unit, ID: "docker.service", Unit: "docker.service"})
	forwards = restart.Cause{Kind: restart.Forwarder, By: "Docker", Text: "docker-proxy only forwards port 5432 to the container web.", Stop: "docker stop web"}
	returns  = restart.Cause{Kind: restart.Systemd, By: "systemd", Text: "systemd starts it again: Restart=always in postgresql.service.",
		Stop: "systemctl stop postgresql.service", Returns: true}
)

// forwarding is a computer on which docker-proxy holds port 5432.
func forwarding() (*fakeSystem, *netstat.Snapshot) {
	s := testSnapshot()
	for i := range s.Sockets {
		if len(s.Sockets[i].Owners) > 0 && s.Sockets[i].Owners[0].Process == postgres {
			s.Sockets[i].Owners = heldByDescriptor(proxy)
		}
	}
	f := newFakeSystem(s, without(s, proxy))
	f.causes[proxy.PID] = []restart.Cause{forwards}
	return f, s
}

// TestForwarderNeedsTwice: one --yes is not enough to break a container's port, and the message has the right command.
func TestForwarderNeedsTwice(t *testing.T) {
	for args, sent := range map[string]bool{
		":5432":                       false,
		":5432 --yes":                 false,
		":5432 -y":                    false,
		":5432 --yes --json":          false,
		":5432 --yes --yes=false -y":  false,
		":5432 --yes --yes":           true,
		":5432 -yy":                   true,
		":5432 -yy --json":            true,
		":5432 --yes=true --yes=true": true,
		":5432 :6666 --yes":           false, // nothing of it
	} {
		f, _ := forwarding()
		code := f.run(t, append([]string{"kill"}, strings.Fields(args)...)...)
		if (len(f.killed) > 0) != sent {
			t.Errorf("%s: sent %v", args, f.killed)
		}
		if want := map[bool]int{true: exitDone, false: exitUsage}[sent]; code != want {
			t.Errorf("%s: exit code %d, want %d", args, code, want)
		}
		if !sent {
			wantText(t, args, f.errOut.String(), "nothing was sent", "only forwards port 5432 to the container web", "docker stop web", "--yes --yes")
		}
	}
}

func TestForwarderIsAskedAbout(t *testing.T) {
	for _, args := range []string{":5432", ":5432 --yes"} {
		for answer, sent := range map[string]bool{"\n": false, "n\n": false, "y\n": true} {
			f, _ := forwarding()
			f.terminal.in, f.in = true, strings.NewReader(answer)
			f.run(t, append([]string{"kill"}, strings.Fields(args)...)...)
			wantText(t, "the question", f.errOut.String(), "End the forwarder, not the container, all the same? [y/N] ")
			if (len(f.killed) > 0) != sent {
				t.Errorf("%s, %q: sent %v", args, answer, f.killed)
			}
		}
	}
}

func TestWrongYes(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	wantCode(t, f.run(t, "kill", ":5432", "--yes=perhaps"), exitUsage)
	wantText(t, "standard error", f.errOut.String(), "perhaps")
	wantKilled(t, f)
}

// TestCausesAreToldFirst: before anything is asked, in a dry run and in JSON; a cause of several workers once.
func TestCausesAreToldFirst(t *testing.T) {
	hostileCause := restart.Cause{Kind: restart.Supervisor, By: "\x1b[2Jevil", Text: "\x1b[2Jevil starts it.", Stop: "kill \x1b[2J"}
	for _, args := range []string{"kill :3000 :5432 --dry-run", "kill :3000 :5432"} {
		f := newFakeSystem(testSnapshot())
		f.terminal.in, f.in = true, strings.NewReader("n\n")
		f.causes[node.PID], f.causes[worker.PID] = []restart.Cause{returns}, []restart.Cause{returns, hostileCause}
		f.run(t, strings.Fields(args)...)
		wantText(t, args, f.out.String(), "node (PID 4711): systemd starts it again: Restart=always in postgresql.service.\n  the right way to stop it: systemctl stop postgresql.service\n",
			`node (PID 4712): \x1b[2Jevil starts it.`)
		if n := strings.Count(f.out.String(), "Restart=always"); n != 1 {
			t.Errorf("%s tells it %d times", args, n)
		}
		wantKilled(t, f)
	}
	f := newFakeSystem(testSnapshot())
	f.causes[postgres.PID] = []restart.Cause{returns}
	wantCode(t, f.run(t, "kill", ":5432", "--json", "--dry-run"), exitDone)
	var got killJSON
	if err := json.Unmarshal([]byte(f.out.String()), &got); err != nil {
		t.Fatal(err)
	}
	want := causeJSON{Kind: "systemd", By: "systemd", Text: returns.Text, Stop: returns.Stop, Returns: true}
	if causes := got.Processes[0].Causes; len(causes) != 1 || causes[0] != want {
		t.Errorf("causes %+v, want %+v", causes, want)
	}
}

// TestCauseKinds: every kind has its word.
func TestCauseKinds(t *testing.T) {
	for kind := restart.Systemd; kind <= restart.Forwarder; kind++ {
		if got := causesAsJSON([]restart.Cause{{Kind: kind}}); got[0].Kind == "" {
			t.Errorf("kind %d has no word", kind)
		}
	}
}
