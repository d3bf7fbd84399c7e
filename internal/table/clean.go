package table

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// cleanLimit is how long cleaned text may be, in bytes: longer than any name
	// and nearly any path that people make, and short enough for every screen.
	cleanLimit = 1024
	// markLimit is how many combining marks in a row are shown as such: more than
	// any script needs, too few to climb into the rows above and below.
	markLimit = 4

	ellipsis = "…"
)

// Clean makes text from outside, such as a process name, fit for any screen,
// terminal or file. What would not be seen, or would steer the screen, is
// replaced by its number: control characters and escape sequences (\x1b),
// newlines (\n), bidirectional overrides (\u202e), zero-width and other
// invisible characters, bytes that are no UTF-8 (\xff). Blanks of all kinds
// become a plain blank, and the direction marks that some makers put before
// their app's name are left out. Text over 1024 bytes is cut, with "…" at the
// end. The result is empty only for empty text, and cleaning it again changes
// nothing.
func Clean(s string) string {
	if plain(s) {
		return s
	}
	out := clean(s, false)
	if strings.Trim(out, " ") == "" {
		return clean(s, true) // nothing to be seen of it otherwise
	}
	return out
}

// plain reports whether s is short printable ASCII with something to see:
// nearly all names are, and cost nothing.
func plain(s string) bool {
	if len(s) > cleanLimit {
		return false
	}
	visible := s == ""
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
		visible = visible || s[i] != ' '
	}
	return visible
}

// clean writes s piece by piece, up to the limit. With all set, blanks and
// direction marks are written as numbers too.
func clean(s string, all bool) string {
	var b strings.Builder
	fits := 0  // how much of it leaves room for the ellipsis
	marks := 0 // how many combining marks came last
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		piece := s[i : i+size]
		switch {
		case r == utf8.RuneError && size == 1:
			piece = fmt.Sprintf(`\x%02x`, s[i])
		case all && !visible(r), all && r == ' ':
			piece = escape(r)
		case unicode.Is(unicode.Zs, r):
			piece = " "
		case r == leftToRight, r == rightToLeft:
			piece = ""
		case !visible(r), marks >= markLimit && unicode.Is(unicode.M, r):
			piece = escape(r)
		}
		i += size
		switch {
		case b.Len()+len(piece) > cleanLimit:
			return b.String()[:fits] + ellipsis
		case piece != "" && unicode.Is(unicode.M, r):
			marks++
		case piece != "":
			marks = 0
		}
		b.WriteString(piece)
		if b.Len() <= cleanLimit-len(ellipsis) {
			fits = b.Len()
		}
	}
	return b.String()
}

// visible reports whether r is a character that shows and stays in its place.
// unicode.IsPrint rules out all control and format characters (bidirectional
// ones and joiners among them), private and unassigned ones; the two tables
// hold what Unicode counts as letters and marks although nothing is to be seen
// (Default_Ignorable_Code_Point).
func visible(r rune) bool {
	return unicode.IsPrint(r) && r != blankBraille &&
		!unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

const (
	blankBraille = '\u2800' // BRAILLE PATTERN BLANK, a symbol that looks like nothing
	leftToRight  = '\u200e' // LEFT-TO-RIGHT MARK: the name of WhatsApp's bundle begins with one
	rightToLeft  = '\u200f' // RIGHT-TO-LEFT MARK
)

// escape writes r as Go source does.
func escape(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < utf8.RuneSelf:
		return fmt.Sprintf(`\x%02x`, r)
	case r <= 0xffff:
		return fmt.Sprintf(`\u%04x`, r)
	default:
		return fmt.Sprintf(`\U%08x`, r)
	}
}
