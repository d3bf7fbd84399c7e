package ui

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/table"
)

// statusLine is the last line of the window: whether what is shown is live,
// how much there is, and what is hidden.
type statusLine struct {
	*fyne.Container
	line   *fyne.Container
	light  *light
	live   *widget.Label // "Live", "Paused", "Not current"
	text   *widget.Label
	counts *widget.Label
}

func newStatusLine() *statusLine {
	s := &statusLine{light: newLight(), live: widget.NewLabel(""), text: widget.NewLabel(""), counts: widget.NewLabel("")}
	s.text.Truncation = fyne.TextTruncateEllipsis
	s.counts.Importance = widget.LowImportance
	s.live.TextStyle.Bold = true
	left := container.NewHBox(container.NewCenter(s.light), s.live)
	s.line = container.New(statusLayout{}, left, s.text, s.counts)
	s.Container = container.NewVBox(widget.NewSeparator(),
		container.New(layout.NewCustomPaddedLayout(1, 3, 8, 8), container.NewThemeOverride(s.line, tight{})))
	return s
}

// show says what c is.
func (s *statusLine) show(c content, paused bool) {
	live, importance, colour := "Live", widget.MediumImportance, theme.ColorNameSuccess
	text := c.found + table.Status(c.update.Snapshot)
	switch {
	case c.update.Err != nil:
		live, importance, colour = "Not current", widget.DangerImportance, theme.ColorNameError
		text = "The last read failed: " + table.Clean(c.update.Err.Error())
		if c.update.Snapshot != nil {
			text += ". Shown is " + c.update.Snapshot.Taken.Local().Format("15:04:05")
		}
	case paused:
		live, importance, colour = "Paused", widget.WarningImportance, theme.ColorNameWarning
		if c.update.Snapshot != nil {
			text = "As of " + c.update.Snapshot.Taken.Local().Format("15:04:05") + ": " + text
		}
	case !c.known:
		live, text = "Reading…", ""
	}
	counts := countsText(c.counts)
	if live == s.live.Text && colour == s.light.colour && text == s.text.Text && counts == s.counts.Text {
		return // nothing to draw
	}
	s.live.Importance = importance
	s.live.SetText(live)
	s.light.shine(colour)
	s.text.SetText(text)
	s.counts.SetText(counts)
	s.line.Refresh() // the widths have changed
}

// statusLayout places the state, the text and the counts. Where there is no room
// for all of it the counts go first: what is hidden must be said.
type statusLayout struct{}

func (statusLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	state, text := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(state.Width+text.Width, fyne.Max(state.Height, text.Height))
}

func (statusLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	state, text, counts := objects[0], objects[1].(*widget.Label), objects[2]
	left, right := state.MinSize().Width+6, counts.MinSize().Width
	whole := widget.NewLabelWithStyle(text.Text, text.Alignment, text.TextStyle).MinSize().Width
	if left+whole+right > size.Width {
		counts.Hide()
		right = 0
	} else {
		counts.Show()
	}
	state.Resize(fyne.NewSize(left, size.Height))
	text.Move(fyne.NewPos(left, 0))
	text.Resize(fyne.NewSize(size.Width-left-right, size.Height))
	counts.Move(fyne.NewPos(size.Width-right, 0))
	counts.Resize(fyne.NewSize(right, size.Height))
}

// shownOf gives "4 shown of " when a query leaves some out, else "".
func shownOf(c content) string {
	if c.view.Query.String() == "" {
		return ""
	}
	shown := 0
	counted := map[uint64]bool{} // several owners make several rows of one socket
	for i := range c.rows {
		switch row := &c.rows[i]; {
		case row.Group != nil:
			shown += row.Group.Sockets
		case row.Depth == 0 && !counted[row.Key.Socket]:
			counted[row.Key.Socket] = true
			shown++
		}
	}
	return fmt.Sprintf("%d shown of ", shown)
}

// light is a small round light in one of the theme's colours.
type light struct {
	widget.BaseWidget
	colour fyne.ThemeColorName
	disc   *canvas.Circle
}

func newLight() *light {
	l := &light{colour: theme.ColorNamePlaceHolder, disc: &canvas.Circle{}}
	l.ExtendBaseWidget(l)
	return l
}

func (l *light) shine(colour fyne.ThemeColorName) {
	l.colour = colour
	l.Refresh()
}

// MinSize is the size of the light.
func (l *light) MinSize() fyne.Size { return fyne.NewSquareSize(8) }

// Refresh takes the colour anew: the theme may have changed.
func (l *light) Refresh() {
	l.disc.FillColor = l.Theme().Color(l.colour, fyne.CurrentApp().Settings().ThemeVariant())
	l.disc.Refresh()
}

// CreateRenderer is for Fyne.
func (l *light) CreateRenderer() fyne.WidgetRenderer {
	l.Refresh()
	return widget.NewSimpleRenderer(l.disc)
}

// countsText gives "12 listening   40 established   3 closing   9 UDP": what there is of each, without the noughts.
func countsText(n table.Counts) string {
	var parts []string
	for _, part := range []struct {
		n    int
		word string
	}{{n.Listening, "listening"}, {n.Established, "established"}, {n.Closing, "closing"}, {n.UDP, "UDP"}, {n.Ephemeral, "ephemeral"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.word))
		}
	}
	return strings.Join(parts, "   ")
}
