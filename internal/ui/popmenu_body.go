package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// The measures of a menu, in pixels; the lines and their symbols grow with the text.
const (
	menuPad   = 5  // above the first line and below the last
	menuEdge  = 4  // from the menu's edge to the box of the marked line
	menuInset = 9  // from its edge to the column of the symbols
	menuGap   = 7  // from that column to the words
	menuKeys  = 28 // from the longest words to the shortcuts
	menuRule  = 9  // the height of a separator
)

// menuBody is the lines of a menu. Every one has a column for a symbol, so that all words begin below one another.
type menuBody struct {
	widget.BaseWidget
	items    []*fyne.MenuItem
	marked   int // the line below the pointer, or that of the keyboard; -1: none
	onMark   func(int)
	onChoose func(int)
	fitter   textFitter
}

var (
	_ fyne.Tappable     = (*menuBody)(nil)
	_ desktop.Hoverable = (*menuBody)(nil)
)

func newMenuBody(items []*fyne.MenuItem) *menuBody {
	b := &menuBody{items: items, marked: -1}
	b.ExtendBaseWidget(b)
	b.fitter.use(b.Theme())
	return b
}

// can reports whether a line can be chosen.
func (b *menuBody) can(i int) bool { return !b.items[i].IsSeparator && !b.items[i].Disabled }

// next is the line after i that can be chosen, or before it, around the ends; i is -1 for none.
func (b *menuBody) next(i, step int) int {
	n := len(b.items)
	if i < 0 && step < 0 {
		i = 0
	}
	for range n {
		i = (i + step + n) % n
		if b.can(i) {
			return i
		}
	}
	return -1
}

// isDangerous tells the lines that end something, by their symbol: Fyne's lines have no colour.
func isDangerous(item *fyne.MenuItem) bool {
	_, dangerous := item.Icon.(*theme.ErrorThemedResource)
	return dangerous
}

func (b *menuBody) heightOf(i int) float32 {
	if b.items[i].IsSeparator {
		return menuRule
	}
	return b.fitter.rowHeight + 2
}

// top is where a line begins.
func (b *menuBody) top(i int) float32 {
	y := float32(menuPad)
	for before := range max(0, i) {
		y += b.heightOf(before)
	}
	return y
}

// at is the line at a height; -1: none that can be chosen.
func (b *menuBody) at(y float32) int {
	for i := range b.items {
		if top := b.top(i); y >= top && y < top+b.heightOf(i) && b.can(i) {
			return i
		}
	}
	return -1
}

// symbolSize is that of a symbol.
func (b *menuBody) symbolSize() float32 { return b.Theme().Size(theme.SizeNameInlineIcon) - 2 }

// wordsAt is where the words begin.
func (b *menuBody) wordsAt() float32 { return menuInset + b.symbolSize() + menuGap }

// behind is what stands at the end of the widest line: a shortcut, or the arrow of a menu.
func (b *menuBody) behind() float32 {
	widest := float32(0)
	for _, item := range b.items {
		if key := keyOf(item); key != "" {
			widest = max(widest, b.fitter.width(key, false)+menuKeys)
		}
		if item.ChildMenu != nil {
			widest = max(widest, b.symbolSize()+menuGap)
		}
	}
	return widest
}

// MinSize is what all lines need.
func (b *menuBody) MinSize() fyne.Size {
	b.fitter.use(b.Theme())
	widest := float32(0)
	for _, item := range b.items {
		widest = max(widest, b.fitter.width(item.Label, false))
	}
	return fyne.NewSize(floor(b.wordsAt()+widest+b.behind()+menuInset+menuEdge)+1, b.top(len(b.items))+menuPad)
}

// Tapped chooses a line.
func (b *menuBody) Tapped(e *fyne.PointEvent) { b.onChoose(b.at(e.Position.Y)) }

// MouseIn marks the line below the pointer.
func (b *menuBody) MouseIn(e *desktop.MouseEvent) { b.onMark(b.at(e.Position.Y)) }

// MouseMoved marks it too.
func (b *menuBody) MouseMoved(e *desktop.MouseEvent) { b.onMark(b.at(e.Position.Y)) }

// MouseOut marks none, unless a menu is open beside it.
func (b *menuBody) MouseOut() {
	if b.marked >= 0 && b.items[b.marked].ChildMenu == nil {
		b.onMark(-1)
	}
}

// CreateRenderer is for Fyne.
func (b *menuBody) CreateRenderer() fyne.WidgetRenderer {
	r := &menuBodyRenderer{b: b}
	r.Refresh()
	return r
}

type menuBodyRenderer struct {
	b       *menuBody
	objects []fyne.CanvasObject
}

func (r *menuBodyRenderer) Destroy()                     {}
func (r *menuBodyRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *menuBodyRenderer) MinSize() fyne.Size           { return r.b.MinSize() }
func (r *menuBodyRenderer) Layout(fyne.Size)             { r.Refresh() }

func (r *menuBodyRenderer) Refresh() {
	r.b.fitter.use(r.b.Theme())
	r.objects = r.objects[:0]
	for i, item := range r.b.items {
		if item.IsSeparator {
			rule := canvas.NewRectangle(r.colour(theme.ColorNameSeparator))
			rule.Move(fyne.NewPos(menuInset, r.b.top(i)+menuRule/2))
			rule.Resize(fyne.NewSize(max(0, r.b.Size().Width-2*menuInset), 1))
			r.objects = append(r.objects, rule)
			continue
		}
		r.line(i, item)
	}
}

func (r *menuBodyRenderer) colour(name fyne.ThemeColorName) color.Color {
	return r.b.Theme().Color(name, fyne.CurrentApp().Settings().ThemeVariant())
}

// inks are the colours of a line: the box of the marked one, its words and its shortcut.
func (r *menuBodyRenderer) inks(i int, item *fyne.MenuItem) (box, words, key fyne.ThemeColorName) {
	switch dangerous, marked := isDangerous(item), i == r.b.marked; {
	case item.Disabled:
		return "", theme.ColorNameDisabled, theme.ColorNameDisabled
	case dangerous && marked:
		return theme.ColorNameError, theme.ColorNameForegroundOnError, theme.ColorNameForegroundOnError
	case marked:
		return theme.ColorNamePrimary, theme.ColorNameForegroundOnPrimary, theme.ColorNameForegroundOnPrimary
	case dangerous:
		return "", theme.ColorNameError, theme.ColorNamePlaceHolder
	default:
		return "", theme.ColorNameForeground, theme.ColorNamePlaceHolder
	}
}

// line draws a line.
func (r *menuBodyRenderer) line(i int, item *fyne.MenuItem) {
	b := r.b
	top, height, width := b.top(i), b.heightOf(i), b.Size().Width
	box, words, key := r.inks(i, item)
	if box != "" {
		ground := canvas.NewRectangle(r.colour(box))
		ground.CornerRadius = b.Theme().Size(theme.SizeNameSelectionRadius)
		ground.Move(fyne.NewPos(menuEdge, top))
		ground.Resize(fyne.NewSize(width-2*menuEdge, height))
		r.objects = append(r.objects, ground)
	}
	if item.Checked {
		r.symbol(symbol("check"), words, menuInset, top)
	} else if item.Icon != nil {
		r.symbol(item.Icon, words, menuInset, top)
	}
	end := width - menuInset - menuEdge
	if item.ChildMenu != nil {
		r.symbol(symbol("next"), key, end-b.symbolSize()+menuEdge, top)
	} else if name := keyOf(item); name != "" {
		r.text(name, key, end-b.fitter.width(name, false), top, height)
	}
	r.text(b.fitter.fit(item.Label, end-b.behind()-b.wordsAt(), false), words, b.wordsAt(), top, height)
}

func (r *menuBodyRenderer) symbol(icon fyne.Resource, ink fyne.ThemeColorName, x, top float32) {
	size := r.b.symbolSize()
	picture := canvas.NewImageFromResource(theme.NewColoredResource(icon, ink))
	picture.Move(fyne.NewPos(x, top+floor((r.b.fitter.rowHeight+2-size)/2)))
	picture.Resize(fyne.NewSquareSize(size))
	r.objects = append(r.objects, picture)
}

func (r *menuBodyRenderer) text(words string, ink fyne.ThemeColorName, x, top, height float32) {
	text := &canvas.Text{Text: words, Color: r.colour(ink), TextSize: r.b.fitter.size}
	text.Move(fyne.NewPos(x, top))
	text.Resize(fyne.NewSize(r.b.fitter.width(words, false)+1, height))
	r.objects = append(r.objects, text)
}

// CreateRenderer is for Fyne: the ground with its edge and its shadow, and the lines on it.
func (p *menuPanel) CreateRenderer() fyne.WidgetRenderer {
	r := &menuPanelRenderer{p: p, ground: &canvas.Rectangle{StrokeWidth: 1}}
	r.Refresh()
	return r
}

type menuPanelRenderer struct {
	p      *menuPanel
	ground *canvas.Rectangle
}

func (r *menuPanelRenderer) Destroy()           {}
func (r *menuPanelRenderer) MinSize() fyne.Size { return r.p.MinSize() }

func (r *menuPanelRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.p.scroll}
}

func (r *menuPanelRenderer) Layout(size fyne.Size) {
	r.ground.Resize(size)
	r.p.scroll.Resize(size)
}

func (r *menuPanelRenderer) Refresh() {
	th, v := r.p.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	r.ground.FillColor, r.ground.StrokeColor = th.Color(theme.ColorNameMenuBackground, v), th.Color(theme.ColorNameSeparator, v)
	r.ground.CornerRadius = th.Size(theme.SizeNameMenuRadius) + 2
	r.ground.Shadow = canvas.Shadow{Color: th.Color(theme.ColorNameShadow, v), Offset: fyne.NewPos(0, 2), BlurRadius: 8}
	r.ground.Refresh()
	r.p.body.Refresh()
	r.p.scroll.Refresh()
}
