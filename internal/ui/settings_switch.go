package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// toggle is a switch that is on or off.
type toggle struct {
	widget.BaseWidget
	on       bool
	onChange func(on bool)        // called when the person turns it
	onKey    func(*fyne.KeyEvent) // gets the keys that it has no use for; may be nil

	hovered, focused bool
}

var (
	_ fyne.Tappable     = (*toggle)(nil)
	_ fyne.Focusable    = (*toggle)(nil)
	_ desktop.Hoverable = (*toggle)(nil)
)

func newToggle(on bool, onChange func(bool)) *toggle {
	t := &toggle{on: on, onChange: onChange}
	t.ExtendBaseWidget(t)
	return t
}

// set shows whether it is on, without calling onChange.
func (t *toggle) set(on bool) {
	t.on = on
	t.Refresh()
}

func (t *toggle) turn() {
	t.set(!t.on)
	if t.onChange != nil {
		t.onChange(t.on)
	}
}

func (t *toggle) Tapped(*fyne.PointEvent)        { t.turn() }
func (t *toggle) FocusGained()                   { t.focused = true; t.Refresh() }
func (t *toggle) FocusLost()                     { t.focused = false; t.Refresh() }
func (t *toggle) TypedRune(rune)                 {}
func (t *toggle) MouseIn(*desktop.MouseEvent)    { t.hovered = true; t.Refresh() }
func (t *toggle) MouseMoved(*desktop.MouseEvent) {}
func (t *toggle) MouseOut()                      { t.hovered = false; t.Refresh() }

// TypedKey turns it on Space and Enter.
func (t *toggle) TypedKey(e *fyne.KeyEvent) {
	switch {
	case e.Name == fyne.KeySpace, e.Name == fyne.KeyReturn, e.Name == fyne.KeyEnter:
		t.turn()
	case t.onKey != nil:
		t.onKey(e)
	}
}

// CreateRenderer is for Fyne.
func (t *toggle) CreateRenderer() fyne.WidgetRenderer {
	r := &toggleRenderer{t: t, track: &canvas.Rectangle{}, knob: &canvas.Circle{}}
	r.Refresh()
	return r
}

type toggleRenderer struct {
	t     *toggle
	track *canvas.Rectangle
	knob  *canvas.Circle
}

func (r *toggleRenderer) Destroy()                     {}
func (r *toggleRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.track, r.knob} }

// MinSize grows with the text.
func (r *toggleRenderer) MinSize() fyne.Size {
	height := floor(r.t.Theme().Size(theme.SizeNameText)*1.5 + 0.5)
	return fyne.NewSize(floor(height*1.8+0.5), height)
}

func (r *toggleRenderer) Layout(size fyne.Size) {
	least := r.MinSize()
	top := floor((size.Height - least.Height) / 2)
	r.track.Move(fyne.NewPos(0, top))
	r.track.Resize(least)
	r.track.CornerRadius = least.Height / 2
	const inset = 3
	side := least.Height - 2*inset
	x := float32(inset)
	if r.t.on {
		x = least.Width - inset - side
	}
	r.knob.Move(fyne.NewPos(x, top+inset))
	r.knob.Resize(fyne.NewSquareSize(side))
}

// Refresh shows the state by place and by colour: filled when on, an outline when off.
func (r *toggleRenderer) Refresh() {
	th, v := r.t.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	primary, muted := th.Color(theme.ColorNamePrimary, v), th.Color(theme.ColorNamePlaceHolder, v)
	if r.t.on {
		r.track.FillColor, r.track.StrokeColor = primary, primary
		r.knob.FillColor = th.Color(theme.ColorNameForegroundOnPrimary, v)
	} else {
		r.track.FillColor, r.track.StrokeColor = th.Color(theme.ColorNameInputBackground, v), muted
		r.knob.FillColor = muted
	}
	r.track.StrokeWidth = 1
	if r.t.focused {
		r.track.StrokeColor, r.track.StrokeWidth = th.Color(theme.ColorNameForeground, v), 2
	} else if r.t.hovered && !r.t.on {
		r.track.StrokeColor = primary
	}
	r.Layout(r.t.Size())
	r.track.Refresh()
	r.knob.Refresh()
}
