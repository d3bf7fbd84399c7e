package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"portolan/internal/explain"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/table"
)

func newExplain(sys *system) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [WORD|PORT|PROCESS]",
		Short: "Say in plain words what a state, a term, a port or a usual process is",
		Long: `Says what a state (TIME_WAIT), a class (outgoing) or a term (ephemeral) means, what a port is for and who
has it, or what a process is that most computers run; and how to check it on this system. Without a word it lists all that it
explains. English, or German where LC_ALL, LC_MESSAGES or LANG says so.`,
		Example: "  portctl explain TIME_WAIT\n  portctl explain ephemeral\n  portctl explain 5353",
		RunE: run(func(ctx context.Context, args []string) error {
			return explainWord(ctx, sys, strings.Join(args, " "))
		}),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return explain.IDs(), cobra.ShellCompDirectiveNoFileComp
		},
	}
}

func explainWord(ctx context.Context, sys *system, word string) error {
	facts := explainFacts(sys)
	if word == "" {
		topicSheet(facts).print(sys.out, sys.terminal.width, sys.terminal.colour)
		return nil
	}
	if number, err := strconv.ParseUint(strings.TrimPrefix(word, ":"), 10, 16); err == nil && number > 0 {
		return explainPort(ctx, sys, uint16(number), facts)
	}
	if topic, ok := explain.Find(word, facts); ok {
		printTopic(sys, topic)
		return nil
	}
	if known, ok := port.KnownAs(facts.System, word, 0, facts.Spoken()); ok {
		printTopic(sys, explain.Topic{Title: word, Short: known.Text, Text: "(" + known.Source + ")"})
		return nil
	}
	return exitf(exitNothing, "nothing is known of %q; a port, the name of a process that most computers run, or one of these is: %s",
		table.Clean(word), strings.Join(explain.IDs(), ", "))
}

// explainFacts are this system's, and the language of who reads.
func explainFacts(sys *system) explain.Facts {
	rules := sys.portRules()
	return explain.Facts{System: runtime.GOOS, Ephemeral: rules.Ephemeral, TimeWait: rules.TimeWait,
		Language: cmp.Or(sys.getenv("LC_ALL"), sys.getenv("LC_MESSAGES"), sys.getenv("LANG"))}
}

// explainPort tells of a port also who has it. That may be unreadable: the rest is true all the same.
func explainPort(ctx context.Context, sys *system, number uint16, facts explain.Facts) error {
	topic := explain.Port(number, facts)
	snapshot, err := readOnce(ctx, sys, false)
	if err != nil {
		printTopic(sys, topic)
		return err
	}
	bound := useOf(snapshot, number).bound
	topic.Text += "\n\n" + explain.Holders(heldBy(bound), facts)
	for _, text := range knownHolders(bound, facts, number) {
		topic.Text += " " + text
	}
	printTopic(sys, topic)
	return nil
}

// knownHolders says of the holders what most people wonder about.
func knownHolders(bound []*netstat.Socket, facts explain.Facts, number uint16) []string {
	var texts []string
	seen := map[string]bool{}
	for _, s := range bound {
		for _, o := range s.Owners {
			if known, ok := port.KnownAs(facts.System, o.Process.Name, number, facts.Spoken()); ok && !seen[known.Text] {
				seen[known.Text] = true
				texts = append(texts, known.Text)
			}
		}
	}
	return texts
}

// textWidth is how long lines of prose are at most: longer ones are hard to read.
const textWidth = 80

func printTopic(sys *system, t explain.Topic) {
	width := textWidth
	if w := sys.terminal.width; w > 0 {
		width = min(width, w)
	}
	fmt.Fprintln(sys.out, bold.paint(table.Clean(t.Title), sys.terminal.colour))
	printProse(sys.out, t.Short, width)
	for paragraph := range strings.SplitSeq(t.Text, "\n\n") {
		fmt.Fprintln(sys.out)
		printProse(sys.out, paragraph, width)
	}
	if len(t.Verify) > 0 {
		fmt.Fprintln(sys.out)
	}
	for _, command := range t.Verify {
		fmt.Fprintln(sys.out, "  $ "+table.Clean(command))
	}
	if len(t.See) > 0 {
		fmt.Fprintln(sys.out, "\n"+faint.paint("-> "+strings.Join(t.See, ", "), sys.terminal.colour))
	}
}

// printProse breaks a text into lines between words.
func printProse(w io.Writer, text string, width int) {
	line := ""
	for word := range strings.FieldsSeq(table.Clean(text)) {
		switch {
		case line == "":
			line = word
		case displayWidth(line)+1+displayWidth(word) > width:
			fmt.Fprintln(w, line)
			line = word
		default:
			line += " " + word
		}
	}
	if line != "" {
		fmt.Fprintln(w, line)
	}
}

func topicSheet(f explain.Facts) *sheet {
	s := &sheet{columns: []sheetColumn{{title: "WORD"}, {title: "", least: 20}}}
	for _, id := range explain.IDs() {
		if t, ok := explain.Find(id, f); ok {
			s.rows = append(s.rows, []cell{{text: id, style: bold}, {text: table.Clean(t.Short)}})
		}
	}
	return s
}
