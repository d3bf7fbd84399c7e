package ui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/language"
	"portolan/internal/table"
)

// Where things stand in the strip of gauges, in pixels.
const (
	stripPad     = 6
	gaugeRoom    = 132 // how narrow a gauge may get before there is another line of them
	gaugeLeast   = 116 // beside small texts too
	gaugeMark    = 14
	gaugeBar     = 4
	gaugeGap     = 14 // between two of them
	mostSentence = 4  // lines of one sentence
)

// gaugeStrip is the line of gauges above the lens: calm while all is well, with a sentence when it is not. It is drawn
// anew only when it says something else.
type gaugeStrip struct {
	widget.BaseWidget
	fitter  textFitter
	all     []table.Gauge // as they came
	heads   []table.Gauge // one of each kind, as shown
	placed  int           // how many of them there was room for
	said    []string      // all there is to be read, to tell whether it has changed
	note    string        // what is to be said besides
	tooMany int           // how many connections in CLOSE_WAIT fill their bar

	back, edge *canvas.Rectangle
	tiles      []*gaugeTile
	marks      []*widget.Icon // of the sentences
	lines      []*canvas.Text
	objects    []fyne.CanvasObject
	height     float32
	room       float32 // that height at most; 0: any

	at      int // which one the keyboard is at
	focused bool
	hovered int // -1: none
	onTap   func(gauge int)
	onKey   func(*fyne.KeyEvent)
	onRune  func(rune)
	changed func() // its height is another
}

// gaugeTile is what draws one gauge.
type gaugeTile struct {
	ground, track, fill *canvas.Rectangle
	mark                *widget.Icon
	name, value         *canvas.Text
}

var (
	_ fyne.Tappable     = (*gaugeStrip)(nil)
	_ fyne.Focusable    = (*gaugeStrip)(nil)
	_ desktop.Hoverable = (*gaugeStrip)(nil)
	_ fyne.Accessible   = (*gaugeStrip)(nil)
)

func newGaugeStrip() *gaugeStrip {
	s := &gaugeStrip{back: &canvas.Rectangle{}, edge: &canvas.Rectangle{}, hovered: -1}
	s.ExtendBaseWidget(s)
	s.Hide()
	return s
}

// show says what the gauges say, and one thing besides. tooMany is how many connections in CLOSE_WAIT fill their bar.
func (s *gaugeStrip) show(all []table.Gauge, note string, tooMany int) {
	s.all = all
	heads := heads(all)
	said := []string{note}
	for i := range heads {
		g := &heads[i]
		said = append(said, g.Name, gaugeValue(g), g.Level.String(), g.Sentence)
	}
	same := slices.Equal(said, s.said) && slices.EqualFunc(heads, s.heads, func(a, b table.Gauge) bool { return abs(float32(a.Share-b.Share)) < 0.002 })
	same = same && tooMany == s.tooMany
	s.heads, s.said, s.note, s.tooMany = heads, said, note, tooMany
	s.at = min(s.at, max(0, len(heads)-1))
	if same {
		return
	}
	before := s.height
	if s.place(); s.height != before && s.changed != nil {
		s.changed()
	}
	canvas.Refresh(s.edge)
}

// columns is how many gauges stand beside each other, and how wide each is.
func (s *gaugeStrip) columns(width float32) (n int, each float32) {
	n = max(1, min(len(s.heads), int(width/max(gaugeLeast, s.fitter.scaled(gaugeRoom)))))
	if rows := (len(s.heads) + n - 1) / n; rows > 1 {
		n = (len(s.heads) + rows - 1) / rows // as even as can be
	}
	return n, (width - 2*stripPad + gaugeGap) / float32(n)
}

// tileHeight is that of a gauge.
func (s *gaugeStrip) tileHeight() float32 { return s.fitter.rowHeight + s.fitter.scaled(gaugeBar) + 6 }

// fit lays the strip out for a width and gives the height that it takes, room at most: what there is no room for is left out, from the end.
func (s *gaugeStrip) fit(width, room float32) float32 {
	s.room = room
	s.Resize(fyne.NewSize(width, s.height))
	s.place()
	s.Resize(fyne.NewSize(width, s.height))
	return s.height
}

// place sets everything where it belongs.
func (s *gaugeStrip) place() {
	width := s.Size().Width
	if s.fitter.size == 0 {
		s.fitter.use(s.Theme())
	}
	if width == 0 {
		return
	}
	ink := s.ink()
	s.objects = append(s.objects[:0], s.back)
	n, each := s.columns(width)
	s.placed = 0
	for i := range s.heads {
		if !s.hasRoom(2*stripPad + float32(i/n+1)*s.tileHeight()) {
			break
		}
		s.placed++
		if i == len(s.tiles) {
			s.tiles = append(s.tiles, newGaugeTile())
		}
		at := fyne.NewPos(stripPad+float32(i%n)*each, stripPad+float32(i/n)*s.tileHeight())
		s.placeTile(i, at, each-gaugeGap, ink)
	}
	y := float32(stripPad)
	if s.placed > 0 {
		y += float32((s.placed-1)/n+1) * s.tileHeight()
	}
	y = s.placeSentences(y, width, ink)
	s.height = y + stripPad
	s.back.FillColor, s.edge.FillColor = ink(theme.ColorNameBackground), ink(theme.ColorNameSeparator)
	s.back.Resize(fyne.NewSize(width, s.height))
	s.edge.Move(fyne.NewPos(0, s.height-1))
	s.edge.Resize(fyne.NewSize(width, 1))
	s.objects = append(s.objects, s.edge)
}

// placeSentences sets what is the matter, below the gauges; each sentence takes as many lines as it needs.
func (s *gaugeStrip) placeSentences(y, width float32, ink inks) float32 {
	marks, lines := 0, 0
	say := func(icon fyne.Resource, colour fyne.ThemeColorName, sentence string) {
		size := s.fitter.scaled(gaugeMark)
		x := stripPad + size + 8
		most := mostSentence
		if s.room > 0 {
			most = min(most, int((s.room-stripPad-y)/(s.fitter.rowHeight-4)))
		}
		if most < 1 {
			return
		}
		texts := s.fitter.wrap(sentence, width-x-stripPad, most)
		if marks == len(s.marks) {
			s.marks = append(s.marks, widget.NewIcon(nil))
		}
		mark := s.marks[marks]
		marks++
		setIcon(mark, icon)
		mark.Move(fyne.NewPos(stripPad+2, y+(s.fitter.rowHeight-size)/2-2))
		mark.Resize(fyne.NewSquareSize(size))
		s.objects = append(s.objects, mark)
		for _, text := range texts {
			if lines == len(s.lines) {
				s.lines = append(s.lines, &canvas.Text{})
			}
			line := s.lines[lines]
			lines++
			line.Text, line.Color, line.TextSize = text, ink(colour), s.fitter.size
			line.Move(fyne.NewPos(x, y-2))
			line.Resize(fyne.NewSize(width-x, s.fitter.rowHeight))
			s.objects = append(s.objects, line)
			y += s.fitter.rowHeight - 4
		}
	}
	for i := range s.heads {
		if g := &s.heads[i]; g.Level > table.Green {
			say(levelIcon(g.Level), theme.ColorNameForeground, levelWord(g.Level)+": "+g.Sentence)
		}
	}
	if s.note != "" {
		say(theme.NewPrimaryThemedResource(theme.InfoIcon()), theme.ColorNamePlaceHolder, s.note)
	}
	return y
}

// hasRoom reports whether the strip may be that high.
func (s *gaugeStrip) hasRoom(height float32) bool { return s.room <= 0 || height <= s.room }

// MinSize is that of the least it can be; how high it is for a width, fit tells.
func (s *gaugeStrip) MinSize() fyne.Size {
	s.ExtendBaseWidget(s)
	return fyne.NewSize(gaugeRoom, 0)
}

// gaugeAt gives the gauge at a place, -1 for none.
func (s *gaugeStrip) gaugeAt(at fyne.Position) int {
	for i := range s.placed {
		ground := s.tiles[i].ground
		if from, size := ground.Position(), ground.Size(); at.X >= from.X && at.X < from.X+size.Width && at.Y >= from.Y && at.Y < from.Y+size.Height {
			return i
		}
	}
	return -1
}

// Tapped asks for the figures behind a gauge.
func (s *gaugeStrip) Tapped(e *fyne.PointEvent) {
	if i := s.gaugeAt(e.Position); i >= 0 {
		s.tap(i)
	}
}

func (s *gaugeStrip) tap(i int) {
	if s.at = i; s.onTap != nil && i < len(s.heads) {
		s.onTap(i)
	}
}

func (s *gaugeStrip) MouseIn(e *desktop.MouseEvent)    { s.hover(s.gaugeAt(e.Position)) }
func (s *gaugeStrip) MouseMoved(e *desktop.MouseEvent) { s.hover(s.gaugeAt(e.Position)) }
func (s *gaugeStrip) MouseOut()                        { s.hover(-1) }

func (s *gaugeStrip) hover(i int) {
	if s.hovered != i {
		s.hovered = i
		s.redraw()
	}
}

func (s *gaugeStrip) FocusGained() { s.focused = true; s.redraw() }
func (s *gaugeStrip) FocusLost()   { s.focused = false; s.redraw() }

// TypedRune passes on what is typed, such as the question mark that explains.
func (s *gaugeStrip) TypedRune(r rune) {
	if r != ' ' && s.onRune != nil { // the space bar is a key here
		s.onRune(r)
	}
}

// TypedKey goes from gauge to gauge, and asks for the figures.
func (s *gaugeStrip) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyLeft:
		s.at = max(0, s.at-1)
	case fyne.KeyRight:
		s.at = max(0, min(s.placed-1, s.at+1))
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		s.tap(s.at)
	default:
		if s.onKey != nil {
			s.onKey(e)
		}
		return
	}
	s.redraw()
}

func (s *gaugeStrip) redraw() {
	s.place()
	for _, t := range s.tiles {
		t.ground.Refresh()
	}
}

// AccessibilityLabel reads the gauge that the keyboard is at.
func (s *gaugeStrip) AccessibilityLabel() string {
	if s.at >= len(s.heads) {
		return language.T("Gauges")
	}
	g := &s.heads[s.at]
	said := g.Name + ", " + gaugeValue(g)
	if g.Known {
		said += ", " + levelWord(g.Level)
	}
	return strings.TrimSpace(said + ". " + g.Sentence)
}

// AccessibilityRole says that it can be pressed.
func (s *gaugeStrip) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// CreateRenderer is for Fyne.
func (s *gaugeStrip) CreateRenderer() fyne.WidgetRenderer {
	s.place()
	return gaugeStripRenderer{s}
}

// gaugeStripRenderer hands out what place has set.
type gaugeStripRenderer struct{ s *gaugeStrip }

func (r gaugeStripRenderer) Layout(fyne.Size)             { r.s.place() }
func (r gaugeStripRenderer) MinSize() fyne.Size           { return r.s.MinSize() }
func (r gaugeStripRenderer) Objects() []fyne.CanvasObject { return r.s.objects }
func (r gaugeStripRenderer) Destroy()                     {}

// Refresh takes size and colours of the theme, which may have changed.
func (r gaugeStripRenderer) Refresh() {
	r.s.fitter.use(r.s.Theme())
	r.s.place()
	canvas.Refresh(r.s.edge)
}

// gaugesAbove places the gauges, as high as they need to be, above the rest.
type gaugesAbove struct{ strip *gaugeStrip }

func (l gaugesAbove) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[1].MinSize() }

func (l gaugesAbove) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	height := float32(0)
	if l.strip.Visible() {
		height = l.strip.fit(size.Width, max(1, size.Height-objects[1].MinSize().Height))
	}
	objects[0].Move(fyne.NewPos(0, 0))
	objects[0].Resize(fyne.NewSize(size.Width, height))
	objects[1].Move(fyne.NewPos(0, height))
	objects[1].Resize(fyne.NewSize(size.Width, size.Height-height))
}
