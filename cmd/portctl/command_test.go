package main

import (
	"encoding/json"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestWrongCommandLines(t *testing.T) {
	for _, test := range []struct {
		args string
		says string
	}{
		{"lst", `unknown command "lst"`},
		{"list --nonsense", "unknown flag: --nonsense"},
		{"list --sort colour", `no column is named "colour"`},
		{"list port:abc", "abc"},
		{"list state:foo", "foo"},
		{"who", "name one port, as in portctl who 3000"},
		{"who 3000 3001", "name one port"},
		{"who abc", `"abc" is no port`},
		{"who 0", `"0" is no port`},
		{"who 65536", `"65536" is no port`},
		{"who pid:812", `"pid:812" is no port`},
		{"kill", "name a port or a PID"},
		{"kill abc", `"abc" is neither a port nor a PID`},
		{"kill :", "is no port"},
		{"kill :0", "is no port"},
		{"kill :65536", "is no port"},
		{"kill port:", "is no port"},
		{"kill pid:0", "is no process"},
		{"kill pid:-1", "is no process"},
		{"kill pid:99999999999999999999", "is no process"},
		{"kill +5", "is neither"},
		{"kill -1", "unknown shorthand flag"},
		{"kill 0", "is neither"},
		{"kill :3000 --grace 0s", "--grace"},
		{"kill :3000 --grace soon", "invalid argument"},
		{"watch --interval 1ms", "the shortest is 100ms"},
		{"version now", "unknown command"},
	} {
		f := newFakeSystem(testSnapshot())
		if code := f.run(t, strings.Fields(test.args)...); code != exitUsage {
			t.Errorf("%s: exit code %d, want %d", test.args, code, exitUsage)
		}
		if got := f.errOut.String(); !strings.Contains(got, test.says) {
			t.Errorf("%s: says %q, want %q in it", test.args, got, test.says)
		}
		if f.out.Len() > 0 || len(f.killed) > 0 {
			t.Errorf("%s: printed %q, sent %v", test.args, f.out.String(), f.killed)
		}
	}
}

func TestErrorsAsJSON(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	wantCode(t, f.run(t, "who", "9999", "--json"), exitNothing)
	var got errorJSON
	if err := json.Unmarshal([]byte(f.errOut.String()), &got); err != nil {
		t.Fatalf("standard error is no JSON: %v\n%s", err, f.errOut.String())
	}
	if want := (errorJSON{"nobody holds port 9999", exitNothing}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestHostileArgumentsAreCleaned(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	for _, args := range [][]string{{"list", "no\x1b[2Jsuch"}, {"who", "\x1b[2J"}, {"kill", "\x1b[2J"}, {"\x1b[2J"}, {"list", "--\x1b[2J"}} {
		if code := f.run(t, args...); code == exitDone {
			t.Errorf("%q was taken", args)
		}
		if strings.Contains(f.errOut.String()+f.out.String(), "\x1b") {
			t.Errorf("%q came back as it was: %q", args, f.errOut.String())
		}
	}
}

func TestVersion(t *testing.T) {
	version = "v1.2.3"
	t.Cleanup(func() { version = "" })
	f := newFakeSystem(testSnapshot())
	wantCode(t, f.run(t, "version"), exitDone)
	wantText(t, "standard output", f.out.String(), "portctl v1.2.3 ("+runtime.GOOS+"/"+runtime.GOARCH)
	wantCode(t, f.run(t, "version", "--json"), exitDone)
	wantText(t, "standard output", f.out.String(), `{"version":"v1.2.3","go":"go`)
}

func TestCompletion(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		wantCode(t, f.run(t, "completion", shell), exitDone)
		wantText(t, shell+" completion", f.out.String(), "portctl")
	}
	wantCode(t, f.run(t, "__complete", "kill", ""), exitDone)
	wantText(t, "completion", f.out.String(), "5432\tpostgres, PID 812\n", "22\ta process of user root")
	wantCode(t, f.run(t, "__complete", "list", "--sort", ""), exitDone)
	for _, name := range []string{"port", "pid", "app"} {
		if !slices.Contains(strings.Split(f.out.String(), "\n"), name) {
			t.Errorf("no column %s is offered:\n%s", name, f.out.String())
		}
	}
}

func TestWorst(t *testing.T) {
	for _, test := range []struct {
		codes []int
		want  int
	}{
		{nil, exitDone},
		{[]int{exitDone, exitDone}, exitDone},
		{[]int{exitNothing, exitDone}, exitNothing},
		{[]int{exitNothing, exitStillRunning}, exitStillRunning},
		{[]int{exitStillRunning, exitNotPermitted}, exitNotPermitted},
		{[]int{exitNotPermitted, exitFailed, exitDone}, exitFailed},
	} {
		if got := worst(test.codes...); got != test.want {
			t.Errorf("worst(%v) = %d, want %d", test.codes, got, test.want)
		}
	}
}
