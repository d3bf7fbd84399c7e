package app

import (
	"bytes"
	"io"
	"os"
)

// readRegular reads at most limit bytes of a file that is one: not a pipe, which would block, nor a device without an end.
func readRegular(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &os.PathError{Op: "read", Path: name, Err: os.ErrInvalid}
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var text bytes.Buffer
	text.Grow(int(min(info.Size(), limit)) + bytes.MinRead) // the size of a file of /proc is 0
	_, err = text.ReadFrom(io.LimitReader(file, limit))
	return text.Bytes(), err
}
