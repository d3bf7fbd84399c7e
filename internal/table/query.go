package table

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// queryLimit is how long a query may be, in bytes: much longer than any that a person types.
const queryLimit = 4096

// Query is which rows to show: those that fulfil all its terms. The zero Query
// is all rows.
type Query struct {
	text  string
	terms []term
}

// String gives the text that the query was parsed from.
func (q Query) String() string { return q.text }

// term is one condition.
type term struct {
	not   bool
	match condition
}

// ParseQuery understands what a person types in the search field: terms parted
// by blanks, all of which must hold.
//
//	node               any column has it, whatever the case, or what is known of the app:
//	                   what it runs, its container, image, unit, id, terminal
//	"Google Chrome"    the same, blanks included and nothing else understood
//	tcp  udp           the protocol
//	:3000              the local port; also :3000-3010 and :3000,5432
//	port:  pid:        numbers, in the same three ways
//	proto:             tcp, udp, tcp4, tcp6, udp4, udp6
//	state:             listen, established, time_wait ...; the beginning is
//	                   enough, and closing is all states from FIN_WAIT_1 to TIME_WAIT
//	local: remote: service: process: user:
//	                   this column has it, whatever the case
//	app:               the app's name or id has it, or that of the terminal it was started in
//	in:                the name of the terminal's app has it
//	container:         it runs in a container whose name, image, id or runtime has it
//	unit:              the name of its systemd unit has it
//	kind:              executable, bundle, command, container, unit, snap, flatpak, desktop, launchd;
//	                   the beginning is enough
//	exposed:           yes when other computers can reach it, else no
//	ephemeral:         yes when the kernel chose the local port, else no
//	class:             listening, outgoing, incoming, closing or unconnected; the beginning is enough
//	!term              the term must not hold
//
// What makes no sense gives an error that names the word and says what would;
// the Query is then the zero one.
func ParseQuery(text string) (Query, error) {
	if len(text) > queryLimit {
		return Query{}, fmt.Errorf("the query is too long: at most %d bytes", queryLimit)
	}
	q := Query{text: text}
	for _, w := range words(text) {
		t, err := w.term()
		if err != nil {
			return Query{}, err
		}
		q.terms = append(q.terms, t)
	}
	return q, nil
}

// word is a piece of a query between blanks.
type word struct {
	text   string
	quoted int // how many bytes of text come before the first quote; -1 without one
}

// words takes a query apart at the blanks that are not in double quotes. A
// quote that is not closed, as while it is being typed, goes to the end.
func words(text string) []word {
	var all []word
	var b strings.Builder
	quoted, inside := -1, false
	end := func() {
		if b.Len() > 0 {
			all = append(all, word{b.String(), quoted})
		}
		b.Reset()
		quoted = -1
	}
	for _, r := range text {
		switch {
		case r == '"':
			inside = !inside
			if quoted < 0 {
				quoted = b.Len()
			}
		case unicode.IsSpace(r) && !inside:
			end()
		default:
			b.WriteRune(r)
		}
	}
	end()
	return all
}

// term understands one word.
func (w word) term() (term, error) {
	rest, not := w.text, false
	for w.quoted != 0 && strings.HasPrefix(rest, "!") {
		rest, not = rest[1:], !not
		w.quoted--
	}
	if rest == "" {
		return term{}, w.wrong("a word must follow the !")
	}
	match, err := w.condition(rest)
	return term{not: not, match: match}, err
}

// condition understands a word without its "!".
func (w word) condition(text string) (condition, error) {
	colon := strings.IndexByte(text, ':')
	if w.quoted >= 0 && w.quoted <= colon || w.quoted == 0 {
		return hasText(text), nil
	}
	switch name := strings.ToLower(text[:max(colon, 0)]); {
	case colon < 0 && isProtocol(text):
		return protocolIs(strings.ToLower(text))
	case colon < 0, isAddress(text):
		return hasText(text), nil
	case colon == 0:
		return w.field(fields["port"], text[1:])
	default:
		f, known := fields[name]
		if !known {
			return nil, w.wrong(fmt.Sprintf("there is no field %q; the fields are %s", short(text[:colon]), fieldNames))
		}
		return w.field(f, text[colon+1:])
	}
}

func (w word) field(f func(value string) (condition, error), value string) (condition, error) {
	match, err := f(value)
	if err != nil {
		return nil, w.wrong(err.Error())
	}
	return match, nil
}

// wrong makes the error about this word.
func (w word) wrong(why string) error { return errors.New(short(w.text) + ": " + why) }

// short makes what a person typed fit to be part of a message.
func short(text string) string {
	const most = 60 // bytes, longer than any sensible word
	text = Clean(text)
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + ellipsis
}

// isAddress reports whether a word with a colon is an address or a part of one,
// such as "::1", "[::1]:80", "10.0.0.1:80" or "fe80::1%en0", and not a field:
// those begin with a letter and have only letters before the colon.
func isAddress(text string) bool {
	before, after, _ := strings.Cut(text, ":")
	if before == "" {
		return strings.HasPrefix(after, ":")
	}
	letters := strings.IndexFunc(before, func(r rune) bool { return !unicode.IsLetter(r) && r != '_' && r != '-' }) < 0
	return !letters || strings.Contains(after, ":") && strings.Trim(strings.ToLower(text), "0123456789abcdef:") == ""
}
