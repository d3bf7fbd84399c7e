package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What the real app costs, held against an app of the same toolkit that does nothing.

// emptySize is the size of the empty app's window: Portolan's, when it is opened for the first time.
const emptySize = "1180x720"

// openMany opens UDP sockets, as act does it, and gives the port of the first. With churn it closes one of each hundred
// every 100 ms and opens others.
func openMany(count string, churn bool) (int, error) {
	n, err := strconv.Atoi(count)
	if err != nil {
		return 0, err
	}
	all := make([]net.PacketConn, n)
	for i := range all {
		if all[i], err = net.ListenPacket("udp4", "127.0.0.1:0"); err != nil {
			return 0, fmt.Errorf("open socket %d of %d: %w", i, n, err)
		}
	}
	if churn {
		go replace(all)
	}
	return all[0].LocalAddr().(*net.UDPAddr).Port, nil
}

func replace(all []net.PacketConn) {
	for at := 0; ; time.Sleep(100 * time.Millisecond) {
		for range max(1, len(all)/100) {
			at = (at + 1) % len(all)
			all[at].Close()
			var err error
			if all[at], err = net.ListenPacket("udp4", "127.0.0.1:0"); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
	}
}

// startLoad starts a process that holds sockets: "many 300", "churn 10000".
func startLoad(t testing.TB, d *desktop, script string) {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := d.command(path)
	cmd.Env = append(os.Environ(), actVariable+"="+script)
	waitLines(t, cmd, 1)
}

// buildEmpty builds the empty app.
func buildEmpty(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "empty")
	if out, err := exec.Command("go", "build", "-tags", "migrated_fynedo", "-o", path, "./testdata/empty").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// startEmpty starts it and waits for its window.
func startEmpty(t testing.TB, d *desktop) (pid int) {
	t.Helper()
	cmd := d.command(buildEmpty(t), emptySize)
	spawn(t, cmd)
	d.window("Empty")
	return cmd.Process.Pid
}

// startShown starts Portolan with its window open and shows at least so many rows.
func startShown(t testing.TB, d *desktop, rows int, args ...string) (p *program, window string) {
	t.Helper()
	bar := newPanel(t, d.bus, true)
	p = d.start(build(t), args...)
	p.wait("msg=started")
	bar.activate(t)
	p.wait(`msg="window shown"`)
	window = d.window("Portolan")
	for count := 0; count < rows; {
		count = logged(t, p.wait("msg=rows"), "count")
	}
	return p, window
}

// logged gives a number of a line of the log.
func logged(t testing.TB, line, key string) int {
	t.Helper()
	_, text, _ := strings.Cut(line+" ", " "+key+"=")
	n, err := strconv.Atoi(text[:strings.IndexByte(text+" ", ' ')])
	if err != nil {
		t.Fatalf("no number %s in %q", key, line)
	}
	return n
}

// BenchmarkBesideEmpty: the memory with 10,000 sockets, and the processor's time with 300 that do not change, of
// Portolan and of the empty app, both with their windows open. Budgets: 40 MB and 0.3 % of a core more.
//
//	go test -run '^$' -bench BesideEmpty -benchtime 1x -timeout 30m ./cmd/portolan
func BenchmarkBesideEmpty(b *testing.B) {
	b.Run("memory of 10000", func(b *testing.B) {
		d := newDesktop(b)
		startLoad(b, d, "many 10000")
		p, _ := startShown(b, d, 10_000) // first: the empty app has an icon too, which must not be taken for ours
		empty := startEmpty(b, d)
		time.Sleep(20 * time.Second) // some refreshes: the first need the most
		for b.Loop() {
			ours, theirs := residentMB(b, p.cmd.Process.Pid), residentMB(b, empty)
			b.ReportMetric(ours, "MB")
			b.ReportMetric(theirs, "empty-MB")
			b.ReportMetric(ours-theirs, "more-MB")
		}
	})
	b.Run("time of 300", func(b *testing.B) {
		d := newDesktop(b)
		startLoad(b, d, "many 300")
		p, _ := startShown(b, d, 300)
		empty := startEmpty(b, d)
		time.Sleep(5 * time.Second) // what was begun comes to an end
		for b.Loop() {
			ours, theirs := share(b, p.cmd.Process.Pid, empty, time.Minute)
			b.ReportMetric(ours, "%cpu")
			b.ReportMetric(theirs, "empty-%cpu")
			b.ReportMetric(ours-theirs, "more-%cpu")
		}
	})
}

// share is what two processes take of one core in the same while, in percent.
func share(b *testing.B, one, other int, while time.Duration) (ofOne, ofOther float64) {
	oneBefore, _ := usage(b, one)
	otherBefore, _ := usage(b, other)
	time.Sleep(while)
	oneAfter, _ := usage(b, one)
	otherAfter, _ := usage(b, other)
	return 100 * (oneAfter - oneBefore).Seconds() / while.Seconds(), 100 * (otherAfter - otherBefore).Seconds() / while.Seconds()
}

// BenchmarkClickToRows: from the click on the icon to the rows of a read that began after it, with 1,000 sockets. Budget: 300 ms.
//
//	go test -run '^$' -bench ClickToRows -benchtime 20x ./cmd/portolan
func BenchmarkClickToRows(b *testing.B) {
	d := newDesktop(b)
	startLoad(b, d, "many 1000")
	bar := newPanel(b, d.bus, true)
	p := d.start(build(b))
	p.wait("msg=started")
	var sum, worst time.Duration
	for b.Loop() {
		news, err := net.ListenPacket("udp4", "127.0.0.1:0") // a read that finds nothing new is not told of
		if err != nil {
			b.Fatal(err)
		}
		clicked := time.Now()
		bar.activate(b)
		took := p.rowsAfter(clicked).Sub(clicked)
		sum, worst = sum+took, max(worst, took)
		news.Close()
		d.shut(d.window("Portolan"))
		p.wait(`msg="window hidden"`)
		time.Sleep(2 * time.Second) // the loop falls asleep
	}
	b.ReportMetric(0, "ns/op") // with the waiting: says nothing
	b.ReportMetric(float64(sum.Milliseconds())/float64(b.N), "ms")
	b.ReportMetric(float64(worst.Milliseconds()), "worst-ms")
}

// rowsAfter waits for the rows of a read that began after a moment, and gives the time at which the table had them.
func (p *program) rowsAfter(moment time.Time) time.Time {
	p.t.Helper()
	for {
		line := p.wait("msg=rows")
		if loggedTime(p.t, line, "taken").After(moment) {
			return loggedTime(p.t, line, "time")
		}
	}
}

// loggedTime gives a time of a line of the log.
func loggedTime(t testing.TB, line, key string) time.Time {
	t.Helper()
	_, text, _ := strings.Cut(" "+line, " "+key+"=")
	at, err := time.Parse(time.RFC3339Nano, text[:strings.IndexByte(text+" ", ' ')])
	if err != nil {
		t.Fatalf("no time %s in %q: %v", key, line, err)
	}
	return at
}

var soak = flag.Int("soak", 0, "the `refreshes` of TestSoak")

// TestSoak shows 10,000 sockets, some of which come and go in every refresh, in an open window for many refreshes, and
// prints what is in use. It is `make soak`'s; without -soak it runs some refreshes only, and fails for growth by half.
func TestSoak(t *testing.T) {
	refreshes, sockets, allowed := 40, 500, 1.5
	if *soak > 0 {
		refreshes, sockets, allowed = *soak, 10_000, 1.02
	}
	d := newDesktop(t)
	startLoad(t, d, fmt.Sprint("churn ", sockets))
	p, _ := startShown(t, d, sockets-sockets/100, "-interval", minInterval.String())
	for range refreshes / 10 { // until all is as large as it will be
		p.wait("msg=rows")
	}
	start := p.inUse(t, "start")
	for range refreshes / 2 {
		p.wait("msg=rows")
	}
	p.inUse(t, "middle")
	for range refreshes - refreshes/2 {
		p.wait("msg=rows")
	}
	end := p.inUse(t, "end")
	p.healthy()
	if end.resident > allowed*start.resident || end.goroutines > start.goroutines+3 || end.descriptors > start.descriptors+3 {
		t.Errorf("from %+v to %+v in %d refreshes", start, end, refreshes)
	}
}

// inUse is what a process has in use.
type inUse struct {
	resident                float64 // MB
	goroutines, descriptors int
}

// inUse prints what the app has in use.
func (p *program) inUse(t *testing.T, when string) inUse {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	line := p.wait("msg=usage")
	fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	u := inUse{resident: float64(statusValue(t, fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid), "VmRSS:")) / 1024,
		goroutines: logged(t, line, "goroutines"), descriptors: len(fds)}
	_, figures, _ := strings.Cut(line, "msg=")
	fmt.Fprintf(os.Stderr, "%-7s %7.1f MB resident, %d descriptors; %s (KiB), %d processors\n", when, u.resident, u.descriptors, figures, runtime.NumCPU())
	return u
}
