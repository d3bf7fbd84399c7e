package main

import (
	"context"
	"io"
	"io/fs"
	"strings"
	"time"
)

// lookAtPower is how often it is looked whether the computer runs on its battery.
const lookAtPower = 30 * time.Second

// watchPower calls tell whenever the computer goes over to its battery or back to the mains, and at
// first if it is on the battery already, until ctx is done. onBattery looks at it now.
func watchPower(ctx context.Context, onBattery func() bool, tell func(onBattery bool)) {
	tick := time.NewTicker(lookAtPower)
	defer tick.Stop()
	for told := false; ; {
		if now := onBattery(); now != told {
			told = now
			tell(now)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// powerSupply is what Linux says of one source of power (Documentation/ABI/testing/sysfs-class-power).
type powerSupply struct {
	kind   string // "Mains", "USB", "Battery", "UPS", "Wireless"
	online string // "0", "1", "2" (programmable); "" of a battery
	status string // "Charging", "Discharging", "Not charging", "Full", "Unknown"
	scope  string // "Device": it feeds a mouse, not the computer; "System" or ""
}

// discharging reports whether the computer lives on these: no other source is connected and a
// battery of its own is being emptied. A computer without a battery never does.
func discharging(supplies []powerSupply) bool {
	emptied := false
	for _, s := range supplies {
		switch {
		case s.scope == "Device":
		case s.kind == "Battery" || s.kind == "UPS":
			emptied = emptied || s.status == "Discharging"
		case s.online == "1" || s.online == "2":
			return false
		}
	}
	return emptied
}

// readPowerSupplies reads /sys/class/power_supply, or a folder like it. What cannot be read is left out.
func readPowerSupplies(class fs.FS) []powerSupply {
	folders, err := fs.ReadDir(class, ".")
	if err != nil {
		return nil
	}
	var supplies []powerSupply
	for _, folder := range folders {
		read := func(name string) string { return attribute(class, folder.Name()+"/"+name) }
		if kind := read("type"); kind != "" {
			supplies = append(supplies, powerSupply{kind: kind, online: read("online"), status: read("status"), scope: read("scope")})
		}
	}
	return supplies
}

// attribute reads one value of sysfs; "" when there is none.
func attribute(class fs.FS, name string) string {
	file, err := class.Open(name)
	if err != nil {
		return ""
	}
	defer file.Close()                                  //nolint:errcheck // it was only read
	text, err := io.ReadAll(io.LimitReader(file, 4096)) // sysfs gives a page at most
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
