//go:build !linux && !darwin

package port

import (
	"errors"
	"fmt"
	"time"
)

// EphemeralRange reads the range from which the kernel takes a local port for
// a program that did not ask for a certain one. On this system it is not known
// how: the error is errors.ErrUnsupported.
func EphemeralRange() (Range, error) {
	return Range{}, fmt.Errorf("read ephemeral port range: %w", errors.ErrUnsupported)
}

// perEnd is not known on this system.
const perEnd = false

// TimeWait tells how long the kernel remembers a closed connection. On this system it is not
// known: the error is errors.ErrUnsupported.
func TimeWait() (time.Duration, error) {
	return 0, fmt.Errorf("read the time of TIME_WAIT: %w", errors.ErrUnsupported)
}
