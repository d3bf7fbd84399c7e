package watch

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"portolan/internal/netstat"
)

func TestFileRoundTrip(t *testing.T) {
	want := Rules{Newcomers: true, Seen: Seen{learned: true, days: map[string]int64{"executable\x00/bin/nginx": 20000}}}.
		With(Port{Number: 3000, Taken: true, Free: true}).
		With(Port{Number: 53, Protocol: netstat.UDP, Taken: true, Off: true}).
		With(Port{Number: 53, Protocol: netstat.TCP, Free: true})
	got, err := Decode(Encode(want))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
}

func TestDecodeJunk(t *testing.T) {
	for text, want := range map[string]struct {
		ports int
		bad   bool
	}{
		"":              {0, false},
		"{}":            {0, false},
		"null":          {0, false},
		"[]":            {0, true},
		"{":             {0, true},
		"\x00\xff":      {0, true},
		`{"ports":"x"}`: {0, true},
		`{"ports":[{"port":3000},{"port":"x"},7,{"port":70000},{"port":-1},{"port":0},{"port":5,"protocol":"sctp"},{"port":80,"protocol":"tcp","new":1}]}`: {2, true},
		`{"ports":[{"port":3000},{"port":3000,"taken":true}],"other":[]}`:                                                                                  {1, false},
		`{"ports":[{"port":3000}],"newcomers":"yes","seen":{"a":"b"}}`:                                                                                     {1, true},
		`{"seen":{"a":-1}}`:            {0, false},
		strings.Repeat("x", maxFile+1): {0, true},
	} {
		r, err := Decode(text)
		if len(r.Ports) != want.ports || err != nil != want.bad {
			t.Errorf("%.100q: %d ports, %v", text, len(r.Ports), err)
		}
		if r.Newcomers || r.Seen.Len() != 0 {
			t.Errorf("%.100q: %+v", text, r)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(Encode(both(3000)))
	f.Add(`{"ports":[{"port":1,"protocol":"udp","off":true}],"newcomers":true,"learned":true,"seen":{"a":1}}`)
	f.Add(`{"ports":[1,null,{}],"seen":[]}`)
	f.Fuzz(func(t *testing.T, text string) {
		r, _ := Decode(text)
		if len(r.Ports) > MaxPorts || r.Seen.Len() > maxSeen {
			t.Fatalf("%d ports, %d apps", len(r.Ports), r.Seen.Len())
		}
		again, err := Decode(Encode(r))
		if err != nil || fmt.Sprint(again) != fmt.Sprint(r) {
			t.Fatalf("%+v becomes %+v (%v)", r, again, err)
		}
		w := New(r, kernelPorts)
		w.States()
	})
}
