//go:build !darwin

package main

// setMainMenu is for macOS.
func (l *lifetime) setMainMenu() {}
