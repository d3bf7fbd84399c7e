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

func (k *kinfo) zombie() bool { return k.stat == statZombie }

// decodeKinfo reads the records of kern.proc. No bytes at all is what the kernel says of a
// PID that does not exist. The whole records before a cut one are returned beside the error.
func decodeKinfo(buf []byte) ([]kinfo, error) {
	le := binary.LittleEndian
	processes := make([]kinfo, 0, len(buf)/sizeKinfo)
	for ; len(buf) >= sizeKinfo; buf = buf[sizeKinfo:] {
		processes = append(processes, kinfo{
			started: unixTime(le.Uint64(buf), uint64(le.Uint32(buf[8:]))),
			stat:    buf[36],
			pid:     int32(le.Uint32(buf[40:])),
			comm:    cString(buf[243 : 243+maxKinfoLen+1]),
			ruid:    le.Uint32(buf[392:]),
			euid:    le.Uint32(buf[420:]),
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

// CountOthers counts, in what macOS's sysctl kern.proc.all returns, the processes of all users but
// uid. The kernel itself (PID 0) is not counted, nor are those that have ended and
// only wait to be asked about (zombies). Beside an error it is the count of what precedes the fault.
func CountOthers(kernProcAll []byte, uid int) (int, error) {
	processes, err := decodeKinfo(kernProcAll)
	others := 0
	for i := range processes {
		if p := &processes[i]; p.pid > 0 && !p.zombie() && int(p.euid) != uid {
			others++
		}
	}
	return others, err
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
