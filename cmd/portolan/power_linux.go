package main

import "os"

// onBattery reports whether the computer runs on its battery now.
func onBattery() bool { return discharging(readPowerSupplies(os.DirFS("/sys/class/power_supply"))) }
