package ui

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"portolan/internal/table"
)

// under gives what gets the mouse at a place of some words, once the pointer is there.
func (s *scene) under(r *readable) desktop.Mouseable {
	s.t.Helper()
	r.MouseIn(&desktop.MouseEvent{})
	var got desktop.Mouseable
	for _, o := range everything(r) {
		if m, ok := o.(desktop.Mouseable); ok {
			got = m // what is drawn last lies above the others
		}
	}
	if got == nil {
		s.t.Fatal("nothing there can be clicked")
	}
	return got
}

// clickWords presses and lets go where nothing is marked by that.
func (s *scene) clickWords(r *readable) {
	s.t.Helper()
	at := s.under(r)
	e := &desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(12, 8)}, Button: desktop.MouseButtonPrimary}
	at.MouseDown(e)
	at.MouseUp(e)
}

// markWords drags over words, so that some of them are marked.
func (s *scene) markWords(r *readable) {
	s.t.Helper()
	at := s.under(r)
	e := &desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(10, 10)}, Button: desktop.MouseButtonPrimary}
	at.MouseDown(e)
	for x := float32(12); x < 90; x += 8 {
		at.(fyne.Draggable).Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, 10)}, Dragged: fyne.Delta{DX: 8}})
	}
	e.Position.X = 90
	at.MouseUp(e)
	at.(fyne.Draggable).DragEnd()
}

// key sends a key to what has the keyboard, as a window does.
func (s *scene) key(name fyne.KeyName) {
	c := s.window.Canvas()
	if at := c.Focused(); at != nil {
		at.TypedKey(&fyne.KeyEvent{Name: name})
	} else if typed := c.OnTypedKey(); typed != nil {
		typed(&fyne.KeyEvent{Name: name})
	}
}

// typed sends a shortcut there.
func (s *scene) typed(shortcut fyne.Shortcut) {
	s.t.Helper()
	at, ok := s.window.Canvas().Focused().(fyne.Shortcutable)
	if !ok {
		s.t.Fatalf("the focus is on %T", s.window.Canvas().Focused())
	}
	at.TypedShortcut(shortcut)
}

func command3() fyne.Shortcut {
	return &desktop.CustomShortcut{KeyName: fyne.Key3, Modifier: fyne.KeyModifierShortcutDefault}
}

// The pointer rests on words of the pane that were clicked, or marked: all keys do what they do elsewhere.
func TestKeysOverTheWordsOfThePane(t *testing.T) {
	for name, point := range map[string]func(*scene, *readable){"clicked": (*scene).clickWords, "marked": (*scene).markWords} {
		t.Run(name, func(t *testing.T) {
			s := openDetail(t, 3000)
			s.window.Resize(screen)
			s.window.table.takeFocus()
			s.window.table.shortcuts = func() fyne.Shortcutable { return &s.window.keys } // those of the canvas of a test do nothing
			point(s, s.window.detail.form.sentence)
			s.typed(command3())
			if turnOf(s.window.view) != turnOf(table.View{Lens: true}) {
				t.Errorf("Ctrl-3 did nothing: %+v", s.window.view)
			}
			point(s, s.window.detail.form.title)
			if s.key(fyne.KeyEscape); s.window.detail.Visible() {
				t.Error("Escape did not close the pane")
			}
		})
	}
}

// Copy is for what is marked, also after the key Ctrl alone was told; a key after it is the table's.
func TestMarkedWordsAreCopied(t *testing.T) {
	s := openDetail(t, 3000)
	s.window.Resize(screen)
	s.window.table.takeFocus()
	s.markWords(s.window.detail.form.sentence)
	marked := s.window.detail.form.sentence.SelectedText()
	if marked == "" {
		t.Fatal("nothing was marked")
	}
	s.key(desktop.KeyControlLeft)
	s.typed(&fyne.ShortcutCopy{})
	if got := s.app.Clipboard().Content(); got != marked {
		t.Errorf("copied %q, marked was %q", got, marked)
	}
	s.key(fyne.KeyDown)
	if at := s.window.Canvas().Focused(); at != s.window.table {
		t.Errorf("after a key the focus is on %T", at)
	}
	s.markWords(s.window.detail.form.sentence)
	s.window.Canvas().Focused().TypedRune('n')
	if s.window.search.Text != "n" {
		t.Errorf("a letter over marked words did not search: %q", s.window.search.Text)
	}
}

// In a dialog Escape answers no, whatever was clicked before.
func TestEscapeOverTheWordsOfADialog(t *testing.T) {
	for name, point := range map[string]func(*scene, *readable){"clicked": (*scene).clickWords, "marked": (*scene).markWords} {
		t.Run(name, func(t *testing.T) {
			s := askPort(t, 3000)
			point(s, s.readables()[0])
			if s.key(fyne.KeyEscape); s.window.asking() {
				t.Error("Escape did not close the dialog")
			}
			if len(s.kills) > 0 {
				t.Error("something was ended")
			}
		})
		t.Run(name+" in an explanation", func(t *testing.T) {
			s := newScene(t)
			s.read(desk())
			s.window.explain("TIME_WAIT")
			point(s, s.readables()[0])
			if s.key(fyne.KeyEscape); s.window.asking() {
				t.Error("Escape did not close the explanation")
			}
		})
	}
}

// readables are the words of the open dialog that can be marked.
func (s *scene) readables() []*readable {
	s.t.Helper()
	var all []*readable
	for _, o := range everything(s.window.modals[len(s.window.modals)-1].popup) {
		if r, ok := o.(*readable); ok && r.Visible() {
			all = append(all, r)
		}
	}
	if len(all) == 0 {
		s.t.Fatal("there are no words to be marked")
	}
	return all
}
