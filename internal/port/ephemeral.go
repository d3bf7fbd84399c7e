package port

import (
	"fmt"
	"strconv"
	"strings"
)

// parseRange understands the text of Linux's ip_local_port_range: two decimal
// numbers parted by blanks, the first not above the second.
func parseRange(text string) (Range, error) {
	words := strings.Fields(text)
	if len(words) != 2 {
		return Range{}, fmt.Errorf("parse port range %.40q: want two numbers", text)
	}
	first, err1 := strconv.ParseUint(words[0], 10, 16)
	last, err2 := strconv.ParseUint(words[1], 10, 16)
	if err1 != nil || err2 != nil {
		// Not wrapped: strconv's error has the whole word in it, however long.
		return Range{}, fmt.Errorf("parse port range %.40q: want numbers up to 65535", text)
	}
	if first == 0 || first > last {
		return Range{}, fmt.Errorf("parse port range %.40q: want two ports, the lower one first", text)
	}
	return Range{First: uint16(first), Last: uint16(last)}, nil
}

// without gives the range without the ports of ip_local_reserved_ports, a list like
// "8080,9148-9200" (networking/ip-sysctl). An empty list takes nothing away.
func (r Range) without(list string) (Range, error) {
	list = strings.TrimSpace(list)
	if list == "" {
		return r, nil
	}
	reserved := new(portSet)
	for part := range strings.SplitSeq(list, ",") {
		from, to, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			to = from
		}
		first, err1 := strconv.ParseUint(from, 10, 16)
		last, err2 := strconv.ParseUint(to, 10, 16)
		if err1 != nil || err2 != nil || first > last {
			return r, fmt.Errorf("parse reserved ports: %.40q is neither a port nor a range of ports", part)
		}
		for p := first; p <= last; p++ {
			reserved.add(uint16(p))
		}
	}
	r.reserved = reserved
	return r, nil
}
