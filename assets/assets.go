// Package assets holds the pictures that are built into the program.
package assets

import "embed"

// Icon is the app's icon, a PNG of 512 x 512 pixels drawn from icon.svg.
//
//go:embed icon.png
var Icon []byte

// Drawing is the app's icon as an SVG, for where it is drawn small.
//
//go:embed icon.svg
var Drawing []byte

// Tray is the menu-bar icon, an SVG in one colour whose shape alone counts:
// the menu bar gives it the colour that suits it (on macOS a template image).
//
//go:embed tray.svg
var Tray []byte

// Symbols are the window's own icons, each an SVG of one filled shape on a field of 24.
//
//go:embed symbols/*.svg
var Symbols embed.FS

// Translations holds a file for each language, with the English texts as keys (see package language).
//
//go:embed translations/*.json
var Translations embed.FS
