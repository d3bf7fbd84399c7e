package ui

import (
	"image"
	"image/color"
	"log/slog"

	"portolan/internal/table"
)

const (
	// iconPixels is the side of the pictures that are kept: the 16 of a row at two pixels a point.
	iconPixels = 32
	// iconsMost is how many are kept, of 4 KB each; more than any window shows at once.
	iconsMost = 256
)

// icons has the pictures for the rows of apps: the app's own where its file can be read, and a
// glyph for its kind until then. It is used on the UI thread, which never waits for a file.
type icons struct {
	read    func(path string) (image.Image, error) // called by one goroutine at a time
	spawn   func(func())                           // runs a function in a goroutine
	do      func(func())                           // runs a function on the UI thread
	arrived func()                                 // new pictures are there

	files   map[string]*iconFile
	wanted  []string // not read yet, the one asked for last at the end
	reading bool
	clock   int // counts what was asked for, to tell what was not for the longest time

	glyphs map[glyph]image.Image // in ink
	ink    color.Color
}

// iconFile is what is known of one file.
type iconFile struct {
	picture image.Image // nil: it is being read, or cannot be
	used    int
}

func newIcons(do func(func()), arrived func()) *icons {
	return &icons{read: readIcon, spawn: func(f func()) { go f() }, do: do, arrived: arrived,
		files: map[string]*iconFile{}, glyphs: map[glyph]image.Image{}}
}

// of gives the picture for a group's row, glyphs in this colour.
func (s *icons) of(g *table.Group, ink color.Color) image.Image {
	if g.App.Icon != "" {
		if picture := s.file(g.App.Icon); picture != nil {
			return picture
		}
	}
	return s.glyph(glyphOf(g), ink)
}

// file gives the picture in a file; nil while it is not there, and when it never will be.
func (s *icons) file(path string) image.Image {
	s.clock++
	if f, known := s.files[path]; known {
		f.used = s.clock
		return f.picture
	}
	s.forget()
	s.files[path] = &iconFile{used: s.clock}
	if len(s.wanted) == iconsMost { // what was asked for first was scrolled past long ago
		delete(s.files, s.wanted[0])
		s.wanted = s.wanted[1:]
	}
	s.wanted = append(s.wanted, path)
	s.next()
	return nil
}

// forget makes room for one more.
func (s *icons) forget() {
	if len(s.files) < iconsMost {
		return
	}
	oldest := ""
	for path, f := range s.files {
		if oldest == "" || f.used < s.files[oldest].used {
			oldest = path
		}
	}
	delete(s.files, oldest)
}

// next has the file read that was asked for last: it is in view, which those scrolled past are not.
func (s *icons) next() {
	for !s.reading && len(s.wanted) > 0 {
		path := s.wanted[len(s.wanted)-1]
		s.wanted = s.wanted[:len(s.wanted)-1]
		if s.files[path] == nil {
			continue // forgotten before its turn came
		}
		s.reading = true
		s.spawn(func() {
			picture, err := s.read(path)
			s.do(func() { s.came(path, picture, err) })
		})
	}
}

func (s *icons) came(path string, picture image.Image, err error) {
	s.reading = false
	if err != nil {
		slog.Debug("icon", "error", err)
		picture = nil
	}
	if f := s.files[path]; f != nil && picture != nil {
		f.picture = picture
		s.arrived()
	}
	s.next()
}

// glyph gives our own picture, drawn at its first use.
func (s *icons) glyph(kind glyph, ink color.Color) image.Image {
	if s.ink != ink {
		s.ink = ink
		clear(s.glyphs)
	}
	picture, drawn := s.glyphs[kind]
	if !drawn {
		picture = kind.draw(ink)
		s.glyphs[kind] = picture
	}
	return picture
}
