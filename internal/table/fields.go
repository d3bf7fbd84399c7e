package table

import (
	"bytes"
	"strings"

	"portolan/internal/language"
	"portolan/internal/port"
)

// field is a word that may stand before a colon.
type field struct {
	name  string
	other string        // another name for it; "": none
	what  func() string // what may follow the colon, for a message and a list of offers
	// parse understands the value, which is not empty.
	parse func(p *parser, value word) (condition, *QueryError)
	// each reports whether a value asks what is known of sockets one by one only, and of no history.Sum; nil: none does.
	each func(value word) bool
}

// always is the each of a field of which no sum says anything.
func always(word) bool { return true }

// byFamily reports whether one of the protocols is that of one family.
func byFamily(value word) bool {
	for _, part := range value.list() {
		if protocols[lower(part.text)].family != 0 {
			return true
		}
	}
	return false
}

// fields are all of them, the most used first. It is filled in init: the messages of parse
// name the other fields.
var fields []field

func init() {
	textOf := func(name string, what func() string, text func(b []byte, r *Row) []byte) field {
		return field{name: name, what: what, parse: textIs(text)}
	}
	ofLabel := func(name string, what func() string, text func(*label) string) field {
		return textOf(name, what, func(b []byte, r *Row) []byte { return append(b, text(r.who())...) })
	}
	ofUser := ofLabel("user", func() string { return language.T("the name of a user") }, func(l *label) string { return l.userKey })
	ofUser.each = always
	fields = []field{
		{name: "port", what: func() string { return language.T("a port, a range such as 3000-3010, or >1023") }, parse: portIs},
		{name: "pid", what: func() string { return language.T("the number of a process") }, parse: pidIs, each: always},
		{name: "proto", other: "protocol", what: func() string { return language.T("tcp or udp, with 4 or 6 for one family") },
			parse: protoIs, each: byFamily},
		{name: "state", what: func() string { return "listen, established, time_wait, closing ..." }, parse: stateIs, each: always},
		{name: "local", what: func() string { return language.T("the address here, or a network such as 10.0.0.0/8") }, parse: addressIs(atLocal), each: always},
		{name: "remote", what: func() string { return language.T("the address at the other end, or a network such as 10.0.0.0/8") }, parse: addressIs(atRemote), each: always},
		{name: "addr", other: "address", what: func() string { return language.T("an address at either end, or a network") }, parse: addressIs(atEither), each: always},
		textOf("service", func() string { return language.T("the name of a service") }, func(b []byte, r *Row) []byte { return append(b, r.Service...) }),
		ofLabel("app", func() string { return language.T("the name of an app") }, func(l *label) string { return l.words.app }),
		ofLabel("name", func() string { return language.T("the name of a process, or what it runs") }, func(l *label) string { return l.nameSearch }),
		ofLabel("process", func() string { return language.T("the name of a process") }, func(l *label) string { return l.processSearch }),
		{name: "class", what: func() string { return "listening, outgoing, incoming, closing, unconnected" }, parse: classIs, each: always},
		{name: "kind", what: func() string { return kindNames }, parse: kindIs},
		ofLabel("container", func() string { return language.T("the name or the image of a container") }, func(l *label) string { return l.words.container }),
		ofLabel("unit", func() string { return language.T("the name of a systemd unit") }, func(l *label) string { return l.words.unit }),
		ofLabel("in", func() string { return language.T("the terminal that it was started in") }, func(l *label) string { return l.inKey }),
		ofUser,
		{name: "exposed", what: func() string { return language.T("yes or no: other computers can reach it") }, parse: yesOrNo(Exposed), each: always},
		{name: "ephemeral", what: func() string { return language.T("yes or no: the system chose the port") }, parse: yesOrNo(func(r *Row) bool { return r.Ephemeral }), each: always},
		{name: "since", what: func() string { return language.T("a time: first seen within 30s, 5m, 2h or 1d") }, parse: sinceIs},
	}
}

// Exposed reports whether other computers can reach the row's socket.
func Exposed(r *Row) bool { return r.Exposure == port.Network || r.Exposure == port.LinkLocal }

// fieldNames is for the message about a field that is none of them.
const fieldNames = "port, pid, proto, state, class, local, remote, addr, service, app, name, process, kind, container, unit, in, user, exposed, ephemeral and since"

// fieldNamed gives the field of that name, whatever the case; nil when there is none.
func fieldNamed(name string) *field {
	name = strings.ToLower(name)
	for i := range fields {
		if f := &fields[i]; name == f.name || name == f.other && name != "" {
			return f
		}
	}
	return nil
}

// fieldWords are the names of all fields.
func fieldWords() []string {
	var all []string
	for i := range fields {
		all = append(all, fields[i].name)
	}
	return all
}

func lower(s string) string { return strings.ToLower(s) }

// textIs makes a field that holds when the text, which is added to b in lower
// case, has one of the values in it.
func textIs(text func(b []byte, r *Row) []byte) func(*parser, word) (condition, *QueryError) {
	return func(_ *parser, value word) (condition, *QueryError) {
		var wanted [][]byte
		for _, part := range value.list() {
			if part.text == "" {
				return nil, part.lacks(language.T("a word must follow the comma"))
			}
			wanted = append(wanted, []byte(lower(part.text)))
		}
		return func(m *matcher, r *Row) bool {
			m.scratch = text(m.scratch[:0], r)
			return containsAny(m.scratch, wanted)
		}, nil
	}
}

func containsAny(text []byte, wanted [][]byte) bool {
	for _, w := range wanted {
		if bytes.Contains(text, w) {
			return true
		}
	}
	return false
}

// yesOrNo makes a field that is true or not; the beginning of the word is enough.
func yesOrNo(is func(*Row) bool) func(*parser, word) (condition, *QueryError) {
	return func(_ *parser, value word) (condition, *QueryError) {
		want, known := asYes(value.text)
		if !known {
			return nil, value.wrong(language.F("%q is neither yes nor no", short(value.text)))
		}
		return func(_ *matcher, r *Row) bool { return is(r) == want }, nil
	}
}

// asYes understands yes and no.
func asYes(text string) (yes, known bool) {
	text = lower(text)
	yes = text != "" && strings.HasPrefix("yes", text)
	return yes, yes || text != "" && strings.HasPrefix("no", text)
}
