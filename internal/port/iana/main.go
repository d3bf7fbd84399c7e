// Command iana makes registry.tsv.gz of package port anew from IANA's Service Name and Transport
// Protocol Port Number Registry (RFC 6335), which it fetches, or reads from the file that is named.
//
//	go run ./internal/port/iana [FILE.csv]      in the folder of the module
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"
)

const (
	registry = "https://www.iana.org/assignments/service-names-port-numbers/service-names-port-numbers.csv"
	result   = "internal/port/registry.tsv.gz"
	fetching = time.Minute
	// most is far more than the registry has (1.3 MB).
	most = 16 << 20
	// fewest entries there are: a registry with less has been cut off.
	fewest = 10_000
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "iana: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	text, err := read(args)
	if err != nil {
		return err
	}
	table, entries, err := convert(text)
	if err != nil {
		return err
	}
	if entries < fewest {
		return fmt.Errorf("read the registry: it has %d entries, far too few", entries)
	}
	if err := os.WriteFile(result, table, 0o644); err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "%s: %d entries, %d bytes\n", result, entries, len(table))
	return nil
}

func read(args []string) ([]byte, error) {
	if len(args) > 0 {
		return os.ReadFile(args[0])
	}
	client := http.Client{Timeout: fetching}
	answer, err := client.Get(registry)
	if err != nil {
		return nil, fmt.Errorf("fetch the registry: %w", err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was only read
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch the registry: %s", answer.Status)
	}
	return io.ReadAll(io.LimitReader(answer.Body, most))
}

// convert makes the table that package port embeds: lines of protocol, port, name and description,
// parted by tabs, in the registry's order. Of several names of a port the first counts.
func convert(text []byte) (table []byte, entries int, err error) {
	lines := csv.NewReader(bytes.NewReader(text))
	lines.FieldsPerRecord = -1
	head, err := lines.Read()
	if err != nil {
		return nil, 0, fmt.Errorf("read the registry: %w", err)
	}
	if len(head) < 4 || head[0] != "Service Name" || head[1] != "Port Number" || head[2] != "Transport Protocol" || head[3] != "Description" {
		return nil, 0, fmt.Errorf("read the registry: it begins with the columns %q", head)
	}
	var out bytes.Buffer
	packed, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // that level exists
	seen := map[string]bool{}
	for {
		line, err := lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, 0, fmt.Errorf("read the registry: %w", err)
		}
		n, err := writeEntry(packed, line, seen)
		if err != nil {
			return nil, 0, err
		}
		entries += n
	}
	err = packed.Close()
	return out.Bytes(), entries, err
}

// writeEntry writes a line of the registry, one for each port of a range; nothing for one that names no service.
func writeEntry(w io.Writer, line []string, seen map[string]bool) (entries int, err error) {
	if len(line) < 4 || line[0] == "" || line[2] != "tcp" && line[2] != "udp" {
		return 0, nil
	}
	from, to, isRange := strings.Cut(line[1], "-")
	if !isRange {
		to = from
	}
	first, err1 := strconv.ParseUint(from, 10, 16)
	last, err2 := strconv.ParseUint(to, 10, 16)
	if err1 != nil || err2 != nil {
		return 0, nil // a service without a port
	}
	for p := first; p <= last; p++ {
		key := line[2] + strconv.FormatUint(p, 10)
		if seen[key] {
			continue
		}
		seen[key] = true
		if _, err := fmt.Fprintf(w, "%s\t%d\t%s\t%s\n", line[2], p, plain(line[0]), plain(line[3])); err != nil {
			return entries, err
		}
		entries++
	}
	return entries, nil
}

// plain makes one line of a text, without tabs.
func plain(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}
