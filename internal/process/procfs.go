package process

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"
)

// What proc_pid_stat(5) calls the fields that are used here, by their numbers there.
const (
	statState      = 3
	statPPID       = 4
	statFlags      = 9
	statThreads    = 20
	statStart      = 22
	statStartStack = 28
)

// pfKthread marks a thread of the kernel in the flags (include/linux/sched.h, PF_KTHREAD).
const pfKthread = 0x00200000

// userHZ is the number of clock ticks in a second that /proc counts in (USER_HZ): 100
// on every architecture that Go runs on.
const userHZ = 100

// maxPID is the highest PID that Linux can give (PID_MAX_LIMIT, include/linux/threads.h), 2^22.
const maxPID = 1 << 22

// stat is what /proc/PID/stat says, as far as it is used.
type stat struct {
	entry
	// zombie: it has ended. Not so a process whose first thread alone has ended:
	// that also has state Z, but more threads than this one.
	zombie bool
}

// parseStat reads the text of /proc/PID/stat. The name in it is in parentheses and
// may itself hold spaces, parentheses and newlines; the fields after it cannot, so
// the name ends at the last ")". What follows field 28 may be cut off.
func parseStat(text []byte) (stat, error) {
	s := stat{entry: entry{uid: -1}}
	opening, closing := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if opening < 2 || closing < opening || text[opening-1] != ' ' {
		return stat{}, fmt.Errorf("parse stat: no name in parentheses in %d bytes", len(text))
	}
	pid, ok := decimal(text[:opening-1])
	if !ok || pid == 0 || pid > maxPID {
		return stat{}, errors.New("parse stat: field 1 is no PID")
	}
	s.PID = int(pid)
	copy(s.comm[:], text[opening+1:closing])
	if err := s.parseFields(text[closing+1:]); err != nil {
		return stat{}, err
	}
	return s, nil
}

// parseFields reads the fields that follow the name. Some that are not used may be negative.
func (s *stat) parseFields(rest []byte) error {
	var words [statStartStack + 1][]byte // by field number
	for field := statState; field <= statStartStack; field++ {
		var err error
		if words[field], rest, err = nextField(rest); err != nil {
			return fmt.Errorf("parse stat: field %d: %w", field, err)
		}
	}
	var ppid, flags, threads uint64
	for _, number := range []struct {
		field int
		value *uint64
	}{{statPPID, &ppid}, {statFlags, &flags}, {statThreads, &threads}, {statStart, &s.Start}, {statStartStack, &s.exec}} {
		var ok bool
		if *number.value, ok = decimal(words[number.field]); !ok {
			return fmt.Errorf("parse stat: field %d is %.20q", number.field, words[number.field])
		}
	}
	if ppid > maxPID {
		return fmt.Errorf("parse stat: field %d is %d", statPPID, ppid)
	}
	s.ppid = int(ppid)
	s.kern = flags&pfKthread != 0
	switch words[statState][0] {
	case 'X', 'x':
		s.zombie = true
	case 'Z':
		s.zombie = threads <= 1
	}
	return nil
}

// nextField cuts one field off, with the one space before it.
func nextField(text []byte) (word, rest []byte, err error) {
	if len(text) < 2 || text[0] != ' ' {
		return nil, nil, errors.New("cut off")
	}
	text = text[1:]
	end := bytes.IndexAny(text, " \n")
	if end < 0 {
		end = len(text)
	}
	if end == 0 {
		return nil, nil, errors.New("empty")
	}
	return text[:end], text[end:], nil
}

// decimal reads an unsigned decimal number, digits only.
func decimal(text []byte) (uint64, bool) {
	if len(text) == 0 {
		return 0, false
	}
	var n uint64
	for _, c := range text {
		d := uint64(c - '0')
		if d > 9 || n > (1<<64-1-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	return n, true
}

// status is what /proc/PID/status says, as far as it is used.
type status struct {
	uid int // effective; -1 when the line is missing
	// pid and tgid are 0 when their lines are missing. They differ in a thread that is not the first.
	pid, tgid int
	// spaces is the number of PID namespaces in which the process has a PID, from that of
	// this /proc downwards (NSpid); 0 when the kernel does not tell (before Linux 4.1).
	spaces int
}

// parseStatus reads the text of /proc/PID/status: lines of "Key:<tab>values". A
// newline in the name is escaped by the kernel there. A line without its newline is one that was cut off: it is left out.
func parseStatus(text []byte) (status, error) {
	s := status{uid: -1}
	for line := range bytes.Lines(text) {
		key, values, ok := bytes.Cut(line, []byte(":"))
		if !ok || line[len(line)-1] != '\n' {
			continue
		}
		switch string(key) {
		case "Tgid", "Pid":
			n, ok := decimal(bytes.TrimSpace(values))
			if !ok || n > maxPID {
				return status{uid: -1}, fmt.Errorf("parse status: %s is %.20q", key, values)
			}
			if key[0] == 'T' {
				s.tgid = int(n)
			} else {
				s.pid = int(n)
			}
		case "Uid": // real, effective, saved, file system
			fields := bytes.Fields(values)
			if len(fields) != 4 {
				return status{uid: -1}, fmt.Errorf("parse status: Uid has %d values, not 4", len(fields))
			}
			uid, ok := decimal(fields[1])
			if !ok || uid > 1<<32-1 {
				return status{uid: -1}, fmt.Errorf("parse status: the effective Uid is %.20q", fields[1])
			}
			s.uid = userID(uint32(uid))
		case "NSpid":
			s.spaces = len(bytes.Fields(values))
		}
	}
	return s, nil
}

// userID turns the kernel's user id into ours: its -1 is nobody.
func userID(uid uint32) int {
	if uid == 1<<32-1 {
		return -1
	}
	return int(uid)
}

// deleted is what the kernel adds to the link /proc/PID/exe when the file is gone.
const deleted = " (deleted)"

// executablePath takes that off again, unless there is a file that is really called so.
func executablePath(link string, exists func(string) bool) string {
	if bare, ok := strings.CutSuffix(link, deleted); ok && !exists(link) {
		return bare
	}
	return link
}

// cutName is the length at which Linux cuts the short name (TASK_COMM_LEN less its zero).
const cutName = 15

// processName gives the name people know a process by. The executable's comes
// first: the short name is cut at 15 bytes and programs change it at will. Where the
// executable may not be read, the first argument (cmdline: words that end in a
// zero) completes a short name that was cut, if it begins so.
func processName(executable, comm string, cmdline []byte) string {
	if executable != "" && executable != "/" {
		return path.Base(executable)
	}
	first, _, _ := bytes.Cut(cmdline, []byte{0})
	if base := path.Base(string(first)); len(comm) == cutName && strings.HasPrefix(base, comm) {
		return base
	}
	return comm
}

// startTime turns a start stamp (clock ticks after the boot) into a time, given how
// long ago the boot was. It is right to within a tick.
func startTime(start uint64, now time.Time, sinceBoot time.Duration) time.Time {
	const tick = time.Second / userHZ
	if start > uint64(1<<63-1)/uint64(tick) {
		return time.Time{}
	}
	return now.Add(time.Duration(start)*tick - sinceBoot).Round(tick)
}
