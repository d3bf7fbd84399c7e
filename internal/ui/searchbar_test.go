package ui

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/table"
)

// types types into the focused search field.
func (s *scene) types(text string) {
	s.t.Helper()
	s.window.Canvas().Focus(s.window.search)
	for _, r := range text {
		s.do(func() { s.window.search.TypedRune(r) })
	}
}

func (s *scene) presses(keys ...fyne.KeyName) {
	for _, key := range keys {
		s.do(func() {
			focused := s.window.Canvas().Focused()
			if tabbable, ok := focused.(fyne.Tabbable); key == fyne.KeyTab && (!ok || !tabbable.AcceptsTab()) {
				s.window.Canvas().FocusNext()
				return
			}
			focused.TypedKey(&fyne.KeyEvent{Name: key})
		})
	}
}

// offered gives what the list of suggestions shows; nil when it is closed.
func (s *scene) offered() []string {
	if !s.window.search.suggest.open() {
		return nil
	}
	var all []string
	for _, o := range s.window.search.suggest.offers {
		all = append(all, o.Label)
	}
	return all
}

// While typing, keys and values are offered; the field keeps the keyboard.
func TestSuggestionsByKeyboard(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.types("sta")
	if got := s.offered(); !slices.Equal(got, []string{"state:"}) {
		t.Fatalf("offered %q", got)
	}
	s.presses(fyne.KeyTab)
	if s.window.search.Text != "state:" || s.window.Canvas().Focused() != s.window.search {
		t.Fatalf("Tab makes it %q, with the focus on %T", s.window.search.Text, s.window.Canvas().Focused())
	}
	if got := s.offered(); len(got) < 3 || got[0] != "established" {
		t.Fatalf("values: %q", got)
	}
	s.types("l")
	s.presses(fyne.KeyReturn)
	if s.window.search.Text != "state:listen" || s.offered() != nil || len(s.window.table.rows) == 0 {
		t.Fatalf("Enter makes it %q, offered %q", s.window.search.Text, s.offered())
	}
	s.types(" app:")
	first := s.offered()[0]
	s.presses(fyne.KeyDown, fyne.KeyUp, fyne.KeyUp)
	if got := s.window.search.suggest.chosen; got != len(s.offered())-1 {
		t.Errorf("up from the first is %d", got)
	}
	s.presses(fyne.KeyDown, fyne.KeyReturn)
	if want := "state:listen app:" + table.Quoted(first); s.window.search.Text != want {
		t.Errorf("the query is %q, want %q", s.window.search.Text, want)
	}
}

// Escape closes first the list, then clears the field.
func TestEscapeAndSuggestions(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.types("sta")
	s.presses(fyne.KeyEscape)
	if s.offered() != nil || s.window.search.Text != "sta" {
		t.Errorf("the first Escape leaves %q and %q", s.offered(), s.window.search.Text)
	}
	s.presses(fyne.KeyEscape)
	if s.window.search.Text != "" {
		t.Errorf("the second leaves %q", s.window.search.Text)
	}
}

// A word alone means itself: Enter leads to the rows, and takes only what was chosen.
func TestEnterTakesNoOfferUnasked(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.types("postgr")
	if got := s.offered(); !slices.Equal(got, []string{"app:Postgres"}) {
		t.Fatalf("offered %q", got)
	}
	s.presses(fyne.KeyReturn)
	if s.window.search.Text != "postgr" || s.window.Canvas().Focused() != s.window.table {
		t.Errorf("Enter makes it %q", s.window.search.Text)
	}
}

func TestSuggestionsByMouse(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.types("user:")
	list := s.window.search.suggest
	if list.Position().Y < s.window.search.Position().Y+s.window.search.Size().Height {
		t.Error("the list covers the field")
	}
	at := fyne.NewPos(20, suggestEdge+list.lineHeight()*1.5)
	list.MouseIn(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: at}})
	second := s.offered()[1]
	s.window.Canvas().Unfocus() // as a click does
	if !list.open() {
		t.Fatal("the click closes the list before it arrives")
	}
	s.do(func() { list.Tapped(&fyne.PointEvent{Position: at}) })
	if s.window.search.Text != "user:"+second || s.window.Canvas().Focused() != s.window.search || list.open() {
		t.Errorf("the click makes it %q", s.window.search.Text)
	}
	s.types(" st")
	list.MouseOut()
	s.window.Canvas().Focus(s.window.table)
	if list.open() {
		t.Error("the list stays open when the focus goes")
	}
}

// What a program puts into the field offers nothing.
func TestSetQueryOffersNothing(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.do(func() { s.window.setQuery("sta") })
	if got := s.offered(); got != nil {
		t.Errorf("offered %q", got)
	}
}

// What is wrong is marked and said, not while it is being typed, and the last good result stays.
func TestWrongQueryIsMarked(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.types("node port:")
	rows := len(s.window.table.rows)
	mark := &s.window.search.mark
	if !mark.line.Hidden || s.window.searchError.text() != "" {
		t.Errorf("an unfinished word is marked: %q", s.window.searchError.text())
	}
	s.types("a x")
	if mark.line.Hidden || !strings.Contains(s.window.searchError.text(), "port:a") || len(s.window.table.rows) != rows {
		t.Errorf("it is not marked, or it says %q", s.window.searchError.text())
	}
	if text := s.window.search.Text[mark.start:mark.end]; text != "a" {
		t.Errorf("%q is marked", text)
	}
	from, to := s.window.search.textX(mark.start), s.window.search.textX(mark.end)
	if x := mark.line.Position().X; x != from || mark.line.Size().Width != to-from {
		t.Errorf("the mark is at %v, %v wide", x, mark.line.Size().Width)
	}
	s.do(func() { s.window.setQuery("node") })
	if !mark.line.Hidden || s.window.searchError.text() != "" {
		t.Error("the mark stays")
	}
	s.types(" port:")
	s.window.Canvas().Focus(s.window.table)
	if mark.line.Hidden || s.window.searchError.text() == "" {
		t.Error("who leaves an unfinished word is not told")
	}
}

// A mark that is scrolled out of sight is not drawn over what is beside the text.
func TestMarkStaysInTheField(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.window.Resize(fyne.NewSize(520, 320))
	s.types("port:abc " + strings.Repeat("wwwww ", 40))
	mark := &s.window.search.mark.line
	left, right := s.window.search.textRoom()
	if !mark.Hidden && (mark.Position().X < left || mark.Position().X+mark.Size().Width > right) {
		t.Errorf("the mark is at %v, %v wide", mark.Position(), mark.Size())
	}
}

// figures gives the chips as they are shown.
func (s *scene) chips() []string {
	var all []string
	for i, cell := range s.window.chips.cells {
		text := s.window.chips.titles[i].Text
		if cell.count != "" {
			text += " " + cell.count
		}
		if s.window.chips.query.Has(s.window.chips.facets[i]) {
			text = "[" + text + "]"
		}
		all = append(all, text)
	}
	return all
}

func TestChips(t *testing.T) {
	s := newScene(t)
	s.window.Resize(screen)
	s.read(desk())
	if got, want := s.chips(), []string{"Listening 9", "Established 27", "Ephemeral 29", "Closing 3", "Exposed 6"}; !slices.Equal(got, want) {
		t.Fatalf("the chips are %q, want %q", got, want)
	}
	tap := func(i int) {
		cell := s.window.chips.cells[i]
		s.do(func() { s.window.chips.Tapped(&fyne.PointEvent{Position: fyne.NewPos(cell.x+cell.width/2, 10)}) })
	}
	tap(0)
	if s.window.search.Text != "state:listen" || len(s.window.table.rows) != 10 || s.chips()[0] != "[Listening 9]" {
		t.Errorf("the query is %q, the chips are %q", s.window.search.Text, s.chips())
	}
	tap(3)
	if s.window.search.Text != "state:listen,closing" || s.chips()[1] != "Established 27" {
		t.Errorf("the query is %q, the chips are %q", s.window.search.Text, s.chips())
	}
	tap(0)
	tap(3)
	if s.window.search.Text != "" {
		t.Errorf("the query is %q", s.window.search.Text)
	}
	s.do(func() { s.window.setQuery("node") })
	if got := s.chips()[0]; got == "Listening 9" {
		t.Errorf("the figures do not follow the query: %q", s.chips())
	}
}

// The chips can be reached and pressed from the keyboard, and hold still while the query makes no sense.
func TestChipsByKeyboard(t *testing.T) {
	s := newScene(t)
	s.window.Resize(screen)
	s.read(desk())
	s.window.Canvas().Focus(s.window.chips)
	s.presses(fyne.KeyRight, fyne.KeySpace)
	if s.window.search.Text != "state:established" {
		t.Errorf("the query is %q", s.window.search.Text)
	}
	s.presses(fyne.KeyLeft, fyne.KeyLeft, fyne.KeyReturn)
	if s.window.search.Text != "state:established,listen" {
		t.Errorf("the query is %q", s.window.search.Text)
	}
	s.do(func() { s.window.setQuery("port:abc") })
	s.presses(fyne.KeySpace)
	if s.window.search.Text != "port:abc" {
		t.Errorf("the query is %q", s.window.search.Text)
	}
}

// In a narrow window the chips first lose their figures, then the last of them go.
func TestChipsInNarrowWindows(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	for _, width := range []float32{1280, 480, 400, 300, 120} {
		s.window.chips.Resize(fyne.NewSize(width, 24))
		end := float32(0)
		for _, cell := range s.window.chips.cells {
			end = cell.x + cell.width
		}
		if end > width || len(s.window.chips.cells) == 0 || width >= 480 && len(s.window.chips.cells) != 5 {
			t.Errorf("%v wide: %q end at %v", width, s.chips(), end)
		}
	}
}

func itemsOf(items []*fyne.MenuItem) []string {
	var all []string
	for _, item := range items {
		all = append(all, item.Label)
	}
	return all
}

func TestSavedFilters(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	if got := itemsOf(s.window.filterItems()); !slices.Equal(got, []string{"Save this filter…"}) || !s.window.filterItems()[0].Disabled {
		t.Errorf("the menu is %q", got)
	}
	s.do(func() { s.window.setQuery("state:listen exposed:yes") })
	s.window.nameFilter()
	name, ok := s.window.Canvas().Focused().(*nameEntry)
	if !ok {
		t.Fatalf("the focus is on %T", s.window.Canvas().Focused())
	}
	name.SetText("")
	test.Type(name, " Open\tdoors ")
	name.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	want := []filter{{`Open doors`, "state:listen exposed:yes"}}
	got := s.window.filters()
	if len(got) != 1 || got[0].query != want[0].query || strings.Contains(got[0].name, "\t") {
		t.Fatalf("saved %q", got)
	}
	s.do(func() { s.window.setQuery("") })
	s.do(s.window.filterItems()[0].Action)
	if s.window.search.Text != "state:listen exposed:yes" || !s.window.filterItems()[0].Checked {
		t.Errorf("the query is %q", s.window.search.Text)
	}
	s.window.removeFilter(got[0].name)
	if len(s.window.filters()) != 0 {
		t.Error("it is not removed")
	}
	// A name that is none is not saved, and Escape saves nothing.
	s.window.nameFilter()
	name = s.window.Canvas().Focused().(*nameEntry)
	name.SetText("   ")
	name.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	name.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if len(s.window.filters()) != 0 {
		t.Errorf("saved %q", s.window.filters())
	}
}

// Preferences of junk give no junk.
func TestFiltersOfJunk(t *testing.T) {
	s := newScene(t)
	lines := []string{"", "no tab", "\t", "name\t", "\tquery", "bad\tport:abc", "\x1b[31m\tnode", "a\ttcp", "a\tudp", strings.Repeat("x", 9000) + "\ttcp"}
	for i := range 100 {
		lines = append(lines, strings.Repeat("n", i+1)+"\tnode")
	}
	s.app.Preferences().SetStringList(keyFilters, lines)
	all := s.window.filters()
	if len(all) != filterLimit {
		t.Errorf("%d filters", len(all))
	}
	for _, f := range all {
		if f.name != filterName(f.name) || f.name == "" {
			t.Errorf("a name is %q", f.name)
		}
		if _, err := table.ParseQuery(f.query); err != nil {
			t.Error(err)
		}
	}
	if _, ok := withFilter(all, filter{"one more", "x"}); ok {
		t.Error("there is room for one more")
	}
}

// TestSearchGolden compares the search with pictures that were looked at.
func TestSearchGolden(t *testing.T) {
	for _, picture := range []struct {
		name    string
		variant fyne.ThemeVariant
		size    fyne.Size
		act     func(s *scene)
	}{
		{"fields_light", theme.VariantLight, part, func(s *scene) { s.types("node s") }},
		{"values_dark", theme.VariantDark, part, func(s *scene) { s.types("state:listen app:") }},
		{"narrow_light", theme.VariantLight, fyne.NewSize(480, 300), func(s *scene) { s.types("remote:") }},
		{"wrong_dark", theme.VariantDark, part, func(s *scene) { s.types("node state:listn tcp") }},
		{"filters_light", theme.VariantLight, part, func(s *scene) {
			saveFilters(s.app.Preferences(), []filter{{"Databases", "service:postgresql"}, {"Open doors", "state:listen exposed:yes"}})
			s.do(func() { s.window.setQuery("state:listen exposed:yes") })
			s.window.showFilters()
		}},
		{"save_light", theme.VariantLight, part, func(s *scene) {
			s.do(func() { s.window.setQuery("state:listen exposed:yes") })
			s.window.nameFilter()
		}},
	} {
		t.Run(picture.name, func(t *testing.T) {
			s := newScene(t)
			s.app.Settings().SetTheme(newThemeVariant(picture.variant))
			s.window.Resize(picture.size)
			s.read(desk())
			picture.act(s)
			checkPicture(t, filepath.Join("testdata", "search", picture.name+".png"), s.window.Canvas().Capture())
		})
	}
}

// BenchmarkTyping is all that a character costs with ten thousand sockets, from the key to the picture: the
// model's turn, the rows put into the table, the suggestions, and the whole window laid out and drawn anew, without a graphics card. The
// rows alone, which is all but the drawing, are a figure of their own.
func BenchmarkTyping(b *testing.B) {
	for _, query := range []string{"app7", "state:est", "remote:151.101.0.0/16", "app:7", "10.0"} {
		b.Run(query, func(b *testing.B) {
			s := newScene(b)
			s.window.Resize(screen)
			s.read(busy(0))
			s.window.Canvas().Focus(s.window.search)
			rows := time.Duration(0)
			for b.Loop() {
				b.StopTimer()
				s.do(func() { s.window.setQuery("") })
				s.do(func() { s.window.search.SetText(query[:len(query)-1]) })
				s.window.search.CursorColumn = len(query) - 1
				b.StartTimer()
				begun := time.Now()
				s.do(func() { s.window.search.TypedRune(rune(query[len(query)-1])) })
				rows += time.Since(begun)
				s.window.Canvas().Capture()
			}
			b.ReportMetric(float64(rows.Nanoseconds())/float64(b.N)/1e6, "rows-ms/op")
		})
	}
}

// Whatever is typed, letter by letter: what is on the way to the name of a field keeps what was found before, as does
// what makes no sense.
func TestTypingAFieldKeepsTheRows(t *testing.T) {
	for typed, least := range map[string]int{"state:listen": 1, "node port:abc": 1, "node proto:tcp": 1, "node -service:x": 1, "container": 1, "node (kind:exe": 1, "state:syx node": 1} {
		s := newScene(t)
		s.read(desk())
		s.window.Canvas().Focus(s.window.search)
		for i, r := range typed {
			s.do(func() { s.window.search.TypedRune(r) })
			s.read(desk()) // a refresh makes no difference
			if got := len(s.window.table.rows); got < least {
				t.Errorf("%q shows %d rows: %s", typed[:i+1], got, s.window.empty.title.Text)
			}
			if !s.window.empty.Hidden {
				t.Errorf("%q: it says %q", typed[:i+1], s.window.empty.title.Text)
			}
		}
	}
	s := newScene(t)
	s.read(desk())
	s.types("node po")
	found := len(s.window.table.rows)
	s.types("rt:abc")
	s.window.Canvas().Focus(s.window.table)
	s.settle()
	if got := len(s.window.table.rows); got != found || s.window.searchError.text() == "" {
		t.Errorf("there are %d rows, and it says %q", got, s.window.searchError.text())
	}
}

// Who has finished typing means what is there, even if that might have become a field.
func TestAWordThatIsNoField(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.types("container")
	if len(s.window.table.rows) == 0 {
		t.Error("nothing is shown while it is typed")
	}
	s.presses(fyne.KeyEscape, fyne.KeyReturn)
	s.types("container")
	s.presses(fyne.KeyReturn)
	if len(s.window.table.rows) != 0 || s.window.empty.Hidden {
		t.Errorf("%d rows are shown for a word that nothing has", len(s.window.table.rows))
	}
}

// The star is true of a query that makes no sense too.
func TestStarOfAWrongQuery(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.do(func() { s.window.setQuery("node") })
	s.window.addFilter(filter{"mine", "node"})
	if s.window.search.star.Icon.Name() != starIcon(true).Name() {
		t.Fatal("the star of a saved query is not filled")
	}
	s.do(func() { s.window.setQuery("node port:abc") })
	if s.window.search.star.Icon.Name() != starIcon(false).Name() {
		t.Error("the star of a query that is not saved is filled")
	}
}

// What is offered counts beside the rest of the query, and without hidden apps.
func TestOffersBesideTheRest(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.types("state:listen app:")
	if got := s.offered(); slices.Contains(got, "Firefox") || !slices.Contains(got, "node") {
		t.Errorf("offered %q", got)
	}
	s.do(func() { s.hideApp(node.App) })
	s.types("n")
	if got := s.offered(); slices.Contains(got, "node") {
		t.Errorf("a hidden app is offered: %q", got)
	}
}

// The figures of the chips are of what is shown: without hidden apps, and in the lens of what that has.
func TestChipsCountWhatIsShown(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	before := s.window.chips.counts
	s.do(func() { s.hideApp(node.App) })
	if got := s.window.chips.counts; got[table.FacetListening] != before[table.FacetListening]-2 {
		t.Errorf("listening are %d, with two of %d hidden", got[table.FacetListening], before[table.FacetListening])
	}
	s.do(func() { s.unhideApp(node.App.Key()) })
	s.do(func() { s.window.turnTo(turnLens) })
	if got := s.window.chips.counts; got[table.FacetListening] != 0 || got[table.FacetEstablished] == 0 {
		t.Errorf("in the lens the figures are %v", got)
	}
	s.do(func() { s.window.chips.onToggle(table.FacetEstablished) })
	if !s.window.view.Lens || len(s.window.table.rows) == 0 {
		t.Error("a facet that the lens has leaves it")
	}
	s.do(func() { s.window.setQuery("") })
	s.do(func() { s.window.chips.onToggle(table.FacetListening) })
	if s.window.view.Lens || len(s.ports()) != 10 { // two hold one of the nine
		t.Errorf("Listening shows %d rows, in the lens: %v", len(s.ports()), s.window.view.Lens)
	}
}

// One socket that two processes hold is two rows, and the status line says so.
func TestStatusSaysRowsAndSockets(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.do(func() { s.window.setQuery("nginx") })
	if got := s.window.status.said.text; !strings.HasPrefix(got, "1 shown in 2 rows of 42 sockets") || len(s.window.table.rows) != 2 {
		t.Errorf("%d rows, and the status line says %q", len(s.window.table.rows), got)
	}
	s.do(func() { s.window.setByApp(true) })
	if got := s.window.status.said.text; !strings.HasPrefix(got, "1 shown of 42 sockets") {
		t.Errorf("by app it says %q", got)
	}
}

// The window does not grow with what is offered while somebody types, nor with what is wrong in it.
func TestTypingDoesNotWidenTheWindow(t *testing.T) {
	inGerman(t)
	s := newScene(t)
	s.larger(150)
	s.window.Resize(tiny)
	s.read(desk())
	s.window.Canvas().Focus(s.window.search)
	offered := false
	for _, r := range "state:foo" {
		s.do(func() { s.window.search.TypedRune(r) })
		if least := s.window.Content().MinSize(); least.Width > tiny.Width || least.Height > tiny.Height {
			t.Errorf("at %q the window needs %v", s.window.search.Text, least)
		}
		offered = offered || s.window.search.suggest.open()
	}
	if !offered {
		t.Error("nothing was offered")
	}
}
