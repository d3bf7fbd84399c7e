//go:build !darwin

package main

// becomeAccessory is for macOS: elsewhere an app without a window has no place in
// the Dock to leave.
func becomeAccessory(func()) error { return nil }
