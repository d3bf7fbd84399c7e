package ui

import (
	"runtime"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// popMenu is a menu over the window, with those that open beside its lines. Fyne's own writes its shortcuts so faintly
// that they cannot be read, and begins each line somewhere else.
//
// It covers the whole window, and gets what is clicked beside it.
type popMenu struct {
	widget.BaseWidget
	canvas fyne.Canvas
	panels []*menuPanel // the menu, then each that is open beside a line of the one before it
	closed func()       // called once, when it goes
	shown  bool
}

var (
	_ fyne.Focusable         = (*popMenu)(nil)
	_ fyne.Tappable          = (*popMenu)(nil)
	_ fyne.SecondaryTappable = (*popMenu)(nil)
	_ desktop.Hoverable      = (*popMenu)(nil)
)

func newPopMenu(c fyne.Canvas, items []*fyne.MenuItem, closed func()) *popMenu {
	m := &popMenu{canvas: c, closed: closed}
	m.ExtendBaseWidget(m)
	m.panels = []*menuPanel{newMenuPanel(m, items, 0)}
	return m
}

// showAt shows it with its corner there, or as near as the window has room for.
func (m *popMenu) showAt(at fyne.Position) {
	m.panels[0].at = at
	m.shown = true
	m.canvas.Overlays().Add(m)
	m.Resize(m.canvas.Size())
	m.canvas.Focus(m)
}

// dismiss closes it.
func (m *popMenu) dismiss() {
	if !m.shown {
		return
	}
	m.shown = false
	m.canvas.Overlays().Remove(m)
	m.closed()
}

// choose does what a line says, or opens the menu beside it; byKey has the first line of that one marked.
func (m *popMenu) choose(p *menuPanel, i int, byKey bool) {
	if i < 0 {
		return
	}
	item := p.body.items[i]
	if item.ChildMenu != nil {
		m.mark(p, i)
		if byKey {
			m.step(m.last(), m.last().body.next(-1, 1))
		}
		return
	}
	m.dismiss()
	if item.Action != nil {
		item.Action()
	}
}

// mark is step, and what is beside the line opens.
func (m *popMenu) mark(p *menuPanel, i int) {
	if p.body.marked == i && (i < 0 || p.body.items[i].ChildMenu == nil || m.last() != p) {
		return
	}
	m.step(p, i)
	if i >= 0 && p.body.items[i].ChildMenu != nil {
		m.panels = append(m.panels, newMenuPanel(m, p.body.items[i].ChildMenu.Items, p.depth+1))
		m.Refresh()
	}
}

// last is the panel that the keyboard is in.
func (m *popMenu) last() *menuPanel { return m.panels[len(m.panels)-1] }

// atKeys is the panel that the keys move in: what the mouse has opened beside a line waits until a key goes there.
func (m *popMenu) atKeys() *menuPanel {
	p := m.last()
	if p.depth > 0 && p.body.marked < 0 {
		return m.panels[p.depth-1]
	}
	return p
}

// place puts every panel where it belongs, within the window.
func (m *popMenu) place() {
	room := m.canvas.Size()
	for i, p := range m.panels {
		size := p.MinSize()
		size = fyne.NewSize(min(size.Width, room.Width), min(size.Height, room.Height))
		at := p.at
		if i > 0 {
			at = m.beside(m.panels[i-1], size, room)
		}
		p.Move(fyne.NewPos(max(0, min(at.X, room.Width-size.Width)), max(0, min(at.Y, room.Height-size.Height))))
		p.Resize(size)
	}
}

// beside is where a menu of that size opens: right of the marked line, or left of it where there is more room.
func (m *popMenu) beside(p *menuPanel, size, room fyne.Size) fyne.Position {
	at := p.Position().AddXY(p.Size().Width-menuEdge, p.body.top(p.body.marked)-p.scroll.Offset.Y-menuPad)
	if left := p.Position().X - size.Width + menuEdge; at.X+size.Width > room.Width && left >= 0 {
		at.X = left
	}
	return at
}

// FocusGained changes nothing: it has the focus for as long as it is open.
func (m *popMenu) FocusGained() {}

// FocusLost changes nothing.
func (m *popMenu) FocusLost() {}

// TypedRune changes nothing.
func (m *popMenu) TypedRune(rune) {}

// TypedKey walks the lines.
func (m *popMenu) TypedKey(e *fyne.KeyEvent) {
	p := m.atKeys()
	b := p.body
	switch e.Name {
	case fyne.KeyDown:
		m.step(p, b.next(b.marked, 1))
	case fyne.KeyUp:
		m.step(p, b.next(b.marked, -1))
	case fyne.KeyHome:
		m.step(p, b.next(-1, 1))
	case fyne.KeyEnd:
		m.step(p, b.next(-1, -1))
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		m.choose(p, b.marked, true)
	case fyne.KeyRight:
		if b.marked >= 0 && b.items[b.marked].ChildMenu != nil {
			m.choose(p, b.marked, true)
		}
	case fyne.KeyLeft:
		if p.depth > 0 {
			above := m.panels[p.depth-1]
			m.panels = m.panels[:p.depth]
			m.step(above, above.body.marked)
		}
	case fyne.KeyEscape:
		m.dismiss()
	}
}

// step marks a line of a panel, -1 for none. What is open beside it, or beside another one, closes.
func (m *popMenu) step(p *menuPanel, i int) {
	p.body.marked = i
	m.panels = m.panels[:p.depth+1]
	p.body.Refresh()
	p.reveal(i)
	m.Refresh()
}

// Tapped is a click beside it, and closes it.
func (m *popMenu) Tapped(*fyne.PointEvent) { m.dismiss() }

// TappedSecondary closes it too.
func (m *popMenu) TappedSecondary(*fyne.PointEvent) { m.dismiss() }

// MouseIn keeps the pointer from what lies below.
func (m *popMenu) MouseIn(*desktop.MouseEvent) {}

// MouseMoved changes nothing.
func (m *popMenu) MouseMoved(*desktop.MouseEvent) {}

// MouseOut changes nothing.
func (m *popMenu) MouseOut() {}

// CreateRenderer is for Fyne.
func (m *popMenu) CreateRenderer() fyne.WidgetRenderer { return &popMenuRenderer{m} }

type popMenuRenderer struct{ m *popMenu }

func (r *popMenuRenderer) Destroy()           {}
func (r *popMenuRenderer) Layout(fyne.Size)   { r.m.place() }
func (r *popMenuRenderer) MinSize() fyne.Size { return fyne.Size{} }

func (r *popMenuRenderer) Objects() []fyne.CanvasObject {
	all := make([]fyne.CanvasObject, len(r.m.panels))
	for i, p := range r.m.panels {
		all[i] = p
	}
	return all
}

func (r *popMenuRenderer) Refresh() {
	r.m.place()
	for _, p := range r.m.panels {
		p.Refresh()
	}
	canvas.Refresh(r.m)
}

// menuPanel is one menu: its lines on a ground, scrolled where the window is too low for them.
type menuPanel struct {
	widget.BaseWidget
	depth  int // how many menus it opened from
	at     fyne.Position
	body   *menuBody
	scroll *container.Scroll
}

func newMenuPanel(m *popMenu, items []*fyne.MenuItem, depth int) *menuPanel {
	p := &menuPanel{depth: depth}
	p.body = newMenuBody(items)
	p.body.onMark = func(i int) { m.mark(p, i) }
	p.body.onChoose = func(i int) { m.choose(p, i, false) }
	p.scroll = container.NewVScroll(p.body)
	p.ExtendBaseWidget(p)
	return p
}

// MinSize is what all lines need.
func (p *menuPanel) MinSize() fyne.Size { return p.body.MinSize() }

// reveal scrolls a line into view.
func (p *menuPanel) reveal(i int) {
	if i < 0 {
		return
	}
	top := p.body.top(i) - menuPad
	bottom := p.body.top(i) + p.body.heightOf(i) + menuPad
	switch height := p.scroll.Size().Height; {
	case height <= 0:
		return
	case top < p.scroll.Offset.Y:
		p.scroll.Offset.Y = top
	case bottom > p.scroll.Offset.Y+height:
		p.scroll.Offset.Y = bottom - height
	default:
		return
	}
	p.scroll.Refresh()
}

// keyOf is how the shortcut of a line is written.
func keyOf(item *fyne.MenuItem) string {
	s, ok := item.Shortcut.(fyne.KeyboardShortcut)
	switch {
	case ok && s.Mod() == 0:
		return keyName(s.Key())
	case ok:
		return shortcutName(runtime.GOOS, s.Key())
	default:
		return ""
	}
}
