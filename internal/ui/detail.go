package ui

import (
	"context"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
	"portolan/internal/table"
)

// keyDetail is where it is remembered that the detail pane is shown.
const keyDetail = "detail.shown"

// mostFacts is how many lines the pane has; no row has more.
const mostFacts = 30

// detail is the pane that says what the selected row is: in words, and line by line. While it is
// hidden it does nothing.
type detail struct {
	*fyne.Container
	window *window
	form   *factForm
	scroll *container.Scroll
	rates  *ratePlot

	around
	copying *toolButton                                                // copies what is said
	explain *toolButton                                                // leads to what explains the row
	actions *toolButton                                                // opens the row's menu
	read    func(context.Context, process.ID) (process.Details, error) // nil: there is no more to tell
	kin     func(process.ID) ([]*process.Process, error)               // nil: nobody knows
	do      func(func())
	spawn   func(func())
	later   func(time.Duration, func())

	survey   func() ([]port.Interface, error)
	surveyed time.Time // when the networks were read, or are being read
	now      func() time.Time

	about   subject
	known   bool // there is a row to tell about
	counts  bool // it shows how many bytes come and go, of those that have been asked for
	busy    bool // a read is under way, one at a time
	waiting bool // the next read is due later
}

// newDetail makes the pane, shown as it was left.
func newDetail(w *window) *detail {
	o := w.ui.options
	d := &detail{window: w, form: newFactForm(w.table.takeFocus), read: o.Details, kin: o.Ancestors,
		do: w.ui.model.do, spawn: func(f func()) { go f() }, later: func(t time.Duration, f func()) { time.AfterFunc(t, f) },
		survey: o.Interfaces, now: time.Now}
	d.around = around{me: os.Getuid(), system: runtime.GOOS, past: o.Past}
	if d.survey == nil {
		d.survey = port.Interfaces
	}
	d.scroll = container.NewVScroll(d.form.Container)
	d.copying = newTipButton(w.tips, theme.ContentCopyIcon(), language.T("Copy what is said here"), func() { w.copy(d.text()) })
	d.explain = newTipButton(w.tips, theme.QuestionIcon(), language.T("Explain this row"), w.explainSelected)
	d.actions = newTipButton(w.tips, theme.MoreHorizontalIcon(), language.T("What can be done with this row"), d.showActions)
	closing := newTipButton(w.tips, theme.CancelIcon(), language.F("Close the details (%s)", keyName(fyne.KeyEscape)), d.toggle)
	buttons := container.New(layout.NewCustomPaddedHBoxLayout(2), d.copying, d.explain, d.actions, closing)
	head := container.NewBorder(nil, nil, nil, container.NewVBox(buttons), middle(d.form.title))
	ground := newGround(theme.ColorNameHeaderBackground)
	d.rates = newRatePlot()
	inner := container.New(&paneLayout{form: d.form, buttons: buttons}, head, container.NewBorder(nil, d.rates, nil, nil, d.scroll))
	d.form.changed = inner.Refresh
	d.Container = container.NewStack(ground, container.New(layout.NewCustomPaddedLayout(6, 6, 12, 8), inner))
	shown := w.ui.app.Preferences().Bool(keyDetail)
	if w.showPaneOpen(shown); !shown {
		d.Hide()
	}
	d.fill()
	return d
}

func newIconButton(icon fyne.Resource, tapped func()) *widget.Button {
	b := widget.NewButtonWithIcon("", icon, tapped)
	b.Importance = widget.LowImportance
	return b
}

// toggle shows or hides the pane, and remembers that.
func (d *detail) toggle() {
	shown := !d.Visible()
	d.window.ui.app.Preferences().SetBool(keyDetail, shown)
	slog.Debug("detail", "shown", shown)
	d.window.showPaneOpen(shown)
	if !shown {
		d.Hide()
		d.counts = false
	} else {
		d.Show()
		row, ok := d.window.table.Selected()
		d.show(row, ok, d.window.snapshot())
	}
	d.window.menus.tick()
	d.window.ui.count()
	d.window.Content().Refresh()
}

// show tells about a row, of a snapshot. What was read of the same process stays until it is read anew.
func (d *detail) show(row table.Row, ok bool, s *netstat.Snapshot) {
	if !d.Visible() {
		return
	}
	if known := ok && s != nil; known != d.known {
		d.known = known
		defer d.window.Content().Refresh() // in a low window it comes and goes with what it tells, see beside
	}
	several := d.known && len(d.window.table.chosen) > 1
	if counts := d.known && !several && carries(&row); counts != d.counts {
		d.counts = counts
		d.window.ui.count()
	}
	if several {
		d.lookAtRates(nil, s)
		d.about = subject{around: d.around, several: d.window.table.SelectedRows(), snapshot: s}
		d.fill()
		return
	}
	d.lookAtRates(&row, s)
	if !d.known {
		d.about = subject{}
		d.fill()
		return
	}
	p := processOf(row, s)
	same := p != nil && d.about.process != nil && d.about.process.ID == p.ID
	before := d.about
	d.terms = d.window.explainFacts()
	d.about = subject{around: d.around, row: row, ended: d.window.shown.view.Marks.EndOf(&row), snapshot: s, process: p}
	if same {
		d.about.read, d.about.details, d.about.err, d.about.ancestors = before.read, before.details, before.err, before.ancestors
	}
	if d.about.over() {
		d.about.read, d.about.details, d.about.err = true, process.Details{}, nil
		d.fill()
		return // the process may have gone too, and what it does now says nothing about then
	}
	d.fill()
	d.lookAround()
	if !same || !d.waiting { // not waiting: the window was hidden when the next read was due
		d.ask()
	}
}

// carries reports whether the row has a TCP connection, of which the bytes can be counted.
func carries(row *table.Row) bool {
	switch {
	case row.Socket != nil:
		s := row.Socket
		return s.Protocol == netstat.TCP && s.Remote.IsValid() && s.State != netstat.TimeWait && s.State != netstat.Closed
	case row.Flow != nil:
		return row.Flow.Sentence == "" // all but TIME_WAIT
	default:
		return row.Group.Established+row.Group.Closing > 0 && row.Group.Absence != netstat.Kernel
	}
}

// surveyTime is how long what is known of the networks is good for: cables are pulled, and Wi-Fi comes and goes.
const surveyTime = 10 * time.Second

// lookAround reads which networks this computer is on, off the UI thread, when the row waits for somebody.
func (d *detail) lookAround() {
	if s := d.about.row.Socket; s == nil || !table.Waits(s) || d.now().Sub(d.surveyed) < surveyTime {
		return
	}
	d.surveyed = d.now()
	d.spawn(func() {
		networks, err := d.survey()
		d.do(func() {
			if err != nil {
				slog.Warn("the networks are not known", "err", err)
				return
			}
			d.networks, d.about.networks = networks, networks
			d.fill()
		})
	})
}

// showActions opens the menu of the row that the pane is about, below its button.
func (d *detail) showActions() {
	if row, ok := d.window.table.Selected(); ok && d.known {
		corner := d.window.ui.app.Driver().AbsolutePositionForObject(d.actions)
		d.window.showMenu(row, corner.AddXY(0, d.actions.Size().Height))
	}
}

// fill shows what is known.
func (d *detail) fill() {
	for _, b := range []*toolButton{d.copying, d.actions, d.explain} {
		if d.known && (b != d.explain || len(d.about.several) == 0) {
			b.Enable()
		} else {
			b.Disable()
		}
	}
	if !d.known {
		d.form.set(language.T("No row is selected"), language.T("Select one to read here what it is, who opened it and how that came to run."), nil)
		return
	}
	d.form.set(d.about.title(), d.about.sentence(), d.about.facts())
}

// ask reads more of the process, off the UI thread, and again and again as long as it is shown.
func (d *detail) ask() {
	p := d.about.process
	if p == nil || d.read == nil || d.busy || !d.Visible() || !d.window.ui.visible {
		return
	}
	d.busy = true
	d.spawn(func() {
		ctx, cancel := context.WithTimeout(context.Background(), detailTime)
		defer cancel()
		details, err := d.read(ctx, p.ID)
		var kin []*process.Process
		if d.kin != nil && err == nil {
			kin, _ = d.kin(p.ID) // without them the chain is short
		}
		d.do(func() { d.came(p.ID, details, err, kin) })
	})
}

// came shows what was read, if it is still about the process that is shown.
func (d *detail) came(id process.ID, details process.Details, err error, kin []*process.Process) {
	d.busy = false
	if d.about.process == nil || d.about.process.ID != id {
		d.ask()
		return
	}
	slog.Debug("detail read", "pid", id.PID, "ancestors", len(kin), "err", err)
	d.about.read, d.about.details, d.about.err = true, details, err
	if len(kin) > 0 || err != nil {
		d.about.ancestors = kin
	}
	if !d.Visible() {
		return
	}
	d.fill()
	if d.waiting {
		return
	}
	d.waiting = true
	d.later(d.window.ui.pace().interval(), func() {
		d.do(func() {
			d.waiting = false
			d.ask()
		})
	})
}

// text is all that the pane says, to be copied.
func (d *detail) text() string {
	if !d.known {
		return ""
	}
	lines := []string{d.about.title(), d.about.sentence(), ""}
	for _, f := range d.about.facts() {
		lines = append(lines, f.key+": "+strings.ReplaceAll(f.value, "\n", "; "))
	}
	return strings.Join(lines, "\n")
}
