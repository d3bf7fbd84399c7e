package port

import (
	"net"
	"testing"
)

// A port that the kernel chooses for us lies in the range that it tells.
func TestEphemeralRange(t *testing.T) {
	r, err := EphemeralRange()
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if p := uint16(listener.Addr().(*net.TCPAddr).Port); !r.Contains(p) {
		t.Errorf("the kernel chose port %d, outside of %v", p, r)
	}
}
