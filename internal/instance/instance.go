// Package instance makes this process the only Portolan of its user, and lets other programs of that
// user ask it something.
package instance

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A question is one line, a word and perhaps an argument. The answer begins with one of
// these lines; after yes comes whatever the word asks for, up to the end.
const (
	yes = "yes"
	// refused: the word is not known, or could not be answered; a text may follow.
	refused = "no"
)

// Show asks the running instance to show its window.
const Show = "show"

// How long each step between two instances may take.
const (
	// requestTime is for one question and its answer, over a local socket.
	requestTime = 5 * time.Second
	// questionTime is for the question alone, once somebody is there: who says nothing keeps others waiting.
	questionTime = time.Second
	// claimTime is how long a start goes on when the other instance neither
	// answers nor leaves: it may be just starting, or just quitting.
	claimTime = 5 * time.Second
	// claimPause is between two tries.
	claimPause = 50 * time.Millisecond
)

// maxSocketPath is the longest path a Unix-domain socket may have everywhere:
// sun_path holds 104 bytes on macOS, 108 on Linux, a zero byte at the end included.
const maxSocketPath = 103

// maxQuestion is the longest question, in bytes.
const maxQuestion = 256

// answersAtOnce is how many are answered at once; who comes then waits in the listener's queue. An answer may take many megabytes.
const answersAtOnce = 4

// acceptPause is the time until the next try where nobody can be let in: when too many files are open, say.
const acceptPause = 100 * time.Millisecond

var (
	// errRunning is what claim gives when another instance of this user is running.
	errRunning = errors.New("another instance is running")
	// ErrNone is what Ask gives when no instance of this user is running.
	ErrNone = errors.New("no instance is running")
)

// Answer answers one question: it writes what is asked for to w. An error, before anything
// was written, is told to who asks.
type Answer func(w io.Writer, argument string) error

// Instance is this process's claim to be the only Portolan of its user.
//
// The claim is a lock on a file, which the kernel lets go of when the process
// ends, however it ends; so a socket left over from a crash is never mistaken
// for a living instance, and two starts at once cannot both win.
type Instance struct {
	lock     *os.File
	listener *net.UnixListener
	closing  sync.Once
}

// Open makes this process the only instance, or has the running one show its window. It
// returns nil, nil in the second case: there is nothing left to do. dirs are those of Dirs, at least one.
func Open(ctx context.Context, dirs ...string) (*Instance, error) {
	ctx, cancel := context.WithTimeout(ctx, claimTime)
	defer cancel()
	if _, err := Ask(ctx, Show, dirs[1:]...); err == nil {
		return nil, nil // it runs in another place
	}
	for {
		in, err := claim(dirs[0])
		if !errors.Is(err, errRunning) {
			return in, err
		}
		_, asked := Ask(ctx, Show, dirs[0])
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
func claim(dir string) (*Instance, error) {
	if err := makePrivate(dir); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the instance lock: %w", err)
	}
	if err := lockFile(lock); err != nil {
		_ = lock.Close()
		return nil, err
	}
	listener, err := listen(filepath.Join(dir, "socket"))
	if err != nil {
		_ = lock.Close()
		return nil, err
	}
	return &Instance{lock: lock, listener: listener}, nil
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
		_ = listener.Close()
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

// Serve answers programs of the same user until Close, by the words of their questions, each from a goroutine of its own
// and answersAtOnce at once.
func (in *Instance) Serve(answers map[string]Answer) {
	places := make(chan struct{}, answersAtOnce)
	for {
		places <- struct{}{}
		conn, err := in.listener.AcceptUnix()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // of the one who asked, or of this computer: too many open files pass
			slog.Warn("instance socket", "err", err)
			<-places
			time.Sleep(acceptPause)
			continue
		}
		go func() {
			defer func() { <-places }()
			answer(conn, os.Geteuid(), answers)
		}()
	}
}

// answer reads one line of a program of the user, and replies to it.
func answer(conn *net.UnixConn, user int, answers map[string]Answer) {
	defer conn.Close() //nolint:errcheck // nothing is left to be told
	_ = conn.SetDeadline(time.Now().Add(requestTime))
	_ = conn.SetReadDeadline(time.Now().Add(questionTime))
	if err := checkPeer(conn, user); err != nil {
		slog.Warn("instance request refused", "err", err)
		return
	}
	line, err := bufio.NewReader(io.LimitReader(conn, maxQuestion)).ReadString('\n')
	if err != nil {
		slog.Debug("instance request", "err", err)
		return
	}
	word, argument, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
	reply := &replier{to: bufio.NewWriter(conn)}
	if f := answers[word]; f == nil {
		err = errors.New("it does not know the question")
	} else {
		err = f(reply, argument)
	}
	if err := reply.end(err); err != nil {
		slog.Debug("instance reply", "err", err)
	}
}

// checkPeer refuses everybody but programs of the user. The socket's mode does the same; but not
// every system looks at that.
func checkPeer(conn *net.UnixConn, user int) error {
	uid, err := peerUser(conn)
	if err != nil {
		return fmt.Errorf("ask who is there: %w", err)
	}
	if uid != user {
		return fmt.Errorf("user %d is not the one that runs this", uid)
	}
	return nil
}

// replier writes the line yes before the first that an Answer writes.
type replier struct {
	to    *bufio.Writer
	begun bool
}

func (r *replier) Write(b []byte) (int, error) {
	if !r.begun {
		r.begun = true
		if _, err := r.to.WriteString(yes + "\n"); err != nil {
			return 0, err
		}
	}
	return r.to.Write(b)
}

// end finishes the reply: with what went wrong, when nothing was written.
func (r *replier) end(err error) error {
	switch {
	case err == nil:
		_, err = r.Write(nil)
	case !r.begun:
		_, err = fmt.Fprintf(r.to, "%s %v\n", refused, err)
	}
	return errors.Join(err, r.to.Flush())
}

// Close ends the claim: the socket goes first, so that a start in between waits
// for the lock and becomes the next instance, instead of asking one that is leaving.
func (in *Instance) Close() {
	in.closing.Do(func() {
		_ = in.listener.Close() // this removes the socket file
		_ = in.lock.Close()
	})
}

// Ask asks the instance that runs in one of the folders, see Dirs, a word and perhaps an argument after a blank, and gives its
// whole answer, of maxAnswer bytes at most. The error wraps ErrNone when there is none.
func Ask(ctx context.Context, question string, dirs ...string) ([]byte, error) {
	whole := ErrNone // why: the first that tells more than that there is none
	for _, dir := range dirs {
		answer, err := ask(ctx, question, dir)
		if err == nil {
			return answer, nil
		}
		if errors.Is(whole, ErrNone) {
			whole = err
		}
	}
	return nil, whole
}

func ask(ctx context.Context, question, dir string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	conn, err := reach(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("reach the running instance: %w", err)
	}
	defer conn.Close() //nolint:errcheck // all was read
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	if _, err := io.WriteString(conn, question+"\n"); err != nil {
		return nil, fmt.Errorf("ask the running instance: %w", err)
	}
	all, err := io.ReadAll(io.LimitReader(conn, maxAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("hear the running instance: %w", err)
	case len(all) > maxAnswer:
		return nil, fmt.Errorf("hear the running instance: it says more than %d MB", maxAnswer>>20)
	}
	line, rest, whole := bytes.Cut(all, []byte("\n"))
	if why, no := bytes.CutPrefix(line, []byte(refused+" ")); whole && no {
		return nil, fmt.Errorf("the running instance refuses: %.200s", why)
	}
	if !whole || string(line) != yes {
		return nil, fmt.Errorf("hear the running instance: it answered %.40q", line)
	}
	return rest, nil
}

// maxAnswer is the longest answer that is taken.
const maxAnswer = 64 << 20

func reach(ctx context.Context, dir string) (*net.UnixConn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", filepath.Join(dir, "socket"))
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, errNobodyListens) {
		return nil, fmt.Errorf("%w: %w", ErrNone, err)
	}
	if err != nil {
		return nil, err
	}
	unix := conn.(*net.UnixConn) // that is what dialing "unix" gives
	if err := checkPeer(unix, os.Geteuid()); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return unix, nil
}

// Dirs are the folders in which the instance of this user may have its lock and its socket: in the first one that starts now has it.
//
// On Linux that is in XDG_RUNTIME_DIR, which is emptied at log-out. Who comes by su, cron or sometimes ssh does not have the
// variable; the folder is there all the same where systemd or elogind keeps it. Last, and on macOS alone, it is the
// user's cache folder, ~/Library/Caches there. What is too long a path for a socket's name falls back to the temporary folder.
func Dirs(getenv func(string) string) ([]string, error) {
	return dirs(runtime.GOOS, getenv, "/run/user")
}

// dirs is Dirs on a system, a GOOS. The runtime folders of all users are in run.
func dirs(system string, getenv func(string) string, run string) ([]string, error) {
	var bases []string
	if system == "linux" {
		if base := getenv("XDG_RUNTIME_DIR"); base != "" {
			bases = append(bases, base)
		}
		own := filepath.Join(run, strconv.Itoa(os.Geteuid()))
		if info, err := os.Stat(own); err == nil && info.IsDir() && info.Mode().Perm()&0o077 == 0 && ownedByUs(info) {
			bases = append(bases, own)
		}
	}
	cache, err := os.UserCacheDir()
	if err == nil {
		bases = append(bases, cache)
	}
	var all []string
	for _, base := range bases {
		dir := filepath.Join(base, "portolan")
		if len(filepath.Join(dir, "socket")) > maxSocketPath {
			dir = filepath.Join(os.TempDir(), fmt.Sprintf("portolan-%d", os.Getuid()))
		}
		if !slices.Contains(all, dir) {
			all = append(all, dir)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("find the user's cache folder: %w", err)
	}
	return all, nil
}
