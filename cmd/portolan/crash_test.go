package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// crashVariable makes TestCrashIsKept crash instead, with the crash file in the folder that it names.
const crashVariable = "PORTOLAN_TEST_CRASH"

func TestCrashIsKept(t *testing.T) {
	if dir := os.Getenv(crashVariable); dir != "" {
		if _, err := keepCrashes(dir); err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() { // not in the test's own goroutine, where the test would take the panic
			defer close(done)
			panic("the mast has broken")
		}()
		<-done
	}
	dir := filepath.Join(t.TempDir(), "state", "portolan")
	for i := range 2 {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestCrashIsKept$")
		cmd.Env = append(os.Environ(), crashVariable+"="+dir)
		if err := cmd.Run(); err == nil {
			t.Fatal("it did not crash")
		}
		text, err := os.ReadFile(filepath.Join(dir, "crash.txt"))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(string(text), "panic: the mast has broken"); got != i+1 {
			t.Errorf("the file tells of %d crashes, want %d:\n%s", got, i+1, text)
		}
	}
	info, err := os.Stat(filepath.Join(dir, "crash.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %o, want 600", info.Mode().Perm())
	}
}

func TestCrashFileDoesNotGrowForEver(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "crash.txt")
	if err := os.WriteFile(path, bytes.Repeat([]byte("x"), maxCrashFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestCrashIsKept$")
	cmd.Env = append(os.Environ(), crashVariable+"="+dir)
	if err := cmd.Run(); err == nil {
		t.Fatal("it did not crash")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > maxCrashFile || !strings.Contains(string(text), "panic: the mast has broken") {
		t.Errorf("%d bytes after a crash, want the crash alone", len(text))
	}
}
