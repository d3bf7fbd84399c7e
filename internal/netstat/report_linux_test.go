package netstat

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// comparison is what was measured of several contenders on one load.
type comparison struct {
	sockets, processes, renewed int
	names                       []string
	wall, cpu                   [][]time.Duration // by contender and round
}

func newComparison(contenders []contender) comparison {
	c := comparison{wall: make([][]time.Duration, len(contenders)), cpu: make([][]time.Duration, len(contenders))}
	for _, contender := range contenders {
		c.names = append(c.names, contender.name)
	}
	return c
}

// rounds does rounds for as long as there is time.
func (c *comparison) rounds(round func()) {
	for n, start := 0, time.Now(); n < leastRounds || n < mostRounds && time.Since(start) < compareTime; n++ {
		round()
	}
}

func (c *comparison) add(i int, wall, cpu time.Duration) {
	c.wall[i], c.cpu[i] = append(c.wall[i], wall), append(c.cpu[i], cpu)
}

// slow: contender i was measured, and took so long that once is enough.
func (c *comparison) slow(i int) bool { return len(c.wall[i]) > 0 && c.wall[i][0] > tooSlow }

// ratio is the median of the ratios of contender 0 to contender i, round by round: so what else the machine
// did at the time weighs on both.
func ratio(of [][]time.Duration, i int) float64 {
	var ratios []float64
	for n := range min(len(of[0]), len(of[i])) {
		ratios = append(ratios, float64(of[0][n])/float64(max(1, of[i][n])))
	}
	return median(ratios)
}

func median[T float64 | time.Duration](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// report is everything that was measured.
type report struct {
	cold, steady []comparison
}

// markdown is the report as it is printed and kept.
func (r *report) markdown() string {
	var b strings.Builder
	b.WriteString("# Measured\n\nBy `make bench-report`, on " + machine() + ". Each contender in turn, in one run, on the same load; " +
		"medians of the times in milliseconds, and the median of the ratios round by round. " +
		"`portolan` is a call within a program that runs, a command is also started; for `cpu` it is the processor time that counts. " +
		"\"1 x\" behind a time: it was measured once, because it takes so long.\n\n" +
		"## Cold: all sockets and their owners, from nothing\n\n")
	writeRows(&b, r.cold, "sockets | processes", func(c *comparison) string { return fmt.Sprintf("%d | %d", c.sockets, c.processes) })
	b.WriteString("\n## Steady: a refresh, of so many sockets in a hundred new since the one before\n\n" +
		"`four dumps` are the kernel's lists of TCP and UDP for IPv4 and IPv6, decoded, without owners. " +
		"`own dumps` are the same as a Reader asks for them: TCP for both at once.\n\n")
	writeRows(&b, r.steady, "sockets | processes | new", func(c *comparison) string {
		return fmt.Sprintf("%d | %d | %d %%", c.sockets, c.processes, c.renewed)
	})
	b.WriteString("\n## The budgets\n\n| | budget | 10 processes | 200 processes |\n|---|---|---|---|\n")
	r.budgets(&b)
	return b.String()
}

// writeRows writes one row for each comparison; head and label are its first columns.
func writeRows(b *strings.Builder, rows []comparison, head string, label func(*comparison) string) {
	names := rows[0].names
	b.WriteString("| " + head + " | " + names[0] + " ms")
	for _, name := range names[1:] {
		fmt.Fprintf(b, " | %s ms | ratio | cpu", name)
	}
	b.WriteString(" |\n|" + strings.Repeat("---|", strings.Count(head, "|")+2+3*(len(names)-1)) + "\n")
	for i := range rows {
		c := &rows[i]
		fmt.Fprintf(b, "| %s | %s", label(c), milliseconds(median(c.wall[0])))
		for k := 1; k < len(names); k++ {
			once := ""
			if c.slow(k) {
				once = " (1 x)"
			}
			fmt.Fprintf(b, " | %s%s | %.2f | %.2f", milliseconds(median(c.wall[k])), once, ratio(c.wall, k), ratio(c.cpu, k))
		}
		b.WriteString(" |\n")
	}
}

func milliseconds(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	if ms < 10 {
		return fmt.Sprintf("%.2f", ms)
	}
	return fmt.Sprintf("%.1f", ms)
}

// budget is what is promised of a load of 20,000 sockets.
type budget struct {
	promise string
	renewed int // -1: of a cold read
	against string
	atMost  float64
}

func (r *report) budgets(b *strings.Builder) {
	for _, budget := range []budget{
		{promise: "cold read with owners, 20,000 sockets", renewed: -1, against: "ss -tunap", atMost: 0.35},
		{promise: "cold read with owners, 20,000 sockets", renewed: -1, against: "lsof -nP -i", atMost: 0.2},
		{promise: "cold read with owners, 20,000 sockets", renewed: -1, against: "gopsutil", atMost: 0.1},
		{promise: "steady refresh, 20,000 sockets, 1 % new", renewed: 1, against: "four dumps", atMost: 1.5},
		{promise: "steady refresh, 20,000 sockets, nothing new", renewed: 0, against: "four dumps", atMost: 1.2},
	} {
		rows := r.steady
		if budget.renewed < 0 {
			rows = r.cold
		}
		fmt.Fprintf(b, "| %s | under %v of `%s`", budget.promise, budget.atMost, budget.against)
		for i := range rows {
			c := &rows[i]
			if c.sockets == 20_000 && (budget.renewed < 0 || c.renewed == budget.renewed) {
				fmt.Fprintf(b, " | %.2f", ratio(c.wall, slices.Index(c.names, budget.against)))
			}
		}
		b.WriteString(" |\n")
	}
}

// machine says what this was measured on.
func machine() string {
	var name unix.Utsname
	release := ""
	if unix.Uname(&name) == nil {
		release = unix.ByteSliceToString(name.Release[:])
	}
	model := "an unknown processor"
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range bytes.Lines(text) {
			if key, value, _ := bytes.Cut(line, []byte(":")); string(bytes.TrimSpace(key)) == "model name" {
				model = string(bytes.TrimSpace(value))
				break
			}
		}
	}
	return fmt.Sprintf("%d processors (%s), Linux %s, %s", runtime.NumCPU(), model, release, runtime.Version())
}
