package table

import (
	"testing"

	"portolan/internal/netstat"
	"portolan/internal/process"
)

// text gives a cell of a row that a test made.
func text(id ColumnID, r Row) string { return column(columns, id).Text(&r) }

// Never a blank owner: either who it is, or why that is not known.
func TestProcessText(t *testing.T) {
	node := someone(501, "node", "node", "alice")
	mail := someone(700, "Mail", "Mail", "alice")
	launchd := someone(1, "launchd", "launchd", "root")
	for name, c := range map[string]struct {
		socket netstat.Socket
		owner  *netstat.Owner
		want   string
	}{
		"by descriptor":      {owner: &netstat.Owner{Process: node, By: netstat.ByDescriptor}, want: "node"},
		"by last use":        {owner: &netstat.Owner{Process: node, By: netstat.ByLastUse}, want: "last used by node"},
		"launchd's":          {owner: &netstat.Owner{Process: launchd, By: netstat.ByLaunchd}, want: "launchd, on demand"},
		"for another":        {socket: netstat.Socket{OnBehalfOf: mail}, owner: &netstat.Owner{Process: node, By: netstat.ByDescriptor}, want: "node for Mail"},
		"last used, for":     {socket: netstat.Socket{OnBehalfOf: mail}, owner: &netstat.Owner{Process: node, By: netstat.ByLastUse}, want: "last used by node for Mail"},
		"for itself":         {socket: netstat.Socket{OnBehalfOf: node}, owner: &netstat.Owner{Process: node, By: netstat.ByDescriptor}, want: "node"},
		"without a name":     {owner: &netstat.Owner{Process: &process.Process{ID: process.ID{PID: 77}, UID: -1}, By: netstat.ByDescriptor}, want: "process 77"},
		"with a hostile one": {owner: &netstat.Owner{Process: someone(5, "a\x1b[2J\n", "", "")}, want: `a\x1b[2J\n`},
		"TIME_WAIT":          {socket: netstat.Socket{State: netstat.TimeWait, Absence: netstat.Kernel}, want: "kernel (TIME_WAIT)"},
		"FIN_WAIT_2":         {socket: netstat.Socket{State: netstat.FinWait2, Absence: netstat.Kernel}, want: "kernel (FIN_WAIT_2)"},
		"in a queue":         {socket: netstat.Socket{State: netstat.Established, Absence: netstat.Kernel}, want: "kernel (not accepted yet)"},
		"the kernel's own":   {socket: netstat.Socket{State: netstat.Listen, Absence: netstat.Kernel}, want: "kernel"},
		"the kernel's UDP":   {socket: netstat.Socket{Protocol: netstat.UDP, Absence: netstat.Kernel}, want: "kernel"},
		"root's":             {socket: netstat.Socket{User: "root", Absence: netstat.Concealed}, want: "root's process, name hidden"},
		"a number's":         {socket: netstat.Socket{UID: 1234, Absence: netstat.Concealed}, want: "1234's process, name hidden"},
		"nobody knows whose": {socket: netstat.Socket{UID: -1, Absence: netstat.Concealed}, want: "owner hidden"},
	} {
		if got := text(ColumnProcess, Row{Socket: &c.socket, Owner: c.owner}); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestUserText(t *testing.T) {
	for name, c := range map[string]struct {
		socket netstat.Socket
		owner  *process.Process
		want   string
	}{
		"the owner's":              {netstat.Socket{User: "root"}, &process.Process{User: "alice", UID: 501}, "alice"},
		"else the socket's":        {netstat.Socket{User: "root"}, &process.Process{UID: -1}, "root"},
		"else the owner's number":  {netstat.Socket{UID: -1}, &process.Process{UID: 501}, "501"},
		"no owner":                 {netstat.Socket{User: "root", UID: 0, Absence: netstat.Concealed}, nil, "root"},
		"no owner, only a number":  {netstat.Socket{UID: 99, Absence: netstat.Concealed}, nil, "99"},
		"nothing (Skywalk, mac)":   {netstat.Socket{UID: -1, Absence: netstat.Concealed}, nil, ""},
		"a hostile name of a user": {netstat.Socket{User: "a\x1bb", Absence: netstat.Concealed}, nil, `a\x1bb`},
	} {
		row := Row{Socket: &c.socket}
		if c.owner != nil {
			row.Owner = &netstat.Owner{Process: c.owner, By: netstat.ByDescriptor}
		}
		if got := text(ColumnUser, row); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
