package app

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	stdpng "image/png"
	"testing"
)

// picture is an entry of an .icns file.
type picture struct {
	kind string
	data []byte
}

func icns(pictures ...picture) []byte {
	var body []byte
	for _, p := range pictures {
		body = append(body, p.kind...)
		body = binary.BigEndian.AppendUint32(body, uint32(8+len(p.data)))
		body = append(body, p.data...)
	}
	return append(binary.BigEndian.AppendUint32([]byte("icns"), uint32(8+len(body))), body...)
}

func pngOf(t testing.TB, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := stdpng.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestIconPNG(t *testing.T) {
	small, middle, large := pngOf(t, 32, 32), pngOf(t, 128, 128), pngOf(t, 512, 512)
	jpeg2000 := []byte("\x00\x00\x00\x0cjP  \r\n\x87\n")
	file := icns(picture{"TOC ", make([]byte, 24)}, picture{"ic05", []byte("ARGB....")}, picture{"ic09", large}, picture{"ic11", small}, picture{"ic08", jpeg2000}, picture{"ic07", middle}, picture{"info", []byte("bplist00")})
	for _, test := range []struct {
		size int
		want []byte
	}{{0, small}, {16, small}, {32, small}, {33, middle}, {128, middle}, {200, large}, {512, large}, {1024, large}, {-1, small}} {
		got, err := IconPNG(file, test.size)
		if err != nil || !bytes.Equal(got, test.want) {
			t.Errorf("%d pixels: %d bytes, %v; want %d", test.size, len(got), err, len(test.want))
		}
	}
	if got, err := IconPNG(append(file, "what follows"...), 32); err != nil || !bytes.Equal(got, small) {
		t.Errorf("with more behind it: %v", err)
	}
	if got, err := IconPNG(file[:len(file)-10], 512); err != nil || !bytes.Equal(got, large) {
		t.Errorf("with its end cut off: %v", err)
	}
	if _, err := IconPNG(icns(picture{"ic08", jpeg2000}, picture{"il32", make([]byte, 99)}), 32); !errors.Is(err, ErrNoPNG) {
		t.Errorf("without a PNG: %v", err)
	}
	for name, bad := range map[string][]byte{
		"nothing": nil, "a PNG": small, "half a head": []byte("icns\x00"), "no length": icns(picture{"ic07", nil})[:12],
		"too long": append([]byte("icns\x00\x00\x00\x40ic07\xff\xff\xff\xff"), make([]byte, 48)...), "length 0": []byte("icns\x00\x00\x00\x10ic07\x00\x00\x00\x00"),
		"not square": icns(picture{"ic07", pngOf(t, 10, 20)}), "huge": icns(picture{"ic10", pngOf(t, 2048, 2048)}), "only a signature": icns(picture{"ic10", []byte(pngSignature)}),
	} {
		if got, err := IconPNG(bad, 32); err == nil {
			t.Errorf("%s: %d bytes", name, len(got))
		}
	}
}

func FuzzIconPNG(f *testing.F) {
	f.Add(icns(picture{"ic07", pngOf(f, 16, 16)}), 32)
	f.Add([]byte("icns\x00\x00\x00\x10ic07\x00\x00\x00\x08"), 1)
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		got, err := IconPNG(data, size)
		if (err == nil) != bytes.HasPrefix(got, []byte(pngSignature)) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	})
}
