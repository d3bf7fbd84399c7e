package netstat_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"portolan/internal/monitor"
	"portolan/internal/netstat"
)

var soak = flag.Int("soak", 0, "refresh so often over churning sockets, and see whether memory, goroutines or descriptors grow")

const (
	soakChildren = 10
	soakSockets  = 2_000
	soakRenewed  = 40 // between two refreshes
	// soakGrowth is what the resident memory may grow after the warm-up, in percent, and soakSlack
	// in bytes: the runtime gives back memory in pieces of its own size.
	soakGrowth = 2
	soakSlack  = 256 << 10
)

// footprint is what a process takes.
type footprint struct {
	refreshes, goroutines, descriptors int
	resident                           int64 // bytes that are ours alone
}

func (f footprint) String() string {
	return fmt.Sprintf("after %6d refreshes: %6.2f MB resident, %d goroutines, %d descriptors",
		f.refreshes, float64(f.resident)/(1<<20), f.goroutines, f.descriptors)
}

func look(t *testing.T, refreshes int) footprint {
	t.Helper()
	debug.FreeOSMemory() // collects twice, and gives back what is free: what is left is in use
	f := footprint{refreshes: refreshes, goroutines: runtime.NumGoroutine()}
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	f.descriptors = len(entries)
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	fields := bytes.Fields(text)
	resident, err1 := strconv.ParseInt(string(fields[1]), 10, 64)
	shared, err2 := strconv.ParseInt(string(fields[2]), 10, 64) // pages of the program itself, read when first used
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	f.resident = (resident - shared) * int64(os.Getpagesize())
	return f
}

// TestSoak is what `make soak` asks for: the reader and the monitor as the app runs them, many hours in some minutes.
func TestSoak(t *testing.T) {
	if *soak == 0 {
		return
	}
	load := netstat.StartLoad(t, soakChildren, soakSockets)
	r, err := netstat.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	m := monitor.New(r, time.Hour)
	m.SetCounting(true) // the more costly way
	updates := make(chan monitor.Update)
	m.Subscribe(func(u monitor.Update) { updates <- u })
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	refresh := func() {
		u := <-updates
		if u.Err != nil || len(u.Snapshot.Sockets) < soakSockets*9/10 {
			t.Fatalf("%d sockets, %v", len(u.Snapshot.Sockets), u.Err)
		}
	}
	refresh()
	warm := max(20, *soak/10) // the buffers are as large as they get
	var seen []footprint
	for n := 1; n <= *soak+warm; n++ {
		load.Renew(t, soakRenewed)
		m.Refresh()
		refresh()
		if n == warm || n == warm+*soak/2 || n == warm+*soak {
			f := look(t, n)
			seen = append(seen, f)
			fmt.Println(f)
		}
	}
	stop()
	<-ended
	start, end := seen[0], seen[2]
	if most := start.resident*(100+soakGrowth)/100 + soakSlack; end.resident > most {
		t.Errorf("resident memory grew from %d to %d bytes", start.resident, end.resident)
	}
	if end.goroutines > start.goroutines || end.descriptors > start.descriptors {
		t.Errorf("goroutines %d to %d, descriptors %d to %d", start.goroutines, end.goroutines, start.descriptors, end.descriptors)
	}
}
