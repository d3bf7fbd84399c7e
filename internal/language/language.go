// Package language holds the words that people read: English in the code, and another language once a
// door has said where its words come from.
package language

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// words are the texts of one language, each asked for once: a table says the same ones ten thousand times.
type words struct {
	translate func(string) string
	known     sync.Map // English text to translation
}

var inUse atomic.Pointer[words] // nil: English

// Use has every text translated by f from now on; nil: English again. f gives a text that it does not know
// back as it is, and may be called by several goroutines at once.
func Use(f func(english string) string) {
	if f == nil {
		inUse.Store(nil)
		return
	}
	inUse.Store(&words{translate: f})
}

// T gives a text in the language of the person who reads. The English text is its key: it stands as a
// literal where T is called, so that a test finds them all.
func T(english string) string {
	w := inUse.Load()
	if w == nil {
		return english
	}
	if known, ok := w.known.Load(english); ok {
		return known.(string)
	}
	text := w.translate(english)
	w.known.Store(english, text)
	return text
}

// Mark gives a text back as it is. It marks the texts of tables, which are made before the language is
// known: a test finds them by it, and Marked translates them where they are shown.
func Mark(english string) string { return english }

// Marked is T for a text that was marked with Mark where it stands as a literal.
func Marked(english string) string { return T(english) }

// F is T for a pattern with verbs as in fmt.Sprintf. A translation may change their order with indexes ("%[2]s").
func F(pattern string, args ...any) string {
	return fmt.Sprintf(T(pattern), args...)
}

// N is F for a number that decides between two patterns. Each has the number as its first verb, or none.
func N(one, many string, n int, args ...any) string {
	pattern := many
	if n == 1 {
		pattern = one
	}
	return fmt.Sprintf(T(pattern), append([]any{n}, args...)...)
}
