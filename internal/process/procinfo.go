package process

import (
	"encoding/binary"
	"fmt"
	"time"
)

// What libproc tells about a process (bsd/sys/proc_info.h in xnu; the sizes and
// offsets are the same from macOS 10.15 to 15.6).

// Flavors of proc_pidinfo, and the sizes of what they return.
const (
	pidBSDInfo      = 3  // PROC_PIDTBSDINFO: only of this user's processes
	pidVnodePath    = 9  // PROC_PIDVNODEPATHINFO: only of this user's processes
	pidPathInfo     = 11 // PROC_PIDPATHINFO: of everybody's
	pidShortBSDInfo = 13 // PROC_PIDT_SHORTBSDINFO: of everybody's
	pidUniqueID     = 17 // PROC_PIDUNIQIDENTIFIERINFO: of everybody's

	sizeBSDInfo      = 136
	sizeShortBSDInfo = 64
	sizeUniqueID     = 56
	sizeVnodePath    = 2352
	sizePath         = 4096 // PROC_PIDPATHINFO_MAXSIZE
)

// bsdInfo is struct proc_bsdinfo, and struct proc_bsdshortinfo, which has
// neither the longer name nor the descriptors nor the start.
type bsdInfo struct {
	pid, ppid, pgid int32
	uid, ruid       uint32 // effective and real
	status, flags   uint32
	comm            [16]byte // MAXCOMLEN: at most 15 bytes and a zero
	name            string   // at most 31 bytes; may be empty
	files           uint32
	started         time.Time
}

func decodeBSDInfo(b []byte) (bsdInfo, error) {
	if len(b) != sizeBSDInfo {
		return bsdInfo{}, fmt.Errorf("decode proc_bsdinfo: %d bytes of %d", len(b), sizeBSDInfo)
	}
	le := binary.LittleEndian
	return bsdInfo{
		flags: le.Uint32(b), status: le.Uint32(b[4:]),
		pid: int32(le.Uint32(b[12:])), ppid: int32(le.Uint32(b[16:])),
		uid: le.Uint32(b[20:]), ruid: le.Uint32(b[28:]),
		comm: [16]byte(b[48:64]), name: cString(b[64:96]),
		files: le.Uint32(b[96:]), pgid: int32(le.Uint32(b[100:])),
		started: unixTime(le.Uint64(b[120:]), le.Uint64(b[128:])),
	}, nil
}

func decodeShortBSDInfo(b []byte) (bsdInfo, error) {
	if len(b) != sizeShortBSDInfo {
		return bsdInfo{}, fmt.Errorf("decode proc_bsdshortinfo: %d bytes of %d", len(b), sizeShortBSDInfo)
	}
	le := binary.LittleEndian
	return bsdInfo{
		pid: int32(le.Uint32(b)), ppid: int32(le.Uint32(b[4:])), pgid: int32(le.Uint32(b[8:])),
		status: le.Uint32(b[12:]), comm: [16]byte(b[16:32]), flags: le.Uint32(b[32:]),
		uid: le.Uint32(b[36:]), ruid: le.Uint32(b[44:]),
	}, nil
}

// uniqueID is struct proc_uniqidentifierinfo.
type uniqueID struct {
	unique  uint64 // p_uniqueid: never given twice between two starts of the system; kept over exec
	parent  uint64 // p_puniqueid: that of the process it was forked from
	version uint32 // p_idversion: another with every exec; 0 before macOS 11
}

func decodeUniqueID(b []byte) (uniqueID, error) {
	if len(b) != sizeUniqueID {
		return uniqueID{}, fmt.Errorf("decode proc_uniqidentifierinfo: %d bytes of %d", len(b), sizeUniqueID)
	}
	le := binary.LittleEndian
	return uniqueID{unique: le.Uint64(b[16:]), parent: le.Uint64(b[24:]), version: le.Uint32(b[32:])}, nil
}

// decodeWorkingDirectory reads the first of the two paths in struct proc_vnodepathinfo,
// pvi_cdir.vip_path; the second is that of the process's root. It is "" when the system did not find a path.
func decodeWorkingDirectory(b []byte) (string, error) {
	if len(b) != sizeVnodePath {
		return "", fmt.Errorf("decode proc_vnodepathinfo: %d bytes of %d", len(b), sizeVnodePath)
	}
	return cString(b[152 : 152+1024]), nil
}

// auditToken is audit_token_t as proc_signal_with_audittoken looks at it: the
// PID in word 5 and p_idversion in word 7 (bsd/kern/proc_info.c in xnu).
func auditToken(pid int, version uint32) (token [8]uint32) {
	token[5], token[7] = uint32(pid), version
	return token
}
