package ui

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/restart"
	"portolan/internal/table"
)

const (
	// causeTime is how long it may take to find out who would start it again.
	causeTime = 2 * time.Second
	// askedFor is how many processes of an app are asked about: those that started the others.
	askedFor = 4
	// causeRoom is the height that is kept for the answer: two lines and a command.
	causeRoom = 76
	// causeLength is how many characters of a reason are shown: the names in it come from outside.
	causeLength = 240
)

// comeback is the part of the dialog that says who would start it again, and how it is stopped
// the right way. Its room is kept from the start, so that no button moves when the answer comes.
type comeback struct {
	killing *killing
	dialog  *killDialog
	section fyne.CanvasObject
	answer  *fyne.Container
	room    *container.Scroll // for the answer
	first   bool              // it stands above all else: what is to end only works for another
	targets []*process.Process
	held    map[process.ID][]*netstat.Socket
}

// newComeback makes the part; nil where it is out of place: nobody can be asked, or it is the second act.
func (k *killing) newComeback(d *killDialog, s *netstat.Snapshot, sig process.Signal) *comeback {
	if k.causes == nil || sig != process.Terminate {
		return nil
	}
	waves := inWaves(d.answer.targets)
	c := &comeback{killing: k, dialog: d, answer: column(remark(language.T("Looking for what would start it again…"), widget.LowImportance)),
		held: map[process.ID][]*netstat.Socket{}}
	for _, at := range waves[0][:min(len(waves[0]), askedFor)] {
		p := d.answer.targets[at]
		c.targets = append(c.targets, p)
		c.first = c.first || restart.Forwards(p)
		for _, held := range table.PortsOf(s, p.ID) {
			if table.Waits(held.Socket) {
				c.held[p.ID] = append(c.held[p.ID], held.Socket)
			}
		}
	}
	heading := language.T("Will it come back?")
	if c.first {
		heading = language.T("It works for a container")
	}
	c.room = container.NewVScroll(c.answer)
	c.room.SetMinSize(fyne.NewSize(0, causeRoom))
	c.section = column(widget.NewSeparator(), bold(heading), c.room)
	return c
}

// below puts something below the answer.
func (c *comeback) below(o fyne.CanvasObject) {
	c.room.Content = column(c.answer, o)
	c.room.Refresh()
}

// ask asks off the UI thread, once the dialog is open.
func (c *comeback) ask() {
	k := c.killing
	if c.first {
		c.demote("")
	}
	k.spawn(func() {
		ctx, cancel := context.WithTimeout(context.Background(), causeTime)
		defer cancel()
		var causes []restart.Cause
		for _, p := range c.targets {
			for _, cause := range k.causes(ctx, p, c.held[p.ID]) {
				if !slices.Contains(causes, cause) {
					causes = append(causes, cause)
				}
			}
		}
		k.do(func() {
			slog.Debug("kill causes", "count", len(causes))
			if k.dialog == c.dialog {
				c.tell(causes)
			}
		})
	})
}

// tell shows the answer in the room that was kept for it.
func (c *comeback) tell(causes []restart.Cause) {
	var lines []fyne.CanvasObject
	if len(causes) == 0 {
		lines = append(lines, remark(language.T("Nothing is known that would start it again."), widget.LowImportance))
	}
	// What it works for comes before what else there is to say.
	slices.SortStableFunc(causes, func(a, b restart.Cause) int { return rank(a) - rank(b) })
	for _, cause := range causes {
		importance := widget.MediumImportance
		if cause.Returns || cause.Kind == restart.Forwarder {
			importance = widget.WarningImportance
		}
		lines = append(lines, remark(abbreviated(cause.Text, causeLength), importance))
		if cause.Stop != "" {
			lines = append(lines, c.command(cause.Stop))
		}
		if cause.Kind == restart.Forwarder {
			c.demote(cause.Stop)
		}
	}
	c.answer.Objects = []fyne.CanvasObject{column(lines...)}
	c.answer.Refresh()
	c.room.Content.Refresh() // what is below the answer moves
	c.room.Refresh()
	c.giveBack()
}

// giveBack gives what the answer does not need of its room to the list of the ports, when that has more to show: line
// by line, so that the buttons stay where they are.
func (c *comeback) giveBack() {
	list, kept := c.dialog.ports, c.room.MinSize().Height
	lines := min(len(list.lines)-list.room, int((kept-c.room.Content.MinSize().Height)/list.lineHeight()))
	if lines <= 0 {
		return
	}
	list.room += lines
	c.room.SetMinSize(fyne.NewSize(0, kept-float32(lines)*list.lineHeight()))
	c.dialog.text.Content.Refresh()
}

func rank(c restart.Cause) int {
	switch {
	case c.Kind == restart.Forwarder:
		return 0
	case c.Returns:
		return 1
	default:
		return 2
	}
}

// command is a command to be copied.
func (c *comeback) command(stop string) fyne.CanvasObject {
	text := newReadable()
	text.Text, text.TextStyle.Monospace, text.Truncation = strings.TrimSpace(stop), true, fyne.TextTruncateEllipsis
	copying := widget.NewButtonWithIcon(language.T("Copy"), theme.ContentCopyIcon(), nil)
	copying.Importance = widget.LowImportance
	copying.OnTapped = func() {
		c.killing.window.copy(stop)
		copying.SetText(language.T("Copied"))
	}
	return container.NewBorder(nil, nil, nil, copying, middle(text))
}

// demote makes ending it the last thing to do: it would only break a container's port. The command that
// stops the container, when it is known, comes first.
func (c *comeback) demote(stop string) {
	d := c.dialog
	d.act.Importance = widget.MediumImportance
	d.act.SetText(language.T("End it anyway"))
	if stop != "" && !d.stop.Visible() {
		d.stop.OnTapped = func() {
			c.killing.window.copy(stop)
			d.stop.SetText(language.T("Copied"))
		}
		d.stop.Show()
	}
	d.row.Refresh()
}
