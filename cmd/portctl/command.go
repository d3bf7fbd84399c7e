package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"portolan/internal/export"
	"portolan/internal/netstat"
	"portolan/internal/table"
)

// execute runs one command line and gives the exit code.
func execute(ctx context.Context, sys *system, args []string) int {
	root := newRoot(sys)
	root.SetArgs(args)
	c, err := root.ExecuteContextC(ctx)
	var coded *exitError
	if err != nil && !errors.As(err, &coded) {
		// Not one of ours: cobra did not understand the command line.
		coded = &exitError{code: exitUsage, text: fmt.Sprintf("%v (see %s --help)", err, c.CommandPath()), err: err}
		err = coded
	}
	if err == nil && sys.out.err != nil {
		err = fmt.Errorf("write output: %w", sys.out.err)
	}
	if err != nil && err.Error() != "" {
		printFailure(sys.errOut, err, slices.Contains(args, "--json"))
	}
	return codeOf(err)
}

// printFailure says on standard error what went wrong: in words, or as JSON for scripts.
func printFailure(w io.Writer, err error, asJSON bool) {
	text := err.Error()
	if errors.Is(err, errors.ErrUnsupported) {
		text += fmt.Sprintf(" (%s: portctl runs on Linux and macOS)", runtime.GOOS)
	}
	if asJSON {
		if wrong := (*table.QueryError)(nil); errors.As(err, &wrong) {
			text = wrong.Error() // without the mark
		}
		_ = export.WriteJSON(w, errorJSON{Error: table.Clean(text), ExitCode: codeOf(err)})
		return
	}
	for line := range strings.Lines("portctl: " + strings.TrimSpace(text) + "\n") {
		if line = strings.TrimSuffix(line, "\n"); line != "" {
			fmt.Fprintln(w, table.Clean(line))
		}
	}
}

// run makes a command's work fit for cobra: an error without an exit code gets exitFailed,
// so that what is left without one is cobra's own, a wrong command line.
func run(work func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		err := work(c.Context(), args)
		var coded *exitError
		if err == nil || errors.As(err, &coded) {
			return err
		}
		return &exitError{code: exitFailed, text: err.Error(), err: err}
	}
}

func newRoot(sys *system) *cobra.Command {
	root := &cobra.Command{
		Use:   "portctl",
		Short: "Show every open port, who holds it, and end that process",
		Long: `Shows every open port of this computer and the process that holds it, and ends that process.

Exit codes: 0 done, 1 failed, 2 usage, 3 nothing matched, 4 not permitted, 5 still running.`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(sys.in)
	root.SetOut(sys.out)
	root.SetErr(sys.errOut)
	root.AddCommand(newList(sys), newWho(sys), newKill(sys), newWatch(sys), newHistory(sys), newExplain(sys), newVersion(sys))
	return root
}

// completePorts offers the ports that something listens on, with its name.
func completePorts(sys *system) cobra.CompletionFunc {
	return func(c *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		snapshot, err := readOnce(c.Context(), sys, false)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var offers []cobra.Completion
		for i := range snapshot.Sockets {
			s := &snapshot.Sockets[i]
			if s.State != netstat.Listen {
				continue
			}
			offers = append(offers, cobra.CompletionWithDesc(fmt.Sprint(s.Local.Port()), heldBy([]*netstat.Socket{s})))
		}
		return slices.Compact(offers), cobra.ShellCompDirectiveNoFileComp
	}
}
