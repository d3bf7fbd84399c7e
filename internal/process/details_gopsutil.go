//go:build linux || (darwin && cgo)

package process

import (
	"context"
	"time"

	"github.com/shirou/gopsutil/v3/process"
)

// readUsage asks gopsutil. Each part that may not be read stays zero: that is no error.
func readUsage(ctx context.Context, pid int) usage {
	p := process.Process{Pid: int32(pid)}
	var u usage
	if memory, err := p.MemoryInfoWithContext(ctx); err == nil && memory != nil {
		u.memory = memory.RSS
	}
	if times, err := p.TimesWithContext(ctx); err == nil && times != nil {
		u.cpuTold = true
		u.cpu = time.Duration((times.User + times.System) * float64(time.Second))
	}
	return u
}
