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
	statTerminal   = 7
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
			return fmt.Errorf("parse stat: field %d is %.20q", number.field, string(words[number.field]))
		}
	}
	if ppid > maxPID {
		return fmt.Errorf("parse stat: field %d is %d", statPPID, ppid)
	}
	s.ppid = int(ppid)
	s.kern = flags&pfKthread != 0
	s.term = string(words[statTerminal]) != "0" // a device number; 0 is none
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

// parseStatus reads the text of /proc/PID/status: lines of "Key:<tab>values", with a
// tab between values. A newline in the name is escaped by the kernel there. A
// line without its newline is one that was cut off, and is left out.
func parseStatus(text []byte) (status, error) {
	s := status{uid: -1}
	for {
		line, after, whole := bytes.Cut(text, []byte("\n"))
		if !whole {
			return s, nil
		}
		text = after
		key, values, _ := bytes.Cut(line, []byte(":"))
		if err := s.set(key, bytes.TrimPrefix(values, []byte("\t"))); err != nil {
			return status{uid: -1}, fmt.Errorf("parse status: %w", err)
		}
	}
}

// set takes over the values of one line, if it is one that is used.
func (s *status) set(key, values []byte) error {
	var numbers [maxNamespaces + 1]uint64
	want, limit := 1, uint64(maxPID)
	switch string(key) {
	case "Tgid", "Pid", "NSpid":
	case "Uid":
		want, limit = 4, 1<<32-1 // real, effective, saved, file system
	default:
		return nil
	}
	n, ok := decimals(values, numbers[:], limit)
	if !ok || n != want && string(key) != "NSpid" {
		return fmt.Errorf("%s is %.40q", string(key), string(values))
	}
	switch string(key) {
	case "Tgid":
		s.tgid = int(numbers[0])
	case "Pid":
		s.pid = int(numbers[0])
	case "Uid":
		s.uid = userID(uint32(numbers[1]))
	case "NSpid":
		s.spaces = n
	}
	return nil
}

// maxNamespaces is how deep PID namespaces nest (include/linux/pid_namespace.h, MAX_PID_NS_LEVEL).
const maxNamespaces = 32

// decimals reads numbers up to limit with a tab between them, no more than there
// is room for, and gives their count.
func decimals(text []byte, numbers []uint64, limit uint64) (n int, ok bool) {
	for n = range numbers {
		word, after, more := bytes.Cut(text, []byte("\t"))
		if numbers[n], ok = decimal(word); !ok || numbers[n] > limit {
			return 0, false
		}
		if !more {
			return n + 1, true
		}
		text = after
	}
	return 0, false
}

// userID turns the kernel's user id into ours: its -1 is nobody.
func userID(uid uint32) int {
	if uid == 1<<32-1 {
		return -1
	}
	return int(uid)
}

// deleted is what the kernel adds to the links /proc/PID/exe and cwd when the file is gone.
const deleted = " (deleted)"

// undeleted takes that off again, unless there is a file that is really called so.
func undeleted(link string, exists func(string) bool) string {
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
		// A title that the process gave itself may go on with its arguments, and those with secrets.
		rest, _, _ := strings.Cut(base[cutName:], " ")
		return comm + rest
	}
	return comm
}

// splitArgs cuts the text of /proc/PID/cmdline, where each argument ends in a zero. Programs
// that write a title over their arguments leave zeros behind, so those at the end are no
// arguments. An argument that was cut off is kept as far as it goes.
func splitArgs(text []byte) []string {
	text = bytes.TrimRight(text, "\x00")
	if len(text) == 0 {
		return nil
	}
	args := make([]string, 0, min(bytes.Count(text, []byte{0})+1, maxArgs))
	for len(args) < maxArgs {
		arg, after, more := bytes.Cut(text, []byte{0})
		args = append(args, string(arg))
		if !more {
			break
		}
		text = after
	}
	return args
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
