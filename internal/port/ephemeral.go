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
	var ends [2]uint16
	for i, word := range words {
		n, err := strconv.ParseUint(word, 10, 16)
		if err != nil {
			return Range{}, fmt.Errorf("parse port range %.40q: %w", text, err)
		}
		ends[i] = uint16(n)
	}
	if ends[0] == 0 || ends[0] > ends[1] {
		return Range{}, fmt.Errorf("parse port range %.40q: not a range of ports", text)
	}
	return Range{First: ends[0], Last: ends[1]}, nil
}
