package ui

import (
	"errors"
	"slices"

	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/table"
)

// answer is what pressing Kill on a row leads to: the processes to end, or the
// reason why there are none.
type answer struct {
	name    string             // what is to end, clean: the app, or the process
	app     string             // the app's table.Key.App; "" for one of its processes alone
	chosen  bool               // they are of several rows, and may be of several apps
	targets []*process.Process // in the order of their PIDs
	spared  []spared           // what belongs to it and is left alone
	note    string             // what is not certain about the targets; "" when all is

	title, text string // the reason
}

// spared is a process that is not ended, and why.
type spared struct {
	process *process.Process
	why     string
}

// judge finds the answer for a row.
func judge(row table.Row, s *netstat.Snapshot, protected func(process.ID) error) answer {
	switch {
	case row.Flow != nil && row.Depth > 0:
		return answer{
			title: language.T("These are connections, not an app"),
			text:  language.T("They go from one app to one service. To end the app, select its own row."),
		}
	case row.Group != nil && row.Group.Process != nil:
		return judgeOwner(ownersOf(s, row.Group.Process)[0], protected)
	case row.Group != nil:
		return judgeApp(row, s, protected)
	case row.Owner == nil:
		title, text := table.Ownerless(row.Socket, s, row.TimeWait())
		return answer{title: title, text: text}
	default:
		return judgeOwner(*row.Owner, protected)
	}
}

func judgeOwner(owner netstat.Owner, protected func(process.ID) error) answer {
	p := owner.Process
	if owner.By == netstat.ByLaunchd {
		return answer{
			title: language.T("launchd holds this port"),
			text: language.T("It waits for a first connection and then starts the service that the port belongs to. " +
				"Ending launchd would end the whole session, so it is not offered. To free the port, switch off the service itself."),
		}
	}
	switch err := protected(p.ID); {
	case errors.Is(err, process.ErrProtected):
		return answer{
			title: language.F("%s is protected", name(p)),
			text:  language.F("Portolan ends neither the system's first process, nor itself, nor what it was started from: %s.", table.Clean(err.Error())),
		}
	case err != nil:
		return answer{
			title: language.F("%s may be protected", name(p)),
			text:  language.F("It could not be made sure that Portolan was not started from it: %s.", table.Clean(err.Error())),
		}
	}
	a := answer{name: nameOf(p), targets: []*process.Process{p}}
	if owner.By == netstat.ByLastUse {
		a.note = language.T("macOS names this process as the last that used the socket, and does not let this user see who holds it: another process may.")
	}
	return a
}

// judgeApp takes all processes of an app that may be ended.
func judgeApp(row table.Row, s *netstat.Snapshot, protected func(process.ID) error) answer {
	processes, _ := table.AppPorts(s, row.Key.App)
	if len(processes) == 0 {
		text := row.Group.Note
		if text == "" {
			text = language.T("Nobody is known to hold these sockets.")
		}
		return answer{title: language.T("There is no process to end"), text: text + " " + language.T("Open the group to see why, socket by socket.")}
	}
	return judgeSeveral(answer{name: row.Group.Name, app: row.Key.App}, processes, s, protected)
}

// judgeRows finds the answer for several rows at once.
func judgeRows(rows []table.Row, s *netstat.Snapshot, protected func(process.ID) error) answer {
	if len(rows) == 1 {
		return judge(rows[0], s, protected)
	}
	processes := processesIn(rows, s)
	switch len(processes) {
	case 0:
		return answer{title: language.T("There is no process to end"), text: language.T("Nobody is known to hold these sockets.")}
	case 1:
		return judgeOwner(ownersOf(s, processes...)[0], protected)
	}
	slices.SortFunc(processes, func(a, b *process.Process) int { return a.PID - b.PID })
	return judgeSeveral(answer{name: namesOf(processes), chosen: true}, processes, s, protected)
}

// namesOf names the apps of processes: "node, postgres and 2 more".
func namesOf(processes []*process.Process) string {
	var names []string
	for _, p := range processes {
		names = append(names, orElse(abbreviated(table.Clean(p.App.Name), menuNameLength), nameOf(p)))
	}
	if names = distinct(names); len(names) > 3 {
		names = append(names[:2], language.F("%d more", len(names)-2))
	}
	return table.Enumerated(names)
}

// judgeSeveral completes the answer all with those of the processes that may be ended. What may not is left out, and said.
func judgeSeveral(all answer, processes []*process.Process, s *netstat.Snapshot, protected func(process.ID) error) answer {
	var unsure int
	for _, owner := range ownersOf(s, processes...) {
		one := judgeOwner(owner, protected)
		if len(processes) == 1 {
			one.app, one.name = all.app, all.name
			return one
		}
		if len(one.targets) == 0 {
			all.spared = append(all.spared, spared{owner.Process, one.title})
			continue
		}
		if one.note != "" {
			unsure++
		}
		all.targets = append(all.targets, one.targets...)
	}
	if all.chosen && len(all.targets) == 1 {
		all.name = nameOf(all.targets[0])
	}
	switch {
	case len(all.targets) == 0:
		all.title = language.F("All of %s is protected", all.name)
		all.text = language.T("Portolan ends neither the system's first process, nor itself, nor what it was started from.")
	case unsure > 0:
		all.note = language.N("macOS names %d process only as the last to use a socket: whether it holds it this user may not see.",
			"macOS names %d processes only as the last to use a socket: whether they hold it this user may not see.", unsure)
	}
	return all
}

// ownersOf gives one owner for each of the processes. Of the ways in which a process holds
// sockets the surest counts; one that holds none any more held them by descriptor.
func ownersOf(s *netstat.Snapshot, processes ...*process.Process) []netstat.Owner {
	at := make(map[process.ID]int, len(processes))
	owners := make([]netstat.Owner, len(processes))
	for i, p := range processes {
		at[p.ID], owners[i].Process = i, p
	}
	for i := range socketsOf(s) {
		for _, o := range s.Sockets[i].Owners {
			if i, wanted := at[o.Process.ID]; wanted && (owners[i].By == 0 || o.By < owners[i].By) {
				owners[i].By = o.By
			}
		}
	}
	for i := range owners {
		if owners[i].By == 0 {
			owners[i].By = netstat.ByDescriptor
		}
	}
	return owners
}

func socketsOf(s *netstat.Snapshot) []netstat.Socket {
	if s == nil {
		return nil
	}
	return s.Sockets
}
