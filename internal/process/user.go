package process

import (
	"os/user"
	"strconv"
	"sync"
	"time"
)

const (
	// userMissKept is how long a user id without a name is not asked for again: the
	// user may be added while we run, and asking can cost a network round trip.
	userMissKept = time.Minute
	// userPatience is how long a name is waited for: a directory server (LDAP) that does not
	// answer must not keep a refresh.
	userPatience = 200 * time.Millisecond
)

// userNames asks for the names of users and keeps them. It is safe for use by several goroutines.
type userNames struct {
	ask func(number string) (name string, err error) // may take its time

	mu     sync.Mutex
	names  map[int]string
	misses map[int]time.Time // when it had no name
	asking map[int]*userQuestion
	late   int // questions that were waited for in vain, and are still open
}

// userQuestion is one that has no answer yet.
type userQuestion struct {
	answered chan struct{} // closed when there is one
	late     bool
}

func newUserNames(ask func(string) (string, error)) *userNames {
	return &userNames{ask: ask, names: map[int]string{}, misses: map[int]time.Time{}, asking: map[int]*userQuestion{}}
}

var users = newUserNames(func(number string) (string, error) {
	u, err := user.LookupId(number)
	if err != nil {
		return "", err
	}
	return u.Username, nil
})

// UserName gives the login name of a user id; the number as text when it has no
// name, and while the system does not answer in time; "" for -1. Answers are kept. It is safe for use by several goroutines.
func UserName(uid int) string {
	if uid < 0 {
		return ""
	}
	return users.name(uid)
}

func (u *userNames) name(uid int) string {
	u.mu.Lock()
	defer u.mu.Unlock()
	number := strconv.Itoa(uid)
	if missed, ok := u.misses[uid]; u.names[uid] == "" && (!ok || time.Since(missed) >= userMissKept) {
		u.wait(u.question(uid, number))
	}
	if name := u.names[uid]; name != "" {
		return name
	}
	return number
}

// question gives the one that is open, or opens one. u is locked.
func (u *userNames) question(uid int, number string) *userQuestion {
	q := u.asking[uid]
	if q != nil {
		return q
	}
	q = &userQuestion{answered: make(chan struct{})}
	u.asking[uid] = q
	go func() {
		name, err := u.ask(number) // not under the lock
		u.mu.Lock()
		defer u.mu.Unlock()
		if err == nil && name != "" {
			u.names[uid] = name
		} else {
			u.misses[uid] = time.Now()
		}
		if q.late {
			u.late--
		}
		delete(u.asking, uid)
		close(q.answered)
	}()
	return q
}

// wait waits for an answer, but not for long, and not at all while another is late: they come from the same
// server. u is locked before and after.
func (u *userNames) wait(q *userQuestion) {
	if u.late > 0 {
		return
	}
	u.mu.Unlock()
	defer u.mu.Lock()
	timer := time.NewTimer(userPatience)
	defer timer.Stop()
	select {
	case <-q.answered:
	case <-timer.C:
		u.mu.Lock()
		defer u.mu.Unlock()
		select {
		case <-q.answered: // at the last moment
		default:
			if !q.late {
				q.late = true
				u.late++
			}
		}
	}
}
