package table

import (
	"bytes"
	"net/netip"
	"strings"
	"unicode"

	"portolan/internal/language"
)

// endSet is at which ends of a socket an address is looked for.
type endSet uint8

const (
	atLocal endSet = 1 << iota
	atRemote
	atEither = atLocal | atRemote
)

// network is a block of addresses.
type network struct {
	prefix netip.Prefix
	zone   string // lower case; "": any
}

// parseNetwork understands "10.0.0.0/8", "fe80::/10", and with a zone "fe80::/10%en0" or "fe80::%en0/10".
func parseNetwork(text string) (network, bool) {
	address, bits, isPrefix := strings.Cut(text, "/")
	if !isPrefix {
		return network{}, false
	}
	address, zone, zoned := strings.Cut(address, "%")
	if !zoned {
		bits, zone, zoned = strings.Cut(bits, "%")
	}
	prefix, err := netip.ParsePrefix(address + "/" + bits)
	if err != nil || zoned && (zone == "" || prefix.Addr().Is4()) {
		return network{}, false
	}
	if prefix.Addr().Is4In6() && prefix.Bits() >= 96 {
		prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
	}
	return network{prefix.Masked(), lower(zone)}, true
}

// holds reports whether the address is in the network; one of IPv4 is the same when it is written as IPv6.
func (n network) holds(a netip.Addr) bool {
	if n.zone != "" && lower(a.Zone()) != n.zone {
		return false
	}
	return n.prefix.Contains(a.Unmap().WithZone(""))
}

// of gives the condition that one of the ends is in the network.
func (n network) of(at endSet) condition {
	return func(_ *matcher, r *Row) bool {
		return at&atLocal != 0 && n.holds(r.Socket.Local.Addr()) || at&atRemote != 0 && n.holds(r.Socket.Remote.Addr())
	}
}

// addressIs makes a field for addresses at these ends.
func addressIs(at endSet) func(*parser, word) (condition, *QueryError) {
	return func(_ *parser, value word) (condition, *QueryError) {
		var wanted []condition
		begin := 0 // of the part
		for _, part := range value.list() {
			match, isPort, err := addressPart(at, part)
			if err != nil {
				return nil, err
			}
			if isPort { // the commas that follow part ports
				spans, err := parsePorts(value.from(begin + 1))
				if err != nil {
					return nil, err
				}
				return anyOf(append(wanted, portAt(at, spans))), nil
			}
			wanted = append(wanted, match)
			begin += len(part.text) + 1
		}
		return anyOf(wanted), nil
	}
}

// addressPart understands one value: a network, a part of an address, or the colon of a port.
func addressPart(at endSet, part word) (match condition, isPort bool, err *QueryError) {
	switch {
	case part.text == "":
		return nil, false, part.lacks(language.T("a word must follow the comma"))
	case part.isQuoted(len(part.text)):
		return addressHas(at, part.text), false, nil
	case part.text == ":", len(part.text) > 1 && part.text[0] == ':' && part.text[1] != ':':
		return nil, true, nil
	}
	slash := part.index('/')
	if slash < 0 {
		return addressHas(at, part.text), false, nil
	}
	n, ok := parseNetwork(part.text)
	if !ok {
		e := part.wrong(language.F("%q is no network; write it as 10.0.0.0/8 or fe80::/10", short(part.text)))
		e.Unfinished = slash == len(part.text)-1
		return nil, false, e
	}
	return n.of(at), false, nil
}

// portAt holds when the port of one of the ends is in the spans.
func portAt(at endSet, spans []span) condition {
	return func(_ *matcher, r *Row) bool {
		return at&atLocal != 0 && inSpans(spans, uint64(r.Socket.Local.Port())) ||
			at&atRemote != 0 && r.Socket.Remote.IsValid() && inSpans(spans, uint64(r.Socket.Remote.Port()))
	}
}

// addressHas holds when one of the ends has the text in it, or is this address written in another way.
func addressHas(at endSet, text string) condition {
	wanted := []byte(lower(text))
	same, err := netip.ParseAddr(text)
	known := err == nil
	same = same.Unmap()
	has := func(m *matcher, end netip.AddrPort) bool {
		return known && end.Addr().Unmap() == same || bytes.Contains(m.scratch, wanted)
	}
	return func(m *matcher, r *Row) bool {
		if at&atLocal != 0 {
			m.scratch = lowerASCII(appendLocal(m.scratch[:0], r.Socket))
			if has(m, r.Socket.Local) {
				return true
			}
		}
		if at&atRemote == 0 {
			return false
		}
		m.scratch = lowerASCII(appendAddrPort(m.scratch[:0], r.Socket.Remote))
		return has(m, r.Socket.Remote)
	}
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
