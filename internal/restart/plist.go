package restart

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"howett.net/plist"
)

// maxPlist is the longest launchd plist that is read, in bytes. Apple's longest has about 20 kilobytes.
const maxPlist = 64 << 10

// errPlist says that a file is no property list of a launchd job.
var errPlist = errors.New("it is no launchd job")

// job is what a property list says of a launchd job (launchd.plist(5)).
type job struct {
	Label            string
	Program          string
	ProgramArguments []string
	KeepAlive        keepAlive
	OnDemand         onDemand
	Sockets          present
	StartInterval    present
	WatchPaths       present
	QueueDirectories present
}

// keepAlive is true, false, or a dictionary of conditions.
type keepAlive struct {
	always     bool
	conditions []string // by name
}

// UnmarshalPlist takes anything: what is neither a boolean nor a dictionary is as if it was not there.
func (k *keepAlive) UnmarshalPlist(unmarshal func(any) error) error {
	if unmarshal(&k.always) == nil {
		return nil
	}
	conditions := map[string]present{}
	if unmarshal(&conditions) != nil {
		return nil
	}
	for name := range conditions {
		if len(name) <= 64 && len(k.conditions) < 16 {
			k.conditions = append(k.conditions, name)
		}
	}
	slices.Sort(k.conditions)
	return nil
}

// onDemand is the old name of the opposite of KeepAlive.
type onDemand struct{ off bool }

// UnmarshalPlist takes anything.
func (o *onDemand) UnmarshalPlist(unmarshal func(any) error) error {
	on := true
	o.off = unmarshal(&on) == nil && !on
	return nil
}

// present is a key whose value is not looked at, and so not built either: a few kilobytes of
// binary property list can stand for more than fits into memory.
type present bool

// UnmarshalPlist takes anything.
func (p *present) UnmarshalPlist(func(any) error) error {
	*p = true
	return nil
}

// decodeJob reads a launchd job from a property list, XML or binary.
func decodeJob(data []byte) (j job, err error) {
	switch {
	case len(data) > maxPlist:
		return job{}, fmt.Errorf("read a plist of %d bytes: %w", len(data), errPlist)
	case bytes.HasPrefix(data, []byte("bplist")):
		if !wellFormed(data) {
			return job{}, fmt.Errorf("read a binary plist: its objects do not fit into it: %w", errPlist)
		}
	case !bytes.HasPrefix(bytes.TrimLeft(data, "\ufeff \t\r\n"), []byte("<")):
		return job{}, fmt.Errorf("read a plist: it is neither XML nor binary: %w", errPlist)
	}
	defer func() {
		if r := recover(); r != nil { // the library lets out what the Go runtime finds wrong
			j, err = job{}, fmt.Errorf("decode a plist: %v: %w", r, errPlist)
		}
	}()
	if _, err := plist.Unmarshal(data, &j); err != nil {
		return job{}, fmt.Errorf("decode a plist: %w: %w", err, errPlist)
	}
	if j.Label == "" {
		return job{}, fmt.Errorf("decode a plist: it has no Label: %w", errPlist)
	}
	// The library's strings are parts of data: they are kept alone.
	j.Label, j.Program = strings.Clone(j.Label), strings.Clone(j.Program)
	j.ProgramArguments = slices.Clone(j.ProgramArguments[:min(len(j.ProgramArguments), 32)])
	for i, a := range j.ProgramArguments {
		j.ProgramArguments[i] = strings.Clone(a)
	}
	return j, nil
}

// The binary property list (CFBinaryPList.c): a header, objects, a table of their offsets, a trailer.
const (
	bplistHeader  = 8 // "bplist00"
	bplistTrailer = 32
)

// wellFormed says whether every object of a binary property list lies inside it. The library
// trusts the lengths in it, and a wrong one is a string that reaches beyond all memory.
func wellFormed(data []byte) bool {
	if len(data) < bplistHeader+1+bplistTrailer {
		return false
	}
	trailer := data[len(data)-bplistTrailer:]
	offsetSize, refSize := int(trailer[6]), int(trailer[7])
	count, top, table := binary.BigEndian.Uint64(trailer[8:]), binary.BigEndian.Uint64(trailer[16:]), binary.BigEndian.Uint64(trailer[24:])
	if offsetSize < 1 || offsetSize > 8 || refSize < 1 || refSize > 8 || count == 0 || count > uint64(len(data)) || top >= count {
		return false
	}
	end := uint64(len(data) - bplistTrailer)
	if table < bplistHeader+1 || table >= end || count*uint64(offsetSize) != end-table {
		return false
	}
	objects := data[:table]
	for i := range count {
		at := table + i*uint64(offsetSize)
		offset := bigEndian(data[at : at+uint64(offsetSize)])
		if offset < bplistHeader || offset >= table || !objectFits(objects, int(offset), refSize) {
			return false
		}
	}
	return true
}

func bigEndian(b []byte) uint64 {
	var n uint64
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return n
}

// objectFits says whether the object at an offset ends where the objects do, or before.
func objectFits(objects []byte, at, refSize int) bool {
	kind, n := objects[at]>>4, int(objects[at]&0xf)
	rest := len(objects) - at - 1
	switch kind {
	case 0x0: // null, false, true
		return true
	case 0x1, 0x2: // integer, real: 2^n bytes
		return n <= 4 && 1<<n <= rest
	case 0x3: // date
		return rest >= 8
	case 0x8: // UID: n+1 bytes
		return n+1 <= rest
	}
	if n == 0xf { // the count follows, as an integer
		if rest < 1 || objects[at+1]>>4 != 0x1 {
			return false
		}
		size := 1 << (objects[at+1] & 0xf)
		if size > 8 || size+1 > rest {
			return false
		}
		count := bigEndian(objects[at+2 : at+2+size])
		if count > uint64(len(objects)) {
			return false
		}
		n, rest = int(count), rest-1-size
	}
	switch kind {
	case 0x4, 0x5: // data, ASCII
		return n <= rest
	case 0x6: // UTF-16
		return 2*n <= rest
	case 0xa: // array
		return n*refSize <= rest
	case 0xd: // dictionary: keys, then values
		return 2*n*refSize <= rest
	default:
		return false
	}
}
