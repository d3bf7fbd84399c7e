package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"portolan/internal/export"
	"portolan/internal/process"
	"portolan/internal/restart"
)

// defaultGrace is how long a process may take to end before it is called still running.
const defaultGrace = 5 * time.Second

type killOptions struct {
	yes                 agreement
	dryRun, force, json bool
	grace, watch        time.Duration
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
		Long: `Shows what will end, every port that closes with it and what would start it again, asks,
sends SIGTERM, waits, watches the ports for three seconds, and says whether they are free or who
has taken them again.

:3000 or port:3000 is a port, pid:812 a PID. A bare number is a port when something on
this computer is bound to it, else a PID; when it could be both, nothing is done.

What only forwards the port of a container (docker-proxy) is not ended for one --yes: the right
way is the command that is shown.`,
		Example: "  portctl kill :3000\n  portctl kill 3000 5173 --dry-run\n  portctl kill pid:812 --yes",
		Args:    somebody,
		RunE: run(func(ctx context.Context, args []string) error {
			return kill(ctx, sys, args, o)
		}),
		ValidArgsFunction: completePorts(sys),
	}
	c.Flags().VarPF(&o.yes, "yes", "y", "do not ask; twice: not even for what only forwards a container's port").NoOptDefVal = "true"
	c.Flags().BoolVarP(&o.dryRun, "dry-run", "n", false, "show what would end, and send nothing")
	c.Flags().BoolVar(&o.force, "force", false, "send SIGKILL: unsaved work is lost")
	c.Flags().DurationVar(&o.grace, "grace", defaultGrace, "how long to wait for the process to end")
	c.Flags().DurationVar(&o.watch, "watch", restart.Watched, "how long to watch afterwards whether the ports are taken again")
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
	if o.watch < 0 {
		return exitf(exitUsage, "--watch %v: the time must not be negative", o.watch)
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
	snapshot, err := readNamed(ctx, sys, reader)
	if err != nil {
		return err
	}
	p, err := planKill(snapshot, subjects, laws{sys.protected, sys.permitted, sys.describe, sys.administrator})
	if err != nil {
		return err
	}
	p.explain(ctx, sys.causes)
	k := killing{sys: sys, reader: reader, plan: p, killOptions: o, after: restart.NewAftermath(p.processes(), snapshot)}
	if o.json {
		return k.forScripts(ctx)
	}
	return k.forPeople(ctx)
}

// killing is a kill that is planned.
type killing struct {
	killOptions
	sys    *system
	reader source
	plan   plan
	after  *restart.Aftermath
}

func (k killing) forPeople(ctx context.Context) error {
	sys, p := k.sys, k.plan
	printPlan(sys.out, sys, p, k.killOptions)
	printRefused(sys.errOut, p)
	if len(p.targets) == 0 || k.dryRun {
		return exitWith(p.code())
	}
	if err := confirm(ctx, sys, p, k.yes); err != nil {
		return err
	}
	outcomes := carryOut(ctx, sys, p.targets, k.killOptions)
	for _, out := range outcomes {
		stream := sys.out
		if out.code != exitDone {
			stream = sys.errOut
		}
		fmt.Fprintln(stream, out.text)
	}
	code := worst(p.code(), codeOfAll(outcomes))
	if !anyEnded(outcomes) {
		return exitWith(code)
	}
	f, err := k.fate(ctx)
	if err != nil {
		return exitf(exitFailed, "look whether the ports are free: %w", err)
	}
	f.print(sys.out, p)
	return exitWith(code)
}

func (k killing) forScripts(ctx context.Context) error {
	sys, p := k.sys, k.plan
	report := killJSON{DryRun: k.dryRun, Signal: k.signal().String(), Processes: []killedJSON{}, Refused: refusedAsJSON(p), Ports: []portStatusJSON{}}
	report.ExitCode = p.code()
	if len(p.targets) == 0 || k.dryRun {
		for _, t := range p.targets {
			report.Processes = append(report.Processes, killedAsJSON(t, outcome{word: "would-end"}))
		}
		return finishJSON(sys, report)
	}
	if k.yes == 0 {
		printPlan(sys.errOut, sys, p, k.killOptions)
	}
	if err := confirm(ctx, sys, p, k.yes); err != nil {
		return err
	}
	outcomes := carryOut(ctx, sys, p.targets, k.killOptions)
	for i, t := range p.targets {
		report.Processes = append(report.Processes, killedAsJSON(t, outcomes[i]))
	}
	report.ExitCode = worst(report.ExitCode, codeOfAll(outcomes))
	if anyEnded(outcomes) {
		f, err := k.fate(ctx)
		if err != nil {
			report.ExitCode = exitFailed
			printFailure(sys.errOut, fmt.Errorf("look whether the ports are free: %w", err), true)
		}
		report.Ports = f.asJSON()
	}
	return finishJSON(sys, report)
}

func finishJSON(sys *system, report killJSON) error {
	if err := export.WriteJSON(sys.out, report); err != nil {
		return err
	}
	return exitWith(report.ExitCode)
}
