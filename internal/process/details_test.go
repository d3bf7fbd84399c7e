//go:build linux || darwin

package process

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"portolan/internal/app"
)

// usageTold: memory and processor time are told on Linux, and on macOS to a program built with cgo.
var usageTold = readUsage(context.Background(), os.Getpid()) != usage{} || runtime.GOOS == "linux"

func TestDetailsOfOurselves(t *testing.T) {
	needRealProcesses(t)
	for until := time.Now().Add(time.Second / 50); time.Now().Before(until); { // uses the processor
		_ = until
	}
	d, err := ReadDetails(t.Context(), ourselves())
	if err != nil {
		t.Fatal(err)
	}
	if want := app.MaskLine(os.Args); d.Line != want {
		t.Errorf("command line %q, want %q", d.Line, want)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if real, err := filepath.EvalSymlinks(here); err != nil || d.Directory != real {
		t.Errorf("directory %q, want %q (%v)", d.Directory, real, err)
	}
	if !usageTold {
		return
	}
	if d.Memory < 1<<20 {
		t.Errorf("%d bytes in memory: a Go program has more", d.Memory)
	}
	if d.CPUOver <= 0 || d.CPU <= 0 || d.CPU > float64(runtime.NumCPU()) {
		t.Errorf("%v cores over %v", d.CPU, d.CPUOver)
	}
}

func TestDetailsOfAnother(t *testing.T) {
	id := ourselves()
	id.Start++
	if d, err := ReadDetails(t.Context(), id); !errors.Is(err, ErrGone) {
		t.Errorf("the details of a process with another start: %+v, %v", d, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if d, err := ReadDetails(ctx, ourselves()); err == nil {
		t.Errorf("a cancelled read gave %+v", d)
	}
}

func TestShare(t *testing.T) {
	began := time.Unix(1000, 0)
	at := func(cpu, since time.Duration) sample { return sample{cpu, began.Add(since)} }
	const ms, s, m = time.Millisecond, time.Second, time.Minute
	id := ID{42, 7}
	type reading struct {
		sample
		cores float64
		over  time.Duration
	}
	for name, readings := range map[string][]reading{
		"since it began":                     {{at(5*s, 10*s), 0.5, 10 * s}},
		"since the last reading":             {{at(5*s, 10*s), 0.5, 10 * s}, {at(9*s, 12*s), 2, 2 * s}, {at(9*s, 15*s), 0, 3 * s}},
		"too short ago, twice":               {{at(5*s, 10*s), 0.5, 10 * s}, {at(5*s, 10*s+500*ms), 5 / 10.5, 10*s + 500*ms}, {at(6*s, 11*s), 1, s}},
		"too long ago, and again":            {{at(5*s, 10*s), 0.5, 10 * s}, {at(10*s, 5*m), 10. / 300, 5 * m}, {at(14*s, 5*m+4*s), 1, 4 * s}},
		"idle":                               {{at(0, 10*s), 0, 10 * s}, {at(0, 20*s), 0, 10 * s}},
		"less than before":                   {{at(5*s, 10*s), 0.5, 10 * s}, {at(4*s, 20*s), 0.2, 20 * s}},
		"a clock that was set before it all": {{at(5*s, -10*s), 0, 0}},
	} {
		spent := &samples{last: map[ID]sample{}}
		for i, r := range readings {
			if cores, over := spent.share(id, began, r.sample); cores != r.cores || over != r.over {
				t.Errorf("%s, reading %d: %v cores over %v, want %v over %v", name, i, cores, over, r.cores, r.over)
			}
		}
	}
	spent := &samples{last: map[ID]sample{}}
	if cores, over := spent.share(id, time.Time{}, at(5*s, 10*s)); cores != 0 || over != 0 {
		t.Errorf("without a start: %v, %v", cores, over)
	}
	for pid := range 3 * maxSamples {
		spent.share(ID{pid, 1}, began, at(s, s))
	}
	if len(spent.last) > maxSamples {
		t.Errorf("%d readings are remembered", len(spent.last))
	}
}
