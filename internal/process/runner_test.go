//go:build linux || darwin

package process

import (
	"os"
	"runtime"
	"testing"
)

// These tests also run on Linux through a runner for macOS programs, which is told by its variables what
// to play: MACHORUN_LIVE the machine it runs on, MACHORUN_FIXTURES a fake Mac in a folder.

// onMac: the macOS half of this package has a machine to talk to.
func onMac() bool {
	if os.Getenv("MACHORUN_FIXTURES")+os.Getenv("MACHORUN_LIVE") != "" {
		return true
	}
	_, err := os.Stat("/System/Library/CoreServices/SystemVersion.plist")
	return err == nil
}

// needRealProcesses leaves a test out where the processes it starts are not those that the system tells about.
func needRealProcesses(t testing.TB) {
	t.Helper()
	if os.Getenv("MACHORUN_FIXTURES") != "" || runtime.GOOS == "darwin" && !onMac() {
		t.Skip("left out: this is a runner that plays no real machine")
	}
}

// needParent leaves a test out that wants a parent of ours which is not the first process.
func needParent(t testing.TB) {
	t.Helper()
	if os.Getppid() <= 1 {
		t.Skip("left out: the first process is our parent")
	}
}
