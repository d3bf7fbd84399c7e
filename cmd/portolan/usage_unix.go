//go:build unix

package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

// tellUsage logs what the app has in use whenever SIGUSR1 comes, for as long as ctx is not done. It is for the
// debug log: `portolan -debug`, and `kill -USR1 PID` from time to time, tell whether something grows.
func tellUsage(ctx context.Context) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1)
	defer signal.Stop(asked)
	for {
		select {
		case <-ctx.Done():
			return
		case <-asked:
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			slog.Debug("usage", "goroutines", runtime.NumGoroutine(), "heap", m.HeapAlloc>>10, "objects", m.HeapObjects,
				"idle", (m.HeapIdle-m.HeapReleased)>>10, "stacks", m.StackInuse>>10, "system", (m.Sys-m.HeapReleased)>>10, "collections", m.NumGC)
		}
	}
}
