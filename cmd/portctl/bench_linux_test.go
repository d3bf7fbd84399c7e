package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkListProcess is `portctl list` of 300 sockets as people feel it, the start of the process and
// its end with it, in turn with `ss -tunap`: the medians and their ratio, and the most memory that it had resident.
func BenchmarkListProcess(b *testing.B) {
	path, err := portctl()
	if err != nil {
		b.Fatal(err)
	}
	if _, err := exec.LookPath("ss"); err != nil {
		b.Fatalf("ss is not installed: %v", err)
	}
	open300(b)
	peak := residentPeak(b, path, "list")
	var ours, theirs []time.Duration
	for b.Loop() {
		ours = append(ours, once(b, path, "list"))
		theirs = append(theirs, once(b, "ss", "-tunap"))
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	list, ss := ours[len(ours)/2], theirs[len(theirs)/2]
	b.ReportMetric(0, "ns/op") // of both together: says nothing
	b.ReportMetric(float64(list.Microseconds())/1000, "list-ms")
	b.ReportMetric(float64(ss.Microseconds())/1000, "ss-ms")
	b.ReportMetric(float64(list)/float64(ss), "list/ss")
	b.ReportMetric(float64(peak)/1024, "peak-MiB")
}

// once runs a command to its end.
func once(b *testing.B, name string, args ...string) time.Duration {
	began := time.Now()
	if err := exec.Command(name, args...).Run(); err != nil {
		b.Fatalf("run %s: %v", name, err)
	}
	return time.Since(began)
}

// residentPeak gives the most memory that a command had resident, in KiB, when it printed its first lines (VmHWM of
// proc_pid_status(5)): its output is a pipe that nobody reads meanwhile. What getrusage(2) tells after its end is
// no less than what this test has, from which it was forked.
func residentPeak(b *testing.B, name string, args ...string) (peak int) {
	from, to, err := os.Pipe()
	if err != nil {
		b.Fatal(err)
	}
	defer from.Close()
	if _, err := unix.FcntlInt(from.Fd(), unix.F_SETPIPE_SZ, os.Getpagesize()); err != nil { // less than is printed
		b.Fatal(err)
	}
	c := exec.Command(name, args...)
	c.Stdout = to
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	to.Close()
	if _, err := from.Read(make([]byte, 1)); err != nil {
		b.Fatal(err)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	_, line, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscan(line, &peak); err != nil {
		b.Fatalf("no VmHWM: the command ended before it was looked at: %v\n%s", err, status)
	}
	if _, err := io.Copy(io.Discard, from); err != nil {
		b.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		b.Fatal(err)
	}
	return peak
}

// open300 opens 300 sockets: 100 connections with both their ends here, and 100 that listen.
func open300(b *testing.B) {
	for range 100 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { l.Close() })
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		a, err := l.Accept()
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { c.Close(); a.Close() })
	}
}
