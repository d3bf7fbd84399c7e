//go:build !linux && !(darwin && cgo)

package process

import "context"

// readUsage: without cgo, gopsutil would run ps on macOS, which no program of ours does.
func readUsage(context.Context, int) usage { return usage{} }
