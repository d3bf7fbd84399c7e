package app

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"howett.net/plist"
)

// someInfo is what an Info.plist of an app holds, and more than is wanted of it.
func someInfo(extra map[string]any) map[string]any {
	m := map[string]any{
		"CFBundleIdentifier": "com.google.Chrome", "CFBundleDisplayName": "Google Chrome", "CFBundleName": "Chrome", "CFBundleIconFile": "app.icns",
		"CFBundleURLTypes": []any{map[string]any{"CFBundleURLName": "Web", "CFBundleURLSchemes": []string{"http", "https"}}}, "LSMinimumSystemVersion": "12.0", "NSHighResolutionCapable": true, "Numbers": 129,
	}
	maps.Copy(m, extra)
	return m
}

func encode(t testing.TB, v any, format int) []byte {
	t.Helper()
	data, err := plist.Marshal(v, format)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestParseInfo(t *testing.T) {
	want := info{"com.google.Chrome", "Google Chrome", "Chrome", "app.icns"}
	for name, data := range map[string][]byte{
		"XML": encode(t, someInfo(nil), plist.XMLFormat), "binary": encode(t, someInfo(nil), plist.BinaryFormat),
		"with a mark": append([]byte("\xef\xbb\xbf"), encode(t, someInfo(nil), plist.XMLFormat)...),
		"without a declaration": []byte(`<plist version="1.0"><dict><key>CFBundleName</key><string>Chrome</string><key>CFBundleDisplayName</key><string> Google Chrome
</string><key>CFBundleIdentifier</key><string>com.google.Chrome</string><!-- </dict> --><key>CFBundleIconFile</key><string>app.icns</string></dict></plist>`),
	} {
		if got, err := parseInfo(data); err != nil || got != want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	// A build that forgot to fill in its variables, and names without an end.
	odd := someInfo(map[string]any{"CFBundleDisplayName": "${PRODUCT_NAME}", "CFBundleName": "$(EXECUTABLE_NAME)", "CFBundleIdentifier": strings.Repeat("x", 1<<16)})
	if got, err := parseInfo(encode(t, odd, plist.BinaryFormat)); err != nil || got != (info{Icon: "app.icns"}) {
		t.Errorf("with what are no names: %+v, %v", got, err)
	}
	// Names in UTF-16, and shared objects, as Apple's tools write them.
	if got, err := parseInfo(encode(t, someInfo(map[string]any{"CFBundleDisplayName": "計算機", "Again": "Chrome"}), plist.BinaryFormat)); err != nil || got.DisplayName != "計算機" {
		t.Errorf("not in ASCII: %+v, %v", got, err)
	}
}

// binaryOf puts a binary property list together from its objects, whatever they say.
func binaryOf(objects [][]byte, refSize byte, top uint64) []byte {
	data := []byte("bplist00")
	var offsets []uint32
	for _, o := range objects {
		offsets = append(offsets, uint32(len(data)))
		data = append(data, o...)
	}
	table := uint64(len(data))
	for _, o := range offsets {
		data = binary.BigEndian.AppendUint32(data, o)
	}
	return trailer(data, 4, refSize, uint64(len(objects)), top, table)
}

func trailer(data []byte, offsetSize, refSize byte, objects, top, table uint64) []byte {
	data = append(data, 0, 0, 0, 0, 0, 0, offsetSize, refSize)
	data = binary.BigEndian.AppendUint64(data, objects)
	data = binary.BigEndian.AppendUint64(data, top)
	return binary.BigEndian.AppendUint64(data, table)
}

func TestPlistBombs(t *testing.T) {
	deep := func(n int) [][]byte { // arrays of one array each
		objects := make([][]byte, n)
		for i := range objects {
			objects[i] = []byte{0xa1, byte((i + 1) >> 16), byte((i + 1) >> 8), byte(i + 1)}
		}
		objects[n-1] = []byte{0xa0}
		return objects
	}
	var laughs [][]byte // each the next one twice
	for i := range 60 {
		laughs = append(laughs, []byte{0xa2, byte(i + 1), byte(i + 1)})
	}
	laughs = append(laughs, []byte{0x51, 'x'})
	overlapping := append([]byte("bplist00"), []byte(strings.Repeat("\xaf\x12\x00\x00\xff\xff", 20000))...)
	table := uint64(len(overlapping))
	for i := range 20000 {
		overlapping = binary.BigEndian.AppendUint32(overlapping, uint32(8+6*i))
	}
	overlapping = trailer(overlapping, 4, 2, 20000, 0, table)
	for name, data := range map[string][]byte{
		"deep":             binaryOf(deep(80000), 3, 0),
		"a little deep":    binaryOf(deep(maxDepth+1), 3, 0),
		"holds itself":     binaryOf([][]byte{{0xa1, 0}}, 1, 0),
		"in a circle":      binaryOf([][]byte{{0xa1, 1}, {0xa1, 0}}, 1, 0),
		"billion laughs":   binaryOf(laughs, 1, 0),
		"huge count":       binaryOf([][]byte{{0xaf, 0x13, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}, 1, 0),
		"negative count":   binaryOf([][]byte{{0xdf, 0x13, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}, 1, 0),
		"huge string":      binaryOf([][]byte{{0x5f, 0x13, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff}}, 1, 0),
		"no count":         binaryOf([][]byte{{0xaf}}, 1, 0),
		"half a count":     binaryOf([][]byte{{0xaf, 0x13, 0}}, 1, 0),
		"overlapping":      overlapping,
		"many objects":     trailer([]byte("bplist00\xd0"), 1, 8, 1<<40, 0, 9),
		"objects wrap":     trailer([]byte("bplist00\xd0\x08"), 4, 8, 1<<62, 0, 9),
		"refs of nothing":  trailer([]byte("bplist00\xaf\x13\x00\x00\x00\xff\xff\xff\xff\xff\x08"), 1, 0, 1, 0, 18),
		"offsets of 0":     trailer([]byte("bplist00\xd0\x08"), 0, 1, 1, 0, 9),
		"offset outside":   trailer([]byte("bplist00\xd0\xff"), 1, 1, 1, 0, 9),
		"reference beyond": binaryOf([][]byte{{0xa1, 9}}, 1, 0),
		"top beyond":       binaryOf([][]byte{{0xa0}}, 1, 7),
		"only a head":      []byte("bplist00"),
		"XML deep":         []byte("<plist>" + strings.Repeat("<array>", 100000)),
		"XML deep inside":  []byte("<plist>" + strings.Repeat("<x:array>", 100000)),
		"XML deep text":    []byte("<plist><dict><key>CFBundleName</key>" + strings.Repeat("<string>", 100000)),
		"XML laughs":       []byte(`<!DOCTYPE p [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><plist><dict><key>CFBundleName</key><string>&b;</string></dict></plist>`),
		"XML cut off":      []byte("<plist><dict><key>CFBundleName</key><string>x"),
		"OpenStep":         []byte("{ CFBundleName = x; }"),
		"OpenStep deep":    []byte(strings.Repeat("(", 1<<19)),
		"UTF-16":           []byte("\xff\xfe<\x00"),
		"no dictionary":    []byte("<plist><array/></plist>"),
		"no string":        []byte("<plist><dict><key>CFBundleName</key><array/></dict></plist>"),
		"too long":         []byte("<plist>" + strings.Repeat(" ", maxPlist)),
		"nothing":          nil,
	} {
		if got, err := parseInfo(data); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	// The same where anything may be.
	var anything any
	for name, data := range map[string][]byte{"laughs": binaryOf(laughs, 1, 0), "fewer laughs": binaryOf(laughs, 1, 35)} {
		if err := DecodePlist(data, &anything); !errors.Is(err, ErrPlist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// What is deep but not too deep is read.
	inner := any("x")
	for range maxDepth - 3 {
		inner = []any{inner}
	}
	for _, format := range []int{plist.XMLFormat, plist.BinaryFormat} {
		if got, err := parseInfo(encode(t, someInfo(map[string]any{"Deep": inner}), format)); err != nil || got.Name != "Chrome" {
			t.Errorf("format %d: %+v, %v", format, got, err)
		}
	}
}

// FuzzPlist looks for what gets past the check and makes the library crash, which ends the test.
func FuzzPlist(f *testing.F) {
	f.Add(encode(f, someInfo(nil), plist.XMLFormat))
	f.Add(encode(f, someInfo(nil), plist.BinaryFormat))
	f.Add(encode(f, map[string]any{"Label": "x", "ProgramArguments": []string{"/bin/sh", "-c", "y"}}, plist.BinaryFormat))
	f.Add(binaryOf([][]byte{{0xd1, 1, 2}, {0x51, 'x'}, {0x10, 1}}, 1, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		if i, err := parseInfo(data); err != nil && i != (info{}) {
			t.Errorf("%+v with %v", i, err)
		}
		if program, j, err := parseJob(data); err != nil && (program != "" || j != (job{})) {
			t.Errorf("%s %+v with %v", program, j, err)
		}
	})
}

func BenchmarkParseInfo(b *testing.B) {
	types := []any{}
	for i := range 20 {
		types = append(types, map[string]any{"CFBundleTypeExtensions": []string{fmt.Sprint("ext", i)}, "CFBundleTypeName": fmt.Sprint("Document ", i), "CFBundleTypeRole": "Editor"})
	}
	for name, format := range map[string]int{"xml": plist.XMLFormat, "binary": plist.BinaryFormat} {
		data := encode(b, someInfo(map[string]any{"CFBundleDocumentTypes": types}), format)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := parseInfo(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
