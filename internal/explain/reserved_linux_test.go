package explain

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"portolan/internal/port"
)

// TestReservedPorts: what the system keeps out of its range is said, of the range and of a port. It is read from a network
// namespace, where the range is the test's own to set.
func TestReservedPorts(t *testing.T) {
	const variable = "PORTOLAN_EXPLAIN_TEST_INSIDE"
	if os.Getenv(variable) == "" {
		inNetwork(t, variable)
		return
	}
	set := func(name, value string) {
		if err := os.WriteFile("/proc/sys/net/ipv4/"+name, []byte(value), 0); err != nil {
			t.Fatal(err)
		}
	}
	set("ip_local_port_range", "40000 40999")
	for _, test := range []struct {
		reserved                           string
		english, german, inside, elsewhere string
	}{
		{"", "here 40000 to 40999, and takes it back afterwards. A browser", "hier 40000 bis 40999, und bekommt ihn danach zurück. Ein Browser",
			"It lies in the range from which this system hands out ports by itself (40000 to 40999)", "does not hand it out by itself (it does so from 40000 to 40999)"},
		{"40000-40099,3000", "takes it back afterwards. 100 of these are reserved and are not handed out. A browser", "zurück. Davon sind 100 reserviert und werden nicht vergeben. Ein Browser",
			"It lies between 40000 and 40999, from where this system hands out ports by itself, but is kept out of that.", "does not hand it out by itself (it does so from 40000 to 40999)"},
		{"40007", "One of these is reserved and is not handed out. A browser", "Davon ist einer reserviert und wird nicht vergeben. Ein Browser",
			"but is kept out of that.", "does not hand it out by itself (it does so from 40000 to 40999)"},
		{"40000-40999", "All of these are reserved: it has none to hand out now, and new connections fail. A browser", "Davon sind alle reserviert: Zurzeit hat es keinen zu vergeben, und neue Verbindungen scheitern. Ein Browser",
			"hands out no port by itself now: all from 40000 to 40999 are reserved.", "hands out no port by itself now: all from 40000 to 40999 are reserved."},
	} {
		set("ip_local_reserved_ports", test.reserved)
		r, err := port.EphemeralRange()
		if err != nil {
			t.Fatal(err)
		}
		english, german := Facts{System: "linux", Ephemeral: r}, Facts{System: "linux", Language: "de", Ephemeral: r}
		topic, _ := Find("ephemeral", english)
		wantText(t, topic, test.english)
		topic, _ = Find("ephemeral", german)
		wantText(t, topic, test.german)
		wantText(t, Port(40007, english), test.inside)
		wantText(t, Port(50000, english), test.elsewhere)
	}
}

func wantText(t *testing.T, topic Topic, want string) {
	t.Helper()
	if !strings.Contains(topic.Text, want) {
		t.Errorf("%s: no %q in\n%s", topic.ID, want, topic.Text)
	}
}

// inNetwork runs the calling test again in a network namespace of its own, with a variable set.
func inNetwork(t *testing.T, variable string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), variable+"=yes")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	runtime.LockOSThread() // Pdeathsig goes by the thread
	defer runtime.UnlockOSThread()
	out, err := cmd.CombinedOutput()
	if errors.Is(err, fs.ErrPermission) {
		t.Skipf("this user may not make namespaces: %v", err)
	}
	if err != nil {
		t.Errorf("inside: %v\n%s", err, out)
	}
}
