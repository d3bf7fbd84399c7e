//go:build !linux && !darwin

package main

import "errors"

// reveal shows no file in its folder: without a program to run for it the folder is opened instead.
func reveal(string) error { return errors.ErrUnsupported }
