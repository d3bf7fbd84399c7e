package app

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	stdpng "image/png"
)

// ErrNoPNG says that an icon has no picture that can be used: only the kinds from before PNG, or JPEG 2000.
var ErrNoPNG = errors.New("icon has no PNG")

// Limits of an .icns file. Its largest picture has 1024 × 1024 pixels ("ic10").
const (
	// MaxIcon bounds the bytes of an icon's file; larger ones need not be read.
	MaxIcon     = 16 << 20
	maxPictures = 64
	maxPixels   = 1024
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// IconPNG picks the picture out of an .icns file (Apple's icon image format) that suits a square of size pixels: the
// smallest that is at least as large, else the largest. It returns the PNG file's bytes, a part of
// data. What the pictures say of themselves counts, not the types they stand under, and those that
// are no PNG are passed over. Errors: ErrNoPNG, and what is wrong with a file that is no .icns or is cut off.
func IconPNG(data []byte, size int) ([]byte, error) {
	if len(data) < 8 || string(data[:4]) != "icns" {
		return nil, errors.New("read icon: it is no .icns file")
	}
	if length := binary.BigEndian.Uint32(data[4:]); uint64(length) < uint64(len(data)) {
		data = data[:max(length, 8)]
	}
	var best []byte
	bestWidth := 0
	rest := data[8:]
	for range maxPictures {
		if len(rest) < 8 {
			break
		}
		length := uint64(binary.BigEndian.Uint32(rest[4:]))
		if length < 8 || length > uint64(len(rest)) {
			if best == nil {
				return nil, fmt.Errorf("read icon: picture %q has %d bytes of %d", rest[:4], length, len(rest))
			}
			break // those before it are good
		}
		picture := rest[8:length]
		rest = rest[length:]
		if width, ok := pngWidth(picture); ok && better(width, bestWidth, size) {
			best, bestWidth = picture, width
		}
	}
	if best == nil {
		return nil, ErrNoPNG
	}
	return best, nil
}

// pngWidth gives the width of a PNG in pixels, ok is false for what is none, or is none of an icon.
func pngWidth(picture []byte) (width int, ok bool) {
	if !bytes.HasPrefix(picture, []byte(pngSignature)) {
		return 0, false
	}
	c, err := stdpng.DecodeConfig(bytes.NewReader(picture))
	if err != nil || c.Width < 1 || c.Width > maxPixels || c.Height != c.Width {
		return 0, false
	}
	return c.Width, true
}

// better says whether a picture of width suits size better than the best so far; 0: there is none yet.
func better(width, best, size int) bool {
	if best == 0 || best < size {
		return width > best
	}
	return width >= size && width < best
}
