package export

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

// wantFiles: these are in the folder, and nothing that was left behind.
func wantFiles(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, ok := want[e.Name()]; !ok {
			t.Errorf("%s was left behind", e.Name())
		}
	}
	for name, content := range want {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != content {
			t.Errorf("%s has %q, %v", name, got, err)
		}
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ports.csv")
	if err := WriteFile(path, false, text("one")); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(path, false, text("two")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file that is there: %v", err)
	}
	wantFiles(t, dir, map[string]string{"ports.csv": "one"})
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(path, true, text("two")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("replaced: %v, %v", info.Mode(), err)
	}
	wantFiles(t, dir, map[string]string{"ports.csv": "two"})
}

// What fails leaves all as it was.
func TestWriteFileFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ports.csv")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	half := func(w io.Writer) error {
		_, _ = io.WriteString(w, strings.Repeat("x", 1<<20))
		return &fs.PathError{Op: "write", Path: path, Err: syscall.ENOSPC}
	}
	if err := WriteFile(path, true, half); !errors.Is(err, ErrNoSpace) {
		t.Errorf("a full disk: %v", err)
	}
	wantFiles(t, dir, map[string]string{"ports.csv": "old"})
	for name, c := range map[string]struct {
		path string
		want error
	}{
		"a folder that is not there":  {filepath.Join(dir, "nowhere", "ports.csv"), fs.ErrNotExist},
		"a folder of that name":       {dir, ErrNotFile},
		"a device":                    {"/dev/null", ErrNotFile},
		"below a file":                {filepath.Join(path, "ports.csv"), ErrNotFile},
		"a name that is too long":     {filepath.Join(dir, strings.Repeat("n", 300)), syscall.ENAMETOOLONG},
		"a place that takes no files": {"/proc/self/ports.csv", nil},
	} {
		err := WriteFile(c.path, true, text("new"))
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	wantFiles(t, dir, map[string]string{"ports.csv": "old"})
	for _, known := range []struct{ from, to error }{{syscall.EDQUOT, ErrNoSpace}, {syscall.EROFS, ErrReadOnly}, {syscall.EACCES, fs.ErrPermission}} {
		if err := inWords(known.from); !errors.Is(err, known.to) {
			t.Errorf("%v becomes %v", known.from, err)
		}
	}
}

// A link leads to the new file too.
func TestWriteFileThroughALink(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	link, path := filepath.Join(dir, "link.csv"), filepath.Join(other, "ports.csv")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(link, true, text("new")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is none any more: %v", err)
	}
	wantFiles(t, other, map[string]string{"ports.csv": "new"})
}
