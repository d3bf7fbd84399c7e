package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"portolan/internal/restart"
	"portolan/internal/table"
)

// agreement is how often the person has said --yes. It is a flag like any other that is true
// or false (pflag.Value), and can be given again.
type agreement int

// Set is of pflag.Value.
func (a *agreement) Set(text string) error {
	yes, err := strconv.ParseBool(text)
	switch {
	case err != nil:
		return err
	case yes:
		*a++
	default:
		*a = 0
	}
	return nil
}

// String is of pflag.Value.
func (a *agreement) String() string { return strconv.FormatBool(*a > 0) }

// Type is of pflag.Value.
func (a *agreement) Type() string { return "bool" }

// needed is how often --yes must be given so that nothing is asked: who wants a container's port to be
// free means the container, hardly ever the process that forwards the port to it.
func (p plan) needed() agreement {
	if p.forwarder() != nil {
		return 2
	}
	return 1
}

// forwarder is why one of the targets only forwards a port; nil when none does.
func (p plan) forwarder() *restart.Cause {
	for _, t := range p.targets {
		for i := range t.causes {
			if t.causes[i].Kind == restart.Forwarder {
				return &t.causes[i]
			}
		}
	}
	return nil
}

// confirm returns nil when the person has agreed, by --yes or on the terminal.
func confirm(ctx context.Context, sys *system, p plan, yes agreement) error {
	if yes >= p.needed() {
		return nil
	}
	if !sys.terminal.in {
		return exitf(exitUsage, "nothing was sent: %s", p.howToAgree())
	}
	fmt.Fprintf(sys.errOut, "%s [y/N] ", p.question())
	switch answer, err := ask(ctx, sys.in); {
	case err != nil:
		fmt.Fprintln(sys.errOut)
		return exitf(exitFailed, "nothing was sent: %w", err)
	case answer == "y" || answer == "yes":
		return nil
	default:
		return exitf(exitFailed, "nothing was sent")
	}
}

// howToAgree is for where nobody can be asked.
func (p plan) howToAgree() string {
	forwarder := p.forwarder()
	switch {
	case forwarder == nil:
		return "standard input is no terminal on which to ask; add --yes to agree beforehand"
	case forwarder.Stop != "":
		return fmt.Sprintf("%s Stop the container instead: %s. To end the forwarder all the same: --yes --yes", table.Clean(forwarder.Text), table.Clean(forwarder.Stop))
	default:
		return table.Clean(forwarder.Text) + " Stop the container instead. To end the forwarder all the same: --yes --yes"
	}
}

func (p plan) question() string {
	switch n := len(p.targets); {
	case p.forwarder() != nil:
		return "End the forwarder, not the container, all the same?"
	case n > 1:
		return fmt.Sprintf("End these %d processes?", n)
	default:
		return "End this process?"
	}
}

// ask reads one line. It returns early when ctx is done: a read of a terminal does not.
func ask(ctx context.Context, in io.Reader) (string, error) {
	type reply struct {
		line string
		err  error
	}
	replies := make(chan reply, 1)
	go func() {
		line, err := bufio.NewReader(in).ReadString('\n')
		replies <- reply{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", errors.New("interrupted")
	case r := <-replies:
		answer := strings.ToLower(strings.TrimSpace(r.line))
		if r.err != nil && answer == "" {
			return "", errors.New("no answer")
		}
		return answer, nil
	}
}
