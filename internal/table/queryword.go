package table

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is a piece of a query, without its quotes.
type word struct {
	text  string
	shape string // text with each byte that was quoted replaced by NUL: what may have a meaning
	at    []int  // where each byte of text stands in the query, and where the word ends
}

// index gives where the character stands outside quotes; -1: nowhere.
func (w word) index(c byte) int { return strings.IndexByte(w.shape, c) }

// isQuoted reports whether one of the first n bytes was in quotes.
func (w word) isQuoted(n int) bool { return strings.IndexByte(w.shape[:min(n, len(w.shape))], 0) >= 0 }

// from is the rest of the word.
func (w word) from(i int) word { return w.part(i, len(w.text)) }

func (w word) part(from, to int) word {
	return word{w.text[from:to], w.shape[from:to], w.at[from : to+1]}
}

// start and end are where the word stands in the query, with its quotes.
func (w word) start() int { return w.at[0] }
func (w word) end() int   { return w.at[len(w.at)-1] }

// list takes the word apart at the commas that are not quoted.
func (w word) list() []word {
	var all []word
	for {
		comma := w.index(',')
		if comma < 0 {
			return append(all, w)
		}
		all = append(all, w.part(0, comma))
		w = w.from(comma + 1)
	}
}

// tokenKind is what a token is.
type tokenKind uint8

const (
	wordToken tokenKind = iota
	orToken
	openToken
	closeToken
)

// token is a word of a query, or a sign between words.
type token struct {
	kind       tokenKind
	not        bool   // an odd number of signs that exclude stands before it
	mark       string // the last of these; "": none
	start, end int    // in the query, with these signs
	word       word
}

// lexer takes a query apart. It takes anything: quotes and parentheses that are not
// closed, as while they are being typed, go to the end, and a parenthesis that
// closes nothing is part of a word.
type lexer struct {
	text  string
	at    int
	depth int // of parentheses
}

// lex gives the tokens of a query.
func lex(text string) []token {
	l := lexer{text: text}
	var all []token
	for {
		l.skipBlanks()
		if l.at == len(text) {
			return all
		}
		all = append(all, l.token())
	}
}

func (l *lexer) skipBlanks() {
	for l.at < len(l.text) {
		r, size := utf8.DecodeRuneInString(l.text[l.at:])
		if !unicode.IsSpace(r) {
			return
		}
		l.at += size
	}
}

// sees reports whether c comes next.
func (l *lexer) sees(c byte) bool { return l.at < len(l.text) && l.text[l.at] == c }

func (l *lexer) token() token {
	t := token{start: l.at}
	for l.sees('!') || l.sees('-') {
		t.not, t.mark = !t.not, l.text[l.at:l.at+1]
		l.at++
	}
	switch {
	case l.sees('('):
		t.kind = openToken
		l.depth++
		l.at++
	case l.sees(')') && l.depth > 0 && t.mark == "":
		t.kind = closeToken
		l.depth--
		l.at++
	default:
		t.word = l.word()
		if t.mark == "" && strings.EqualFold(t.word.shape, "or") {
			t.kind = orToken
		}
	}
	t.end = l.at
	return t
}

// word reads up to a blank that is not quoted, or to the parenthesis that closes what is around the word.
func (l *lexer) word() word {
	var text, shape strings.Builder
	var at []int
	inside, own := false, 0 // in quotes; parentheses that the word itself has opened
	for l.at < len(l.text) {
		r, size := utf8.DecodeRuneInString(l.text[l.at:])
		if r == '"' {
			inside = !inside
			l.at++
			continue
		}
		if !inside {
			if unicode.IsSpace(r) || r == ')' && own == 0 && l.depth > 0 {
				break
			}
			switch r {
			case '(':
				own++
			case ')':
				own--
			}
		}
		for i := range size {
			at = append(at, l.at+i)
			text.WriteByte(l.text[l.at+i])
			if inside {
				shape.WriteByte(0)
			} else {
				shape.WriteByte(l.text[l.at+i])
			}
		}
		l.at += size
	}
	return word{text.String(), shape.String(), append(at, l.at)}
}

// Quoted writes a value so that a query takes it as it is. A query knows no way
// to write a double quote: a value with one becomes another.
func Quoted(value string) string {
	value = strings.ReplaceAll(value, `"`, "")
	special := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`,()`, r) }
	if value == "" || strings.ContainsFunc(value, special) || strings.ContainsRune("<>:", rune(value[0])) {
		return `"` + value + `"`
	}
	return value
}
