package process

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// rest are the fields of a stat line after the name, as Linux 6.18 writes them.
const rest = " S 1 812 812 0 -1 4194560 0 0 0 0 1 2 0 0 20 -5 1 0 1234 0 0 18446744073709551615 1 1 140730000000000 0 0 0\n"

func TestParseStat(t *testing.T) {
	with := func(field int, value string) string {
		words := strings.Split(rest, " ")
		words[field-statState+1] = value
		return "812 (postgres)" + strings.Join(words, " ")
	}
	plain := entry{ID: ID{812, 1234}, ppid: 1, uid: -1, exec: 140730000000000}
	changed := func(change func(*entry)) entry {
		e := plain
		change(&e)
		return e
	}
	tests := []struct {
		name, text string
		comm       string
		want       entry
		zombie     bool
	}{
		{"plain", "812 (postgres)" + rest, "postgres", plain, false},
		{"spaces", "812 (a b  c)" + rest, "a b  c", plain, false},
		{"parentheses", "812 ((sd-pam))" + rest, "(sd-pam)", plain, false},
		{"a name that looks like fields", "812 () R 1 1 (x)" + rest, ") R 1 1 (x", plain, false},
		{"newlines", "812 (a\n812 (b)\n)" + rest, "a\n812 (b)\n", plain, false},
		{"escapes and bytes that are no text", "812 (\x1b[2J\xff\xfe)" + rest, "\x1b[2J\xff\xfe", plain, false},
		{"no name", "812 ()" + rest, "", plain, false},
		{"a name longer than any", "812 (" + strings.Repeat("x", 500) + ")" + rest, strings.Repeat("x", commLen), plain, false},
		{"ends after field 28", "812 (postgres)" + strings.TrimSuffix(rest, " 0 0 0\n"), "postgres", plain, false},
		{"zombie", with(statState, "Z"), "postgres", plain, true},
		{"dead", with(statState, "X"), "postgres", plain, true},
		{"only the first thread has ended", strings.Replace(with(statState, "Z"), " -5 1 ", " -5 2 ", 1), "postgres", plain, false},
		{"thread of the kernel", with(statFlags, "2129984"), "postgres", changed(func(e *entry) { e.kern = true }), false},
		{"no parent", with(statPPID, "0"), "postgres", changed(func(e *entry) { e.ppid = 0 }), false},
		{"the last start there can be", with(statStart, "18446744073709551615"), "postgres",
			changed(func(e *entry) { e.Start = 1<<64 - 1 }), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := parseStat([]byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			copy(test.want.comm[:], test.comm)
			if got.entry != test.want || got.zombie != test.zombie {
				t.Errorf("got %+v, want %+v, zombie %v", got, test.want, test.zombie)
			}
			if got.name() != test.comm {
				t.Errorf("name %q, want %q", got.name(), test.comm)
			}
		})
	}
}

func TestParseStatRefuses(t *testing.T) {
	for _, test := range []struct{ name, text, says string }{
		{"nothing", "", "no name"},
		{"no name", "812 postgres" + rest, "no name"},
		{"no PID", "(postgres)" + rest, "no name"},
		{"an empty PID", " (postgres)" + rest, "no name"},
		{"parentheses the wrong way round", "812 )postgres(" + rest, "no name"},
		{"no space before the name", "812(postgres)" + rest, "no name"},
		{"PID 0", "0 (postgres)" + rest, "field 1"},
		{"a PID that is no number", "8x2 (postgres)" + rest, "field 1"},
		{"a negative PID", "-812 (postgres)" + rest, "field 1"},
		{"a PID higher than any", "4194305 (postgres)" + rest, "field 1"},
		{"cut off after the name", "812 (postgres)", "field 3: cut off"},
		{"cut off before the start", "812 (postgres)" + rest[:40], "cut off"},
		{"an empty field", "812 (postgres)" + strings.Replace(rest, " -5 ", "  ", 1), "field 19: empty"},
		{"a parent that is no number", "812 (postgres)" + strings.Replace(rest, " S 1 ", " S -1 ", 1), "field 4"},
		{"a parent higher than any", "812 (postgres)" + strings.Replace(rest, " S 1 ", " S 99999999 ", 1), "field 4"},
		{"a start beyond 64 bits", "812 (postgres)" + strings.Replace(rest, " 1234 ", " 18446744073709551616 ", 1), "field 22"},
		{"a start that is no number", "812 (postgres)" + strings.Replace(rest, " 1234 ", " 12.4 ", 1), "field 22"},
	} {
		if got, err := parseStat([]byte(test.text)); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %+v, error %v, want one that says %q", test.name, got, err, test.says)
		}
	}
}

// Cut anywhere, a line is refused or gives the same as the whole: never another process.
func TestParseStatCutAnywhere(t *testing.T) {
	text := []byte("812 (a) (b)" + rest)
	whole, err := parseStat(text)
	if err != nil {
		t.Fatal(err)
	}
	for n := range text {
		got, err := parseStat(text[:n])
		got.exec = whole.exec // the last field that is read may be cut within
		if err == nil && got != whole {
			t.Errorf("cut at %d: %+v", n, got)
		}
	}
}

func TestParseStatus(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       status
	}{
		{"nothing", "", status{uid: -1}},
		{"all", "Name:\tx\nTgid:\t812\nPid:\t813\nUid:\t0\t26\t26\t26\nGroups:\t4 24 \nNSpid:\t813\t7\n", status{uid: 26, pid: 813, tgid: 812, spaces: 2}},
		{"the effective one", "Uid:\t1000\t0\t33\t34\n", status{uid: 0}},
		{"nobody's", "Uid:\t4294967295\t4294967295\t0\t0\n", status{uid: -1}},
		{"a name that looks like a line", "Name:\tx\\nUid:\t1\t1\t1\t1\nUid:\t5\t6\t7\t8\n", status{uid: 6}},
		{"cut off in a line", "Uid:\t5\t6\t7\t8\nNSpid:\t813\t7", status{uid: 6}},
		{"lines without a key", "x\n\n:\n\t\nUid:\t5\t6\t7\t8\n", status{uid: 6}},
	} {
		if got, err := parseStatus([]byte(test.text)); err != nil || got != test.want {
			t.Errorf("%s: got %+v, %v, want %+v", test.name, got, err, test.want)
		}
	}
	for _, text := range []string{"Uid:\t1\n", "Uid:\n", "Uid:\t1\tx\t1\t1\n", "Uid:\t1\t-1\t1\t1\n", "Uid:\t1\t4294967296\t1\t1\n",
		"Uid:\t1\t1\t1\t1\t1\n", "Pid:\t\n", "Pid:\t1 2\n", "Tgid:\t99999999\n"} {
		if got, err := parseStatus([]byte(text)); err == nil || got.uid != -1 {
			t.Errorf("%q: got %+v, %v, want an error", text, got, err)
		}
	}
}

func TestProcessName(t *testing.T) {
	for _, test := range []struct{ executable, comm, cmdline, want string }{
		{"/usr/bin/node", "node-MainThread", "", "node"},
		{"/memfd:x", "3", "", "memfd:x"},
		{"/", "x", "", "x"},
		{"", "postgres", "", "postgres"},
		{"", "systemd-resolve", "/usr/lib/systemd/systemd-resolved\x00-x\x00", "systemd-resolved"},
		{"", "systemd-resolve", "systemd-resolved", "systemd-resolved"},
		{"", "shop-worker-for", "shop-worker-for-orders --password=x", "shop-worker-for-orders"},
		{"", "systemd-resolve", "postgres: writer\x00", "systemd-resolve"},
		{"", "systemd-resolve", "", "systemd-resolve"},
		{"", "postgres", "postgres-impostor\x00", "postgres"},
		{"", "", "", ""},
	} {
		if got := processName(test.executable, test.comm, []byte(test.cmdline)); got != test.want {
			t.Errorf("%q, %q, %q: %q, want %q", test.executable, test.comm, test.cmdline, got, test.want)
		}
	}
}

func TestExecutablePath(t *testing.T) {
	files := []string{"/bin/really (deleted)"}
	exists := func(name string) bool { return slices.Contains(files, name) }
	for link, want := range map[string]string{
		"/bin/a":                     "/bin/a",
		"/bin/a (deleted)":           "/bin/a",
		"/bin/a (deleted) (deleted)": "/bin/a (deleted)",
		"/bin/really (deleted)":      "/bin/really (deleted)",
		"/bin/a(deleted)":            "/bin/a(deleted)",
	} {
		if got := undeleted(link, exists); got != want {
			t.Errorf("%q: %q, want %q", link, got, want)
		}
	}
}

func TestStartTime(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 123456789, time.UTC)
	for _, test := range []struct {
		start uint64
		up    time.Duration
		want  time.Time
	}{
		{0, 0, now},
		{100, time.Minute, now.Add(-59 * time.Second)},
		{12345, 200 * time.Second, now.Add(-200*time.Second + 123450*time.Millisecond)},
	} {
		if got := startTime(test.start, now, test.up); got.Sub(test.want).Abs() > time.Second/userHZ {
			t.Errorf("%d ticks, up %v: %v, want %v", test.start, test.up, got, test.want)
		}
	}
	if got := startTime(1<<63, now, 0); !got.IsZero() {
		t.Errorf("a start after the end of time: %v", got)
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte("812 (postgres)" + rest))
	f.Add([]byte("812 () R 1 1 (x\n)" + rest))
	f.Add([]byte("2 (kthreadd) S 0 0 0 0 -1 2129984"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := parseStat(text)
		if err != nil {
			if s != (stat{}) {
				t.Errorf("an error and %+v", s)
			}
			return
		}
		if s.PID <= 0 || s.PID > maxPID || s.ppid < 0 || s.ppid > maxPID {
			t.Errorf("PID %d, parent %d", s.PID, s.ppid)
		}
		if !strings.Contains(string(text), s.name()) {
			t.Errorf("the name %q is not in the text", s.name())
		}
	})
}

func FuzzParseStatus(f *testing.F) {
	f.Add([]byte("Name:\tx\nTgid:\t812\nPid:\t813\nUid:\t0\t26\t26\t26\nNSpid:\t813\t7\n"))
	f.Add([]byte("Uid:\t4294967295\t4294967295\t0\t0\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := parseStatus(text)
		if err != nil && s != (status{uid: -1}) {
			t.Errorf("an error and %+v", s)
		}
		if s.uid < -1 || int64(s.uid) >= 1<<32-1 || s.pid < 0 || s.tgid < 0 || s.pid > maxPID || s.tgid > maxPID {
			t.Errorf("%+v", s)
		}
	})
}

func TestSplitArgs(t *testing.T) {
	tests := []struct {
		text string
		want []string
	}{
		{"", nil},
		{"\x00", nil},
		{"\x00\x00\x00", nil},
		{"node\x00server.js\x00", []string{"node", "server.js"}},
		{"node\x00\x00-p\x00", []string{"node", "", "-p"}},
		{"nginx: master process\x00\x00\x00\x00", []string{"nginx: master process"}},
		{"\x00a\x00", []string{"", "a"}},
		{"cut\x00o", []string{"cut", "o"}},
		{"a\nb\x00\x1b[2J\xff\x00", []string{"a\nb", "\x1b[2J\xff"}},
	}
	for _, test := range tests {
		if got := splitArgs([]byte(test.text)); !slices.Equal(got, test.want) {
			t.Errorf("%q: %q, want %q", test.text, got, test.want)
		}
	}
	if n := len(splitArgs([]byte(strings.Repeat("a\x00", 5*maxArgs)))); n != maxArgs {
		t.Errorf("%d arguments, want %d", n, maxArgs)
	}
}

func FuzzSplitArgs(f *testing.F) {
	f.Add([]byte("node\x00\x00server.js\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, text []byte) {
		args := splitArgs(text)
		whole := strings.TrimRight(string(text), "\x00")
		if joined := strings.Join(args, "\x00"); len(args) > maxArgs || !strings.HasPrefix(whole, joined) || len(args) < maxArgs && joined != whole {
			t.Fatalf("%d arguments, %q of %q", len(args), joined, whole)
		}
	})
}
