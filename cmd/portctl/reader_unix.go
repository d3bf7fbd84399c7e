//go:build unix

package main

import (
	"context"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// lookForReader is how often it is looked whether somebody still reads.
const lookForReader = 500 * time.Millisecond

// readerGone waits until nobody is left at the other end of out, a pipe or a socket, and returns true; false
// when ctx is done before, and at once for a file of another kind. Without it `portctl watch | head -1` would
// stay until it has something to write.
func readerGone(ctx context.Context, out *os.File) bool {
	info, err := out.Stat()
	if err != nil || info.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0 {
		return false
	}
	// Nothing is asked for: POLLERR and POLLHUP are told in any case (poll(2)).
	fds := []unix.PollFd{{Fd: int32(out.Fd())}}
	for ctx.Err() == nil {
		n, err := unix.Poll(fds, int(lookForReader.Milliseconds()))
		switch {
		case err == unix.EINTR:
		case err != nil:
			return false
		case n > 0:
			return fds[0].Revents&(unix.POLLERR|unix.POLLHUP) != 0
		}
	}
	return false
}
