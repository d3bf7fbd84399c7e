//go:build !unix

package instance

import (
	"errors"
	"io/fs"
	"os"
)

// lockFile is not written for this system.
func lockFile(*os.File) error { return errors.ErrUnsupported }

// ownedByUs is not written for this system.
func ownedByUs(fs.FileInfo) bool { return false }
