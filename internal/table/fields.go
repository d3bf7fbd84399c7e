package table

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/port"
)

// condition tells whether a row is wanted, as far as one term goes.
type condition = func(*matcher, *Row) bool

// fields are the words that may stand before a colon, each with what
// understands the value after it.
var fields = map[string]func(value string) (condition, error){
	"port":      portIs,
	"pid":       pidIs,
	"proto":     protocolIs,
	"protocol":  protocolIs,
	"state":     stateIs,
	"local":     textField(func(b []byte, r *Row) []byte { return lowerASCII(appendLocal(b, r.Socket)) }),
	"remote":    textField(func(b []byte, r *Row) []byte { return lowerASCII(appendAddrPort(b, r.Socket.Remote)) }),
	"service":   textField(func(b []byte, r *Row) []byte { return append(b, r.Service...) }),
	"process":   textField(func(b []byte, r *Row) []byte { return append(b, r.who().processSearch...) }),
	"app":       textField(func(b []byte, r *Row) []byte { return append(b, r.who().words.app...) }),
	"container": textField(func(b []byte, r *Row) []byte { return append(b, r.who().words.container...) }),
	"unit":      textField(func(b []byte, r *Row) []byte { return append(b, r.who().words.unit...) }),
	"in":        textField(func(b []byte, r *Row) []byte { return append(b, r.who().inKey...) }),
	"kind":      kindIs,
	"user":      textField(func(b []byte, r *Row) []byte { return append(b, r.who().userKey...) }),
	"exposed":   yesOrNo(func(r *Row) bool { return r.Exposure == port.Network || r.Exposure == port.LinkLocal }),
	"ephemeral": yesOrNo(func(r *Row) bool { return r.Ephemeral }),
	"class":     classIs,
}

// fieldNames is for the message about a field that is none of them.
const fieldNames = "port, pid, proto, state, local, remote, service, process, app, kind, container, unit, in, user, exposed, ephemeral and class"

// span is a range of numbers, both ends included.
type span struct{ first, last uint64 }

func portIs(value string) (condition, error) {
	spans, err := parseSpans(value, 1<<16-1)
	if err != nil {
		return nil, fmt.Errorf("a port is a number from 0 to 65535, or a range such as 3000-3010: %w", err)
	}
	return func(_ *matcher, r *Row) bool { return inSpans(spans, uint64(r.Socket.Local.Port())) }, nil
}

func pidIs(value string) (condition, error) {
	spans, err := parseSpans(value, 1<<31-1) // pid_t is a signed 32-bit number on both systems
	if err != nil {
		return nil, fmt.Errorf("a PID is a number, 1 or more: %w", err)
	}
	return func(_ *matcher, r *Row) bool {
		return r.Owner != nil && inSpans(spans, uint64(r.Owner.Process.PID))
	}, nil
}

// parseSpans understands "3000", "3000-3010", and several of them with commas.
func parseSpans(value string, highest uint64) ([]span, error) {
	var spans []span
	for part := range strings.SplitSeq(value, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, err1 := strconv.ParseUint(first, 10, 64)
		to, err2 := strconv.ParseUint(last, 10, 64)
		if err1 != nil || err2 != nil || from > highest || to > highest {
			return nil, fmt.Errorf("not %q", short(part))
		}
		if from > to {
			return nil, fmt.Errorf("%q ends before it begins", short(part))
		}
		spans = append(spans, span{from, to})
	}
	return spans, nil
}

func inSpans(spans []span, n uint64) bool {
	for _, s := range spans {
		if s.first <= n && n <= s.last {
			return true
		}
	}
	return false
}

// protocols are the values of proto:, with the family as 4, 6, or 0 for both.
var protocols = map[string]struct {
	protocol netstat.Protocol
	family   int
}{
	"tcp": {netstat.TCP, 0}, "tcp4": {netstat.TCP, 4}, "tcp6": {netstat.TCP, 6},
	"udp": {netstat.UDP, 0}, "udp4": {netstat.UDP, 4}, "udp6": {netstat.UDP, 6},
}

// isProtocol reports whether a word alone means a protocol.
func isProtocol(text string) bool {
	_, known := protocols[strings.ToLower(text)]
	return known
}

func protocolIs(value string) (condition, error) {
	want, known := protocols[strings.ToLower(value)]
	if !known {
		return nil, fmt.Errorf("%q is no protocol; use tcp or udp, with 4 or 6 for one family", short(value))
	}
	return func(_ *matcher, r *Row) bool {
		if r.Socket.Protocol != want.protocol {
			return false
		}
		v4 := r.Socket.Local.Addr().Unmap().Is4()
		return want.family == 0 || r.Socket.DualStack || v4 == (want.family == 4)
	}, nil
}

// stateIs understands the beginning of a state's name, with or without the
// underscores, and several with commas.
func stateIs(value string) (condition, error) {
	var wanted uint32
	for part := range strings.SplitSeq(value, ",") {
		found := statesNamed(part)
		if found == 0 {
			return nil, fmt.Errorf("%q is no state; use listen, established, syn_sent, fin_wait, close_wait, time_wait, closing or closed", short(part))
		}
		wanted |= found
	}
	return func(_ *matcher, r *Row) bool { return wanted&(1<<r.Socket.State) != 0 }, nil
}

// otherNames are what ss and the two netstats call states, where it is not the
// beginning of our name.
var otherNames = map[string]netstat.State{
	"listening": netstat.Listen,
	"synrecv":   netstat.SynReceived,
	"synrcvd":   netstat.SynReceived,
	"unconn":    netstat.Closed,
}

// statesNamed gives the states that a word means, as bits.
func statesNamed(text string) uint32 {
	word := strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(text))
	var found uint32
	for s := netstat.Listen; s <= netstat.Closed; s++ {
		name := strings.ReplaceAll(strings.ToLower(s.String()), "_", "")
		switch {
		case word == "closing" && closing(s):
		case otherNames[word] == s:
		case word != "" && word != "closing" && strings.HasPrefix(name, word):
		default:
			continue
		}
		found |= 1 << s
	}
	return found
}

// kindIs understands the beginning of a kind's name, and several with commas.
func kindIs(value string) (condition, error) {
	var wanted uint32
	for part := range strings.SplitSeq(value, ",") {
		found := kindsNamed(part)
		if found == 0 {
			return nil, fmt.Errorf("%q is no kind of app; use %s", short(part), kindNames)
		}
		wanted |= found
	}
	return func(_ *matcher, r *Row) bool {
		return r.Owner != nil && wanted&(1<<r.Owner.Process.App.Kind) != 0
	}, nil
}

// kindNames is for the message about a kind that is none of them.
const kindNames = "executable, bundle, command, container, unit, snap, flatpak, desktop or launchd"

// kindsNamed gives the kinds that a word means, as bits.
func kindsNamed(text string) uint32 {
	word := strings.ToLower(text)
	var found uint32
	for k := app.Executable; k <= app.Job; k++ {
		if word != "" && strings.HasPrefix(k.String(), word) {
			found |= 1 << k
		}
	}
	return found
}

// textField makes a field that holds when the text, which is added to b in lower
// case, has the value in it.
func textField(text func(b []byte, r *Row) []byte) func(string) (condition, error) {
	return func(value string) (condition, error) {
		if value == "" {
			return nil, errors.New("a word must follow the colon")
		}
		want := []byte(strings.ToLower(value))
		return func(m *matcher, r *Row) bool {
			m.scratch = text(m.scratch[:0], r)
			return bytes.Contains(m.scratch, want)
		}, nil
	}
}

func yesOrNo(is func(*Row) bool) func(string) (condition, error) {
	return func(value string) (condition, error) {
		switch strings.ToLower(value) {
		case "yes":
			return func(_ *matcher, r *Row) bool { return is(r) }, nil
		case "no":
			return func(_ *matcher, r *Row) bool { return !is(r) }, nil
		default:
			return nil, fmt.Errorf("%q is neither yes nor no", short(value))
		}
	}
}
