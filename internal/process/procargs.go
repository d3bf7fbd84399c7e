package process

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// procargs is what sysctl kern.procargs2 says a process was started with. The
// environment, which follows the arguments in the kernel's buffer and is full of
// secrets, is not among it, and nothing here refers to it.
type procargs struct {
	argc int32
	path string // as it was given to exec: may be relative, and may not exist any more
	argv []string
}

// decodeProcargs reads argc, the path, and argc strings. An empty string is an argument
// like any other, so only the padding between the path and the first
// argument is skipped. A cut buffer gives the arguments that are there. No more than
// maxArgs are read, and no more than maxArgsLen bytes of them.
func decodeProcargs(buf []byte) (procargs, error) {
	if len(buf) < 4 {
		return procargs{}, fmt.Errorf("decode procargs2: %d bytes of 4", len(buf))
	}
	a := procargs{argc: int32(binary.LittleEndian.Uint32(buf))}
	path, rest, ended := bytes.Cut(buf[4:], []byte{0})
	a.path = string(path)
	if !ended {
		return a, nil
	}
	rest = bytes.TrimLeft(rest, "\x00")
	left := maxArgsLen
	for range min(a.argc, maxArgs) {
		arg, after, ended := bytes.Cut(rest, []byte{0})
		if !ended && len(arg) == 0 {
			break
		}
		if len(arg) > left {
			a.argv = append(a.argv, string(arg[:left]))
			break
		}
		left -= len(arg)
		a.argv = append(a.argv, string(arg))
		rest = after
	}
	return a, nil
}
