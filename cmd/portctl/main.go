// Portctl shows every open port of this computer in the terminal, says which process
// holds it, and ends that process. Its JSON and its exit codes are made for scripts.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	// A closed pipe is then an error of write, which output knows, and not our death.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends us at once
	os.Exit(execute(ctx, thisSystem(), os.Args[1:]))
}
