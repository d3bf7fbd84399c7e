// Package explain says in plain words what the states, classes and terms of the tables mean, in English and
// in German, and how a reader can check it on this system.
package explain

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"portolan/internal/port"
)

// Topic is one explanation.
type Topic struct {
	// ID is what Find found it by: a state's name ("TIME_WAIT"), a class ("outgoing") or a term ("ephemeral").
	ID string
	// Title is a heading, Short one sentence, Text some more that do not repeat it.
	Title, Short, Text string
	// Verify are commands that show it on this system; none where there is none.
	Verify []string
	// See are the IDs of topics that belong to it.
	See []string
}

// Facts are what an explanation depends on.
type Facts struct {
	// System is a GOOS: "darwin" and "linux" have commands.
	System string
	// Language is "de", with or without a country ("de_AT.UTF-8"); anything else is English.
	Language string
	// TimeWait is how long this system remembers closed connections; 0 when not known.
	TimeWait time.Duration
	// Ephemeral is the system's range; the zero Range when not known.
	Ephemeral port.Range
}

//go:embed en.json de.json
var files embed.FS

// words are the texts of one topic in one language.
type words struct{ Title, Short, Text string }

// texts reads a language's file once. Our own files are whole: a test reads them.
var texts = sync.OnceValue(func() map[string]map[string]words {
	all := map[string]map[string]words{}
	for _, language := range []string{"en", "de"} {
		file, err := files.ReadFile(language + ".json")
		if err != nil {
			continue
		}
		topics := map[string]words{}
		if json.Unmarshal(file, &topics) == nil {
			all[language] = topics
		}
	}
	return all
})

// Find gives the explanation of a word: a state as any tool writes it ("TIME_WAIT", "time-wait",
// "ESTAB"), a class or a term. Letters' case does not matter. ok is false for what is not explained.
func Find(word string, f Facts) (t Topic, ok bool) {
	e := entryOf(word)
	if e == nil {
		return Topic{}, false
	}
	w := texts()[f.Spoken()][e.id]
	fill := strings.NewReplacer("{wait}", f.wait(), "{first}", f.end(f.Ephemeral.Given().First), "{last}", f.end(f.Ephemeral.Given().Last),
		"{reserved}", f.reserved())
	return Topic{ID: e.id, Title: w.Title, Short: w.Short, Text: fill.Replace(w.Text), Verify: slices.Clone(e.verify[f.System]), See: slices.Clone(e.see)}, true
}

// IDs gives the IDs of all topics, the states first, each group in its natural order.
func IDs() []string {
	ids := make([]string, len(entries))
	for i := range entries {
		ids[i] = entries[i].id
	}
	return ids
}

// Spoken is the language of the explanations, "de" or "en".
func (f Facts) Spoken() string {
	if tag, _, _ := strings.Cut(strings.ToLower(f.Language), "_"); tag == "de" || strings.HasPrefix(tag, "de-") || strings.HasPrefix(tag, "de.") {
		return "de"
	}
	return "en"
}

// wait is the time of TIME_WAIT in words.
func (f Facts) wait() string {
	german := f.Spoken() == "de"
	switch {
	case f.TimeWait <= 0 && german:
		return "eine Weile"
	case f.TimeWait <= 0:
		return "a while"
	case german:
		return fmt.Sprintf("%d Sekunden", int(f.TimeWait.Round(time.Second).Seconds()))
	default:
		return fmt.Sprintf("%d seconds", int(f.TimeWait.Round(time.Second).Seconds()))
	}
}

// end is one end of the range, a question mark when it is not known.
func (f Facts) end(p uint16) string {
	if f.Ephemeral.First == 0 {
		return "?"
	}
	return strconv.Itoa(int(p))
}

// reserved says, behind a blank, how many ports of the range are kept out of what is handed out; "" when none is.
func (f Facts) reserved() string {
	say, given := f.phrases(), f.Ephemeral.Given()
	if !given.Known() {
		return ""
	}
	switch all := int(given.Last) - int(given.First) + 1; all - given.Count() {
	case 0:
		return ""
	case all:
		return " " + say.allKept
	case 1:
		return " " + say.oneKept
	default:
		return " " + fmt.Sprintf(say.someKept, all-given.Count())
	}
}

// entryOf finds an ID as it is written first: CLOSING is a state, closing a class.
func entryOf(word string) *entry {
	if i := slices.IndexFunc(entries, func(e entry) bool { return e.id == word }); i >= 0 {
		return &entries[i]
	}
	word = strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(strings.TrimSpace(word)))
	for i := range entries {
		if slices.Contains(entries[i].names, word) {
			return &entries[i]
		}
	}
	return nil
}
