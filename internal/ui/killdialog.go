package ui

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

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
	processes *widget.Label
	heading   *widget.Label
	ports     *lineList
	clients   *widget.Label
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
		list := newLineList(processLines, fyne.TextStyle{}, processLinesOf(a.targets), 34, -pidWidth, 16, 50)
		list.escape = func() { d.cancel() }
		body.Add(k.copied(d.processes, list))
		body.Add(list)
	}
	_, lines := portsOf(a.targets, snapshot)
	d.ports = newLineList(portLines, fyne.TextStyle{Monospace: true}, lines, 1)
	d.ports.escape = func() { d.cancel() }
	body.Add(k.copied(d.heading, d.ports))
	if len(lines) > 0 {
		body.Add(d.ports)
	}
	d.show(snapshot)
	if d.clients.Text != "" {
		body.Add(d.clients)
	}
	if back != nil && !back.first {
		body.Add(back.section)
	}
	body.Add(remark(hint(len(a.targets), s), widget.LowImportance))
	k.open(d, width, titleOf(a, s), body, k.buttons(d, s)...)
	if back != nil {
		back.ask()
	}
}

// copied is the heading of a list, with a button that copies the list.
func (k *killing) copied(heading *widget.Label, list *lineList) fyne.CanvasObject {
	return container.NewBorder(nil, nil, nil, newIconButton(theme.ContentCopyIcon(), func() { k.window.copy(list.text()) }), heading)
}

func (k *killing) buttons(d *killDialog, s process.Signal) []*modalButton {
	act := "Terminate"
	if s == process.ForceKill {
		act = "Force Kill"
	}
	if n := len(d.answer.targets); n > 1 {
		act += fmt.Sprintf(" %d", n)
	}
	d.act = newModalButton(act, widget.DangerImportance, func() { k.send(d.answer, s) })
	d.stop = newModalButton("Copy command", widget.HighImportance, nil)
	d.stop.stays = true
	d.stop.Hide()
	return []*modalButton{newModalButton("Cancel", widget.MediumImportance, nil), d.act, d.stop}
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
		setText(d.clients, orElse(text, "Nobody on this computer is connected to it any more."))
	}
}

func setText(l *widget.Label, text string) {
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
		return fmt.Sprintf("Force %s to end?", abbreviated(a.name, nameLength))
	}
	return fmt.Sprintf("Terminate %s?", abbreviated(a.name, nameLength))
}

func hint(n int, s process.Signal) string {
	switch {
	case s == process.ForceKill && n > 1:
		return "They end at once (SIGKILL). What they have not saved is lost."
	case s == process.ForceKill:
		return "It ends at once (SIGKILL). What it has not saved is lost."
	case n > 1:
		return "They are asked to end (SIGTERM) and can tidy up first, those that started others before these. Processes of the app without a socket are not touched."
	default:
		return "It is asked to end (SIGTERM) and can tidy up first."
	}
}

// processLinesOf gives a line for each process: name, PID, user, what it runs.
func processLinesOf(processes []*process.Process) [][]string {
	lines := make([][]string, len(processes))
	for i, p := range processes {
		lines[i] = []string{nameOf(p), fmt.Sprint(p.PID), userOf(p), runs(p)}
	}
	return lines
}

// lineLength is how many characters of what a process runs there is room for in a line.
const lineLength = 80

// runs says what a process runs: its title, else its command line without the program's folder, else its program.
func runs(p *process.Process) string {
	line := p.Work.Line
	if after, ok := strings.CutPrefix(line, p.Executable); ok && p.Executable != "" {
		line = filepath.Base(p.Executable) + after
	}
	for _, text := range []string{p.Work.Title, line} {
		if text != "" {
			return abbreviated(table.Clean(text), lineLength)
		}
	}
	return abbreviated(table.Clean(p.Executable), detailLength)
}

// processesHeading says how many processes will end, and that one which has begun since will not.
func processesHeading(a answer, s *netstat.Snapshot) string {
	text := table.Plural(len(a.targets), "process") + " will end"
	if a.app == "" {
		return text + ":"
	}
	known := idsOf(a.targets)
	for _, p := range a.spared {
		known = append(known, p.process.ID)
	}
	var fresh []string
	now, _ := table.AppPorts(s, a.app)
	for _, p := range now {
		if !slices.Contains(known, p.ID) {
			fresh = append(fresh, fmt.Sprint(p.PID))
		}
	}
	switch len(fresh) {
	case 0:
		return text + ":"
	case 1:
		return text + ". A new one, PID " + fresh[0] + ", is not in the list and stays:"
	default:
		return fmt.Sprintf("%s. %d new ones are not in the list and stay:", text, len(fresh))
	}
}

func idsOf(processes []*process.Process) []process.ID {
	ids := make([]process.ID, len(processes))
	for i, p := range processes {
		ids[i] = p.ID
	}
	return ids
}

// portsOf says what ends with the processes: a heading and one line for each socket.
func portsOf(processes []*process.Process, s *netstat.Snapshot) (heading string, lines [][]string) {
	holds := "It holds"
	if len(processes) > 1 {
		holds = "They hold"
	}
	var closing, listening int
	for _, held := range table.PortsOf(s, idsOf(processes)...) {
		lines = append(lines, []string{held.String()})
		if held.Shared > 0 {
			continue
		}
		closing++
		if table.Waits(held.Socket) {
			listening++
		}
	}
	switch {
	case len(lines) == 0:
		return holds + " no socket any more.", nil
	case closing == 0:
		return "No port will close: other processes hold them too.", lines
	case listening == 0:
		return table.Plural(closing, "connection") + " will close:", lines
	case listening == closing:
		return table.Plural(listening, "port") + " will close:", lines
	default:
		return fmt.Sprintf("%s and %s will close:", table.Plural(listening, "port"), table.Plural(closing-listening, "connection")), lines
	}
}

// namedClients is how many clients are named; of the rest the number is said.
const namedClients = 3

// clientsText says who on this computer loses a connection; "" when nobody does.
func clientsText(clients []table.Client) string {
	if len(clients) == 0 {
		return ""
	}
	total := 0
	for _, c := range clients {
		total += c.Connections
	}
	if total == 1 {
		return "On this computer " + clientName(clients[0]) + " loses its connection to it."
	}
	var who []string
	for _, c := range clients[:min(len(clients), namedClients+1)] {
		who = append(who, clientName(c))
	}
	if len(clients) > namedClients+1 {
		who = append(who[:namedClients], fmt.Sprintf("%d others", len(clients)-namedClients))
	}
	if len(clients) == 1 {
		return fmt.Sprintf("On this computer %s loses its %d connections to it.", who[0], total)
	}
	return fmt.Sprintf("On this computer %s lose %d connections to it.", table.Enumerated(who), total)
}

func clientName(c table.Client) string {
	if c.Process == nil {
		return "a process that this user may not see"
	}
	return name(c.Process)
}

// explain says why there is nothing to end.
func (k *killing) explain(a answer) {
	k.open(&killDialog{}, dialogWidth, a.title, remark(a.text, widget.MediumImportance), newModalButton("Close", widget.MediumImportance, nil))
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
	k.open(d, listWidth, "What came of "+abbreviated(r.name, nameLength), list, newModalButton("Close", widget.MediumImportance, nil))
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
	d.modal = showModal(k.window.Canvas(), width, title, body, func() {
		k.dialog = nil
		k.window.table.takeFocus()
	}, buttons...)
}
