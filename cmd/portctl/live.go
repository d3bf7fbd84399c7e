package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"portolan/internal/monitor"
	"portolan/internal/port"
	"portolan/internal/table"
)

// watchLive shows the table on the terminal until the person leaves it.
func watchLive(ctx context.Context, sys *system, m *monitor.Monitor, rules *ruled, view table.View, query string) error {
	ctx, cancel := context.WithCancel(ctx)
	model := newLive(view, query, sys.terminal.colour, controls{pause: m.SetPaused, refresh: m.Refresh, count: m.SetCounting})
	program := tea.NewProgram(model, tea.WithContext(ctx), tea.WithInput(sys.in), tea.WithOutput(sys.out.to), tea.WithoutSignalHandler())
	defer m.Subscribe(func(u monitor.Update) { program.Send(updateMsg{u, rules.now}) })()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = m.Run(ctx) // it ends with ctx only
	}()
	_, err := program.Run()
	interrupted := ctx.Err() != nil
	cancel()
	<-done // the reader is closed after this, and must not be in use then
	if err != nil && !interrupted {
		return fmt.Errorf("show the live table: %w", err)
	}
	return nil
}

// updateMsg brings what the monitor tells, and the rules that hold then.
type updateMsg struct {
	update monitor.Update
	rules  port.Rules
}

// controls are what the keys set in motion outside of the model.
type controls struct {
	pause   func(bool)
	refresh func()
	count   func(bool) // bytes, which only the by-app view shows
}

// live is the state of the live table. It is a value: Update gives a new one, View draws it,
// and neither touches anything else.
type live struct {
	view     table.View
	query    string // as it was typed, and holds
	typing   bool   // in the line that starts with a slash
	draft    string
	queryErr error
	paused   bool
	colour   bool
	controls controls

	update monitor.Update
	fresh  map[uint64]bool // sockets that the last update opened
	rows   []table.Row
	found  int    // sockets that match the query
	sheet  *sheet // of the rows, cut to the width; never changed once it is made
	widths []int

	past          livePast
	width, height int
	top, cursor   int  // rows: the first on the screen, the selected one
	touched       bool // the cursor was moved: from now on what it is on stays put
}

func newLive(view table.View, query string, colour bool, c controls) live {
	return live{view: view, query: query, colour: colour, controls: c, width: 80, height: 24}
}

// Init is of tea.Model: nothing has to be started.
func (m live) Init() tea.Cmd { return nil }

// Update is of tea.Model.
func (m live) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		return m.laidOut().inView().remembered(), nil
	case updateMsg:
		return m.updated(msg), nil
	case tea.PasteMsg:
		if m.typing {
			m.draft += strings.Join(strings.Fields(msg.Content), " ")
		}
		return m, nil
	case tea.KeyPressMsg:
		if m.typing {
			return m.typed(msg)
		}
		return m.pressed(msg)
	}
	return m, nil
}

func (m live) updated(msg updateMsg) live {
	m.update = msg.update
	m.view.Ephemeral, m.view.TimeWait = msg.rules.Ephemeral, msg.rules.TimeWait
	m.fresh = make(map[uint64]bool, len(m.update.Opened))
	for _, s := range m.update.Opened {
		m.fresh[s.ID] = true
	}
	return m.rebuilt()
}

// pressed is what the keys do.
func (m live) pressed(key tea.KeyPressMsg) (tea.Model, tea.Cmd) {
	if m.past.shown {
		if next, done := m.pastPressed(key); done {
			return next, nil
		}
	}
	switch key.String() {
	case "q", "ctrl+c":
		return m, tea.Quit
	case "ctrl+z":
		return m, tea.Suspend
	case "/":
		m.typing, m.draft, m.queryErr = true, m.query, nil
	case "esc":
		return m.filtered(""), nil
	case "h":
		return m.remembering(true), nil
	case "g":
		m = m.grouped()
		count, byApp := m.controls.count, m.view.ByApp
		return m, func() tea.Msg { count(byApp); return nil }
	case "s":
		return m.sortedByNext(), nil
	case "S":
		m.view.Descending = !m.view.Descending
		return m.rebuilt(), nil
	case "p":
		m.paused = !m.paused
		pause, paused := m.controls.pause, m.paused
		return m, func() tea.Msg { pause(paused); return nil }
	case "r":
		refresh := m.controls.refresh
		return m, func() tea.Msg { refresh(); return nil }
	case "enter", "space", "left", "right":
		return m.toggled(key.String()), nil
	default:
		if step, ok := m.step(key.String()); ok {
			m.touched = true
			m.cursor += step
			return m.inView(), nil
		}
	}
	return m, nil
}

// step is how far a key moves the cursor.
func (m live) step(key string) (int, bool) {
	switch key {
	case "up", "k":
		return -1, true
	case "down", "j":
		return 1, true
	case "pgup", "ctrl+b":
		return -m.body(), true
	case "pgdown", "ctrl+f":
		return m.body(), true
	case "home":
		return -len(m.rows), true
	case "end", "G":
		return len(m.rows), true
	}
	return 0, false
}

// typed takes the keys while the query is being typed.
func (m live) typed(key tea.KeyPressMsg) (tea.Model, tea.Cmd) {
	switch key.String() {
	case "ctrl+c":
		return m, tea.Quit
	case "esc":
		m.typing, m.queryErr = false, nil
	case "enter":
		return m.filtered(m.draft), nil
	case "backspace":
		if letters := []rune(m.draft); len(letters) > 0 {
			m.draft = string(letters[:len(letters)-1])
		}
	case "ctrl+u":
		m.draft = ""
	default:
		m.draft += key.Text
	}
	return m, nil
}

// filtered puts a query into force, or stays at the line and shows why it makes no sense.
func (m live) filtered(text string) live {
	query, err := table.ParseQuery(text)
	if err != nil {
		m.queryErr = err
		return m
	}
	m.typing, m.queryErr = false, nil
	m.query, m.view.Query = strings.TrimSpace(text), query
	return m.rebuilt().inView()
}

// sortedByNext goes through the columns, and then back to the natural order.
func (m live) sortedByNext() live {
	order := append([]table.Column{{}}, columnsOf(m.view.ByApp)...)
	at := slices.IndexFunc(order, func(c table.Column) bool { return c.ID == m.view.Sort })
	next := order[(at+1)%len(order)]
	m.view.Sort, m.view.Descending = next.ID, next.MostFirst
	return m.rebuilt()
}

// grouped changes between the flat table and the one by app, which have other columns.
func (m live) grouped() live {
	m.view.ByApp = !m.view.ByApp
	m.view.Sort, m.view.Descending = "", false
	m.top, m.cursor, m.touched = 0, 0, false
	return m.rebuilt()
}

// toggled opens or closes the app or process under the cursor. Left goes from a socket to its
// process, and from there to its app, where there is nothing to close.
func (m live) toggled(key string) live {
	if m.cursor >= len(m.rows) {
		return m
	}
	row := m.rows[m.cursor]
	switch {
	case key == "left" && (row.Group == nil || !row.Group.Open):
		at := m.cursor
		for at > 0 && m.rows[at].Depth >= row.Depth {
			at--
		}
		if m.rows[at].Depth >= row.Depth {
			return m
		}
		m.cursor = at
	case row.Group == nil, key == "right" && row.Group.Open:
		return m
	default:
		m.view = m.view.Toggled(row) // the old model keeps the old view
	}
	m.touched = true
	return m.rebuilt().inView()
}

// rebuilt makes the rows anew. Once the cursor was moved, its row stays on the same line of the
// screen as long as it is there; before, the table stays at its top.
func (m live) rebuilt() live {
	if m.update.Snapshot == nil {
		return m
	}
	var selected, first table.Key
	if m.touched && m.cursor < len(m.rows) {
		selected, first = m.rows[m.cursor].Key, m.rows[m.top].Key
	}
	m.rows = table.Rows(m.update.Snapshot, m.view)
	m.found = matching(m.update.Snapshot, m.view)
	if m.touched {
		line := m.cursor - m.top
		at := slices.IndexFunc(m.rows, func(r table.Row) bool { return r.Key == selected })
		top := slices.IndexFunc(m.rows, func(r table.Row) bool { return r.Key == first })
		switch {
		case at >= 0:
			m.cursor, m.top = at, at-line
		case top >= 0:
			m.top, m.cursor = top, top+line
		}
	}
	return m.laidOut().clamped().remembered()
}

// laidOut puts the rows into columns that fit the screen.
func (m live) laidOut() live {
	columns := table.Columns()
	if m.view.ByApp {
		m.sheet, columns = treeSheet(m.rows, m.width-markWidth)
	} else {
		m.sheet = rowSheet(m.rows)
	}
	if i := slices.IndexFunc(columns, func(c table.Column) bool { return c.ID == m.view.Sort }); i >= 0 {
		arrow := "▲"
		if m.view.Descending {
			arrow = "▼"
		}
		m.sheet.columns[i].title += arrow
	}
	m.widths = m.sheet.widths(m.width - markWidth)
	return m
}

// clamped keeps cursor and top within the rows.
func (m live) clamped() live {
	m.cursor = max(0, min(m.cursor, len(m.rows)-1))
	m.top = max(0, min(m.top, len(m.rows)-m.body()))
	return m
}

// inView scrolls as little as it takes to show the cursor.
func (m live) inView() live {
	m = m.clamped()
	if m.cursor < m.top {
		m.top = m.cursor
	}
	if last := m.top + m.body() - 1; m.cursor > last {
		m.top += m.cursor - last
	}
	return m.clamped()
}
