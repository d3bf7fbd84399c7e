package process

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"
)

// struct kinfo_proc (bsd/sys/sysctl.h in xnu): what sysctl kern.proc.all and
// kern.proc.pid tell of a process, of everybody's processes to everybody.
const (
	sizeKinfo   = 648
	statZombie  = 5  // SZOMB (bsd/sys/proc.h)
	maxKinfoLen = 16 // MAXCOMLEN: the longest p_comm
	noDevice    = -1 // NODEV (bsd/sys/types.h)

	offsetStat = 36
	offsetPID  = 40
	offsetEUID = 420
)

// kinfo is one record of kern.proc.
type kinfo struct {
	pid, ppid, pgid int32
	euid, ruid      uint32
	stat            byte
	comm            string
	started         time.Time
	terminal        int32 // e_tdev: the controlling terminal's device, noDevice for none
}

// decodeKinfo reads the records of kern.proc. No bytes at all is what the kernel says of a
// PID that does not exist. The whole records before a cut one are returned beside the error.
func decodeKinfo(buf []byte) ([]kinfo, error) {
	le := binary.LittleEndian
	processes := make([]kinfo, 0, len(buf)/sizeKinfo)
	for ; len(buf) >= sizeKinfo; buf = buf[sizeKinfo:] {
		processes = append(processes, kinfo{
			started: unixTime(le.Uint64(buf), uint64(le.Uint32(buf[8:]))),
			stat:    buf[offsetStat],
			pid:     int32(le.Uint32(buf[offsetPID:])),
			comm:    cString(buf[243 : 243+maxKinfoLen+1]),
			ruid:    le.Uint32(buf[392:]),
			euid:    le.Uint32(buf[offsetEUID:]),
			ppid:    int32(le.Uint32(buf[560:])),
			pgid:    int32(le.Uint32(buf[564:])),

			terminal: int32(le.Uint32(buf[572:])),
		})
	}
	if len(buf) > 0 {
		return processes, fmt.Errorf("decode kinfo_proc: %d bytes of %d", len(buf), sizeKinfo)
	}
	return processes, nil
}

// Living is one process that has not ended, as macOS lists it.
type Living struct {
	PID int
	UID int // the effective user
	// Started is when it was forked (p_starttime), in microseconds since 1970; exec does not change it.
	// Of two processes with the same PID it tells one from the other.
	Started uint64
}

// AppendLiving appends the processes that macOS's sysctl kern.proc.all lists, in the kernel's order, without
// the kernel itself (PID 0) and those that have ended and only wait to be asked about (zombies). Beside an
// error they are those that precede the fault.
func AppendLiving(to []Living, kernProcAll []byte) ([]Living, error) {
	le := binary.LittleEndian
	for ; len(kernProcAll) >= sizeKinfo; kernProcAll = kernProcAll[sizeKinfo:] {
		pid := int32(le.Uint32(kernProcAll[offsetPID:]))
		if pid <= 0 || kernProcAll[offsetStat] == statZombie {
			continue
		}
		to = append(to, Living{PID: int(pid), UID: int(le.Uint32(kernProcAll[offsetEUID:])),
			Started: le.Uint64(kernProcAll)*1e6 + uint64(le.Uint32(kernProcAll[8:]))})
	}
	if len(kernProcAll) > 0 {
		return to, fmt.Errorf("decode kinfo_proc: %d bytes of %d", len(kernProcAll), sizeKinfo)
	}
	return to, nil
}

// unixTime is the zero time for no time, and for one that cannot be.
func unixTime(seconds, micros uint64) time.Time {
	if seconds == 0 || seconds > 1<<40 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), int64(micros%1e6)*1000)
}

// cString is the text up to the first NUL.
func cString(b []byte) string {
	text, _, _ := bytes.Cut(b, []byte{0})
	return string(text)
}
