package main

import (
	"errors"
	"fmt"
	"slices"
)

// The exit codes: part of portctl's contract with scripts.
const (
	exitDone         = 0
	exitFailed       = 1
	exitUsage        = 2
	exitNothing      = 3 // nothing matched: no such socket, no such port, no such process
	exitNotPermitted = 4
	exitStillRunning = 5
)

// exitError is an error that knows its exit code. With an empty text the code is
// all there is left to tell: what happened has been printed already.
type exitError struct {
	code int
	text string
	err  error // the cause, for errors.Is; may be nil
}

func (e *exitError) Error() string { return e.text }
func (e *exitError) Unwrap() error { return e.err }

// exitWith ends the command with a code and says nothing more.
func exitWith(code int) error {
	if code == exitDone {
		return nil
	}
	return &exitError{code: code}
}

// exitf ends the command with a code and a message.
func exitf(code int, format string, a ...any) error {
	err := fmt.Errorf(format, a...)
	return &exitError{code: code, text: err.Error(), err: errors.Unwrap(err)}
}

// codeOf gives the exit code for what a command returned.
func codeOf(err error) int {
	var coded *exitError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &coded):
		return coded.code
	default:
		return exitFailed
	}
}

// worst picks the code to end with when several things were asked for and came
// out differently: what went wrong without a name first, then what the person
// may not do, then what did not end, then what was not there.
func worst(codes ...int) int {
	for _, code := range []int{exitFailed, exitUsage, exitNotPermitted, exitStillRunning, exitNothing} {
		if slices.Contains(codes, code) {
			return code
		}
	}
	return exitDone
}
