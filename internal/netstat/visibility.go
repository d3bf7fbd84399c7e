package netstat

import (
	"bytes"
	"strconv"

	"portolan/internal/language"
)

// Fields of /proc/PID/stat behind the name (proc_pid_stat(5)), and PF_KTHREAD (include/linux/sched.h).
const (
	statFlagsAfterName = 6 // field 9; field 3 is the first behind the name
	kernelThread       = 0x00200000
)

// holdsNothing reports whether the process whose /proc/PID/stat this is cannot hold
// a descriptor: a thread of the kernel, or a process that has ended. It is
// false where that cannot be told.
func holdsNothing(stat []byte) bool {
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) <= statFlagsAfterName {
		return false
	}
	if state := fields[0]; len(state) == 1 && (state[0] == 'Z' || state[0] == 'X') {
		return true
	}
	flags, err := strconv.ParseUint(string(fields[statFlagsAfterName]), 10, 64)
	return err == nil && flags&kernelThread != 0
}

// hidepid finds how much the /proc mounted at root hides of other users' processes, in
// the text of /proc/self/mountinfo (proc_pid_mountinfo(5)):
//
//	36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
//
// It gives the value of the option hidepid, "" when it is not set or off. The last mount there counts.
func hidepid(mountinfo []byte, root string) string {
	hides := ""
	for line := range bytes.Lines(mountinfo) {
		front, back, ok := bytes.Cut(line, []byte(" - "))
		mount, super := bytes.Fields(front), bytes.Fields(back)
		if !ok || len(mount) < 5 || len(super) < 3 || string(mount[4]) != root || string(super[0]) != "proc" {
			continue
		}
		hides = ""
		for option := range bytes.SplitSeq(super[2], []byte(",")) {
			if value, ok := bytes.CutPrefix(option, []byte("hidepid=")); ok && string(value) != "0" && string(value) != "off" {
				hides = string(value)
			}
		}
	}
	return hides
}

// hidesEntries reports whether that value of hidepid removes the
// processes of others from the list, rather than only closing them.
// The words are since Linux 5.8 (hidepid2str in fs/proc/root.c), the numbers of before.
func hidesEntries(hidepid string) bool {
	switch hidepid {
	case "2", "4", "invisible", "ptraceable":
		return true
	default:
		return false
	}
}

// initialPIDSpace is the link /proc/self/ns/pid outside of every container (PROC_PID_INIT_INO, include/linux/proc_ns.h).
const initialPIDSpace = "pid:[4026531836]"

// visibility is what keeps this user from seeing every owner.
type visibility struct {
	denied   int    // processes that are seen but may not be read
	hidepid  string // "": other users' processes are listed
	enclosed bool   // in a PID namespace: processes outside it are not listed
	root     bool   // we are the administrator: there is nobody to ask for more
}

// limited reports whether a process may hold a socket without being seen to.
func (v visibility) limited() bool { return v.denied > 0 || v.hidepid != "" || v.enclosed }

// reason says so in a sentence. concealed is the number of sockets it concerns.
func (v visibility) reason(concealed int) string {
	var closed, hidden, outside string
	switch {
	case v.denied > 0 && v.root:
		closed = language.T("the system keeps them closed even to the administrator")
	case v.denied > 0:
		closed = language.T("run as administrator to see what other users' processes hold")
	}
	if v.hidepid != "" {
		hidden = language.F("/proc is mounted with hidepid=%s and leaves out other users' processes; run as administrator to see them", v.hidepid)
	}
	if v.enclosed && concealed > 0 && closed == "" && hidden == "" {
		outside = language.T("this program runs in a container: processes outside it hold sockets and cannot be seen from here")
	}
	return sentences(closed, hidden, outside)
}
