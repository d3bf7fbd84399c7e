package port

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"strconv"
	"strings"
	"sync"
)

// registryFile is IANA's registry, one line a port and protocol: protocol, port, service name and
// description, parted by tabs. `make services` makes it anew.
//
//go:embed registry.tsv.gz
var registryFile []byte

// Registration is what IANA's registry says of a port.
type Registration struct {
	Name        string // "postgresql"
	Description string // "PostgreSQL Database"; "" when the registry has none
}

type endpoint struct {
	protocol string
	port     uint16
}

// registry is unpacked when it is asked for the first time: most runs never do.
var registry = sync.OnceValue(func() map[endpoint]Registration { return readRegistry(registryFile) })

// Registered tells for which service IANA has set a port aside ("tcp" or "udp"; RFC 6335). That
// is no proof that this service uses it; see Service for what is usually found there. ok is false when nobody has registered it.
func Registered(protocol string, p uint16) (r Registration, ok bool) {
	r, ok = registry()[endpoint{protocol, p}]
	return r, ok
}

// readRegistry unpacks the table. Our own file is whole: a test reads it.
func readRegistry(file []byte) map[endpoint]Registration {
	unpacked, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil
	}
	text, err := io.ReadAll(unpacked)
	if err != nil {
		return nil
	}
	all := make(map[endpoint]Registration, bytes.Count(text, []byte("\n")))
	for line := range strings.Lines(string(text)) {
		fields := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 4)
		if len(fields) != 4 {
			continue
		}
		if p, err := strconv.ParseUint(fields[1], 10, 16); err == nil {
			all[endpoint{fields[0], uint16(p)}] = Registration{fields[2], fields[3]}
		}
	}
	return all
}
