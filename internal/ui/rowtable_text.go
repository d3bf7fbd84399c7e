package ui

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// ellipsis stands for what was cut off.
const ellipsis = "…"

// textFitter cuts text to a width. Shaping a string to measure it takes tens of
// microseconds, far too much for every cell of every row scrolled past, so
// it adds up the widths of single letters, which it measures once.
type textFitter struct {
	size      float32 // of the text
	rowHeight float32
	regular   letterWidths
	bold      letterWidths
}

// letterWidths are the widths of the letters of simple scripts, 0 until measured.
type letterWidths struct {
	style fyne.TextStyle
	of    [combining]float32
}

// combining is the first Unicode block in which letters stand on one another
// (U+0300, Combining Diacritical Marks). Text with anything from there on is measured as a whole.
const combining = 0x300

// use takes text size and fonts from a theme, and forgets what was measured with another.
func (f *textFitter) use(th fyne.Theme) {
	f.size = th.Size(theme.SizeNameText)
	f.rowHeight = floor(22*f.size/13 + 0.5)
	f.regular = letterWidths{}
	f.bold = letterWidths{style: fyne.TextStyle{Bold: true}}
}

// scaled is what is so large beside a text of 13 at this text's size.
func (f *textFitter) scaled(pixels float32) float32 { return floor(pixels*f.size/13 + 0.5) }

// fit gives the text if it fits into the width, else as much of its beginning as fits with an ellipsis.
func (f *textFitter) fit(text string, width float32, bold bool) string {
	fitting, _ := f.fitting(text, width, bold)
	return fitting
}

// fitting is fit that tells how wide the result is.
func (f *textFitter) fitting(text string, width float32, bold bool) (string, float32) {
	if text == "" || width <= 0 {
		return "", 0
	}
	letters := &f.regular
	if bold {
		letters = &f.bold
	}
	dots := f.letter(letters, '.') * 3 // no narrower than the ellipsis
	used, cut, cutAt := float32(0), 0, float32(0)
	for i, r := range text {
		if r >= combining {
			fitting := f.fitShaped(text, width, letters.style)
			return fitting, fyne.MeasureText(fitting, f.size, letters.style).Width
		}
		if used+dots <= width {
			cut, cutAt = i, used
		}
		if used += f.letter(letters, r); used > width {
			return text[:cut] + ellipsis, cutAt + dots
		}
	}
	return text, used
}

// fitList gives a list, parted by ", ", if it fits into the width, else as many of its beginning
// as fit and how many more there are: "3000, 3001 +2".
func (f *textFitter) fitList(list string, width float32) string {
	whole := f.fit(list, width, false)
	if whole == list {
		return whole
	}
	const comma = ", "
	items := strings.Count(list, comma) + 1
	for shown := items - 1; shown > 0; shown-- {
		list = list[:strings.LastIndex(list, comma)]
		if shown > 64 {
			continue // no column is that wide
		}
		text := list + " +" + strconv.Itoa(items-shown)
		if f.fit(text, width, false) == text {
			return text
		}
	}
	return whole
}

func (f *textFitter) letter(letters *letterWidths, r rune) float32 {
	if letters.of[r] == 0 {
		letters.of[r] = fyne.MeasureText(string(r), f.size, letters.style).Width
	}
	return letters.of[r]
}

// fitShaped is fit for scripts whose letters change with their neighbours.
func (f *textFitter) fitShaped(text string, width float32, style fyne.TextStyle) string {
	if fyne.MeasureText(text, f.size, style).Width <= width {
		return text
	}
	low, high := 0, len(text) // bytes: low fits, high does not
	for high-low > 1 {
		middle := (low + high) / 2
		for middle > low && !utf8.RuneStart(text[middle]) {
			middle--
		}
		if middle == low {
			break
		}
		if fyne.MeasureText(text[:middle]+ellipsis, f.size, style).Width <= width {
			low = middle
		} else {
			high = middle
		}
	}
	return text[:wholeLetters(text, low)] + ellipsis
}

// wholeLetters moves a cut back so that no accent is parted from its letter.
func wholeLetters(text string, cut int) int {
	for cut > 0 && cut < len(text) {
		next, _ := utf8.DecodeRuneInString(text[cut:])
		if !unicode.Is(unicode.M, next) {
			return cut
		}
		_, size := utf8.DecodeLastRuneInString(text[:cut])
		cut -= size
	}
	return cut
}

// width measures text that is drawn rarely, such as a group's name.
func (f *textFitter) width(text string, bold bool) float32 {
	return fyne.MeasureText(text, f.size, fyne.TextStyle{Bold: bold}).Width
}
