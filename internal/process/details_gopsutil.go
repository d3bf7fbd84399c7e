//go:build linux || (darwin && cgo)

package process

import (
	"context"

	"github.com/shirou/gopsutil/v3/process"
)

// readDetails asks gopsutil. Each part that may not be read stays empty: that is no error.
func readDetails(ctx context.Context, pid int) (Details, error) {
	p := process.Process{Pid: int32(pid)}
	var d Details
	if command, err := p.CmdlineSliceWithContext(ctx); err == nil && len(command) > 0 {
		d.Command = command
	}
	if directory, err := p.CwdWithContext(ctx); err == nil {
		d.Directory = directory
	}
	if memory, err := p.MemoryInfoWithContext(ctx); err == nil && memory != nil {
		d.Memory = memory.RSS
	}
	return d, ctx.Err()
}
