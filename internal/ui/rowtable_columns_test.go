package ui

import (
	"testing"

	"portolan/internal/table"
)

// TestTitlesAreWhole: however narrow the window is, a column that is shown shows its title and is as wide
// as its numbers need, with the arrow of the order beside it.
func TestTitlesAreWhole(t *testing.T) {
	for name, columns := range map[string][]table.Column{"flat": table.Columns(), "by app": table.GroupColumns()} {
		t.Run(name, func(t *testing.T) {
			h := newHarnessOf(t, columns, nil, 1180, 300, 0)
			for width := float32(300); width < 2000; width += 37 {
				for _, c := range h.columns.columns {
					h.columns.sortedBy(c.ID)
					h.columns.fit(width)
					h.sort = c.ID
					h.header.place()
					if h.columns.lacks(c.ID) {
						t.Fatalf("at %v, sorted by %s, that column is left out", width, c.ID)
					}
					for i, other := range h.columns.columns {
						if h.columns.width[i] > 0 && h.header.titles[i].Text != other.Title {
							t.Fatalf("at %v, sorted by %s, the title %q is cut to %q", width, c.ID, other.Title, h.header.titles[i].Text)
						}
					}
				}
			}
		})
	}
}

// TestLeftOut: a tree that gets narrower does without the user first, and keeps its names and counts to the end.
func TestLeftOut(t *testing.T) {
	h := newHarnessOf(t, table.GroupColumns(), nil, 1180, 300, 0)
	h.columns.sortedBy(table.ColumnName)
	gone := map[table.ColumnID]float32{}
	for width := float32(1600); width > 300; width-- {
		h.columns.fit(width)
		for _, c := range h.columns.columns {
			if _, known := gone[c.ID]; !known && h.columns.lacks(c.ID) {
				gone[c.ID] = width
			}
		}
	}
	if !(gone[table.ColumnUser] > gone[table.ColumnPID] && gone[table.ColumnPID] > gone[table.ColumnReceived] &&
		gone[table.ColumnReceived] == gone[table.ColumnSent] && gone[table.ColumnSent] > gone[table.ColumnProcesses] && gone[table.ColumnProcesses] > 0) {
		t.Errorf("left out below these widths: %v", gone)
	}
	if len(gone) != 5 {
		t.Errorf("%d columns are left out at last: %v", len(gone), gone)
	}
	i := h.column(table.ColumnUser)
	h.columns.drag(i, 70) // and whoever wants it, has it
	h.columns.fit(400)
	if h.columns.width[i] != 70 {
		t.Errorf("the user's column was dragged to 70, and is %v wide", h.columns.width[i])
	}
}

// TestLensKeepsItsNumbers: names and other ends shrink before the lens does without how fast connections come and go.
func TestLensKeepsItsNumbers(t *testing.T) {
	for _, german := range []bool{false, true} {
		if german {
			inGerman(t)
		}
		h := newHarnessOf(t, table.LensColumns(), nil, 1180, 300, 0)
		for width := float32(1600); width >= 780; width-- {
			h.columns.fit(width)
			if h.columns.lacks(table.ColumnOpened) || h.columns.lacks(table.ColumnClosed) {
				t.Errorf("German %v: they are left out at a width of %v, with names of %v", german, width, h.columns.width[0])
				break
			}
		}
	}
}

func TestFitList(t *testing.T) {
	h := newHarnessOf(t, table.GroupColumns(), nil, 1180, 300, 0)
	f := h.fitter
	const list = "80, 443, 8080, 8443"
	whole := f.width(list, false)
	for _, c := range []struct {
		width float32
		want  string
	}{{whole + 2, list}, {whole - 2, "80, 443, 8080 +1"}, {f.width("80, 443 +2", false) + 4, "80, 443 +2"}, {f.width("80 +3", false) + 2, "80 +3"}, {0, ""}} {
		if got := f.fitList(list, c.width); got != c.want {
			t.Errorf("in a width of %v: %q, want %q", c.width, got, c.want)
		}
	}
	if got := f.fitList("5432", 20); got != f.fit("5432", 20, false) {
		t.Errorf("one that is too long: %q", got)
	}
}

// TestServicesStandUnderOneAnother: of the sockets of a tree, whatever the length of the other end with IPv4.
func TestServicesStandUnderOneAnother(t *testing.T) {
	s := newScene(t)
	s.window.Resize(screen)
	s.read(desk())
	s.do(func() { s.window.setByApp(true) })
	s.openAll()
	at := map[float32]int{}
	for _, slot := range s.window.table.body.slots {
		if slot.index < 0 || slot.index >= len(s.window.table.rows) || s.window.table.rows[slot.index].Socket == nil || s.window.table.rows[slot.index].Socket.Remote.Addr().Is6() {
			continue
		}
		for i, c := range s.window.byApp.own {
			if text := slot.branch.texts[1+i]; c.ID == table.ColumnService && text.Text != "" {
				at[text.Position().X]++
			}
		}
	}
	if len(at) != 1 {
		t.Errorf("the services stand at %v", at)
	}
}

// What stands beside the texts of a row grows with them.
func TestSignsGrowWithTheText(t *testing.T) {
	sizes := map[int][]float32{}
	for _, percent := range []int{100, 150} {
		s := newScene(t)
		s.larger(percent)
		s.window.Resize(screen)
		s.read(desk())
		byApp(s)
		var dot, icon, chevron float32
		for _, slot := range s.window.table.body.slots {
			if slot.dot.shape == dotDisc && slot.dot.circle.Size().Width > 0 {
				dot = slot.dot.circle.Size().Width
			}
			if slot.branch.pictured {
				icon = slot.branch.icon.Size().Width
				chevron = abs(slot.branch.chevron[1].Position2.Y-slot.branch.chevron[0].Position1.Y) + abs(slot.branch.chevron[1].Position2.X-slot.branch.chevron[0].Position1.X)
			}
		}
		arrow := s.window.table.header.arrow
		sizes[percent] = []float32{dot, icon, chevron, arrow[1].Position2.X - arrow[0].Position1.X, s.window.status.light.Size().Width}
	}
	for i, of := range []string{"a state's dot", "an icon", "a triangle", "the arrow of the order", "the light of the status line"} {
		if small, large := sizes[100][i], sizes[150][i]; small <= 0 || abs(large-1.5*small) > 0.5 {
			t.Errorf("%s is %v high, and %v beside a text half as large again", of, small, large)
		}
	}
}
