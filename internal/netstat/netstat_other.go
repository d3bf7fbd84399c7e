//go:build !linux && !darwin

package netstat

import (
	"context"
	"errors"
	"fmt"
)

// Reader reads snapshots. This system has none.
type Reader struct{}

// Open gives an error that wraps errors.ErrUnsupported on this system.
func Open() (*Reader, error) {
	return nil, fmt.Errorf("open the socket reader: %w", errors.ErrUnsupported)
}

// Read gives an error that wraps errors.ErrUnsupported on this system.
func (*Reader) Read(context.Context) (*Snapshot, error) {
	return nil, fmt.Errorf("read the sockets: %w", errors.ErrUnsupported)
}

// CountBytes does nothing on this system.
func (*Reader) CountBytes(bool) {}

// Close does nothing on this system.
func (*Reader) Close() error { return nil }
