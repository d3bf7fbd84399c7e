package netstat

import (
	"os/exec"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The load that the speed is promised for.
const (
	benchChildren = 10
	benchSockets  = 1000
)

func readCold(b *testing.B) *Snapshot {
	r, err := Open()
	if err != nil {
		b.Fatal(err)
	}
	s, err := r.Read(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if err := r.Close(); err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkReadCold: open, read all 10,000 sockets and their owners, close.
func BenchmarkReadCold(b *testing.B) {
	startLoad(b, benchChildren, benchSockets)
	b.ReportAllocs()
	for b.Loop() {
		if n := len(readCold(b).Sockets); n < benchChildren*benchSockets {
			b.Fatalf("read %d sockets", n)
		}
	}
}

// BenchmarkReadWarm: a refresh in which nothing has changed.
func BenchmarkReadWarm(b *testing.B) {
	startLoad(b, benchChildren, benchSockets)
	r, err := Open()
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	for range 2 { // the second finds the buffers large enough
		if _, err := r.Read(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Read(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSS reads cold and runs ss -tunap in turn, on the same load: the
// medians and their ratio are what the promise is about (a ratio of at most 0.5).
func BenchmarkSS(b *testing.B) {
	ss, err := exec.LookPath("ss")
	if err != nil {
		b.Fatal("this compares with ss (on Debian: apt install iproute2): ", err)
	}
	startLoad(b, benchChildren, benchSockets)
	var ours, theirs, oursCPU, theirsCPU []time.Duration
	b.ResetTimer()
	for b.Loop() {
		start, used := time.Now(), cpuTime(b)
		readCold(b)
		ours, oursCPU = append(ours, time.Since(start)), append(oursCPU, cpuTime(b)-used)

		start = time.Now()
		cmd := exec.Command(ss, "-tunap")
		if out, err := cmd.Output(); err != nil || len(out) < 100*benchChildren*benchSockets {
			b.Fatalf("ss -tunap: %d bytes, %v", len(out), err)
		}
		theirs = append(theirs, time.Since(start))
		theirsCPU = append(theirsCPU, cmd.ProcessState.SystemTime()+cmd.ProcessState.UserTime())
	}
	cold, other := median(ours), median(theirs)
	coldCPU, otherCPU := median(oursCPU), median(theirsCPU)
	b.ReportMetric(float64(cold.Nanoseconds()), "cold-ns")
	b.ReportMetric(float64(other.Nanoseconds()), "ss-ns")
	b.ReportMetric(float64(cold)/float64(other), "ratio")
	b.Logf("medians of %d: cold read %v, ss -tunap %v, ratio %.2f; of processor time: %v, %v, ratio %.2f",
		len(ours), cold, other, float64(cold)/float64(other), coldCPU, otherCPU, float64(coldCPU)/float64(otherCPU))
}

// cpuTime is the processor time this process has used: unlike the clock it does
// not go on while others are at work on the machine.
func cpuTime(b *testing.B) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}
