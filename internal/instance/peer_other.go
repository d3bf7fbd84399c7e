//go:build !linux && !darwin

package instance

import (
	"errors"
	"net"
)

// errNobodyListens is not known on this system.
var errNobodyListens = errors.ErrUnsupported

// peerUser is not written for this system.
func peerUser(*net.UnixConn) (uid int, err error) { return -1, errors.ErrUnsupported }
