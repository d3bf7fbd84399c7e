//go:build !linux && !darwin

package process

import (
	"errors"

	"portolan/internal/app"
)

var host system = unsupported{}

// unsupported is every system that is neither Linux nor macOS.
type unsupported struct{}

func (unsupported) entry(int) (entry, error) { return entry{}, errors.ErrUnsupported }

func (unsupported) describe(int, *app.Evidence) (*Process, entry, error) {
	return nil, entry{}, errors.ErrUnsupported
}

func (unsupported) open(ID) (handle, error) { return nil, errors.ErrUnsupported }
