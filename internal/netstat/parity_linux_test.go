package netstat

import (
	"cmp"
	"fmt"
	"net/netip"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// ssStates are the states as ss calls them (misc/ss.c of iproute2, sctx_state_name).
var ssStates = map[string]State{"UNCONN": Closed, "ESTAB": Established, "SYN-SENT": SynSent, "SYN-RECV": SynReceived,
	"FIN-WAIT-1": FinWait1, "FIN-WAIT-2": FinWait2, "TIME-WAIT": TimeWait, "CLOSE-WAIT": CloseWait,
	"LAST-ACK": LastAck, "LISTEN": Listen, "CLOSING": Closing}

// listed is one socket as both sides tell it: protocol, local, remote, state, and the PIDs of the owners.
type listed struct {
	socket string
	owners string
}

func makeRow(p Protocol, local, remote netip.AddrPort, state State, pids []int) listed {
	slices.Sort(pids)
	pids = slices.Compact(pids)
	return listed{fmt.Sprintf("%s %v %v %s", p, local, remote, state), fmt.Sprint(pids)}
}

var ssPID = regexp.MustCompile(`pid=(\d+),`)

// ssRow reads one line of ss -tunapH.
func ssRow(t *testing.T, line string) (r listed, localPort uint16) {
	t.Helper()
	f := strings.Fields(line)
	if len(f) < 6 {
		t.Fatalf("ss: %q", line)
	}
	protocol := map[string]Protocol{"tcp": TCP, "udp": UDP}[f[0]]
	state, known := ssStates[f[1]]
	if !known || protocol == 0 {
		t.Fatalf("ss: %q", line)
	}
	if protocol == UDP {
		state = 0
	}
	var pids []int
	for _, m := range ssPID.FindAllStringSubmatch(line, -1) {
		pid, _ := strconv.Atoi(m[1])
		pids = append(pids, pid)
	}
	local := ssAddress(t, f[4])
	return makeRow(protocol, local, ssAddress(t, f[5]), state, pids), local.Port()
}

// ssAddress: "*:22" is dual-stack, "0.0.0.0:*" nobody.
func ssAddress(t *testing.T, text string) netip.AddrPort {
	t.Helper()
	host, port, ok := strings.Cut(text, "]:")
	if !ok {
		i := strings.LastIndexByte(text, ':')
		host, port = text[:i], text[i+1:]
	}
	if port == "*" {
		return netip.AddrPort{}
	}
	host, _, _ = strings.Cut(strings.TrimPrefix(host, "["), "%")
	if host == "*" {
		host = "::"
	}
	a, err := netip.ParseAddr(host)
	n, err2 := strconv.ParseUint(port, 10, 16)
	if err != nil || err2 != nil {
		t.Fatalf("ss: address %q", text)
	}
	return netip.AddrPortFrom(a.Unmap(), uint16(n))
}

// TestParity compares with ss on 2,000 sockets: the same set of protocol, local
// and remote end, state and owners, no more and no less, at the load's ports.
func TestParity(t *testing.T) {
	if _, err := exec.LookPath("ss"); err != nil {
		t.Fatal("this compares with ss (on Debian: apt install iproute2): ", err)
	}
	ours := make(map[int]bool)
	for _, pid := range startLoad(t, 2, 2000).pids() {
		ours[pid] = true
	}
	r := openReader(t)
	ports := make(map[uint16]bool)
	for _, s := range readNow(t, r).Sockets {
		for _, o := range s.Owners {
			if ours[o.Process.PID] {
				ports[s.Local.Port()] = true
			}
		}
	}
	for deadline := time.Now().Add(20 * time.Second); ; {
		mine, theirs := rowsOfRead(t, r, ports), rowsOfSS(t, ports)
		if len(mine) >= 2000 && slices.Equal(mine, theirs) {
			return
		}
		// Somebody else may have used one of the ports in between.
		if time.Now().After(deadline) {
			t.Fatalf("%d rows, ss has %d; only here: %v; only ss: %v", len(mine), len(theirs), missing(mine, theirs), missing(theirs, mine))
		}
	}
}

func compareRows(a, b listed) int {
	return cmp.Or(cmp.Compare(a.socket, b.socket), cmp.Compare(a.owners, b.owners))
}

func rowsOfRead(t *testing.T, r *Reader, ports map[uint16]bool) (rows []listed) {
	t.Helper()
	for _, s := range readNow(t, r).Sockets {
		// ss leaves out what is only bound.
		if ports[s.Local.Port()] && s.State != Closed {
			rows = append(rows, makeRow(s.Protocol, s.Local, s.Remote, s.State, pids(&s)))
		}
	}
	slices.SortFunc(rows, compareRows)
	return rows
}

func rowsOfSS(t *testing.T, ports map[uint16]bool) (rows []listed) {
	t.Helper()
	out, err := exec.Command("ss", "-tunapH").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		if r, port := ssRow(t, line); ports[port] {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, compareRows)
	return rows
}

// missing gives the first few of a that are not in b.
func missing(a, b []listed) []listed {
	only := slices.DeleteFunc(slices.Clone(a), func(r listed) bool { return slices.Contains(b, r) })
	return only[:min(5, len(only))]
}
