package netstat

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The load of the benchmarks of every stage. The comparison with other tools is TestCompare.
const (
	benchChildren = 10
	benchSockets  = 10_000
)

// readCold opens a Reader, reads once, and closes it.
func readCold(tb testing.TB) *Snapshot {
	r, err := Open()
	if err != nil {
		tb.Fatal(err)
	}
	s, err := r.Read(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	if err := r.Close(); err != nil {
		tb.Fatal(err)
	}
	return s
}

// loaded gives a Reader whose buffers are as large as the load needs.
func loaded(b *testing.B) (*Reader, *load) {
	b.Helper()
	l := startLoad(b, benchChildren, benchSockets)
	r, err := Open()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { r.Close() })
	for range 3 {
		if s, err := r.Read(b.Context()); err != nil || len(s.Sockets) < benchSockets {
			b.Fatalf("%v, %v", s, err)
		}
	}
	b.ReportAllocs()
	return r, l
}

// BenchmarkReadCold: open, read all sockets and their owners, close.
func BenchmarkReadCold(b *testing.B) {
	startLoad(b, benchChildren, benchSockets)
	b.ReportAllocs()
	for b.Loop() {
		if n := len(readCold(b).Sockets); n < benchSockets {
			b.Fatalf("read %d sockets", n)
		}
	}
}

// BenchmarkReadSteady: a refresh in which nothing has changed.
func BenchmarkReadSteady(b *testing.B) {
	r, _ := loaded(b)
	for b.Loop() {
		if _, err := r.Read(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReadCounting: the same with the byte counters.
func BenchmarkReadCounting(b *testing.B) {
	r, _ := loaded(b)
	r.CountBytes(true)
	for b.Loop() {
		if _, err := r.Read(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReadRenewed: a refresh in which one socket in a hundred is another.
func BenchmarkReadRenewed(b *testing.B) {
	r, l := loaded(b)
	for b.Loop() {
		b.StopTimer()
		l.renew(b, benchSockets/100)
		b.StartTimer()
		if _, err := r.Read(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDump: the kernel's lists, decoded, as a Reader asks for them, and table by table.
func BenchmarkDump(b *testing.B) {
	r, _ := loaded(b)
	for name, split := range map[string]bool{"both families": false, "table by table": true} {
		b.Run(name, func(b *testing.B) {
			r.diag.split = split
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.dump(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDecode: the decoding alone, of one datagram of 260 sockets.
func BenchmarkDecode(b *testing.B) {
	var datagram []byte
	for len(datagram) < 30<<10 {
		datagram = append(datagram, record(nlattr(inetDiagSKV6Only, []byte{0}), nlattr(99, make([]byte, 16)))...)
	}
	d := newDump()
	b.SetBytes(int64(len(datagram)))
	b.ReportAllocs()
	for b.Loop() {
		d.records = d.records[:0]
		if err := d.datagram(datagram); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOwners: who holds the sockets, without the kernel's lists: from nothing, and when nothing has changed.
func BenchmarkOwners(b *testing.B) {
	r, _ := loaded(b)
	b.Run("cold", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			o := newOwners(&procDir{root: "/proc"})
			if _, err := o.refresh(given(false, r.before...), allThere); err != nil {
				b.Fatal(err)
			}
		}
	})
	for name, same := range map[string]bool{"steady": true, "steady, other records": false} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.owners.refresh(given(same, r.before...), allThere); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkAssemble: the snapshot is made of records and owners that are there.
func BenchmarkAssemble(b *testing.B) {
	r, _ := loaded(b)
	r.records = append(r.records[:0], r.before...)
	for b.Loop() {
		r.assemble(time.Time{}, tables{})
	}
}

// cpuTime is the processor time this process has used: unlike the clock it does
// not go on while others are at work on the machine.
func cpuTime(tb testing.TB) time.Duration {
	tb.Helper()
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
