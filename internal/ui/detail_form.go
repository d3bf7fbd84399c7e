package ui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// factKeyWidth is the width of the keys in the detail pane.
const factKeyWidth = 78

// factForm is a title, a sentence, and lines of keys and values that wrap. Its labels are made
// once and filled again and again, so that nothing flickers.
type factForm struct {
	*fyne.Container
	heading  string // the title, as far as there is room
	title    *readable
	sentence *readable
	lines    [mostFacts]struct {
		key   *words
		value *readable
	}
	facts  []fact
	width  float32 // what it is laid out for
	height float32

	titleWidth float32
	changed    func() // the title takes another number of lines; may be nil
}

// newFactForm makes it; left gives the keyboard back that a text had which was marked.
func newFactForm(left func()) *factForm {
	value := func() *readable {
		r := newReadable()
		r.Wrapping = fyne.TextWrapWord
		r.left = left
		return r
	}
	f := &factForm{title: newReadable(), sentence: value()}
	f.title.SizeName, f.title.left = theme.SizeNameSubHeadingText, left
	f.title.TextStyle.Bold, f.title.Truncation = true, fyne.TextTruncateClip
	objects := []fyne.CanvasObject{f.sentence}
	for i := range f.lines {
		line := &f.lines[i]
		line.key, line.value = newWords(""), value()
		line.key.Importance = widget.LowImportance
		line.key.Hide()
		line.value.Hide()
		objects = append(objects, line.key, line.value)
	}
	f.Container = container.New(f, objects...)
	return f
}

// wrapped is a label of as many lines as its text takes.
func wrapped() *words {
	l := newWords("")
	l.Wrapping = fyne.TextWrapWord
	return l
}

// set shows other texts. Labels that say the same as before are left alone.
func (f *factForm) set(title, sentence string, facts []fact) {
	changed := f.sentence.Text != sentence || len(f.facts) != len(facts)
	if f.heading != title {
		f.heading = title
		if f.fitTitle(f.titleWidth) && f.changed != nil {
			f.changed()
		}
	}
	setText(&f.sentence.words, sentence)
	facts = facts[:min(len(facts), mostFacts)]
	for i := range f.lines {
		line := &f.lines[i]
		if i >= len(facts) {
			line.key.Hide()
			line.value.Hide()
			continue
		}
		changed = changed || f.facts[i].value != facts[i].value
		setText(line.key, facts[i].key)
		line.key.Show()
		line.value.Show()
	}
	f.facts = facts
	if changed {
		f.fit(f.width)
		f.Resize(fyne.NewSize(f.width, f.height))
		f.Refresh()
	}
}

// titleLines is how many lines the title takes at most.
const titleLines = 2

// fitTitle breaks the title for a width, and reports whether it takes another number of lines than before.
func (f *factForm) fitTitle(width float32) bool {
	f.titleWidth = width
	before := strings.Count(f.title.Text, "\n")
	fitter := textFitter{}
	fitter.use(f.title.Theme())
	fitter.size, fitter.regular.style = f.title.Theme().Size(f.title.SizeName), f.title.TextStyle
	setText(&f.title.words, strings.Join(fitter.wrap(f.heading, width-2*wordsInset, titleLines), "\n"))
	return strings.Count(f.title.Text, "\n") != before
}

// fit lays it out for a width, and knows its height then.
func (f *factForm) fit(width float32) {
	f.width = width
	width -= scrollBarRoom // long words would lie below the bar
	y := place(f.sentence, 0, 0, width) + 6
	for i := range f.facts {
		line := &f.lines[i]
		line.key.Move(fyne.NewPos(0, y))
		line.key.Resize(fyne.NewSize(factKeyWidth, line.key.MinSize().Height))
		setText(&line.value.words, brokenPaths(f.facts[i].value, width-factKeyWidth-2*wordsInset, line.value.Theme().Size(theme.SizeNameText)))
		y += place(line.value, factKeyWidth, y, width-factKeyWidth)
	}
	f.height = y
}

// pathBreak is where a path that is too long for a line goes on in the next one.
const pathBreak = "/\n"

// brokenPaths breaks what is longer than a line behind a slash, where it has one: Fyne breaks a long word wherever the
// line ends.
func brokenPaths(text string, width, size float32) string {
	wide := func(s string) float32 { return fyne.MeasureText(s, size, fyne.TextStyle{}).Width }
	long := func(word string) bool { return strings.Contains(word, "/") && wide(word) > width }
	if width <= 0 || !strings.Contains(text, "/") || !slices.ContainsFunc(strings.Fields(text), long) {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		var b strings.Builder
		x := float32(0)
		for line != "" {
			end := strings.IndexAny(line, "/ ") + 1
			if end == 0 {
				end = len(line)
			}
			part := line[:end]
			line = line[end:]
			w := wide(part)
			if x > 0 && x+w > width {
				if strings.HasSuffix(b.String(), "/") {
					b.WriteByte('\n')
				}
				x = 0 // at a blank Fyne does it
			}
			b.WriteString(part)
			x += w
		}
		lines[i] = b.String()
	}
	return strings.Join(lines, "\n")
}

// place gives a label a width, and tells the height that it takes.
func place(l fyne.CanvasObject, x, y, width float32) float32 {
	l.Move(fyne.NewPos(x, y))
	l.Resize(fyne.NewSize(fyne.Max(1, width), l.Size().Height)) // the lines wrap, and then the height is known
	height := l.MinSize().Height
	l.Resize(fyne.NewSize(fyne.Max(1, width), height))
	return height
}

// MinSize is for Fyne: as high as it was laid out for.
func (f *factForm) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(0, f.height) }

// Layout is for Fyne.
func (f *factForm) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	if size.Width != f.width {
		f.fit(size.Width)
	}
}

// paneLayout places the head above the rest, which scrolls. The rest is told its width before its
// height is asked for.
type paneLayout struct {
	form    *factForm
	buttons fyne.CanvasObject // beside the title
}

func (p *paneLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(160, objects[0].MinSize().Height+40)
}

func (p *paneLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	p.form.fitTitle(size.Width - p.buttons.MinSize().Width - titleGap)
	head := objects[0].MinSize().Height
	objects[0].Move(fyne.NewPos(0, 0))
	objects[0].Resize(fyne.NewSize(size.Width, head))
	if p.form.width != size.Width {
		p.form.fit(size.Width)
	}
	objects[1].Move(fyne.NewPos(0, head+2))
	objects[1].Resize(fyne.NewSize(size.Width, size.Height-head-2))
}

// titleGap is the room between the title and the buttons beside it.
const titleGap = 6

// beside places the detail pane at the right of the table, or below it where the window is narrow. In a window that is too low for both
// the pane is there instead of the table, until it is closed or the row is there no more.
type beside struct {
	tells func() bool // the pane has something to tell; without it it yields in a low window
}

// From which width of the window on the pane stands at the right, and its widths and heights there and below.
const (
	wideWindow              = 860
	leastPane, mostPane     = 300, 420
	paneShare               = 0.3
	leastHeight, mostHeight = 64, 240
	heightShare             = 0.4
	lowRows                 = 260 // a height of both together under which there is but one of them
)

func (beside) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[0].MinSize() }

func (b beside) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	main, pane := objects[0], objects[1]
	main.Move(fyne.NewPos(0, 0))
	low := size.Width < wideWindow && size.Height < lowRows
	if pane.Visible() && low && b.tells() {
		main.Hide() // it would be clicked through the pane
		pane.Move(fyne.NewPos(0, 0))
		pane.Resize(size)
		return
	}
	main.Show()
	switch {
	case !pane.Visible():
		main.Resize(size)
	case low:
		main.Resize(size)
		pane.Move(fyne.NewPos(2*size.Width, 0)) // out of the window
		pane.Resize(size)
	case size.Width >= wideWindow:
		width := fyne.Min(mostPane, fyne.Max(leastPane, size.Width*paneShare))
		main.Resize(fyne.NewSize(size.Width-width, size.Height))
		pane.Move(fyne.NewPos(size.Width-width, 0))
		pane.Resize(fyne.NewSize(width, size.Height))
	default:
		height := fyne.Min(mostHeight, fyne.Max(leastHeight, size.Height*heightShare))
		main.Resize(fyne.NewSize(size.Width, size.Height-height))
		pane.Move(fyne.NewPos(0, size.Height-height))
		pane.Resize(fyne.NewSize(size.Width, height))
	}
}

// ground is a plain area in one of the theme's colours, with a line around it.
type ground struct {
	widget.BaseWidget
	colour fyne.ThemeColorName
	area   *canvas.Rectangle
}

func newGround(colour fyne.ThemeColorName) *ground {
	g := &ground{colour: colour, area: &canvas.Rectangle{StrokeWidth: 1}}
	g.ExtendBaseWidget(g)
	return g
}

// Refresh takes the colours anew: the theme may have changed.
func (g *ground) Refresh() {
	variant := fyne.CurrentApp().Settings().ThemeVariant()
	g.area.FillColor = g.Theme().Color(g.colour, variant)
	g.area.StrokeColor = g.Theme().Color(theme.ColorNameSeparator, variant)
	g.area.Refresh()
}

// CreateRenderer is for Fyne.
func (g *ground) CreateRenderer() fyne.WidgetRenderer {
	g.Refresh()
	return widget.NewSimpleRenderer(g.area)
}
