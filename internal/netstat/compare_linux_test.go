package netstat

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	psnet "github.com/shirou/gopsutil/v3/net"
)

var (
	compare       = flag.Bool("compare", false, "measure against ss, lsof and gopsutil on loads of up to 50,000 sockets: some minutes")
	compareReport = flag.String("report", "", "write what -compare measures to this file too")
)

// The loads: so many sockets, in so many processes.
var (
	comparedSizes     = []int{300, 2_000, 20_000, 50_000}
	comparedProcesses = []int{10, 200}
	comparedRenewed   = []int{0, 1, 10} // of a hundred sockets, between two refreshes
)

const (
	// leastRounds and mostRounds bound how often each contender is measured on one load, compareTime how long that takes.
	leastRounds = 5
	mostRounds  = 41
	compareTime = 10 * time.Second
	// tooSlow is a time from which on a contender is measured once.
	tooSlow = 3 * time.Second
)

// contender is one way to list the sockets.
type contender struct {
	name string
	// list lists them, and gives their number and what processor time that took.
	list func(tb testing.TB) (sockets int, cpu time.Duration)
	// owners: it also tells who holds them.
	owners bool
}

// coldContenders are what our users would reach for instead. Ours is first.
func coldContenders() []contender {
	return []contender{
		{"portolan", func(tb testing.TB) (int, time.Duration) {
			before := cpuTime(tb)
			n := len(readCold(tb).Sockets)
			return n, cpuTime(tb) - before
		}, true},
		{"ss -tunap", program("ss", "-tunapH"), true},
		{"lsof -nP -i", program("lsof", "-nP", "-i"), true},
		{"gopsutil", func(tb testing.TB) (int, time.Duration) {
			before := cpuTime(tb)
			all, err := psnet.Connections("inet")
			if err != nil {
				tb.Fatal(err)
			}
			return len(all), cpuTime(tb) - before
		}, true},
		{"ss -tuna", program("ss", "-tunaH"), false},
	}
}

// program runs a command that prints one line a socket.
func program(name string, args ...string) func(testing.TB) (int, time.Duration) {
	return func(tb testing.TB) (int, time.Duration) {
		cmd := exec.Command(name, args...)
		out, err := cmd.Output()
		if err != nil {
			tb.Fatalf("run %s (on Debian: apt-get install iproute2 lsof): %v", name, err)
		}
		return bytes.Count(out, []byte("\n")), cmd.ProcessState.SystemTime() + cmd.ProcessState.UserTime()
	}
}

// TestCompare measures on the same loads, in one run, in turn; it is `make bench` that asks for it. It decides
// nothing: it prints what was measured, and what the budgets are.
func TestCompare(t *testing.T) {
	if !*compare {
		return
	}
	var r report
	for _, sockets := range comparedSizes {
		for _, processes := range comparedProcesses {
			l := startLoad(t, processes, sockets)
			cold := compareCold(t, l)
			cold.sockets, cold.processes = sockets, processes
			r.cold = append(r.cold, cold)
			for _, renewed := range comparedRenewed {
				steady := compareSteady(t, l, renewed)
				steady.sockets, steady.processes = sockets, processes
				r.steady = append(r.steady, steady)
			}
			l.stop()
			t.Logf("measured %d sockets in %d processes", sockets, processes)
		}
	}
	text := r.markdown()
	fmt.Print(text)
	if *compareReport != "" {
		if err := os.WriteFile(*compareReport, []byte(text), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// compareCold has each contender list the load, one after the other, round after round.
func compareCold(t *testing.T, l *load) comparison {
	contenders := coldContenders()
	c := newComparison(contenders)
	c.rounds(func() {
		for i, contender := range contenders {
			if c.slow(i) {
				continue
			}
			runtime.GC() // what the one before left is not for the next to clear away
			start := time.Now()
			sockets, cpu := contender.list(t)
			c.add(i, time.Since(start), cpu)
			if sockets < l.size {
				t.Fatalf("%s lists %d sockets of %d", contender.name, sockets, l.size)
			}
		}
	})
	return c
}

// compareSteady has a Reader refresh when so many of a hundred sockets are others than before, and
// beside it the bare dumps made: the kernel's four tables, decoded, without owners.
func compareSteady(t *testing.T, l *load, renewed int) comparison {
	r, bare, own := openReader(t), openReader(t), openReader(t)
	bare.diag.split = true
	readNow(t, r)
	readNow(t, r)
	contenders := []contender{
		{"refresh", func(t testing.TB) (int, time.Duration) {
			before := cpuTime(t)
			s, err := r.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return len(s.Sockets), cpuTime(t) - before
		}, true},
		{"four dumps", dumpOnly(bare), false},
		{"own dumps", dumpOnly(own), false},
	}
	c := newComparison(contenders)
	c.renewed = renewed
	c.rounds(func() {
		if renewed > 0 {
			l.renew(t, max(1, l.size*renewed/100))
		}
		for i, contender := range contenders {
			start := time.Now()
			sockets, cpu := contender.list(t)
			c.add(i, time.Since(start), cpu)
			if sockets < l.size {
				t.Fatalf("%s lists %d sockets of %d", contender.name, sockets, l.size)
			}
		}
	})
	for _, reader := range []*Reader{r, bare, own} {
		reader.Close()
	}
	return c
}

func dumpOnly(r *Reader) func(testing.TB) (int, time.Duration) {
	return func(tb testing.TB) (int, time.Duration) {
		before := cpuTime(tb)
		if _, err := r.dump(tb.Context()); err != nil {
			tb.Fatal(err)
		}
		return len(r.records), cpuTime(tb) - before
	}
}
