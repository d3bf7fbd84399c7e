package netstat_test

import (
	"fmt"
	"strings"
	"testing"

	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/table"
)

// TestClassesOnMacOS: the kernel's mark of the ports that it chose, and who listens, tell the classes of a Mac's
// sockets; and of its listeners it is known how many connections may wait.
func TestClassesOnMacOS(t *testing.T) {
	s := netstat.ReadScenario(t, "scenario_dev")
	const want = `tcp 0.0.0.0:22: listening, 0 of 128 wait
tcp [::]:22: listening, 0 of 128 wait
tcp 0.0.0.0:80: listening, 0 of 128 wait
tcp *:3000: listening, 0 of 511 wait
tcp 127.0.0.1:3000 TIME_WAIT: closing
tcp 127.0.0.1:3000 ESTABLISHED: incoming
tcp 127.0.0.1:4000: listening, 0 of 128 wait
tcp 127.0.0.1:5432: listening, 0 of 200 wait
tcp [::1]:5432: listening, 0 of 200 wait
tcp 0.0.0.0:8000: listening, 0 of 2048 wait
tcp 192.168.1.24:52599 ESTABLISHED: outgoing
tcp 192.168.1.24:52640 ESTABLISHED: outgoing
tcp 192.168.1.24:52744 ESTABLISHED: outgoing
tcp 127.0.0.1:52802 ESTABLISHED: outgoing
udp 0.0.0.0:5353: unconnected
udp 192.168.1.24:61000: outgoing
`
	var got strings.Builder
	var before *netstat.Socket
	for _, r := range table.Rows(s, table.View{Ephemeral: port.Range{First: 49152, Last: 65535}}) {
		if r.Socket == before || before != nil && r.Socket.Local == before.Local && r.Socket.Protocol == netstat.UDP {
			continue // another owner of the same, or another socket of the same group
		}
		before = r.Socket
		if at := r.Socket.Local.Port(); at == 52599 && !r.Ephemeral { // a flow that the kernel lists without its flags
			t.Errorf("the port of %v is not ephemeral", r.Socket.Local)
		}
		fmt.Fprintf(&got, "%v %s", r.Socket.Protocol, table.Endpoint(r.Socket))
		if r.Class == table.Listening {
			fmt.Fprintf(&got, ": %s, %d of %d wait\n", r.ClassText(), r.Socket.Queue, r.Socket.QueueLimit)
			continue
		}
		fmt.Fprintf(&got, " %v: %s\n", r.Socket.State, r.ClassText())
	}
	if text := strings.ReplaceAll(got.String(), " : ", ": "); text != want {
		t.Errorf("got\n%swant\n%s", text, want)
	}
}
