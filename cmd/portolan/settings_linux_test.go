package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSettingsSurviveARestart: opened from the tray, changed by keyboard, kept, and in use after the next start.
func TestSettingsSurviveARestart(t *testing.T) {
	binary := build(t)
	d := newDesktop(t)
	bar := newPanel(t, d.bus, true)
	p := d.start(binary)
	p.wait(`msg=started`)
	bar.click(t, "Settings…")
	p.wait(`msg="window shown"`)
	p.wait(`msg=settings`)
	window := d.window("Portolan")
	d.focus(window)
	d.key("Tab", "Right") // from the pages to the first setting, and from 3 to 5 seconds
	p.wait(`msg=pace`, `every=5s`)
	d.key("Tab", "Tab", "space") // over "on battery" to the start at login
	start := filepath.Join(d.home, ".config", "autostart", appID+".desktop")
	waitFor(t, "the autostart file", func() bool {
		text, err := os.ReadFile(start)
		return err == nil && strings.Contains(string(text), `Exec="`+binary+`"`)
	})
	d.key("space")
	waitFor(t, "the autostart file to go", func() bool {
		_, err := os.Stat(start)
		return os.IsNotExist(err)
	})
	d.key("Escape")
	bar.click(t, "Quit")
	p.waitEnd(exitDone)
	p.healthy()

	again := d.start(binary)
	again.wait(`msg=started`)
	bar.activate(t)
	again.wait(`msg="window shown"`)
	again.wait(`msg=pace`, `every=5s`)
	bar.click(t, "Quit")
	again.waitEnd(exitDone)
	again.healthy()
}

// TestWatchedPort: a port that is watched becomes free, the desktop tells it, and a click on that leads to it.
func TestWatchedPort(t *testing.T) {
	binary := build(t)
	d := newDesktop(t)
	bar := newPanel(t, d.bus, true)
	desk := newNotices(t, d.bus, "actions", "body")
	server := startServer(t)
	rules, err := json.Marshal(fmt.Sprintf(`{"ports":[{"port":%d,"protocol":"tcp","taken":true,"free":true}]}`, server.port))
	if err != nil {
		t.Fatal(err)
	}
	d.remember(fmt.Sprintf(`{"window.shown": true, "watch.rules": %s}`, rules))
	p := d.start(binary)
	p.wait(`msg=started`)
	bar.waitLine(t, fmt.Sprintf("TCP port %d: ", server.port)) // whoever holds it
	_ = server.cmd.Process.Kill()
	waitFor(t, "the notification", func() bool { return desk.last().title == fmt.Sprintf("TCP port %d is free", server.port) })
	bar.waitLine(t, fmt.Sprintf("TCP port %d: free since ", server.port))
	desk.click(t, desk.last().id, notifyAction)
	p.wait(`msg="window shown"`)
	p.wait(`msg=rows`, fmt.Sprintf("port:%d", server.port))
	bar.click(t, "Quit")
	p.waitEnd(exitDone)
	p.healthy()
}

// TestPreferencesSetAside: what cannot be read is set aside, and the app starts as at first.
func TestPreferencesSetAside(t *testing.T) {
	binary := build(t)
	d := newDesktop(t)
	bar := newPanel(t, d.bus, true)
	d.remember(`{"window.shown": true, "settings.interv`)
	p := d.start(binary)
	p.wait(`msg="the preferences were broken and are set aside"`)
	p.wait(`msg="window shown"`) // as at the very first start
	aside := filepath.Join(d.home, ".config", "fyne", appID, "preferences.broken.json")
	if text, err := os.ReadFile(aside); err != nil || !strings.Contains(string(text), "settings.interv") {
		t.Errorf("the broken file: %q, %v", text, err)
	}
	bar.click(t, "Quit")
	p.waitEnd(exitDone)
	p.healthy()
}

// TestMenuLinesStay: the panel is told of a new server, and the numbers of the menu's lines stay what they are.
func TestMenuLinesStay(t *testing.T) {
	binary := build(t)
	d := newDesktop(t)
	bar := newPanel(t, d.bus, true)
	p := d.start(binary, "-interval", "250ms")
	p.wait(`msg=started`)
	quit, open := bar.waitLine(t, "Quit"), bar.waitLine(t, "Open Portolan")
	bar.activate(t) // shown it reads more often
	p.wait(`msg="window shown"`)
	waitFor(t, "the first read", func() bool { return listening(bar, t) != "" })
	before := listening(bar, t)
	startServer(t)
	waitFor(t, "the menu to count the new server", func() bool { return listening(bar, t) != before })
	if got := bar.waitLine(t, "Quit"); got != quit {
		t.Errorf("Quit was line %d and is line %d", quit.ID, got.ID)
	}
	if got := bar.waitLine(t, "Open Portolan"); got != open {
		t.Errorf("Open was line %d and is line %d", open.ID, got.ID)
	}
	bar.click(t, "Quit")
	p.waitEnd(exitDone)
	p.healthy()
}

// listening gives the line that says how many ports are listened on.
func listening(bar *panel, t *testing.T) string {
	t.Helper()
	lines, err := bar.lines()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		if strings.Contains(l.Label, " listening port") {
			return l.Label
		}
	}
	return ""
}
