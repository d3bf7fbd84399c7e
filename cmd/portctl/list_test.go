package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"

	"portolan/internal/export"
	"portolan/internal/netstat"
	"portolan/internal/port"
)

// TestListContract holds the JSON fast. Fields may be added to the golden files; nothing may go.
func TestListContract(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	for _, test := range []struct{ file, args string }{
		{"list.json", "list --json"},
		{"list-query.json", "list --json state:listen app:postgres"},
		{"list-by-app.json", "list --json --by-app"},
		{"who.json", "who --json :3000"},
	} {
		wantCode(t, f.run(t, strings.Fields(test.args)...), exitDone)
		if lines := strings.Count(f.out.String(), "\n"); lines != 1 {
			t.Errorf("%s: %d lines, want one", test.args, lines)
		}
		golden(t, test.file, indented(t, f.out.String()))
	}
}

// indented makes JSON fit to be read in a golden file, and checks that it is JSON.
func indented(t *testing.T, text string) string {
	t.Helper()
	var out strings.Builder
	for line := range strings.Lines(text) {
		var v json.RawMessage
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("not JSON: %v\n%s", err, line)
		}
		pretty, err := json.MarshalIndent(v, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		out.Write(export.EscapeUnseen(pretty))
		out.WriteByte('\n')
	}
	return out.String()
}

func TestListText(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	for _, test := range []struct{ file, args string }{
		{"list.txt", "list"},
		{"list-sorted.txt", "list state:listen --sort port --reverse"},
		{"list-by-app.txt", "list --by-app"},
		{"who.txt", "who 3000"},
		{"who-hidden.txt", "who 22"},
	} {
		wantCode(t, f.run(t, strings.Fields(test.args)...), exitDone)
		golden(t, test.file, f.out.String())
	}
}

// TestByAppSorts: by a column of that view, counts with the most first.
func TestByAppSorts(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	for args, first := range map[string]string{
		"":                    "evil",
		"--sort name":         "evil",
		"--sort name -r":      "root's processes, names hidden",
		"--sort processes":    "vite - shop",
		"--sort received":     "vite - shop",
		"--sort closing":      "Kernel (no process)",
		"--sort udp":          "mDNSResponder",
		"--sort port":         "root's processes, names hidden",
		"--sort established":  "Safari",
		"--sort listening -r": "mDNSResponder", // the least, and none of the others before it by name
	} {
		wantCode(t, f.run(t, append([]string{"list", "--by-app"}, strings.Fields(args)...)...), exitDone)
		if lines := strings.Split(f.out.String(), "\n"); !strings.HasPrefix(lines[1], first) {
			t.Errorf("%s: the first is %s, want %s", args, lines[1], first)
		}
	}
	wantCode(t, f.run(t, "list", "--sort", "listening"), exitUsage) // a column of the other view
	wantCode(t, f.run(t, "list", "--by-app", "--sort", "local"), exitUsage)
}

func TestHiddenGoesToStandardError(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	wantCode(t, f.run(t, "list"), exitDone)
	wantText(t, "standard error", f.errOut.String(), "10 sockets", "run as administrator")
	wantCode(t, f.run(t, "list", "udp"), exitDone)
	wantText(t, "standard error", f.errOut.String(), "1 shown of 10 sockets")

	open := testSnapshot()
	open.Hidden = netstat.Hidden{}
	f = newFakeSystem(open)
	wantCode(t, f.run(t, "list"), exitDone)
	if f.errOut.Len() > 0 {
		t.Errorf("nothing is hidden, and nobody looks, yet it says %q", f.errOut.String())
	}
}

func TestNothingMatched(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	wantCode(t, f.run(t, "list", ":9999"), exitNothing)
	wantText(t, "standard error", f.errOut.String(), `nothing matches ":9999"`)
	wantCode(t, f.run(t, "list", ":9999", "--json"), exitNothing)
	wantText(t, "standard output", f.out.String(), `"sockets":[]`)
	wantCode(t, f.run(t, "list", ":9999", "--json", "--by-app"), exitNothing)
	wantText(t, "standard output", f.out.String(), `"apps":[]`)
}

func TestAnEmptyComputerIsNoError(t *testing.T) {
	f := newFakeSystem(&netstat.Snapshot{})
	wantCode(t, f.run(t, "list"), exitDone)
	wantCode(t, f.run(t, "list", "--json"), exitDone)
	wantText(t, "standard output", f.out.String(), `"sockets":[]`)
}

// TestNothingUnseenIsPrinted: names hold escape sequences, newlines, bidi marks and C1 controls.
func TestNothingUnseenIsPrinted(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	for _, args := range []string{"list", "list --json", "list --by-app", "list --by-app --json", "who 6666", "who 6666 --json",
		"kill :6666 --dry-run", "kill :6666 --yes", "kill :6666 --yes --json", "kill 666", "__complete who "} {
		f.run(t, strings.Split(args, " ")...)
		for _, text := range []string{f.out.String(), f.errOut.String()} {
			for _, r := range text {
				if !unicode.IsPrint(r) && r != '\n' && (r != '\t' || !strings.HasPrefix(args, "__")) {
					t.Errorf("%s prints %U: %q", args, r, text)
					break
				}
			}
		}
		if !strings.Contains(f.out.String()+f.errOut.String(), "evil") {
			t.Errorf("%s does not name the process at all", args)
		}
	}
}

func TestTerminal(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	f.terminal = terminal{out: true, width: 70, colour: true}
	wantCode(t, f.run(t, "list"), exitDone)
	wantText(t, "standard output", f.out.String(), "\x1b[1mPROTO\x1b[m", "\x1b[32mLISTEN\x1b[m", "…")
	f.terminal.colour = false
	wantCode(t, f.run(t, "list"), exitDone)
	for line := range strings.Lines(f.out.String()) {
		if strings.Contains(line, "\x1b") {
			t.Errorf("colours without leave: %q", line)
		}
	}
}

func TestWhoHoldsNothing(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	wantCode(t, f.run(t, "who", "9999"), exitNothing)
	wantText(t, "standard error", f.errOut.String(), "portctl: nobody holds port 9999\n")
	wantCode(t, f.run(t, "who", "443"), exitNothing)
	wantText(t, "standard error", f.errOut.String(), "nobody holds port 443 here; 1 connection goes out to port 443 elsewhere")
}

// TestMomentSorts: a whole second has its three digits too.
func TestMomentSorts(t *testing.T) {
	zone := time.FixedZone("there", 3600)
	for given, want := range map[time.Time]string{
		time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC):            `"2026-11-22T10:00:00.000Z"`,
		time.Date(2026, 11, 22, 11, 0, 0, 120_999_999, zone):      `"2026-11-22T10:00:00.120Z"`,
		time.Date(2026, 11, 22, 10, 0, 59, 999_999_999, time.UTC): `"2026-11-22T10:00:59.999Z"`,
	} {
		text, err := json.Marshal(export.Moment{Time: given})
		if err != nil || string(text) != want {
			t.Errorf("%v: %s, %v, want %s", given, text, err, want)
		}
		var back export.Moment
		if err := json.Unmarshal(text, &back); err != nil || !back.Equal(given.Truncate(time.Millisecond)) {
			t.Errorf("%s read as %v, %v", text, back, err)
		}
	}
}

// TestEphemeralRangeUnknown: where a sandbox keeps the range from us, the list is there all the same.
func TestEphemeralRangeUnknown(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	f.rules = func() (port.Rules, error) {
		return port.Rules{}, errors.New("read ephemeral port range: denied\x1b[2J")
	}
	for _, args := range []string{"list --json", "who 3000 --json"} {
		wantCode(t, f.run(t, strings.Fields(args)...), exitDone)
		wantText(t, "standard error", f.errOut.String(), `which ports are ephemeral is not known: read ephemeral port range: denied\x1b[2J`)
		if n := strings.Count(f.errOut.String(), "is not known"); n != 1 {
			t.Errorf("%s says it %d times", args, n)
		}
		var got export.List
		if err := json.Unmarshal([]byte(f.out.String()), &got); err != nil || len(got.Sockets) == 0 {
			t.Errorf("%s: %d sockets, %v", args, len(got.Sockets), err)
		}
	}
}
