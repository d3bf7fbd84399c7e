package ui

import (
	"fmt"
	"image"
	"image/color"
	"strings"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/table"
)

// glyph is a drawing of ours that says what kind of thing an app is, where it has no icon of its own.
type glyph uint8

const (
	glyphProgram   glyph = iota // an executable
	glyphWindow                 // a program with a window: a bundle, a .desktop file, a snap, a flatpak
	glyphTerminal               // what somebody runs in a terminal
	glyphContainer              // a container
	glyphUnit                   // what the system keeps running: a systemd unit, a launchd job
	glyphKernel                 // the kernel's own
	glyphHidden                 // whose it is may not be seen
)

// glyphDrawings are in strokes on a field of 16.
var glyphDrawings = [...]string{
	glyphProgram:   `<path d="M5 5h6v6H5z"/><path d="M6.5 5V2.5M9.5 5V2.5M6.5 13.5V11M9.5 13.5V11M5 6.5H2.5M5 9.5H2.5M13.5 6.5H11M13.5 9.5H11"/>`,
	glyphWindow:    `<path d="M2.5 3.5h11v9h-11z"/><path d="M2.5 6.2h11"/>`,
	glyphTerminal:  `<path d="M2 3h12v10H2z"/><path d="M4.5 6l2.2 2l-2.2 2M8.3 10.4h3.2"/>`,
	glyphContainer: `<path d="M8 2l5.5 3v6L8 14l-5.5-3V5z"/><path d="M2.5 5L8 8l5.5-3M8 8v6"/>`,
	glyphUnit:      `<path d="M2.5 3h11v4h-11zM2.5 9h11v4h-11z"/><path d="M5 5h.6M5 11h.6"/>`,
	glyphKernel:    `<circle cx="8" cy="8" r="5.5"/><circle cx="8" cy="8" r="1.6"/>`,
	glyphHidden:    `<path d="M3.5 7h9v6.5h-9z"/><path d="M5.5 7V5a2.5 2.5 0 0 1 5 0v2"/>`,
}

// glyphOf gives the glyph for a group.
func glyphOf(g *table.Group) glyph {
	switch {
	case g.Absence == netstat.Concealed:
		return glyphHidden
	case g.Absence != netstat.Owned:
		return glyphKernel
	}
	switch g.App.Kind {
	case app.Command:
		return glyphTerminal
	case app.Container:
		return glyphContainer
	case app.Unit, app.Job:
		return glyphUnit
	case app.Bundle, app.Snap, app.Flatpak, app.Desktop:
		return glyphWindow
	default:
		return glyphProgram
	}
}

// draw draws the glyph, iconPixels wide and high. A drawing of ours that cannot be drawn shows nothing; a test draws all.
func (g glyph) draw(ink color.Color) image.Image {
	c := color.NRGBAModel.Convert(ink).(color.NRGBA)
	drawing := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><g fill="none" stroke="#%02x%02x%02x" `+
		`stroke-width="1.2" stroke-linejoin="round" stroke-linecap="round">%s</g></svg>`, c.R, c.G, c.B, glyphDrawings[g])
	picture, err := drawIcon([]byte(strings.TrimSpace(drawing)))
	if err != nil {
		return image.Transparent
	}
	return picture
}
