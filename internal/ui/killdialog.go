package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/table"
)

// portLines is how many ports the dialog shows without scrolling.
const portLines = 7

// killDialog is the open dialog of a kill. Of one that asks for confirmation
// the list of ports follows the snapshots while it is open.
type killDialog struct {
	*modal
	target  *process.Process // nil: nothing is asked, something is explained
	heading *widget.Label
	ports   *widget.Label
	list    *container.Scroll
}

// show shows the list of what the process holds in s.
func (d *killDialog) show(s *netstat.Snapshot) {
	if d.target == nil {
		return
	}
	heading, lines := portsOf(d.target, s)
	if heading != d.heading.Text {
		d.heading.SetText(heading)
	}
	if text := strings.Join(lines, "\n"); text != d.ports.Text {
		d.ports.SetText(text)
	}
}

// portsOf says what ends with a process: a heading and one line for each socket.
func portsOf(p *process.Process, s *netstat.Snapshot) (heading string, lines []string) {
	var closing, listening int
	for _, held := range table.PortsOf(s, p.ID) {
		lines = append(lines, held.String())
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
		return "It holds no socket any more.", nil
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

// confirm names all that will end, and ends it only when the person says so.
func (k *killing) confirm(p *process.Process, note string, s process.Signal) {
	if k.dialog != nil {
		return
	}
	title, act, hint := fmt.Sprintf("Terminate %s?", nameOf(p)), "Terminate", "It is asked to end (SIGTERM) and can tidy up first."
	if s == process.ForceKill {
		title, act, hint = fmt.Sprintf("Force %s to end?", nameOf(p)), "Force Kill", "It ends at once (SIGKILL). What it has not saved is lost."
	}
	d := &killDialog{target: p, heading: widget.NewLabel(""), ports: widget.NewLabel("")}
	d.heading.TextStyle.Bold = true
	d.ports.TextStyle.Monospace = true
	d.ports.Selectable = true
	body := container.NewVBox(k.identity(p))
	for _, text := range k.notes(p, note) {
		body.Add(remark(text, widget.WarningImportance))
	}
	d.list = container.NewVScroll(d.ports)
	d.show(k.window.snapshot())
	d.list.SetMinSize(fyne.NewSize(0, listHeight(d.ports)))
	body.Add(widget.NewSeparator())
	body.Add(d.heading)
	body.Add(d.list)
	body.Add(remark(hint, widget.LowImportance))
	k.open(d, title, body,
		newModalButton("Cancel", widget.MediumImportance, nil),
		newModalButton(act, widget.DangerImportance, func() { k.send(p, s) }))
}

// listHeight is the height of the lines, but of no more than portLines.
func listHeight(lines *widget.Label) float32 {
	most := widget.NewLabelWithStyle(strings.Repeat("x\n", portLines-1)+"x", fyne.TextAlignLeading, lines.TextStyle)
	if lines.Text == "" {
		return 0
	}
	return fyne.Min(lines.MinSize().Height, most.MinSize().Height)
}

// identity says who the process is.
func (k *killing) identity(p *process.Process) fyne.CanvasObject {
	keys := container.New(layout.NewCustomPaddedVBoxLayout(0))
	values := container.New(layout.NewCustomPaddedVBoxLayout(0))
	add := func(word, value string) *widget.Label {
		if value == "" {
			return nil
		}
		key := widget.NewLabelWithStyle(word, fyne.TextAlignTrailing, fyne.TextStyle{})
		key.Importance = widget.LowImportance
		text := widget.NewLabel(value)
		text.Truncation = fyne.TextTruncateEllipsis
		keys.Add(key)
		values.Add(text)
		return text
	}
	app := table.Clean(p.App.Name)
	if app == "" {
		app = nameOf(p)
	}
	add("App", app)
	add("Process", nameOf(p))
	add("PID", fmt.Sprint(p.PID))
	add("User", userOf(p))
	add("Program", abbreviated(table.Clean(p.Executable), detailLength))
	if !p.Started.IsZero() {
		add("Started", p.Started.Local().Format("2 January 2006, 15:04:05"))
	}
	if k.detail != nil {
		k.tellDetails(p, add("Command", reading), add("Folder", reading))
	}
	return container.NewBorder(nil, nil, keys, nil, values)
}

// reading stands where something is being read.
const reading = "…"

// detailTime is how long the details of a process may take: its memory may be locked, its disk asleep.
const detailTime = 2 * time.Second

// tellDetails fills in what tells one node from another: the command and the folder. They
// are read off the UI thread, into lines that are there already, so that nothing moves.
func (k *killing) tellDetails(p *process.Process, command, folder *widget.Label) {
	k.spawn(func() {
		ctx, cancel := context.WithTimeout(context.Background(), detailTime)
		defer cancel()
		d, err := k.detail(ctx, p.ID)
		k.do(func() {
			command.SetText(orUnknown(abbreviated(table.Clean(strings.Join(d.Command, " ")), detailLength), err))
			folder.SetText(orUnknown(abbreviated(table.Clean(d.Directory), detailLength), err))
		})
	})
}

// detailLength is how many characters of a path or a command the dialog shows.
const detailLength = 56

// orUnknown gives the text, or says why there is none.
func orUnknown(text string, err error) string {
	switch {
	case errors.Is(err, process.ErrGone):
		return "it has already ended"
	case err != nil || text == "":
		return "may not be read"
	default:
		return text
	}
}

func userOf(p *process.Process) string {
	if p.User == "" {
		return "not known"
	}
	return table.Clean(p.User)
}

// notes are the doubts about a kill, if any.
func (k *killing) notes(p *process.Process, note string) []string {
	var all []string
	if note != "" {
		all = append(all, note)
	}
	if p.UID >= 0 && k.uid > 0 && p.UID != k.uid {
		all = append(all, fmt.Sprintf("It belongs to %s: the system will most likely not let you end it.", userOf(p)))
	}
	return all
}

// explain says why there is nothing to end.
func (k *killing) explain(a answer) {
	k.open(&killDialog{}, a.title, remark(a.text, widget.MediumImportance), newModalButton("Close", widget.MediumImportance, nil))
}

// choose names the processes of a group, and leads to their rows.
func (k *killing) choose(row table.Row, a answer) {
	s := k.window.snapshot()
	var lines []string
	for _, p := range a.several {
		line := name(p)
		if held := table.PortsOf(s, p.ID); len(held) > 0 {
			line += fmt.Sprintf("  %s %s", held[0].Socket.Protocol, table.Endpoint(held[0].Socket))
			if len(held) > 1 {
				line += fmt.Sprintf(" and %d more", len(held)-1)
			}
		}
		lines = append(lines, line)
	}
	list := widget.NewLabelWithStyle(strings.Join(lines, "\n"), fyne.TextAlignLeading, fyne.TextStyle{Monospace: true})
	list.Truncation = fyne.TextTruncateEllipsis
	scroll := container.NewVScroll(list)
	scroll.SetMinSize(fyne.NewSize(0, listHeight(list)))
	body := container.NewVBox(remark(a.text, widget.MediumImportance), scroll)
	buttons := []*modalButton{newModalButton("Close", widget.MediumImportance, nil)}
	if row.Group != nil && !row.Group.Open {
		buttons = append(buttons, newModalButton("Open the group", widget.HighImportance, func() { k.window.toggle(row) }))
	}
	k.open(&killDialog{}, a.title, body, buttons...)
}

func (k *killing) open(d *killDialog, title string, body fyne.CanvasObject, buttons ...*modalButton) {
	k.dialog = d
	d.modal = showModal(k.window.Canvas(), title, body, func() {
		k.dialog = nil
		k.window.table.takeFocus()
	}, buttons...)
}

// remark is a paragraph in a dialog.
func remark(text string, importance widget.Importance) *widget.Label {
	label := widget.NewLabel(text)
	label.Wrapping = fyne.TextWrapWord
	label.Importance = importance
	return label
}

// abbreviated cuts the middle out of a long path: its two ends say most.
func abbreviated(path string, most int) string {
	if home, err := os.UserHomeDir(); err == nil && home != "/" {
		if below, ok := strings.CutPrefix(path, home); ok && (below == "" || below[0] == '/') {
			path = "~" + below
		}
	}
	runes := []rune(path)
	if len(runes) <= most {
		return path
	}
	return string(runes[:most/3]) + "…" + string(runes[len(runes)-(most-most/3-1):])
}
