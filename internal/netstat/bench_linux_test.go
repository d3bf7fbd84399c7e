package netstat

import (
	"bytes"
	"fmt"
	"os/exec"
	"slices"
	"testing"
	"time"

	psnet "github.com/shirou/gopsutil/v3/net"
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

// peers are what our users would reach for instead, each listing all sockets with their owners.
var peers = []struct {
	name string
	list func() (sockets int, cpu time.Duration, err error)
}{
	{"ss -tunap", func() (int, time.Duration, error) { return runPeer("ss", "-tunap") }},
	{"lsof -nP -i", func() (int, time.Duration, error) { return runPeer("lsof", "-nP", "-i") }},
	{"gopsutil", func() (int, time.Duration, error) {
		all, err := psnet.Connections("inet")
		return len(all), 0, err
	}},
}

// runPeer runs a command that prints one line a socket.
func runPeer(name string, args ...string) (lines int, cpu time.Duration, err error) {
	cmd := exec.Command(name, args...)
	out, err := cmd.Output()
	if err != nil {
		return 0, 0, fmt.Errorf("run %s (on Debian: apt-get install iproute2 lsof): %w", name, err)
	}
	return bytes.Count(out, []byte("\n")), cmd.ProcessState.SystemTime() + cmd.ProcessState.UserTime(), nil
}

// BenchmarkPeers reads cold and has another tool list the same load, in turn: the medians
// and their ratio are what the promise is about (against ss, a ratio of at most 0.5).
func BenchmarkPeers(b *testing.B) {
	startLoad(b, benchChildren, benchSockets)
	for _, peer := range peers {
		b.Run(peer.name, func(b *testing.B) {
			var ours, theirs, oursCPU, theirsCPU []time.Duration
			for b.Loop() {
				start, used := time.Now(), cpuTime(b)
				readCold(b)
				ours, oursCPU = append(ours, time.Since(start)), append(oursCPU, cpuTime(b)-used)

				start, used = time.Now(), cpuTime(b)
				sockets, cpu, err := peer.list()
				if err != nil || sockets < benchChildren*benchSockets {
					b.Fatalf("%d sockets, %v", sockets, err)
				}
				theirs = append(theirs, time.Since(start))
				theirsCPU = append(theirsCPU, max(cpu, cpuTime(b)-used))
			}
			cold, other := median(ours), median(theirs)
			coldCPU, otherCPU := median(oursCPU), median(theirsCPU)
			b.ReportMetric(cold.Seconds()*1e3, "cold-ms")
			b.ReportMetric(other.Seconds()*1e3, "peer-ms")
			b.ReportMetric(float64(cold)/float64(other), "ratio")
			b.ReportMetric(float64(coldCPU)/float64(otherCPU), "cpu-ratio")
		})
	}
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
