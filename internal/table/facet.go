package table

import (
	"slices"
	"strings"

	"portolan/internal/language"
	"portolan/internal/netstat"
)

// Facet is one of the questions that are asked most: a switch that puts a word into the query.
type Facet uint8

// The facets. Those of a state widen one another, the others narrow what is found.
const (
	FacetListening Facet = iota
	FacetEstablished
	FacetEphemeral
	FacetClosing
	FacetExposed
	facetCount
)

// Facets gives all of them, in the order to show them in.
func Facets() []Facet {
	return []Facet{FacetListening, FacetEstablished, FacetEphemeral, FacetClosing, FacetExposed}
}

// Title names the facet, in the language in use.
func (f Facet) Title() string {
	switch f {
	case FacetListening:
		return language.T("Listening")
	case FacetEstablished:
		return language.T("Established")
	case FacetEphemeral:
		return language.T("Ephemeral")
	case FacetClosing:
		return language.T("Closing")
	case FacetExposed:
		return language.T("Exposed")
	default:
		return ""
	}
}

// words gives the facet's field and the value that it puts there.
func (f Facet) words() (field, value string) {
	switch f {
	case FacetListening:
		return "state", "listen"
	case FacetEstablished:
		return "state", "established"
	case FacetClosing:
		return "state", closingWord
	case FacetEphemeral:
		return "ephemeral", "yes"
	default:
		return "exposed", "yes"
	}
}

// Word is the facet as a query: "state:listen".
func (f Facet) Word() string {
	field, value := f.words()
	return field + ":" + value
}

// holds reports whether the row counts for the facet.
func (f Facet) holds(r *Row) bool {
	switch f {
	case FacetListening:
		return r.Socket.State == netstat.Listen
	case FacetEstablished:
		return r.Socket.State == netstat.Established
	case FacetClosing:
		return closing(r.Socket.State)
	case FacetEphemeral:
		return r.Ephemeral
	default:
		return Exposed(r)
	}
}

// InLens reports whether the lens can show anything of the facet: it has nothing that waits.
func (f Facet) InLens() bool { return f != FacetListening && f != FacetExposed }

// bits are what the word of a list means for a facet's field: two words that share one are about the same.
func facetBits(field, word string) uint32 {
	if field == "state" {
		return statesNamed(word)
	}
	switch yes, known := asYes(word); {
	case !known:
		return 0
	case yes:
		return 2
	default:
		return 1
	}
}

// of reports whether the term is one that a facet of this field has put into the query, or might have.
func (t *term) of(field string) bool { return t.field == field && !t.not }

// values are the parts of the list after the term's colon.
func (t *term) values() []word { return t.word.from(t.word.index(':') + 1).list() }

// Has reports whether the query asks for the facet, beside whatever else.
func (q Query) Has(f Facet) bool {
	field, value := f.words()
	want, found := facetBits(field, value), false
	for i := range q.terms {
		t := &q.terms[i]
		if !t.of(field) {
			continue
		}
		var asked uint32
		for _, part := range t.values() {
			asked |= facetBits(field, part.text)
		}
		if asked&want != want {
			return false
		}
		found = true
	}
	return found
}

// Toggled gives the text of the query with the facet, or without it when the query has it. All
// else stays as it was typed.
func (q Query) Toggled(f Facet) string {
	q, err := ParseQuery(closed(q.text))
	if err != nil {
		return f.Word() // never: what is closed means the same
	}
	if q.Has(f) {
		return q.without(f)
	}
	return q.with(f)
}

// with adds the facet: to the list of the last word that has its field, where the field
// can have several values, else as a new word.
func (q Query) with(f Facet) string {
	field, value := f.words()
	if field != "state" {
		q.text = q.without(f) // exposed:no gives way
	}
	for i := len(q.terms) - 1; i >= 0 && field == "state"; i-- {
		if t := &q.terms[i]; t.of(field) {
			return q.text[:t.end] + "," + value + q.text[t.end:]
		}
	}
	switch {
	case strings.TrimSpace(q.text) == "":
		return f.Word()
	case q.sides > 1:
		return ended("("+guarded(strings.TrimSpace(q.text)), 1) + " " + f.Word()
	default:
		return strings.TrimRight(q.text, " ") + " " + f.Word()
	}
}

// without leaves out what the facet means, and all of its field where that is yes or no.
func (q Query) without(f Facet) string {
	field, value := f.words()
	drop := facetBits(field, value)
	if field != "state" {
		drop = ^uint32(0)
	}
	text := q.text
	for i := len(q.terms) - 1; i >= 0; i-- {
		t := &q.terms[i]
		if !t.of(field) {
			continue
		}
		var kept []string
		for _, part := range t.values() {
			if facetBits(field, part.text)&drop == 0 {
				kept = append(kept, Quoted(part.text))
			}
		}
		word := ""
		if len(kept) > 0 {
			word = field + ":" + strings.Join(kept, ",")
		}
		before, after := text[:t.start], text[t.end:]
		if word == "" {
			after = strings.TrimLeft(after, " ")
		}
		text = before + word + after
	}
	return strings.TrimRight(text, " ")
}

// closed closes the quote and the parentheses that are still open at the end, so that more can follow.
func closed(text string) string {
	if strings.Count(text, `"`)%2 == 1 {
		text += `"`
	}
	depth := 0
	for _, t := range lex(text) {
		switch t.kind {
		case openToken:
			depth++
		case closeToken:
			depth--
		}
	}
	return ended(text, depth)
}

// ended closes so many parentheses; where the last word has one of its own, a blank keeps them apart.
func ended(text string, depth int) string {
	if tokens := lex(text); depth > 0 && len(tokens) > 0 && strings.Contains(tokens[len(tokens)-1].word.shape, "(") {
		text += " "
	}
	return text + strings.Repeat(")", depth)
}

// guarded quotes the parentheses that close nothing and are part of words, so that they may stand
// between others that do.
func guarded(text string) string {
	for _, t := range slices.Backward(lex(text)) {
		w := t.word
		var loose []int
		own := 0
		for at := range len(w.shape) {
			switch {
			case w.shape[at] == '(':
				own++
			case w.shape[at] == ')' && own > 0:
				own--
			case w.shape[at] == ')':
				loose = append(loose, w.at[at])
			}
		}
		for _, at := range slices.Backward(loose) {
			text = text[:at] + `")"` + text[at+1:]
		}
	}
	return text
}

// FacetCounts is how many sockets each facet would show.
type FacetCounts [facetCount]int

// CountFacets counts the sockets that each facet would show beside the rest of the query: what the query
// asks of the facet's own field does not count, so that the figures say what one more click brings. For the lens it is
// what that shows that counts.
func CountFacets(s *netstat.Snapshot, v View) FacetCounts {
	var counts FacetCounts
	if s == nil {
		return counts
	}
	if len(v.Query.terms) == 0 {
		return countAll(s, v.census(s), v.Lens)
	}
	c := newFacetCounter(s, v)
	eachRow(s, v, func(r *Row) {
		if !v.Lens || inLens(r.Socket, r.Class) {
			c.add(r)
		}
	})
	return c.counts
}

// facetCounter counts the sockets of rows, of which one socket may have several in a row.
type facetCounter struct {
	look    *matcher
	fields  [facetCount]string
	last    *netstat.Socket
	counted FacetCounts // of last
	counts  FacetCounts
}

func newFacetCounter(s *netstat.Snapshot, v View) *facetCounter {
	c := &facetCounter{look: newMatcher(v.Query).recall(v.Past, s)}
	for f := range facetCount {
		c.fields[f], _ = f.words()
	}
	return c
}

func (c *facetCounter) add(r *Row) {
	if r.Socket != c.last {
		c.last, c.counted = r.Socket, FacetCounts{}
	}
	failed, fails := c.look.failing(r)
	for f := range facetCount {
		if c.counted[f] == 0 && (fails == 0 || fails == 1 && failed == c.fields[f]) && f.holds(r) {
			c.counted[f] = 1
			c.counts[f]++
		}
	}
}

// countAll counts the sockets of each facet where nothing is asked: then there is no need of rows.
func countAll(s *netstat.Snapshot, census *Census, lens bool) FacetCounts {
	var counts FacetCounts
	kinds := census.of(s.Sockets)
	var row Row
	for i := range s.Sockets {
		if lens && !inLens(&s.Sockets[i], kinds[i].class()) {
			continue
		}
		row.Socket, row.Ephemeral, row.Exposure = &s.Sockets[i], kinds[i].ephemeral(), Exposure(&s.Sockets[i])
		for f := range facetCount {
			if f.holds(&row) {
				counts[f]++
			}
		}
	}
	return counts
}

// failing tells which terms a row does not fulfil: 0, 1 when all of them are of one
// field that a facet has, else 2.
func (m *matcher) failing(r *Row) (field string, fails int) {
	m.built = false
	for i := range m.query.terms {
		t := &m.query.terms[i]
		if t.match(m, r) != t.not {
			continue
		}
		if t.not || t.field == "" || fails == 1 && t.field != field {
			return "", 2
		}
		field, fails = t.field, 1
	}
	return field, fails
}
