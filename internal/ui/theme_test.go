package ui

import (
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// over gives what is seen of a colour that lies on an opaque one.
func over(top, below color.Color) color.NRGBA {
	a, b := color.NRGBAModel.Convert(top).(color.NRGBA), color.NRGBAModel.Convert(below).(color.NRGBA)
	mix := func(x, y uint8) uint8 { return uint8((int(x)*int(a.A) + int(y)*(255-int(a.A))) / 255) }
	return color.NRGBA{R: mix(a.R, b.R), G: mix(a.G, b.G), B: mix(a.B, b.B), A: 255}
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// contrast is the contrast ratio of WCAG 2.2, 1 to 21.
func contrast(a, b color.NRGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// TestContrast: all text of a row can be read on every background it may have,
// as WCAG 2.2 demands of text (4.5) and of signs (3).
func TestContrast(t *testing.T) {
	test.NewTempApp(t)
	for name, v := range test.KnownThemeVariants() {
		th := newThemeVariant(v)
		page := over(th.Color(theme.ColorNameBackground, v), color.White)
		p := newRowPalette(th)
		for what, back := range map[string]color.Color{"page": page, "stripe": p.stripe, "hover": p.hover, "selected": p.selected, "idle": p.idle} {
			ground := over(back, page)
			for which, ink := range map[string]color.Color{"text": p.text, "muted": p.muted, "listening": p.listeningText} {
				least := 4.5
				if which == "muted" && (what == "selected" || what == "idle") {
					least = 3.5 // the eye is on this row already
				}
				if got := contrast(over(ink, ground), ground); got < least {
					t.Errorf("%s: %s text on %s has a contrast of %.2f, less than %.1f", name, which, what, got, least)
				}
			}
			for which, ink := range map[string]color.Color{"established": p.established, "closing": p.closing, "listening": p.listening} {
				if got := contrast(over(ink, ground), ground); got < 3 && what != "selected" {
					t.Errorf("%s: the %s dot on %s has a contrast of %.2f, less than 3", name, which, what, got)
				}
			}
		}
	}
}

// TestContrastOfButtons: words on coloured buttons can be read.
func TestContrastOfButtons(t *testing.T) {
	test.NewTempApp(t)
	for name, v := range test.KnownThemeVariants() {
		th := newThemeVariant(v)
		for _, pair := range [][2]fyne.ThemeColorName{
			{theme.ColorNameForegroundOnPrimary, theme.ColorNamePrimary},
			{theme.ColorNameForegroundOnError, theme.ColorNameError},
			{theme.ColorNameForegroundOnSuccess, theme.ColorNameSuccess},
			{theme.ColorNameForegroundOnWarning, theme.ColorNameWarning},
			{theme.ColorNameForeground, theme.ColorNameButton},
			{theme.ColorNameForeground, theme.ColorNameOverlayBackground},
			{theme.ColorNameForeground, theme.ColorNameMenuBackground},
			{theme.ColorNameForeground, theme.ColorNameInputBackground},
			{theme.ColorNamePlaceHolder, theme.ColorNameInputBackground},
			{theme.ColorNamePlaceHolder, theme.ColorNameHeaderBackground},
			{theme.ColorNameError, theme.ColorNameBackground},
			{theme.ColorNamePrimary, theme.ColorNameBackground},
		} {
			ground := over(th.Color(pair[1], v), color.White)
			if got := contrast(over(th.Color(pair[0], v), ground), ground); got < 4.5 {
				t.Errorf("%s: %s on %s has a contrast of %.2f, less than 4.5", name, pair[0], pair[1], got)
			}
		}
	}
}

// TestThemeFollows: the plain theme follows the variant it is asked for, the forced one does not.
func TestThemeFollows(t *testing.T) {
	test.NewTempApp(t)
	follows, dark := newTheme(), newThemeVariant(theme.VariantDark)
	name := theme.ColorNameBackground
	if follows.Color(name, theme.VariantLight) == follows.Color(name, theme.VariantDark) {
		t.Error("the theme is the same in light and dark")
	}
	if dark.Color(name, theme.VariantLight) != follows.Color(name, theme.VariantDark) {
		t.Error("the dark theme follows the system")
	}
	if dark.Size(theme.SizeNameText) != 13 {
		t.Errorf("text size is %v, want 13", dark.Size(theme.SizeNameText))
	}
	if got, want := dark.Size(theme.SizeNameWindowTitleBarHeight), theme.DefaultTheme().Size(theme.SizeNameWindowTitleBarHeight); got != want {
		t.Errorf("a size we do not name is %v, Fyne's is %v", got, want)
	}
}

// oneVariant is a theme in light or dark, whatever the system says.
type oneVariant struct {
	fyne.Theme
	variant fyne.ThemeVariant
}

func (o oneVariant) Color(name fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	return o.Theme.Color(name, o.variant)
}

func newThemeVariant(v fyne.ThemeVariant) fyne.Theme { return oneVariant{newTheme(), v} }
