package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

// The words that pass over the socket, a line each.
const (
	showRequest = "show"  // asks the running instance to show its window
	shownReply  = "shown" // it will
	denyReply   = "what?" // it does not know the word
)

// How long each step between two instances may take.
const (
	// requestTime is for one question and its answer; both are a line over a local socket.
	requestTime = 2 * time.Second
	// claimTime is how long a start goes on when the other instance neither
	// answers nor leaves: it may be just starting, or just quitting.
	claimTime = 5 * time.Second
	// claimPause is between two tries.
	claimPause = 50 * time.Millisecond
)

// maxSocketPath is the longest path a Unix-domain socket may have everywhere:
// sun_path holds 104 bytes on macOS, 108 on Linux, a zero byte at the end included.
const maxSocketPath = 103

// errRunning is what claim gives when another instance of this user is running.
var errRunning = errors.New("another instance is running")

// instance is this process's claim to be the only Portolan of its user.
//
// The claim is a lock on a file, which the kernel lets go of when the process
// ends, however it ends; so a socket left over from a crash is never mistaken
// for a living instance, and two starts at once cannot both win.
type instance struct {
	lock     *os.File
	listener *net.UnixListener
	closing  sync.Once
}

// openInstance makes this process the only instance, or has the running one show
// its window. It returns nil, nil in the second case: there is nothing left to do.
func openInstance(ctx context.Context, dir string) (*instance, error) {
	ctx, cancel := context.WithTimeout(ctx, claimTime)
	defer cancel()
	for {
		in, err := claim(dir)
		if !errors.Is(err, errRunning) {
			return in, err
		}
		asked := askToShow(ctx, dir)
		if asked == nil {
			return nil, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w, but does not answer: %w", errRunning, asked)
		case <-time.After(claimPause):
		}
	}
}

// claim takes the lock in dir, which it makes if need be, and opens the socket.
// The error is errRunning when another process holds the lock.
func claim(dir string) (*instance, error) {
	if err := makePrivate(dir); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the instance lock: %w", err)
	}
	if err := lockFile(lock); err != nil {
		lock.Close()
		return nil, err
	}
	listener, err := listen(filepath.Join(dir, "socket"))
	if err != nil {
		lock.Close()
		return nil, err
	}
	return &instance{lock: lock, listener: listener}, nil
}

// listen opens the socket at path. Whoever holds the lock may remove what is
// there: it can only be left over.
func listen(path string) (*net.UnixListener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove the old instance socket: %w", err)
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("open the instance socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		listener.Close()
		return nil, fmt.Errorf("protect the instance socket: %w", err)
	}
	return listener, nil
}

// makePrivate makes dir for this user alone. A directory that others may enter,
// or that somebody else made, is refused: it may lie in a place where all may write.
func makePrivate(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the instance folder: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("look at the instance folder: %w", err)
	}
	if !info.IsDir() || info.Mode().Perm()&0o077 != 0 || !ownedByUs(info) {
		return fmt.Errorf("use the instance folder %s: it is not this user's alone", dir)
	}
	return nil
}

// serve answers other starts until Close. show is called for each that asks for
// the window, from a goroutine of its own.
func (in *instance) serve(show func()) {
	for {
		conn, err := in.listener.AcceptUnix()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			slog.Warn("instance socket", "err", err)
			return
		}
		go answer(conn, show)
	}
}

// answer reads one line of a few bytes at most and replies to it.
func answer(conn net.Conn, show func()) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(requestTime))
	line, err := bufio.NewReader(io.LimitReader(conn, 64)).ReadString('\n')
	if err != nil {
		slog.Debug("instance request", "err", err)
		return
	}
	reply := denyReply
	if strings.TrimSuffix(line, "\n") == showRequest {
		reply = shownReply
		show()
	}
	if _, err := io.WriteString(conn, reply+"\n"); err != nil {
		slog.Debug("instance reply", "err", err)
	}
}

// Close ends the claim: the socket goes first, so that a start in between waits
// for the lock and becomes the next instance, instead of asking one that is leaving.
func (in *instance) Close() {
	in.closing.Do(func() {
		in.listener.Close() // this removes the socket file
		in.lock.Close()
	})
}

// askToShow has the instance that listens in dir show its window.
func askToShow(ctx context.Context, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", filepath.Join(dir, "socket"))
	if err != nil {
		return fmt.Errorf("reach the running instance: %w", err)
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	if _, err := io.WriteString(conn, showRequest+"\n"); err != nil {
		return fmt.Errorf("ask the running instance: %w", err)
	}
	line, err := bufio.NewReader(io.LimitReader(conn, 64)).ReadString('\n')
	if err != nil {
		return fmt.Errorf("hear the running instance: %w", err)
	}
	if line != shownReply+"\n" {
		return fmt.Errorf("hear the running instance: it answered %q", line)
	}
	return nil
}

// instanceDir is the folder of the lock and the socket: one for each user.
// XDG_RUNTIME_DIR is the place on Linux (it is emptied at log-out), the user's
// cache folder elsewhere: ~/Library/Caches on macOS. A home with a path too long for
// a socket's name falls back to the temporary folder.
func instanceDir(getenv func(string) string) (string, error) {
	base := ""
	if runtime.GOOS == "linux" {
		base = getenv("XDG_RUNTIME_DIR")
	}
	if base == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find the user's cache folder: %w", err)
		}
		base = cache
	}
	dir := filepath.Join(base, "portolan")
	if len(filepath.Join(dir, "socket")) > maxSocketPath {
		dir = filepath.Join(os.TempDir(), fmt.Sprintf("portolan-%d", os.Getuid()))
	}
	return dir, nil
}
