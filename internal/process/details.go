package process

import (
	"context"
	"fmt"
)

// Details are what is read of one process when a person asks about it, and never in a refresh.
type Details struct {
	// Command is what the process was started with, the program first; nil when it may not
	// be read, and for threads of the kernel. It comes from outside and may hold anything.
	Command []string
	// Directory is its working directory; "" when it may not be read.
	Directory string
	// Memory is what it has in memory now, in bytes; 0 when that may not be read.
	Memory uint64
}

// ReadDetails reads the details of the process that id names. The error wraps ErrGone
// when it has ended, and errors.ErrUnsupported where no details are to be had:
// on macOS in a program built without cgo, where they could only be had by running ps.
func ReadDetails(ctx context.Context, id ID) (Details, error) {
	d, err := readDetails(ctx, id.PID)
	if err != nil {
		return Details{}, fmt.Errorf("read details of process %d: %w", id.PID, err)
	}
	// Checked last: had the number been passed on before, the details would be another's.
	if now, err := Identify(id.PID); err != nil {
		return Details{}, fmt.Errorf("read details of process %d: %w", id.PID, err)
	} else if now != id {
		return Details{}, fmt.Errorf("read details of process %d: its number is another process now: %w", id.PID, ErrGone)
	}
	return d, nil
}
