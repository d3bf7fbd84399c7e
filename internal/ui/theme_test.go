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
				if got := contrast(over(ink, ground), ground); got < 4.5 {
					t.Errorf("%s: %s text on %s has a contrast of %.2f, less than 4.5", name, which, what, got)
				}
			}
			for which, ink := range map[string]color.Color{"established": p.established, "closing": p.closing, "listening": p.listening, "resting": p.resting} {
				if got := contrast(over(ink, ground), ground); got < 3 {
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
			{theme.ColorNamePlaceHolder, theme.ColorNameBackground},
			{theme.ColorNamePlaceHolder, theme.ColorNameOverlayBackground},
			{theme.ColorNamePlaceHolder, theme.ColorNameMenuBackground},
			{theme.ColorNameForeground, theme.ColorNameHeaderBackground},
			{theme.ColorNameForeground, theme.ColorNameBackground},
			{theme.ColorNameWarning, theme.ColorNameBackground},
			{theme.ColorNameWarning, theme.ColorNameOverlayBackground},
			{theme.ColorNameSuccess, theme.ColorNameBackground},
			{theme.ColorNameSuccess, theme.ColorNameOverlayBackground},
			{theme.ColorNameError, theme.ColorNameOverlayBackground},
			{theme.ColorNamePrimary, theme.ColorNameOverlayBackground},
			{theme.ColorNameHyperlink, theme.ColorNameBackground},
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

// TestContrastOfTints: what lies on a tint over the page, the strips, a button below the pointer, a menu's line, can be read too.
func TestContrastOfTints(t *testing.T) {
	test.NewTempApp(t)
	for name, v := range test.KnownThemeVariants() {
		th := newThemeVariant(v)
		tinted := func(tint color.Color, alpha uint8) color.Color {
			c := over(tint, color.Black)
			c.A = alpha
			return c
		}
		for what, ground := range map[string]color.NRGBA{
			"a notice":            over(tinted(th.Color(theme.ColorNamePrimary, v), 0x22), over(th.Color(theme.ColorNameBackground, v), color.White)),
			"a warning":           over(tinted(th.Color(theme.ColorNameWarning, v), 0x22), over(th.Color(theme.ColorNameBackground, v), color.White)),
			"an error":            over(tinted(th.Color(theme.ColorNameError, v), 0x22), over(th.Color(theme.ColorNameBackground, v), color.White)),
			"a success":           over(tinted(th.Color(theme.ColorNameSuccess, v), 0x22), over(th.Color(theme.ColorNameBackground, v), color.White)),
			"a hovered button":    over(th.Color(theme.ColorNameHover, v), over(th.Color(theme.ColorNameButton, v), color.White)),
			"a pressed button":    over(th.Color(theme.ColorNamePressed, v), over(th.Color(theme.ColorNameButton, v), color.White)),
			"a line of a menu":    over(th.Color(theme.ColorNameHover, v), over(th.Color(theme.ColorNameMenuBackground, v), color.White)),
			"a focused button":    over(th.Color(theme.ColorNameFocus, v), over(th.Color(theme.ColorNameButton, v), color.White)),
			"a selection in text": over(th.Color(theme.ColorNameSelection, v), over(th.Color(theme.ColorNameInputBackground, v), color.White)),
		} {
			if got := contrast(over(th.Color(theme.ColorNameForeground, v), ground), ground); got < 4.5 {
				t.Errorf("%s: text on %s has a contrast of %.2f, less than 4.5", name, what, got)
			}
		}
		// The edges of controls, those that tell where the focus is, and the knob of a switch that is off (WCAG 2.2, 1.4.11).
		for _, pair := range [][2]fyne.ThemeColorName{
			{theme.ColorNameInputBorder, theme.ColorNameInputBackground}, // what can be typed into, and a switch
			{theme.ColorNameInputBorder, theme.ColorNameBackground},
			{theme.ColorNameInputBorder, theme.ColorNameOverlayBackground},
			{theme.ColorNamePrimary, theme.ColorNameInputBackground},
			{theme.ColorNamePlaceHolder, theme.ColorNameInputBackground},
			{theme.ColorNamePlaceHolder, theme.ColorNameOverlayBackground},
			{theme.ColorNameForegroundOnPrimary, theme.ColorNamePrimary},
			{theme.ColorNameForeground, theme.ColorNameOverlayBackground},
		} {
			ground := over(th.Color(pair[1], v), color.White)
			if got := contrast(over(th.Color(pair[0], v), ground), ground); got < 3 {
				t.Errorf("%s: the sign %s on %s has a contrast of %.2f, less than 3", name, pair[0], pair[1], got)
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

// newTheme gives the theme that follows the system's choice of light or dark.
func newTheme() fyne.Theme { return defaults().look() }

func newThemeVariant(v fyne.ThemeVariant) fyne.Theme { return oneVariant{newTheme(), v} }

// The settings choose light or dark, and how large texts are.
func TestThemeOfTheSettings(t *testing.T) {
	test.NewTempApp(t)
	for choice, same := range map[string]bool{themeSystem: false, themeLight: true, themeDark: true} {
		s := defaults()
		s.theme = choice
		th := s.look()
		if got := th.Color(theme.ColorNameBackground, theme.VariantLight) == th.Color(theme.ColorNameBackground, theme.VariantDark); got != same {
			t.Errorf("%q: the same in light and dark: %v", choice, got)
		}
	}
	for percent, want := range map[int]float32{80: 10.5, 90: 11.5, 100: 13, 125: 16.5, 150: 19.5} {
		s := defaults()
		s.textSize = percent
		if got := s.look().Size(theme.SizeNameText); got != want {
			t.Errorf("%d %%: %v, want %v", percent, got, want)
		}
	}
}

// Figures stand under one another: all digits are as wide as each other.
func TestDigitsAreTabular(t *testing.T) {
	test.NewTempApp(t)
	for _, style := range []fyne.TextStyle{{}, {Bold: true}, {Monospace: true}} {
		zero := fyne.MeasureText("0", 13, style).Width
		for digit := '1'; digit <= '9'; digit++ {
			if got := fyne.MeasureText(string(digit), 13, style).Width; got != zero {
				t.Errorf("%+v: %c is %v wide, 0 is %v", style, digit, got, zero)
			}
		}
	}
}
