package ui

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/fyne-io/oksvg"
	"github.com/srwiley/rasterx"

	"portolan/internal/app"
)

// What is taken from a file that says it is an icon. Real ones are far below: a PNG
// for a screen of two pixels a point is 1024 wide, a drawing some tens of kilobytes.
const (
	iconFileMost    = 4 << 20
	iconDrawingMost = 512 << 10
	iconSideMost    = 2048 // pixels
	iconUsesMost    = 64   // pieces of a drawing that repeat another
	iconReachMost   = 1e5  // how far from its corner a drawing may reach, in pixels of the result
)

var (
	errIconKind  = errors.New("not a kind of picture that can be shown")
	errIconSize  = errors.New("too large")
	errIconEmpty = errors.New("there is nothing in it")
)

// readIcon reads an app's icon, iconPixels wide and high. The file is not ours and may hold anything.
func readIcon(path string) (image.Image, error) {
	img, err := readPicture(path)
	if err != nil {
		return nil, fmt.Errorf("read icon %s: %w", path, err)
	}
	return img, nil
}

func readPicture(path string) (image.Image, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png":
		data, err := readAtMost(path, iconFileMost)
		if err != nil {
			return nil, err
		}
		return decodeIcon(data)
	case ".svg":
		data, err := readAtMost(path, iconDrawingMost)
		if err != nil {
			return nil, err
		}
		return drawIcon(data)
	case ".icns":
		data, err := readAtMost(path, app.MaxIcon)
		if err != nil {
			return nil, err
		}
		picture, err := app.IconPNG(data, iconPixels)
		if err != nil {
			return nil, err
		}
		return decodeIcon(picture)
	default:
		return nil, errIconKind
	}
}

// readAtMost reads an ordinary file that is no longer than that. A pipe or a device would never end.
func readAtMost(path string, most int64) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errIconKind
	case info.Size() > most:
		return nil, errIconSize
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, most))
}

// decodeIcon decodes a PNG, and makes it as small as it is shown.
func decodeIcon(data []byte) (image.Image, error) {
	config, err := png.DecodeConfig(bytes.NewReader(data))
	switch {
	case err != nil:
		return nil, err
	case config.Width > iconSideMost || config.Height > iconSideMost:
		return nil, errIconSize
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return fitIcon(img)
}

// fitIcon fits a picture into the middle of a square of iconPixels.
func fitIcon(img image.Image) (image.Image, error) {
	from := img.Bounds()
	if from.Empty() {
		return nil, errIconEmpty
	}
	side := max(from.Dx(), from.Dy())
	square := image.NewRGBA(image.Rect(0, 0, side, side))
	corner := image.Pt((side-from.Dx())/2, (side-from.Dy())/2)
	draw.Draw(square, image.Rectangle{Min: corner, Max: corner.Add(from.Size())}, img, from.Min, draw.Src)
	return shrink(square, iconPixels), nil
}

// shrink makes a square picture this wide: each pixel is the mean of those that it stands for.
// With alpha in its colours (image.RGBA is premultiplied) no edge gets a dark seam.
func shrink(img *image.RGBA, side int) *image.RGBA {
	from := img.Bounds().Dx()
	out := image.NewRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		top, bottom := y*from/side, max((y+1)*from/side, y*from/side+1)
		for x := range side {
			left, right := x*from/side, max((x+1)*from/side, x*from/side+1)
			var sum [4]int
			for fy := top; fy < bottom; fy++ {
				line := img.Pix[img.PixOffset(left, fy) : img.PixOffset(right-1, fy)+4]
				for i, b := range line {
					sum[i&3] += int(b)
				}
			}
			n, at := (bottom-top)*(right-left), out.PixOffset(x, y)
			for i := range sum {
				out.Pix[at+i] = uint8((sum[i] + n/2) / n)
			}
		}
	}
	return out
}

// drawIcon draws an SVG, iconPixels wide and high.
func drawIcon(data []byte) (img image.Image, err error) {
	defer func() {
		// The library was made for drawings that are well made.
		if r := recover(); r != nil {
			img, err = nil, fmt.Errorf("draw: %v", r)
		}
	}()
	if err := checkDrawing(data); err != nil {
		return nil, err
	}
	icon, err := oksvg.ReadIconStream(bytes.NewReader(data), oksvg.IgnoreErrorMode)
	if err != nil {
		return nil, err
	}
	box := icon.ViewBox
	if !(box.W > 0 && box.H > 0) || len(icon.SVGPaths) == 0 {
		return nil, errIconEmpty
	}
	side := max(box.W, box.H)
	width, height := iconPixels*box.W/side, iconPixels*box.H/side
	icon.SetTarget((iconPixels-width)/2, (iconPixels-height)/2, width, height)
	if err := checkPaths(icon, iconPixels/side); err != nil {
		return nil, err
	}
	out := image.NewRGBA(image.Rect(0, 0, iconPixels, iconPixels))
	icon.Draw(rasterx.NewDasher(iconPixels, iconPixels, rasterx.NewScannerGV(iconPixels, iconPixels, out, out.Bounds())), 1)
	return out, nil
}

// checkDrawing refuses pieces that repeat each other, in a circle or a million times over: the
// library would follow them until its stack is full, and that ends a program.
func checkDrawing(data []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(data))
	decoder.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // names of elements are ASCII
	uses, definitions := 0, 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch element := token.(type) {
		case xml.StartElement:
			switch element.Name.Local {
			case "defs":
				definitions++
			case "use":
				if uses++; definitions > 0 || uses > iconUsesMost {
					return errIconKind
				}
			}
		case xml.EndElement:
			if element.Name.Local == "defs" {
				definitions--
			}
		}
	}
}

// checkPaths refuses lines that lead so far out that following them takes seconds, and
// leaves dashes away: they are as many as one likes on a line of any length.
func checkPaths(icon *oksvg.SvgIcon, scale float64) error {
	most := iconReachMost / scale * 64 // a path counts in 64ths
	for i := range icon.SVGPaths {
		path := &icon.SVGPaths[i]
		path.Dash = nil
		if width := math.Abs(path.LineWidth * scale); !(width < iconReachMost) {
			return errIconSize
		}
		for _, x := range path.Path {
			if math.Abs(float64(x)) > most {
				return errIconSize
			}
		}
	}
	return nil
}
