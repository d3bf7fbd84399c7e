package table

import (
	"strings"

	"portolan/internal/app"
	"portolan/internal/language"
	"portolan/internal/netstat"
)

// wantedOf gives all that the values of a list mean, as bits: named knows what one means, and wrong
// says what is wrong with one that means nothing.
func wantedOf(value word, named func(string) uint32, wrong func(typed string) string) (uint32, *QueryError) {
	var wanted uint32
	for _, part := range value.list() {
		if part.text == "" {
			return 0, part.lacks(language.T("a word must follow the comma"))
		}
		found := named(part.text)
		if found == 0 {
			return 0, part.wrong(wrong(part.text))
		}
		wanted |= found
	}
	return wanted, nil
}

func stateIs(_ *parser, value word) (condition, *QueryError) {
	wanted, err := wantedOf(value, statesNamed, func(typed string) string {
		if meant := nearest(plainState(typed), stateWords()); meant != "" {
			return language.F("there is no state %q; did you mean %s?", short(typed), meant)
		}
		return language.F("%q is no state; use listen, established, syn_sent, fin_wait, close_wait, time_wait, closing or closed", short(typed))
	})
	return func(_ *matcher, r *Row) bool { return wanted&(1<<r.Socket.State) != 0 }, err
}

// closingWord means all states from FIN_WAIT_1 to TIME_WAIT, and not CLOSING alone.
const closingWord = "closing"

// stateWords are the states, as a query has them.
func stateWords() []string {
	words := []string{closingWord}
	for s := netstat.Listen; s <= netstat.Closed; s++ {
		if word := lower(s.String()); word != closingWord {
			words = append(words, word)
		}
	}
	return words
}

// otherNames are what ss and the two netstats call states, where it is not the
// beginning of our name.
var otherNames = map[string]netstat.State{
	"listening": netstat.Listen,
	"synrecv":   netstat.SynReceived,
	"synrcvd":   netstat.SynReceived,
	"unconn":    netstat.Closed,
}

// plainState is a state's name without case and underscores.
func plainState(text string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(lower(text))
}

// statesNamed gives the states that a word means, as bits: the beginning of a name is
// enough, with or without the underscores.
func statesNamed(text string) uint32 {
	typed := plainState(text)
	var found uint32
	for s := netstat.Listen; s <= netstat.Closed; s++ {
		switch {
		case typed == closingWord && closing(s):
		case otherNames[typed] == s:
		case typed != "" && typed != closingWord && strings.HasPrefix(plainState(s.String()), typed):
		default:
			continue
		}
		found |= 1 << s
	}
	return found
}

func kindIs(_ *parser, value word) (condition, *QueryError) {
	wanted, err := wantedOf(value, kindsNamed, func(typed string) string {
		if meant := nearest(typed, kindWords()); meant != "" {
			return language.F("%q is no kind of app; did you mean %s?", short(typed), meant)
		}
		return language.F("%q is no kind of app; use %s", short(typed), kindNames)
	})
	return func(_ *matcher, r *Row) bool {
		return r.Owner != nil && wanted&(1<<r.Owner.Process.App.Kind) != 0
	}, err
}

// kindNames is for the message about a kind that is none of them.
const kindNames = "executable, bundle, command, container, unit, snap, flatpak, desktop, launchd"

func kindWords() []string {
	var words []string
	for k := app.Executable; k <= app.Job; k++ {
		words = append(words, k.String())
	}
	return words
}

// kindsNamed gives the kinds whose names begin with a word, as bits.
func kindsNamed(text string) uint32 {
	var found uint32
	for k := app.Executable; k <= app.Job; k++ {
		if text != "" && strings.HasPrefix(k.String(), lower(text)) {
			found |= 1 << k
		}
	}
	return found
}

func classIs(_ *parser, value word) (condition, *QueryError) {
	wanted, err := wantedOf(value, classesNamed, func(typed string) string {
		if meant := nearest(typed, classWords()); meant != "" {
			return language.F("%q is no class; did you mean %s?", short(typed), meant)
		}
		return language.F("%q is no class; use listening, outgoing, incoming, closing or unconnected", short(typed))
	})
	return func(_ *matcher, r *Row) bool { return wanted&(1<<r.Class) != 0 }, err
}

func classWords() []string {
	var words []string
	for _, c := range Classes() {
		words = append(words, c.String())
	}
	return words
}

// classesNamed gives the classes whose names begin with a word, as bits.
func classesNamed(text string) uint32 {
	var found uint32
	for _, c := range Classes() {
		if text != "" && strings.HasPrefix(c.String(), lower(text)) {
			found |= 1 << c
		}
	}
	return found
}

// protocols are the values of proto:, with the family as 4, 6, or 0 for both.
var protocols = map[string]struct {
	protocol netstat.Protocol
	family   int
}{
	"tcp": {netstat.TCP, 0}, "tcp4": {netstat.TCP, 4}, "tcp6": {netstat.TCP, 6},
	"udp": {netstat.UDP, 0}, "udp4": {netstat.UDP, 4}, "udp6": {netstat.UDP, 6},
}

var protocolWords = []string{"tcp", "udp", "tcp4", "tcp6", "udp4", "udp6"}

func protoIs(_ *parser, value word) (condition, *QueryError) {
	var wanted []condition
	for _, part := range value.list() {
		name := lower(part.text)
		if _, known := protocols[name]; !known {
			e := part.wrong(language.F("%q is no protocol; use tcp or udp, with 4 or 6 for one family", short(part.text)))
			e.Unfinished = strings.HasPrefix("tcp", name) || strings.HasPrefix("udp", name)
			return nil, e
		}
		wanted = append(wanted, protocolIs(name))
	}
	return anyOf(wanted), nil
}

// protocolIs holds for one of the protocols.
func protocolIs(name string) condition {
	want := protocols[name]
	return func(_ *matcher, r *Row) bool {
		if r.Socket.Protocol != want.protocol {
			return false
		}
		v4 := r.Socket.Local.Addr().Unmap().Is4()
		return want.family == 0 || r.Socket.DualStack || v4 == (want.family == 4)
	}
}
