package port

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// fakeRange is what a fake Mac's folder says of its range, the usual where it says nothing.
func fakeRange(t *testing.T, machine string) Range {
	t.Helper()
	ends := [4]uint32{49152, 65535, 49152, 65535}
	for i, name := range []string{"first", "last", "hifirst", "hilast"} {
		text, err := os.ReadFile(filepath.Join(machine, "sysctl", "net.inet.ip.portrange."+name+".int"))
		if err != nil {
			continue
		}
		if _, err := fmt.Sscan(string(text), &ends[i]); err != nil {
			t.Fatal(err)
		}
	}
	r, err := rangeOf(ends[0], ends[1], ends[2], ends[3])
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestEphemeralRangeOfFakeMachine: the four sysctls are read, live: as somebody has set them.
func TestEphemeralRangeOfFakeMachine(t *testing.T) {
	if machine := os.Getenv("PORTOLAN_PORT_TEST_MACHINE"); machine != "" { // the test below, a process further down
		if r, err := EphemeralRange(); err != nil || r != fakeRange(t, machine) {
			t.Errorf("%v, %v; want %v", r, err, fakeRange(t, machine))
		}
		return
	}
	if os.Getenv("MACHORUN_FIXTURES") == "" {
		t.Skip("MACHORUN_FIXTURES names no fake Mac")
	}
	for _, ends := range [][4]int{{49152, 65535, 49152, 65535}, {40000, 40999, 41000, 42000}, {65535, 50000, 1024, 2048}} {
		machine := t.TempDir()
		for i, name := range []string{"first", "last", "hifirst", "hilast"} {
			if err := os.MkdirAll(filepath.Join(machine, "sysctl"), 0o755); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(machine, "sysctl", "net.inet.ip.portrange."+name+".int")
			if err := os.WriteFile(file, fmt.Append(nil, ends[i]), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		program, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(program, "-test.run=^TestEphemeralRangeOfFakeMachine$")
		cmd.Env = append(os.Environ(), "MACHORUN_FIXTURES="+machine, "PORTOLAN_PORT_TEST_MACHINE="+machine)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %v\n%s", ends, err, out)
		}
	}
}

// TestEphemeralRange: the kernel's choice lies in the range that it tells; a fake Mac has the one in its folder.
func TestEphemeralRange(t *testing.T) {
	r, err := EphemeralRange()
	if err != nil {
		t.Fatal(err)
	}
	if machine := os.Getenv("MACHORUN_FIXTURES"); machine != "" {
		if want := fakeRange(t, machine); r != want {
			t.Errorf("range %v, want %v", r, want)
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
