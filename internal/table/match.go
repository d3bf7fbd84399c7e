package table

import (
	"bytes"
	"strings"
	"time"

	"portolan/internal/history"
	"portolan/internal/netstat"
)

// matcher tries a query on one row after the other. It has the memory for the
// text of a row, so that searching ten thousand costs none.
type matcher struct {
	query   Query
	past    *history.History // may be nil
	now     time.Time        // when the rows were read
	text    []byte           // what words are looked for in; valid when built
	built   bool
	scratch []byte
}

// newMatcher makes one that does not know when sockets were opened; see recall.
func newMatcher(q Query) *matcher { return &matcher{query: q} }

// recall has it ask past how old the sockets of s are; nil: nobody knows.
func (m *matcher) recall(past *history.History, s *netstat.Snapshot) *matcher {
	m.past, m.now = past, s.Taken
	return m
}

// Match reports whether the row is wanted. A group row never is, as it is the
// sockets that are looked for. Nothing is known here of when they were opened.
func (q Query) Match(r *Row) bool { return newMatcher(q).match(r) }

func (m *matcher) match(r *Row) bool {
	if r.Socket == nil {
		return false
	}
	m.built = false
	for i := range m.query.terms {
		if !m.query.terms[i].holds(m, r) {
			return false
		}
	}
	return true
}

// age tells how long ago the row's socket was first seen. least: it was there when the record began, so
// that it is at least as old.
func (m *matcher) age(r *Row) (age time.Duration, least, known bool) {
	if r.Span != nil {
		return m.now.Sub(r.Span.From), r.Span.Older, true
	}
	if m.past == nil {
		return 0, false, false
	}
	first, whole, open := m.past.Since(r.Socket.ID)
	return m.now.Sub(first), !whole, open
}

// hasText holds when one of the columns has the word in it.
func hasText(word string) condition {
	want := []byte(strings.ToLower(word))
	return func(m *matcher, r *Row) bool { return bytes.Contains(m.all(r), want) }
}

// all gives the text of all columns in lower case, parted by newlines, which no
// column has.
func (m *matcher) all(r *Row) []byte {
	if m.built {
		return m.text
	}
	b := append(m.text[:0], r.Socket.Protocol.String()...)
	b = append(b, '\n')
	b = appendLocal(b, r.Socket)
	b = append(b, '\n')
	b = append(b, r.Service...)
	b = append(b, '\n')
	b = appendAddrPort(b, r.Socket.Remote)
	b = append(b, '\n')
	b = append(b, r.Socket.State.String()...)
	b = lowerASCII(b)
	b = append(b, '\n')
	b = append(b, r.who().search...)
	m.text, m.built = b, true
	return b
}

// lowerASCII makes the ASCII letters of b small, in place: all there are outside of
// a label, but for a zone with a strange name.
func lowerASCII(b []byte) []byte {
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return b
}
