package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
)

// maxCrashFile is the size in bytes from which the crash file starts anew.
const maxCrashFile = 1 << 20

// keepCrashes has the runtime write every crash to a file as well: an app in the menu bar
// has no terminal that would keep it. It returns the file's path.
func keepCrashes(dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the crash folder: %w", err)
	}
	path := filepath.Join(dir, "crash.txt")
	mode := os.O_CREATE | os.O_WRONLY | os.O_APPEND
	if info, err := os.Stat(path); err == nil && info.Size() > maxCrashFile {
		mode |= os.O_TRUNC
	}
	f, err := os.OpenFile(path, mode, 0o600)
	if err != nil {
		return "", fmt.Errorf("open the crash file: %w", err)
	}
	defer f.Close() // the runtime keeps a descriptor of its own
	if err := debug.SetCrashOutput(f, debug.CrashOptions{}); err != nil {
		return "", fmt.Errorf("set the crash file: %w", err)
	}
	return path, nil
}

// crashDir is where each system keeps such files: the XDG state folder on
// Linux, ~/Library/Logs on macOS.
func crashDir(goos, home string, getenv func(string) string) string {
	if goos == "darwin" {
		return filepath.Join(home, "Library", "Logs", "Portolan")
	}
	state := getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) { // the XDG base directory specification: a relative path is to be ignored
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "portolan")
}

// homeCrashDir is the crashDir of this user on this system.
func homeCrashDir() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the home folder: %w", err)
	}
	return crashDir(runtime.GOOS, home, os.Getenv), nil
}
