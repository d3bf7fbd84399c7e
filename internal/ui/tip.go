package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// tips shows what a thing is when the pointer rests on it: the name of a button without words, or a text that is cut. It is
// a part of the window's content, above all the rest, as the suggestions of the search are.
type tips struct {
	widget.BaseWidget
	fitter textFitter
	over   fyne.CanvasObject // what the pointer is on; nil: nothing that has a tip
	text   string
	lines  []string

	later func(time.Duration, func()) // runs a function on the UI thread, later
}

const (
	tipRest  = 500 * time.Millisecond // how long the pointer has to rest
	tipPad   = 7
	tipMost  = 460 // the width of a line
	tipLines = 8
	tipGap   = 4 // from what it is about, and from the window's edges
)

func newTips(do func(func())) *tips {
	t := &tips{later: func(d time.Duration, f func()) { time.AfterFunc(d, func() { do(f) }) }}
	t.ExtendBaseWidget(t)
	t.Hide()
	return t
}

// enter is called when the pointer comes to an object that says text.
func (t *tips) enter(o fyne.CanvasObject, text string) {
	t.leave()
	if text == "" {
		return
	}
	t.over, t.text = o, text
	t.later(tipRest, func() {
		if t.over == o && t.text == text {
			t.show()
		}
	})
}

// leave is called when it goes, and when the object is pressed.
func (t *tips) leave() {
	t.over = nil
	t.Hide()
}

// show places the tip below its object, or above where there is no room.
func (t *tips) show() {
	driver := fyne.CurrentApp().Driver()
	c := driver.CanvasForObject(t.over)
	if c == nil || c.Overlays().Top() != nil {
		return
	}
	t.fitter.use(t.Theme())
	room := c.Size()
	t.lines = t.fitter.wrap(t.text, min(tipMost, room.Width-2*tipGap-2*tipPad), tipLines)
	size := t.MinSize()
	at := driver.AbsolutePositionForObject(t.over)
	y := at.Y + t.over.Size().Height + tipGap
	if y+size.Height > room.Height-tipGap {
		y = max(tipGap, at.Y-tipGap-size.Height)
	}
	t.Move(fyne.NewPos(max(tipGap, min(at.X, room.Width-size.Width-tipGap)), y))
	t.Resize(size)
	t.Show()
	t.Refresh()
}

// MinSize is that of the text.
func (t *tips) MinSize() fyne.Size {
	widest := float32(0)
	for _, line := range t.lines {
		widest = max(widest, t.fitter.width(line, false))
	}
	return fyne.NewSize(widest+2*tipPad+1, float32(len(t.lines))*t.lineHeight()+tipPad)
}

func (t *tips) lineHeight() float32 { return t.fitter.rowHeight - 3 }

// CreateRenderer is for Fyne.
func (t *tips) CreateRenderer() fyne.WidgetRenderer {
	r := &tipsRenderer{t: t, ground: &canvas.Rectangle{StrokeWidth: 1, CornerRadius: 4}}
	r.Refresh()
	return r
}

type tipsRenderer struct {
	t       *tips
	ground  *canvas.Rectangle
	objects []fyne.CanvasObject
}

func (r *tipsRenderer) Layout(size fyne.Size)        { r.ground.Resize(size) }
func (r *tipsRenderer) MinSize() fyne.Size           { return r.t.MinSize() }
func (r *tipsRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *tipsRenderer) Destroy()                     {}

func (r *tipsRenderer) Refresh() {
	th, v := r.t.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	r.ground.FillColor, r.ground.StrokeColor = th.Color(theme.ColorNameOverlayBackground, v), th.Color(theme.ColorNameInputBorder, v)
	r.objects = append(r.objects[:0], r.ground)
	for i, line := range r.t.lines {
		text := &canvas.Text{Text: line, Color: th.Color(theme.ColorNameForeground, v), TextSize: r.t.fitter.size}
		text.Move(fyne.NewPos(tipPad, tipPad/2+float32(i)*r.t.lineHeight()))
		text.Resize(fyne.NewSize(r.t.Size().Width, r.t.lineHeight()))
		r.objects = append(r.objects, text)
	}
	r.ground.Refresh()
}

// toolButton is a button of the toolbar: a symbol with a word, which goes where there is little room. Then, and where there never
// was one, a tip says it.
type toolButton struct {
	widget.Button
	tips  *tips
	word  string // "" for a symbol alone
	tip   string // what it does
	tight bool
}

var _ desktop.Hoverable = (*toolButton)(nil)

// toolPad is the room beside the word of a button.
const toolPad = 4

func newToolButton(t *tips, icon fyne.Resource, word, tip string, tapped func()) *toolButton {
	b := &toolButton{tips: t, word: word, tip: tip}
	b.Icon, b.Text, b.OnTapped = icon, word, tapped
	b.ExtendBaseWidget(b)
	return b
}

// newTipButton is a flat button of a symbol alone, which a tip explains.
func newTipButton(t *tips, icon fyne.Resource, tip string, tapped func()) *toolButton {
	b := newToolButton(t, icon, "", tip, tapped)
	b.Importance = widget.LowImportance
	return b
}

// say changes symbol and word.
func (b *toolButton) say(icon fyne.Resource, word, tip string) {
	b.word, b.tip = word, tip
	b.SetIcon(icon)
	b.fold(b.tight)
}

// fold takes the word away, or gives it back.
func (b *toolButton) fold(tight bool) {
	b.tight = tight
	text := b.word
	if tight {
		text = ""
	}
	if b.Text != text {
		b.SetText(text)
	}
}

// MinSize has some more room beside a word than Fyne gives it.
func (b *toolButton) MinSize() fyne.Size {
	size := b.Button.MinSize()
	if b.Text != "" {
		size.Width += 2 * toolPad
	}
	return size
}

// whole is how wide it is with its word.
func (b *toolButton) whole() float32 {
	width := b.MinSize().Width
	if b.Text == "" && b.word != "" {
		th := b.Theme()
		width += fyne.MeasureText(b.word, th.Size(theme.SizeNameText), fyne.TextStyle{Bold: true}).Width + th.Size(theme.SizeNamePadding) + 2*toolPad
	}
	return width
}

// MouseIn has the tip shown, once the pointer rests.
func (b *toolButton) MouseIn(e *desktop.MouseEvent) {
	b.Button.MouseIn(e)
	b.tips.enter(b, b.tip)
}

// MouseOut has it go.
func (b *toolButton) MouseOut() {
	b.Button.MouseOut()
	b.tips.leave()
}

// Tapped acts: the tip has been read.
func (b *toolButton) Tapped(e *fyne.PointEvent) {
	b.tips.leave()
	b.Button.Tapped(e)
}
