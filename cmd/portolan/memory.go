package main

import (
	"os"
	"runtime/debug"
	"time"
)

// gcPercent is how much garbage may pile up before it is collected, in percent of what is in use. Most of that is
// Fyne's fonts, some 30 MB, of which Go's 100 % would allow as much again; a refresh makes little garbage, so to collect it
// more than twice as often costs next to nothing.
const gcPercent = 40

// keepSmall has the app use less memory, unless GOGC says how much.
func keepSmall() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}

// giveBack returns to the system what the open window has needed and nothing needs now: for when it was hidden.
func giveBack() { go debug.FreeOSMemory() }

// settleTime is when the window that was opened has what it needs: the first read, its rows and its pictures are made.
const settleTime = 8 * time.Second

// giveBackSoon is giveBack for the window that was opened: to fill it leaves more garbage than to keep it up to date.
func giveBackSoon() { time.AfterFunc(settleTime, debug.FreeOSMemory) }
