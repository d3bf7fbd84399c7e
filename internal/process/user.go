package process

import (
	"os/user"
	"strconv"
	"sync"
	"time"
)

// userMissKept is how long a user id without a name is not asked for again: the
// user may be added while we run, and asking can cost a network round trip.
const userMissKept = time.Minute

var users = struct {
	sync.Mutex
	names  map[int]string
	misses map[int]time.Time
}{names: map[int]string{}, misses: map[int]time.Time{}}

// UserName gives the login name of a user id; the number as text when it has no
// name; "" for -1. Answers are kept. It is safe for use by several goroutines.
func UserName(uid int) string {
	if uid < 0 {
		return ""
	}
	users.Lock()
	name, known := users.names[uid]
	missed, ok := users.misses[uid]
	users.Unlock()
	number := strconv.Itoa(uid)
	switch {
	case known:
		return name
	case ok && time.Since(missed) < userMissKept:
		return number
	}
	// Not under the lock: a directory server may take its time.
	u, err := user.LookupId(number)
	users.Lock()
	defer users.Unlock()
	if err != nil || u.Username == "" {
		users.misses[uid] = time.Now()
		return number
	}
	users.names[uid] = u.Username
	return u.Username
}
