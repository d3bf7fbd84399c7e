package main

/*
#cgo CFLAGS: -x objective-c -Wall
#cgo LDFLAGS: -framework Cocoa
#include <stdlib.h>

void portolanReveal(const char *path);
*/
import "C"

import (
	"unsafe"

	"fyne.io/fyne/v2"
)

// reveal has the Finder show a file in its folder, selected. Whether it did macOS does not say.
func reveal(path string) error {
	fyne.Do(func() {
		text := C.CString(path)
		defer C.free(unsafe.Pointer(text))
		C.portolanReveal(text)
	})
	return nil
}
