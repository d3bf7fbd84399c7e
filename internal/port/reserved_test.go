package port

import (
	"strings"
	"testing"
	"time"
)

func TestWithout(t *testing.T) {
	usual := Range{First: 32768, Last: 60999}
	tests := []struct {
		list    string
		r       Range
		count   int
		out, in []uint16
	}{
		{"", usual, 28232, nil, []uint16{32768, 60999}},
		{"\n", usual, 28232, nil, []uint16{40000}},
		{"40000\n", usual, 28231, []uint16{40000}, []uint16{39999, 40001}},
		{"8080,40000-40009,60999", usual, 28221, []uint16{40000, 40009, 60999, 8080}, []uint16{40010, 60998}},
		{"1-65535", usual, 0, []uint16{32768, 50000, 60999}, nil},
		{"5000", Range{First: 5000, Last: 5000}, 0, []uint16{5000}, nil},
		{"4999", Range{First: 5000, Last: 5000}, 1, []uint16{4999}, []uint16{5000}},
	}
	for _, test := range tests {
		r, err := test.r.without(test.list)
		if err != nil || r.Count() != test.count {
			t.Errorf("%q: %d ports, %v; want %d", test.list, r.Count(), err, test.count)
		}
		for _, p := range test.out {
			if r.Contains(p) {
				t.Errorf("%q: %d is in it", test.list, p)
			}
		}
		for _, p := range test.in {
			if !r.Contains(p) {
				t.Errorf("%q: %d is not in it", test.list, p)
			}
		}
	}
	for _, bad := range []string{"x", "1,,2", "70000", "5-3", "-", "1-", strings.Repeat("9", 1<<20)} {
		if r, err := usual.without(bad); err == nil || r != usual || len(err.Error()) > 200 {
			t.Errorf("%.20q: %v, %v; want the range as it was and a short error", bad, r, err)
		}
	}
	if n := (Range{}).Count(); n != 0 {
		t.Errorf("the zero Range has %d ports", n)
	}
}

func FuzzWithout(f *testing.F) {
	f.Add("8080,9148-9200")
	f.Add("0-65535")
	f.Fuzz(func(t *testing.T, list string) {
		whole := Range{First: 1, Last: 65535}
		r, err := whole.without(list)
		if err != nil && r != whole {
			t.Errorf("%q: changed in spite of %v", list, err)
		}
		if n := r.Count(); n < 0 || n > whole.Count() {
			t.Errorf("%q: %d ports", list, n)
		}
	})
}

func TestTimeWait(t *testing.T) {
	if d, err := TimeWait(); err != nil || d < time.Second || d > 10*time.Minute {
		t.Errorf("%v, %v", d, err)
	}
}
