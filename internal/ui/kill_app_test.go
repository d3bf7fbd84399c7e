package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/netstat"
	"portolan/internal/process"
)

// askApp opens the dialog for an app of three processes: 3000 has started 3001 and 3002.
func askApp(t *testing.T, change ...func(*scene)) *scene {
	t.Helper()
	s := newScene(t)
	for _, f := range change {
		f(s)
	}
	askCrowd(s, 3)
	if s.window.killing.dialog == nil {
		t.Fatal("no dialog has opened")
	}
	return s
}

// pids gives the processes of the kills, in the order in which they were signalled.
func (s *scene) pids() []int {
	var all []int
	for _, k := range s.kills {
		all = append(all, k.id.PID)
	}
	return all
}

// withoutCrowd is the desk once the app's processes have ended, but for some.
func withoutCrowd(n int, left ...int) *netstat.Snapshot {
	now := crowded(n)
	for _, p := range crowd(n) {
		if !slices.Contains(left, p.PID) {
			without(now, p)
		}
	}
	return now
}

func TestKillAppNamesAllThatEnds(t *testing.T) {
	s := askApp(t)
	s.wantTexts("Terminate Google Chrome?", "3 processes will end:", "3000", "3001", "3002", "alice", "--type=utility --id=2",
		"1 port and 3 connections will close:", "tcp 127.0.0.1:9222", "tcp 192.168.1.20:40002 to 142.250.185.78:443", "SIGTERM", "Terminate 3")
	if len(s.kills) != 0 {
		t.Error("something was signalled before anybody confirmed it")
	}
	if button := s.window.Canvas().Focused().(*modalButton); button.Text != "Cancel" {
		t.Errorf("%q is focused, want Cancel", button.Text)
	}
	s.confirm()
	slices.SortFunc(s.kills[1:], func(a, b kill) int { return a.id.PID - b.id.PID })
	if got := s.pids(); !slices.Equal(got, []int{3000, 3001, 3002}) {
		t.Errorf("signalled %v", got)
	}
	s.read(withoutCrowd(3))
	if got, want := s.window.notice.text(), "All 3 processes of Google Chrome have ended; port 9222 is free."; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
}

// A process of an opened app is ended alone.
func TestKillOneProcessOfAnApp(t *testing.T) {
	s := newScene(t)
	s.read(crowded(3))
	s.do(func() { s.window.setByApp(true) })
	s.selectGroup("Google Chrome")
	s.do(func() { row, _ := s.window.table.Selected(); s.window.toggle(row) })
	for _, row := range s.window.table.rows {
		if row.Group != nil && row.Group.Process != nil && row.Group.Process.PID == 3001 {
			s.window.table.Select(row.Key)
		}
	}
	s.window.killSelected()
	s.wantTexts("Terminate Google Chrome Helper?", "3001", "1 connection will close:")
	s.confirm()
	if got := s.pids(); !slices.Equal(got, []int{3001}) {
		t.Errorf("signalled %v", got)
	}
}

func TestKillAppSparesTheProtected(t *testing.T) {
	s := askApp(t, func(s *scene) {
		s.protected[crowd(3)[0].ID] = fmt.Errorf("process 3000 started this program: %w", process.ErrProtected)
	})
	s.wantTexts("2 processes will end:", "Google Chrome (3000) is protected: it is left out.", "Terminate 2")
	s.confirm()
	if got := s.pids(); slices.Contains(got, 3000) || len(got) != 2 {
		t.Errorf("signalled %v", got)
	}
	all := newScene(t)
	for _, p := range crowd(2) {
		all.protected[p.ID] = process.ErrProtected
	}
	askCrowd(all, 2)
	all.wantTexts("All of Google Chrome is protected")
}

// What is listed is what ends: a process that begins while the dialog is open is told of, and left alone.
func TestKillAppDoesNotGrow(t *testing.T) {
	s := askApp(t)
	s.read(crowded(4))
	s.wantTexts("3 processes will end. A new one, PID 3003, is not in the list and stays:")
	s.read(crowded(6))
	s.wantTexts("3 processes will end. 3 new ones are not in the list and stay:")
	s.confirm()
	if got := s.pids(); len(got) != 3 || slices.Contains(got, 3003) {
		t.Errorf("signalled %v", got)
	}
}

// What came of each is told, and Force Kill is offered for those alone that are still running.
func TestKillAppInPart(t *testing.T) {
	s := askApp(t, func(s *scene) {
		s.killed = func(id process.ID, sig process.Signal) error {
			switch {
			case id.PID == 3001 && sig == process.Terminate:
				return process.ErrStillRunning
			case id.PID == 3002:
				return fmt.Errorf("process 3002 belongs to root: %w", process.ErrNotPermitted)
			case id.PID == 3000:
				return process.ErrGone
			}
			return nil
		}
	})
	s.confirm()
	s.read(withoutCrowd(3, 3001, 3002))
	want := "1 of 3 processes of Google Chrome have ended; port 9222 is free. Google Chrome Helper (3001) has not ended after 5 seconds. " +
		"It may be tidying up, or it ignores the request. Google Chrome Helper (3002) was not ended: it belongs to alice, and this user may not signal it."
	if got := s.window.notice.text(); got != want {
		t.Errorf("told %q\nwant %q", got, want)
	}
	if got := s.window.notice.action.Text; got != "Force Kill…" {
		t.Fatalf("offered %q", got)
	}
	s.kills = nil
	test.Tap(s.window.notice.action)
	s.wantTexts("Force Google Chrome Helper to end?", "3001", "SIGKILL")
	s.confirm()
	if want := []kill{{crowd(3)[1].ID, process.ForceKill}}; !slices.Equal(s.kills, want) {
		t.Errorf("signalled %v, want %v", s.kills, want)
	}
}

func TestKillReport(t *testing.T) {
	s := newScene(t)
	askCrowd(s, 5)
	refuseSome(s)
	s.confirm()
	if got := s.window.notice.action.Text; got != "Details…" {
		t.Fatalf("offered %q", got)
	}
	test.Tap(s.window.notice.action)
	s.wantTexts("What came of Google Chrome", "3001", "it belongs to alice, and this user may not signal it", "open process 3002: too many open files", "ended")
}

// Who starts others again is asked to end first: with its children gone first it would start new ones.
func TestKillOrder(t *testing.T) {
	grandchild := newProcess(5, "worker", "alice", 501, node.App)
	child, parent, other := newProcess(20, "child", "alice", 501, node.App), newProcess(30, "parent", "alice", 501, node.App), newProcess(40, "other", "alice", 501, node.App)
	grandchild.PPID, child.PPID = 20, 30
	targets := []*process.Process{grandchild, child, parent, other}
	if got, want := fmt.Sprint(inWaves(targets)), "[[2 3] [1] [0]]"; got != want {
		t.Errorf("the waves are %s, want %s", got, want)
	}
	circle := []*process.Process{{ID: process.ID{PID: 1}, PPID: 2}, {ID: process.ID{PID: 2}, PPID: 1}}
	if got := inWaves(circle); len(got) != 1 || len(got[0]) != 2 {
		t.Errorf("the waves of a circle are %v", got)
	}
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		began := map[int]time.Duration{}
		start := time.Now()
		ends := endAll(targets, process.Terminate, func(ctx context.Context, id process.ID, _ process.Signal) error {
			mu.Lock()
			began[id.PID] = time.Since(start)
			mu.Unlock()
			if id.PID == parent.PID { // deaf: the others are not kept waiting for it
				<-ctx.Done()
				return process.ErrStillRunning
			}
			return nil
		})
		if began[30] != 0 || began[40] != 0 || began[20] != headStart || began[5] != headStart {
			t.Errorf("signalled after %v", began)
		}
		if took := time.Since(start); took != grace {
			t.Errorf("it took %v, want the time of grace", took)
		}
		for i, want := range []outcome{gone, gone, stillRunning, gone} {
			if ends[i].process != targets[i] || ends[i].outcome != want {
				t.Errorf("%s: %s, want %s", ends[i].process.Name, ends[i].outcome, want)
			}
		}
	})
}

// However many they are, each is waited for with its own time of grace.
func TestKillOfManyDeafProcesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		targets := crowd(300)
		ends := endAll(targets, process.Terminate, func(ctx context.Context, _ process.ID, _ process.Signal) error {
			deadline, _ := ctx.Deadline()
			if left := time.Until(deadline); left != grace {
				t.Errorf("%v of grace", left)
			}
			<-ctx.Done()
			return process.ErrStillRunning
		})
		for _, e := range ends {
			if e.outcome != stillRunning {
				t.Fatalf("%d: %s", e.process.PID, e.outcome)
			}
		}
	})
}

func TestComeback(t *testing.T) {
	s := askPort(t, 3000, func(s *scene) { s.causes[node.ID] = nodemon })
	s.wantTexts("Will it come back?", "nodemon (PID 4242) started it and starts it again when it ends.", "kill 4242")
	s.tapButton("Copy")
	if got := s.app.Clipboard().Content(); got != "kill 4242" {
		t.Errorf("copied %q", got)
	}
	if s.window.killing.dialog == nil || len(s.kills) != 0 {
		t.Error("copying has ended something")
	}
	s.wantTexts("Copied")
	s = askPort(t, 3000)
	s.wantTexts("Nothing is known that would start it again.")
	// Of an app those are asked about that have started the others.
	s = askApp(t)
	if want := []process.ID{crowd(3)[0].ID}; !slices.Equal(s.asked, want) {
		t.Errorf("asked about %v, want %v", s.asked, want)
	}
}

// tapButton taps the button of this text in the dialog.
func (s *scene) tapButton(text string) {
	s.t.Helper()
	for _, object := range everything(s.window.Canvas().Overlays().Top()) {
		if b, ok := object.(*widget.Button); ok && b.Text == text {
			test.Tap(b)
			return
		}
	}
	s.t.Fatalf("there is no button %q", text)
}

// The answer comes when it comes: nothing moves under the pointer, and a closed dialog gets none.
func TestComebackComesLate(t *testing.T) {
	var pending []func()
	s := askPort(t, 3000, func(s *scene) {
		s.causes[node.ID] = append(slices.Clone(nodemon), unit...)
		s.window.killing.detail = nil
		s.window.killing.spawn = func(f func()) { pending = append(pending, f) }
	})
	s.wantTexts("Looking for what would start it again…")
	d := s.window.killing.dialog
	before := fyne.CurrentApp().Driver().AbsolutePositionForObject(d.act)
	pending[0]()
	s.wantTexts("nodemon (PID 4242)", "systemd starts it again")
	if after := fyne.CurrentApp().Driver().AbsolutePositionForObject(d.act); after != before {
		t.Errorf("the button moved from %v to %v", before, after)
	}
	d.cancel()
	s.window.killSelected()
	s.window.killing.dialog.cancel()
	pending[1]() // nobody is there to read it
	if s.window.killing.dialog != nil {
		t.Error("the answer has opened a dialog")
	}
}

// A port that is carried into a container belongs to the container: that is said first, and to end what carries it last.
func TestForwarder(t *testing.T) {
	s := newScene(t)
	askForwarder(s)
	texts := s.texts()
	if explained, ports := strings.Index(texts, "It works for a container"), strings.Index(texts, "1 port will close"); explained < 0 || explained > ports {
		t.Errorf("the explanation does not come first:\n%s", texts)
	}
	s.wantTexts("It only forwards port 8080 to the container shop-web", "docker stop shop-web", "End it anyway")
	d := s.window.killing.dialog
	if d.act.Importance == widget.DangerImportance || d.buttons[0].Text != "Cancel" || s.window.Canvas().Focused() != fyne.Focusable(d.buttons[0]) {
		t.Error("ending it is offered first")
	}
	if !d.stop.Visible() || d.stop.Importance != widget.HighImportance {
		t.Error("the command is not offered")
	}
	test.Tap(d.stop)
	if got := s.app.Clipboard().Content(); got != "docker stop shop-web" || s.window.killing.dialog == nil {
		t.Errorf("copied %q; still open: %v", got, s.window.killing.dialog != nil)
	}
	// One whose name tells nothing is found out by the answer.
	s = askPort(t, 3000, func(s *scene) { s.causes[node.ID] = append(slices.Clone(unit), docker...) })
	d = s.window.killing.dialog
	if d.act.Text != "End it anyway" || !d.stop.Visible() {
		t.Errorf("the button says %q", d.act.Text)
	}
	s.confirm()
	if got := s.pids(); !slices.Equal(got, []int{812}) {
		t.Errorf("signalled %v", got)
	}
}

// The second act does not ask again who would start it: it is about what will not end.
func TestForceKillAsksForNoCauses(t *testing.T) {
	s := askPort(t, 3000)
	s.killed = func(process.ID, process.Signal) error { return process.ErrStillRunning }
	s.confirm()
	s.asked = nil
	test.Tap(s.window.notice.action)
	if len(s.asked) != 0 || strings.Contains(s.texts(), "come back") {
		t.Error("the second act asks who would start it again")
	}
}

func TestKillDialogNamesClients(t *testing.T) {
	s := askPort(t, 5432)
	s.wantTexts("On this computer node (812) loses its connection to it.")
	s.read(without(desk(), node))
	s.wantTexts("Nobody on this computer is connected to it any more.")
}

// In the smallest window the buttons are in reach, for whatever dialog.
func TestDialogsInASmallWindow(t *testing.T) {
	size := fyne.NewSize(400, 300)
	for name, open := range map[string]func(s *scene){
		"one":       func(s *scene) { s.selectPort(3000); s.window.killSelected() },
		"an app":    func(s *scene) { askCrowd(s, 500) },
		"forwarder": askForwarder,
		"long":      askLongNames,
		"nobody":    func(s *scene) { s.selectPort(50120); s.window.killSelected() },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.read(desk())
			s.window.Resize(size)
			open(s)
			for _, b := range s.window.killing.dialog.buttons {
				at := fyne.CurrentApp().Driver().AbsolutePositionForObject(b)
				if b.Visible() && (at.Y < 0 || at.Y+b.Size().Height > size.Height || at.X < 0 || at.X+b.Size().Width > size.Width) {
					t.Errorf("%s is at %v, %v large", b.Text, at, b.Size())
				}
			}
		})
	}
}

// A list shows what is in view, however long it is.
func TestLongListsAreNotLaidOutWhole(t *testing.T) {
	s := newScene(t)
	askCrowd(s, 2000)
	labels := 0
	for _, object := range everything(s.window.Canvas().Overlays().Top()) {
		if label(object) != nil {
			labels++
		}
	}
	if labels > 200 {
		t.Errorf("%d labels for 2000 processes", labels)
	}
	if got := len(s.window.killing.dialog.ports.lines); got != 2001 {
		t.Errorf("the list has %d lines, want all 2001 sockets", got)
	}
}

func TestKillListsAreCopied(t *testing.T) {
	s := askApp(t)
	var copied []string
	for _, object := range everything(s.window.Canvas().Overlays().Top()) {
		if b, ok := object.(*widget.Button); ok && b.Text == "" {
			b.OnTapped()
			copied = append(copied, s.app.Clipboard().Content())
		}
	}
	if len(copied) != 2 || !strings.HasPrefix(copied[0], "Google Chrome\t3000\talice\tGoogle Chrome --type=utility --id=0\n") ||
		!strings.HasPrefix(copied[1], "tcp 127.0.0.1:9222\ntcp 192.168.1.20:40000 to ") {
		t.Errorf("copied %q", copied)
	}
}

// What the answer does not need of its room shows more of the ports, and no button moves for that.
func TestShortAnswerLeavesRoomForThePorts(t *testing.T) {
	var pending []func()
	s := newScene(t)
	now := desk()
	for i := range 9 {
		now.Sockets = append(now.Sockets, listen(fmt.Sprintf("127.0.0.1:%d", 3100+i), node))
	}
	s.read(now)
	s.window.killing.spawn = func(f func()) { pending = append(pending, f) }
	s.selectPort(3000)
	s.window.killSelected()
	d := s.window.killing.dialog
	place := func() (button fyne.Position, ports float32) {
		return s.app.Driver().AbsolutePositionForObject(d.act), d.ports.Size().Height
	}
	button, ports := place()
	for _, f := range pending {
		f()
	}
	s.wantTexts("Nothing is known that would start it again.")
	button2, ports2 := place()
	if button2 != button {
		t.Errorf("the button moved from %v to %v", button, button2)
	}
	if ports2 < ports+d.ports.lineHeight()-0.5 {
		t.Errorf("the list of ports was %v high, and is %v", ports, ports2)
	}
}
