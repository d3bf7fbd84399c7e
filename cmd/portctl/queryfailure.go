package main

import (
	"errors"
	"strings"

	"portolan/internal/table"
)

// caretRoom is the longest query, in bytes, under which a mark is of use: a longer one wraps.
const caretRoom = 400

// queryFailure says what is wrong with a query, and marks the place in it.
func queryFailure(text string, err error) error {
	failure := &exitError{code: exitUsage, text: err.Error(), err: err}
	var wrong *table.QueryError
	if errors.As(err, &wrong) && len(text) <= caretRoom {
		failure.text += "\n" + caret(text, wrong)
	}
	return failure
}

// caret gives the query, and under what is wrong a line of carets.
func caret(text string, wrong *table.QueryError) string {
	// A letter before it keeps leading blanks from being written as numbers.
	columns := func(part string) int { return displayWidth(table.Clean("x"+part)) - 1 }
	start, end := columns(text[:wrong.Start]), columns(text[:wrong.End])
	return "  " + table.Clean("x" + text)[1:] + "\n  " + strings.Repeat(" ", start) + strings.Repeat("^", max(1, end-start))
}
