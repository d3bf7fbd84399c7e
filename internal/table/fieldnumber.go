package table

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"portolan/internal/language"
)

// span is a range of numbers, both ends included.
type span struct{ first, last uint64 }

const (
	highestPort = 1<<16 - 1
	highestPID  = 1<<31 - 1 // pid_t is a signed 32-bit number on both systems
)

func portIs(p *parser, value word) (condition, *QueryError) {
	spans, err := parsePorts(value)
	if err != nil {
		return nil, err
	}
	p.asksPorts(spans)
	return localPortIn(spans), nil
}

// asksPorts notes whether a sum may not tell: it has the lower of the two ports of a connection, and the higher one is lent.
func (p *parser) asksPorts(spans []span) {
	p.each = p.each || slices.ContainsFunc(spans, func(s span) bool { return s.last >= lowestDynamic })
}

func parsePorts(value word) ([]span, *QueryError) {
	spans, err := parseSpans(eachPort(value), highestPort)
	if err != nil {
		err.Reason = language.F("a port is a number from 0 to 65535, or a range such as 3000-3010: %s", err.Reason)
	}
	return spans, err
}

// eachPort gives the ports of a list. What follows a comma may have a colon of its own: ":3000,:3001".
func eachPort(value word) []word {
	list := value.list()
	for i := range list {
		if i > 0 && list[i].index(':') == 0 {
			list[i] = list[i].from(1)
		}
	}
	return list
}

func localPortIn(spans []span) condition {
	return func(_ *matcher, r *Row) bool { return inSpans(spans, uint64(r.Socket.Local.Port())) }
}

func pidIs(_ *parser, value word) (condition, *QueryError) {
	spans, err := parseSpans(value.list(), highestPID)
	if err != nil {
		err.Reason = language.F("a PID is a number, 1 or more: %s", err.Reason)
		return nil, err
	}
	return func(_ *matcher, r *Row) bool {
		return r.Owner != nil && inSpans(spans, uint64(r.Owner.Process.PID))
	}, nil
}

// parseSpans understands "3000", "3000-3010", ">1023", "<=1023", each part of a list.
func parseSpans(list []word, highest uint64) ([]span, *QueryError) {
	var spans []span
	for _, part := range list {
		s, err := parseSpan(part, highest)
		if err != nil {
			return nil, err
		}
		spans = append(spans, s)
	}
	return spans, nil
}

func parseSpan(part word, highest uint64) (span, *QueryError) {
	notOne := func() (span, *QueryError) {
		e := part.wrong(language.F("not %q", short(part.text)))
		// "", ">" and "3000-" are on their way to something.
		e.Unfinished = part.text == "" || strings.ContainsRune("<>=-", rune(part.text[len(part.text)-1]))
		return span{}, e
	}
	number := func(text string) (uint64, bool) {
		n, err := strconv.ParseUint(text, 10, 64)
		return n, err == nil && n <= highest
	}
	if sign := part.text[:len(part.text)-len(strings.TrimLeft(part.text, "<>="))]; sign != "" {
		n, ok := number(part.text[len(sign):])
		switch {
		case !ok:
		case sign == ">=":
			return span{n, highest}, nil
		case sign == "<=":
			return span{0, n}, nil
		case sign == ">":
			return span{n + 1, highest}, nil
		case sign == "<" && n > 0:
			return span{0, n - 1}, nil
		}
		return notOne()
	}
	first, last, isRange := strings.Cut(part.text, "-")
	if !isRange {
		last = first
	}
	from, ok1 := number(first)
	to, ok2 := number(last)
	switch {
	case !ok1 || !ok2:
		return notOne()
	case from > to:
		e := part.wrong(language.F("%q ends before it begins", short(part.text)))
		e.Unfinished = true // 3000-3 becomes 3000-3010
		return span{}, e
	default:
		return span{from, to}, nil
	}
}

func inSpans(spans []span, n uint64) bool {
	for _, s := range spans {
		if s.first <= n && n <= s.last {
			return true
		}
	}
	return false
}

// isNumber reports whether the text is digits alone.
func isNumber(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// barePorts understands ranges and lists of ports, without a colon before them: a single
// number may mean anything, and what is no such range is text.
func barePorts(text string) ([]span, bool) {
	if isNumber(text) || strings.Trim(text, "0123456789-,") != "" {
		return nil, false
	}
	spans, err := parseSpans(unquoted(text).list(), highestPort)
	return spans, err == nil
}

// unquoted is a word without quotes that stands nowhere.
func unquoted(text string) word { return word{text, text, make([]int, len(text)+1)} }

// sinceIs understands how long ago at most, or with a > at least, a socket was seen first.
func sinceIs(p *parser, value word) (condition, *QueryError) {
	text, longer := value.text, false
	if text[0] == '>' || text[0] == '<' {
		text, longer = text[1:], text[0] == '>'
	}
	d, ok := parseAge(text)
	if !ok {
		e := value.wrong(language.F("%q is no time; write 30s, 5m, 2h or 1d", short(value.text)))
		e.Unfinished = text == "" || isNumber(text)
		return nil, e
	}
	p.since = max(p.since, d, 1) // 0 is for a query that does not ask
	return func(m *matcher, r *Row) bool {
		age, least, known := m.age(r)
		if longer {
			return known && age > d
		}
		return known && !least && age <= d
	}, nil
}

// parseAge understands "90s", "5m", "1h30m" and "2d", whatever the case.
func parseAge(text string) (time.Duration, bool) {
	text = lower(text)
	if days, isDays := strings.CutSuffix(text, "d"); isDays && isNumber(days) {
		n, err := strconv.ParseUint(days, 10, 32)
		const day = 24 * time.Hour
		return time.Duration(n) * day, err == nil && n <= math.MaxInt64/uint64(day)
	}
	d, err := time.ParseDuration(text)
	return d, err == nil && d >= 0 && text[0] != '+' && text[0] != '-'
}
