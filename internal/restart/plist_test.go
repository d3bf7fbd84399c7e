package restart

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"howett.net/plist"

	"portolan/internal/app"
)

const plistHead = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">`

func xmlJob(body string) []byte { return []byte(plistHead + "<dict>" + body + "</dict></plist>") }

func binaryJob(t testing.TB, v any) []byte {
	t.Helper()
	data, err := plist.Marshal(v, plist.BinaryFormat)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestDecodeJob(t *testing.T) {
	const program = `<key>Label</key><string>a.b</string><key>ProgramArguments</key><array><string>/x/y</string><string>-z</string></array>`
	tests := map[string]struct {
		data []byte
		want job
	}{
		"true":       {xmlJob(program + `<key>KeepAlive</key><true/>`), job{KeepAlive: keepAlive{always: true}}},
		"false":      {xmlJob(program + `<key>KeepAlive</key><false/>`), job{}},
		"conditions": {xmlJob(program + `<key>KeepAlive</key><dict><key>SuccessfulExit</key><false/><key>Crashed</key><true/></dict>`), job{KeepAlive: keepAlive{conditions: []string{"Crashed", "SuccessfulExit"}}}},
		"nonsense":   {xmlJob(program + `<key>KeepAlive</key><string>yes</string>`), job{}},
		"on demand":  {xmlJob(program + `<key>OnDemand</key><false/>`), job{OnDemand: onDemand{off: true}}},
		"sockets":    {xmlJob(program + `<key>Sockets</key><dict><key>L</key><dict><key>SockServiceName</key><string>8080</string></dict></dict>`), job{Sockets: true}},
		"binary": {binaryJob(t, map[string]any{"Label": "a.b", "ProgramArguments": []string{"/x/y", "-z"}, "KeepAlive": map[string]any{"PathState": map[string]bool{"/p": true}}, "StartInterval": 60}),
			job{KeepAlive: keepAlive{conditions: []string{"PathState"}}, StartInterval: true}},
	}
	for name, test := range tests {
		got, err := decodeJob(test.data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Label != "a.b" || !slices.Equal(got.ProgramArguments, []string{"/x/y", "-z"}) {
			t.Errorf("%s: %+v", name, got)
		}
		if got.KeepAlive.always != test.want.KeepAlive.always || !slices.Equal(got.KeepAlive.conditions, test.want.KeepAlive.conditions) ||
			got.OnDemand != test.want.OnDemand || got.Sockets != test.want.Sockets || got.StartInterval != test.want.StartInterval {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

// trailerLen is the length of the end of a binary property list.
const trailerLen = 32

// bplist puts a binary property list together from objects as they are.
func bplist(refSize byte, objects ...[]byte) []byte {
	out := []byte("bplist00")
	var table []byte
	for _, o := range objects {
		table = binary.BigEndian.AppendUint32(table, uint32(len(out)))
		out = append(out, o...)
	}
	at := len(out)
	out = append(out, table...)
	trailer := make([]byte, trailerLen)
	trailer[6], trailer[7] = 4, refSize
	binary.BigEndian.PutUint64(trailer[8:], uint64(len(objects)))
	binary.BigEndian.PutUint64(trailer[24:], uint64(at))
	return append(out, trailer...)
}

func count(kind byte, n uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{kind<<4 | 0xf, 0x13}, n)
}

// badPlists are what the library alone would crash on, run out of memory with, or believe.
func badPlists() map[string][]byte {
	dag := [][]byte{}
	for i := range 60 { // each array holds the next one twice: 2^60 elements
		dag = append(dag, []byte{0xa2, byte(i + 1), byte(i + 1)})
	}
	dag = append(dag, []byte{0x51, 'x'})
	dagJob := append([][]byte{{0xd2, 1, 2, 3, 4}, []byte("\x55Label"), []byte("\x59KeepAlive"), []byte("\x51x")}, func() [][]byte {
		for i := range dag[:60] {
			dag[i] = []byte{0xa2, byte(i + 5), byte(i + 5)}
		}
		return dag
	}()...)
	return map[string][]byte{
		"string that wraps":   bplist(1, append(count(5, math.MaxUint64-20), 'a')),
		"array of no size":    bplist(0, count(0xa, 1<<30)),
		"long data":           bplist(1, count(4, 1<<40)),
		"long utf16":          bplist(1, count(6, 1<<63)),
		"long dict":           bplist(1, count(0xd, 1<<62)),
		"itself":              bplist(1, []byte{0xa1, 0}),
		"no objects":          bplist(1),
		"not a key":           bplist(1, []byte{0xd1, 1, 1}, []byte{0x10, 7}),
		"bomb, no job":        bplist(1, dag...),
		"no label":            xmlJob(`<key>KeepAlive</key><true/>`),
		"label of wrong type": xmlJob(`<key>Label</key><array/>`),
		"empty":               {},
		"old text":            []byte(`{ Label = "a.b"; KeepAlive = YES; }`),
		"half":                xmlJob(`<key>Label</key><string>a`)[:150],
		"deep":                []byte(plistHead + strings.Repeat("<array>", 8000)),
		"entities":            []byte(`<!DOCTYPE plist [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><plist><dict><key>Label</key><string>&b;</string></dict></plist>`),
		"long":                bytes.Repeat([]byte(" "), 2<<20),
		"bomb behind a key":   bplist(1, dagJob...),
	}
}

func TestBadPlists(t *testing.T) {
	for name, data := range badPlists() {
		if j, err := decodeJob(data); !errors.Is(err, app.ErrPlist) {
			t.Errorf("%s: %+v, %v", name, j, err)
		}
	}
}

func FuzzDecodeJob(f *testing.F) {
	for _, data := range badPlists() {
		f.Add(data)
	}
	f.Add(xmlJob(`<key>Label</key><string>a</string><key>KeepAlive</key><dict><key>x</key><true/></dict>`))
	f.Add(binaryJob(f, map[string]any{"Label": "a", "KeepAlive": true, "Sockets": []int{1}, "ProgramArguments": []string{"a"}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		j, err := decodeJob(data)
		if err != nil {
			if !errors.Is(err, app.ErrPlist) {
				t.Errorf("another error: %v", err)
			}
			return
		}
		// Every string is read: one that reaches beyond the data ends the test here.
		size := len(j.Label) + len(j.Program) + len(strings.Join(j.ProgramArguments, "")) + len(strings.Join(j.KeepAlive.conditions, ""))
		if j.Label == "" || size > 64*len(data) {
			t.Errorf("%d bytes came out of %d", size, len(data))
		}
	})
}
