package table

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/process"
)

func TestGroupSentence(t *testing.T) {
	chrome := app.App{Name: "Chrome", Path: "/Applications/Chrome.app", Kind: app.Bundle}
	first := &process.Process{ID: process.ID{PID: 30, Start: 1}, Name: "Chrome", User: "alice", UID: 501, App: chrome}
	second := &process.Process{ID: process.ID{PID: 31, Start: 1}, Name: "Chrome Helper", User: "alice", UID: 501, App: chrome, Started: tellingTime.Add(-time.Hour)}
	many := &process.Process{ID: process.ID{PID: 40, Start: 1}, Name: "many", App: app.App{Name: "many", Path: "/many"}}
	s := &netstat.Snapshot{Taken: tellingTime, Sockets: []netstat.Socket{
		told(netstat.TCP, netstat.Listen, "127.0.0.1:9222", "", first),
		told(netstat.TCP, netstat.Listen, "127.0.0.1:9223", "", second),
		told(netstat.TCP, netstat.Listen, "0.0.0.0:8009", "", second),
		told(netstat.UDP, 0, "0.0.0.0:5353", "", second),
		told(netstat.TCP, netstat.Established, "10.0.0.2:4000", "142.250.185.78:443", first, second),
		told(netstat.TCP, netstat.TimeWait, "10.0.0.2:4001", "142.250.185.78:443"),
	}}
	for i := range 200 {
		s.Sockets = append(s.Sockets, told(netstat.TCP, netstat.Listen, fmt.Sprintf("10.1.1.%d:%d", i+1, 9000+i), "", many))
	}
	rows := map[string]*Row{}
	all := Rows(s, View{ByApp: true, Open: everything(s)})
	for i := range all {
		if g := all[i].Group; g != nil {
			rows[fmt.Sprintf("%s/%v", g.Name, g.Process != nil)] = &all[i]
		}
	}
	for row, want := range map[string]string{
		"Chrome/false": "Chrome has 2 processes with 5 sockets. It accepts connections from this computer only on TCP ports 9222 and 9223. " +
			"It accepts connections from the whole network on TCP port 8009. It receives datagrams from the whole network on UDP port 5353.",
		"Chrome/true": "Your process Chrome (PID 30) holds 2 sockets. It accepts connections from this computer only on TCP port 9222.",
		"Chrome Helper/true": "Your process Chrome Helper (PID 31), part of Chrome, holds 4 sockets. It accepts connections from this computer only on TCP port 9223. " +
			"It accepts connections from the whole network on TCP port 8009. It receives datagrams from the whole network on UDP port 5353. It has been running since 11:00.",
		"Kernel (no process)/false": "No process holds these sockets",
	} {
		if rows[row] == nil {
			t.Fatalf("there is no row %q among %v", row, rows)
		}
		if got := GroupSentence(rows[row], s, 501); !strings.HasPrefix(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", row, got, want)
		}
	}
	if got := GroupSentence(rows["many/false"], s, 501); len(got) > 1000 || !strings.HasSuffix(got, "It accepts connections in 194 places more.") {
		t.Errorf("of a server on 200 addresses: %q", got)
	}
	if GroupSentence(&Row{Socket: &s.Sockets[0]}, s, 501) != "" || GroupSentence(rows["Chrome/false"], nil, 501) != "" {
		t.Error("there is a sentence where there is no group, or no snapshot")
	}
}

func TestProcessLine(t *testing.T) {
	vite := &process.Process{ID: process.ID{PID: 812, Start: 1}, Name: "no\nde"}
	vite.Work.Title = "vite - shop"
	s := &netstat.Snapshot{Sockets: []netstat.Socket{
		told(netstat.TCP, netstat.Listen, "127.0.0.1:3000", "", vite),
		told(netstat.TCP, netstat.Listen, "[::1]:3000", "", vite),
		told(netstat.TCP, netstat.Listen, "127.0.0.1:9229", "", vite),
	}}
	if got, want := ProcessLine(vite, s), `no\nde (812), vite - shop: ports 3000 and 9229`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := ProcessLine(database, s), "postgres (640)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Names as long as their processes like do not drown what is said of them.
func TestSentenceOfLongNames(t *testing.T) {
	long := strings.Repeat("ä", 10_000)
	p := &process.Process{ID: process.ID{PID: 7, Start: 1}, Name: long, User: long, UID: 9, App: app.App{Name: long + "x"}}
	p.Work.Title = long + "y"
	s := &netstat.Snapshot{Taken: tellingTime, Sockets: []netstat.Socket{told(netstat.TCP, netstat.Listen, "127.0.0.1:1", "", p)}}
	row := Row{Socket: &s.Sockets[0], Owner: &s.Sockets[0].Owners[0]}
	for _, text := range []string{Sentence(&row, s, 501, nil), Chain(p, []*process.Process{p, p}), ProcessLine(p, s)} {
		if n := len([]rune(text)); n > 400 {
			t.Errorf("%d characters: %.100q", n, text)
		}
	}
}

// What has just closed has no socket any more; that of the lens may have others.
func TestGroupSentenceOfWhatHasClosed(t *testing.T) {
	s := sample()
	for i, r := range Rows(s, View{ByApp: true}) {
		r.Mark = MarkClosed
		if got := GroupSentence(&r, s, -1); !strings.HasSuffix(got, " has no socket open any more.") {
			t.Errorf("row %d: %q", i, got)
		}
		r.Flow = &Flow{}
		if got := GroupSentence(&r, s, -1); got != "No connection of this kind is open any more." {
			t.Errorf("row %d in the lens: %q", i, got)
		}
	}
}
