package restart

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"portolan/internal/app"
	"portolan/internal/language"
	"portolan/internal/process"
	"portolan/internal/table"
)

// maxJobs is how many plists of one folder are read. macOS 15 has about 450 in its longest.
const maxJobs = 2048

// jobFolders gives launchd's folders, and those in which an app brings its own jobs (SMAppService).
func (x *Explainer) jobFolders(a app.App) []app.JobFolder {
	folders := app.JobFolders(x.home)
	if a.Kind == app.Bundle && filepath.IsAbs(a.Path) {
		inside := filepath.Join(a.Path, "Contents/Library")
		apple := strings.HasPrefix(a.Path, "/System/")
		folders = append(folders, app.JobFolder{Path: inside + "/LaunchAgents", Agents: true, Apple: apple}, app.JobFolder{Path: inside + "/LaunchDaemons", Apple: apple})
	}
	return folders
}

// found is a job and the folder that its plist is in.
type found struct {
	job
	app.JobFolder
	known bool // the plist was found
}

// launchd explains the job that the process is, or is part of.
func (x *Explainer) launchd(ctx context.Context, s *subject) []Cause {
	head := s.head()
	label := ""
	if s.App.Kind == app.Job {
		label = s.App.ID
	}
	if label == "" && head == nil {
		return nil
	}
	f := x.findJob(ctx, x.jobFolders(s.App), label, head)
	if f.Label == "" {
		return nil
	}
	text, returns := f.explain(head == nil || head.PID == s.PID)
	if text == "" {
		return nil
	}
	return []Cause{{Kind: Launchd, By: "launchd", Text: table.Clean(text), Stop: x.bootout(f, s), Returns: returns}}
}

// head gives the process that launchd itself started: the one whose parent is the first process; nil when it is not known.
func (s *subject) head() *process.Process {
	if s.PPID == 1 {
		return s.Process
	}
	for _, p := range s.ancestors {
		if p.PPID == 1 {
			return p
		}
	}
	return nil
}

// findJob looks for the job with a label, else for the only one that runs head's program.
func (x *Explainer) findJob(ctx context.Context, folders []app.JobFolder, label string, head *process.Process) found {
	var fits []found
	for _, folder := range folders {
		if ctx.Err() != nil {
			break
		}
		for _, j := range x.jobsIn(folder.Path, label) {
			switch {
			case label != "" && j.Label == label:
				return found{j, folder, true}
			case label == "" && x.runs(j, head):
				fits = append(fits, found{j, folder, true})
			}
		}
	}
	switch {
	case label != "": // loaded from elsewhere, or by an app
		return found{job: job{Label: label}}
	case len(fits) == 1:
		return fits[0]
	}
	// Several jobs run one interpreter: the command line tells them apart.
	fits = slices.DeleteFunc(fits, func(f found) bool {
		return len(f.ProgramArguments) < 2 || !strings.Contains(head.Work.Line, strings.Join(f.ProgramArguments[1:], " "))
	})
	if len(fits) == 1 {
		return fits[0]
	}
	return found{}
}

// jobsIn reads the jobs of a folder; with a label the file of that name alone, where there is one.
func (x *Explainer) jobsIn(folder, label string) []job {
	if label != "" && !strings.ContainsAny(label, "/\x00") {
		if j, err := x.readJob(filepath.Join(folder, label+".plist")); err == nil && j.Label == label {
			return []job{j}
		}
	}
	entries, err := os.ReadDir(x.root + folder)
	if err != nil {
		return nil
	}
	var jobs []job
	for _, e := range entries[:min(len(entries), maxJobs)] {
		if !strings.HasSuffix(e.Name(), ".plist") {
			continue
		}
		if j, err := x.readJob(filepath.Join(folder, e.Name())); err == nil {
			jobs = append(jobs, j)
		}
	}
	return jobs
}

// readJob reads one plist, if it is a plain file: a pipe in its place would never end.
func (x *Explainer) readJob(path string) (job, error) {
	info, err := os.Stat(x.root + path)
	if err != nil {
		return job{}, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxPlist {
		return job{}, fmt.Errorf("read %s: %w: %d bytes, mode %v", path, app.ErrPlist, info.Size(), info.Mode())
	}
	f, err := os.Open(x.root + path)
	if err != nil {
		return job{}, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxPlist+1))
	if err != nil {
		return job{}, fmt.Errorf("read %s: %w", path, err)
	}
	return decodeJob(data)
}

// runs says whether the job's program is the one that p runs. Homebrew's jobs name a link to it.
func (x *Explainer) runs(j job, p *process.Process) bool {
	if p.Executable == "" {
		return false
	}
	program := j.Program
	if program == "" && len(j.ProgramArguments) > 0 {
		program = j.ProgramArguments[0]
	}
	if !filepath.IsAbs(program) {
		return false
	}
	if program == p.Executable {
		return true
	}
	real, err := filepath.EvalSymlinks(x.root + program)
	return err == nil && real == x.root+p.Executable
}

// explain says what launchd does when the job's process has ended; "" when nothing.
func (f found) explain(first bool) (text string, returns bool) {
	switch {
	case !f.known:
		return language.F("It is the launchd job %s, which may be set to start again.", f.Label), false
	case !first && (f.KeepAlive.always || f.OnDemand.off || len(f.KeepAlive.conditions) > 0):
		return language.F("It is part of the launchd job %s, which is kept alive.", f.Label), false
	case f.KeepAlive.always || f.OnDemand.off:
		text, returns = language.F("launchd starts it again: KeepAlive in %s.", f.Label), true
	case len(f.KeepAlive.conditions) > 0:
		text = language.F("launchd may start it again: KeepAlive with %s in %s.", table.Enumerated(f.KeepAlive.conditions), f.Label)
	case bool(f.Sockets):
		text, returns = language.F("launchd starts it again at the next connection: it keeps the sockets of %s.", f.Label), true
	case bool(f.WatchPaths || f.QueueDirectories):
		text = language.F("launchd starts %s again when a file changes that it watches.", f.Label)
	case bool(f.StartInterval):
		text = language.F("launchd starts %s again and again after a time.", f.Label)
	default:
		return "", false
	}
	return text + f.advice(), returns
}

// advice is what helps where launchctl does not.
func (f found) advice() string {
	switch {
	case f.Label == "com.apple.controlcenter":
		return " " + language.T("To free ports 5000 and 7000, turn off AirPlay Receiver in System Settings.")
	case f.Apple:
		return " " + language.T("It is a part of macOS, which does not let it be stopped.")
	default:
		return ""
	}
}

// bootout is the command that stops the job until the next login or start.
func (x *Explainer) bootout(f found, s *subject) string {
	if f.Apple {
		return "" // bootout: 150: Operation not permitted while System Integrity Protection is engaged
	}
	if strings.Contains(f.Label, "/") {
		return "" // launchctl would read another target: "gui/501/" is all that the user runs
	}
	owner, domain := 0, "system"
	if f.Agents || !f.known && s.owner(x.uid) != 0 {
		owner = s.owner(x.uid)
		domain = "gui/" + strconv.Itoa(owner)
	}
	if formula, ok := strings.CutPrefix(f.Label, "homebrew.mxcl."); ok {
		return x.asUser(owner, command("brew services stop", formula))
	}
	return x.asUser(owner, command("launchctl bootout", domain+"/"+f.Label))
}
