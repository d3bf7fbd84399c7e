package port

import (
	"strings"
	"testing"
	"unicode"
)

func TestRegistered(t *testing.T) {
	tests := []struct {
		protocol string
		port     uint16
		name     string
	}{
		{"tcp", 22, "ssh"}, {"tcp", 5432, "postgresql"}, {"udp", 5353, "mdns"}, {"tcp", 5000, "commplex-main"}, {"tcp", 443, "https"},
		{"udp", 443, "https"}, {"tcp", 3000, "remoteware-cl"},
	}
	for _, test := range tests {
		if r, ok := Registered(test.protocol, test.port); !ok || r.Name != test.name {
			t.Errorf("%s %d: %+v, %v; want %s", test.protocol, test.port, r, ok, test.name)
		}
	}
	for _, protocol := range []string{"tcp", "udp"} {
		for _, p := range []uint16{0, 4, 65535} {
			if r, ok := Registered(protocol, p); ok {
				t.Errorf("%s %d is %+v", protocol, p, r)
			}
		}
	}
	if r, ok := Registered("sctp", 80); ok {
		t.Errorf("sctp 80 is %+v", r)
	}
}

// TestRegistryIsClean: what it says goes to the screen as it is.
func TestRegistryIsClean(t *testing.T) {
	all := registry()
	if len(all) < 10_000 {
		t.Fatalf("the registry has %d entries", len(all))
	}
	for at, r := range all {
		if r.Name == "" || strings.ContainsFunc(r.Name+r.Description, func(c rune) bool { return !unicode.IsPrint(c) }) {
			t.Errorf("%v: %+q", at, r)
		}
	}
	if broken := readRegistry([]byte("no gzip")); broken != nil {
		t.Errorf("junk gave %d entries", len(broken))
	}
}

func BenchmarkReadRegistry(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		readRegistry(registryFile)
	}
}
