//go:build !linux && !darwin

package main

func onBattery() bool { return false }
