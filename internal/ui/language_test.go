package ui

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"

	"portolan/assets"
	"portolan/internal/app"
	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/process"
)

// inGerman has everything said in German until the end of the test.
func inGerman(t testing.TB) {
	t.Helper()
	UseLanguage("de")
	t.Cleanup(inEnglish)
}

// inEnglish is how the tests begin.
func inEnglish() {
	UseLanguage("en")
	language.Use(nil)
	spokenNow.Store(nil)
}

// The language that is chosen holds on every system, and without a choice it is the system's.
func TestUseLanguage(t *testing.T) {
	t.Cleanup(inEnglish) // runs once the environment is as it was
	for _, c := range []struct{ system, choice, want string }{
		{"de_DE.UTF-8", "", "de"}, {"de_AT.UTF-8", "", "de"}, {"en_GB.UTF-8", "", "en"}, {"fr_FR.UTF-8", "", "en"},
		{"C", "", "en"}, {"C.UTF-8", "", "en"}, {"", "", "en"}, {"de_DE.UTF-8", "nonsense", "de"},
		{"en_US.UTF-8", "de", "de"}, {"de_DE.UTF-8", "en", "en"}, {"de_AT.UTF-8", "en", "en"}, {"fr_CA.UTF-8", "de", "de"},
		{"zh_TW.UTF-8", "de", "de"}, {"tlh_XX.UTF-8", "de", "de"}, {"C", "de", "de"}, {"", "de", "de"},
	} {
		if c.choice != "de" && c.choice != "en" && runtime.GOOS == "darwin" {
			continue // macOS does not take it from the environment
		}
		t.Run(c.system+"-"+c.choice, func(t *testing.T) {
			t.Setenv("LC_ALL", c.system)
			t.Setenv("LC_MESSAGES", "")
			t.Setenv("LANG", "")
			t.Setenv("LANGUAGE", "")
			UseLanguage(c.choice)
			cancel, port := "Cancel", "port 3000 is free"
			if c.want == "de" {
				cancel, port = "Abbrechen", "Port 3000 ist frei"
			}
			if got := languageInUse(); got != c.want {
				t.Errorf("the language is %q", got)
			}
			if got := language.F("port %s is free", "3000"); got != port {
				t.Errorf("the window says %q", got)
			}
			if got := lang.L("Cancel"); got != cancel && !strings.HasPrefix(c.system, "tlh") {
				t.Errorf("Fyne's dialogs say %q", got)
			}
		})
	}
}

// english tells what is English among what can be read in German.
type english struct {
	whole    []*regexp.Regexp // of short texts, which are words of other languages and names too
	within   []string         // long ones
	anything map[string]bool
}

var formatVerb = regexp.MustCompile(`%(\[\d+\])?[a-z]|%%`)

// englishTexts are those that German has other words for.
func englishTexts(t *testing.T) english {
	t.Helper()
	file, err := assets.Translations.ReadFile("translations/de.json")
	if err != nil {
		t.Fatal(err)
	}
	german := map[string]string{}
	if err := json.Unmarshal(file, &german); err != nil {
		t.Fatal(err)
	}
	e := english{anything: map[string]bool{}}
	for text, translation := range german {
		if text == translation {
			continue
		}
		if !formatVerb.MatchString(text) {
			e.anything[text] = true
		}
		for _, part := range formatVerb.Split(text, -1) {
			if len(part) >= 12 && strings.Contains(strings.TrimSpace(part), " ") && !slices.ContainsFunc(formatVerb.Split(translation, -1), func(p string) bool { return strings.Contains(p, part) }) {
				e.within = append(e.within, part)
			}
		}
		pattern := regexp.MustCompile(`%(\\\[\d+\\\])?[a-z]`).ReplaceAllString(regexp.QuoteMeta(text), `[^ ]+`)
		if strings.Count(text, "%") > 0 && regexp.MustCompile(`[a-z]{3}`).MatchString(formatVerb.ReplaceAllString(text, "")) {
			e.whole = append(e.whole, regexp.MustCompile("^"+pattern+"$"))
		}
	}
	return e
}

// found gives the English in a text; "" when there is none.
func (e *english) found(text string) string {
	for _, part := range strings.FieldsFunc(strings.ReplaceAll(text, ", ", "\n"), func(r rune) bool { return r == '\n' }) {
		part = strings.TrimSpace(part)
		if e.anything[part] {
			return part
		}
		for _, pattern := range e.whole {
			if pattern.MatchString(part) {
				return part
			}
		}
	}
	for _, part := range e.within {
		if strings.Contains(text, part) {
			return part
		}
	}
	return ""
}

// check fails for each text that can be read in an object and is English.
func (e *english) check(t *testing.T, what string, object fyne.CanvasObject) {
	t.Helper()
	for _, o := range everything(object) {
		text, ok := o.(*canvas.Text)
		if !ok || text.Text == "" {
			continue
		}
		if found := e.found(text.Text); found != "" {
			t.Errorf("%s: %q is English: %q", what, text.Text, found)
		}
	}
}

func (e *english) checkWindow(t *testing.T, what string, s *scene) {
	t.Helper()
	e.check(t, what, s.window.Content())
	for _, over := range s.window.Canvas().Overlays().List() {
		e.check(t, what, over)
	}
	for _, label := range s.menu.labels() {
		if found := e.found(label); found != "" {
			t.Errorf("%s: the menu says %q", what, label)
		}
	}
}

func (e *english) checkItems(t *testing.T, what string, items []*fyne.MenuItem) {
	t.Helper()
	for _, item := range items {
		if found := e.found(item.Label); found != "" {
			t.Errorf("%s: %q is English", what, item.Label)
		}
		if item.ChildMenu != nil {
			e.checkItems(t, what, item.ChildMenu.Items)
		}
	}
}

// TestNothingIsEnglishInGerman looks at all that the window can show.
func TestNothingIsEnglishInGerman(t *testing.T) {
	inGerman(t)
	e := englishTexts(t)
	if e.found("Terminate node?") == "" || e.found("2 listening") == "" || e.found("12 Sockets, 2 wartend") != "" {
		t.Fatal("English is not found, or German is taken for it")
	}
	for _, act := range []struct {
		name string
		do   func(s *scene)
	}{
		{"before the first read", func(s *scene) { s.window.apply(content{}) }},
		{"a failed read", func(s *scene) { s.fail(errKernel) }},
		{"paused", func(s *scene) { s.do(s.window.togglePause) }},
		{"no match", func(s *scene) { s.do(func() { s.window.setQuery("gopher") }) }},
		{"a wrong query", func(s *scene) { s.do(func() { s.window.setQuery("node port:abc") }) }},
		{"suggestions", func(s *scene) { s.types("st") }},
		{"saved filters", func(s *scene) { s.do(func() { s.window.setQuery("node"); s.window.nameFilter() }) }},
		{"by app", func(s *scene) {
			s.do(func() { s.window.turnTo(turnByApp) })
			for range 3 {
				for _, row := range slices.Clone(s.window.table.rows) {
					if row.Group != nil && !row.Group.Open {
						s.do(func() { s.window.toggle(row) })
					}
				}
			}
		}},
		{"the lens", func(s *scene) { s.do(func() { s.window.turnTo(turnLens) }) }},
		{"the dialog of one", func(s *scene) { s.selectPort(3000); s.window.killSelected() }},
		{"the dialog of a stranger's", func(s *scene) { s.selectPort(80); s.window.killSelected() }},
		{"the dialog of an app", func(s *scene) { askCrowd(s, 3) }},
		{"launchd's port", func(s *scene) { s.selectPort(631); s.window.killSelected() }},
		{"a hidden owner", func(s *scene) { s.selectPort(22); s.window.killSelected() }},
		{"the kernel's", func(s *scene) { s.selectPort(50120); s.window.killSelected() }},
		{"a protected one", func(s *scene) {
			s.protected[node.ID] = process.ErrProtected
			s.selectPort(3000)
			s.window.killSelected()
		}},
		{"an end", endedNode},
		{"no end", stillRunningNode},
		{"some ends", func(s *scene) { askCrowd(s, 5); refuseSome(s); s.confirm(); s.window.notice.action.OnTapped() }},
		{"the export", func(s *scene) { s.window.export() }},
		{"the first settings", func(s *scene) { s.window.showSettingsPage(0) }},
		{"the second settings", func(s *scene) { s.window.showSettingsPage(1) }},
		{"the third settings", func(s *scene) { s.window.showSettingsPage(2) }},
		{"the fourth settings", func(s *scene) { s.window.showSettingsPage(3) }},
		{"the fifth settings", func(s *scene) { s.window.showSettingsPage(4) }},
		{"an explanation", func(s *scene) { s.window.explain("TIME_WAIT") }},
		{"a port's explanation", func(s *scene) { s.window.explainPort(443) }},
		{"a watched port", func(s *scene) { s.watchPort(3000) }},
		{"a hidden app", func(s *scene) { s.hideApp(app.App{Name: "node", Path: "/usr/local/bin/node"}) }},
	} {
		t.Run(act.name, func(t *testing.T) {
			s := newLensScene(t)
			s.t = t
			s.window.Resize(screen)
			if act.name != "before the first read" {
				s.read(desk())
			}
			act.do(s.scene)
			e.checkWindow(t, act.name, s.scene)
		})
	}
}

// TestNoRowIsEnglishInGerman looks at the detail pane, the menus and the speech of every row.
func TestNoRowIsEnglishInGerman(t *testing.T) {
	inGerman(t)
	e := englishTexts(t)
	s := newScene(t)
	s.window.Resize(screen)
	s.ancestors = shell()
	s.details = process.Details{Line: "node server.js --port 3000", Directory: "/srv/shop", Memory: 84_300_000, CPU: 0.034, CPUOver: time.Second}
	s.window.detail.toggle()
	now := crowded(5)
	waits := connection(netstat.Established, "127.0.0.1:3000", "127.0.0.1:52112")
	now.Sockets = append(now.Sockets, waits, connection(netstat.SynSent, "192.168.1.20:50001", "10.0.0.1:443", node),
		connection(netstat.FinWait2, "192.168.1.20:50002", "10.0.0.1:443", node), datagram("192.168.1.20:68", node))
	s.read(now)
	for _, turn := range []int{turnFlat, turnByApp} {
		s.do(func() { s.window.turnTo(turn) })
		for _, row := range slices.Clone(s.window.table.rows) {
			s.window.table.Select(row.Key)
			e.check(t, "the pane", s.window.detail.Container)
			e.checkItems(t, "the row's menu", s.window.menuItems(row))
			if found := e.found(s.window.table.spoken(&row)); found != "" {
				t.Errorf("spoken: %q is English: %q", s.window.table.spoken(&row), found)
			}
		}
		e.checkItems(t, "the titles' menu", s.window.titleItems())
	}
	for _, menu := range s.MainMenu().Items {
		menu.Items = slices.DeleteFunc(menu.Items, func(i *fyne.MenuItem) bool { return i.Label == SettingsTitle }) // the door's to translate
		e.checkItems(t, "the main menu", append(menu.Items, fyne.NewMenuItem(menu.Label, nil)))
	}
}

// What is asked for is the same in every language, and so is what is found and how it is ordered.
func TestQueriesAreTheSameInGerman(t *testing.T) {
	inGerman(t)
	s := newScene(t)
	s.read(desk())
	for query, want := range map[string]int{
		"state:listen": 10, "class:listening": 10, "hidden": 1, "verborgen": 1, "kernel": 3, "\"last used\"": 1, "zuletzt": 1, "exposed:yes port:3000": 1,
	} {
		s.do(func() { s.window.setQuery(query) })
		if got := len(s.window.table.rows); got != want {
			t.Errorf("%s finds %d rows, want %d", query, got, want)
		}
	}
}

// Files have English titles: what reads them knows no other.
func TestFilesHaveEnglishTitlesInGerman(t *testing.T) {
	inGerman(t)
	s := newScene(t)
	s.read(desk())
	s.window.copyCSV(s.window.table.rows[:1])
	title, _, _ := strings.Cut(s.app.Clipboard().Content(), "\r\n")
	if !strings.Contains(title, "Local address") || strings.Contains(title, "Adresse") {
		t.Errorf("the titles of the CSV are %q", title)
	}
}

// TestGermanGolden compares the window in German with pictures that were looked at: German is longer.
func TestGermanGolden(t *testing.T) {
	for _, picture := range []struct {
		name string
		size fyne.Size
		act  func(s *scene)
	}{
		{"flat_light", screen, func(s *scene) { s.window.detail.toggle(); s.selectPort(3000) }},
		{"by_app_light", part, byApp},
		{"lens_light", part, func(s *scene) { s.do(func() { s.window.turnTo(turnLens) }) }},
		{"narrow_light", fyne.NewSize(480, 400), func(s *scene) { s.window.detail.toggle(); s.selectPort(3000) }},
		{"kill_light", fyne.NewSize(960, 640), func(s *scene) { s.selectPort(3000); s.window.killSelected() }},
		{"kill_app_light", fyne.NewSize(960, 640), func(s *scene) { askCrowd(s, 3) }},
		{"still_running_light", part, stillRunningNode},
		{"settings_light", fyne.NewSize(960, 640), func(s *scene) { s.window.showSettings() }},
		{"settings_narrow_light", fyne.NewSize(480, 400), func(s *scene) { s.window.showSettings() }},
	} {
		t.Run(picture.name, func(t *testing.T) {
			inGerman(t)
			s := newScene(t)
			s.app.Settings().SetTheme(newThemeVariant(theme.VariantLight))
			s.window.Resize(picture.size)
			s.ancestors = shell()
			s.read(desk())
			picture.act(s)
			checkPicture(t, filepath.Join("testdata", "german", picture.name+".png"), s.window.Canvas().Capture())
		})
	}
}
