package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/explain"
	"portolan/internal/language"
)

func testObjects(w fyne.Widget) []fyne.CanvasObject { return test.WidgetRenderer(w).Objects() }

// explained gives what the open explanation says, and what can be pressed in it.
func (s *scene) explained() (text string, links []*widget.Hyperlink, buttons []*widget.Button) {
	s.t.Helper()
	if s.window.explaining == nil {
		s.t.Fatal("nothing is explained")
	}
	var all []string
	walk(s.window.explaining.text.Content, func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case *words:
			all = append(all, o.Text)
		case *readable:
			all = append(all, o.Text)
		case *widget.Hyperlink:
			links = append(links, o)
		case *widget.Button:
			buttons = append(buttons, o)
		}
	})
	return strings.Join(all, "\n"), links, buttons
}

func TestExplanation(t *testing.T) {
	l := newLensScene(t)
	l.morning()
	l.window.explain("TIME_WAIT")
	text, links, buttons := l.explained()
	if !strings.Contains(text, "TIME_WAIT: closed, remembered for a while") || !strings.Contains(text, "60 seconds") {
		t.Errorf("%s", text)
	}
	topic, _ := explain.Find("TIME_WAIT", l.window.explainFacts())
	if len(links) != len(topic.See) || len(buttons) != len(topic.Verify) {
		t.Fatalf("%d links and %d buttons for %+v", len(links), len(buttons), topic)
	}
	for i, button := range buttons {
		button.OnTapped()
		if got := l.app.Clipboard().Content(); got != topic.Verify[i] {
			t.Errorf("copied %q, want %q", got, topic.Verify[i])
		}
	}
	links[1].OnTapped()
	if text, _, _ := l.explained(); !strings.Contains(text, "32768") {
		t.Errorf("the link leads to %s", text)
	}
	l.window.explaining.cancel()
	if l.window.explaining != nil || l.window.asking() {
		t.Error("it is still open")
	}
	l.window.explain("gopher")
	if l.window.explaining != nil {
		t.Error("what nobody explains is explained")
	}
}

// TestWhatIsIt: each row leads to what explains it.
func TestWhatIsIt(t *testing.T) {
	l := newLensScene(t)
	l.morning()
	for number, want := range map[uint16]string{
		3000:  "What is “LISTEN”?|What is “Listening”?|What is “Reachable from the network”?|What is “IPv4 and IPv6 on one socket”?|What is port 3000?",
		50120: "What is “TIME_WAIT”?|What is “Closing”?|What is “Ephemeral ports”?|What is “No process”?|What is port 50120?",
	} {
		for _, row := range l.window.table.rows {
			if row.Socket.Local.Port() != number {
				continue
			}
			var got []string
			for _, item := range l.window.explainItems(row) {
				got = append(got, item.Label)
				item.Action()
				l.explained()
				l.window.explaining.cancel()
			}
			if strings.Join(got, "|") != want {
				t.Errorf("port %d: %q", number, got)
			}
			break
		}
	}
}

// TestTitlesAreExplained: what the columns lead to is there, in every language.
func TestTitlesAreExplained(t *testing.T) {
	for _, of := range []string{"en", "de"} {
		for id, words := range columnTopics {
			for _, word := range words {
				topic, ok := explain.Find(word, explain.Facts{System: "linux", Language: of})
				if !ok || topic.Title == "" || topic.Short == "" {
					t.Errorf("%s, %s: %q is not explained", of, id, word)
				}
			}
		}
	}
	s := newScene(t)
	s.read(desk())
	for which := range 3 {
		s.do(func() { s.window.turnTo(which) })
		items := s.window.titlesExplained().ChildMenu.Items
		if len(items) < 4 {
			t.Errorf("view %d: %d words are explained", which, len(items))
		}
		items[0].Action()
		s.explained()
		s.window.explaining.cancel()
	}
}

func TestPortIsExplained(t *testing.T) {
	s := newScene(t)
	s.window.explainPort(5432)
	if text, _, _ := s.explained(); !strings.Contains(strings.ToLower(text), "postgresql") {
		t.Errorf("%s", text)
	}
	s.window.explaining.cancel()
}

// TestExplainedInGerman: the explanations are in the language of the window.
func TestExplainedInGerman(t *testing.T) {
	s := newScene(t)
	t.Cleanup(func() { UseLanguage("en"); language.Use(nil); spokenNow.Store(nil) })
	UseLanguage("de")
	s.window.explain("TIME_WAIT")
	if text, _, _ := s.explained(); !strings.Contains(text, "Verbindung") {
		t.Errorf("%s", text)
	}
	s.window.explaining.cancel()
}

// TestQuestionMark explains the row that is selected, and the gauge that the keyboard is at; it is no search.
func TestQuestionMark(t *testing.T) {
	for title, selects := range map[string]func(s *scene){
		"LISTEN":      func(s *scene) { s.selectPort(3000) },
		"TIME_WAIT":   func(s *scene) { s.selectPort(50120) },
		"UDP":         func(s *scene) { s.selectPort(5353) },
		"Outgoing":    func(s *scene) { s.do(func() { s.window.turnTo(turnByApp) }); s.selectGroup("Firefox") },
		"Listening":   func(s *scene) { s.do(func() { s.window.turnTo(turnByApp) }); s.selectGroup("Postgres") },
		"TIME_WAIT: ": func(s *scene) { s.do(func() { s.window.turnTo(turnLens) }); s.selectGroup("TIME_WAIT") },
	} {
		s := newScene(t)
		s.read(desk())
		selects(s)
		s.window.table.takeFocus()
		s.do(func() { s.window.table.TypedRune('?') })
		if s.window.explaining == nil || !strings.Contains(s.texts(), title) || s.window.search.Text != "" {
			t.Errorf("%s: %.80q, and the search has %q", title, s.texts(), s.window.search.Text)
			continue
		}
		s.window.explaining.cancel()
		if s.window.detail.Visible() || s.window.asking() {
			t.Error("it is still open")
		}
		s.do(s.window.detail.toggle)
		s.do(s.window.detail.explain.OnTapped)
		if s.window.explaining == nil || !strings.Contains(s.texts(), title) {
			t.Errorf("%s: the pane's button explains %.80q", title, s.texts())
		}
	}
	l := newLensScene(t)
	l.morning()
	l.turned()
	l.window.Canvas().Focus(l.window.gauges)
	l.do(func() { l.window.gauges.TypedRune('?') })
	if text, _, _ := l.explained(); !strings.Contains(text, "Ephemeral ports") {
		t.Errorf("of the first gauge it explains %.80q", text)
	}
	// The mouse has opened another one: the keyboard is at none, and no row is selected.
	l.do(l.window.explaining.cancel)
	l.do(func() { l.window.gauges.tap(1) })
	topic, _ := l.window.topic(l.window.gauges.heads[1].Topic)
	l.do(func() { l.window.typedRune('?') })
	if l.window.explaining == nil || l.window.popover != nil {
		t.Fatalf("of the figures that are open nothing is explained: %q", l.window.notice.text())
	}
	if text, _, _ := l.explained(); !strings.Contains(text, topic.Short) {
		t.Errorf("of the second gauge it explains %.80q", text)
	}
}

// TestLinksOfARow: what is explained of a row leads on to the rest of it.
func TestLinksOfARow(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.selectPort(3000)
	s.do(s.window.explainSelected)
	_, links, _ := s.explained()
	var all []string
	for _, l := range links {
		all = append(all, l.Text)
	}
	if got := strings.Join(all, "|"); !strings.HasPrefix(got, "Listening|Reachable from the network|IPv4 and IPv6 on one socket|") {
		t.Errorf("the links are %q", got)
	}
}

// TestAllStatesAreExplained: the title of the states leads to every one of them.
func TestAllStatesAreExplained(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	for turn := range 3 {
		s.do(func() { s.window.turnTo(turn) })
		states := lineOfMenu(t, s.window.titlesExplained().ChildMenu.Items, "State").ChildMenu
		if len(states.Items) != 11 {
			t.Errorf("view %d: %d states are explained", turn, len(states.Items))
		}
		for _, item := range states.Items {
			s.do(item.Action)
			if text, _, _ := s.explained(); !strings.Contains(text, item.Label) {
				t.Errorf("%s leads to %.60q", item.Label, text)
			}
			s.window.explaining.cancel()
		}
	}
}

// The links of "See also" begin below one another, beside the heading, and stand on its line.
func TestLinksStandBesideTheirHeading(t *testing.T) {
	s := newScene(t)
	s.larger(150)
	s.window.Resize(tiny)
	s.read(desk())
	s.window.explain("TIME_WAIT")
	position := s.app.Driver().AbsolutePositionForObject
	var heading *words
	var links []*widget.Hyperlink
	for _, o := range everything(s.window.Canvas().Overlays().Top()) {
		switch o := o.(type) {
		case *words:
			if o.Text == "See also" {
				heading = o
			}
		case *widget.Hyperlink:
			links = append(links, o)
		}
	}
	if heading == nil || len(links) < 2 {
		t.Fatalf("%d links", len(links))
	}
	left, lines := position(links[0]).X, map[float32]bool{}
	for _, l := range links {
		at := position(l)
		if at.X < left {
			t.Errorf("%q begins at %v, left of the first at %v", l.Text, at.X, left)
		}
		lines[at.Y] = true
	}
	if len(lines) < 2 {
		t.Error("they are all in one line: the test shows nothing")
	}
	if a, b := position(heading).Y+heading.Size().Height/2, position(links[0]).Y+links[0].Size().Height/2; abs(a-b) > 0.6 {
		t.Errorf("the middle of the heading is at %v, that of the first link at %v", a, b)
	}
}
