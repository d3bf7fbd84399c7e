package ui

import (
	"log/slog"
	"time"
)

// How often the sockets are read while nobody looks at the window: only the menu shows anything then, and a
// laptop's battery counts more.
const (
	// hiddenInterval is the time between two reads then, unless a longer one is chosen.
	hiddenInterval = 15 * time.Second
	// watchingInterval is the same where something is watched: so late a notification comes at most.
	watchingInterval = 5 * time.Second
	// onBatteryTimes is how many times as long it takes on the battery, by choice.
	onBatteryTimes = 3
	// onBatteryMost is up to which time that makes it longer.
	onBatteryMost = time.Minute
)

// pace is what decides how often the sockets are read.
type pace struct {
	chosen        time.Duration // in the settings
	visible       bool
	watching      bool // some watch rule is on
	onBattery     bool
	slowOnBattery bool
}

// interval is the time between two reads.
func (p pace) interval() time.Duration {
	every := p.chosen
	switch {
	case p.visible:
	case p.watching:
		every = max(every, watchingInterval)
	default:
		every = max(every, hiddenInterval)
	}
	if p.onBattery && p.slowOnBattery {
		every = max(every, min(every*onBatteryTimes, onBatteryMost))
	}
	return every
}

// pace gives what is so now. A time that the command line asks for goes before the settings.
func (u *UI) pace() pace {
	p := pace{chosen: u.settings.interval, visible: u.visible, watching: u.watching.any(), onBattery: u.onBattery, slowOnBattery: u.settings.slowOnBattery}
	if u.options.Interval > 0 {
		p.chosen = u.options.Interval
	}
	return p
}

// setPace has the sockets read as often as is due now.
func (u *UI) setPace() {
	every := u.pace().interval()
	u.options.Monitor.SetInterval(every)
	slog.Debug("pace", "every", every)
	u.model.setPace(every)
}

// SetOnBattery tells whether the computer lives on its battery.
func (u *UI) SetOnBattery(on bool) {
	u.onBattery = on
	u.setPace()
}
