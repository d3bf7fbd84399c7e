package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// chartTheme is Portolan's look: Fyne's own theme made denser, so that a
// 13-inch screen holds 25 rows and more, and in the colours of a sea chart.
//
// The icons are ours, see symbolOf. The face is the one that is inside of Fyne, Noto Sans, on both systems: it is drawn for screens, its digits are
// all of one width, its letters are those that the pictures of the tests were looked at with, and a system's own
// cannot be relied on: that of macOS is one file for all weights, where Fyne wants one for each, and may not be
// passed on; Linux has none that is everywhere. A person who wants another one sets FYNE_FONT.
type chartTheme struct {
	fyne.Theme
	scale   float32 // of texts and of what stands beside them
	forced  bool    // it is always of this variant, whatever the system says
	variant fyne.ThemeVariant
}

// Color gives our own colour where there is one. The primary colour of Fyne's
// settings is not asked: the accent is part of the palette, whose contrasts are tested.
func (t *chartTheme) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	if t.forced {
		v = t.variant
	}
	palette := lightPalette
	if v == theme.VariantDark {
		palette = darkPalette
	}
	if c, ok := palette[name]; ok {
		return c
	}
	return t.Theme.Color(name, v)
}

// Size gives our own size where there is one.
func (t *chartTheme) Size(name fyne.ThemeSizeName) float32 {
	s, ok := denseSizes[name]
	if !ok {
		return t.Theme.Size(name)
	}
	switch name {
	case theme.SizeNameText, theme.SizeNameCaptionText, theme.SizeNameSubHeadingText, theme.SizeNameHeadingText, theme.SizeNameInlineIcon:
		return floor(s*t.scale*2+0.5) / 2 // half pixels: the letters' widths stay even
	}
	return s
}

// denseSizes are in Fyne's device-independent pixels.
var denseSizes = map[fyne.ThemeSizeName]float32{
	theme.SizeNameText:               13,
	theme.SizeNameCaptionText:        11,
	theme.SizeNameSubHeadingText:     15,
	theme.SizeNameHeadingText:        20,
	theme.SizeNamePadding:            3,
	theme.SizeNameInnerPadding:       4,
	theme.SizeNameLineSpacing:        3,
	theme.SizeNameInlineIcon:         18,
	theme.SizeNameScrollBar:          11,
	theme.SizeNameScrollBarSmall:     4,
	theme.SizeNameScrollBarRadius:    4,
	theme.SizeNameInputRadius:        6,
	theme.SizeNameButtonRadius:       6,
	theme.SizeNameSelectionRadius:    4,
	theme.SizeNamePopupRadius:        8,
	theme.SizeNameMenuRadius:         5,
	theme.SizeNameSeparatorThickness: 1,
}

// rgb gives an opaque colour, written as designers do: 0xRRGGBB.
func rgb(hex uint32) color.NRGBA { return rgba(hex, 0xff) }

// rgba gives a colour with the given opacity.
func rgba(hex uint32, alpha uint8) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: alpha}
}

// colorNameChanged is a name of our own, for the ground of rows that have just changed: a highlighter's yellow. Fyne's colour of
// warnings, as dark as text must be, makes a grey of itself when it is faded.
const colorNameChanged fyne.ThemeColorName = "portolanChanged"

// lightPalette: ink on white paper, the blue of the open sea as accent.
var lightPalette = map[fyne.ThemeColorName]color.Color{
	theme.ColorNameBackground:          rgb(0xffffff),
	theme.ColorNameForeground:          rgb(0x1c2430),
	theme.ColorNamePlaceHolder:         rgb(0x566070),
	theme.ColorNameDisabled:            rgb(0xa3abb8),
	theme.ColorNamePrimary:             rgb(0x1261b8),
	theme.ColorNameForegroundOnPrimary: rgb(0xffffff),
	theme.ColorNameHyperlink:           rgb(0x1261b8),
	theme.ColorNameFocus:               rgba(0x1261b8, 0x38),
	theme.ColorNameSelection:           rgba(0x1b76d9, 0x38),
	theme.ColorNameHover:               rgba(0x1c2430, 0x0d),
	theme.ColorNamePressed:             rgba(0x1c2430, 0x1a),
	theme.ColorNameButton:              rgb(0xedf0f4),
	theme.ColorNameDisabledButton:      rgb(0xf3f5f7),
	theme.ColorNameHeaderBackground:    rgb(0xf4f6f9),
	theme.ColorNameInputBackground:     rgb(0xf4f6f9),
	theme.ColorNameInputBorder:         rgb(0x868f9d),
	theme.ColorNameMenuBackground:      rgb(0xffffff),
	theme.ColorNameOverlayBackground:   rgb(0xffffff),
	theme.ColorNameSeparator:           rgb(0xdfe4eb),
	theme.ColorNameScrollBar:           rgba(0x1c2430, 0x66),
	theme.ColorNameScrollBarBackground: rgba(0x1c2430, 0x12),
	theme.ColorNameShadow:              rgba(0x1c2430, 0x24),
	theme.ColorNameError:               rgb(0xc2302e),
	theme.ColorNameForegroundOnError:   rgb(0xffffff),
	theme.ColorNameSuccess:             rgb(0x0f6a3f),
	theme.ColorNameForegroundOnSuccess: rgb(0xffffff),
	theme.ColorNameWarning:             rgb(0x9a5b00),
	theme.ColorNameForegroundOnWarning: rgb(0xffffff),
	colorNameChanged:                   rgba(0xffcc00, 0x52),
}

// darkPalette: the same chart under a night lamp.
var darkPalette = map[fyne.ThemeColorName]color.Color{
	theme.ColorNameBackground:          rgb(0x171b21),
	theme.ColorNameForeground:          rgb(0xe4e8ee),
	theme.ColorNamePlaceHolder:         rgb(0xa0aab8),
	theme.ColorNameDisabled:            rgb(0x5b6472),
	theme.ColorNamePrimary:             rgb(0x5aa9f2),
	theme.ColorNameForegroundOnPrimary: rgb(0x0b1622),
	theme.ColorNameHyperlink:           rgb(0x5aa9f2),
	theme.ColorNameFocus:               rgba(0x5aa9f2, 0x48),
	theme.ColorNameSelection:           rgba(0x4a9bea, 0x48),
	theme.ColorNameHover:               rgba(0xffffff, 0x0e),
	theme.ColorNamePressed:             rgba(0xffffff, 0x22),
	theme.ColorNameButton:              rgb(0x2a313b),
	theme.ColorNameDisabledButton:      rgb(0x20262e),
	theme.ColorNameHeaderBackground:    rgb(0x1e242c),
	theme.ColorNameInputBackground:     rgb(0x1e242c),
	theme.ColorNameInputBorder:         rgb(0x6a7585),
	theme.ColorNameMenuBackground:      rgb(0x242b34),
	theme.ColorNameOverlayBackground:   rgb(0x1e242c),
	theme.ColorNameSeparator:           rgb(0x2c343f),
	theme.ColorNameScrollBar:           rgba(0xffffff, 0x5c),
	theme.ColorNameScrollBarBackground: rgba(0xffffff, 0x12),
	theme.ColorNameShadow:              rgba(0x000000, 0x66),
	theme.ColorNameError:               rgb(0xff7a70),
	theme.ColorNameForegroundOnError:   rgb(0x2b0705),
	theme.ColorNameSuccess:             rgb(0x55c98f),
	theme.ColorNameForegroundOnSuccess: rgb(0x062415),
	theme.ColorNameWarning:             rgb(0xf0b35a),
	theme.ColorNameForegroundOnWarning: rgb(0x2a1a02),
	colorNameChanged:                   rgba(0xffd000, 0x30),
}
