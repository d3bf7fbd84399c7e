package instance

import (
	"net"

	"golang.org/x/sys/unix"
)

// errNobodyListens is what a socket says whose process has gone.
const errNobodyListens = unix.ECONNREFUSED

// peerUser is the effective user of the process at the other end (LOCAL_PEERCRED, unix(4)).
func peerUser(conn *net.UnixConn) (uid int, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return -1, err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		var cred *unix.Xucred
		if cred, failed = unix.GetsockoptXucred(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERCRED); failed == nil {
			uid = int(cred.Uid)
		}
	})
	if err != nil {
		return -1, err
	}
	return uid, failed
}
