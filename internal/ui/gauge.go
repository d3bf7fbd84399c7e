package ui

import (
	"log/slog"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/language"
	"portolan/internal/table"
)

// levelWord says in a word what the colour of a gauge says.
func levelWord(l table.Level) string {
	switch l {
	case table.Yellow:
		return language.T("Attention")
	case table.Red:
		return language.T("Problem")
	default:
		return language.T("Fine")
	}
}

// levelColour is the theme's colour for a level.
func levelColour(l table.Level) fyne.ThemeColorName {
	switch l {
	case table.Yellow:
		return theme.ColorNameWarning
	case table.Red:
		return theme.ColorNameError
	default:
		return theme.ColorNameSuccess
	}
}

// markOf is the shape beside a gauge: that of its level, or a question mark where nothing is known.
func markOf(g *table.Gauge) fyne.Resource {
	if !g.Known {
		return theme.NewDisabledResource(theme.QuestionIcon())
	}
	return levelIcon(g.Level)
}

// levelIcon is the shape for a level: a check mark, a triangle, a circle that warns.
func levelIcon(l table.Level) fyne.Resource {
	switch l {
	case table.Yellow:
		return theme.NewWarningThemedResource(theme.WarningIcon())
	case table.Red:
		return theme.NewErrorThemedResource(theme.ErrorIcon())
	default:
		return theme.NewSuccessThemedResource(theme.ConfirmIcon())
	}
}

// gaugeValue is the number to write beside a gauge: a share, or how many there are.
func gaugeValue(g *table.Gauge) string {
	switch {
	case (g.ID == table.GaugeTimeWait || g.ID == table.GaugeCloseWait) && len(g.Figures) > 0:
		return g.Figures[0].Value
	case !g.Known:
		return language.T("unknown")
	case g.ID == table.GaugeQueue && g.Key == (table.Key{}): // there is no listener
		return language.T("none")
	default:
		return percentOf(g.Share)
	}
}

// judgedValue is the value behind the word for its level; what is not known is neither fine nor a problem.
func judgedValue(g *table.Gauge) string {
	if !g.Known {
		return gaugeValue(g)
	}
	return levelWord(g.Level) + " · " + gaugeValue(g)
}

// barShare is how much of its bar a gauge fills: of connections in CLOSE_WAIT as many as are too many in any case fill it.
func barShare(g *table.Gauge, tooMany int) float32 {
	if g.ID != table.GaugeCloseWait {
		return float32(g.Share)
	}
	n, err := strconv.Atoi(gaugeValue(g))
	if err != nil {
		return 0
	}
	return min(1, float32(n)/float32(max(1, tooMany)))
}

// percentOf gives "64 %"; what is there but rounds to nothing is "< 1 %".
func percentOf(share float64) string {
	if share > 0 && share < 0.005 {
		return "< 1 %"
	}
	n := int(share*100 + 0.5)
	if share < 1 {
		n = min(n, 99)
	}
	return strconv.Itoa(n) + " %"
}

// shortName is what to call a gauge where there is little room.
func shortName(g *table.Gauge) string {
	switch g.ID {
	case table.GaugeTCPPorts:
		return language.T("TCP ports")
	case table.GaugeUDPPorts:
		return language.T("UDP ports")
	case table.GaugeCloseWait:
		return "CLOSE_WAIT"
	case table.GaugeQueue:
		return language.T("Queues")
	case table.GaugeRemote:
		return language.T("One server")
	default:
		return g.Name
	}
}

// heads gives of each kind of gauge the one with the highest level, the first of these.
func heads(all []table.Gauge) []table.Gauge {
	var some []table.Gauge
	at := map[table.GaugeID]int{}
	for _, g := range all {
		i, there := at[g.ID]
		switch {
		case !there:
			at[g.ID] = len(some)
			some = append(some, g)
		case g.Level > some[i].Level:
			some[i] = g
		}
	}
	return some
}

// seen is which warning the person has put away, and how bad it was then.
type seen struct {
	id    table.GaugeID
	key   table.Key
	level table.Level
}

func seenOf(g table.Gauge) seen { return seen{g.ID, g.Key, g.Level} }

// showGauges shows the gauges in the lens; in the other views no more than a line about the worst that matters.
func (w *window) showGauges(c content) {
	if c.view.Lens {
		w.alarm.Hide()
		w.gauges.show(c.gauges, c.untold(), c.thresholds.CloseWaitMany)
		w.showGaugesStrip(true)
		return
	}
	w.showGaugesStrip(false)
	worst, matters := table.Worst(c.gauges)
	if !matters {
		w.put = seen{}
	}
	if !matters || w.put.id == worst.ID && w.put.key == worst.Key && worst.Level <= w.put.level {
		if w.alarm.Visible() {
			slog.Debug("alarm", "gauge", "", "level", table.Green.String())
		}
		w.alarm.Hide()
		return
	}
	w.alarming = seenOf(worst)
	text := levelWord(worst.Level) + ": " + worst.Sentence
	if w.alarm.Hidden || w.alarm.label.Text != text || w.alarm.colour != levelColour(worst.Level) {
		slog.Debug("alarm", "gauge", string(worst.ID), "level", worst.Level.String(), "sentence", worst.Sentence)
		w.alarm.say(levelColour(worst.Level), text)
	}
}

func (w *window) showGaugesStrip(shown bool) {
	if shown == w.gauges.Visible() {
		return
	}
	if shown {
		w.gauges.Show()
	} else {
		w.gauges.Hide()
	}
	w.Content().Refresh()
}

// putAlarmAway hides the line until it is worse, or about something else.
func (w *window) putAlarmAway() {
	w.put = w.alarming
	w.alarm.Hide()
}

// untold says why there are no plots and no numbers of the last minute; "" where there are.
func (c *content) untold() string {
	if knownSteps(c.view.Past, c.moment()) == 0 {
		return language.T("The record has not begun: what is opened and closed is not known yet.")
	}
	return ""
}

// newGauges makes the strip above the lens, and the line for the other views.
func (w *window) newGauges() {
	w.gauges = newGaugeStrip()
	w.gauges.onTap = w.showFigures
	w.gauges.onKey = w.typedKey
	w.gauges.onRune = w.typedRune
	show := newWordButton(language.T("Show"), func() { w.turnTo(turnLens) })
	away := newTipButton(w.tips, theme.CancelIcon(), language.T("Put away until it is worse"), w.putAlarmAway)
	w.alarm = newStrip(container.NewCenter(show), container.NewCenter(away))
	w.alarm.Hide()
}

// belowGauges places the gauges above what is to stand below them.
func (w *window) belowGauges(rest fyne.CanvasObject) fyne.CanvasObject {
	return container.New(gaugesAbove{w.gauges}, w.gauges, rest)
}
