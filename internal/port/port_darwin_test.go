package port

import (
	"net"
	"os"
	"testing"
)

// TestEphemeralRange: the kernel's choice lies in the range that it tells; a fake Mac that does not tell has the usual one.
func TestEphemeralRange(t *testing.T) {
	r, err := EphemeralRange()
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("MACHORUN_FIXTURES") != "" {
		if r != rangeDefault {
			t.Errorf("range %v, want %v", r, rangeDefault)
		}
		return
	}
	if os.Getenv("MACHORUN_LIVE") == "" {
		if _, err := os.Stat("/System/Library/CoreServices/SystemVersion.plist"); err != nil {
			return // a runner that plays no machine
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if p := uint16(l.Addr().(*net.TCPAddr).Port); !r.Contains(p) {
		t.Errorf("the kernel chose port %d, which is not in %v", p, r)
	}
}
