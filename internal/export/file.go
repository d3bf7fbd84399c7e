package export

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// What WriteFile fails with, besides fs.ErrExist, fs.ErrNotExist and fs.ErrPermission.
var (
	// ErrNoSpace: the disk is full, or the user has no room left on it.
	ErrNoSpace = errors.New("no space left")
	// ErrReadOnly: nothing can be written on that disk.
	ErrReadOnly = errors.New("the disk is read-only")
	// ErrNotFile: there is something else of that name, a folder for example.
	ErrNotFile = errors.New("not a file")
)

// WriteFile makes a file of what write writes. It is there whole or not at all: what is written goes to a file
// beside it, which then takes its name. A file of that name is replaced, with its permissions kept, when replace is
// set; else that is an fs.ErrExist.
func WriteFile(path string, replace bool, write func(io.Writer) error) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // the link stays one
	}
	mode, err := standing(path, replace)
	if err != nil {
		return err
	}
	beside := filepath.Join(filepath.Dir(path), ".portolan-"+rand.Text())
	if err := fill(beside, mode, write); err != nil {
		_ = os.Remove(beside)
		return inWords(err)
	}
	if err := os.Rename(beside, path); err != nil {
		_ = os.Remove(beside)
		return inWords(err)
	}
	return nil
}

// standing looks at what is there already, and gives the permissions for the new file; 0: the usual ones.
func standing(path string, replace bool) (fs.FileMode, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, inWords(err)
	case !info.Mode().IsRegular():
		return 0, &fs.PathError{Op: "write", Path: path, Err: ErrNotFile}
	case !replace:
		return 0, &fs.PathError{Op: "write", Path: path, Err: fs.ErrExist}
	default:
		return info.Mode().Perm(), nil
	}
}

// fill makes the file. On an error there may be a part of it.
func fill(path string, mode fs.FileMode, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) // less what the user's mask takes away
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(file, 1<<16)
	err = write(out)
	if err == nil {
		err = out.Flush()
	}
	if err == nil && mode != 0 {
		err = file.Chmod(mode)
	}
	if err == nil {
		err = file.Sync() // a full disk may say so only now
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// inWords gives the errors that a person can do something about a name of ours.
func inWords(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: %w", ErrNoSpace, err)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	case errors.Is(err, syscall.EISDIR), errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%w: %w", ErrNotFile, err)
	default:
		return err
	}
}
