package main

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"portolan/internal/history"
)

const pastHelp = "h back  / filter  ↑↓ move  p pause  r refresh  q quit"

// livePast is what the live table shows in place of the rows: the last minutes, as far as this program has watched.
type livePast struct {
	shown bool
	lines []pastLine
	doubt string // what of the query the record cannot answer
	top   int    // the first line on the screen
}

type pastLine struct {
	text  string
	style style
}

// remembering turns to the last minutes, or back.
func (m live) remembering(on bool) live {
	m.past.shown, m.past.top = on && m.view.Past != nil, 0
	return m.remembered()
}

// remembered writes the last minutes down anew: who waited where, what is left in sums, what each app did, then what happened.
func (m live) remembered() live {
	m.past.lines = nil
	if !m.past.shown || m.update.Snapshot == nil {
		return m
	}
	now := m.update.Snapshot.Taken
	report := m.view.Past.Report(now.Add(-history.Keep), now)
	m.past.doubt = m.view.PastDoubt(&report)
	found := pick(report, m.view)
	for _, s := range []*sheet{tenureSheet(found.tenures), sumSheet(found.sums), found.countSheet(), eventSheet(found.events)} {
		if len(s.rows) == 0 {
			continue
		}
		if len(m.past.lines) > 0 {
			m.past.lines = append(m.past.lines, pastLine{})
		}
		widths := s.widths(m.width)
		m.past.lines = append(m.past.lines, pastLine{s.header(widths, false), bold})
		for _, row := range s.rows {
			m.past.lines = append(m.past.lines, pastLine{s.line(row, widths, false), plain})
		}
	}
	return m.pastInView(0)
}

// pastInView moves by so many lines, as far as there are any.
func (m live) pastInView(step int) live {
	m.past.top = max(0, min(m.past.top+step, len(m.past.lines)-m.pastBody()))
	return m
}

// pastBody is how many of its lines fit: there are no titles above them.
func (m live) pastBody() int { return max(1, m.height-2) }

// pastPressed is what the keys do that do not do the same as in the table.
func (m live) pastPressed(key tea.KeyPressMsg) (next live, done bool) {
	switch name := key.String(); name {
	case "h", "esc":
		return m.remembering(false), true
	case "g", "s", "S", "enter", "space", "left", "right":
		return m, true
	case "home":
		return m.pastInView(-len(m.past.lines)), true
	case "end", "G":
		return m.pastInView(len(m.past.lines)), true
	default:
		step, moves := m.step(name)
		return m.pastInView(step), moves
	}
}

// pastLines are the lines of the screen between the status and the keys.
func (m live) pastLines() []string {
	lines := make([]string, m.pastBody())
	for i := range lines {
		switch at := m.past.top + i; {
		case at < len(m.past.lines):
			lines[i] = m.fit(m.past.lines[at].text, m.past.lines[at].style)
		case i == 0 && m.past.doubt != "":
			lines[i] = m.fit("Nothing that is known one by one matches.", faint)
		case i == 0:
			lines[i] = m.fit("Nothing that matches was opened or closed.", faint)
		}
	}
	return lines
}

// pastStatus says what the lines are of.
func (m live) pastStatus() string {
	since := time.Time{}
	if m.update.Snapshot != nil {
		since = latest(m.view.Past.Begun(), m.update.Snapshot.Taken.Add(-history.Keep))
	}
	said := "The past since " + clock(since)
	if m.past.doubt != "" {
		said += "  " + m.past.doubt
	}
	return said
}
