package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"
)

func TestDischarging(t *testing.T) {
	mains := func(online string) powerSupply { return powerSupply{kind: "Mains", online: online} }
	battery := func(status string) powerSupply { return powerSupply{kind: "Battery", status: status, scope: "System"} }
	tests := []struct {
		name     string
		supplies []powerSupply
		want     bool
	}{
		{"a desktop", nil, false},
		{"a desktop that shows its mains", []powerSupply{mains("1")}, false},
		{"a laptop on the mains", []powerSupply{mains("1"), battery("Charging")}, false},
		{"a laptop on its battery", []powerSupply{mains("0"), battery("Discharging")}, true},
		{"the battery first", []powerSupply{battery("Discharging"), mains("0")}, true},
		{"a weak charger: the battery is emptied all the same", []powerSupply{{kind: "USB", online: "1"}, battery("Discharging")}, false},
		{"a programmable charger", []powerSupply{{kind: "USB", online: "2"}, battery("Discharging")}, false},
		{"full, held at 80 %", []powerSupply{mains("1"), battery("Not charging")}, false},
		{"only a mouse is on its battery", []powerSupply{{kind: "Battery", status: "Discharging", scope: "Device"}}, false},
		{"the mouse is charged, the laptop is not", []powerSupply{{kind: "USB", online: "1", scope: "Device"}, battery("Discharging")}, true},
		{"two batteries, one of them full", []powerSupply{mains("0"), battery("Full"), battery("Discharging")}, true},
		{"a UPS takes over", []powerSupply{{kind: "UPS", status: "Discharging"}}, true},
		{"nobody knows", []powerSupply{battery("Unknown")}, false},
	}
	for _, test := range tests {
		if got := discharging(test.supplies); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestReadPowerSupplies(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	class := fstest.MapFS{
		"AC/type": file("Mains\n"), "AC/online": file("0\n"),
		"BAT0/type": file("Battery\n"), "BAT0/status": file("Discharging\n"),
		"hidpp_battery_0/type": file("Battery\n"), "hidpp_battery_0/scope": file("Device\n"),
		"junk/type/online": file("1\n"), // a folder where a file should be
		"empty/status":     file("Full\n"),
		"huge/type":        file("Mains" + strings.Repeat(" ", 1<<20)),
	}
	got := readPowerSupplies(class)
	want := []powerSupply{{kind: "Mains", online: "0"}, {kind: "Battery", status: "Discharging"}, {kind: "Battery", scope: "Device"}, {kind: "Mains"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if got := readPowerSupplies(fstest.MapFS{}); got != nil {
		t.Errorf("an empty folder: %+v", got)
	}
}

func TestWatchPower(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		states := []bool{false, true, true, false}
		var told []bool
		done := make(chan struct{})
		go func() {
			defer close(done)
			watchPower(ctx, func() bool {
				now := states[0]
				if len(states) > 1 {
					states = states[1:]
				}
				return now
			}, func(battery bool) { told = append(told, battery) })
		}()
		time.Sleep(10 * lookAtPower)
		cancel()
		<-done
		if want := []bool{true, false}; !slices.Equal(told, want) {
			t.Errorf("told %v, want %v", told, want)
		}
	})
}
