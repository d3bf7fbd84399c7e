package process

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

func TestDetailsOfOurselves(t *testing.T) {
	d, err := ReadDetails(t.Context(), ourselves())
	if runtime.GOOS == "darwin" && errors.Is(err, errors.ErrUnsupported) {
		return // built without cgo, as the doc comment says
	}
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(d.Command, os.Args) {
		t.Errorf("command %q, want %q", d.Command, os.Args)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if real, err := filepath.EvalSymlinks(here); err != nil || d.Directory != real {
		t.Errorf("directory %q, want %q (%v)", d.Directory, real, err)
	}
	if d.Memory < 1<<20 {
		t.Errorf("%d bytes in memory: a Go program has more", d.Memory)
	}
}

func TestDetailsOfAnother(t *testing.T) {
	id := ourselves()
	id.Start++
	if d, err := ReadDetails(t.Context(), id); !errors.Is(err, ErrGone) && !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("the details of a process with another start: %+v, %v", d, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if d, err := ReadDetails(ctx, ourselves()); err == nil {
		t.Errorf("a cancelled read gave %+v", d)
	}
}
