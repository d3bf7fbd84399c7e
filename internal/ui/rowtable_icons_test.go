package ui

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/table"
)

var red = color.RGBA{0xff, 0, 0, 0xff}

// redPNG is a picture all in red.
func redPNG(t testing.TB, width, height int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		img.SetRGBA(i%width, i/width, red)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// icnsOf puts a PNG into an .icns file, as a picture of 128 pixels ("ic07").
func icnsOf(picture []byte) []byte {
	data := append([]byte("icns\x00\x00\x00\x00ic07\x00\x00\x00\x00"), picture...)
	binary.BigEndian.PutUint32(data[4:], uint32(len(data)))
	binary.BigEndian.PutUint32(data[12:], uint32(len(data)-8))
	return data
}

func drawing(inside string) []byte {
	return []byte(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 48 48">` + inside + `</svg>`)
}

const redSquare = `<rect x="0" y="0" width="48" height="48" fill="#ff0000"/>`

func TestReadIcon(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string][]byte{
		"large.png": redPNG(t, 512, 512), "small.png": redPNG(t, 16, 16), "odd.PNG": redPNG(t, 33, 33), "wide.png": redPNG(t, 64, 16),
		"app.icns": icnsOf(redPNG(t, 128, 128)), "drawn.svg": drawing(redSquare),
		"repeated.svg": drawing(`<defs><rect id="a" x="0" y="0" width="48" height="48" fill="#ff0000"/></defs><use xlink:href="#a"/>`),
		"dashed.svg":   drawing(redSquare + `<path d="M0 0h48" stroke="#ff0000" stroke-dasharray="1e-9 1e-9"/>`),
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		img, err := readIcon(path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := img.Bounds().Size(); got != image.Pt(iconPixels, iconPixels) {
			t.Errorf("%s: it is %v large", name, got)
		}
		if got := color.RGBAModel.Convert(img.At(16, 16)); got != red {
			t.Errorf("%s: its middle is %v", name, got)
		}
		_, _, _, alpha := img.At(16, 2).RGBA()
		if transparent := alpha == 0; transparent != (name == "wide.png") {
			t.Errorf("%s: transparent above the middle: %v", name, transparent)
		}
	}
}

// junkIcons are files that are no icons, and worse.
func junkIcons(t testing.TB) map[string][]byte {
	bomb := redPNG(t, 8, 8)
	binary.BigEndian.PutUint32(bomb[16:], 60_000) // the width that it claims
	circle := `<defs><g id="a"><use xlink:href="#b"/></g><g id="b"><use xlink:href="#a"/></g></defs><use xlink:href="#a"/>`
	return map[string][]byte{
		"empty.png": nil, "text.png": []byte("no picture"), "cut.png": redPNG(t, 64, 64)[:60], "bomb.png": bomb,
		"wrong.xpm": redPNG(t, 8, 8), "empty.svg": nil, "text.svg": []byte("no picture"), "nothing.svg": drawing(""),
		"circle.svg": drawing(circle), "many.svg": drawing("<defs>" + redSquare + "</defs>" + strings.Repeat(`<use xlink:href="#a"/>`, 5000)),
		"far.svg":   drawing(`<path d="M0 0L30000000 30000000L-30000000 5z" fill="#000"/>`),
		"thick.svg": drawing(`<path d="M0 0L9 9" stroke="#000" stroke-width="1e30"/>`),
		"flat.svg":  []byte(`<svg viewBox="0 0 0 0">` + redSquare + `</svg>`), "nan.svg": []byte(`<svg viewBox="0 0 NaN NaN">` + redSquare + `</svg>`),
		"open.svg": []byte(`<svg viewBox="0 0 48 48"><g><g>`), "large.svg": bytes.Repeat([]byte(" "), iconDrawingMost+1),
		"text.icns": []byte("no picture"), "junk.icns": icnsOf([]byte("no picture")),
	}
}

func TestReadJunkIcon(t *testing.T) {
	dir := t.TempDir()
	for name, data := range junkIcons(t) {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if img, err := readIcon(path); err == nil || img != nil {
			t.Errorf("%s is taken for an icon", name)
		}
	}
	for _, path := range []string{filepath.Join(dir, "absent.png"), dir + "/.png", "/dev/zero"} {
		if _, err := readIcon(path); err == nil {
			t.Errorf("%s is taken for an icon", path)
		}
	}
	if err := os.Symlink("/dev/zero", filepath.Join(dir, "endless.png")); err != nil {
		t.Fatal(err)
	}
	if _, err := readIcon(filepath.Join(dir, "endless.png")); !errors.Is(err, errIconKind) {
		t.Errorf("a file without an end: %v", err)
	}
}

func FuzzDrawIcon(f *testing.F) {
	f.Add(drawing(redSquare))
	for name, data := range junkIcons(f) {
		if strings.HasSuffix(name, ".svg") && len(data) < 1<<16 {
			f.Add(data)
		}
	}
	for _, inside := range glyphDrawings {
		f.Add(drawing(inside))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		img, err := drawIcon(data)
		if (img == nil) == (err == nil) {
			t.Errorf("picture %v, error %v", img, err)
		}
	})
}

func FuzzDecodeIcon(f *testing.F) {
	f.Add(redPNG(f, 8, 8))
	f.Add(redPNG(f, 3, 40))
	f.Fuzz(func(t *testing.T, data []byte) {
		if img, err := decodeIcon(data); err == nil && img.Bounds().Size() != image.Pt(iconPixels, iconPixels) {
			t.Errorf("it is %v large", img.Bounds())
		}
	})
}

// TestGlyphs: each kind of thing has a drawing, none like another.
func TestGlyphs(t *testing.T) {
	seen := map[string]glyph{}
	for g := range glyph(len(glyphDrawings)) {
		picture, ok := g.draw(rgb(0x336699)).(*image.RGBA)
		if !ok {
			t.Errorf("glyph %d cannot be drawn", g)
			continue
		}
		if other, twin := seen[string(picture.Pix)]; twin {
			t.Errorf("glyphs %d and %d look the same", g, other)
		}
		seen[string(picture.Pix)] = g
	}
	for name, c := range map[string]struct {
		group table.Group
		want  glyph
	}{
		"executable": {table.Group{}, glyphProgram},
		"command":    {table.Group{App: app.App{Kind: app.Command}}, glyphTerminal},
		"container":  {table.Group{App: app.App{Kind: app.Container}}, glyphContainer},
		"unit":       {table.Group{App: app.App{Kind: app.Unit}}, glyphUnit},
		"job":        {table.Group{App: app.App{Kind: app.Job}}, glyphUnit},
		"bundle":     {table.Group{App: app.App{Kind: app.Bundle}}, glyphWindow},
		"kernel":     {table.Group{Absence: netstat.Kernel}, glyphKernel},
		"hidden":     {table.Group{Absence: netstat.Concealed}, glyphHidden},
	} {
		if got := glyphOf(&c.group); got != c.want {
			t.Errorf("%s: glyph %d, want %d", name, got, c.want)
		}
	}
}

// late is a table of workshop's apps whose icons come when the test lets them.
type late struct {
	*harness
	reads []func()
	files []string
}

func newLate(t *testing.T, rows []table.Row, height float32) *late {
	l := &late{harness: newHarnessOf(t, table.GroupColumns(), nil, 1180, height, theme.VariantLight)}
	l.icons.spawn = func(read func()) { l.reads = append(l.reads, read) }
	l.icons.read = func(path string) (image.Image, error) {
		l.files = append(l.files, path)
		return fakeIcons(path)
	}
	l.SetRows(rows)
	return l
}

// arrive lets everything be read that is asked for.
func (l *late) arrive() {
	for len(l.reads) > 0 {
		read := l.reads[0]
		l.reads = l.reads[1:]
		read()
	}
}

// picture is what row i shows.
func (l *late) picture(i int) image.Image { return l.body.slots[i%len(l.body.slots)].branch.icon.Image }

// TestIconsArriveLate: rows show a glyph until their icon is read, and keep it where that is junk.
func TestIconsArriveLate(t *testing.T) {
	l := newLate(t, branches(workshop(), table.ColumnName), 400)
	window := l.icons.glyph(glyphWindow, l.body.palette.muted)
	for i := range 2 { // Firefox, and Old Messenger, whose icon is junk
		if l.picture(i) != window {
			t.Errorf("row %d shows no glyph", i)
		}
	}
	if len(l.files) != 0 {
		t.Fatalf("%v were read on the UI thread", l.files)
	}
	paints := countPaints(t)
	if n := paints.during(l.arrive); n == 0 {
		t.Error("icons have come, and nothing is drawn")
	}
	if got := l.picture(0); got == window || got.At(16, 16) != (color.RGBA{0xe6, 0x5a, 0x1e, 0xff}) {
		t.Error("Firefox does not show its icon")
	}
	if l.picture(1) != window {
		t.Error("junk does not leave the glyph")
	}
	if got := strings.Join(l.files, " "); strings.Count(got, "junk") != 1 || len(l.files) != 3 {
		t.Errorf("read were %s, want each once", got)
	}
	l.SetRows(branches(workshop(), table.ColumnName))
	if len(l.reads) != 0 {
		t.Error("a refresh reads icons again")
	}
}

// TestIconsAreBounded: of a thousand apps only those in view are read, and only so many are kept.
func TestIconsAreBounded(t *testing.T) {
	l := newLate(t, thousandApps(), 400)
	l.arrive()
	if n := len(l.files); n > 20 {
		t.Errorf("%d icons were read for a view of 16 rows", n)
	}
	for y := float32(0); y < rowTall*1000; y += rowTall * 8 {
		l.scrollTo(fyne.NewPos(0, y))
		l.arrive()
	}
	if n := len(l.icons.files); n > iconsMost {
		t.Errorf("%d icons are kept", n)
	}
	if n := len(l.files); n != 1000 {
		t.Errorf("%d icons were read, want each of the 1000 once", n)
	}
	l.scrollTo(fyne.NewPos(0, 0))
	l.arrive()
	if n := len(l.files); n == 1000 {
		t.Error("an icon that was forgotten is not read again")
	}
}

// TestIconThatHangs: while one file takes for ever, nothing else waits, and what is asked for is bounded.
func TestIconThatHangs(t *testing.T) {
	l := newLate(t, thousandApps(), 400) // its first read never comes back
	for y := float32(0); y < rowTall*1000; y += rowTall * 8 {
		l.scrollTo(fyne.NewPos(0, y))
	}
	if len(l.reads) != 1 || len(l.icons.wanted) > iconsMost || len(l.icons.files) > iconsMost {
		t.Errorf("%d reads at once, %d waiting, %d known", len(l.reads), len(l.icons.wanted), len(l.icons.files))
	}
	l.scrollTo(fyne.NewPos(0, 1e6))
	l.reads[0]()
	l.reads = l.reads[1:]
	l.arrive()
	if next := l.files[1]; !strings.HasPrefix(next, "/icons/9") {
		t.Errorf("after the hang %s was read, which is not in view", next)
	}
}

// thousandApps gives a row each for a thousand apps with icons.
func thousandApps() []table.Row {
	s := snapshot(0)
	for i := range 1000 {
		a := app.App{Name: fmt.Sprintf("App %03d", i), Kind: app.Desktop, ID: fmt.Sprintf("app%d.desktop", i), Icon: fmt.Sprintf("/icons/%d.png", i)}
		s.Sockets = append(s.Sockets, listen(fmt.Sprintf("127.0.0.1:%d", 2000+i), newProcess(100+i, "app", "alice", 501, a)))
	}
	return branches(s, table.ColumnName)
}
