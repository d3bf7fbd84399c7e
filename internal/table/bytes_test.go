package table

import (
	"math"
	"testing"
)

func TestBytes(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "", 1: "1 B", 999: "999 B", 1000: "1.0 kB", 1234: "1.2 kB", 12_345: "12.3 kB", 99_949: "99.9 kB", 99_950: "100 kB",
		123_456: "123 kB", 999_499: "999 kB", 999_500: "1.0 MB", 1_200_000: "1.2 MB", 999_999_999: "1.0 GB",
		120_000_000_000: "120 GB", 5e15: "5.0 PB", math.MaxUint64: "18.4 EB",
	} {
		if got := Bytes(n); got != want {
			t.Errorf("Bytes(%d) = %q, want %q", n, got, want)
		}
	}
}
