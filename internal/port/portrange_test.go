package port

import "testing"

// macOS tells four numbers; what they make together is the same on every system.
func TestRangeOf(t *testing.T) {
	for _, c := range []struct {
		first, last, hifirst, hilast uint32
		want                         Range
	}{
		{49152, 65535, 49152, 65535, Range{49152, 65535}}, // as it comes
		{65535, 49152, 49152, 65535, Range{49152, 65535}}, // searched downwards
		{10000, 20000, 15000, 30000, Range{10000, 30000}}, // overlapping
		{10000, 20000, 20001, 30000, Range{10000, 30000}}, // touching
		{20001, 30000, 10000, 20000, Range{10000, 30000}},
		{10000, 20000, 49152, 65535, Range{10000, 20000}}, // other ports between them
		{49152, 65535, 1000, 2000, Range{49152, 65535}},
		{49152, 65535, 0, 0, Range{49152, 65535}}, // the second cannot be read
		{49152, 65535, 1, 70000, Range{49152, 65535}},
		{1, 65535, 65535, 65535, Range{1, 65535}},
		{5000, 5000, 0, 0, Range{5000, 5000}},
	} {
		got, err := rangeOf(c.first, c.last, c.hifirst, c.hilast)
		if err != nil || got != c.want {
			t.Errorf("rangeOf(%d, %d, %d, %d) = %v, %v, want %v", c.first, c.last, c.hifirst, c.hilast, got, err, c.want)
		}
	}
}

func TestRangeOfRefuses(t *testing.T) {
	for _, c := range [][2]uint32{{0, 0}, {0, 65535}, {65535, 0}, {1, 65536}, {1 << 31, 1<<32 - 1}} {
		if r, err := rangeOf(c[0], c[1], 49152, 65535); err == nil {
			t.Errorf("rangeOf(%d, %d, ...) = %v, want an error", c[0], c[1], r)
		}
	}
}
