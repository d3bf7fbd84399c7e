package ui

import (
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/table"
)

// How many lines of its lists the dialog shows without scrolling.
const (
	processLines = 6
	portLines    = 5
)

// pidWidth has room for the seven digits that a PID has at most (PID_MAX_LIMIT in linux/threads.h).
const pidWidth = 62

// killDialog is the open dialog of a kill. In one that asks for confirmation the ports
// follow the snapshots while it is open; the processes do not: what is listed is what ends.
type killDialog struct {
	*modal
	answer    answer // without targets: nothing is asked, something is explained
	processes *words
	heading   *words
	ports     *lineList
	clients   *words
	act       *modalButton
	stop      *modalButton // copies the command that stops it the right way
}

// confirm names all that will end, and ends it only when the person says so.
func (k *killing) confirm(a answer, s process.Signal) {
	if k.dialog != nil {
		return
	}
	snapshot := k.window.snapshot()
	d := &killDialog{answer: a, heading: bold(""), processes: bold(""), clients: remark("", widget.WarningImportance)}
	body := column(k.identity(a))
	for _, text := range k.notes(a) {
		body.Add(remark(text, widget.WarningImportance))
	}
	back := k.newComeback(d, snapshot, s)
	if back != nil && back.first {
		body.Add(back.section)
	}
	body.Add(widget.NewSeparator())
	width := float32(dialogWidth)
	if len(a.targets) > 1 {
		width = listWidth
		list := newLineList(k.linesOf(processLines, a), fyne.TextStyle{}, processLinesOf(a.targets), 34, -pidWidth, 16, 50)
		list.escape = func() { d.cancel() }
		body.Add(k.copied(d.processes, list))
		body.Add(list)
	}
	_, lines := portsOf(a.targets, snapshot)
	d.ports = newLineList(k.linesOf(portLines, a), fyne.TextStyle{Monospace: true}, lines, 1)
	d.ports.escape = func() { d.cancel() }
	body.Add(k.copied(d.heading, d.ports))
	if len(lines) > 0 {
		body.Add(d.ports)
	}
	d.show(snapshot)
	if d.clients.Text != "" {
		body.Add(d.clients)
	}
	last := remark(hint(len(a.targets), s), widget.LowImportance)
	if back != nil && !back.first {
		back.below(last) // what is left free of the answer's room is then below it all
		body.Add(back.section)
	} else {
		body.Add(last)
	}
	k.open(d, width, titleOf(a, s), body, k.buttons(d, s)...)
	if back != nil {
		back.ask()
	}
}

// linesOf is how many lines a list shows: fewer than most in a low window, where the dialog of several processes has two lists, so that it
// need not be scrolled itself.
func (k *killing) linesOf(most int, a answer) int {
	const rest, line = 430, 50 // the height of all but the lists, and of a line in each
	if len(a.targets) < 2 {
		return most
	}
	return max(2, min(most, int((k.window.Canvas().Size().Height-rest)/line)))
}

// copied is the heading of a list, with a button that copies the list.
func (k *killing) copied(heading *words, list *lineList) fyne.CanvasObject {
	return container.NewBorder(nil, nil, nil, newIconButton(theme.ContentCopyIcon(), func() { k.window.copy(list.text()) }), middle(heading))
}

func (k *killing) buttons(d *killDialog, s process.Signal) []*modalButton {
	d.act = newModalButton(actText(len(d.answer.targets), s), widget.DangerImportance, func() { k.send(d.answer, s) })
	d.stop = newModalButton(language.T("Copy command"), widget.HighImportance, nil)
	d.stop.stays = true
	d.stop.Hide()
	return []*modalButton{newModalButton(language.T("Cancel"), widget.MediumImportance, nil), d.act, d.stop}
}

// actText is what the button says that ends n processes.
func actText(n int, s process.Signal) string {
	switch {
	case s == process.ForceKill && n > 1:
		return language.F("Force Kill %d", n)
	case s == process.ForceKill:
		return language.T("Force Kill")
	case n > 1:
		return language.F("Terminate %d", n)
	default:
		return language.T("Terminate")
	}
}

// show shows what the targets hold in s, and who is connected to it.
func (d *killDialog) show(s *netstat.Snapshot) {
	if len(d.answer.targets) == 0 {
		return
	}
	heading, lines := portsOf(d.answer.targets, s)
	setText(d.heading, heading)
	d.ports.set(lines)
	setText(d.processes, processesHeading(d.answer, s))
	if text := clientsText(table.Clients(s, idsOf(d.answer.targets))); text != "" || d.clients.Text != "" {
		setText(d.clients, orElse(text, language.T("Nobody on this computer is connected to it any more.")))
	}
}

func setText(l *words, text string) {
	if l.Text != text {
		l.SetText(text)
	}
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func titleOf(a answer, s process.Signal) string {
	if s == process.ForceKill {
		return language.F("Force %s to end?", abbreviated(a.name, nameLength))
	}
	return language.F("Terminate %s?", abbreviated(a.name, nameLength))
}

func hint(n int, s process.Signal) string {
	switch {
	case s == process.ForceKill && n > 1:
		return language.T("They end at once (SIGKILL). What they have not saved is lost.")
	case s == process.ForceKill:
		return language.T("It ends at once (SIGKILL). What it has not saved is lost.")
	case n > 1:
		return language.T("They are asked to end (SIGTERM) and can tidy up first, those that started others before these. Processes of the app without a socket are not touched.")
	default:
		return language.T("It is asked to end (SIGTERM) and can tidy up first.")
	}
}

// explain says why there is nothing to end.
func (k *killing) explain(a answer) {
	k.open(&killDialog{}, dialogWidth, a.title, remark(a.text, widget.MediumImportance), newModalButton(language.T("Close"), widget.MediumImportance, nil))
}

// showReport says what came of each process.
func (k *killing) showReport(r report) {
	if k.dialog != nil {
		return
	}
	ends := slices.Clone(r.ends)
	slices.SortStableFunc(ends, func(a, b end) int { return strings.Compare(standing(a), standing(b)) })
	lines := make([][]string, len(ends))
	for i, e := range ends {
		lines[i] = []string{nameOf(e.process), fmt.Sprint(e.process.PID), userOf(e.process), e.why()}
	}
	d := &killDialog{}
	list := newLineList(12, fyne.TextStyle{}, lines, 28, -pidWidth, 17, 55)
	list.escape = func() { d.cancel() }
	k.open(d, listWidth, language.F("What came of %s", abbreviated(r.name, nameLength)), list, newModalButton(language.T("Close"), widget.MediumImportance, nil))
}

// standing orders the ends: what did not end comes first.
func standing(e end) string {
	if e.outcome == gone || e.outcome == alreadyGone {
		return "1"
	}
	return "0"
}

func (k *killing) open(d *killDialog, width float32, title string, body fyne.CanvasObject, buttons ...*modalButton) {
	k.dialog = d
	d.modal = k.window.showModal(width, title, body, func() {
		k.dialog = nil
		k.window.table.takeFocus()
	}, buttons...)
}
