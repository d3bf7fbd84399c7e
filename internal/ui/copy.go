package ui

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"portolan/internal/export"
	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/table"
)

func (w *window) copy(text string) { w.ui.app.Clipboard().SetContent(text) }

// copyRows copies what the rows show.
func (w *window) copyRows(rows []table.Row) {
	if len(rows) > 0 {
		w.copy(rowLines(rows, w.shownColumns()))
	}
}

// copying is something of rows that can be copied.
type copying struct {
	label  string
	values []string
}

// copies are what can be copied of rows, each with what there is of it.
func (w *window) copies(rows []table.Row) []copying {
	processes := processesIn(rows, w.snapshot())
	return []copying{
		{language.T("Name"), groupNames(rows)},
		{language.T("Address"), ofSockets(rows, func(s *netstat.Socket) string { return table.Endpoint(s) })},
		{language.T("Port"), portsIn(rows)},
		{language.T("Remote address"), ofSockets(rows, remoteText)},
		{language.T("PID"), ofProcesses(processes, func(p *process.Process) string { return strconv.Itoa(p.PID) })},
		{language.T("Command line"), ofProcesses(processes, commandText)},
		{language.T("portctl command"), portctlLines(rows)},
	}
}

// copyItems are the lines of the menu's part that copies: each what there is of it in the rows.
func (w *window) copyItems(rows []table.Row) []*fyne.MenuItem {
	var items []*fyne.MenuItem
	for _, c := range w.copies(rows) {
		if len(c.values) > 0 {
			items = append(items, fyne.NewMenuItem(c.label, func() { w.copy(strings.Join(c.values, "\n")) }))
		}
	}
	return append(items, fyne.NewMenuItemSeparator(),
		w.keyed(fyne.KeyG, fyne.NewMenuItem(language.T("As JSON"), func() { w.copyJSON(rows) })),
		fyne.NewMenuItem(language.T("As CSV"), func() { w.copyCSV(rows) }))
}

// rowLines gives what the rows show in these columns, the cells parted by tabs as spreadsheets take them.
func rowLines(rows []table.Row, columns []table.Column) string {
	lines := make([]string, len(rows))
	for i := range rows {
		cells := make([]string, len(columns))
		for c := range columns {
			cells[c] = columns[c].Text(&rows[i])
		}
		lines[i] = strings.Join(cells, "\t")
	}
	return strings.Join(lines, "\n")
}

// copyJSON copies the rows as portctl writes them: one object, or a list of them.
func (w *window) copyJSON(rows []table.Row) {
	s := w.snapshot()
	if s == nil || len(rows) == 0 {
		return
	}
	census := table.TakeCensus(s, w.ui.options.Rules().Ephemeral, w.view.Past)
	var all []any
	for _, span := range export.NewSpans(s, rows, census, "").Spans {
		all = append(all, span)
	}
	rows = slices.DeleteFunc(slices.Clone(rows), func(r table.Row) bool { return r.Span != nil })
	for _, a := range export.NewApps(s, groupsIn(rows), "").Apps {
		all = append(all, a)
	}
	for _, socket := range socketsIn(rows, s) {
		all = append(all, export.NewSocket(socket, census))
	}
	var out strings.Builder
	var err error
	if len(all) == 1 {
		err = export.WriteJSON(&out, all[0])
	} else {
		err = export.WriteJSON(&out, all)
	}
	if err == nil { // a Builder takes all
		w.copy(out.String())
	}
}

func (w *window) copyCSV(rows []table.Row) {
	var out strings.Builder
	if export.WriteCSV(&out, exported(w.shownColumns(), w.columnsOf(w.shown.view)), rows) == nil {
		w.copy(out.String())
	}
}

// shownColumns are the columns of the view that is shown, those of a tree's sockets too.
func (w *window) shownColumns() []table.Column {
	l := w.columnsOf(w.shown.view)
	return append(slices.Clone(l.columns), l.own...)
}

// exported gives the columns with which a tree is written, in which every line has to say for itself what it is: how deep it stands
// in the tree comes first, and an app, a process and a PID are in the lines of sockets too. A flat table is written as it is shown.
func exported(columns []table.Column, l *columnLayout) []table.Column {
	if !l.tree {
		return columns
	}
	flat := table.Columns()
	of := func(id table.ColumnID) *table.Column {
		if i := slices.IndexFunc(flat, func(c table.Column) bool { return c.ID == id }); i >= 0 {
			return &flat[i]
		}
		return nil
	}
	all := []table.Column{{ID: "level", English: "Level", Text: levelOf}}
	for _, c := range columns {
		if own := of(c.ID); own != nil && c.ID != table.ColumnPort {
			text := c.Text
			c.Text = func(r *table.Row) string {
				if r.Socket != nil && text(r) == "" {
					return own.Text(r)
				}
				return text(r)
			}
		}
		all = append(all, c)
	}
	for _, id := range []table.ColumnID{table.ColumnApp, table.ColumnProcess, table.ColumnPID, table.ColumnUser} {
		if !slices.ContainsFunc(columns, func(c table.Column) bool { return c.ID == id }) {
			c := *of(id)
			text := c.Text
			c.Text = func(r *table.Row) string {
				if r.Group != nil {
					return ofGroup(r, id)
				}
				return text(r)
			}
			all = append(all, c)
		}
	}
	return all
}

// levelOf says what a line of a tree is.
func levelOf(r *table.Row) string {
	switch {
	case r.Socket != nil:
		return "socket"
	case r.Depth == 0:
		return "app"
	case r.Flow != nil:
		return "service"
	default:
		return "process"
	}
}

// ofGroup is what a line of an app or a process says in a column that the tree does not have.
func ofGroup(r *table.Row, id table.ColumnID) string {
	g := r.Group
	switch {
	case id == table.ColumnApp && g.App.Name != "":
		return table.Clean(g.App.Name)
	case id == table.ColumnApp && r.Depth == 0:
		return g.Name
	case id == table.ColumnUser:
		return g.User
	case g.Process == nil:
		return ""
	case id == table.ColumnProcess:
		return table.Clean(g.Process.Name)
	case id == table.ColumnPID:
		return strconv.Itoa(g.Process.PID)
	}
	return ""
}

// distinct leaves out what is empty and what is there already.
func distinct(values []string) []string {
	seen := map[string]bool{"": true}
	return slices.DeleteFunc(values, func(v string) bool {
		known := seen[v]
		seen[v] = true
		return known
	})
}

func ofSockets(rows []table.Row, text func(*netstat.Socket) string) []string {
	var values []string
	for i := range rows {
		if s := rows[i].Socket; s != nil {
			values = append(values, text(s))
		}
	}
	return distinct(values)
}

func remoteText(s *netstat.Socket) string {
	if !s.Remote.IsValid() {
		return ""
	}
	return table.Clean(s.Remote.String())
}

func portsIn(rows []table.Row) []string {
	var values []string
	for i := range rows {
		switch row := &rows[i]; {
		case row.Socket != nil:
			values = append(values, strconv.Itoa(int(row.Socket.Local.Port())))
		case row.Group != nil:
			for _, p := range row.Group.Ports {
				values = append(values, strconv.Itoa(int(p)))
			}
		}
	}
	return distinct(values)
}

func groupNames(rows []table.Row) []string {
	var values []string
	for _, row := range rows {
		if row.Group != nil {
			values = append(values, row.Group.Name)
		}
	}
	return distinct(values)
}

func ofProcesses(processes []*process.Process, text func(*process.Process) string) []string {
	values := make([]string, len(processes))
	for i, p := range processes {
		values[i] = text(p)
	}
	return distinct(values)
}

// commandText is the command line, with its secrets masked, else the program.
func commandText(p *process.Process) string { return table.Clean(orElse(p.Work.Line, p.Executable)) }

// groupsIn gives the apps among the rows.
func groupsIn(rows []table.Row) []*table.Group {
	var groups []*table.Group
	for _, row := range rows {
		if row.Group != nil && row.Group.Process == nil {
			groups = append(groups, row.Group)
		}
	}
	return groups
}

// socketsIn gives the sockets of the rows, each once: their own, and those of a process.
func socketsIn(rows []table.Row, s *netstat.Snapshot) []*netstat.Socket {
	var sockets []*netstat.Socket
	known := map[uint64]bool{}
	add := func(socket *netstat.Socket) {
		if !known[socket.ID] {
			known[socket.ID] = true
			sockets = append(sockets, socket)
		}
	}
	for _, row := range rows {
		switch {
		case row.Socket != nil:
			add(row.Socket)
		case row.Group != nil && row.Group.Process != nil:
			for _, held := range table.PortsOf(s, row.Group.Process.ID) {
				add(held.Socket)
			}
		}
	}
	return sockets
}

// processesIn gives the processes that the rows are about, each once, in the order of the rows.
func processesIn(rows []table.Row, s *netstat.Snapshot) []*process.Process {
	var processes []*process.Process
	known := map[process.ID]bool{}
	for _, row := range rows {
		var of []*process.Process
		switch {
		case row.Owner != nil:
			of = []*process.Process{row.Owner.Process}
		case row.Group == nil:
		case row.Group.Process != nil:
			of = []*process.Process{row.Group.Process}
		default:
			of, _ = table.AppPorts(s, row.Key.App)
		}
		for _, p := range of {
			if !known[p.ID] {
				known[p.ID] = true
				processes = append(processes, p)
			}
		}
	}
	return processes
}

// portctlLines are commands that show the same in a terminal.
func portctlLines(rows []table.Row) []string {
	var lines []string
	for i := range rows {
		lines = append(lines, portctlLine(&rows[i]))
	}
	return distinct(lines)
}

func portctlLine(row *table.Row) string {
	switch {
	case row.Socket != nil && (table.Waits(row.Socket) || row.Owner == nil):
		return fmt.Sprintf("portctl who %d", row.Socket.Local.Port())
	case row.Socket != nil:
		return "portctl list " + shellWord(fmt.Sprintf("port:%d", row.Socket.Local.Port())) + " " + shellWord("remote:"+table.Quoted(row.Socket.Remote.Addr().Unmap().String()))
	case row.Group == nil:
		return ""
	case row.Group.Process != nil:
		return fmt.Sprintf("portctl list pid:%d", row.Group.Process.PID)
	}
	query := appQuery(table.Clean(row.Group.App.Name))
	if query == "" {
		return ""
	}
	return "portctl list " + shellWord(query)
}

// plainWord is what a shell takes as it is.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:=,%+-]+$`)

// shellWord quotes a word for a POSIX shell.
func shellWord(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
