package app

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"howett.net/plist"
)

// Property lists are read by howett.net/plist, which trusts what it reads: it goes down as deep as a file
// says, makes room for as many objects as it says, and panics where one lies. So a file
// is looked over first, without recursion and without believing any count.

// Limits of a property list. Those of real apps stay far below: the largest Info.plist of macOS's own
// apps have some hundred kilobytes and are some ten levels deep.
const (
	maxPlist = 1 << 20 // bytes
	maxDepth = 64      // levels of a binary one
	// maxElements bounds the tags of collections in XML, and so how deep they can be.
	maxElements = 16384
)

// ErrPlist says what is wrong with a property list that is not read.
var ErrPlist = errors.New("property list is malformed")

// DecodePlist reads a property list, binary or XML, into a struct of what is wanted. Everything
// else in it is passed over. Strings of a binary one are parts of data. The error wraps ErrPlist.
func DecodePlist(data []byte, into any) (err error) {
	if len(data) > maxPlist {
		return fmt.Errorf("%w: it has %d bytes", ErrPlist, len(data))
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(data, []byte("bplist0")) {
		err = checkBinary(data)
	} else {
		err = checkXML(data)
	}
	if err != nil {
		return err
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrPlist, r)
		}
	}()
	if _, err := plist.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%w: %w", ErrPlist, err)
	}
	return nil
}

// checkXML looks over an XML property list: it must begin like one, since the library takes anything
// else for the format of OpenStep, and must not be deep. Elements are not told from comments and text here, which would
// take as long as reading them: there are just not enough words in it that could make a level. Go's
// decoder expands no entities, and the library goes down into nothing but these three.
func checkXML(data []byte) error {
	if !bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("<")) {
		return fmt.Errorf("%w: neither binary nor XML", ErrPlist)
	}
	words := 0
	for _, element := range []string{"array", "dict", "plist"} {
		words += bytes.Count(data, []byte(element))
	}
	if words > maxElements {
		return fmt.Errorf("%w: %d collections", ErrPlist, words)
	}
	return nil
}

// trailerSize is that of the 32 bytes at the end of a binary property list
// (CFBinaryPlistTrailer in CoreFoundation's ForFoundationOnly.h).
const trailerSize = 32

// binaryPlist is the outline of a binary property list: where its objects are.
type binaryPlist struct {
	data          []byte
	offsetSize    int
	referenceSize int
	objects       uint64
	top           uint64
	table         uint64 // where the table of offsets begins; objects end there
}

// checkBinary looks over a binary property list: every object lies before the table, the
// collections together name no more objects than there are bytes, so that none is in the file for the sake
// of another's length, no way down from the top is long or comes round to its beginning, and what is
// there is not too much when each object that is named twice is there twice.
func checkBinary(data []byte) error {
	p, err := outline(data)
	if err != nil {
		return err
	}
	d := descent{binaryPlist: p, budget: len(data), reached: make([]reach, p.objects)}
	if err := d.enter(p.top); err != nil {
		return err
	}
	for len(d.way) > 0 {
		s := &d.way[len(d.way)-1]
		if len(s.members) == 0 {
			if err := d.leave(); err != nil {
				return err
			}
			continue
		}
		child := number(s.members[:p.referenceSize])
		s.members = s.members[p.referenceSize:]
		if child >= p.objects {
			return fmt.Errorf("%w: object %d of %d", ErrPlist, child, p.objects)
		}
		switch r := d.reached[child]; {
		case r.underway:
			return fmt.Errorf("%w: object %d holds itself", ErrPlist, child)
		case r.size > 0:
			s.add(r)
		default:
			if err := d.enter(child); err != nil {
				return err
			}
		}
	}
	return nil
}

// descent is a way down through the objects of a list, by hand and not by calls.
type descent struct {
	binaryPlist
	budget  int // bytes of members that may still be claimed
	reached []reach
	way     []step
}

// reach is what is known of an object: how many levels it has and how many objects are in it, itself too.
type reach struct {
	levels   int
	size     int // 0: it was not met yet
	underway bool
}

// step is one object on the way, with the members that are still to be looked at.
type step struct {
	reach
	object  uint64
	members []byte
}

// add takes a member in.
func (s *step) add(member reach) {
	s.levels = max(s.levels, member.levels+1)
	s.size += member.size
}

// enter goes down to an object.
func (d *descent) enter(object uint64) error {
	members, err := d.members(object, &d.budget)
	if err != nil {
		return err
	}
	d.reached[object].underway = true
	d.way = append(d.way, step{object: object, members: members, reach: reach{levels: 1, size: 1}})
	if len(d.way) > maxDepth {
		return fmt.Errorf("%w: more than %d levels", ErrPlist, maxDepth)
	}
	return nil
}

// leave goes back up from the object at the end of the way.
func (d *descent) leave() error {
	done := d.way[len(d.way)-1]
	if done.levels > maxDepth || done.size > maxPlist {
		return fmt.Errorf("%w: object %d has %d levels and %d objects", ErrPlist, done.object, done.levels, done.size)
	}
	d.reached[done.object] = done.reach
	if d.way = d.way[:len(d.way)-1]; len(d.way) > 0 {
		d.way[len(d.way)-1].add(done.reach)
	}
	return nil
}

// outline reads the trailer.
func outline(data []byte) (binaryPlist, error) {
	if len(data) < trailerSize+9 {
		return binaryPlist{}, fmt.Errorf("%w: %d bytes", ErrPlist, len(data))
	}
	t := data[len(data)-trailerSize:]
	p := binaryPlist{data: data, offsetSize: int(t[6]), referenceSize: int(t[7]),
		objects: binary.BigEndian.Uint64(t[8:]), top: binary.BigEndian.Uint64(t[16:]), table: binary.BigEndian.Uint64(t[24:])}
	end := uint64(len(data) - trailerSize)
	switch {
	case p.offsetSize < 1 || p.offsetSize > 8 || p.referenceSize < 1 || p.referenceSize > 8:
		return p, fmt.Errorf("%w: offsets of %d bytes, references of %d", ErrPlist, p.offsetSize, p.referenceSize)
	case p.table < 8 || p.table >= end || p.objects == 0 || p.objects > end || p.objects*uint64(p.offsetSize) > end-p.table:
		return p, fmt.Errorf("%w: %d objects", ErrPlist, p.objects)
	case p.top >= p.objects:
		return p, fmt.Errorf("%w: the top is object %d of %d", ErrPlist, p.top, p.objects)
	}
	return p, nil
}

// members gives the references of a collection, nil for any other object, and takes its bytes from budget: strings
// too, since the library copies the same one again for each object that claims it.
func (p *binaryPlist) members(object uint64, budget *int) ([]byte, error) {
	entry := p.table + object*uint64(p.offsetSize)
	offset := number(p.data[entry:][:p.offsetSize])
	if offset < 8 || offset >= p.table {
		return nil, fmt.Errorf("%w: object %d at offset %d", ErrPlist, object, offset)
	}
	body := p.data[offset:p.table]
	marker := body[0]
	each, count := uint64(0), uint64(marker&0x0f)
	switch marker >> 4 {
	case 0x4, 0x5: // data, ASCII
		each = 1
	case 0x6: // UTF-16
		each = 2
	case 0xa, 0xc: // array, set
		each = uint64(p.referenceSize)
	case 0xd: // dictionary: keys, then values
		each = 2 * uint64(p.referenceSize)
	default:
		return nil, nil
	}
	body = body[1:]
	if count == 0x0f {
		var err error
		if count, body, err = longCount(body); err != nil {
			return nil, err
		}
	}
	if count > uint64(len(body))/each || count*each > uint64(*budget) {
		return nil, fmt.Errorf("%w: object %d has %d members", ErrPlist, object, count)
	}
	*budget -= int(count * each)
	if marker>>4 < 0xa {
		return nil, nil
	}
	return body[:count*each], nil
}

// longCount reads a count that does not fit in the marker: an integer object.
func longCount(body []byte) (count uint64, rest []byte, err error) {
	if len(body) == 0 || body[0]>>4 != 0x1 || body[0]&0x0f > 3 {
		return 0, nil, fmt.Errorf("%w: a count that is no integer", ErrPlist)
	}
	size := 1 << (body[0] & 0x0f)
	if len(body) < 1+size {
		return 0, nil, fmt.Errorf("%w: a count is cut off", ErrPlist)
	}
	return number(body[1:][:size]), body[1+size:], nil
}

// number reads a big-endian number of 1 to 8 bytes.
func number(b []byte) (n uint64) {
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return n
}
