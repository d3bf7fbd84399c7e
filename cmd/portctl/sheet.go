package main

import (
	"bufio"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// sheet is text in aligned columns. Its cells are clean: they come from package table,
// or have been through table.Clean.
type sheet struct {
	columns []sheetColumn
	rows    [][]cell
}

type sheetColumn struct {
	title string
	right bool // numbers
	// least is the width that the column may be cut down to, on a terminal that is
	// too narrow; 0: it is never cut.
	least int
}

// cell is a text with a style.
type cell struct {
	text  string
	style style
}

// style is a Select Graphic Rendition parameter (ECMA-48, 8.3.117); "" is plain.
type style string

const (
	plain  style = ""
	bold   style = "1"
	faint  style = "2"
	invert style = "7"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
)

// paint gives the text in its style when colours are wanted.
func (s style) paint(text string, colour bool) string {
	if s == plain || !colour {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[m"
}

// gap is the number of blanks between two columns.
const gap = 2

// widths gives every column the width of its widest cell. When all of it is wider than
// limit (0: no limit), the columns that may be cut are, the widest of them first.
func (s *sheet) widths(limit int) []int {
	widths := make([]int, len(s.columns))
	for i, c := range s.columns {
		widths[i] = displayWidth(c.title)
	}
	for _, row := range s.rows {
		for i, c := range row {
			widths[i] = max(widths[i], displayWidth(c.text))
		}
	}
	if limit <= 0 {
		return widths
	}
	for over := sum(widths) + gap*(len(widths)-1) - limit; over > 0; over-- {
		widest := -1
		for i, c := range s.columns {
			if c.least > 0 && widths[i] > c.least && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
	}
	return widths
}

func sum(numbers []int) int {
	total := 0
	for _, n := range numbers {
		total += n
	}
	return total
}

// header gives the line of titles.
func (s *sheet) header(widths []int, colour bool) string {
	titles := make([]cell, len(s.columns))
	for i, c := range s.columns {
		titles[i] = cell{text: c.title, style: bold}
	}
	return s.line(titles, widths, colour)
}

// line gives one row without the newline; nothing stands after its last cell.
func (s *sheet) line(row []cell, widths []int, colour bool) string {
	var b strings.Builder
	blanks := 0 // owed: written only when something follows
	for i, c := range row {
		text := cut(c.text, widths[i])
		free := widths[i] - displayWidth(text)
		if s.columns[i].right {
			blanks += free
		}
		if text != "" {
			b.WriteString(strings.Repeat(" ", blanks))
			b.WriteString(c.style.paint(text, colour))
			blanks = 0
		}
		if !s.columns[i].right {
			blanks += free
		}
		blanks += gap
	}
	return b.String()
}

// print writes the titles and all rows.
func (s *sheet) print(w io.Writer, limit int, colour bool) {
	widths := s.widths(limit)
	buffered := bufio.NewWriterSize(w, 64<<10)
	defer buffered.Flush() // an output keeps its errors itself
	buffered.WriteString(s.header(widths, colour) + "\n")
	for _, row := range s.rows {
		buffered.WriteString(s.line(row, widths, colour) + "\n")
	}
}

// displayWidth is the number of terminal cells that text takes: two for a CJK character.
func displayWidth(text string) int {
	if isASCII(text) {
		return len(text)
	}
	return ansi.StringWidth(text)
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// cut shortens text to a display width, and shows that it did.
func cut(text string, width int) string {
	if displayWidth(text) <= width {
		return text
	}
	return ansi.Truncate(text, width, "…")
}
