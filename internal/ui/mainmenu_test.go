package ui

import (
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// mainLine finds a line of the main menu.
func mainMenuLine(t *testing.T, m *fyne.MainMenu, menu, label string) *fyne.MenuItem {
	t.Helper()
	for _, below := range m.Items {
		for _, item := range below.Items {
			if below.Label == menu && item.Label == label {
				return item
			}
		}
	}
	t.Fatalf("there is no %s > %s", menu, label)
	return nil
}

func TestMainMenu(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	m := s.MainMenu()
	var menus []string
	for _, below := range m.Items {
		menus = append(menus, below.Label)
	}
	if want := []string{"File", "Edit", "View", "Row", "Help"}; !slices.Equal(menus, want) {
		t.Errorf("the menus are %q, want %q", menus, want)
	}
	line := func(menu, label string) *fyne.MenuItem { return mainMenuLine(t, m, menu, label) }
	for _, step := range []struct {
		what   string
		act    func()
		ticked string
	}{
		{"at first", func() {}, "Flat"},
		{"by app", line("View", "By app").Action, "By app"},
		{"the lens", func() { s.window.views.pick(turnLens) }, "Ephemeral"},
		{"the past", line("View", "Recent").Action, "Recent"},
		{"flat", line("View", "Flat").Action, "Flat"},
		{"with details", line("View", "Details").Action, "Flat Details"},
		{"paused", line("View", "Pause").Action, "Flat Details Pause"},
		{"live", line("View", "Pause").Action, "Flat Details"},
		{"without details", s.window.detail.toggle, "Flat"},
	} {
		s.do(step.act)
		var ticked []string
		for _, below := range m.Items {
			for _, item := range below.Items {
				if item.Checked {
					ticked = append(ticked, item.Label)
				}
			}
		}
		if got := strings.Join(ticked, " "); got != step.ticked {
			t.Errorf("%s: ticked are %q, want %q", step.what, got, step.ticked)
		}
	}
	kill := line("Row", "Kill…")
	if !kill.Disabled {
		t.Error("without a selected row Kill is offered")
	}
	s.selectPort(3000)
	if kill.Disabled {
		t.Error("of a selected row Kill is not offered")
	}
	s.do(kill.Action)
	if s.window.killing.dialog == nil {
		t.Error("Kill does nothing")
	}
}

// Edit does what it says with what has the focus: a text, or the table.
func TestMainMenuEdits(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	m := s.MainMenu()
	s.selectPort(3000)
	s.window.table.takeFocus()
	s.do(mainMenuLine(t, m, "Edit", "Copy").Action)
	if got := s.bar.Clipboard().Content(); !strings.Contains(got, "3000") || !strings.Contains(got, "node") {
		t.Errorf("copied from the table: %q", got)
	}
	s.bar.Clipboard().SetContent("postgres")
	s.do(mainMenuLine(t, m, "Edit", "Find").Action)
	s.do(mainMenuLine(t, m, "Edit", "Paste").Action)
	if got := s.window.search.Text; got != "postgres" {
		t.Errorf("pasted into the search: %q", got)
	}
	s.do(mainMenuLine(t, m, "Edit", "Select all").Action)
	s.do(mainMenuLine(t, m, "Edit", "Cut").Action)
	if got := s.window.search.Text; got != "" {
		t.Errorf("cut, and there is still %q", got)
	}
}

// The app stands in the Dock while its window is open, unless the person does not want that.
func TestDock(t *testing.T) {
	var calls []bool
	s := newScene(t, func(o *Options) { o.Dock = func(shown bool) { calls = append(calls, shown) } })
	expect := func(what string, want ...bool) {
		t.Helper()
		if !slices.Equal(calls, want) || len(want) > 0 && s.InDock() != want[len(want)-1] {
			t.Errorf("%s: %v, and now %v; want %v", what, calls, s.InDock(), want)
		}
		calls = nil
	}
	expect("shown", true)
	s.Show()
	expect("shown again")
	s.Hide()
	expect("hidden", false)
	s.change(func(o *settings) { o.dock = false })
	expect("not wanted, hidden")
	s.Show()
	expect("shown, not wanted", false)
	s.change(func(o *settings) { o.dock = true })
	expect("wanted", true)
	if !loadSettings(s.app.Preferences()).dock {
		t.Error("the choice is not remembered")
	}
}

// The keys are told about, whatever the language, and no command is missing.
func TestKeysAreTold(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.do(func() { s.window.typedKey(&fyne.KeyEvent{Name: fyne.KeyF1}) })
	told := s.texts()
	file, find, view, settings := s.window.commands()
	for _, c := range slices.Concat(file, find, view, settings, s.window.rowCommands()) {
		if title := strings.TrimSuffix(inWords(c), "…"); c.key != "" && !strings.Contains(told, title) {
			t.Errorf("%s is not told of", title)
		}
	}
	for _, l := range s.window.keyLines() {
		if first := []rune(l.does)[0]; !unicode.IsUpper(first) {
			t.Errorf("%s begins with a small letter: %q", l.key, l.does)
		}
	}
	for _, key := range []fyne.KeyName{fyne.KeyC, fyne.KeyA, fyne.KeyQ} {
		if !slices.ContainsFunc(s.window.keyLines(), func(l keyLine) bool { return l.key == shortcutName(runtime.GOOS, key) }) {
			t.Errorf("%s is not told of", key)
		}
	}
	for system, want := range map[string]string{"darwin": "⌘F", "linux": "Ctrl F"} {
		if got := shortcutName(system, fyne.KeyF); got != want {
			t.Errorf("on %s: %q", system, got)
		}
	}
	s.do(s.window.dismiss)
	if s.window.explaining != nil {
		t.Error("the keys stay")
	}
}

// In a small window the keys stand in one column, and what they do is not broken into single words.
func TestKeysInASmallWindow(t *testing.T) {
	inLanguages(t, func(t *testing.T, _ string) {
		s := newScene(t)
		s.window.Resize(tiny)
		s.read(desk())
		s.do(s.window.showKeys)
		lines, column := 0, float32(-1)
		for _, o := range everything(s.window.explaining.text) {
			l, ok := o.(*words)
			if !ok || !l.TextStyle.Bold || l.SizeName != "" {
				continue
			}
			x := s.app.Driver().AbsolutePositionForObject(l).X
			if lines++; column < 0 {
				column = x
			}
			if x != column {
				t.Errorf("%q stands at %v, others at %v", l.Text, x, column)
			}
		}
		if lines != len(s.window.keyLines()) {
			t.Errorf("%d of %d keys are told", lines, len(s.window.keyLines()))
		}
	})
}

func TestKeysGolden(t *testing.T) {
	s := newScene(t)
	s.app.Settings().SetTheme(newThemeVariant(theme.VariantLight))
	s.window.Resize(screen)
	s.read(desk())
	s.do(s.window.showKeys)
	checkPicture(t, filepath.Join("testdata", "window", "keys_light.png"), s.window.Canvas().Capture())
}
