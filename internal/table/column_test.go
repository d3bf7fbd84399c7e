package table

import (
	"net/netip"
	"slices"
	"testing"

	"portolan/internal/netstat"
)

func TestColumns(t *testing.T) {
	var order []ColumnID
	for _, c := range Columns() {
		order = append(order, c.ID)
		if c.Title == "" || c.Width < 40 || c.Text == nil || c.Compare == nil {
			t.Errorf("column %q is not whole: %+v", c.ID, c)
		}
		if c.AlignRight != (c.ID == ColumnPort || c.ID == ColumnPID) {
			t.Errorf("column %q: AlignRight is %v", c.ID, c.AlignRight)
		}
	}
	want := []ColumnID{ColumnProtocol, ColumnLocal, ColumnPort, ColumnService, ColumnRemote, ColumnState, ColumnProcess, ColumnPID, ColumnApp, ColumnUser}
	if !slices.Equal(order, want) {
		t.Errorf("columns %v, want %v", order, want)
	}
	Columns()[0].Title = "changed"
	if Columns()[0].Title != "Protocol" {
		t.Error("a caller's change of its slice changes the columns")
	}
}

// cells gives the texts of the row of one socket, as a person reads them.
func cells(t *testing.T, rows []Row, id uint64) []string {
	t.Helper()
	at := slices.IndexFunc(rows, func(r Row) bool { return r.Key.Socket == id })
	if at < 0 {
		t.Fatalf("socket %d has no row", id)
	}
	var texts []string
	for _, c := range Columns() {
		texts = append(texts, c.Text(&rows[at]))
	}
	return texts
}

func TestCells(t *testing.T) {
	rows := Rows(sample(), View{Ephemeral: linuxRange})
	for id, want := range map[uint64][]string{
		1: {"tcp", "0.0.0.0", "22", "ssh", "", "LISTEN", "root's process, name hidden", "", "", "root"},
		2: {"tcp", "*", "3000", "http-dev", "", "LISTEN", "node", "501", "node", "alice"},
		3: {"tcp", "127.0.0.1", "5432", "postgresql", "", "LISTEN", "postgres", "812", "Postgres", "alice"},
		5: {"tcp", "127.0.0.1", "40000", "postgresql", "127.0.0.1:5432", "ESTABLISHED", "node", "501", "node", "alice"},
		6: {"tcp", "192.168.1.5", "50000", "https", "93.184.216.34:443", "ESTABLISHED", "Google Chrome Helper", "90", "Google Chrome", "alice"},
		7: {"tcp", "192.168.1.5", "50001", "https", "93.184.216.34:443", "TIME_WAIT", "kernel (TIME_WAIT)", "", "", ""},
		8: {"udp", "fe80::1%en0", "5353", "mdns", "", "", "Google Chrome Helper", "90", "Google Chrome", "alice"},
	} {
		if got := cells(t, rows, id); !slices.Equal(got, want) {
			t.Errorf("socket %d: %q, want %q", id, got, want)
		}
	}
}

func TestEndpoint(t *testing.T) {
	for _, c := range []struct {
		local       string
		dual        bool
		whole, cell string
	}{
		{"127.0.0.1:3000", false, "127.0.0.1:3000", "127.0.0.1"},
		{"[::1]:3000", false, "[::1]:3000", "::1"},
		{"0.0.0.0:3000", false, "0.0.0.0:3000", "0.0.0.0"},
		{"[::]:3000", false, "[::]:3000", "::"},
		{"[::]:3000", true, "*:3000", "*"},
		{"[::1]:3000", true, "[::1]:3000", "::1"}, // only the wildcard takes both
		{"[fe80::1%en0]:3000", false, "[fe80::1%en0]:3000", "fe80::1%en0"},
		{"[::ffff:10.0.0.1]:3000", false, "10.0.0.1:3000", "10.0.0.1"},
		{"", false, "", ""},
	} {
		s := &netstat.Socket{Protocol: netstat.TCP, Local: addrPort(c.local), DualStack: c.dual}
		if got := Endpoint(s); got != c.whole {
			t.Errorf("Endpoint(%s, %v) = %q, want %q", c.local, c.dual, got, c.whole)
		}
		if got := text(ColumnLocal, Row{Socket: s}); got != c.cell {
			t.Errorf("the cell of %s, %v is %q, want %q", c.local, c.dual, got, c.cell)
		}
	}
}

// The zone is the name of an interface, and Linux lets it be nearly anything.
func TestZoneIsCleaned(t *testing.T) {
	a := netip.MustParseAddr("fe80::1").WithZone("e\x1b[2Jn")
	s := &netstat.Socket{Protocol: netstat.UDP, Local: netip.AddrPortFrom(a, 53), Remote: netip.AddrPortFrom(a, 54)}
	row := Row{Socket: s}
	for what, got := range map[string]string{
		"Endpoint": Endpoint(s), "local": text(ColumnLocal, row), "remote": text(ColumnRemote, row), "Held": Held{Socket: s}.String(),
	} {
		if Clean(got) != got {
			t.Errorf("%s is not clean: %q", what, got)
		}
	}
}

// Each column's order, by the IDs of sockets.
func TestCompare(t *testing.T) {
	for id, want := range map[ColumnID][]uint64{
		ColumnProtocol: {1, 2, 2, 3, 4, 5, 6, 7, 8},
		ColumnLocal:    {1, 3, 4, 5, 6, 7, 2, 8},    // IPv4 before IPv6, each by its bits
		ColumnPort:     {1, 2, 8, 3, 4, 5, 6, 7},    // 22 < 3000 < 5353 < 5432 < 40000
		ColumnService:  {2, 6, 7, 8, 3, 4, 5, 1},    // http-dev, https, mdns, postgresql, ssh
		ColumnRemote:   {1, 2, 3, 8, 6, 7, 5, 4},    // 93.184... < 127.0.0.1:5432 < :40000
		ColumnState:    {8, 1, 2, 3, 4, 5, 6, 7},    // none, LISTEN, ESTABLISHED, TIME_WAIT
		ColumnProcess:  {6, 8, 2, 5, 3, 4, 7, 1},    // Google..., node, postgres; then those unknown
		ColumnPID:      {1, 7, 6, 8, 2, 5, 2, 3, 4}, // none, 90, 501, 502, 812
		ColumnApp:      {6, 8, 2, 5, 3, 4, 1, 7},
		ColumnUser:     {2, 3, 4, 5, 6, 8, 1, 7}, // alice, root, nothing
	} {
		got := slices.Compact(sockets(Rows(sample(), View{Sort: id, Ephemeral: linuxRange})))
		if want = slices.Compact(want); !slices.Equal(got, want) {
			t.Errorf("sorted by %q: %v, want %v", id, got, want)
		}
	}
}

func sockets(rows []Row) []uint64 {
	var all []uint64
	for _, r := range rows {
		all = append(all, r.Key.Socket)
	}
	return all
}
