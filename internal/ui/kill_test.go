package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/process"
)

// texts gives all that can be read in the topmost overlay, or in the window when there is none.
func (s *scene) texts() string {
	top := s.window.Canvas().Overlays().Top()
	if top == nil {
		top = s.window.Content()
	}
	var all []string
	for _, object := range everything(top) {
		switch o := object.(type) {
		case *words:
			all = append(all, o.Text)
		case *readable:
			all = append(all, o.Text)
		case *widget.Button:
			all = append(all, o.Text)
		case *modalButton:
			all = append(all, o.Text)
		}
	}
	return strings.Join(all, "\n")
}

// everything gives what is laid out in an object, each once.
func everything(in fyne.CanvasObject) []fyne.CanvasObject {
	var all []fyne.CanvasObject
	seen := map[fyne.CanvasObject]bool{}
	for _, object := range test.LaidOutObjects(in) {
		if !seen[object] {
			seen[object] = true
			all = append(all, object)
		}
	}
	return all
}

// label gives the words of an object, nil for anything else.
func label(o fyne.CanvasObject) *words {
	switch o := o.(type) {
	case *words:
		return o
	case *readable:
		return &o.words
	default:
		return nil
	}
}

func (s *scene) wantTexts(wanted ...string) {
	s.t.Helper()
	texts := s.texts()
	for _, text := range wanted {
		if !strings.Contains(texts, text) {
			s.t.Errorf("%q is not to be read in:\n%s", text, texts)
		}
	}
}

// askPort opens the dialog for the row with this port.
func askPort(t *testing.T, number uint16, change ...func(*scene)) *scene {
	t.Helper()
	s := newScene(t)
	s.read(desk())
	for _, f := range change {
		f(s)
	}
	s.selectPort(number)
	s.window.killSelected()
	if s.window.killing.dialog == nil {
		t.Fatal("no dialog has opened")
	}
	return s
}

func TestKillDialogNamesAllThatEnds(t *testing.T) {
	s := askPort(t, 3000)
	s.wantTexts("Terminate node?", "node", "812", "alice", "/usr/local/bin/node", "2 ports and 2 connections will close:",
		"tcp *:3000", "tcp 127.0.0.1:9229", "tcp 127.0.0.1:41822", "tcp 192.168.1.20:50112", "SIGTERM", "Cancel", "Terminate")
	if len(s.kills) != 0 {
		t.Error("something was signalled before anybody confirmed it")
	}
}

// A port that another process holds too does not close, and the dialog must not say that it does.
func TestKillDialogOfSharedPort(t *testing.T) {
	s := askPort(t, 80)
	s.wantTexts("No port will close", "stays open", "It belongs to root: the system will most likely not let you end it.")
}

func TestKillDialogFollowsTheSnapshots(t *testing.T) {
	s := askPort(t, 3000)
	more := desk()
	more.Sockets = append(more.Sockets, listen("127.0.0.1:3001", node))
	s.read(more)
	s.wantTexts("3 ports and 2 connections will close:", "tcp 127.0.0.1:3001")
	s.read(without(desk(), node))
	s.wantTexts("It holds no socket any more.")
}

func TestCancelIsTheDefault(t *testing.T) {
	for name, leave := range map[string]func(s *scene, focused fyne.Focusable){
		"Enter":  func(_ *scene, f fyne.Focusable) { f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn}) },
		"space":  func(_ *scene, f fyne.Focusable) { f.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace}) },
		"Escape": func(_ *scene, f fyne.Focusable) { f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape}) },
		"Escape without focus": func(s *scene, _ fyne.Focusable) {
			s.window.Canvas().Unfocus()
			s.window.typedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := askPort(t, 3000)
			focused := s.window.Canvas().Focused()
			button, ok := focused.(*modalButton)
			if !ok || button.Text != "Cancel" {
				t.Fatalf("focused is %v, want the Cancel button", focused)
			}
			leave(s, focused)
			if s.window.killing.dialog != nil || s.window.Canvas().Overlays().Top() != nil {
				t.Error("the dialog is still open")
			}
			if len(s.kills) != 0 {
				t.Errorf("%v was signalled", s.kills)
			}
			if !s.Visible() {
				t.Error("the window has gone too")
			}
		})
	}
}

// In a low window the text scrolls and the buttons stay in reach, also when the window shrinks under the dialog.
func TestKillDialogInALowWindow(t *testing.T) {
	s := askPort(t, 3000)
	for _, size := range []fyne.Size{{Width: 1180, Height: 720}, {Width: 600, Height: 300}, {Width: 480, Height: 260}} {
		s.window.Resize(size)
		d := s.window.killing.dialog
		for _, b := range d.buttons {
			at := fyne.CurrentApp().Driver().AbsolutePositionForObject(b)
			if at.Y < 0 || at.Y+b.Size().Height > size.Height || at.X < 0 || at.X+b.Size().Width > size.Width {
				t.Errorf("in a window of %v %s is at %v", size, b.Text, at)
			}
		}
		if fits := d.text.Size().Height >= d.text.Content.MinSize().Height; fits != (size.Height == 720) {
			t.Errorf("in a window of %v all of the text is in view: %v", size, fits)
		}
	}
}

// The dialog is about the process that was selected when it opened, whatever is selected now.
func TestKillHitsWhatWasShown(t *testing.T) {
	s := askPort(t, 3000)
	s.selectPort(5432)
	s.confirm()
	if want := []kill{{node.ID, process.Terminate}}; !slices.Equal(s.kills, want) {
		t.Errorf("signalled %v, want %v", s.kills, want)
	}
}

func TestKeysUnderADialog(t *testing.T) {
	s := askPort(t, 3000)
	s.window.typedKey(&fyne.KeyEvent{Name: fyne.KeyDelete})
	s.window.killSelected()
	if n := len(s.window.Canvas().Overlays().List()); n != 1 {
		t.Errorf("there are %d dialogs, want 1", n)
	}
	s.shortcut(fyne.Key2)
	if s.window.view.ByApp {
		t.Error("the view was changed under the dialog")
	}
}

func TestDeleteKeyAsks(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.selectPort(5432)
	s.window.table.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDelete})
	s.wantTexts("Terminate postgres?", "640", "tcp 127.0.0.1:5432", "tcp [::1]:5432")
}

func TestKillOutcomes(t *testing.T) {
	for _, test := range []struct {
		name  string
		err   error
		after func(*netstat.Snapshot) // what the next snapshot shows, nil: that node is gone
		want  string
		offer string
	}{
		{"gone", nil, nil, "node (812) has ended; ports 3000 and 9229 are free.", ""},
		{"gone before", fmt.Errorf("kill process 812: %w", process.ErrGone), nil,
			"node (812) had already ended, nothing was sent; ports 3000 and 9229 are free.", ""},
		{"not permitted", fmt.Errorf("kill: %w", process.ErrNotPermitted), func(*netstat.Snapshot) {},
			"node (812) was not ended: it belongs to alice, and this user may not signal it.", ""},
		{"still running", process.ErrStillRunning, func(*netstat.Snapshot) {},
			"node (812) has not ended after 5 seconds. It may be tidying up, or it ignores the request.", "Force Kill…"},
		{"protected after all", fmt.Errorf("process 812 started this program: %w", process.ErrProtected), func(*netstat.Snapshot) {},
			"node (812) was not ended: process 812 started this program: the process is protected", ""},
		{"something else", errors.New("pidfd_open: too many open files\x1b[2J"), func(*netstat.Snapshot) {},
			"node (812) was not ended: pidfd_open: too many open files", ""},
		{"the port comes back", nil, func(s *netstat.Snapshot) {
			without(s, node)
			s.Sockets = append(s.Sockets, listen("127.0.0.1:3000", newProcess(980, "node", "alice", 501, node.App)))
		}, "node (812) has ended, but port 3000 came back as PID 980 (node); port 9229 is free.", ""},
		{"the port is taken by somebody hidden", nil, func(s *netstat.Snapshot) {
			without(s, node)
			s.Sockets = append(s.Sockets, listen("127.0.0.1:9229"))
		}, "node (812) has ended, but port 9229 came back, by a process that this user may not see; port 3000 is free.", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := askPort(t, 3000)
			s.killed = func(process.ID, process.Signal) error { return test.err }
			s.confirm()
			after := desk()
			if test.after == nil {
				without(after, node)
			} else {
				test.after(after)
			}
			s.read(after)
			if got := s.window.notice.text(); !strings.HasPrefix(got, test.want) || strings.Contains(got, "\x1b") {
				t.Errorf("told %q, want %q", got, test.want)
			}
			if got := s.window.notice.action; got.Visible() != (test.offer != "") || got.Text != test.offer {
				t.Errorf("offered %q (visible: %v), want %q", got.Text, got.Visible(), test.offer)
			}
		})
	}
}

func TestKillOfASharedPort(t *testing.T) {
	s := askPort(t, 80)
	s.confirm()
	s.read(without(desk(), nginx))
	if got, want := s.window.notice.text(), "nginx (90) has ended, but port 80 is still in use, by PID 91 (nginx)."; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
}

// Whoever starts it again may take a second or two: for three the sockets are read again and again.
func TestPortComesBackLater(t *testing.T) {
	s := askPort(t, 3000)
	reads := 0
	s.window.killing.reread = func() { reads++ }
	s.confirm()
	if reads != 1 {
		t.Errorf("read anew %d times at once, want once", reads)
	}
	s.pass(200 * time.Millisecond)
	s.read(at(s, without(desk(), node)))
	if got, want := s.window.notice.text(), "node (812) has ended; ports 3000 and 9229 are free."; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
	s.pass(1800 * time.Millisecond)
	back := at(s, without(desk(), node))
	back.Sockets = append(back.Sockets, listen("[::]:3000", newProcess(991, "nodemon", "alice", 501, node.App)))
	s.read(back)
	want := "node (812) has ended, but port 3000 came back as PID 991 (nodemon); port 9229 is free."
	if got := s.window.notice.text(); got != want {
		t.Errorf("told %q, want %q", got, want)
	}
	s.pass(2 * time.Second)
	if reads < 6 {
		t.Errorf("read anew %d times within three seconds: what comes and goes is missed", reads)
	}
	// Later it is no more a matter of this kill.
	if s.window.killing.watch != nil || len(s.pending) != 0 {
		t.Error("the port is still being watched")
	}
	s.read(at(s, without(desk(), node)))
	if got := s.window.notice.text(); got != want {
		t.Errorf("told %q, want %q still", got, want)
	}
}

// at gives the snapshot as taken now, by the scene's clock.
func at(s *scene, snapshot *netstat.Snapshot) *netstat.Snapshot {
	snapshot.Taken = s.clock
	return snapshot
}

// Force Kill is a second act with a dialog of its own, never a consequence of the first.
func TestForceKillIsASecondAct(t *testing.T) {
	s := askPort(t, 3000)
	s.killed = func(_ process.ID, sig process.Signal) error {
		if sig == process.Terminate {
			return process.ErrStillRunning
		}
		return nil
	}
	s.confirm()
	if want := []kill{{node.ID, process.Terminate}}; !slices.Equal(s.kills, want) {
		t.Fatalf("signalled %v, want %v", s.kills, want)
	}
	test.Tap(s.window.notice.action)
	if len(s.kills) != 1 {
		t.Fatal("Force Kill was sent without a dialog")
	}
	s.wantTexts("Force node to end?", "SIGKILL", "not saved", "tcp *:3000", "Force Kill")
	if button := s.window.Canvas().Focused().(*modalButton); button.Text != "Cancel" {
		t.Errorf("%q is focused, want Cancel", button.Text)
	}
	s.confirm()
	if want := (kill{node.ID, process.ForceKill}); len(s.kills) != 2 || s.kills[1] != want {
		t.Errorf("signalled %v, want %v at last", s.kills, want)
	}
	s.read(without(desk(), node))
	if got := s.window.notice.text(); !strings.HasPrefix(got, "node (812) has ended") || s.window.notice.action.Visible() {
		t.Errorf("told %q", got)
	}
}

func TestForceKillInVain(t *testing.T) {
	s := askPort(t, 3000)
	s.killed = func(process.ID, process.Signal) error { return process.ErrStillRunning }
	s.confirm()
	test.Tap(s.window.notice.action)
	s.confirm()
	if got := s.window.notice.text(); !strings.Contains(got, "not even by force") || s.window.notice.action.Visible() {
		t.Errorf("told %q", got)
	}
}

// One kill at a time, and meanwhile the window says what it waits for.
func TestKillWhileAnotherIsUnderWay(t *testing.T) {
	s := askPort(t, 3000)
	var pending []func()
	s.window.killing.detail, s.window.killing.causes = nil, nil // only the kills are to be counted
	s.window.killing.spawn = func(f func()) { pending = append(pending, f) }
	s.confirm()
	if got, want := s.window.notice.text(), "Asking node (812) to end…"; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
	s.selectPort(5432)
	s.window.killSelected()
	s.confirm()
	if len(pending) != 1 {
		t.Fatalf("%d kills are under way, want 1", len(pending))
	}
	pending[0]()
	if want := []kill{{node.ID, process.Terminate}}; !slices.Equal(s.kills, want) {
		t.Errorf("signalled %v, want %v", s.kills, want)
	}
}

func TestNothingToKill(t *testing.T) {
	for _, test := range []struct {
		name   string
		act    func(s *scene)
		wanted []string
	}{
		{"launchd", func(s *scene) { s.selectPort(631) }, []string{"launchd holds this port", "starts the service"}},
		{"hidden", func(s *scene) { s.selectPort(22) }, []string{"The process is hidden", "A process of root holds this socket", "Run as administrator to see them."}},
		{"TIME_WAIT", func(s *scene) { s.selectPort(50120) }, []string{"No process holds this socket any more", "TIME_WAIT"}},
		{"the kernel's", func(s *scene) { s.selectPort(323) }, []string{"No process holds this socket", "kernel"}},
		{"protected", func(s *scene) {
			s.protected[node.ID] = fmt.Errorf("process 812 started this program: %w", process.ErrProtected)
			s.selectPort(3000)
		}, []string{"node (812) is protected", "process 812 started this program"}},
		{"perhaps protected", func(s *scene) {
			s.protected[node.ID] = errors.New("look for process 812 among our ancestors: they change all the time")
			s.selectPort(3000)
		}, []string{"node (812) may be protected", "they change all the time"}},
		{"a group of nobody", func(s *scene) {
			s.do(func() { s.window.setByApp(true) })
			s.selectGroup("Kernel (no process)")
		}, []string{"There is no process to end", "No process holds these sockets"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t)
			s.read(desk())
			test.act(s)
			s.window.killSelected()
			s.wantTexts(test.wanted...)
			if texts := s.texts(); strings.Contains(texts, "Terminate") {
				t.Errorf("ending something is offered:\n%s", texts)
			}
			s.do(func() { s.window.killing.dialog.buttons[len(s.window.killing.dialog.buttons)-1].Tapped(nil) })
			if len(s.kills) != 0 {
				t.Errorf("%v was signalled", s.kills)
			}
		})
	}
}

func TestLastUsedIsExplained(t *testing.T) {
	s := askPort(t, 7000)
	s.wantTexts("Terminate ControlCenter?", "the last that used the socket", "another process may")
}

func TestGroupOfOneProcess(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.do(func() { s.window.setByApp(true) })
	s.selectGroup("node")
	s.window.killSelected()
	s.wantTexts("Terminate node?", "812", "tcp *:3000")
	s.confirm()
	if want := []kill{{node.ID, process.Terminate}}; !slices.Equal(s.kills, want) {
		t.Errorf("signalled %v, want %v", s.kills, want)
	}
}

// The name is the process's own choice: it must not write into the dialog what it likes.
func TestHostileNames(t *testing.T) {
	evil := newProcess(666, "no\nde\x1b[31m\u202e\x00", "ali\nce", 501, app.App{Name: "Saf\x07ari\u2066", Path: "/tmp/\xff\x1b]0;x"})
	s := newScene(t)
	s.read(snapshot(0, listen("127.0.0.1:8000", evil)))
	s.selectPort(8000)
	s.window.killSelected()
	dialog := s.texts()
	s.confirm()
	s.read(snapshot(time.Second))
	all := dialog + s.window.notice.text()
	for _, label := range s.menu.labels() {
		all += label
	}
	if i := strings.IndexFunc(all, func(r rune) bool { return r != '\n' && r < ' ' || r == '\u202e' || r == '\u2066' }); i >= 0 {
		t.Errorf("a control character is shown: %q", all)
	}
	if strings.Contains(all, "no\nde") || strings.Contains(all, "ali\nce") {
		t.Errorf("a name breaks the line: %q", all)
	}
}

// The command and the folder tell one node from another.
func TestKillDialogDetails(t *testing.T) {
	s := askPort(t, 3000)
	s.wantTexts("node server.js --port 3000", "/srv/shop")

	s = askPort(t, 3000, func(s *scene) { s.details = process.Details{Line: "node \x1b[2J\u202e"} })
	s.wantTexts(`node \x1b[2J\u202e`, "may not be read")

	s = askPort(t, 3000, func(s *scene) { s.detailErr = process.ErrGone })
	s.wantTexts("it has already ended")
}

// TestNothingLiesOnTheAnswer: what is below the answer to who starts it again goes down as far as that needs.
func TestNothingLiesOnTheAnswer(t *testing.T) {
	s := newScene(t)
	s.window.Resize(fyne.NewSize(960, 640))
	s.read(desk())
	s.causes[node.ID] = nodemon
	s.selectPort(3000)
	s.window.killSelected()
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject
	var answer, hint *words
	for _, o := range everything(s.window.killing.dialog.popup.Content) {
		w := label(o)
		switch {
		case w == nil:
		case strings.HasPrefix(w.Text, "kill 4242"):
			answer = w
		case strings.Contains(w.Text, "SIGTERM"):
			hint = w
		}
	}
	if answer == nil || hint == nil {
		t.Fatal("the command or the hint is not there")
	}
	if end := at(answer).Y + answer.Size().Height; at(hint).Y < end {
		t.Errorf("the command ends at %v, the hint begins at %v", end, at(hint).Y)
	}
}
