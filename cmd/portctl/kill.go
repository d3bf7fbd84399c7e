package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/table"
)

// defaultGrace is how long a process may take to end before it is called still running.
const defaultGrace = 5 * time.Second

// settle is the time after which the ports are looked at once more: what starts a
// killed server again (systemd, nodemon, launchd) needs a moment for it.
const settle = 300 * time.Millisecond

type killOptions struct {
	yes, dryRun, force, json bool
	grace                    time.Duration
}

func (o killOptions) signal() process.Signal {
	if o.force {
		return process.ForceKill
	}
	return process.Terminate
}

func newKill(sys *system) *cobra.Command {
	var o killOptions
	c := &cobra.Command{
		Use:   "kill PORT|PID...",
		Short: "End the process that holds a port, or has a PID",
		Long: `Shows what will end and every port that closes with it, asks, sends SIGTERM, waits,
and says what came of it and whether the port is free.

:3000 or port:3000 is a port, pid:812 a PID. A bare number is a port when something on
this computer is bound to it, else a PID; when it could be both, nothing is done.`,
		Example: "  portctl kill :3000\n  portctl kill 3000 5173 --dry-run\n  portctl kill pid:812 --yes",
		Args:    somebody,
		RunE: run(func(ctx context.Context, args []string) error {
			return kill(ctx, sys, args, o)
		}),
		ValidArgsFunction: completePorts(sys),
	}
	c.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	c.Flags().BoolVarP(&o.dryRun, "dry-run", "n", false, "show what would end, and send nothing")
	c.Flags().BoolVar(&o.force, "force", false, "send SIGKILL: unsaved work is lost")
	c.Flags().DurationVar(&o.grace, "grace", defaultGrace, "how long to wait for the process to end")
	c.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return c
}

// somebody checks that there are arguments.
func somebody(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return errors.New("name a port or a PID, as in portctl kill :3000")
	}
	return nil
}

func kill(ctx context.Context, sys *system, args []string, o killOptions) error {
	if o.grace <= 0 {
		return exitf(exitUsage, "--grace %v: the time must be more than nothing", o.grace)
	}
	var subjects []subject
	for _, argument := range args {
		s, err := parseSubject(argument)
		if err != nil {
			return err
		}
		subjects = append(subjects, s)
	}
	reader, err := sys.open()
	if err != nil {
		return err
	}
	defer reader.Close()
	snapshot, err := reader.Read(ctx)
	if err != nil {
		return err
	}
	p, err := planKill(snapshot, subjects, laws{sys.protected, sys.permitted, sys.describe, sys.administrator})
	if err != nil {
		return err
	}
	if o.json {
		return killForScripts(ctx, sys, reader, p, o)
	}
	return killForPeople(ctx, sys, reader, p, o)
}

func killForPeople(ctx context.Context, sys *system, reader source, p plan, o killOptions) error {
	printPlan(sys.out, sys, p, o)
	printRefused(sys.errOut, p)
	if len(p.targets) == 0 || o.dryRun {
		return exitWith(p.code())
	}
	if err := confirm(ctx, sys, len(p.targets), o); err != nil {
		return err
	}
	outcomes := carryOut(ctx, sys, p.targets, o)
	for _, out := range outcomes {
		stream := sys.out
		if out.code != exitDone {
			stream = sys.errOut
		}
		fmt.Fprintln(stream, out.text)
	}
	if !anyEnded(outcomes) {
		return exitWith(worst(p.code(), codeOfAll(outcomes)))
	}
	states, err := portsAfter(ctx, sys, reader, p)
	if err != nil {
		return exitf(exitFailed, "look whether the ports are free: %w", err)
	}
	printPorts(sys.out, states, p)
	return exitWith(worst(p.code(), codeOfAll(outcomes)))
}

func killForScripts(ctx context.Context, sys *system, reader source, p plan, o killOptions) error {
	report := killJSON{DryRun: o.dryRun, Signal: o.signal().String(), Processes: []killedJSON{}, Refused: refusedAsJSON(p), Ports: []portStatusJSON{}}
	report.ExitCode = p.code()
	if len(p.targets) == 0 || o.dryRun {
		for _, t := range p.targets {
			report.Processes = append(report.Processes, killedAsJSON(t, outcome{word: "would-end"}))
		}
		return finishJSON(sys, report)
	}
	if !o.yes {
		printPlan(sys.errOut, sys, p, o)
	}
	if err := confirm(ctx, sys, len(p.targets), o); err != nil {
		return err
	}
	outcomes := carryOut(ctx, sys, p.targets, o)
	for i, t := range p.targets {
		report.Processes = append(report.Processes, killedAsJSON(t, outcomes[i]))
	}
	report.ExitCode = worst(report.ExitCode, codeOfAll(outcomes))
	if anyEnded(outcomes) {
		states, err := portsAfter(ctx, sys, reader, p)
		if err != nil {
			report.ExitCode = exitFailed
			printFailure(sys.errOut, fmt.Errorf("look whether the ports are free: %w", err), true)
		}
		for _, s := range states {
			report.Ports = append(report.Ports, s.asJSON())
		}
	}
	return finishJSON(sys, report)
}

func finishJSON(sys *system, report killJSON) error {
	if err := printJSON(sys.out, report); err != nil {
		return err
	}
	return exitWith(report.ExitCode)
}

// confirm returns nil when the person has agreed, by --yes or on the terminal.
func confirm(ctx context.Context, sys *system, count int, o killOptions) error {
	if o.yes {
		return nil
	}
	if !sys.terminal.in {
		return exitf(exitUsage, "nothing was sent: standard input is no terminal on which to ask; add --yes to agree beforehand")
	}
	what := "this process"
	if count > 1 {
		what = fmt.Sprintf("these %d processes", count)
	}
	fmt.Fprintf(sys.errOut, "End %s? [y/N] ", what)
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

// outcome is what became of one target.
type outcome struct {
	word string // as the JSON says it
	text string // as a person reads it
	code int
	err  error
}

// carryOut signals all targets and waits for all of them, at the same time: with one
// after the other, the last of many deaf ones would be asked minutes later.
func carryOut(ctx context.Context, sys *system, targets []target, o killOptions) []outcome {
	outcomes := make([]outcome, len(targets))
	var all sync.WaitGroup
	for i, t := range targets {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, o.grace)
			defer cancel()
			waited := time.Now()
			err := sys.kill(ctx, t.process.ID, o.signal())
			outcomes[i] = outcomeOf(t.process, err, o.signal(), time.Since(waited))
		})
	}
	all.Wait()
	return outcomes
}

func outcomeOf(p *process.Process, err error, signal process.Signal, waited time.Duration) outcome {
	name := nameOf(p)
	waited = waited.Round(100 * time.Millisecond)
	switch {
	case err == nil:
		return outcome{"ended", name + " has ended", exitDone, nil}
	case errors.Is(err, process.ErrGone):
		return outcome{"already-ended", name + " had already ended: nothing was sent", exitDone, err}
	case errors.Is(err, process.ErrProtected):
		return outcome{"protected", fmt.Sprintf("%s is not ended: %s", name, reason(err, process.ErrProtected)), exitNotPermitted, err}
	case errors.Is(err, process.ErrNotPermitted):
		return outcome{"not-permitted", fmt.Sprintf("%s was not ended: %s", name, reason(err, process.ErrNotPermitted)), exitNotPermitted, err}
	case errors.Is(err, process.ErrStillRunning) && signal == process.ForceKill:
		return outcome{"still-running", fmt.Sprintf("%s is still running %v after SIGKILL: it waits in the kernel, and ends when that is done", name, waited), exitStillRunning, err}
	case errors.Is(err, process.ErrStillRunning):
		return outcome{"still-running", fmt.Sprintf("%s is still running %v after SIGTERM. To force it, and lose what it has not saved: portctl kill pid:%d --force",
			name, waited, p.PID), exitStillRunning, err}
	default:
		return outcome{"failed", fmt.Sprintf("%s: %v", name, err), exitFailed, err}
	}
}

func codeOfAll(outcomes []outcome) int {
	codes := make([]int, len(outcomes))
	for i, o := range outcomes {
		codes[i] = o.code
	}
	return worst(codes...)
}

func anyEnded(outcomes []outcome) bool {
	for _, o := range outcomes {
		if o.code == exitDone {
			return true
		}
	}
	return false
}

// portState is what became of one port.
type portState struct {
	number uint16
	use    portUse
}

func (s portState) free() bool { return len(s.use.bound) == 0 }

// portsAfter looks at the ports when all is done.
func portsAfter(ctx context.Context, sys *system, reader source, p plan) ([]portState, error) {
	ports := p.watchedPorts()
	if len(ports) == 0 {
		return nil, nil
	}
	sys.wait(ctx, settle)
	snapshot, err := reader.Read(ctx)
	if err != nil {
		return nil, err
	}
	states := make([]portState, len(ports))
	for i, number := range ports {
		states[i] = portState{number, useOf(snapshot, number)}
	}
	return states, nil
}

func (s portState) asJSON() portStatusJSON {
	out := portStatusJSON{Port: s.number, Free: s.free(), Owners: []ownerJSON{}, Connections: len(s.use.connections)}
	for _, h := range holdersOf(s.use.bound) {
		out.Owners = append(out.Owners, ownersAsJSON([]netstat.Owner{{Process: h.process, By: h.by}})...)
	}
	return out
}

func killedAsJSON(t target, o outcome) killedJSON {
	out := killedJSON{processJSON: processJSON{PID: t.process.PID, descriptionJSON: describeAsJSON(t.process)}, Ports: []heldJSON{}, Outcome: o.word}
	for _, h := range t.held {
		s := h.Socket
		out.Ports = append(out.Ports, heldJSON{s.Protocol.String(), addressAsJSON(s.Local), remoteAsJSON(s), s.State.String(), h.Shared == 0})
	}
	if o.err != nil {
		out.Error = table.Clean(o.err.Error())
	}
	return out
}

func refusedAsJSON(p plan) []refusedJSON {
	out := []refusedJSON{}
	for _, r := range p.refused {
		one := refusedJSON{Argument: r.argument, Error: table.Clean(r.why), ExitCode: r.code}
		if r.process != nil {
			one.PID = r.process.PID
		}
		out = append(out, one)
	}
	return out
}
