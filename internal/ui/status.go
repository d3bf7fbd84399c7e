package ui

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/language"
	"portolan/internal/table"
)

// statusLine is the last line of the window: whether what is shown is live,
// how much there is, and what is hidden. It changes with nearly every read, so that it
// measures its texts as the table does: fyne's labels take longer over it than the whole table.
type statusLine struct {
	widget.BaseWidget
	said   status
	fitter textFitter
	onTap  func() // may be nil
	tips   *tips  // show the whole of it, where it is cut

	edge               *canvas.Rectangle // to what is above
	light              *canvas.Circle
	live, text, counts *canvas.Text // as far as there is room
}

// status is what the line says.
type status struct {
	live   string // "Live", "Paused", "Not current"
	colour fyne.ThemeColorName
	text   string
	counts string
}

const (
	statusPad   = 8 // at both ends
	statusMore  = 4 // how much higher it is than a row
	statusLight = 8
)

func newStatusLine() *statusLine {
	s := &statusLine{edge: &canvas.Rectangle{}, light: &canvas.Circle{}, live: &canvas.Text{TextStyle: fyne.TextStyle{Bold: true}},
		text: &canvas.Text{}, counts: &canvas.Text{}}
	s.ExtendBaseWidget(s)
	return s
}

// show says what c is.
func (s *statusLine) show(c content, paused bool) {
	if said := statusOf(c, paused); said != s.said {
		s.said = said
		s.place()
	}
}

func statusOf(c content, paused bool) status {
	said := status{live: language.T("Live"), colour: theme.ColorNameSuccess, text: c.found + table.Status(c.update.Snapshot), counts: countsText(c.counts)}
	if left := c.hidden.text(); left != "" {
		said.text += ", " + left
	}
	switch {
	case c.update.Err != nil:
		said.live, said.colour = language.T("Not current"), theme.ColorNameError
		said.text = language.F("The last read failed: %s", table.Clean(c.update.Err.Error()))
		if c.update.Snapshot != nil {
			said.text = language.F("%s. Shown is %s", said.text, c.update.Snapshot.Taken.Local().Format("15:04:05"))
		}
	case paused:
		said.live, said.colour = language.T("Paused"), theme.ColorNameWarning
		if c.update.Snapshot != nil {
			said.text = language.F("As of %s: %s", c.update.Snapshot.Taken.Local().Format("15:04:05"), said.text)
		}
	case !c.known:
		said.live, said.text = language.T("Reading…"), ""
	}
	return said
}

// place sets the state, the text and the counts. Where there is no room for all of it the counts go
// first: what is hidden must be said.
func (s *statusLine) place() {
	size, th, v := s.Size(), s.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	if s.fitter.size == 0 || size.IsZero() {
		return // it is not shown yet
	}
	s.edge.FillColor = th.Color(theme.ColorNameSeparator, v)
	s.edge.Resize(fyne.NewSize(size.Width, 1))
	s.light.FillColor = th.Color(s.said.colour, v)
	light := s.fitter.scaled(statusLight)
	s.light.Move(fyne.NewPos(statusPad, (size.Height-light)/2))
	s.light.Resize(fyne.NewSquareSize(light))

	muted := th.Color(theme.ColorNamePlaceHolder, v)
	state := th.Color(theme.ColorNameForeground, v)
	if s.said.colour != theme.ColorNameSuccess {
		state = s.light.FillColor
	}
	x, end := 2*statusPad+light, size.Width-statusPad
	x += s.put(s.live, s.said.live, state, x, end-x) + 2*statusPad - 4
	whole, counts := s.fitter.width(s.said.text, false), s.fitter.width(s.said.counts, false)
	s.put(s.text, s.said.text, th.Color(theme.ColorNameForeground, v), x, end-x)
	if x+whole+2*statusPad+counts <= end {
		s.put(s.counts, s.said.counts, muted, end-counts, counts+1)
	} else {
		s.counts.Text = ""
	}
	canvas.Refresh(s.edge) // has a frame drawn
}

// put sets a text where it belongs, and gives its width.
func (s *statusLine) put(t *canvas.Text, text string, ink color.Color, x, room float32) float32 {
	fitting, used := s.fitter.fitting(text, room, t.TextStyle.Bold)
	t.Text, t.Color, t.TextSize = fitting, ink, s.fitter.size
	t.Move(fyne.NewPos(x, 0))
	t.Resize(fyne.NewSize(used, s.Size().Height))
	return used
}

// whole is all that the line says, "" where all of that is to be seen.
func (s *statusLine) whole() string {
	if s.text.Text == s.said.text && s.live.Text == s.said.live && s.counts.Text == s.said.counts {
		return ""
	}
	return strings.Trim(s.said.live+": "+s.said.text+" ("+strings.ReplaceAll(s.said.counts, "   ", ", ")+")", ": ()")
}

// MouseIn has the whole of it shown where it is cut, once the pointer rests.
func (s *statusLine) MouseIn(*desktop.MouseEvent) { s.tips.enter(s, s.whole()) }

// MouseMoved is for Fyne.
func (s *statusLine) MouseMoved(*desktop.MouseEvent) {}

// MouseOut has that go.
func (s *statusLine) MouseOut() { s.tips.leave() }

// MinSize leaves room for the state.
func (s *statusLine) MinSize() fyne.Size {
	s.ExtendBaseWidget(s)
	if s.fitter.size == 0 {
		s.fitter.use(s.Theme())
	}
	return fyne.NewSize(96, s.fitter.rowHeight+statusMore)
}

// Tapped shows what is left out, where something is.
func (s *statusLine) Tapped(*fyne.PointEvent) {
	if s.onTap != nil {
		s.onTap()
	}
}

// CreateRenderer is for Fyne.
func (s *statusLine) CreateRenderer() fyne.WidgetRenderer {
	s.fitter.use(s.Theme())
	return &statusRenderer{s, []fyne.CanvasObject{s.edge, s.light, s.live, s.text, s.counts}}
}

// statusRenderer hands out what place has set.
type statusRenderer struct {
	s       *statusLine
	objects []fyne.CanvasObject
}

func (r *statusRenderer) Layout(fyne.Size)             { r.s.place() }
func (r *statusRenderer) MinSize() fyne.Size           { return r.s.MinSize() }
func (r *statusRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *statusRenderer) Destroy()                     {}

// Refresh takes size and colours of the theme, which may have changed.
func (r *statusRenderer) Refresh() {
	r.s.fitter.use(r.s.Theme())
	r.s.place()
}

// shownOf gives "4 shown of " when a query leaves some out, else ""; of the last minutes how much is shown.
func shownOf(c content) string {
	if c.view.Recent {
		return recentText(c)
	}
	if c.view.Query.String() == "" {
		return ""
	}
	shown, rows := 0, 0
	counted := map[uint64]bool{} // several owners make several rows of one socket
	for i := range c.rows {
		switch row := &c.rows[i]; {
		case row.Depth > 0 || row.Closed(): // its app has counted it, or it is there no more
		case row.Group != nil:
			shown += row.Group.Sockets
		default:
			rows++
			if !counted[row.Key.Socket] {
				counted[row.Key.Socket] = true
				shown++
			}
		}
	}
	if rows > shown {
		return language.F("%d shown in %d rows of ", shown, rows)
	}
	// A socket that two apps hold is counted in both.
	return language.F("%d shown of ", min(shown, len(c.update.Snapshot.Sockets)))
}

// countsText gives "12 listening   40 established   3 closing   9 UDP": what there is of each, without the noughts.
func countsText(n table.Counts) string {
	var parts []string
	for _, part := range []struct {
		n    int
		text string
	}{
		{n.Listening, language.F("%d listening", n.Listening)}, {n.Established, language.F("%d established", n.Established)},
		{n.Closing, language.F("%d closing", n.Closing)}, {n.UDP, language.F("%d UDP", n.UDP)}, {n.Ephemeral, language.F("%d ephemeral", n.Ephemeral)},
	} {
		if part.n > 0 {
			parts = append(parts, part.text)
		}
	}
	return strings.Join(parts, "   ")
}
