package main

/*
#cgo CFLAGS: -x objective-c -Wall
#cgo LDFLAGS: -framework Cocoa
#include <stdlib.h>

void portolanTitle(const char *usual, const char *title);
*/
import "C"

import (
	"unsafe"

	"portolan/internal/language"
	"portolan/internal/ui"
)

// setMainMenu gives macOS the menu that it shows at the top of the screen. Elsewhere Fyne would draw one into
// the window, which has all of it anyhow.
func (l *lifetime) setMainMenu() {
	l.ui.Window().SetMainMenu(l.ui.MainMenu())
	for usual, title := range usualTitles() {
		from, to := C.CString(usual), C.CString(title)
		C.portolanTitle(from, to)
		C.free(unsafe.Pointer(from))
		C.free(unsafe.Pointer(to))
	}
}

// usualTitles are the lines that GLFW (cocoa_init.m, createMenuBar) and Fyne put into the menu in English, with what
// they are to be called.
func usualTitles() map[string]string {
	return map[string]string{
		ui.SettingsTitle:     language.T("Settings…"),
		"About Portolan":     language.F("About %s", appName),
		"Services":           language.T("Services"),
		"Hide Portolan":      language.F("Hide %s", appName),
		"Hide Others":        language.T("Hide Others"),
		"Show All":           language.T("Show All"),
		"Quit Portolan":      language.F("Quit %s", appName),
		"Window":             language.T("Window"),
		"Minimize":           language.T("Minimize"),
		"Zoom":               language.T("Zoom"),
		"Bring All to Front": language.T("Bring All to Front"),
		"Enter Full Screen":  language.T("Enter Full Screen"),
	}
}
