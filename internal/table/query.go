package table

import (
	"slices"
	"strings"
	"time"

	"portolan/internal/language"
)

// queryLimit is how long a query may be, in bytes: much longer than any that a person types.
const queryLimit = 4096

// Query is which rows to show: those that fulfil all its terms. The zero Query
// is all rows.
type Query struct {
	text  string
	terms []term
	sides int           // of the or; 1 without one
	since time.Duration // the longest that since: asks back for; 0: it does not ask
	each  bool          // it asks what is known of sockets one by one only
}

// String gives the text that the query was parsed from.
func (q Query) String() string { return q.text }

// term is one condition.
type term struct {
	not   bool
	match condition
	field string // of a word with a colon, its first name; "" otherwise
	each  bool   // it asks what is known of sockets one by one only: of many as one it never holds, nor does its contrary
	word  word   // as it was typed; zero for alternatives and what stands in parentheses

	start, end int // in the query, with the signs that exclude
}

// condition tells whether a row is wanted, as far as one term goes.
type condition = func(*matcher, *Row) bool

// ParseQuery understands what a person types in the search field: terms parted
// by blanks, all of which must hold.
//
//	node               any column has it, whatever the case, or what is known of the app:
//	                   what it runs, its container, image, unit, id, terminal
//	"Google Chrome"    the same, blanks included and nothing else understood
//	tcp  udp           the protocol
//	:3000              the local port; also :3000-3010, :3000,5432, :3000,:5432 and :>1023
//	3000-3010          the same, as are 3000,5432
//	port:  pid:        numbers, in the same ways
//	proto:             tcp, udp, tcp4, tcp6, udp4, udp6
//	state:             listen, established, time_wait ...; the beginning is
//	                   enough, and closing is all states from FIN_WAIT_1 to TIME_WAIT
//	class:             listening, outgoing, incoming, closing, unconnected; the beginning is enough
//	local: remote:     this address has it; a network such as 10.0.0.0/8 or fe80::/10%en0 holds
//	                   it; or its port is one of :443 or :8000-8999
//	addr:              one of the two does. 10.0.0.0/8 alone means the same
//	service: user:     this column has it, whatever the case
//	process:           the process as it is shown has it
//	name:              the process has it, or what it runs
//	app:               the app's name or id has it, or that of the terminal it was started in
//	in:                the name of the terminal's app has it
//	container:         it runs in a container whose name, image, id or runtime has it
//	unit:              the name of its systemd unit has it
//	kind:              executable, bundle, command, container, unit, snap, flatpak, desktop, launchd;
//	                   the beginning is enough
//	exposed:           yes when other computers can reach it, else no
//	ephemeral:         yes when the kernel chose the local port, else no
//	since:             30s, 5m, 2h, 1d: first seen within this time; >5m: longer ago
//	!term  -term       the term must not hold
//	one or other       one of the two sides holds; a blank binds more
//	(one or other)     what is between them is one term
//
// Every field takes several values with commas, of which one must hold; a comma
// in quotes is part of the value.
//
// What makes no sense gives a *QueryError, which says where; the Query is then
// the zero one.
func ParseQuery(text string) (Query, error) {
	if len(text) > queryLimit {
		return Query{}, &QueryError{Start: queryLimit, End: len(text),
			Reason: language.F("the query is too long: at most %d bytes", queryLimit)}
	}
	p := parser{text: text, tokens: lex(text)}
	sides, err := p.alternatives()
	if err != nil {
		return Query{}, err
	}
	return Query{text: text, terms: oneOf(sides), sides: len(sides), since: p.since, each: p.each}, nil
}

// parser makes terms of tokens.
type parser struct {
	text   string
	tokens []token
	next   int
	since  time.Duration
	each   bool
}

// alternatives understands all up to the end, or to the parenthesis that closes: the
// sides of the "or"s, each a list of terms that must all hold.
func (p *parser) alternatives() ([][]term, *QueryError) {
	var sides [][]term
	var side []term
	for ; p.next < len(p.tokens) && p.tokens[p.next].kind != closeToken; p.next++ {
		at := p.tokens[p.next]
		if at.kind == orToken {
			if len(side) == 0 {
				return nil, p.wrong(at, language.T("a word must stand before the or; to find the word itself, put it in quotes"))
			}
			sides, side = append(sides, side), nil
			continue
		}
		t, empty, err := p.term(at)
		switch {
		case err != nil:
			return nil, err
		case !empty:
			side = append(side, t)
		}
	}
	if len(side) == 0 && len(sides) > 0 {
		return nil, p.wrong(p.tokens[p.next-1], language.T("a word must follow the or"))
	}
	return append(sides, side), nil
}

// term understands a word, or what stands in parentheses. empty: there is nothing in it, as in "".
func (p *parser) term(at token) (t term, empty bool, err *QueryError) {
	switch {
	case at.kind == openToken:
		p.next++
		sides, err := p.alternatives()
		if err != nil {
			return term{}, false, err
		}
		if len(sides) == 1 && len(sides[0]) == 0 {
			return term{}, false, p.wrong(at, language.T("a word must follow the parenthesis"))
		}
		return term{not: at.not, match: allOf(oneOf(sides))}, false, nil
	case at.word.text == "" && at.mark != "":
		return term{}, false, p.wrong(at, language.F("a word must follow the %s", at.mark))
	case at.word.text == "":
		return term{}, true, nil
	default:
		t, err = p.wordTerm(at.word)
		p.each = p.each || t.each
		t.not, t.word, t.start, t.end = at.not, at.word, at.start, at.end
		return t, false, err
	}
}

// oneOf gives the terms that all must hold: the only side's, or one for all sides.
func oneOf(sides [][]term) []term {
	if len(sides) == 1 {
		return sides[0]
	}
	conditions := make([]condition, len(sides))
	for i, side := range sides {
		conditions[i] = allOf(side)
	}
	return []term{{match: anyOf(conditions)}}
}

// holds reports whether a row is wanted, as far as the term goes.
func (t *term) holds(m *matcher, r *Row) bool {
	if t.each && !r.Socket.Local.Addr().IsValid() { // it stands for many, see SumSocket
		return false
	}
	return t.match(m, r) != t.not
}

func allOf(terms []term) condition {
	if len(terms) == 1 && !terms[0].not && !terms[0].each {
		return terms[0].match
	}
	return func(m *matcher, r *Row) bool {
		for i := range terms {
			if !terms[i].holds(m, r) {
				return false
			}
		}
		return true
	}
}

func anyOf(conditions []condition) condition {
	if len(conditions) == 1 {
		return conditions[0]
	}
	return func(m *matcher, r *Row) bool {
		for _, holds := range conditions {
			if holds(m, r) {
				return true
			}
		}
		return false
	}
}

// wordTerm understands one word.
func (p *parser) wordTerm(w word) (term, *QueryError) {
	colon := w.index(':')
	if w.isQuoted(max(colon, 1)) {
		return term{match: hasText(w.text)}, nil
	}
	if colon < 0 || isAddress(w.text) {
		match, each := p.bareWord(w)
		return term{match: match, each: each}, nil
	}
	name := "port"
	if colon > 0 {
		name = w.text[:colon]
	}
	f := fieldNamed(name)
	if f == nil {
		return term{}, noSuchField(p.text, w, colon)
	}
	value := w.from(colon + 1)
	if value.text == "" {
		err := w.lacks(language.F("a word must follow the colon: %s", f.what()))
		err.in(p.text, w)
		return term{}, err
	}
	match, err := f.parse(p, value)
	if err != nil {
		err.in(p.text, w)
		return term{}, err
	}
	return term{match: match, field: f.name, each: f.each != nil && f.each(value)}, nil
}

// bareWord understands a word without a field. each is as that of a term.
func (p *parser) bareWord(w word) (match condition, each bool) {
	if w.isQuoted(len(w.text)) {
		return hasText(w.text), false
	}
	if protocol, known := protocols[lower(w.text)]; known {
		return protocolIs(lower(w.text)), protocol.family != 0
	}
	if spans, ok := barePorts(w.text); ok {
		p.asksPorts(spans)
		return localPortIn(spans), false
	}
	if network, ok := parseNetwork(w.text); ok {
		return network.of(atEither), true
	}
	return hasText(w.text), w.index(':') >= 0 || isIPv4(w.text) || isState(w.text)
}

// isIPv4 reports whether a word is an address of IPv4, or the beginning of one.
func isIPv4(text string) bool {
	return strings.Contains(text, ".") && strings.Trim(text, "0123456789.") == ""
}

// isState reports whether a word is the whole name of a state.
func isState(text string) bool { return slices.Contains(stateWords(), lower(text)) }
