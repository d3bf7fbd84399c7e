package netstat

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// direntHead is the size of what precedes the name in a directory entry of getdents64(2):
//
//	struct linux_dirent64 { u64 d_ino; s64 d_off; u16 d_reclen; u8 d_type; char d_name[]; };
const direntHead = 19

// dirent is one entry of a directory of /proc whose name is a number.
type dirent struct {
	number int    // a PID, or a descriptor
	inode  uint64 // of the entry: while the kernel keeps it, a PID given anew has another
	name   int    // offset of the name, which ends in a zero, in the buffer
}

var errDirent = errors.New("broken directory entry")

// nextDirent decodes the first entry at or after offset whose name is a number.
// It gives the offset behind it; ok is false when there is none left.
func nextDirent(b []byte, offset int) (d dirent, next int, ok bool, err error) {
	for offset < len(b) {
		rest := b[offset:]
		if len(rest) < direntHead+1 {
			return d, offset, false, fmt.Errorf("%w at offset %d: %d bytes left", errDirent, offset, len(rest))
		}
		length := int(binary.NativeEndian.Uint16(rest[16:]))
		if length < direntHead+1 || length > len(rest) {
			return d, offset, false, fmt.Errorf("%w at offset %d: length %d of %d bytes left", errDirent, offset, length, len(rest))
		}
		name, _, ended := bytes.Cut(rest[direntHead:length], []byte{0})
		if !ended {
			return d, offset, false, fmt.Errorf("%w at offset %d: the name has no end", errDirent, offset)
		}
		if n, isNumber := number(name); isNumber {
			d = dirent{number: int(n), inode: binary.NativeEndian.Uint64(rest), name: offset + direntHead}
			return d, offset + length, true, nil
		}
		offset += length
	}
	return d, offset, false, nil
}

// socketInode reads the link of a descriptor, "socket:[INODE]" when it is a
// socket (sockfs_dname in net/socket.c). It gives 0, which is no socket's inode, and false for everything else.
func socketInode(link []byte) (inode uint32, ok bool) {
	const prefix = "socket:["
	if len(link) < len(prefix)+2 || string(link[:len(prefix)]) != prefix || link[len(link)-1] != ']' {
		return 0, false
	}
	n, ok := number(link[len(prefix) : len(link)-1])
	return n, ok && n != 0
}

// number reads a decimal number of at most 32 bits, as the kernel prints it: digits only, no leading zero.
func number(text []byte) (uint32, bool) {
	if len(text) == 0 || len(text) > 10 || text[0] == '0' && len(text) > 1 {
		return 0, false
	}
	var n uint64
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	if n > math.MaxUint32 {
		return 0, false
	}
	return uint32(n), true
}
