// Command macos draws the pictures of the macOS icon, from which iconutil makes Portolan.icns:
//
//	go run ./cmd/portolan/macos assets/icon.svg build/Portolan.iconset
//	iconutil --convert icns --output build/Portolan.icns build/Portolan.iconset
package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"

	"github.com/fyne-io/oksvg"
	"github.com/srwiley/rasterx"
)

// points are the sizes of an icon set, each of which is drawn for screens of one and of two
// pixels a point (Apple, "High Resolution Guidelines for OS X", Optimizing for High Resolution).
var points = []int{16, 32, 128, 256, 512}

// Apple's grid for app icons leaves room around the shape for its shadow: on a canvas of 1024
// the shape is 824 wide (Apple Design Resources, "App icon template"). icon.svg fills 480 of its 512.
const scale = (824.0 / 1024) / (480.0 / 512)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: macos icon.svg folder.iconset")
		os.Exit(2)
	}
	if err := drawSet(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "macos:", err)
		os.Exit(1)
	}
}

// drawSet writes all the pictures of an icon set into dir, which it makes if need be.
func drawSet(svg, dir string) error {
	source, err := os.ReadFile(svg)
	if err != nil {
		return fmt.Errorf("read the icon: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the icon set: %w", err)
	}
	for _, size := range points {
		for _, pixels := range []int{1, 2} {
			picture, err := draw(source, size*pixels)
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(dir, fileName(size, pixels)), picture, 0o644); err != nil {
				return fmt.Errorf("write the icon set: %w", err)
			}
		}
	}
	return nil
}

// fileName is what iconutil wants a picture to be called.
func fileName(size, pixels int) string {
	if pixels == 1 {
		return fmt.Sprintf("icon_%dx%d.png", size, size)
	}
	return fmt.Sprintf("icon_%dx%d@%dx.png", size, size, pixels)
}

// draw gives the icon as a PNG of side x side pixels.
func draw(svg []byte, side int) ([]byte, error) {
	icon, err := oksvg.ReadIconStream(bytes.NewReader(svg), oksvg.StrictErrorMode)
	if err != nil {
		return nil, fmt.Errorf("understand the icon: %w", err)
	}
	shape := float64(side) * scale
	margin := (float64(side) - shape) / 2
	icon.SetTarget(margin, margin, shape, shape)
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	scanner := rasterx.NewScannerGV(side, side, img, img.Bounds())
	icon.Draw(rasterx.NewDasher(side, side, scanner), 1)
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("encode the icon: %w", err)
	}
	return out.Bytes(), nil
}
