package ui

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"portolan/internal/netstat"
	"portolan/internal/table"
)

// titlesOf gives the columns that are shown, from left to right.
func titlesOf(l *columnLayout) string {
	var ids []string
	for _, c := range l.columns {
		ids = append(ids, string(c.ID))
	}
	return strings.Join(ids, " ")
}

const usualTitles = "proto local port service remote state process pid app user"

func TestChoiceIsKept(t *testing.T) {
	for _, text := range []string{
		"proto,local,port,service,remote,state,process,pid,app,user",
		"user,proto:80,-local,port,service,remote:210,state,-process:300,pid,app",
	} {
		l := newColumnLayout(sampleColumns())
		l.arrange(decodeChoice(text))
		if got := l.choice().encode(); got != text {
			t.Errorf("kept as %q, want %q", got, text)
		}
	}
}

// TestChoiceOfJunk: whatever stands in the preferences, there are columns.
func TestChoiceOfJunk(t *testing.T) {
	for text, want := range map[string]string{
		"":                           usualTitles,
		"{\"a\":[1,2,3]}":            usualTitles,
		"\x00\xff,,,:::,-,-:-":       usualTitles,
		strings.Repeat("port,", 5e3): usualTitles,
		"-proto,-local,-port,-service,-remote,-state,-process,-pid,-app,-user": usualTitles,
		"-proto,-local,-port,-service,-remote,-state,-process,-pid,-app":       "user",
		"port,port,port:-5,gone:80,user":                                       "proto local port service remote state process pid app user",
		"user,port":                                                            "proto local user port service remote state process pid app",
		"proto:99999999999999999999,local:1e9,port:NaN":                        usualTitles,
	} {
		h := newHarness(t, sampleRows(), 1240, 400)
		h.arrange(decodeChoice(text))
		l := h.columns
		if titlesOf(l) != want {
			t.Errorf("%.40q: columns %q, want %q", text, titlesOf(l), want)
		}
		if len(l.columns) == 0 || l.total < 1240-scrollBarRoom || l.total > 4000 {
			t.Errorf("%.40q: %d columns, %v wide", text, len(l.columns), l.total)
		}
		if len(l.order) != len(l.usual) {
			t.Errorf("%.40q: %d of %d columns are known", text, len(l.order), len(l.usual))
		}
	}
	tree := newColumnLayout(table.GroupColumns())
	tree.arrange(decodeChoice("user,pid,-name"))
	if tree.columns[0].ID != table.ColumnName {
		t.Errorf("the tree stands behind %s", tree.columns[0].ID)
	}
}

// TestTitleDrag: a title goes where it is let go, with its column, its width and the arrow.
func TestTitleDrag(t *testing.T) {
	h := newHarness(t, sampleRows(), 1240, 400)
	told := 0
	h.onColumns = func() { told++ }
	middle := func(id table.ColumnID) float32 {
		i := h.column(id)
		return h.columns.x[i] + h.columns.width[i]/2
	}
	test.Drag(h.window.Canvas(), fyne.NewPos(middle(table.ColumnProcess), 10), middle(table.ColumnLocal)-middle(table.ColumnProcess)-5, 0)
	if got, want := titlesOf(h.columns), "proto process local port service remote state pid app user"; got != want {
		t.Errorf("columns %q, want %q", got, want)
	}
	if got := h.shown(table.ColumnProcess)[0]; got != "node" {
		t.Errorf("the process column shows %q", got)
	}
	test.Drag(h.window.Canvas(), fyne.NewPos(middle(table.ColumnProtocol), 10), 2000, 0)
	if got, want := titlesOf(h.columns), "process local port service remote state pid app user proto"; got != want {
		t.Errorf("columns %q, want %q", got, want)
	}
	before := titlesOf(h.columns)
	test.Drag(h.window.Canvas(), fyne.NewPos(middle(table.ColumnPort), 10), 12, 0)
	if titlesOf(h.columns) != before {
		t.Errorf("let go where it was: columns %q", titlesOf(h.columns))
	}
	if told != 2 {
		t.Errorf("told %d times, want twice", told)
	}
	if got := h.takeCalls(); got != "" {
		t.Errorf("calls %q: a drag is no click", got)
	}
	h.arrange(columnChoice{})
	if got := titlesOf(h.columns); got != usualTitles {
		t.Errorf("reset, columns %q", got)
	}
}

// TestTreeTitleStays: nothing goes before the tree.
func TestTreeTitleStays(t *testing.T) {
	h := newTree(t, sampleGroups("postgres"), 1240, 400)
	before := titlesOf(h.columns)
	test.Drag(h.window.Canvas(), fyne.NewPos(100, 10), 600, 0)
	if titlesOf(h.columns) != before {
		t.Errorf("the tree went: %q", titlesOf(h.columns))
	}
	i := h.column(table.ColumnUDP)
	test.Drag(h.window.Canvas(), fyne.NewPos(h.columns.x[i]+10, 10), -3000, 0)
	if h.columns.columns[0].ID != table.ColumnName || h.columns.columns[1].ID != table.ColumnUDP {
		t.Errorf("columns %q", titlesOf(h.columns))
	}
}

// TestTreeOfAnyColumns: what a socket is can be read whatever is shown.
func TestTreeOfAnyColumns(t *testing.T) {
	for _, text := range []string{"", "name,user,listening,pid,established", "name,received,listening,sent,udp",
		"name,-pid,-processes,-port,-listening,-established,-ephemeral,-closing,-udp,-received,-sent,-user",
		"name,-pid,-processes,-port,listening,-established,-ephemeral,-closing,-udp,-received,-sent,-user"} {
		h := newTree(t, sampleGroups("postgres"), 1240, 400)
		h.arrange(decodeChoice(text))
		all := strings.Join(h.texts(), " ")
		for _, want := range []string{"127.0.0.1:5432", "ESTABLISHED"} {
			if !strings.Contains(all, want) {
				t.Errorf("%q: %s is not to be read in %s", text, want, all)
			}
		}
	}
}

// texts gives every text of the rows on the canvas.
func (h *harness) texts() []string {
	var all []string
	for _, o := range h.body.objects {
		if text := textOf(o); text != "" {
			all = append(all, text)
		}
	}
	return all
}

// item gives the line of the menu of the columns.
func (s *scene) titleItem(label string) *fyne.MenuItem {
	s.t.Helper()
	items := s.window.titleItems()
	i := slices.IndexFunc(items, func(m *fyne.MenuItem) bool { return m.Label == label })
	if i < 0 {
		s.t.Fatalf("there is no %q", label)
	}
	return items[i]
}

// TestColumnsAreRemembered per view, from one run to the next.
func TestColumnsAreRemembered(t *testing.T) {
	s := newScene(t)
	s.window.Resize(screen)
	s.read(desk())
	s.do(s.titleItem("Service").Action)
	s.do(func() { s.window.turnTo(turnByApp) })
	s.do(s.titleItem("UDP").Action)
	s.window.table.header.resize(0, 333)
	s.window.table.tellColumns()
	if s.titleItem("UDP").Checked || !s.titleItem("User").Checked || !s.titleItem("App").Disabled {
		t.Error("the menu does not say what is shown, or offers to hide the tree")
	}
	again := newUI(s.app, s.options, inline)
	t.Cleanup(again.window.Close)
	if got, want := titlesOf(again.window.flat), "proto local port remote state process pid app user"; got != want {
		t.Errorf("flat: %q, want %q", got, want)
	}
	if got := titlesOf(again.window.byApp); strings.Contains(got, "udp") {
		t.Errorf("by app: %q", got)
	}
	again.window.byApp.measure(again.window.table.fitter)
	again.window.byApp.fit(1240)
	if got := again.window.byApp.width[0]; got != 333 {
		t.Errorf("the tree is %v wide, want 333", got)
	}
	s.do(s.titleItem("Reset columns").Action)
	if s.window.table.columns.chosen[0] != 0 || !s.titleItem("UDP").Checked {
		t.Error("not reset")
	}
}

// TestLastColumnStays: one column at least is shown.
func TestLastColumnStays(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	for _, c := range slices.Clone(s.window.flat.columns[1:]) {
		s.do(s.titleItem(c.Title).Action)
	}
	if !s.titleItem("Protocol").Disabled || titlesOf(s.window.flat) != "proto" {
		t.Errorf("columns %q", titlesOf(s.window.flat))
	}
	s.window.Canvas().Capture()
}

// TestThreeOrders: a click sorts, the next turns, the third goes back to the natural order.
func TestThreeOrders(t *testing.T) {
	for _, c := range []struct {
		turn int
		id   table.ColumnID
		want [3]bool // descending at the first and second
	}{{turnFlat, table.ColumnProcess, [3]bool{false, true}}, {turnByApp, table.ColumnListening, [3]bool{true, false}}} {
		s := newScene(t)
		s.window.Resize(screen)
		s.read(desk())
		s.do(func() { s.window.turnTo(c.turn) })
		s.do(func() { s.window.sortBy("", false) })
		natural := slices.Clone(s.window.table.rows)
		tap := func() {
			l := s.window.table.columns
			i := slices.IndexFunc(l.columns, func(x table.Column) bool { return x.ID == c.id })
			s.do(func() { s.window.table.header.Tapped(&fyne.PointEvent{Position: fyne.NewPos(l.x[i]+l.width[i]/2, 10)}) })
		}
		for i := range 2 {
			tap()
			if s.window.view.Sort != c.id || s.window.view.Descending != c.want[i] {
				t.Errorf("click %d: sorted by %q, descending %v", i+1, s.window.view.Sort, s.window.view.Descending)
			}
		}
		tap()
		if s.window.view.Sort != "" {
			t.Errorf("the third click sorts by %q", s.window.view.Sort)
		}
		if slices.Contains(s.window.table.header.objects, fyne.CanvasObject(s.window.table.header.arrow[0])) {
			t.Error("an arrow in the natural order")
		}
		if !slices.EqualFunc(natural, s.window.table.rows, func(a, b table.Row) bool { return a.Key == b.Key }) {
			t.Error("this is not the natural order")
		}
		if again := loadView(s.app.Preferences()); again.Sort != "" {
			t.Errorf("the next run sorts by %q", again.Sort)
		}
		// The same from the menu, which the keyboard opens.
		sorting := s.titleItem("Sort by").ChildMenu.Items
		s.do(sorting[0].Action)
		if s.window.view.Sort == "" {
			t.Error("the menu does not sort")
		}
		s.do(sorting[len(sorting)-1].Action)
		if s.window.view.Sort != "" {
			t.Error("the menu does not go back")
		}
	}
}

// TestColumnsOfATreesSockets: what only sockets have in a tree is sorted by from the menu, hidden, and remembered so.
func TestColumnsOfATreesSockets(t *testing.T) {
	for turn, ids := range map[int][]table.ColumnID{turnByApp: {table.ColumnState, table.ColumnRemote, table.ColumnService}, turnLens: {table.ColumnState, table.ColumnPort}} {
		s := newScene(t)
		s.window.Resize(screen)
		s.read(desk())
		s.do(func() { s.window.turnTo(turn) })
		for range 3 { // all is open
			for _, row := range slices.Clone(s.window.table.rows) {
				if row.Group != nil && !row.Group.Open {
					s.do(func() { s.window.toggle(row) })
				}
			}
		}
		for _, id := range ids {
			own := s.window.table.columns.allOwn
			column := own[slices.IndexFunc(own, func(c table.Column) bool { return c.ID == id })]
			line := func() *fyne.MenuItem {
				all := s.titleItem("Sort by").ChildMenu.Items
				return all[slices.IndexFunc(all, func(i *fyne.MenuItem) bool { return i.Label == column.Title })]
			}
			for _, sign := range []int{1, -1} {
				s.do(line().Action)
				if !line().Checked {
					t.Errorf("view %d: the menu does not say that it is sorted by %s", turn, id)
				}
				pairs := 0
				for i := 1; i < len(s.window.table.rows); i++ {
					a, b := &s.window.table.rows[i-1], &s.window.table.rows[i]
					if a.Socket == nil || b.Socket == nil {
						continue
					}
					if pairs++; column.Compare(a, b)*sign > 0 {
						t.Errorf("view %d, by %s: %s before %s", turn, id, column.Text(a), column.Text(b))
					}
				}
				if pairs == 0 {
					t.Fatal("there are no sockets")
				}
			}
			s.do(s.titleItem(column.Title).Action)
			if s.window.table.columns.showsOwn(id) || s.titleItem(column.Title).Checked {
				t.Errorf("view %d: %s is still shown", turn, id)
			}
			s.window.Canvas().Capture()
			if again := s.window.loadColumns(s.window.view); again.showsOwn(id) {
				t.Errorf("view %d: the next run shows %s", turn, id)
			}
			s.do(s.titleItem(column.Title).Action)
			if again := s.window.loadColumns(s.window.view); !again.showsOwn(id) {
				t.Errorf("view %d: %s does not come back", turn, id)
			}
		}
	}
}

// overlays are all that opens over the window, each with what closes it again.
var overlays = map[string]func(s *scene) (closing func()){
	"menu of the columns": func(s *scene) func() { s.window.showTitlesHere(); return s.window.dismiss },
	"menu of a row": func(s *scene) func() {
		s.selectPort(3000)
		row, _ := s.window.table.Selected()
		s.window.showMenu(row, fyne.NewPos(100, 100))
		return func() { s.window.menu.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape}) }
	},
	"star": func(s *scene) func() {
		s.window.search.star.OnTapped()
		return func() { s.window.menu.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape}) }
	},
	"kill": func(s *scene) func() {
		s.selectPort(3000)
		s.window.killSelected()
		return s.window.killing.dialog.cancel
	},
	"why not": func(s *scene) func() {
		s.selectPort(50120)
		s.window.killSelected()
		return s.window.killing.dialog.cancel
	},
	"settings": func(s *scene) func() { s.window.showSettings(); return s.window.settings.cancel },
	"export":   func(s *scene) func() { s.window.export(); return s.window.exporting.cancel },
	"explanation": func(s *scene) func() {
		s.window.explain("TIME_WAIT")
		_, links, _ := s.explained()
		links[0].OnTapped() // one gives way to another
		return s.window.explaining.cancel
	},
	"a filter's name": func(s *scene) func() {
		s.do(func() { s.window.setQuery("-gopher") })
		s.window.nameFilter()
		return func() { s.window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape}) }
	},
	"a filter that is saved": func(s *scene) func() {
		s.do(func() { s.window.setQuery("-gopher") })
		s.window.nameFilter()
		return func() { s.window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn}) }
	},
	"suggestions": func(s *scene) func() {
		s.window.Canvas().Focus(s.window.search)
		s.do(func() { s.window.search.TypedRune('n') })
		if !s.window.search.suggest.open() {
			s.t.Error("nothing is suggested")
		}
		return func() { s.window.search.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape}) }
	},
	"figures": func(s *scene) func() {
		s.window.gauges.show(s.window.shown.gauges, "", 10)
		s.window.showFigures(0)
		return func() { s.window.closePopover() }
	},
	"figures, clicked away": func(s *scene) func() {
		s.window.gauges.show(s.window.shown.gauges, "", 10)
		s.window.showFigures(0)
		return func() {
			s.window.Canvas().Overlays().Top().(interface{ Tapped(*fyne.PointEvent) }).Tapped(&fyne.PointEvent{})
		}
	},
}

// TestRowsHoldUnderMenusAndDialogs: whatever lies over the rows, they stay where they are until it has gone.
func TestRowsHoldUnderMenusAndDialogs(t *testing.T) {
	for name, open := range overlays {
		s := newScene(t)
		s.window.Resize(screen)
		s.read(desk())
		closing := open(s)
		before := len(s.window.table.rows)
		more := desk()
		more.Sockets = append([]netstat.Socket{listen("0.0.0.0:21", nginx)}, more.Sockets...)
		s.read(more)
		if len(s.window.table.rows) != before {
			t.Errorf("%s: the rows moved", name)
		}
		s.do(closing)
		if len(s.window.table.rows) != before+1 {
			t.Errorf("%s: closed, and the rows still wait", name)
		}
		if s.window.asking() || s.window.popover != nil || s.window.menu != nil || s.window.table.held() {
			t.Errorf("%s: closed, and not forgotten", name)
		}
	}
}

// What is typed is answered although the list of suggestions is open.
func TestTypingIsAnsweredUnderSuggestions(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.window.Canvas().Focus(s.window.search)
	for _, r := range "firef" {
		s.do(func() { s.window.search.TypedRune(r) })
	}
	if !s.window.search.suggest.open() || len(s.window.table.rows) != 25 {
		t.Errorf("open: %v, with %d rows", s.window.search.suggest.open(), len(s.window.table.rows))
	}
}

// TestOneDialogAtATime: no shortcut opens anything over a dialog, and hiding the window closes all there is.
func TestOneDialogAtATime(t *testing.T) {
	for name, open := range overlays {
		s := newScene(t)
		s.read(desk())
		open(s)
		if s.window.asking() {
			modal := s.window.modals[0]
			for _, key := range []fyne.KeyName{fyne.KeyK, fyne.KeyE, fyne.KeyComma, fyne.KeyJ, fyne.Key2} {
				s.shortcut(key)
			}
			if len(s.window.modals) != 1 || s.window.modals[0] != modal || s.window.menu != nil || s.window.view.ByApp {
				t.Errorf("%s: a shortcut works beneath it", name)
			}
		}
		s.do(s.close)
		if s.window.Canvas().Overlays().Top() != nil || s.window.asking() || s.window.table.held() || s.window.search.suggest.open() {
			t.Errorf("%s: it is still there in the hidden window", name)
		}
	}
}

// TestTabInDialogs: Tab goes through what can be pressed and typed into, and through no plain text.
func TestTabInDialogs(t *testing.T) {
	for name, open := range overlays {
		s := newScene(t)
		s.window.Resize(screen)
		s.read(desk())
		open(s)
		for range 30 {
			if s.window.Canvas().FocusNext(); isPlainText(s.window.Canvas().Focused()) {
				t.Errorf("%s: the focus is on text that cannot be seen to have it", name)
				break
			}
		}
	}
}

// Settings from the menu of the icon open whatever is open, and a question is answered with no.
func TestSettingsOverAQuestion(t *testing.T) {
	for name, open := range overlays {
		s := newScene(t)
		s.read(desk())
		open(s)
		asked := s.window.killing.dialog != nil && len(s.window.killing.dialog.answer.targets) > 0
		s.chooseInMenu("Settings…")
		if s.window.settings == nil || len(s.window.modals) != 1 || s.window.killing.dialog != nil || len(s.kills) != 0 {
			t.Errorf("%s: the settings are not open, or something else is too", name)
		}
		if said := s.window.notice.text(); asked != (said == "The question was closed: nothing was ended.") {
			t.Errorf("%s: it says %q", name, said)
		}
	}
}

func textOf(o fyne.CanvasObject) string {
	if text, ok := o.(*canvas.Text); ok {
		return text.Text
	}
	return ""
}
