package netstat

import (
	"path/filepath"
	"testing"
)

// ReadScenario reads the sockets of one of the fake Macs in testdata/darwin, for the tests outside the package.
func ReadScenario(t *testing.T, name string) *Snapshot {
	t.Helper()
	m := openScenario(t, filepath.Join(ownFixtures, name))
	s, err := newScanner(m, m).read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}
