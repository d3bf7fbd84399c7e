package main

/*
#cgo LDFLAGS: -framework IOKit -framework CoreFoundation
#include <IOKit/ps/IOPowerSources.h>
*/
import "C"

// onBattery reports whether the computer runs on its battery now. IOPSGetTimeRemainingEstimate
// gives kIOPSTimeRemainingUnlimited (-2) while it is on the mains, and -1 or the seconds that
// are left while it is not (IOPowerSources.h). It asks no other process.
func onBattery() bool { return C.IOPSGetTimeRemainingEstimate() != C.kIOPSTimeRemainingUnlimited }
