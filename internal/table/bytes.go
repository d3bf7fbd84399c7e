package table

import (
	"strconv"
	"strings"

	"portolan/internal/language"
)

// Bytes gives a number of bytes as a person reads it, in powers of a thousand
// as both systems' file managers do: "812 B", "1.2 kB", "34.5 MB", "120 GB"; "" for 0.
func Bytes(n uint64) string {
	if n == 0 {
		return ""
	}
	if n < 1000 {
		return strconv.FormatUint(n, 10) + " B"
	}
	const prefixes = "kMGTPE" // a uint64 ends at 18.4 EB
	value, step := float64(n)/1000, 0
	for value >= 999.5 {
		value, step = value/1000, step+1
	}
	decimals := 1
	if value >= 99.95 {
		decimals = 0
	}
	return Decimal(value, decimals) + " " + prefixes[step:step+1] + "B"
}

// Decimal gives a number with so many digits behind the point, which is a comma in some languages.
func Decimal(value float64, digits int) string {
	text := strconv.FormatFloat(value, 'f', digits, 64)
	if point := language.T("."); point != "." {
		return strings.Replace(text, ".", point, 1)
	}
	return text
}
