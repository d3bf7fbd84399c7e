package port

import "testing"

func TestRangeOf(t *testing.T) {
	tests := []struct {
		name                         string
		first, last, hifirst, hilast uint32
		want, given                  Range
	}{
		{"as macOS comes", 49152, 65535, 49152, 65535, Range{First: 49152, Last: 65535}, Range{First: 49152, Last: 65535}},
		{"searched downwards", 65535, 49152, 65535, 49152, Range{First: 49152, Last: 65535}, Range{First: 49152, Last: 65535}},
		{"a wider second range", 49152, 60000, 40000, 65535, Range{First: 40000, Last: 65535}, Range{First: 49152, Last: 60000}},
		{"one after the other", 10000, 19999, 20000, 29999, Range{First: 10000, Last: 29999}, Range{First: 10000, Last: 19999}},
		{"one before the other", 20000, 29999, 10000, 19999, Range{First: 10000, Last: 29999}, Range{First: 20000, Last: 29999}},
		{"others in between", 10000, 19999, 30000, 40000, Range{First: 10000, Last: 19999}, Range{First: 10000, Last: 19999}},
		{"no second range", 32768, 60999, 0, 0, Range{First: 32768, Last: 60999}, Range{First: 32768, Last: 60999}},
		{"a second range that is none", 32768, 60999, 5, 70000, Range{First: 32768, Last: 60999}, Range{First: 32768, Last: 60999}},
		{"one port", 5000, 5000, 5000, 5000, Range{First: 5000, Last: 5000}, Range{First: 5000, Last: 5000}},
	}
	for _, test := range tests {
		got, err := rangeOf(test.first, test.last, test.hifirst, test.hilast)
		if err != nil || got.First != test.want.First || got.Last != test.want.Last {
			t.Errorf("%s: %v, %v; want %v", test.name, got, err, test.want)
		}
		if got.Given() != test.given || got.Given().Given() != test.given {
			t.Errorf("%s: given are %v, want %v", test.name, got.Given(), test.given)
		}
	}
	for _, bad := range [][2]uint32{{0, 0}, {0, 65535}, {1, 65536}, {1 << 31, 1<<32 - 1}} {
		if got, err := rangeOf(bad[0], bad[1], 49152, 65535); err == nil {
			t.Errorf("%v: %v, want an error", bad, got)
		}
	}
}
