package main

import (
	"testing"
)

func TestParseSubject(t *testing.T) {
	for _, test := range []struct {
		argument string
		kind     subjectKind
		number   int
	}{
		{":3000", namesPort, 3000},
		{"port:65535", namesPort, 65535},
		{"pid:812", namesPID, 812},
		{"pid:2147483647", namesPID, 1<<31 - 1},
		{"3000", namesEither, 3000},
		{"70000", namesEither, 70000},
		{"03000", namesEither, 3000},
	} {
		got, err := parseSubject(test.argument)
		if err != nil || got.kind != test.kind || got.number != test.number {
			t.Errorf("%s: got %+v, %v", test.argument, got, err)
		}
	}
}

func FuzzParseSubject(f *testing.F) {
	for _, seed := range []string{":3000", "port:1", "pid:812", "3000", "", ":", "pid:", "-1", "٣", "1e3", "pid:4294967296"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, argument string) {
		s, err := parseSubject(argument)
		if err != nil {
			if codeOf(err) != exitUsage {
				t.Errorf("%q: exit code %d", argument, codeOf(err))
			}
			return
		}
		if s.number < 1 || s.number > maxPID || (s.kind == namesPort && s.number > maxPort) {
			t.Errorf("%q: got %+v", argument, s)
		}
	})
}
