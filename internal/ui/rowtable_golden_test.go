package ui

import (
	"bytes"
	"flag"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/table"
)

// renew writes the pictures anew: go test ./internal/ui -run Golden -renew.
var renew = flag.Bool("renew", false, "write the golden pictures anew")

func TestRowTableGolden(t *testing.T) {
	for _, c := range []struct {
		name    string
		rows    []table.Row
		variant fyne.ThemeVariant
		size    fyne.Size
		act     func(*harness)
	}{
		{"light-flat", sampleRows(), theme.VariantLight, fyne.NewSize(1240, 400), func(h *harness) {
			h.FocusGained()
			h.Select(sampleRows()[2].Key)
			h.point(5)
		}},
		{"dark-flat", sampleRows(), theme.VariantDark, fyne.NewSize(1240, 400), func(h *harness) {
			h.FocusGained()
			h.Select(sampleRows()[2].Key)
			h.point(5)
		}},
		{"light-narrow", sampleRows(), theme.VariantLight, fyne.NewSize(520, 300), func(h *harness) {
			h.Select(sampleRows()[4].Key)
			h.scrollTo(fyne.NewPos(330, 30))
			h.point(3)
		}},
		{"light-less", sampleRows(), theme.VariantLight, fyne.NewSize(826, 300), func(*harness) {}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHarnessVariant(t, c.rows, c.size.Width, c.size.Height, c.variant)
			c.act(h)
			checkPicture(t, filepath.Join("testdata", "rowtable", c.name+".png"), h.window.Canvas().Capture())
		})
	}
}

func TestTreeGolden(t *testing.T) {
	s := workshop()
	opened := branches(s, table.ColumnName, "vite - shop-frontend/", "Visual Studio Code", "Kernel (no process)")
	wide := fyne.NewSize(1180, 480)
	for _, c := range []struct {
		name    string
		rows    []table.Row
		variant fyne.ThemeVariant
		size    fyne.Size
		act     func(*harness)
	}{
		{"light-closed", branches(s, table.ColumnName), theme.VariantLight, fyne.NewSize(1180, 300), func(h *harness) { h.point(3) }},
		{"dark-closed", branches(s, table.ColumnName), theme.VariantDark, fyne.NewSize(1180, 300), func(h *harness) { h.point(3) }},
		{"light-opened", opened, theme.VariantLight, wide, func(h *harness) {
			h.FocusGained()
			h.key(fyne.KeyHome)
		}},
		{"dark-opened", opened, theme.VariantDark, wide, func(h *harness) {
			h.FocusGained()
			h.key(fyne.KeyHome, fyne.KeyDown, fyne.KeyDown)
		}},
		{"light-narrow", opened, theme.VariantLight, fyne.NewSize(760, 480), func(h *harness) { h.key(fyne.KeyEnd) }},
		{"dark-least", opened, theme.VariantDark, fyne.NewSize(480, 300), func(*harness) {}},
		{"light-sideways", opened, theme.VariantLight, fyne.NewSize(420, 480), func(h *harness) {
			h.FocusGained()
			h.key(fyne.KeyHome, fyne.KeyDown, fyne.KeyDown)
			h.scrollTo(fyne.NewPos(140, 0))
		}},
		{"light-wide", opened, theme.VariantLight, fyne.NewSize(1700, 480), func(*harness) {}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newWorkshop(t, c.rows, c.size, c.variant)
			c.act(h)
			checkPicture(t, filepath.Join("testdata", "rowtable", "tree-"+c.name+".png"), h.window.Canvas().Capture())
		})
	}
}

// checkPicture compares with a picture that was looked at. Text is drawn from
// fonts inside the program, but its edges come out a little different
// on other processors: a few pixels may differ by a few shades.
func checkPicture(t *testing.T, path string, got image.Image) {
	t.Helper()
	if *renew {
		var b bytes.Buffer
		if err := png.Encode(&b, got); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	want, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	if want.Bounds() != got.Bounds() {
		t.Fatalf("%s is %v, the table %v", path, want.Bounds(), got.Bounds())
	}
	if off := differing(want, got); off > want.Bounds().Dx()*want.Bounds().Dy()/2000 {
		failed := filepath.Join(t.ArtifactDir(), filepath.Base(path))
		if out, err := os.Create(failed); err == nil {
			err = png.Encode(out, got)
			t.Log(err, out.Close())
		}
		t.Errorf("%d pixels differ from %s; the table's own picture is %s", off, path, failed)
	}
}

// differing counts the pixels that are off by more than 24 of 255 in a channel.
func differing(a, b image.Image) int {
	n := 0
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			r1, g1, b1, _ := a.At(x, y).RGBA()
			r2, g2, b2, _ := b.At(x, y).RGBA()
			if apart(r1, r2) || apart(g1, g2) || apart(b1, b2) {
				n++
			}
		}
	}
	return n
}

func apart(a, b uint32) bool { return max(a, b)-min(a, b) > 24<<8 }
