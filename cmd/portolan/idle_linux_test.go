package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkIdle says what the app costs while nobody looks at it, and while somebody does: processor time, and how
// often the system has to wake it. The figures are for a machine where nothing else of note happens.
//
//	go test -run '^$' -bench Idle -benchtime 1x ./cmd/portolan
func BenchmarkIdle(b *testing.B) {
	for _, state := range []string{"hidden", "shown"} {
		b.Run(state, func(b *testing.B) {
			binary := build(b)
			d := newDesktop(b)
			bar := newPanel(b, d.bus, true)
			p := d.start(binary)
			p.wait("msg=started")
			bar.activate(b)
			p.wait(`msg="window shown"`)
			window := d.window("Portolan")
			p.wait("msg=rows")
			if state == "hidden" {
				d.shut(window)
				p.wait(`msg="window hidden"`)
			}
			time.Sleep(5 * time.Second) // what was begun comes to an end
			for b.Loop() {
				measureIdle(b, p.cmd.Process.Pid, 20*time.Second)
			}
		})
	}
}

// measureIdle reports what the process uses in a while.
func measureIdle(b *testing.B, pid int, while time.Duration) {
	b.Helper()
	before, switchesBefore := usage(b, pid)
	time.Sleep(while)
	after, switchesAfter := usage(b, pid)
	b.ReportMetric(100*(after-before).Seconds()/while.Seconds(), "%cpu")
	b.ReportMetric(float64(switchesAfter-switchesBefore)/while.Seconds(), "switches/s")
	b.ReportMetric(residentMB(b, pid), "MB")
}

// usage is the processor time that the process has used, and how often its threads have slept (proc(5), /proc/pid/stat
// fields 14 and 15 in ticks of 10 ms, /proc/pid/task/tid/status).
func usage(b testing.TB, pid int) (cpu time.Duration, switches int) {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	for _, field := range fields[11:13] {
		ticks, err := strconv.Atoi(field)
		if err != nil {
			b.Fatal(err)
		}
		cpu += time.Duration(ticks) * 10 * time.Millisecond
	}
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for _, task := range tasks {
		switches += statusValue(b, task, "voluntary_ctxt_switches:")
	}
	return cpu, switches
}

// residentMB is the memory that the process has in use.
func residentMB(b testing.TB, pid int) float64 {
	b.Helper()
	return float64(statusValue(b, fmt.Sprintf("/proc/%d/status", pid), "VmRSS:")) / 1024
}

// statusValue is the number after a key of a status file; 0 when the thread has just ended.
func statusValue(b testing.TB, path, key string) int {
	b.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, key); ok {
			n, err := strconv.Atoi(strings.Fields(value)[0])
			if err != nil {
				b.Fatal(err)
			}
			return n
		}
	}
	return 0
}
