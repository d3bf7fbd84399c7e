package main

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// environment gives a getenv.
func environment(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestOptions(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		env  func(string) string
		want options
	}{
		"none":                       {nil, environment(), options{}},
		"interval":                   {[]string{"--interval", "10s"}, environment(), options{interval: 10 * time.Second}},
		"debug":                      {[]string{"-debug"}, environment(), options{debug: true}},
		"debug from the environment": {nil, environment("PORTOLAN_LOG", "debug"), options{debug: true}},
		"another log level":          {nil, environment("PORTOLAN_LOG", "info"), options{}},
		"version":                    {[]string{"--version"}, environment(), options{version: true}},
		"opened by an old Finder":    {[]string{"-psn_0_12345"}, environment(), options{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseOptions(test.args, test.env, io.Discard)
			if err != nil || got != test.want {
				t.Errorf("got %+v, %v; want %+v", got, err, test.want)
			}
		})
	}
}

// TestBadOptions: one line that names what is wrong, and the exit code for usage.
func TestBadOptions(t *testing.T) {
	for arg, want := range map[string]string{
		"--interval=0":     "-interval 0s",
		"--interval=-3s":   "-interval -3s",
		"--interval=100ms": "250ms",
		"--interval=soon":  "soon",
		"--colour":         "colour",
		"list":             `"list"`,
	} {
		var stdout, stderr bytes.Buffer
		if code := run([]string{arg}, environment(), &stdout, &stderr); code != exitUsage {
			t.Errorf("%s: exit code %d, want %d", arg, code, exitUsage)
		}
		text := stderr.String()
		if !strings.HasPrefix(text, "portolan: ") || !strings.Contains(text, want) || strings.Count(text, "\n") != 1 {
			t.Errorf("%s: it says %q, want one line with %q", arg, text, want)
		}
		if stdout.Len() != 0 {
			t.Errorf("%s: it prints %q", arg, stdout.String())
		}
	}
}

func TestHelp(t *testing.T) {
	var stderr bytes.Buffer
	if _, err := parseOptions([]string{"--help"}, environment(), &stderr); !errors.Is(err, flag.ErrHelp) {
		t.Fatal(err)
	}
	for _, name := range []string{"-debug", "-interval", "-version", "PORTOLAN_LOG"} {
		if !strings.Contains(stderr.String(), name) {
			t.Errorf("the help does not name %s:\n%s", name, stderr.String())
		}
	}
}

func TestVersion(t *testing.T) {
	defer func(before string) { version = before }(version)
	version = "1.2.3"
	var stdout bytes.Buffer
	if code := run([]string{"--version"}, environment(), &stdout, io.Discard); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	if !strings.HasPrefix(stdout.String(), "portolan 1.2.3 (go") {
		t.Errorf("it prints %q", stdout.String())
	}
}

func TestCrashDir(t *testing.T) {
	for _, test := range []struct {
		goos string
		env  func(string) string
		want string
	}{
		{"darwin", environment("XDG_STATE_HOME", "/state"), "/home/anna/Library/Logs/Portolan"},
		{"linux", environment(), "/home/anna/.local/state/portolan"},
		{"linux", environment("XDG_STATE_HOME", "/state"), "/state/portolan"},
		{"linux", environment("XDG_STATE_HOME", "relative"), "/home/anna/.local/state/portolan"},
	} {
		if got := crashDir(test.goos, "/home/anna", test.env); got != filepath.FromSlash(test.want) {
			t.Errorf("%s: %s, want %s", test.goos, got, test.want)
		}
	}
}
