package main

/*
#cgo CFLAGS: -x objective-c -Wall
#cgo LDFLAGS: -framework Cocoa
#include <stdbool.h>

bool portolanBecomeAccessory(void);
bool portolanListenForReopen(void);
*/
import "C"

import (
	"errors"
	"sync/atomic"
)

// reopened holds what is to be done when the app is opened a second time.
var reopened atomic.Pointer[func()]

// becomeAccessory makes the app one that lives in the menu bar only, and has onReopen called
// when it is opened again from the Finder. It must be called in the Fyne loop, once that runs.
func becomeAccessory(onReopen func()) error {
	reopened.Store(&onReopen)
	var errs []error
	if !C.portolanBecomeAccessory() {
		errs = append(errs, errors.New("leave the Dock: macOS refuses"))
	}
	if !C.portolanListenForReopen() {
		errs = append(errs, errors.New("listen for a second opening: no application delegate to teach"))
	}
	return errors.Join(errs...)
}

// portolanReopened is called by accessory_darwin.m, on the main thread.
//
//export portolanReopened
func portolanReopened() {
	if f := reopened.Load(); f != nil {
		(*f)()
	}
}
