package ui

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// tiny is the smallest window that has to work.
var tiny = fyne.NewSize(400, 300)

// inLanguages runs a test in English and in German.
func inLanguages(t *testing.T, f func(t *testing.T, name string)) {
	t.Run("english", func(t *testing.T) { f(t, "english") })
	t.Run("german", func(t *testing.T) {
		inGerman(t)
		f(t, "german")
	})
}

// TestEverythingFitsInATinyWindow: in each view, language and size of text the window may be as small as that.
func TestEverythingFitsInATinyWindow(t *testing.T) {
	inLanguages(t, func(t *testing.T, _ string) {
		for percent := 80; percent <= 150; percent += 10 {
			for view := turnFlat; view <= turnRecent; view++ {
				s := newScene(t)
				s.settings.textSize = percent
				s.app.Settings().SetTheme(s.settings.look())
				s.window.Resize(tiny)
				s.read(desk())
				s.do(func() { s.window.turnTo(view) })
				s.do(func() { s.window.setQuery("port:abc") })
				if least := s.window.Content().MinSize(); least.Width > tiny.Width || least.Height > tiny.Height {
					t.Errorf("at %d %% view %d needs %v", percent, view, least)
				}
				if got := s.window.Canvas().Size(); got != tiny {
					t.Errorf("at %d %% the window is %v", percent, got)
				}
				if rows := s.window.table.scroll.Size().Height / s.window.table.rowHeight(); rows < 2 {
					t.Errorf("at %d %% view %d shows %.1f rows", percent, view, rows)
				}
			}
		}
	})
}

// TestTinyGolden compares the smallest window with pictures that were looked at.
func TestTinyGolden(t *testing.T) {
	inLanguages(t, func(t *testing.T, name string) {
		for picture, act := range map[string]func(*lensScene){
			"flat":         func(l *lensScene) { l.selectPort(3000) },
			"by_app":       func(l *lensScene) { byApp(l.scene) },
			"detail":       func(l *lensScene) { l.window.detail.toggle(); l.selectPort(3000) },
			"search_error": func(l *lensScene) { l.do(func() { l.window.setQuery("port:abc") }) },
			"lens":         func(l *lensScene) { l.turned() },
			"lens_red":     func(l *lensScene) { l.turned(); l.scarcity() },
			"alarm":        (*lensScene).scarcity,
			"recent":       func(l *lensScene) { l.do(func() { l.window.turnTo(turnRecent) }) },
		} {
			facts := sceneRange
			if picture == "lens_red" || picture == "alarm" {
				facts = scarce
			}
			l := newLensScene(t, func(o *Options) { o.Rules = rulesIn(facts) })
			l.app.Settings().SetTheme(newThemeVariant(theme.VariantLight))
			l.window.Resize(tiny)
			l.read(desk())
			act(l)
			checkPicture(t, filepath.Join("testdata", "tiny", picture+"_"+name+".png"), l.window.Canvas().Capture())
			if got := l.window.Canvas().Size(); got != tiny {
				t.Errorf("%s: the window is %v", picture, got)
			}
		}
	})
}

// TestButtonsFold: the buttons lose their words before anything else gives way, and the field has always room for its hint.
func TestButtonsFold(t *testing.T) {
	inLanguages(t, func(t *testing.T, _ string) {
		s := newScene(t)
		s.read(desk())
		folded := false
		for width := float32(1180); width >= 320; width -= 20 {
			s.window.Resize(fyne.NewSize(width, 500))
			s.window.Content().Refresh()
			if field := s.window.search.Size().Width; field < 100 {
				t.Errorf("at %v the search field is %v", width, field)
			}
			if folded = folded || s.window.kill.Text == ""; folded && s.window.kill.Text != "" && s.window.views.Position().Y == s.window.search.Position().Y {
				t.Errorf("at %v the words are back", width)
			}
			end := s.window.more.Position().X + s.window.more.Size().Width
			if buttons := end + s.window.search.Position().X + s.window.search.Size().Width + toolbarGap; buttons > width-2*toolbarEdge+1 {
				t.Errorf("at %v the buttons end at %v", width, buttons)
			}
			if w := s.window.kill; w.Text != "" && abs(w.whole()-w.MinSize().Width) > 1 {
				t.Errorf("with its word it is %v, not %v", w.MinSize().Width, w.whole())
			}
		}
		if !folded {
			t.Error("the words never go")
		}
	})
}

// TestMoreMenu: without a tray too the mouse finds the settings and the keys.
func TestMoreMenu(t *testing.T) {
	for label, opened := range map[string]func(*scene) bool{
		"Settings…": func(s *scene) bool { return s.window.settings != nil },
		"Keys…":     func(s *scene) bool { return s.window.explaining != nil },
		"Columns…":  func(s *scene) bool { return s.window.menu != nil },
	} {
		s := newScene(t)
		s.window.Resize(tiny)
		s.read(desk())
		s.do(func() { test.Tap(s.window.more) })
		if s.window.menu == nil {
			t.Fatal("there is no menu")
		}
		if size, at := s.window.menu.panels[0].Size(), s.window.menu.panels[0].Position(); at.X < 0 || at.X+size.Width > tiny.Width || at.Y+size.Height > tiny.Height {
			t.Errorf("the menu is at %v, %v", at, size)
		}
		item := lineOfMenu(t, s.window.moreItems(), label)
		s.do(s.window.closeMenu)
		if s.do(item.Action); !opened(s) {
			t.Errorf("%s opens nothing", label)
		}
		if key := keyOf(lineOfMenu(t, s.window.moreItems(), "Keys…")); key != "F1" {
			t.Errorf("the key beside Keys… is %q", key)
		}
	}
}

// TestFourSegments: a switch of four words is whole in the smallest window, and a click finds what is under it.
func TestFourSegments(t *testing.T) {
	newScene(t)
	for _, words := range [][]string{{"Flat", "By app", "Ephemeral", "Recent"}, {"Flach", "Nach App", "Ephemeral", "Verlauf"}} {
		s := newSegments(words...)
		r := s.CreateRenderer().(*segmentsRenderer)
		s.Resize(fyne.NewSize(tiny.Width-2*toolbarEdge, 26))
		r.Layout(s.Size())
		for i, text := range r.texts {
			if text.Text != words[i] {
				t.Errorf("%q is cut to %q", words[i], text.Text)
			}
			if got := s.at(text.Position().X + text.Size().Width/2); got != i {
				t.Errorf("a click on %q is one on %d", words[i], got)
			}
		}
		s.Resize(fyne.NewSize(120, 26))
		r.Layout(s.Size())
		if last := r.texts[3]; last.Position().X+last.Size().Width > 121 {
			t.Errorf("the last one ends at %v", last.Position().X+last.Size().Width)
		}
	}
}

// TestTips: what a symbol is for is said where the pointer rests, and not when it has gone on.
func TestTips(t *testing.T) {
	s := newScene(t)
	s.window.Resize(tiny)
	s.read(desk())
	var rested func()
	s.window.tips.later = func(_ time.Duration, f func()) { rested = f }
	said := func() string {
		if s.window.tips.Hidden {
			return ""
		}
		return fmt.Sprint(s.window.tips.lines)
	}
	s.window.details.MouseIn(&desktop.MouseEvent{})
	if said() != "" {
		t.Errorf("at once it says %s", said())
	}
	rested()
	if said() != "[Show the details]" {
		t.Errorf("after a rest it says %s", said())
	}
	if at, size := s.window.tips.Position(), s.window.tips.Size(); at.X < 0 || at.X+size.Width > tiny.Width || at.Y+size.Height > tiny.Height {
		t.Errorf("it is at %v, %v", at, size)
	}
	s.window.details.MouseOut()
	if said() != "" {
		t.Errorf("the pointer has gone, it says %s", said())
	}
	s.window.kill.MouseIn(&desktop.MouseEvent{})
	s.window.kill.MouseOut()
	if rested(); said() != "" {
		t.Errorf("the pointer did not rest, it says %s", said())
	}
	s.do(s.window.detail.toggle)
	s.window.details.MouseIn(&desktop.MouseEvent{})
	if rested(); said() != "[Hide the details]" {
		t.Errorf("with the pane open it says %s", said())
	}
}
