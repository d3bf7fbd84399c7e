package ui

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/monitor"
	"portolan/internal/table"
)

// Where the settings are kept in the app's preferences.
const (
	keyInterval      = "settings.interval" // seconds
	keySlowOnBattery = "settings.slow_on_battery"
	keyIconCount     = "settings.icon_count"
	keyHighlight     = "settings.highlight" // seconds
	keyTheme         = "settings.theme"
	keyDock          = "settings.dock"
	keyTextSize      = "settings.text_size" // per cent
	keyConfirm       = "settings.confirm_terminate"
	keyHidden        = "settings.hidden_apps"
	keyWatch         = "watch.rules" // see watch.Encode
)

// What can be chosen.
var (
	intervals  = []time.Duration{1 * time.Second, 2 * time.Second, 3 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second}
	highlights = []time.Duration{0, 2 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second}
	textSizes  = []int{80, 90, 100, 110, 125, 150}
	themes     = []string{themeSystem, themeLight, themeDark}
)

// The themes, as they are kept.
const (
	themeSystem = ""
	themeLight  = "light"
	themeDark   = "dark"
)

// defaultHighlight is how long a row is marked that is new, has changed or has closed.
const defaultHighlight = 5 * time.Second

// settings are what the person has chosen.
type settings struct {
	interval      time.Duration // between two reads while the window is visible
	slowOnBattery bool          // read less often while the computer lives on its battery
	iconCount     bool          // show the number of listening ports at the icon
	highlight     time.Duration // how long new, changed and closed rows are marked; 0: not at all
	theme         string        // one of themes
	textSize      int           // in per cent, one of textSizes
	confirm       bool          // ask before Terminate
	hidden        []hiddenApp   // whose rows are left out
	dock          bool          // while the window is open there are an icon in the Dock and menus at the top of the screen, on macOS
	thresholds    table.Thresholds
}

// defaults are the settings of who has chosen nothing.
func defaults() settings {
	return settings{interval: monitor.DefaultInterval, slowOnBattery: true, highlight: defaultHighlight, textSize: 100, confirm: true, dock: true,
		thresholds: table.DefaultThresholds()}
}

// loadSettings gives the settings as they were kept. In place of what cannot be chosen stands what is usual.
func loadSettings(p fyne.Preferences) settings {
	s := defaults()
	s.interval = choice(intervals, seconds(p, keyInterval), s.interval)
	s.highlight = choice(highlights, seconds(p, keyHighlight), s.highlight)
	s.textSize = choice(textSizes, p.IntWithFallback(keyTextSize, s.textSize), s.textSize)
	s.theme = choice(themes, p.StringWithFallback(keyTheme, s.theme), s.theme)
	s.slowOnBattery = p.BoolWithFallback(keySlowOnBattery, s.slowOnBattery)
	s.iconCount = p.BoolWithFallback(keyIconCount, s.iconCount)
	s.dock = p.BoolWithFallback(keyDock, s.dock)
	s.confirm = p.BoolWithFallback(keyConfirm, s.confirm)
	s.hidden = decodeHidden(p.String(keyHidden))
	s.thresholds = loadThresholds(p)
	return s
}

// seconds gives a kept time; negative when there is none.
func seconds(p fyne.Preferences, key string) time.Duration {
	return time.Duration(p.IntWithFallback(key, -1)) * time.Second
}

// choice gives a value if it can be chosen, else the usual one.
func choice[T comparable](all []T, value, usual T) T {
	if slices.Contains(all, value) {
		return value
	}
	return usual
}

// save keeps the settings.
func (s settings) save(p fyne.Preferences) {
	p.SetInt(keyInterval, int(s.interval/time.Second))
	p.SetInt(keyHighlight, int(s.highlight/time.Second))
	p.SetInt(keyTextSize, s.textSize)
	p.SetString(keyTheme, s.theme)
	p.SetBool(keySlowOnBattery, s.slowOnBattery)
	p.SetBool(keyIconCount, s.iconCount)
	p.SetBool(keyDock, s.dock)
	p.SetBool(keyConfirm, s.confirm)
	p.SetString(keyHidden, encodeHidden(s.hidden))
	saveThresholds(p, s.thresholds)
}

// look gives the theme that the settings ask for.
func (s settings) look() fyne.Theme {
	th := &chartTheme{Theme: theme.DefaultTheme(), scale: float32(s.textSize) / 100}
	switch s.theme {
	case themeLight:
		th.forced = true
		th.variant = theme.VariantLight
	case themeDark:
		th.forced = true
		th.variant = theme.VariantDark
	}
	return th
}

// change changes the settings, keeps them, and has them take effect at once.
func (u *UI) change(f func(*settings)) {
	before := u.settings
	after := before
	after.hidden = slices.Clone(before.hidden)
	f(&after)
	u.settings = after
	after.save(u.app.Preferences())
	if after.theme != before.theme || after.textSize != before.textSize {
		u.app.Settings().SetTheme(after.look())
	}
	u.setPace()
	if after.dock != before.dock && u.visible {
		u.dock(after.dock)
	}
	if after.highlight != before.highlight {
		u.model.setHighlight(after.highlight)
	}
	if !slices.Equal(after.hidden, before.hidden) {
		u.model.setHidden(after.hidden)
	}
	if after.thresholds != before.thresholds {
		u.model.setThresholds(after.thresholds)
	}
	if u.tray != nil && after.iconCount != before.iconCount {
		u.tray.count()
	}
}
