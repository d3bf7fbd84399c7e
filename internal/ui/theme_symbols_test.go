package ui

import (
	"bytes"
	"io/fs"
	"path"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"portolan/assets"
)

// TestSymbols: each icon of the window is of our own drawing and can be drawn, and there is no drawing that nobody shows.
func TestSymbols(t *testing.T) {
	test.NewTempApp(t)
	th := newTheme()
	shown := map[string]bool{}
	for name, ours := range symbolOf {
		shown[ours] = true
		r := th.Icon(name)
		if r.Name() != "foreground_portolan-"+ours+".svg" || bytes.Equal(r.Content(), theme.DefaultTheme().Icon(name).Content()) {
			t.Errorf("%s is %s, not ours", name, r.Name())
		}
	}
	for _, ours := range []string{symbolKill, symbolPane, symbolPaneOpen, symbolExport, symbolSettings, symbolStar, symbolStarred} {
		shown[ours] = true
	}
	files, err := fs.Glob(assets.Symbols, "symbols/*.svg")
	if err != nil || len(files) != len(shown) {
		t.Fatalf("%d drawings, %d are shown, %v", len(files), len(shown), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".svg")
		data, err := assets.Symbols.ReadFile(file)
		if !shown[name] || err != nil {
			t.Errorf("nobody shows %s, %v", name, err)
		}
		img, err := drawIcon(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		inked := 0
		for y := range iconPixels {
			for x := range iconPixels {
				if _, _, _, a := img.At(x, y).RGBA(); a > 0x8000 {
					inked++
				}
			}
		}
		if share := float64(inked) / (iconPixels * iconPixels); share < 0.03 || share > 0.6 {
			t.Errorf("%s: %.0f %% of its field are inked", name, share*100)
		}
	}
}
