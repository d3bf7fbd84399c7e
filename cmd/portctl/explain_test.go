package main

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"portolan/internal/explain"
	"portolan/internal/netstat"
	"portolan/internal/process"
)

func TestExplain(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	tests := []struct {
		args, language string
		holds          []string
	}{
		{"TIME_WAIT", "", []string{"TIME_WAIT", "They clear by themselves", "  $ ", "-> closing"}},
		{"time-wait", "de_AT.UTF-8", []string{"TIME_WAIT", "Sekunden"}},
		{"ephemeral", "fr_FR.UTF-8", []string{"32768 to 60999"}},
		{"3000", "", []string{"Port 3000", "RemoteWare", "does not hand it out", "Now: node"}},
		{":22", "de", []string{"Port 22", "SSH", "unter 1024", "Jetzt: "}},
		{"50001", "", []string{"dynamic ports", "lies in the range", "Nobody waits on it now", "ephemeral"}},
	}
	for _, test := range tests {
		f.getenv = func(name string) string { return map[string]string{"LANG": test.language}[name] }
		wantCode(t, f.run(t, "explain", test.args), exitDone)
		wantText(t, test.args, strings.Join(strings.Fields(f.out.String()), " "), strings.Fields(strings.Join(test.holds, " "))...)
		for line := range strings.Lines(f.out.String()) {
			if displayWidth(line) > textWidth+1 && !strings.Contains(line, "$") {
				t.Errorf("%s: a line of %d cells: %s", test.args, displayWidth(line), line)
			}
		}
	}
}

func TestExplainLanguage(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	for _, test := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{"LANG": "de_DE.UTF-8"}, "eine"},
		{map[string]string{"LANG": "de_DE.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "closed connection"},
		{map[string]string{"LANG": "en_US.UTF-8", "LC_MESSAGES": "en_US.UTF-8", "LC_ALL": "de_CH"}, "eine"},
		{nil, "closed connection"},
	} {
		f.getenv = func(name string) string { return test.env[name] }
		wantCode(t, f.run(t, "explain", "TIME_WAIT"), exitDone)
		if !strings.Contains(strings.ToLower(f.out.String()), test.want) {
			t.Errorf("%v: %s", test.env, f.out.String())
		}
	}
}

func TestExplainKnownProcess(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	wantCode(t, f.run(t, "explain", "cupsd"), exitDone) // both systems have it
	wantText(t, "cupsd", f.out.String(), "printing system")
	german := func(name string) string { return map[string]string{"LANG": "de_DE.UTF-8"}[name] }
	f.getenv = german
	wantCode(t, f.run(t, "explain", "cupsd"), exitDone)
	wantText(t, "cupsd in German", f.out.String(), "Drucksystem")

	// Who has a port is told in the language of the rest.
	s := testSnapshot()
	printing := &process.Process{ID: process.ID{PID: 631, Start: 1}, Name: "cupsd", User: "root"}
	s.Sockets = append(s.Sockets, netstat.Socket{ID: 0x99, Protocol: netstat.TCP, State: netstat.Listen, Local: at("127.0.0.1:631"), Owners: heldByDescriptor(printing)})
	f = newFakeSystem(s)
	f.getenv = german
	wantCode(t, f.run(t, "explain", "631"), exitDone)
	if text := strings.Join(strings.Fields(f.out.String()), " "); !strings.Contains(text, "Jetzt: cupsd") || !strings.Contains(text, "Das Drucksystem.") || strings.Contains(text, "printing") {
		t.Errorf("%s", text)
	}
}

func TestExplainUnknown(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	for _, word := range []string{"nonsense\x1b[2J", "0", "70000", "-1"} {
		wantCode(t, f.run(t, "explain", "--", word), exitNothing)
		for _, id := range explain.IDs() {
			if !strings.Contains(f.errOut.String(), id) {
				t.Errorf("%q: the message lacks %s: %s", word, id, f.errOut.String())
			}
		}
		if strings.ContainsRune(f.errOut.String(), '\x1b') {
			t.Error("what was typed is printed as it is")
		}
	}
	wantCode(t, f.run(t, "explain"), exitDone)
	if lines := strings.Count(f.out.String(), "\n"); lines != len(explain.IDs())+1 {
		t.Errorf("%d lines for %d topics", lines, len(explain.IDs()))
	}
}

// TestExplainPortWithoutSockets: what is known of a port is told even when nobody can be asked who has it.
func TestExplainPortWithoutSockets(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	f.openErr = errors.New("no netlink on " + runtime.GOOS)
	wantCode(t, f.run(t, "explain", "5432"), exitFailed)
	wantText(t, "standard output", f.out.String(), "postgresql")
	wantText(t, "standard error", f.errOut.String(), "no netlink")
}
