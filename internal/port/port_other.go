//go:build !linux && !darwin

package port

import (
	"errors"
	"fmt"
)

// EphemeralRange reads the range from which the kernel takes a local port for
// a program that did not ask for a certain one. On this system it is not known
// how: the error is errors.ErrUnsupported.
func EphemeralRange() (Range, error) {
	return Range{}, fmt.Errorf("read ephemeral port range: %w", errors.ErrUnsupported)
}
