package main

/*
#cgo CFLAGS: -x objective-c -Wall
#cgo LDFLAGS: -framework Cocoa
#include <stdbool.h>

bool portolanShowInDock(bool shown);
bool portolanListenForReopen(void);
void portolanTellWhileTracking(double seconds);
*/
import "C"

import (
	"errors"
	"log/slog"
	"sync/atomic"
)

// reopened holds what is to be done when the app is opened a second time.
var reopened atomic.Pointer[func()]

// becomeAccessory makes the app one that lives in the menu bar, shown in the Dock or not for now, and has onReopen
// called when it is opened again from the Finder. It must be called in the Fyne loop, once that runs.
func becomeAccessory(shown bool, onReopen func()) error {
	reopened.Store(&onReopen)
	var errs []error
	if !C.portolanShowInDock(C.bool(shown)) {
		errs = append(errs, errDock)
	}
	if !C.portolanListenForReopen() {
		errs = append(errs, errors.New("listen for a second opening: no application delegate to teach"))
	}
	return errors.Join(errs...)
}

var errDock = errors.New("join or leave the Dock: macOS refuses")

// newDock gives what has the app stand in the Dock, with menus at the top of the screen, or not.
func newDock() func(shown bool) {
	return func(shown bool) {
		if !C.portolanShowInDock(C.bool(shown)) {
			slog.Warn("the Dock", "shown", shown, "err", errDock)
		}
	}
}

// menuPace is how often an open menu is brought up to date, in seconds.
const menuPace = 1

// tracked holds what is to be done while a menu is open.
var tracked atomic.Pointer[func()]

// whileMenuOpen has f called now and then, in the Fyne loop's thread, while a menu is open and holds up that loop. It must be
// called there.
func whileMenuOpen(f func()) {
	tracked.Store(&f)
	C.portolanTellWhileTracking(menuPace)
}

// portolanTracking is called by accessory_darwin.m, on the main thread.
//
//export portolanTracking
func portolanTracking() {
	if f := tracked.Load(); f != nil {
		(*f)()
	}
}

// portolanReopened is called by accessory_darwin.m, on the main thread.
//
//export portolanReopened
func portolanReopened() {
	if f := reopened.Load(); f != nil {
		(*f)()
	}
}
