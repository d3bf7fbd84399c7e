package main

import (
	"context"
	"time"

	"portolan/internal/netstat"
)

// settling is how long names are waited for that only a container's runtime knows: it may hang.
const settling = time.Second

// readOnce opens the reader, reads one snapshot with all names and closes the reader. counts: with the byte
// counters, which take the kernel about as long as all the rest of the sockets.
func readOnce(ctx context.Context, sys *system, counts bool) (*netstat.Snapshot, error) {
	reader, err := sys.open()
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	reader.CountBytes(counts)
	return readNamed(ctx, sys, reader)
}

// readNamed reads a snapshot, and again when names that had to be asked for have come meanwhile.
// That the second read fails is no reason to give nothing.
func readNamed(ctx context.Context, sys *system, reader source) (*netstat.Snapshot, error) {
	snapshot, err := reader.Read(ctx)
	if err != nil {
		return nil, err
	}
	waiting, cancel := context.WithTimeout(ctx, settling)
	defer cancel()
	if !sys.settle(waiting) {
		return snapshot, nil
	}
	if named, err := reader.Read(ctx); err == nil {
		return named, nil
	}
	return snapshot, nil
}
