package process

import (
	"os/user"
	"strconv"
	"sync"
	"time"
)

// userMissKept is how long a user id without a name is not asked for again: the
// user may be made while we run, and asking can cost a network round trip.
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
	defer users.Unlock()
	if name, ok := users.names[uid]; ok {
		return name
	}
	number := strconv.Itoa(uid)
	if at, ok := users.misses[uid]; ok && time.Since(at) < userMissKept {
		return number
	}
	if u, err := user.LookupId(number); err == nil && u.Username != "" {
		users.names[uid] = u.Username
		return u.Username
	}
	users.misses[uid] = time.Now()
	return number
}
