package ui

import (
	"errors"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/language"
	"portolan/internal/process"
	"portolan/internal/restart"
	"portolan/internal/table"
)

// outcome is what came of a kill, in the words of the log.
type outcome string

const (
	gone         outcome = "gone"
	alreadyGone  outcome = "already gone"
	notPermitted outcome = "not permitted"
	protected    outcome = "protected"
	stillRunning outcome = "still running"
	failed       outcome = "failed"
)

func outcomeOf(err error) outcome {
	switch {
	case err == nil:
		return gone
	case errors.Is(err, process.ErrGone):
		return alreadyGone
	case errors.Is(err, process.ErrNotPermitted):
		return notPermitted
	case errors.Is(err, process.ErrProtected):
		return protected
	case errors.Is(err, process.ErrStillRunning):
		return stillRunning
	default:
		return failed
	}
}

// report is what came of a kill.
type report struct {
	answer
	signal process.Signal
	ends   []end
}

// with gives the ends of these kinds.
func (r report) with(kinds ...outcome) []end {
	var all []end
	for _, e := range r.ends {
		for _, kind := range kinds {
			if e.outcome == kind {
				all = append(all, e)
			}
		}
	}
	return all
}

func (r report) anyGone() bool { return len(r.with(gone, alreadyGone)) > 0 }

// mixed: there is more to tell than one line can, process by process.
func (r report) mixed() bool { return len(r.ends) > 1 && len(r.with(gone, alreadyGone)) < len(r.ends) }

// rest is what Force Kill is offered for: those that were asked to end and are still running.
func (r report) rest() answer {
	a := answer{name: r.name, app: r.app, chosen: r.chosen}
	if r.signal != process.Terminate {
		return a
	}
	for _, e := range r.with(stillRunning) {
		a.targets = append(a.targets, e.process)
	}
	if len(a.targets) == 1 {
		a.name, a.chosen = nameOf(a.targets[0]), false
	}
	return a
}

// asking says what goes on while the processes are waited for.
func asking(a answer, s process.Signal) string {
	if s == process.ForceKill {
		return language.F("Ending %s by force…", whom(a.name, a.targets))
	}
	return language.F("Asking %s to end…", whom(a.name, a.targets))
}

// whom names one process, or says how many of what there are.
func whom(of string, processes []*process.Process) string {
	if len(processes) == 1 {
		return name(processes[0])
	}
	return language.N("%d process of %s", "%d processes of %s", len(processes), abbreviated(of, nameLength))
}

// told is what the notice says.
type told struct {
	colour fyne.ThemeColorName
	text   string
	button string // "" when it has none
}

// tell says what came of the kill, and what has become of the ports.
func (r report) tell(v restart.Verdict) told {
	t := told{colour: theme.ColorNameSuccess}
	var sentences []string
	if r.anyGone() {
		text := r.ended()
		switch {
		case len(v.Back) > 0:
			t.colour = theme.ColorNameWarning
			text = language.F("%s, but %s", text, v.Text)
		case v.Text != "":
			text = language.F("%s; %s", text, v.Text)
		}
		sentences = append(sentences, text+".")
	}
	if running := r.with(stillRunning); len(running) > 0 {
		t.colour = theme.ColorNameWarning
		sentences = append(sentences, r.running(running))
		if r.signal == process.Terminate {
			t.button = language.T("Force Kill…")
		} else {
			t.colour = theme.ColorNameError
		}
	}
	if refused := r.with(notPermitted, protected, failed); len(refused) > 0 {
		t.colour = theme.ColorNameError
		sentences = append(sentences, r.refused(refused))
	}
	if t.button == "" && r.mixed() {
		t.button = language.T("Details…")
	}
	t.text = strings.Join(sentences, " ")
	return t
}

// ended says who has ended, without a full stop.
func (r report) ended() string {
	over := r.with(gone, alreadyGone)
	switch {
	case len(r.ends) == 1 && over[0].outcome == alreadyGone:
		return language.F("%s had already ended, nothing was sent", name(over[0].process))
	case len(r.ends) == 1:
		return language.F("%s has ended", name(over[0].process))
	case len(over) == len(r.ends):
		return language.F("All %s have ended", whom(r.name, r.targets))
	default:
		return language.F("%d of %s have ended", len(over), whom(r.name, r.targets))
	}
}

// running says who has not ended.
func (r report) running(all []end) string {
	who := whom(r.name, processesOf(all))
	if r.signal == process.ForceKill {
		return language.N("%[2]s has not ended, not even by force: it waits for the kernel, a disk or a network drive perhaps.",
			"%[1]d processes have not ended, not even by force: they wait for the kernel, a disk or a network drive perhaps.", len(all), who)
	}
	return language.N("%[2]s has not ended after %[3]d seconds. It may be tidying up, or it ignores the request.",
		"%[1]d processes have not ended after %[3]d seconds. They may be tidying up, or they ignore the request.", len(all), who, int(grace.Seconds()))
}

// refused says who was not ended, and why.
func (r report) refused(all []end) string {
	if len(all) == 1 {
		return language.F("%s was not ended: %s.", name(all[0].process), all[0].why())
	}
	return language.N("%d process was not ended.", "%d processes were not ended.", len(all))
}

// why says what came of one process, after a colon or in a column of its own.
func (e end) why() string {
	p := e.process
	switch e.outcome {
	case gone:
		return language.T("ended")
	case alreadyGone:
		return language.T("had already ended, nothing was sent")
	case stillRunning:
		return language.T("still running")
	case notPermitted:
		if p.User != "" {
			return language.F("it belongs to %s, and this user may not signal it", userOf(p))
		}
	}
	return table.Clean(e.err.Error())
}

func processesOf(ends []end) []*process.Process {
	all := make([]*process.Process, len(ends))
	for i, e := range ends {
		all[i] = e.process
	}
	return all
}

// nameOf gives the process's name, fit for the screen.
func nameOf(p *process.Process) string {
	if p.Name == "" {
		return language.T("process")
	}
	return abbreviated(table.Clean(p.Name), nameLength)
}

// nameLength is how many characters of a name a sentence holds.
const nameLength = 40

// name gives "node (812)".
func name(p *process.Process) string { return fmt.Sprintf("%s (%d)", nameOf(p), p.PID) }
