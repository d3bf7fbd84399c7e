package instance

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// nobody is a user who has nothing.
const nobody = 65534

// TestAnotherUserIsRefused: root can be another user, who then gets no answer though he gets at the socket. Who is not root cannot be:
// for him TestForeignersAreRefused tells the same.
func TestAnotherUserIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		return
	}
	dir := shortDir(t)
	in, err := claim(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	socket := filepath.Join(dir, "socket")
	for path, mode := range map[string]os.FileMode{filepath.Dir(dir): 0o755, dir: 0o755, socket: 0o777} { // the doors are open
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	asked := make(chan struct{}, 2)
	go in.Serve(onShow(func() { asked <- struct{}{} }))
	reply := make(chan string)
	go func() {
		runtime.LockOSThread() // which ends with this goroutine: only it is another user's
		defer close(reply)
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, nobody, nobody, nobody); errno != 0 {
			t.Error(errno)
			return
		}
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		if err != nil {
			t.Error(err)
			return
		}
		conn := os.NewFile(uintptr(fd), socket)
		defer conn.Close()
		if err := unix.Connect(fd, &unix.SockaddrUnix{Name: socket}); err != nil {
			t.Errorf("he does not get at the socket: %v", err)
			return
		}
		_, _ = io.WriteString(conn, Show+"\n") // it may have been hung up on already
		got, _ := io.ReadAll(conn)
		reply <- string(got)
	}()
	if got := <-reply; got != "" || len(asked) > 0 {
		t.Errorf("%q, asked %d times", got, len(asked))
	}
	if _, err := Ask(t.Context(), Show, dir); err != nil || len(asked) != 1 {
		t.Errorf("root: %v", err)
	}
}
