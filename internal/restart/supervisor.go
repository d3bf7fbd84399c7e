package restart

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"portolan/internal/language"
	"portolan/internal/process"
	"portolan/internal/table"
)

// after is what a supervising parent does when what it watches over has ended.
type after uint8

const (
	atOnce     after = iota + 1 // starts it again
	unexpected                  // starts it again unless it was to end like that
	onChange                    // waits for a file to change, then starts it again
	together                    // ends everything else as well
	worker                      // starts another worker, in place of its child only
)

// supervisor is a program that watches over those it starts.
type supervisor struct {
	by    string
	names []string // what the process, or the script that an interpreter runs, is called
	words []string // must all be in its command line as well, with or without a "=value"
	part  string   // must be somewhere in its command line
	flag  string   // must be among the options before the script
	after after
	stop  func(x *Explainer, parent, child *process.Process) string // nil: end the parent
}

// supervisors are facts about programs, from their documentation and sources.
var supervisors = []supervisor{
	// Those that wait for a change: after SIGTERM they stay, with "waiting for changes before restart".
	{by: "nodemon", names: []string{"nodemon"}, after: onChange},
	{by: "node --watch", names: []string{"node"}, flag: "--watch", after: onChange},
	{by: "tsx watch", names: []string{"tsx"}, words: []string{"watch"}, after: onChange},
	{by: "ts-node-dev", names: []string{"ts-node-dev", "tsnd"}, after: onChange},
	{by: "nest start", names: []string{"nest"}, words: []string{"start", "--watch"}, after: onChange},
	{by: "cargo-watch", names: []string{"cargo-watch"}, after: onChange},
	{by: "bacon", names: []string{"bacon"}, after: onChange},
	{by: "watchexec", names: []string{"watchexec"}, after: onChange},
	{by: "entr", names: []string{"entr"}, after: onChange},
	{by: "reflex", names: []string{"reflex"}, after: onChange},
	{by: "air", names: []string{"air"}, after: onChange},
	{by: "wgo", names: []string{"wgo"}, after: onChange},
	{by: "gow", names: []string{"gow"}, after: onChange},
	{by: "modd", names: []string{"modd"}, after: onChange},
	{by: "CompileDaemon", names: []string{"CompileDaemon"}, after: onChange},
	{by: "watchmedo", names: []string{"watchmedo"}, words: []string{"auto-restart"}, after: onChange},
	{by: "dotnet watch", names: []string{"dotnet"}, words: []string{"watch"}, after: onChange},
	{by: "uvicorn --reload", names: []string{"uvicorn"}, words: []string{"--reload"}, after: onChange},

	// Those that start it again.
	{by: "pm2", names: []string{"pm2", "PM2", "node"}, part: godDaemon, after: atOnce, stop: (*Explainer).stopPM2},
	{by: "pm2", names: []string{"pm2", "pm2-runtime", "pm2-docker"}, after: atOnce}, // without a daemon: it ends with all that it runs
	{by: "forever", names: []string{"forever"}, after: atOnce, stop: stopForever},
	{by: "forever", names: []string{"monitor"}, part: "/forever/", after: atOnce, stop: stopForever}, // node .../forever/bin/monitor
	{by: "supervisord", names: []string{"supervisord"}, after: unexpected, stop: (*Explainer).stopSupervisord},
	{by: "circusd", names: []string{"circusd"}, after: atOnce, stop: byName},
	{by: "runit", names: []string{"runsv"}, after: atOnce, stop: inFolder("sv down")},
	{by: "s6", names: []string{"s6-supervise"}, after: atOnce, stop: inFolder("s6-svc -d")},
	{by: "daemontools", names: []string{"supervise"}, after: atOnce, stop: inFolder("svc -d")},
	{by: "process-compose", names: []string{"process-compose"}, after: unexpected, stop: byName},

	// Those that end everything when one ends.
	{by: "foreman", names: []string{"foreman"}, after: together},
	{by: "honcho", names: []string{"honcho"}, after: together},
	{by: "hivemind", names: []string{"hivemind"}, after: together},
	{by: "overmind", names: []string{"overmind"}, after: together},
	{by: "overmind", names: []string{"tmux"}, part: " overmind-", after: together, stop: stopOvermind},

	// Servers that replace their workers.
	{by: "nginx", names: []string{"nginx"}, after: worker},
	{by: "Apache", names: []string{"apache2", "httpd"}, after: worker},
	{by: "PHP-FPM", names: []string{"php-fpm"}, after: worker},
	{by: "gunicorn", names: []string{"gunicorn"}, after: worker},
	{by: "uWSGI", names: []string{"uwsgi"}, after: worker},
	{by: "unicorn", names: []string{"unicorn", "unicorn_rails"}, after: worker},
	{by: "puma", names: []string{"puma"}, after: worker},
	{by: "uvicorn", names: []string{"uvicorn"}, words: []string{"--workers"}, after: worker},
	{by: "Passenger", names: []string{"PassengerAgent"}, after: worker},
}

// between are the programs that may stand between a supervisor and what it watches over: they end
// with their child. A shell is one when it runs a command (-c), not when a person types into it.
var between = []string{"npm", "npx", "yarn", "pnpm", "bun", "corepack", "node", "env", "sudo", "doas", "su", "tini", "dumb-init",
	"catatonit", "docker-init", "poetry", "pipenv", "uv", "uvx", "hatch", "bundle", "make", "just", "task", "cargo", "go", "rails", "nice", "ionice", "chpst", "setpriv", "gosu", "su-exec"}

var shells = []string{"sh", "bash", "dash", "zsh", "ksh", "ash", "busybox", "fish"}

// interpreters run scripts, which are what a person knows.
var interpreters = []string{"node", "nodejs", "bun", "deno", "python", "ruby", "perl", "php"}

// maxSupervisors is how many are named of one process: pm2 that runs nodemon is two.
const maxSupervisors = 3

// supervisors explains the parents that watch over the process.
func (x *Explainer) supervisors(_ context.Context, s *subject) []Cause {
	if c, ok := s.itself(); ok {
		return []Cause{c}
	}
	var causes []Cause
	child := s.Process
	for _, parent := range s.ancestors {
		if sv := supervisorOf(parent, child, child == s.Process); sv != nil {
			causes = append(causes, sv.cause(x, parent, child))
			if len(causes) == maxSupervisors {
				break
			}
		} else if !passes(parent) {
			break
		}
		child = parent
	}
	return causes
}

// itself explains what holds the sockets of others. Chromium keeps all its connections in one process, and starts it
// again; pm2 listens for the workers of an app in cluster mode.
func (s *subject) itself() (Cause, bool) {
	switch {
	case strings.Contains(s.Work.Line, "--utility-sub-type=network.mojom.NetworkService"):
		by := language.T("the browser")
		if s.App.Name != "" {
			by = table.Clean(s.App.Name)
		}
		return Cause{Kind: Supervisor, By: by, Text: language.F("%s starts its network process again as soon as it ends. To close its connections, quit the app.", by), Returns: true}, true
	case strings.Contains(s.Work.Line, godDaemon):
		return Cause{Kind: Supervisor, By: "pm2",
			Text: language.T("It is pm2 itself, which listens for an app in cluster mode: ending it ends everything that pm2 runs. \"pm2 ls\" shows the app to be stopped.")}, true
	default:
		return Cause{}, false
	}
}

// godDaemon is in the title that pm2 gives its daemon (lib/Daemon.js).
const godDaemon = ": God Daemon ("

// supervisorOf gives what parent is to child; nil when it only started it.
func supervisorOf(parent, child *process.Process, direct bool) *supervisor {
	for i := range supervisors {
		sv := &supervisors[i]
		if !sv.is(parent) {
			continue
		}
		// Python's multiprocessing starts workers by a line of its own. Else it is a script that nginx started, or something that is no worker.
		if sv.after == worker && (!direct || !sv.is(child) && !strings.Contains(child.Work.Line, "multiprocessing.")) {
			continue
		}
		return sv
	}
	return nil
}

// is says whether p is this program.
func (sv *supervisor) is(p *process.Process) bool {
	if !slices.ContainsFunc(calledBy(p), func(name string) bool {
		return slices.ContainsFunc(sv.names, func(n string) bool { return sameProgram(name, n) })
	}) {
		return false
	}
	words := strings.Fields(p.Work.Line)
	for _, want := range sv.words {
		if !slices.ContainsFunc(words, func(w string) bool { return isOption(w, want) }) {
			return false
		}
	}
	return strings.Contains(p.Work.Line, sv.part) && (sv.flag == "" || slices.ContainsFunc(leading(words), func(w string) bool { return isOption(w, sv.flag) }))
}

// isOption: "--watch", "--watch=true".
func isOption(word, option string) bool {
	rest, ok := strings.CutPrefix(word, option)
	return ok && (rest == "" || rest[0] == '=')
}

// leading gives the options that stand before the script.
func leading(words []string) []string {
	for i := 1; i < len(words); i++ {
		if !strings.HasPrefix(words[i], "-") {
			return words[1:i]
		}
	}
	return words[min(len(words), 1):]
}

// sameProgram: a name may have a version behind it, "php-fpm8.2".
func sameProgram(name, program string) bool {
	rest, ok := strings.CutPrefix(name, program)
	return ok && strings.Trim(rest, "0123456789.") == ""
}

// calledBy gives the names that a person has for a process: its own, that of the script that an interpreter
// runs, and the title that a server has given itself ("nginx: master process /usr/sbin/nginx", "gunicorn: master [shop]").
func calledBy(p *process.Process) []string {
	names := []string{p.Name}
	words := strings.Fields(p.Work.Line)
	if len(words) == 0 {
		return names
	}
	program := strings.TrimSuffix(path.Base(words[0]), ":")
	names = append(names, program)
	if !slices.ContainsFunc(interpreters, func(i string) bool { return sameProgram(p.Name, i) || sameProgram(program, i) }) {
		return names
	}
	for _, word := range words[1:] {
		if strings.HasPrefix(word, "-") {
			continue // python -m gunicorn: what follows is as good as a script
		}
		name := path.Base(word)
		names = append(names, strings.TrimSuffix(name, path.Ext(name)), name)
		switch dir := path.Dir(word); path.Base(dir) {
		case "bin", "dist", "lib": // node_modules/tsx/dist/cli.mjs
			names = append(names, path.Base(path.Dir(dir)))
		}
		break
	}
	return names
}

// passes says whether p ends with its child, so that who watches over p watches over the child.
func passes(p *process.Process) bool {
	if slices.Contains(shells, p.Name) {
		words := strings.Fields(p.Work.Line)
		return len(words) > 1 && (words[1] == "-c" || !strings.HasPrefix(words[1], "-"))
	}
	return slices.ContainsFunc(calledBy(p), func(name string) bool { return slices.Contains(between, name) })
}

// cause puts it into words.
func (sv *supervisor) cause(x *Explainer, parent, child *process.Process) Cause {
	c := Cause{Kind: Supervisor, By: fmt.Sprintf("%s (PID %d)", sv.by, parent.PID)}
	switch sv.after {
	case atOnce:
		c.Text, c.Returns = language.F("%s starts it again as soon as it has ended.", sv.by), true
	case unexpected:
		c.Text, c.Returns = language.F("%s starts it again, unless it was set not to.", sv.by), true
	case onChange:
		c.Text = language.F("%s starts it again at the next change of a file.", sv.by)
	case together:
		c.Text = language.F("%s ends everything else that it runs when this ends.", sv.by)
	case worker:
		c.Text, c.Returns = language.F("%s starts another worker in place of this one. PID %d is the master.", sv.by, parent.PID), true
	}
	if sv.stop == nil {
		c.Stop = x.end(parent.PID, parent.UID)
		return c
	}
	c.Stop = sv.stop(x, parent, child)
	return c
}
