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
		3000:  "What is “LISTEN”?|What is “Reachable from the network”?|What is “IPv4 and IPv6 on one socket”?|What is port 3000?",
		50120: "What is “TIME_WAIT”?|What is “Ephemeral ports”?|What is “No process”?",
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
