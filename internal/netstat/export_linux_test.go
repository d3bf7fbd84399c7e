package netstat

import "testing"

// Load is children that hold sockets, for the tests outside the package.
type Load struct{ load *load }

// StartLoad starts children which hold so many sockets together.
func StartLoad(tb testing.TB, children, sockets int) Load {
	tb.Helper()
	return Load{startLoad(tb, children, sockets)}
}

// Renew has about n sockets closed and as many opened.
func (l Load) Renew(tb testing.TB, n int) {
	tb.Helper()
	l.load.renew(tb, n)
}
