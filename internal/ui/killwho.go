package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/language"
	"portolan/internal/process"
	"portolan/internal/table"
)

// facts are lines of a key and its value, as in a form.
type facts struct {
	*fyne.Container
	keys, values *fyne.Container
}

func newFacts() *facts {
	f := &facts{keys: container.New(layout.NewCustomPaddedVBoxLayout(0)), values: container.New(layout.NewCustomPaddedVBoxLayout(0))}
	f.Container = container.NewBorder(nil, nil, f.keys, nil, f.values)
	return f
}

// add adds a line; none for an empty value.
func (f *facts) add(word, value string) *words {
	if value = abbreviated(value, detailLength); value == "" {
		return nil
	}
	key := newWordsWithStyle(word, fyne.TextAlignTrailing, fyne.TextStyle{})
	key.Importance = widget.LowImportance
	text := newReadable()
	text.Text, text.Truncation = value, fyne.TextTruncateEllipsis
	f.keys.Add(key)
	f.values.Add(text)
	return &text.words
}

// identity says what is to end: one process, or an app.
func (k *killing) identity(a answer) fyne.CanvasObject {
	f := newFacts()
	p := a.targets[0]
	text := table.AppText(p.App)
	if a.chosen && len(a.targets) > 1 {
		f.add(language.T("App"), a.name)
		return f.Container
	}
	if len(a.targets) > 1 {
		f.add(language.T("App"), orElse(text, a.name))
		f.add(language.T("Path"), table.Clean(p.App.Path))
		f.add(language.T("Unit"), table.Clean(p.App.Unit))
		return f.Container
	}
	f.add(language.T("App"), orElse(text, nameOf(p)))
	f.add(language.T("Process"), nameOf(p))
	f.add(language.T("PID"), fmt.Sprint(p.PID))
	f.add(language.T("User"), userOf(p))
	f.add(language.T("Program"), table.Clean(p.Executable))
	f.add(language.T("Unit"), table.Clean(p.App.Unit))
	if !p.Started.IsZero() {
		f.add(language.T("Started"), startText(p))
	}
	if k.detail != nil {
		k.tellDetails(p, f.add(language.T("Command"), reading), f.add(language.T("Folder"), reading))
	}
	return f.Container
}

// startText is when a process began, to the second.
func startText(p *process.Process) string {
	began := p.Started.Local()
	return table.Date(began) + ", " + began.Format("15:04:05")
}

// reading stands where something is being read.
const reading = "…"

// detailTime is how long the details of a process may take: its memory may be locked, its disk asleep.
const detailTime = 2 * time.Second

// tellDetails fills in what tells one node from another: the command and the folder. They
// are read off the UI thread, into lines that are there already, so that nothing moves.
func (k *killing) tellDetails(p *process.Process, command, folder *words) {
	k.spawn(func() {
		ctx, cancel := context.WithTimeout(context.Background(), detailTime)
		defer cancel()
		d, err := k.detail(ctx, p.ID)
		k.do(func() {
			command.SetText(orUnknown(abbreviated(table.Clean(lineOf(d)), detailLength), err))
			folder.SetText(orUnknown(abbreviated(table.Clean(d.Directory), detailLength), err))
		})
	})
}

// lineOf gives the command line, without its secrets.
func lineOf(d process.Details) string { return d.Line }

// detailLength is how many characters of a path or a command the dialog shows.
const detailLength = 56

// orUnknown gives the text, or says why there is none.
func orUnknown(text string, err error) string {
	switch {
	case errors.Is(err, process.ErrGone):
		return language.T("it has already ended")
	case err != nil || text == "":
		return language.T("may not be read")
	default:
		return text
	}
}

func userOf(p *process.Process) string {
	if p.User == "" {
		return language.T("not known")
	}
	return abbreviated(table.Clean(p.User), nameLength)
}

// notes are the doubts about a kill, if any.
func (k *killing) notes(a answer) []string {
	var all []string
	if a.note != "" {
		all = append(all, a.note)
	}
	switch n := len(a.spared); {
	case n == 1:
		all = append(all, language.F("%s: it is left out.", a.spared[0].why))
	case n > 1:
		all = append(all, language.F("%d processes of it are left out, %s among them: Portolan was started from them.", n, name(a.spared[0].process)))
	}
	var foreign []*process.Process
	for _, p := range a.targets {
		if p.UID >= 0 && k.uid > 0 && p.UID != k.uid {
			foreign = append(foreign, p)
		}
	}
	switch n := len(foreign); {
	case n == 0:
	case n == len(a.targets) && n == 1:
		all = append(all, language.F("It belongs to %s: the system will most likely not let you end it.", userOf(foreign[0])))
	case n == 1:
		all = append(all, language.F("%s belongs to %s: the system will most likely not let you end it.", name(foreign[0]), userOf(foreign[0])))
	default:
		all = append(all, language.F("%d of them belong to %s: the system will most likely not let you end these.", n, usersOf(foreign)))
	}
	return all
}

// usersOf names the users of the processes, each once, and of many the first.
func usersOf(processes []*process.Process) string {
	var names []string
	seen := map[string]bool{}
	for _, p := range processes {
		if user := userOf(p); !seen[user] {
			seen[user] = true
			names = append(names, user)
		}
	}
	if len(names) > 3 {
		names = append(names[:3], language.T("others"))
	}
	return table.Enumerated(names)
}

func bold(text string) *words {
	l := newWordsWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	l.Truncation = fyne.TextTruncateEllipsis
	return l
}

// remark is a paragraph in a dialog.
func remark(text string, importance widget.Importance) *words {
	label := newWords(text)
	label.Wrapping = fyne.TextWrapWord
	label.Importance = importance
	return label
}

// abbreviated cuts the middle out of a long path: its two ends say most.
func abbreviated(path string, most int) string {
	if home, err := os.UserHomeDir(); err == nil && home != "/" {
		if below, ok := strings.CutPrefix(path, home); ok && (below == "" || below[0] == '/') {
			path = "~" + below
		}
	}
	runes := []rune(path)
	if len(runes) <= most {
		return path
	}
	return string(runes[:most/3]) + "…" + string(runes[len(runes)-(most-most/3-1):])
}
