package main

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"portolan/internal/table"
)

const (
	// frameLines are the lines that are not rows: the status, the titles and the keys.
	frameLines = 3
	// markWidth is the room in front of a row for the mark of a new one.
	markWidth = 2
)

const keyHelp = "q quit  / filter  esc all  ↑↓ move  g by app  enter open  s sort  S turn  h past  p pause  r refresh"

// body is the number of rows that fit on the screen.
func (m live) body() int { return max(1, m.height-frameLines) }

// View is of tea.Model.
func (m live) View() tea.View {
	v := tea.NewView(strings.Join(m.lines(), "\n"))
	v.AltScreen = true
	v.WindowTitle = "portctl watch"
	return v
}

// lines are the lines of the screen, top to bottom.
func (m live) lines() []string {
	lines := []string{m.fit(m.status(), plain)}
	if m.past.shown {
		return append(append(lines, m.pastLines()...), m.footer())
	}
	if m.sheet == nil || m.update.Snapshot == nil {
		lines = append(lines, "")
	} else {
		lines = append(lines, strings.Repeat(" ", markWidth)+m.sheet.header(m.widths, m.colour))
	}
	for i := range m.body() {
		line := ""
		switch {
		case m.top+i < len(m.rows):
			line = m.row(m.top + i)
		case i == 0 && m.update.Snapshot != nil:
			line = m.fit(strings.Repeat(" ", markWidth)+m.emptiness(), faint)
		}
		lines = append(lines, line)
	}
	return append(lines, m.footer())
}

// emptiness stands where the rows would.
func (m live) emptiness() string {
	if m.query == "" {
		return "No socket is open."
	}
	return "Nothing matches the query."
}

// status is the first line: how many there are, what is hidden, what filters, or what failed.
func (m live) status() string {
	var parts []string
	switch {
	case m.update.Err != nil && m.update.Snapshot == nil:
		parts = append(parts, "The sockets cannot be read: "+table.Clean(m.update.Err.Error()))
	case m.update.Err != nil:
		parts = append(parts, fmt.Sprintf("Not current, as of %s: %s", m.update.Snapshot.Taken.Local().Format("15:04:05"), table.Clean(m.update.Err.Error())))
	case m.update.Snapshot == nil:
		parts = append(parts, "Reading ...")
	case m.past.shown:
		parts = append(parts, m.pastStatus())
	case m.query != "":
		parts = append(parts, statusLine(m.update.Snapshot, m.found, true))
	default:
		parts = append(parts, table.Status(m.update.Snapshot))
	}
	if m.paused {
		parts = append([]string{"PAUSED"}, parts...)
	}
	if m.query != "" {
		parts = append([]string{"/" + table.Clean(m.query)}, parts...)
	}
	return strings.Join(parts, "  ")
}

// footer is the last line: the keys, or the query that is being typed.
func (m live) footer() string {
	switch {
	case m.queryErr != nil:
		return m.fit("/"+m.typedText()+"▏  "+table.Clean(m.queryErr.Error()), red)
	case m.typing:
		return m.fit("/"+m.typedText()+"▏  enter: filter, esc: leave it", bold)
	default:
		help := keyHelp
		if m.past.shown {
			help = pastHelp
		}
		return m.fit(help, faint)
	}
}

// typedText is what has been typed, clean. The blanks at its end are the person's own and stay
// as they are, though nowhere else in the table.
func (m live) typedText() string {
	words := strings.TrimRight(m.draft, " ")
	return table.Clean(words) + m.draft[len(words):]
}

// fit cuts a line to the screen and gives it a style.
func (m live) fit(text string, s style) string { return s.paint(cut(text, m.width), m.colour) }

// row draws one row: a mark for a new one, and the selected one inverted to its full width.
func (m live) row(i int) string {
	r := &m.rows[i]
	mark, markStyle := " ", plain
	if r.Socket != nil && m.fresh[r.Socket.ID] {
		mark, markStyle = "+", green
	}
	selected := i == m.cursor
	text := m.text(i, m.colour && !selected)
	if !selected {
		return markStyle.paint(mark, m.colour) + " " + text
	}
	text = cut(mark+" "+text, m.width)
	// Not a colour, so it is used without colours as well: else the cursor could not be seen.
	return invert.paint(text+strings.Repeat(" ", max(0, m.width-displayWidth(text))), true)
}

// text is a row without its mark. What does not fit is cut, and then has no colours: cutting
// between escape sequences is not worth it.
func (m live) text(i int, colour bool) string {
	width := m.width - markWidth
	if uncoloured := m.sheet.line(m.sheet.rows[i], m.widths, false); !colour || displayWidth(uncoloured) > width {
		return cut(uncoloured, width)
	}
	return m.sheet.line(m.sheet.rows[i], m.widths, true)
}
