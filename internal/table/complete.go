package table

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"portolan/internal/language"
	"portolan/internal/netstat"
)

const (
	completionLimit = 8  // how many are offered at once
	valueLimit      = 64 // the longest value that is offered whole, in bytes; of others the beginning
)

// Completion is one way to go on with a query.
type Completion struct {
	// Start and End are the first byte of the query that Text takes the place of, and the one after the last.
	Start, End int
	// Text is what to put there.
	Text string
	// Label is what to show, clean, and Note what it is or how much there is of it, clean.
	Label, Note string
	// Field: it is the name of a field, and its values follow.
	Field bool
}

// Apply gives the query with the completion, and where the cursor belongs then, in bytes.
func (c Completion) Apply(text string) (completed string, cursor int) {
	start := min(c.Start, len(text))
	end := max(start, min(c.End, len(text)))
	return text[:start] + c.Text + text[end:], start + len(c.Text)
}

// Complete offers what the word at the cursor, a number of bytes, may become: the best first, eight at most.
// Names of fields and, once there is a colon, values that are there now in s, which may be
// nil, among what the rest of the query finds. Of the view it takes Ephemeral and Past. Nothing is offered where nothing is
// typed, in quotes that stand alone, and for what is complete already, as is the whole name of an app.
func Complete(text string, cursor int, s *netstat.Snapshot, v View) []Completion {
	cursor = max(0, min(cursor, len(text)))
	if len(text) > queryLimit {
		return nil
	}
	tokens := lex(text[:cursor])
	if len(tokens) == 0 || tokens[len(tokens)-1].kind != wordToken || tokens[len(tokens)-1].end != cursor {
		return nil
	}
	c := completer{word: tokens[len(tokens)-1].word, end: wordEnd(text, cursor), snapshot: s,
		view: View{Query: beside(text, cursor), Ephemeral: v.Ephemeral, Past: v.Past}}
	w := c.word
	if w.text == "" || endsInBlank(text[:cursor]) && !w.isQuoted(len(w.text)) {
		return nil
	}
	colon := w.index(':')
	switch {
	case w.isQuoted(max(colon, 1)), colon > 0 && isAddress(w.text):
	case colon < 0 && c.end > cursor: // what follows may be a colon
	case colon < 0:
		c.names()
		c.anything()
	case colon == 0:
		c.values("port", 1)
	default:
		if f := fieldNamed(w.text[:colon]); f != nil {
			c.values(f.name, colon+1)
		}
	}
	return c.best()
}

// beside gives what the query asks for besides the word at the cursor: of alternatives the side that the word is on.
// Where that makes no sense it is all.
func beside(text string, cursor int) Query {
	tokens := lex(text)
	at := slices.IndexFunc(tokens, func(t token) bool { return t.kind == wordToken && t.start <= cursor && cursor <= t.end })
	if at < 0 {
		return Query{}
	}
	from, to, depth := 0, len(text), 0
	for i, t := range tokens {
		switch {
		case t.kind == openToken:
			depth++
		case t.kind == closeToken:
			depth--
		case t.kind != orToken || depth > 0:
		case i < at:
			from = t.end
		default:
			to = min(to, t.start)
		}
	}
	q, err := ParseQuery(text[from:tokens[at].start] + " " + text[tokens[at].end:to])
	if err != nil {
		return Query{}
	}
	return q
}

// HalfTyped reports whether the word at the cursor may become the name of a field, or its value one of the words
// that the field understands: what it finds as it stands is not what is meant yet.
func HalfTyped(text string, cursor int) bool {
	cursor = max(0, min(cursor, len(text)))
	tokens := lex(text[:cursor])
	if len(tokens) == 0 || wordEnd(text, cursor) != cursor {
		return false
	}
	last := tokens[len(tokens)-1]
	w := last.word
	if last.kind != wordToken || last.end != cursor || w.text == "" || w.isQuoted(len(w.text)) {
		return false
	}
	if colon := w.index(':'); colon >= 0 {
		return beginsValue(w, colon)
	}
	typed := lower(w.text)
	return slices.ContainsFunc(fields, func(f field) bool {
		return strings.HasPrefix(f.name, typed) || strings.HasPrefix(f.other, typed)
	})
}

// beginsValue reports whether the last value of a field is the beginning of one of its words, and not all of it.
func beginsValue(w word, colon int) bool {
	f := fieldNamed(w.text[:colon])
	if f == nil || f.name == "since" {
		return false
	}
	list := w.from(colon + 1).list()
	typed := plainState(list[len(list)-1].text)
	words := fixedValues(f.name)
	is := func(fits func(a, b string) bool) bool {
		return slices.ContainsFunc(words, func(value string) bool { return fits(plainState(value), typed) })
	}
	return typed != "" && is(strings.HasPrefix) && !is(func(a, b string) bool { return a == b })
}

func endsInBlank(text string) bool {
	r, _ := utf8.DecodeLastRuneInString(text)
	return unicode.IsSpace(r)
}

// wordEnd is where the word, or the part of a list, ends that the cursor stands in.
func wordEnd(text string, cursor int) int {
	for _, t := range lex(text) {
		if t.kind == wordToken && t.start <= cursor && cursor <= t.end {
			if comma := strings.IndexByte(text[cursor:t.end], ','); comma >= 0 {
				return cursor + comma
			}
			return t.end
		}
	}
	return cursor
}

// completer gathers what may be offered.
type completer struct {
	word     word
	end      int // of what is replaced
	snapshot *netstat.Snapshot
	view     View // of what is counted
	offers   []offer
}

// offer is a completion with what it is ranked by.
type offer struct {
	Completion
	fit   int // 0: begins with what was typed; 1: a word in it does; 2: has it
	count int // how many sockets it would show, or how much it is used; more is better
}

// best gives the offers that are best, each text once.
func (c *completer) best() []Completion {
	slices.SortStableFunc(c.offers, func(a, b offer) int {
		return cmp.Or(cmp.Compare(a.fit, b.fit), cmp.Compare(b.count, a.count), bySize(a.Label, b.Label))
	})
	var best []Completion
	for _, o := range c.offers {
		if len(best) == completionLimit {
			break
		}
		if !slices.ContainsFunc(best, func(b Completion) bool { return b.Text == o.Text && b.Start == o.Start }) {
			best = append(best, o.Completion)
		}
	}
	return best
}

// bySize orders numbers by their size, and all else as text.
func bySize(a, b string) int {
	if len(a) != len(b) && isNumber(a) && isNumber(b) {
		return cmp.Compare(len(a), len(b))
	}
	return cmp.Compare(a, b)
}

// names offers the fields whose names begin with the word.
func (c *completer) names() {
	typed := lower(c.word.text)
	for i := range fields {
		if f := &fields[i]; strings.HasPrefix(f.name, typed) {
			text := f.name + ":"
			c.offers = append(c.offers, offer{count: len(fields) - i + 1<<20,
				Completion: Completion{Start: c.word.start(), End: c.end, Text: text, Label: text, Note: f.what(), Field: true}})
		}
	}
}

// anything offers what a word without a field may mean: an app, or a port that something listens on.
func (c *completer) anything() {
	if isNumber(c.word.text) {
		c.add("port", ":", c.word.text, c.word.start())
		return
	}
	if utf8.RuneCountInString(c.word.text) > 1 {
		c.add("app", "app:", c.word.text, c.word.start())
	}
}

// values offers the values of a field, which begin at a byte of the word, for the last part of their list.
func (c *completer) values(field string, from int) {
	list := c.word.from(from).list()
	if field == "port" {
		list = eachPort(c.word.from(from))
	}
	typed := list[len(list)-1].text
	c.add(field, "", typed, c.word.at[len(c.word.text)-len(typed)-1]+1) // with the quote before it
}

// add offers the field's values that have what was typed in them, with what must stand before them.
func (c *completer) add(field, before, typed string, start int) {
	want, worst := lower(typed), 2
	if before != "" || fixedValues(field) != nil {
		worst = 1
	}
	if field == "port" || field == "pid" {
		worst = 0
	}
	for value, found := range c.known(field) {
		fit := fitOf(lower(value), want)
		if fit < 0 || fit > worst {
			continue
		}
		text := value
		if field != "port" && field != "since" {
			text = Quoted(value)
		}
		if before == "" && text == typed || before == "app:" && lower(value) == want {
			continue // it is complete
		}
		note := found.note
		if note == "" && found.count > 0 {
			note = language.N("%d socket", "%d sockets", found.count)
		}
		c.offers = append(c.offers, offer{fit: fit, count: found.rank(),
			Completion: Completion{Start: start, End: max(c.end, start), Text: before + text, Label: before + value, Note: note}})
	}
}

// fitOf tells how well a value fits what was typed, both in lower case; -1: not at all.
func fitOf(value, typed string) int {
	at := strings.Index(value, typed)
	switch {
	case at < 0:
		return -1
	case at == 0:
		return 0
	}
	for i := at; i >= 0; {
		if r, _ := utf8.DecodeLastRuneInString(value[:i]); !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return 1
		}
		next := strings.Index(value[i+1:], typed)
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return 2
}

// tally is how much there is of a value.
type tally struct {
	count int
	note  string
	order int // before all with less, whatever their count
}

func (t tally) rank() int { return t.order<<24 + t.count }

// known gives the values of a field: what there is now, and the words that are always understood.
func (c *completer) known(field string) map[string]tally {
	all := map[string]tally{}
	for i, value := range fixedValues(field) {
		all[value] = tally{order: -i - 1}
	}
	if c.snapshot == nil || field == "since" {
		return all
	}
	var last *netstat.Socket
	var counted []string
	look := newMatcher(c.view.Query).recall(c.view.Past, c.snapshot)
	eachRow(c.snapshot, c.view, func(r *Row) {
		if !look.match(r) {
			return
		}
		if r.Socket != last {
			last, counted = r.Socket, counted[:0]
		}
		valuesOf(field, r, func(value string, order int, note string) {
			if value == "" || slices.Contains(counted, value) || strings.Contains(value, `"`) {
				return
			}
			counted = append(counted, value)
			was := all[value]
			all[value] = tally{was.count + 1, cmp.Or(was.note, note), max(was.order, order)}
		})
	})
	for value, found := range all {
		if len(value) > valueLimit {
			delete(all, value)
			all[strings.ToValidUTF8(value[:valueLimit], "")] = found
		}
	}
	return all
}

// fixedValues are the words that a field always understands, the most used first.
func fixedValues(field string) []string {
	switch field {
	case "state":
		return stateWords()
	case "class":
		return classWords()
	case "kind":
		return kindWords()
	case "proto":
		return protocolWords
	case "exposed", "ephemeral":
		return []string{"yes", "no"}
	case "since":
		return []string{"5m", "1m", "30s", "15m", "1h", "1d"}
	default:
		return nil
	}
}

// valuesOf gives the values that a row has for a field, each with how far it goes before others
// and what to say of it instead of how many sockets have it.
func valuesOf(field string, r *Row, give func(value string, order int, note string)) {
	l := r.who()
	switch field {
	case "port":
		if Waits(r.Socket) {
			give(strconv.Itoa(int(r.Socket.Local.Port())), waitsFirst(r.Socket), cmp.Or(l.app, l.process))
		}
	case "pid":
		give(l.pid, 0, l.process)
	case "state":
		give(lower(r.Socket.State.String()), 0, "")
		if closing(r.Socket.State) {
			give(closingWord, 0, "")
		}
	case "class":
		give(r.Class.String(), 0, "")
	case "kind":
		if r.Owner != nil {
			give(r.Owner.Process.App.Kind.String(), 0, "")
		}
	case "proto":
		give(r.Socket.Protocol.String(), 1, "")
	case "exposed":
		give(yesNo(Exposed(r)), 0, "")
	case "ephemeral":
		give(yesNo(r.Ephemeral), 0, "")
	case "service":
		give(r.Service, 0, "")
	case "app":
		give(l.app, 0, "")
	case "name", "process":
		if r.Owner != nil {
			give(nameOf(r.Owner.Process), 0, "")
		}
	case "in":
		give(l.in, 0, "")
	case "user":
		give(l.user, 0, "")
	case "container":
		if l.words.container != "" {
			give(l.app, 0, "")
		}
	case "unit":
		first, _, _ := strings.Cut(l.words.unit, "\n")
		give(first, 0, "")
	case "local":
		giveAddress(r.Socket.Local, give)
	case "remote":
		giveAddress(r.Socket.Remote, give)
	case "addr":
		giveAddress(r.Socket.Local, give)
		giveAddress(r.Socket.Remote, give)
	}
}

// waitsFirst puts listeners before UDP sockets.
func waitsFirst(s *netstat.Socket) int {
	if s.State == netstat.Listen {
		return 1
	}
	return 0
}

func giveAddress(end netip.AddrPort, give func(value string, order int, note string)) {
	if end.Addr().IsValid() && !end.Addr().IsUnspecified() {
		give(addressText(end.Addr()), 0, "")
	}
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}
