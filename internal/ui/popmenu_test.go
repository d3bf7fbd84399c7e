package ui

import (
	"image/color"
	"path/filepath"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// TestMenuGolden compares menus with pictures that were looked at.
func TestMenuGolden(t *testing.T) {
	for _, picture := range []struct {
		name    string
		variant fyne.ThemeVariant
		size    fyne.Size
		percent int
		german  bool
		act     func(s *scene)
	}{
		{"row_light", theme.VariantLight, part, 100, false, openRowMenu("")},
		{"row_marked_dark", theme.VariantDark, part, 100, false, openRowMenu("Copy more")},
		{"row_danger_light", theme.VariantLight, part, 100, false, openRowMenu("Kill…")},
		{"row_large_de_light", theme.VariantLight, fyne.NewSize(400, 300), 150, true, openRowMenu("Mehr kopieren")},
		{"titles_dark", theme.VariantDark, part, 100, false, func(s *scene) { s.window.showTitlesHere() }},
		{"titles_low_light", theme.VariantLight, fyne.NewSize(400, 300), 100, false, func(s *scene) {
			s.window.showTitlesHere()
			s.window.menu.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
		}},
	} {
		t.Run(picture.name, func(t *testing.T) {
			if picture.german {
				inGerman(t)
			}
			s := newScene(t)
			chosen := defaults()
			chosen.textSize = picture.percent
			s.app.Settings().SetTheme(oneVariant{chosen.look(), picture.variant})
			s.window.Resize(picture.size)
			s.read(desk())
			picture.act(s)
			checkPicture(t, filepath.Join("testdata", "menu", picture.name+".png"), s.window.Canvas().Capture())
		})
	}
}

// openRowMenu opens the menu of a row and goes to a line of it, and into the menu beside that one.
func openRowMenu(label string) func(s *scene) {
	return func(s *scene) {
		s.selectPort(3000)
		row, _ := s.window.table.Selected()
		s.window.showMenu(row, fyne.NewPos(120, 90))
		b := s.window.menu.panels[0].body
		if label == "" {
			return
		}
		for range b.items {
			s.window.menu.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
			if b.items[b.marked].Label == label {
				s.window.menu.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
				return
			}
		}
		s.t.Fatalf("no line says %q", label)
	}
}

// aMenu is a menu with one of each kind of line, and what of it was chosen.
func aMenu(s *scene) (m *popMenu, chosen *[]string) {
	chosen = &[]string{}
	line := func(label string) *fyne.MenuItem {
		return fyne.NewMenuItem(label, func() { *chosen = append(*chosen, label) })
	}
	more := fyne.NewMenuItem("more", nil)
	more.ChildMenu = fyne.NewMenu("", line("inner"), line("inner 2"))
	off := line("off")
	off.Disabled = true
	m = s.window.newMenu([]*fyne.MenuItem{off, line("first"), fyne.NewMenuItemSeparator(), more, killItem(func() { *chosen = append(*chosen, "kill") })}, s.window.table)
	m.showAt(fyne.NewPos(60, 60))
	return m, chosen
}

func TestMenuByKeys(t *testing.T) {
	for _, walk := range []struct {
		keys   []fyne.KeyName
		chosen []string
		open   bool
	}{
		{[]fyne.KeyName{fyne.KeyDown, fyne.KeyReturn}, []string{"first"}, false},
		{[]fyne.KeyName{fyne.KeyUp, fyne.KeyReturn}, []string{"kill"}, false},
		{[]fyne.KeyName{fyne.KeyDown, fyne.KeyUp, fyne.KeySpace}, []string{"kill"}, false},
		{[]fyne.KeyName{fyne.KeyEnd, fyne.KeyDown, fyne.KeyEnter}, []string{"first"}, false},
		{[]fyne.KeyName{fyne.KeyHome, fyne.KeyDown, fyne.KeyRight, fyne.KeyReturn}, []string{"inner"}, false},
		{[]fyne.KeyName{fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn, fyne.KeyDown, fyne.KeyReturn}, []string{"inner 2"}, false},
		{[]fyne.KeyName{fyne.KeyDown, fyne.KeyDown, fyne.KeyRight, fyne.KeyLeft, fyne.KeyDown, fyne.KeyReturn}, []string{"kill"}, false},
		{[]fyne.KeyName{fyne.KeyReturn, fyne.KeyLeft, fyne.KeyRight}, nil, true},
		{[]fyne.KeyName{fyne.KeyDown, fyne.KeyDown, fyne.KeyRight, fyne.KeyEscape}, nil, false},
	} {
		s := newScene(t)
		s.read(desk())
		m, chosen := aMenu(s)
		if s.window.Canvas().Focused() != m || !s.window.table.held() {
			t.Fatal("the menu has not got the keyboard, or the rows do not hold still")
		}
		for _, key := range walk.keys {
			s.window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: key})
		}
		if !slices.Equal(*chosen, walk.chosen) || (s.window.menu != nil) != walk.open || s.window.table.held() != walk.open {
			t.Errorf("%v: chosen %q, open %v, held %v", walk.keys, *chosen, s.window.menu != nil, s.window.table.held())
		}
		if !walk.open && s.window.Canvas().Focused() != s.window.table {
			t.Errorf("%v: the keyboard is at %T", walk.keys, s.window.Canvas().Focused())
		}
	}
}

// lineAt is the middle of a line of a menu.
func lineAt(p *menuPanel, i int) fyne.Position {
	return fyne.NewPos(40, p.body.top(i)+p.body.heightOf(i)/2)
}

func TestMenuByMouse(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	m, chosen := aMenu(s)
	over := func(p *menuPanel, i int) {
		p.body.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: lineAt(p, i)}})
	}
	click := func(p *menuPanel, i int) { p.body.Tapped(&fyne.PointEvent{Position: lineAt(p, i)}) }
	click(m.panels[0], 0) // is off
	click(m.panels[0], 2) // a separator
	click(m.panels[0], 3) // has a menu beside it
	if len(*chosen) != 0 || s.window.menu == nil || len(m.panels) != 2 {
		t.Fatalf("chosen %q, %d menus", *chosen, len(m.panels))
	}
	inner := m.panels[1]
	if right := m.panels[0].Position().X + m.panels[0].Size().Width; inner.Position().X < right-10 || inner.Position().Y < m.panels[0].Position().Y {
		t.Errorf("it is at %v, right of %v", inner.Position(), right)
	}
	over(inner, 1)
	over(m.panels[0], 3)
	if len(m.panels) != 2 || m.panels[1] != inner {
		t.Error("the menu closes while the pointer is at its line")
	}
	over(m.panels[0], 1)
	if len(m.panels) != 1 || m.panels[0].body.marked != 1 {
		t.Error("the menu stays when the pointer is at another line")
	}
	m.panels[0].body.MouseOut()
	if m.panels[0].body.marked != -1 {
		t.Error("a line is marked without the pointer")
	}
	over(m.panels[0], 3)
	click(m.panels[1], 1)
	if !slices.Equal(*chosen, []string{"inner 2"}) || s.window.menu != nil {
		t.Errorf("chosen %q", *chosen)
	}
	m, _ = aMenu(s)
	m.TappedSecondary(&fyne.PointEvent{})
	if s.window.menu != nil || s.window.Canvas().Overlays().Top() != nil || s.window.table.held() {
		t.Error("a click beside the menu leaves it open")
	}
}

// A menu never leaves the window, and where it is too low for all lines the keyboard has them scrolled into view.
func TestMenuStaysInTheWindow(t *testing.T) {
	s := newScene(t)
	s.window.Resize(fyne.NewSize(400, 300))
	s.read(desk())
	s.window.showTitles(fyne.NewPos(390, 290))
	m := s.window.menu
	check := func() {
		t.Helper()
		for _, p := range m.panels {
			end := p.Position().Add(p.Size())
			if p.Position().X < 0 || p.Position().Y < 0 || end.X > 400 || end.Y > 300 {
				t.Errorf("a menu is from %v to %v", p.Position(), end)
			}
		}
	}
	check()
	for range m.panels[0].body.items {
		m.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
		p := m.panels[0]
		top := p.body.top(p.body.marked) - p.scroll.Offset.Y
		if top < 0 || top+p.body.heightOf(p.body.marked) > p.Size().Height {
			t.Errorf("line %d is at %v of %v", p.body.marked, top, p.Size().Height)
		}
	}
	m.TypedKey(&fyne.KeyEvent{Name: fyne.KeyHome})
	m.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	if len(m.panels) != 2 {
		t.Fatal("the menu of the order does not open")
	}
	check()
	m.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
	check()
}

// What a menu says can be read, and its lines begin below one another.
func TestMenuIsReadable(t *testing.T) {
	for name, v := range test.KnownThemeVariants() {
		s := newScene(t)
		s.app.Settings().SetTheme(newThemeVariant(v))
		s.read(desk())
		openRowMenu("")(s)
		b := s.window.menu.panels[0].body
		for marked := -1; marked < len(b.items); marked++ {
			b.marked = marked
			b.Refresh()
			menu := over(b.Theme().Color(theme.ColorNameMenuBackground, v), color.White)
			grounds := map[float32]color.NRGBA{} // of the lines that have another, by where they begin
			for _, o := range test.WidgetRenderer(b).Objects() {
				if box, ok := o.(*canvas.Rectangle); ok {
					grounds[box.Position().Y] = over(box.FillColor, menu)
				}
				text, ok := o.(*canvas.Text)
				if !ok {
					continue
				}
				ground, ok := grounds[text.Position().Y]
				if !ok {
					ground = menu
				}
				if got := contrast(over(text.Color, ground), ground); got < 4.5 {
					t.Errorf("%s, line %d marked: %q has a contrast of %.2f", name, marked, text.Text, got)
				}
			}
		}
	}
}
