package netstat

import (
	"fmt"
	"slices"
	"strings"
)

// portrait is a snapshot as one process hands it to another: what macOS and Linux can both tell.
type portrait struct {
	Me      int // the PID of who took it
	Sockets []portraitSocket
	Hidden  Hidden
	Err     string
}

type portraitSocket struct {
	Key     string // protocol, addresses, state
	UID     int
	Owners  []int
	By      []string
	Absence Absence
}

func takePortrait(s *Snapshot, me int) portrait {
	p := portrait{Me: me, Hidden: s.Hidden}
	for i := range s.Sockets {
		p.Sockets = append(p.Sockets, portraitOf(&s.Sockets[i]))
	}
	slices.SortFunc(p.Sockets, func(a, b portraitSocket) int {
		if c := strings.Compare(a.Key, b.Key); c != 0 {
			return c
		}
		return slices.Compare(a.Owners, b.Owners)
	})
	return p
}

// portraitOf leaves out the ID and what only one of the systems tells. The loopback interface is lo0 on macOS.
func portraitOf(s *Socket) portraitSocket {
	p := portraitSocket{UID: s.UID, Absence: s.Absence}
	p.Key = strings.ReplaceAll(fmt.Sprintf("%v %v>%v %v dual=%v", s.Protocol, s.Local, s.Remote, s.State, s.DualStack), "%lo0]", "%lo]")
	for _, o := range s.Owners {
		p.Owners = append(p.Owners, o.Process.PID)
		p.By = append(p.By, o.By.String())
	}
	return p
}
