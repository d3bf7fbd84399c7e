//go:build !darwin

package main

// becomeAccessory is for macOS: elsewhere an app without a window has no place in
// the Dock to leave.
func becomeAccessory(bool, func()) error { return nil }

// newDock is for macOS too.
func newDock() func(shown bool) { return nil }

// whileMenuOpen is for macOS: elsewhere a menu holds up nothing.
func whileMenuOpen(func()) {}
