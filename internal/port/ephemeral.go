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
