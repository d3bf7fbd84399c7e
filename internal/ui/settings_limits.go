package ui

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/history"
	"portolan/internal/language"
	"portolan/internal/table"
)

// limit is one of the thresholds of the gauges that can be chosen. All that can be chosen for yellow is below all that can be chosen for red.
type limit struct {
	key         string // in the preferences
	title, note string // see language.Mark; note may be ""
	all         []int  // what can be chosen, with what is usual
	word        func(int) string
	get         func(table.Thresholds) int
	set         func(*table.Thresholds, int)
}

// limits are in the order of the page.
var limits = []limit{
	share("settings.limit.ports_yellow", language.Mark("Ports in use: yellow from"), language.Mark("Of the ephemeral range, by one protocol or towards one server."),
		[]int{30, 40, 50, 60, 70}, func(t *table.Thresholds) *float64 { return &t.PortsYellow }),
	share("settings.limit.ports_red", language.Mark("Ports in use: red from"), "",
		[]int{75, 80, 85, 90, 95}, func(t *table.Thresholds) *float64 { return &t.PortsRed }),
	share("settings.limit.time_wait_yellow", language.Mark("TIME_WAIT: yellow from"), language.Mark("Of the ephemeral range, kept by closed connections."),
		[]int{20, 30, 40, 50, 60}, func(t *table.Thresholds) *float64 { return &t.TimeWaitYellow }),
	share("settings.limit.time_wait_red", language.Mark("TIME_WAIT: red from"), "",
		[]int{65, 70, 80, 90, 95}, func(t *table.Thresholds) *float64 { return &t.TimeWaitRed }),
	number("settings.limit.close_wait", language.Mark("CLOSE_WAIT: yellow from"), language.Mark("Connections that an app has not closed for as long; red when they only grow."),
		[]int{2, 5, 10, 20, 50}, func(t *table.Thresholds) *int { return &t.CloseWait }),
	number("settings.limit.close_wait_many", language.Mark("CLOSE_WAIT: red from"), language.Mark("Whether they grow or not."),
		[]int{60, 100, 200, 500, 1000}, func(t *table.Thresholds) *int { return &t.CloseWaitMany }),
	minutes("settings.limit.leak_time", language.Mark("CLOSE_WAIT: how long"), language.Mark("A busy server always has some for a moment."),
		[]int{1, 2, 3, 5, int(history.Keep / time.Minute)}, func(t *table.Thresholds) *time.Duration { return &t.LeakTime }),
	share("settings.limit.queue", language.Mark("Queue of a listener: yellow from"), language.Mark("Of what may wait to be accepted."),
		[]int{50, 60, 70, 80, 90}, func(t *table.Thresholds) *float64 { return &t.QueueYellow }),
	share("settings.limit.queue_red", language.Mark("Queue of a listener: red from"), language.Mark("When it is full, the system turns away who comes."),
		[]int{92, 94, 96, 98, 100}, func(t *table.Thresholds) *float64 { return &t.QueueRed }),
}

// share is a limit in per cent.
func share(key, title, note string, all []int, at func(*table.Thresholds) *float64) limit {
	return limit{key, title, note, all, func(n int) string { return fmt.Sprintf("%d %%", n) },
		func(t table.Thresholds) int { return int(math.Round(*at(&t) * 100)) },
		func(t *table.Thresholds, n int) { *at(t) = float64(n) / 100 }}
}

func number(key, title, note string, all []int, at func(*table.Thresholds) *int) limit {
	return limit{key, title, note, all, strconv.Itoa,
		func(t table.Thresholds) int { return *at(&t) },
		func(t *table.Thresholds, n int) { *at(t) = n }}
}

func minutes(key, title, note string, all []int, at func(*table.Thresholds) *time.Duration) limit {
	return limit{key, title, note, all, func(n int) string { return fmt.Sprintf("%d min", n) },
		func(t table.Thresholds) int { return int(*at(&t) / time.Minute) },
		func(t *table.Thresholds, n int) { *at(t) = time.Duration(n) * time.Minute }}
}

// loadThresholds gives the thresholds as they were kept. In place of what cannot be chosen stands what is usual.
func loadThresholds(p fyne.Preferences) table.Thresholds {
	t := table.DefaultThresholds()
	for _, l := range limits {
		usual := l.get(t)
		l.set(&t, choice(l.all, p.IntWithFallback(l.key, usual), usual))
	}
	return t
}

func saveThresholds(p fyne.Preferences, t table.Thresholds) {
	for _, l := range limits {
		p.SetInt(l.key, l.get(t))
	}
}

func (d *settingsDialog) fillLimits() {
	u := d.window.ui
	for _, l := range limits {
		note := ""
		if l.note != "" {
			note = language.Marked(l.note)
		}
		d.add(language.Marked(l.title), note, choose(l.all, l.get(u.settings.thresholds), l.word, func(n int) {
			u.change(func(s *settings) { l.set(&s.thresholds, n) })
		}))
	}
	d.page.Add(widget.NewSeparator())
	d.add(language.T("The usual limits"), "", d.button(language.T("Reset"), func() {
		u.change(func(s *settings) { s.thresholds = table.DefaultThresholds() })
		d.fill()
	}))
}

// setThresholds takes from where on the gauges warn.
func (m *model) setThresholds(t table.Thresholds) { m.change(func(c *content) { c.thresholds = t }) }
