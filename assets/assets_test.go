package assets

import (
	"bytes"
	"encoding/xml"
	"image/png"
	"testing"
)

func TestIcon(t *testing.T) {
	img, err := png.Decode(bytes.NewReader(Icon))
	if err != nil {
		t.Fatal(err)
	}
	if size := img.Bounds().Size(); size.X != 512 || size.Y != 512 {
		t.Errorf("the icon is %v, want 512 x 512", size)
	}
	if _, _, _, alpha := img.At(0, 0).RGBA(); alpha != 0 {
		t.Error("the icon's corner is not transparent")
	}
}

// The menu bar recolours the icon by its fill, so every shape needs one, and only one colour may be used.
func TestTrayIsOneColour(t *testing.T) {
	var svg struct {
		Width  int `xml:"width,attr"`
		Height int `xml:"height,attr"`
		Paths  []struct {
			Fill string `xml:"fill,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal(Tray, &svg); err != nil {
		t.Fatal(err)
	}
	if svg.Width == 0 || svg.Width != svg.Height {
		t.Errorf("the tray icon is %d x %d, want a square", svg.Width, svg.Height)
	}
	if len(svg.Paths) == 0 {
		t.Fatal("the tray icon is empty")
	}
	for i, p := range svg.Paths {
		if p.Fill != "#000000" {
			t.Errorf("path %d is filled with %q, want #000000", i, p.Fill)
		}
	}
}
