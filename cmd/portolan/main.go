// Command portolan is the menu-bar app: every open port of this computer, which app owns it, and a way to stop that app.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"portolan/internal/instance"
)

// The exit codes. Those below 6 mean the same as portctl's.
const (
	exitDone      = 0
	exitFailed    = 1
	exitUsage     = 2
	exitNoDisplay = 6 // there is no display to open a window on
)

// minInterval is the shortest time between two reads that may be asked for.
const minInterval = 250 * time.Millisecond

// version is set at build time (-ldflags "-X main.version=..."); "" otherwise.
var version string

// options are what the command line and the environment ask for.
type options struct {
	interval time.Duration // between two reads; 0: as the settings say
	debug    bool          // tell on stderr what happens
	version  bool          // print the version, do nothing else
}

func main() {
	os.Exit(run(os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// run is main with its surroundings given; it returns the exit code.
func run(args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, getenv, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitDone
	case err != nil:
		fmt.Fprintf(stderr, "portolan: %v\n", err)
		return exitUsage
	case o.version:
		fmt.Fprintln(stdout, "portolan", versionText())
		return exitDone
	}
	setLogging(stderr, o.debug)
	if err := start(o, getenv); err != nil {
		fmt.Fprintf(stderr, "portolan: %v\n", err)
		if errors.Is(err, errNoDisplay) {
			fmt.Fprintln(stderr, "portolan: `portctl watch` shows the live table in the terminal")
			return exitNoDisplay
		}
		return exitFailed
	}
	return exitDone
}

// parseOptions reads the command line.
func parseOptions(args []string, getenv func(string) string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("portolan", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // run prints the error, in one line
	flags.BoolVar(&o.version, "version", false, "print the version and exit")
	flags.DurationVar(&o.interval, "interval", 0, "the `time` between two reads of the table, in place of the one in the settings")
	flags.BoolVar(&o.debug, "debug", strings.EqualFold(getenv("PORTOLAN_LOG"), "debug"),
		"tell on stderr what happens (also: PORTOLAN_LOG=debug)")
	err := flags.Parse(withoutPSN(args))
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(stderr, "Portolan shows every open port of this computer in the menu bar.\n\nUsage: portolan [flags]")
		flags.SetOutput(stderr)
		flags.PrintDefaults()
		return o, err
	case err != nil:
		return o, err
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q (-help lists the flags)", flags.Arg(0))
	case given["interval"] && o.interval < minInterval:
		return o, fmt.Errorf("-interval %v: the shortest is %v", o.interval, minInterval)
	}
	return o, nil
}

// withoutPSN leaves out the argument -psn_..., which older versions of macOS give to
// every app that is opened from the Finder.
func withoutPSN(args []string) []string {
	kept := make([]string, 0, len(args))
	for _, arg := range args {
		if !strings.HasPrefix(arg, "-psn_") {
			kept = append(kept, arg)
		}
	}
	return kept
}

// versionText is the version, or else the commit that was built, and the Go release.
func versionText() string {
	v := version
	if info, ok := debug.ReadBuildInfo(); ok && v == "" {
		v = info.Main.Version
	}
	return fmt.Sprintf("%s (%s, %s/%s)", v, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// setLogging sends the log to w. Package log, which Fyne writes to, goes there as well.
func setLogging(w io.Writer, debug bool) {
	level := slog.LevelInfo
	if debug {
		level = slog.LevelDebug
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level})))
}

// start is the whole life of the app. It returns nil at once when another
// instance is running, which then shows its window.
func start(o options, getenv func(string) string) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	in, only := becomeInstance(ctx, getenv)
	if !only {
		return nil
	}
	defer in.Close()
	if err := checkDisplay(runtime.GOOS, getenv); err != nil {
		return err
	}
	if dir, err := homeCrashDir(); err != nil {
		slog.Warn("crashes are not kept", "err", err)
	} else if _, err := keepCrashes(dir); err != nil {
		slog.Warn("crashes are not kept", "err", err)
	}
	tray, err := hasTray(ctx)
	slog.Debug("tray", "found", tray, "err", err)
	return runApp(ctx, o, in, tray)
}

// becomeInstance reports whether this process is to go on. Where an instance cannot be
// claimed at all (a home that is read-only, say) the app starts all the same.
func becomeInstance(ctx context.Context, getenv func(string) string) (in *instance.Instance, only bool) {
	dirs, err := instance.Dirs(getenv)
	if err == nil {
		in, err = instance.Open(ctx, dirs...)
	}
	switch {
	case err != nil:
		slog.Warn("a second start will not find this one", "err", err)
		return nil, true
	case in == nil:
		slog.Debug("the running instance shows its window")
		return nil, false
	}
	return in, true
}
