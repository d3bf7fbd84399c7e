package table

import (
	"strings"
	"unicode/utf8"

	"portolan/internal/language"
)

// QueryError says what is wrong with a query, and where.
type QueryError struct {
	// Start and End are the first byte of what is wrong, and the one after the last.
	Start, End int
	// Word is the whole word that it is about, clean and short; "" for the query as a whole.
	Word string
	// Reason is a sentence, clean, that says what is wrong and what would be right.
	Reason string
	// Unfinished: the query may still become right by typing on at its end.
	Unfinished bool
}

// Error gives the word and the reason, as in "state:listn: there is no state "listn"; did you mean listen?".
func (e *QueryError) Error() string {
	if e.Word == "" {
		return e.Reason
	}
	return e.Word + ": " + e.Reason
}

// in says which word the error is about.
func (e *QueryError) in(text string, w word) {
	e.Word = short(text[w.start():w.end()])
	e.Unfinished = e.Unfinished && w.end() == len(text)
}

// wrong is an error about a token as a whole, which more words may put right.
func (p *parser) wrong(at token, reason string) *QueryError {
	return &QueryError{Start: at.start, End: at.end, Word: short(p.text[at.start:at.end]), Reason: reason, Unfinished: at.end == len(p.text)}
}

// wrong is an error about this part of a word.
func (w word) wrong(reason string) *QueryError {
	return &QueryError{Start: w.start(), End: w.end(), Reason: reason}
}

// lacks is an error about a word in which something is still to follow.
func (w word) lacks(reason string) *QueryError {
	e := w.wrong(reason)
	e.Unfinished = true
	return e
}

// short makes what a person typed fit to be part of a message.
func short(text string) string {
	const most = 60 // bytes, longer than any sensible word
	text = Clean(text)
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + ellipsis
}

// noSuchField says which fields there are, or which one was meant.
func noSuchField(text string, w word, colon int) *QueryError {
	name, value := w.part(0, colon), w.from(colon+1)
	e := name.wrong("")
	meant := nearest(name.text, fieldWords())
	switch _, isPort := barePorts(value.text); {
	case meant != "":
		e.Reason = language.F("there is no field %q; did you mean %s?", short(name.text), meant+":")
	case isPort || isNumber(value.text):
		e.Reason = language.F("there is no field %q; did you mean %s?", short(name.text), short(":"+value.text))
	default:
		e.Reason = language.F("there is no field %q; the fields are %s. To find the text itself, put it in quotes", short(name.text), fieldNames)
	}
	e.in(text, w)
	return e
}

// nearest gives the word that differs least from what was typed; "" when none is near.
func nearest(typed string, words []string) string {
	const longest = 24 // no word that we know is longer
	typed = strings.ToLower(typed)
	length := utf8.RuneCountInString(typed)
	if length < 3 || length > longest {
		return ""
	}
	best, least := "", min(2, length/3)+1
	for _, w := range words {
		if d := distance([]rune(typed), []rune(w)); d < least {
			best, least = w, d
		}
	}
	return best
}

// distance is how many letters must be put in, left out, replaced, or change places with the
// next one, to make one word of the other (the optimal string alignment distance).
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
