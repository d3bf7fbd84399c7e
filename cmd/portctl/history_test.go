package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"portolan/internal/app"
	"portolan/internal/history"
	"portolan/internal/instance"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
	"portolan/internal/table"
)

// eventful is a History in which port 3000 changed hands.
func eventful() (*history.History, time.Time) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	by := func(pid int, name string) []netstat.Owner {
		return []netstat.Owner{{By: netstat.ByDescriptor, Process: &process.Process{ID: process.ID{PID: pid, Start: 1}, Name: name, User: "ada", UID: 501,
			App: app.App{Name: name, Path: "/opt/" + name}}}}
	}
	listener := func(id uint64, pid int, name string) netstat.Socket {
		return netstat.Socket{ID: id, Protocol: netstat.TCP, State: netstat.Listen, Local: netip.MustParseAddrPort("0.0.0.0:3000"), UID: 501, Owners: by(pid, name)}
	}
	first, second := listener(1, 812, "node"), listener(2, 900, "evil\x1b[31m\u202ename")
	second.Local, second.DualStack = netip.MustParseAddrPort("[::]:3000"), true
	call := netstat.Socket{ID: 3, Protocol: netstat.TCP, State: netstat.Established, Local: netip.MustParseAddrPort("192.168.1.5:40000"),
		Remote: netip.MustParseAddrPort("93.184.216.34:443"), UID: 501, Owners: by(77, "browser")}
	gone := netstat.Socket{ID: 4, Protocol: netstat.UDP, Local: netip.MustParseAddrPort("[fe80::1%en0]:5353"), UID: -1, Absence: netstat.Concealed}
	h := history.New(history.Options{Side: table.SidesIn(func() port.Rules { return testRules })})
	at := func(after time.Duration) *netstat.Snapshot { return &netstat.Snapshot{Taken: noon.Add(after)} }
	begin := at(0)
	begin.Sockets = []netstat.Socket{first, gone}
	h.Record(monitor.Update{Snapshot: begin})
	h.Record(monitor.Update{Snapshot: at(time.Minute), Opened: []netstat.Socket{call}, Closed: []netstat.Socket{first}})
	h.Record(monitor.Update{Snapshot: at(3 * time.Minute), Opened: []netstat.Socket{second}, Closed: []netstat.Socket{call, gone}})
	return h, noon.Add(5 * time.Minute)
}

// remembering is a system on which Portolan runs.
func remembering(t *testing.T) *fakeSystem {
	t.Helper()
	h, now := eventful()
	f := newFakeSystem(testSnapshot())
	f.ask = func(_ context.Context, question string) ([]byte, error) {
		word, argument, _ := strings.Cut(question, " ")
		if word != history.Word {
			t.Errorf("asked %q", question)
		}
		var answer bytes.Buffer
		err := h.Answer(&answer, argument, now)
		return answer.Bytes(), err
	}
	return f
}

func TestHistoryContract(t *testing.T) {
	utc := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = utc })
	f := remembering(t)
	for _, test := range []struct{ file, args string }{
		{"history.json", "history --json"},
		{"history-query.json", "history --json --since 3m :3000"},
	} {
		wantCode(t, f.run(t, strings.Fields(test.args)...), exitDone)
		golden(t, test.file, indented(t, f.out.String()))
	}
	wantCode(t, f.run(t, "history"), exitDone)
	golden(t, "history.txt", f.out.String())
	wantCode(t, f.run(t, "history", ":3000", "--since", "3m"), exitDone)
	golden(t, "history-query.txt", f.out.String())
}

func TestHistoryOfNothing(t *testing.T) {
	f := remembering(t)
	wantCode(t, f.run(t, "history", ":9999"), exitNothing)
	wantText(t, "standard error", f.errOut.String(), `nothing matches ":9999" in the last 10m0s`)
	wantCode(t, f.run(t, "history", ":9999", "--json"), exitNothing)
	wantText(t, "standard output", f.out.String(), `"tenures":[],"events":[],"sums":[],"apps":[],"never_seen":0,"partial":false`)
	for _, args := range []string{"history --since 0s", "history --since -5m", "history --since 1000h", "history --since soon", "history weird:3"} {
		wantCode(t, f.run(t, strings.Fields(args)...), exitUsage)
	}
}

func TestHistoryWithoutPortolan(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	wantCode(t, f.run(t, "history"), exitFailed)
	wantText(t, "standard error", f.errOut.String(), "Portolan is not running", "portctl watch")
	f.ask = func(context.Context, string) ([]byte, error) {
		return nil, errors.New("the running instance refuses: no")
	}
	wantCode(t, f.run(t, "history", "--json"), exitFailed)
	wantText(t, "standard error", f.errOut.String(), `"exit_code":1`)
}

// TestHistoryTrustsNobody: whatever answers, nothing is printed that a terminal would act on, and nothing breaks.
func TestHistoryTrustsNobody(t *testing.T) {
	f := remembering(t)
	for _, args := range []string{"history", "history --json"} {
		wantCode(t, f.run(t, strings.Fields(args)...), exitDone)
		for _, r := range f.out.String() {
			if !unicode.IsPrint(r) && r != '\n' {
				t.Errorf("%s prints %U", args, r)
			}
		}
		wantText(t, args, f.out.String(), "evil")
	}
	for _, answer := range []string{"", "garbage", `{"Events":[{}],"Tenures":[{"Process":3}],"Sums":[{}]}`, `{"Events":3}`, "\x00\x1b[2J"} {
		f.ask = func(context.Context, string) ([]byte, error) { return []byte(answer), nil }
		if code := f.run(t, "history"); code != exitFailed && code != exitNothing {
			t.Errorf("%q: exit code %d", answer, code)
		}
	}
}

// TestHistorySums: what is known in sums only is told as such, and found by port and app.
func TestHistorySums(t *testing.T) {
	report := history.Report{Taken: time.Unix(1000, 0), Begun: time.Unix(1, 0), Whole: time.Unix(900, 0), Sums: []history.Sum{
		{From: time.Unix(800, 0), To: time.Unix(890, 0), Protocol: netstat.TCP, Port: 443, App: app.App{Name: "Browser"}, Process: "helper", Opened: 70, Closed: 60},
		{From: time.Unix(800, 0), To: time.Unix(840, 0), Protocol: netstat.UDP, Port: 53, Opened: 5},
		{From: time.Unix(842, 0), To: time.Unix(890, 0), Protocol: netstat.UDP, Port: 53, Opened: 2, Closed: 7}}}
	f := newFakeSystem(testSnapshot())
	f.ask = func(context.Context, string) ([]byte, error) {
		var text bytes.Buffer
		_, err := report.WriteTo(&text)
		return text.Bytes(), err
	}
	for args, want := range map[string]string{"": "udp 53", ":443": "70", "app:browser": "helper", "udp": "udp 53"} {
		wantCode(t, f.run(t, append([]string{"history"}, strings.Fields(args)...)...), exitDone)
		wantText(t, args, f.out.String(), "OPENED", want)
	}
	wantCode(t, f.run(t, "history", "app:other"), exitNothing)
	wantCode(t, f.run(t, "history", "--json"), exitDone)
	var out historyJSON
	if err := json.Unmarshal([]byte(f.out.String()), &out); err != nil || len(out.Sums) != 3 || out.Sums[0].Opened != 70 {
		t.Errorf("%v: %s", err, f.out.String())
	}
}

// TestHistoryCounts: what each app did is told as counts, of what no look has seen as at least so much, and sums of
// several minutes are one line.
func TestHistoryCounts(t *testing.T) {
	report := history.Report{Taken: time.Unix(1000, 0), Begun: time.Unix(1, 0), Whole: time.Unix(1, 0), Short: 300,
		Apps: []history.AppCount{
			{App: app.App{Name: "browser", Path: "/opt/browser"}, Outgoing: history.Tally{Now: 12, Opened: 30, Closed: 18}},
			{App: app.App{Name: "node", Path: "/opt/node"}, Incoming: history.Tally{Opened: 70, Closed: 70}, Listening: history.Tally{Now: 1}}},
		Sums: []history.Sum{
			{From: time.Unix(800, 0), To: time.Unix(830, 0), Protocol: netstat.UDP, Port: 53, Opened: 5},
			{From: time.Unix(860, 0), To: time.Unix(890, 0), Protocol: netstat.UDP, Port: 53, Opened: 2, Closed: 7}}}
	f := newFakeSystem(testSnapshot())
	f.ask = func(context.Context, string) ([]byte, error) {
		var text bytes.Buffer
		_, err := report.WriteTo(&text)
		return text.Bytes(), err
	}
	lines := func(args ...string) string {
		wantCode(t, f.run(t, append([]string{"history"}, args...)...), exitDone)
		return strings.Join(strings.Fields(f.out.String()), " ")
	}
	sums := "FROM TO PORT OPENED CLOSED PROCESS APP " + clock(time.Unix(800, 0)) + " " + clock(time.Unix(890, 0)) + " udp 53 7 7 - - "
	if got, want := lines(), sums+"APP SOCKETS NOW OPENED CLOSED browser outgoing 12 30 18 node listening 1 0 0 node incoming 0 70 70 - never seen open - ≥ 300 ≥ 300"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	report.Partial = true
	report.Sums[0].Process, report.Sums[0].App = "node", report.Apps[1].App
	if got := lines("node"); !strings.Contains(got, "node incoming 0 ≥ 70 ≥ 70") || strings.Contains(got, "browser") || strings.Contains(got, "never seen") {
		t.Error(got)
	}
	wantCode(t, f.run(t, "history", "--json"), exitDone)
	var out historyJSON
	if err := json.Unmarshal([]byte(f.out.String()), &out); err != nil || len(out.Sums) != 2 || len(out.Apps) != 2 || out.NeverSeen != 300 || !out.Partial {
		t.Errorf("%v: %s", err, f.out.String())
	} else if a := out.Apps[1]; a.App.Path != "/opt/node" || a.Incoming != (tallyJSON{0, 70, 70}) || a.Listening.Now != 1 {
		t.Errorf("%+v", a)
	}
}

// TestHistoryOfTheRunningApp: the way over the real socket, of this user alone.
func TestHistoryOfTheRunningApp(t *testing.T) {
	dir, err := os.MkdirTemp("", "portolan") // short: a socket's path has 103 bytes at most
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	dir = filepath.Join(dir, "run")
	in, err := instance.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	h, now := eventful()
	served := make(chan struct{})
	go func() {
		defer close(served)
		in.Serve(map[string]instance.Answer{history.Word: func(w io.Writer, argument string) error { return h.Answer(w, argument, now) }})
	}()
	t.Cleanup(func() { in.Close(); <-served })
	f := newFakeSystem(testSnapshot())
	f.ask = func(ctx context.Context, question string) ([]byte, error) { return instance.Ask(ctx, question, dir) }
	wantCode(t, f.run(t, "history", ":3000"), exitDone)
	wantText(t, "standard output", f.out.String(), "node", "812", "evil")
	info, err := os.Stat(filepath.Join(dir, "socket"))
	if err != nil || info.Mode().Perm() != 0o600 || info.Mode().Type() != os.ModeSocket {
		t.Errorf("the socket: %v, %v", info, err)
	}
}

// TestHistoryClass: who waited tells that a connection came in, also when only the connection was asked for.
func TestHistoryClass(t *testing.T) {
	came := netstat.Socket{ID: 1, Protocol: netstat.TCP, State: netstat.Established, Local: at("127.0.0.1:50001"), Remote: at("127.0.0.1:50002"), UID: 501}
	r := history.Report{Taken: began, Begun: began, Tenures: []history.Tenure{{Protocol: netstat.TCP, Local: at("0.0.0.0:50001"), From: began}},
		Events: []history.Event{{What: history.Opened, At: began, Socket: came}}}
	for _, test := range []struct {
		tenures []history.Tenure
		want    string
	}{{r.Tenures, "incoming"}, {nil, "outgoing"}} {
		r.Tenures = test.tenures
		query, err := table.ParseQuery("class:" + test.want)
		if err != nil {
			t.Fatal(err)
		}
		p := pick(r, table.View{Query: query, Ephemeral: port.Range{First: 32768, Last: 60999}})
		if len(p.events) != 1 {
			t.Fatalf("with %d listeners: class:%s finds %d events", len(test.tenures), test.want, len(p.events))
		}
		out := p.asJSON(newFakeSystem(testSnapshot()).system, r, waitedIn(r, port.Range{First: 32768, Last: 60999}), time.Minute)
		if got := out.Events[0].Socket.Class; got != test.want {
			t.Errorf("with %d listeners: %s, want %s", len(test.tenures), got, test.want)
		}
	}
}

// answering is a system on which Portolan answers with a report.
func answering(report *history.Report) *fakeSystem {
	f := newFakeSystem(testSnapshot())
	f.ask = func(context.Context, string) ([]byte, error) {
		var text bytes.Buffer
		_, err := report.WriteTo(&text)
		return text.Bytes(), err
	}
	return f
}

// TestHistoryThatCannotTell: what only sums are left of is not said to be nothing, when the query asks what no sum tells.
func TestHistoryThatCannotTell(t *testing.T) {
	report := history.Report{Taken: time.Unix(1000, 0), Begun: time.Unix(1, 0), Whole: time.Unix(900, 0), Sums: []history.Sum{
		{From: time.Unix(800, 0), To: time.Unix(890, 0), Protocol: netstat.TCP, Port: 443, App: app.App{Name: "Browser"}, Process: "helper", Opened: 234, Closed: 200}}}
	f := answering(&report)
	doubt := "Before " + clock(time.Unix(900, 0)) + " only sums are kept, which do not tell that"
	for _, query := range []string{"class:outgoing", "state:established", "!state:established", "class:unconnected", "local:127", "remote:10.0.0.0/8", "10.0.0.0/8", "93.184.216.34",
		"[::1]:80", "established", "pid:4", "user:ada", "exposed:no", "ephemeral:yes", "tcp4", "proto:tcp6", "app:browser -state:listen", "(app:other or class:outgoing)",
		":50001", "50001-50003"} {
		wantCode(t, f.run(t, "history", query), exitFailed)
		wantText(t, query, f.errOut.String(), doubt, "nothing that is known one by one matches")
		if f.out.String() != "" {
			t.Errorf("%s prints %s", query, f.out.String())
		}
	}
	wantCode(t, f.run(t, "history", "--json", "class:outgoing"), exitFailed)
	wantText(t, "standard output", f.out.String(), `"whole":"1970-01-01T00:15:00.000Z"`)
	wantCode(t, f.run(t, "history", "app:browser or class:outgoing"), exitDone)
	wantText(t, "what matches", f.out.String()+f.errOut.String(), "234", doubt)
	for query, code := range map[string]int{":443": exitDone, "tcp": exitDone, "helper": exitDone, "443": exitDone, ":9999": exitNothing, "other": exitNothing} {
		wantCode(t, f.run(t, "history", query), code)
		if strings.Contains(f.errOut.String(), "only sums") {
			t.Errorf("%s: %s", query, f.errOut.String())
		}
	}
	report.Sums = nil // so little happened that all of it is kept
	wantCode(t, f.run(t, "history", "class:outgoing"), exitNothing)
}

// TestHistoryWhole: on a terminal it is said from when on every event is known.
func TestHistoryWhole(t *testing.T) {
	report := history.Report{Taken: time.Unix(1000, 0), Begun: time.Unix(1, 0), Whole: time.Unix(900, 0), Short: 3, Sums: []history.Sum{
		{From: time.Unix(800, 0), To: time.Unix(890, 0), Protocol: netstat.TCP, Port: 443, Opened: 234}}}
	f := answering(&report)
	f.terminal.out = true
	said := func(from int64) string {
		return "Portolan has watched since " + clock(time.Unix(1, 0)) + ". Every event is known from " + clock(time.Unix(from, 0)) + " on"
	}
	wantCode(t, f.run(t, "history"), exitDone)
	wantText(t, "with sums", f.errOut.String(), said(900)+", before that sums.\n")
	report.Sums, report.Whole = nil, time.Unix(1, 0)
	wantCode(t, f.run(t, "history"), exitDone)
	wantText(t, "without", f.errOut.String(), said(400)+".\n")
	wantCode(t, f.run(t, "history", "--since", "1m"), exitDone)
	wantText(t, "of one minute", f.errOut.String(), said(940)+".\n")
}

// TestHistoryOfAnAppThatIsQuiet: an app of which something is printed is not nothing.
func TestHistoryOfAnAppThatIsQuiet(t *testing.T) {
	report := history.Report{Taken: time.Unix(1000, 0), Begun: time.Unix(1, 0), Whole: time.Unix(1, 0),
		Apps: []history.AppCount{{App: app.App{Name: "churner.py", Path: "/opt/churner.py"}, Outgoing: history.Tally{Now: 2}}}}
	f := answering(&report)
	wantCode(t, f.run(t, "history", "churner", "--since", "1m"), exitDone)
	wantText(t, "standard output", strings.Join(strings.Fields(f.out.String()), " "), "churner.py outgoing 2 0 0")
	if f.errOut.String() != "" {
		t.Error(f.errOut.String())
	}
	wantCode(t, f.run(t, "history", "churner", "--json"), exitDone)
	wantCode(t, f.run(t, "history", "other"), exitNothing)
}
