package restart

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"portolan/internal/process"
)

// The commands by which single supervisors are told to stop what they watch over.

// maxPidFiles is how many of pm2's pid files are looked at.
const maxPidFiles = 1024

// stopPM2 finds the number by which pm2 calls the process: it keeps a file NAME-NUMBER.pid for each (lib/God/ForkMode.js).
func (x *Explainer) stopPM2(parent, child *process.Process) string {
	_, home, _ := strings.Cut(parent.Work.Line, godDaemon) // PM2 v5.4.2: God Daemon (/home/alice/.pm2)
	home, _, ok := strings.Cut(home, ")")
	if !ok || !filepath.IsAbs(home) {
		return ""
	}
	folder := filepath.Join(x.root+filepath.Clean(home), "pids")
	entries, err := os.ReadDir(folder)
	if err != nil {
		return ""
	}
	for _, e := range entries[:min(len(entries), maxPidFiles)] {
		name, ok := strings.CutSuffix(e.Name(), ".pid")
		dash := strings.LastIndexByte(name, '-')
		if !ok || dash < 0 || !e.Type().IsRegular() {
			continue
		}
		number, err := strconv.ParseUint(name[dash+1:], 10, 31)
		if err == nil && readPID(filepath.Join(folder, e.Name())) == child.PID {
			return x.pm2(parent.UID, filepath.Clean(home), number)
		}
	}
	return ""
}

// pm2 is the command that stops what the daemon with that home calls by the number. Without the home, pm2 would ask the
// daemon of whoever gives the command, which calls another process so.
func (x *Explainer) pm2(uid int, home string, number uint64) string {
	stop := "pm2 stop " + strconv.FormatUint(number, 10)
	if uid != x.uid || home != filepath.Join(x.home, ".pm2") {
		set := command("env", "PM2_HOME="+home)
		if set == "" {
			return ""
		}
		stop = set + " " + stop
	}
	return x.asUser(uid, stop)
}

// readPID reads a pid file; 0 when it is none.
func readPID(path string) int {
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 32))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return pid
}

// byName is for those that stop one of many by a name that is not to be found out: ending them would end all.
func byName(*Explainer, *process.Process, *process.Process) string { return "" }

// stopForever: "forever stop" takes the PID of what it watches over, and asks for it in the user's own folder.
func stopForever(x *Explainer, parent, child *process.Process) string {
	if parent.UID != x.uid {
		return ""
	}
	return "forever stop " + strconv.Itoa(child.PID)
}

// stopSupervisord uses the names that supervisord gives its children in their environment (supervisord.org, subprocess.html).
func (x *Explainer) stopSupervisord(parent, child *process.Process) string {
	env := x.environment(child.PID, "SUPERVISOR_PROCESS_NAME", "SUPERVISOR_GROUP_NAME")
	name, group := env["SUPERVISOR_PROCESS_NAME"], env["SUPERVISOR_GROUP_NAME"]
	// supervisorctl takes its words apart at blanks again, and "all" and "group:*" for many: the environment is the process's own.
	if name == "" || name == "all" || !plainWord(name) || !plainWord(group) {
		return ""
	}
	if group != "" && group != name {
		name = group + ":" + name
	}
	return x.asUser(parent.UID, command("supervisorctl stop", name))
}

// maxEnvironment is how much of an environment is read, in bytes.
const maxEnvironment = 256 << 10

// environment reads variables that a process was started with; none where the system has no /proc, and when it may not be read.
func (x *Explainer) environment(pid int, names ...string) map[string]string {
	f, err := os.Open(filepath.Join(x.root+"/proc", strconv.Itoa(pid), "environ"))
	if err != nil {
		return nil
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxEnvironment))
	if err != nil {
		return nil
	}
	return variables(string(data), names)
}

// variables picks variables from an environment: NAME=value, each with a zero byte at its end.
func variables(environ string, names []string) map[string]string {
	found := map[string]string{}
	for one := range strings.SplitSeq(environ, "\x00") {
		name, value, ok := strings.Cut(one, "=")
		if ok && slices.Contains(names, name) {
			found[name] = value
		}
	}
	return found
}

// inFolder is for those that take the service's folder, which is where their supervisor runs.
func inFolder(tool string) func(*Explainer, *process.Process, *process.Process) string {
	return func(x *Explainer, parent, _ *process.Process) string {
		if !filepath.IsAbs(parent.Work.Dir) {
			return ""
		}
		return x.asUser(parent.UID, command(tool, parent.Work.Dir))
	}
}

// stopOvermind: its processes run below a tmux of its own; it listens at a socket in the folder of the Procfile.
func stopOvermind(x *Explainer, parent, _ *process.Process) string {
	if !filepath.IsAbs(parent.Work.Dir) {
		return ""
	}
	return x.asUser(parent.UID, command("overmind quit -s", filepath.Join(parent.Work.Dir, ".overmind.sock")))
}
