package process

import "portolan/internal/app"

// cgroupRoom holds /proc/PID/cgroup: on cgroup v1 a line for each of a dozen controllers, each with a path.
const cgroupRoom = 8192

// evidenceIn reads what tells the app of the described process. The room of more.Cgroup is used again. It
// is not whole when the process was in the middle of an exec, and had the new executable but no arguments yet.
func evidenceIn(dir int, e *entry, p *Process, more *app.Evidence) (whole bool) {
	room := more.Cgroup[:cap(more.Cgroup)]
	if len(room) == 0 {
		room = make([]byte, cgroupRoom)
	}
	cgroup, err := readAt(dir, "cgroup", room)
	if err != nil {
		cgroup = room[:0]
	}
	args, whole := argsIn(dir)
	*more = app.Evidence{
		PID: e.PID, Name: p.Name, Executable: p.Executable, UID: p.UID, Terminal: e.term, Cgroup: cgroup,
		Args: args, Ancestors: more.Ancestors[:0],
	}
	more.Dir = directory(dir)
	return whole
}

// directory is the working directory; "" when it may not be read. Of one that was removed it is what its name was, without a
// look at whether there is one that is really called so: it may be on a server that does not answer.
func directory(dir int) string {
	link, err := linkIn(dir, "cwd")
	if err != nil {
		return ""
	}
	return undeleted(link, func(string) bool { return false })
}

// argsIn reads what the process was started with, or calls itself; nil when that may not be read. It is
// not there yet when the file is empty (get_mm_cmdline in fs/proc/base.c).
func argsIn(dir int) (args []string, there bool) {
	var room [4096]byte // enough for most
	text, err := readAt(dir, "cmdline", room[:])
	if err == nil && len(text) == len(room) {
		text, err = readAt(dir, "cmdline", make([]byte, maxArgsLen))
	}
	return splitArgs(text), err != nil || len(text) > 0
}
