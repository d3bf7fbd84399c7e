package watch

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/table"
)

const (
	// maxSeen is how many apps are remembered. Those that were not there for the longest time are forgotten first.
	maxSeen = 2000
	// maxKey is the length in bytes from which a key is remembered by its digest.
	maxKey = 200
)

// Seen are the apps that are known to listen to the network. The zero Seen has learned nothing: its first
// look takes all that is there as known.
type Seen struct {
	learned bool
	days    map[string]int64 // by key: the day on which it was there last, counted from 1970
}

// Len is how many apps are remembered.
func (s Seen) Len() int { return len(s.days) }

func day(now time.Time) int64 { return now.Unix() / (24 * 60 * 60) }

// note remembers that an app is there, and reports whether it is new and whether there is anything to keep.
func (s *Seen) note(key string, now time.Time) (newcomer, changed bool) {
	if s.days == nil {
		s.days = map[string]int64{}
	}
	last, known := s.days[key]
	today := day(now)
	// A clock that was set back must not make an app look as if it had been gone for long.
	if known && last >= today {
		return false, false
	}
	s.days[key] = today
	if len(s.days) > maxSeen {
		s.forget(key)
	}
	return !known, true
}

// forget drops the app that has been away for the longest time, but not the one that has just come.
func (s *Seen) forget(but string) {
	oldest := slices.MinFunc(slices.Collect(maps.Keys(s.days)), func(a, b string) int {
		switch {
		case a == but:
			return 1
		case b == but:
			return -1
		}
		return cmp.Or(cmp.Compare(s.days[a], s.days[b]), cmp.Compare(a, b))
	})
	delete(s.days, oldest)
}

// clone gives a Seen that can be kept while this one goes on.
func (s Seen) clone() Seen { return Seen{s.learned, maps.Clone(s.days)} }

// newcomer is an app that begins to listen to the network.
type newcomer struct {
	name     string // cleaned; "" when nobody may say whose it is
	user     string // cleaned
	protocol netstat.Protocol
	port     uint16
	at       time.Time
}

// open reports whether others on the network can talk to the socket unasked. A program's own UDP port that the kernel
// handed out is no listener: it waits for answers.
func open(s *netstat.Socket, ephemeral port.Range) bool {
	switch table.Exposure(s) {
	case port.Network, port.LinkLocal:
		return s.State == netstat.Listen || s.Protocol == netstat.UDP && !table.Ephemeral(s, ephemeral)
	}
	return false
}

// keyOf is by what an app is known again. A container has another ID each time it is made anew, so that
// its name and image count. The port is not part of it: an app that is known may listen where it likes.
func keyOf(a app.App) string {
	key := a.Key()
	if a.Kind == app.Container && a.Image != "" {
		key = strings.Join([]string{a.Kind.String(), a.Name, a.Image}, "\x00")
	}
	return bounded(key)
}

// ownerlessKey is by what a socket is known again whose process may not be seen: user, protocol and port.
func ownerlessKey(s *netstat.Socket, ephemeral port.Range) string {
	number := s.Local.Port()
	if table.Ephemeral(s, ephemeral) {
		number = 0 // another one each time
	}
	return bounded(fmt.Sprintf("user\x00%d\x00%s\x00%d", s.UID, s.Protocol, number))
}

func bounded(key string) string {
	if len(key) <= maxKey {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return "sha256\x00" + hex.EncodeToString(sum[:])
}
