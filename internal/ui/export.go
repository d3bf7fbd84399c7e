package ui

import (
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/export"
	"portolan/internal/language"
	"portolan/internal/table"
)

// The endings of the files that the export writes.
const (
	endingCSV  = ".csv"
	endingJSON = ".json"
)

// exportDialog asks where what is shown is to be written, and in which form.
type exportDialog struct {
	*modal
	window  *window
	content content // what was shown when it was asked for
	columns []table.Column

	path    *pathEntry
	form    *segments
	problem *words
	act     *modalButton
	replace string // the path that the person was told is there already
	writing bool
}

// export asks for a file and writes what is shown into it.
func (w *window) export() {
	if w.asking() || w.snapshot() == nil {
		return
	}
	w.closeMenu()
	d := &exportDialog{window: w, content: w.shown, columns: exported(w.shownColumns(), w.columnsOf(w.shown.view)), problem: remark("", widget.WarningImportance)}
	d.content.rows = slices.DeleteFunc(slices.Clone(d.content.rows), func(r table.Row) bool { return r.Mark == table.MarkClosed })
	d.path = newPathEntry(d)
	d.path.SetText(exportPath(w.killing.now()))
	d.path.OnChanged = func(string) { d.changed() }
	d.form = newSegments("CSV", "JSON")
	d.form.onChange = d.setForm
	d.act = newModalButton(language.T("Export"), widget.HighImportance, d.write)
	d.act.stays = true
	d.problem.Hide()
	lines := language.N("%d row is written as it is shown.", "%d rows are written as they are shown.", len(d.content.rows))
	choose := newModalButton(language.T("Folder…"), widget.MediumImportance, nil)
	choose.OnTapped = func() { d.chooseFolder(choose) }
	body := container.New(layout.NewCustomPaddedVBoxLayout(10), remark(lines, widget.MediumImportance), container.NewHBox(d.form),
		container.New(layout.NewCustomPaddedVBoxLayout(2), container.New(sideBySide{}, d.path, choose), d.problem))
	d.modal = w.showModal(listWidth, language.T("Export"), body, func() {
		w.exporting = nil
		w.table.takeFocus()
	}, newModalButton(language.T("Cancel"), widget.MediumImportance, nil), d.act)
	w.exporting, choose.dialog = d, d.modal
	w.Canvas().Focus(d.path)
	d.path.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd}) // the name is what is changed most
}

// sideBySide gives the first object what the second leaves of the width.
type sideBySide struct{}

const besideGap = 8

func (sideBySide) MinSize(objects []fyne.CanvasObject) fyne.Size {
	a, b := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(a.Width+besideGap+b.Width, max(a.Height, b.Height))
}

func (sideBySide) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	right := objects[1].MinSize().Width
	objects[0].Move(fyne.NewPos(0, 0))
	objects[0].Resize(fyne.NewSize(size.Width-right-besideGap, size.Height))
	objects[1].Move(fyne.NewPos(size.Width-right, 0))
	objects[1].Resize(fyne.NewSize(right, size.Height))
}

// mostFolders is how many folders of the present one are offered.
const mostFolders = 20

// chooseFolder offers folders below its button: the usual ones, the one above and those in the present one. Fyne's dialog for a file would
// make that file, or empty it, before anything is asked.
func (d *exportDialog) chooseFolder(button fyne.CanvasObject) {
	folder := d.folder()
	d.window.killing.spawn(func() { // a disk may be asleep, and a folder full
		items := d.folderItems(folder)
		d.window.ui.model.do(func() {
			if d.window.exporting == d && button.Visible() {
				d.showFolders(items, button)
			}
		})
	})
}

func (d *exportDialog) showFolders(items []*fyne.MenuItem, button fyne.CanvasObject) {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(button)
	d.window.menuOver(items, d.path).showAt(at.AddXY(0, button.Size().Height))
}

// folderItems are the lines of that menu, of which folder is the one that is written to. It is called off the UI thread.
func (d *exportDialog) folderItems(folder string) []*fyne.MenuItem {
	var items []*fyne.MenuItem
	add := func(label, other string) {
		item := fyne.NewMenuItem(label, func() { d.inFolder(other) })
		item.Checked = other == folder
		items = append(items, item)
	}
	if home, err := os.UserHomeDir(); err == nil {
		add(language.T("Home folder"), home)
		for _, name := range []string{"Desktop", "Documents", "Downloads"} {
			if isFolder(filepath.Join(home, name)) {
				add(filepath.Join("~", name), filepath.Join(home, name))
			}
		}
	}
	items = append(items, fyne.NewMenuItemSeparator())
	if above := filepath.Dir(folder); above != folder {
		add(language.F("Up to %s", abbreviated(table.Clean(above), menuNameLength)), above)
	}
	entries, _ := os.ReadDir(folder) // of one that may not be read nothing is offered
	offered := 0
	for _, e := range entries {
		if path := filepath.Join(folder, e.Name()); offered < mostFolders && !strings.HasPrefix(e.Name(), ".") && isFolder(path) {
			add(abbreviated(table.Clean(e.Name()), menuNameLength), path)
			offered++
		}
	}
	return items
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// folder is the one that is written to, as the path is now.
func (d *exportDialog) folder() string {
	path, err := absolute(d.path.Text)
	if err != nil {
		path, _ = absolute(exportPath(d.window.killing.now())) // the home folder may be unknown: then it is a relative one
	}
	return filepath.Dir(path)
}

// inFolder puts the file into another folder.
func (d *exportDialog) inFolder(folder string) {
	name := filepath.Base(exportPath(d.window.killing.now()))
	if path, err := absolute(d.path.Text); err == nil && filepath.Ext(path) != "" {
		name = filepath.Base(path)
	}
	d.path.SetText(filepath.Join(folder, name))
}

// exportPath proposes a file in the folder where people look for what they saved.
func exportPath(now time.Time) string {
	name := "portolan-" + now.Format("2006-01-02-1504") + endingCSV
	home, err := os.UserHomeDir()
	if err != nil {
		return name
	}
	for _, folder := range []string{"Downloads", "Documents"} {
		if isFolder(filepath.Join(home, folder)) {
			return filepath.Join(home, folder, name)
		}
	}
	return filepath.Join(home, name)
}

// setForm gives the file the ending of its form.
func (d *exportDialog) setForm(chosen int) {
	ending := []string{endingCSV, endingJSON}[chosen]
	path := d.path.Text
	if old := filepath.Ext(path); strings.EqualFold(old, endingCSV) || strings.EqualFold(old, endingJSON) {
		path = strings.TrimSuffix(path, old)
	}
	d.path.SetText(path + ending)
}

// changed takes a path that is typed: its ending chooses the form.
func (d *exportDialog) changed() {
	switch ending := filepath.Ext(d.path.Text); {
	case strings.EqualFold(ending, endingCSV):
		d.form.choose(0)
	case strings.EqualFold(ending, endingJSON):
		d.form.choose(1)
	}
	d.replace = ""
	d.say("", language.T("Export"))
}

// say shows what is in the way, and what the button does now.
func (d *exportDialog) say(problem, act string) {
	setText(d.problem, problem)
	if problem == "" {
		d.problem.Hide()
	} else {
		d.problem.Show()
	}
	if d.act.Text != act {
		d.act.SetText(act)
	}
	if d.modal != nil {
		d.popup.Refresh()
	}
}

// write writes the file off the UI thread.
func (d *exportDialog) write() {
	path, err := absolute(d.path.Text)
	if err != nil {
		d.say(exportProblem(err), d.act.Text)
		return
	}
	if d.writing {
		return
	}
	d.writing = true
	d.act.Disable()
	asJSON, replace := d.form.chosen == 1, d.replace == path
	w := d.window
	w.killing.spawn(func() {
		err := export.WriteFile(path, replace, func(out io.Writer) error {
			if asJSON {
				return d.content.writeJSON(out)
			}
			return export.WriteCSV(out, d.columns, d.content.rows)
		})
		w.ui.model.do(func() { d.written(path, err) })
	})
}

// absolute understands a path as a shell does: ~ is the home folder, where it also begins.
func absolute(path string) (string, error) {
	path = strings.TrimSpace(path)
	if path == "" {
		return "", errNoPath
	}
	if filepath.IsAbs(path) {
		return filepath.Clean(path), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	if path == "~" {
		return home, nil
	}
	return filepath.Join(home, strings.TrimPrefix(path, "~/")), nil
}

var errNoPath = errors.New("no path")

// written tells what came of it. The dialog stays where something is to be put right.
func (d *exportDialog) written(path string, err error) {
	slog.Debug("export", "path", path, "rows", len(d.content.rows), "err", err)
	w := d.window
	d.writing = false
	d.act.Enable()
	shown := abbreviated(table.Clean(path), pathLength)
	switch {
	case err == nil:
		if w.exporting == d {
			d.close()
		}
		w.notice.tell(theme.ColorNameSuccess, language.N("%d row was written to %s.", "%d rows were written to %s.", len(d.content.rows), shown),
			language.T("Show file"), func() { w.reveal(path) })
	case w.exporting != d: // it was left meanwhile
		w.notice.tell(theme.ColorNameError, language.F("%s was not written: %s", shown, exportProblem(err)), "", nil)
	case errors.Is(err, fs.ErrExist):
		d.replace = path
		d.say(language.T("There is a file of this name already. It is lost when it is replaced."), language.T("Replace"))
	default:
		d.say(exportProblem(err), language.T("Export"))
	}
}

// exportProblem says what is in the way, and what helps.
func exportProblem(err error) string {
	switch {
	case errors.Is(err, errNoPath):
		return language.T("Name a file to write to.")
	case errors.Is(err, export.ErrNoSpace):
		return language.T("There is no room left on this disk. Nothing was written.")
	case errors.Is(err, export.ErrReadOnly):
		return language.T("Nothing can be written on this disk. Choose another folder.")
	case errors.Is(err, export.ErrNotFile):
		return language.T("This is not the name of a file. Choose another name.")
	case errors.Is(err, fs.ErrPermission):
		return language.T("This user may not write there. Choose another folder.")
	case errors.Is(err, fs.ErrNotExist):
		return language.T("There is no such folder. Choose another one.")
	default:
		return language.F("The file could not be written: %s.", table.Clean(err.Error()))
	}
}

// writeJSON writes what is shown: sockets as portctl does, of a tree what is open of it, of the last minutes how long each socket was there.
func (c *content) writeJSON(out io.Writer) error {
	s := c.update.Snapshot
	census := table.TakeCensus(s, c.view.Ephemeral, c.view.Past)
	host, err := os.Hostname()
	if err != nil {
		host = "" // a computer may have no name
	}
	host = table.Clean(host)
	switch {
	case c.view.Recent:
		return export.WriteJSON(out, export.NewSpans(s, c.rows, census, host))
	case c.view.Lens:
		return export.WriteJSON(out, export.NewFlows(s, c.rows, census, host))
	case c.view.ByApp:
		return export.WriteJSON(out, export.NewOpenedApps(s, c.rows, census, host))
	}
	return export.WriteJSON(out, export.NewList(s, socketsIn(c.rows, s), census, host))
}

// pathEntry is where the file is typed. It understands the dialog's keys.
type pathEntry struct {
	widget.Entry
	dialog *exportDialog
}

func newPathEntry(d *exportDialog) *pathEntry {
	e := &pathEntry{dialog: d}
	e.Wrapping = fyne.TextWrapOff
	e.Scroll = fyne.ScrollHorizontalOnly
	e.ExtendBaseWidget(e)
	return e
}

// TypedKey leaves on Escape and writes on Enter.
func (e *pathEntry) TypedKey(key *fyne.KeyEvent) {
	switch key.Name {
	case fyne.KeyEscape:
		e.dialog.cancel()
	case fyne.KeyReturn, fyne.KeyEnter:
		e.dialog.write()
	default:
		e.Entry.TypedKey(key)
	}
}
