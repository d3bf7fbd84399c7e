package ui

import (
	"image/color"
	"log/slog"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/language"
)

// strip is one line of text on a ground tinted in the colour of what it means.
type strip struct {
	widget.BaseWidget
	colour  fyne.ThemeColorName
	icon    *widget.Icon
	label   *words
	content *fyne.Container
	changed func() // it has come or gone, and what is around it must be laid out anew; may be nil
}

// newStrip gives a strip with more objects at its right end.
func newStrip(more ...fyne.CanvasObject) *strip {
	s := &strip{colour: theme.ColorNamePrimary, icon: widget.NewIcon(theme.InfoIcon()), label: newWords("")}
	s.label.Truncation = fyne.TextTruncateEllipsis
	s.content = container.NewBorder(nil, nil, container.New(layout.NewCustomPaddedLayout(0, 0, 6, 0), s.icon),
		container.NewHBox(more...), middle(s.label))
	s.ExtendBaseWidget(s)
	return s
}

// say shows the text. The colour is one of the theme's: primary, success, warning or error.
func (s *strip) say(colour fyne.ThemeColorName, text string) {
	s.colour = colour
	s.label.SetText(text)
	switch colour {
	case theme.ColorNameSuccess:
		s.icon.SetResource(theme.NewSuccessThemedResource(theme.ConfirmIcon()))
	case theme.ColorNameWarning:
		s.icon.SetResource(theme.NewWarningThemedResource(theme.WarningIcon()))
	case theme.ColorNameError:
		s.icon.SetResource(theme.NewErrorThemedResource(theme.ErrorIcon()))
	default:
		s.icon.SetResource(theme.NewPrimaryThemedResource(theme.InfoIcon()))
	}
	shown := s.Visible()
	s.Show()
	s.Refresh()
	if shown && s.changed != nil && s.label.Wrapping != fyne.TextWrapOff {
		s.changed() // it may take another number of lines now
	}
}

func (s *strip) Show() { s.setHidden(false) }
func (s *strip) Hide() { s.setHidden(true) }

func (s *strip) setHidden(hidden bool) {
	if s.Hidden == hidden {
		return
	}
	if hidden {
		s.BaseWidget.Hide()
	} else {
		s.BaseWidget.Show()
	}
	if s.changed != nil {
		s.changed()
	}
}

func (s *strip) CreateRenderer() fyne.WidgetRenderer {
	r := &stripRenderer{s: s, ground: &canvas.Rectangle{}, tint: &canvas.Rectangle{}}
	r.objects = []fyne.CanvasObject{r.ground, r.tint, s.content}
	r.Refresh()
	return r
}

type stripRenderer struct {
	s            *strip
	ground, tint *canvas.Rectangle
	objects      []fyne.CanvasObject
}

func (r *stripRenderer) Destroy()                     {}
func (r *stripRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *stripRenderer) MinSize() fyne.Size           { return r.s.content.MinSize() }

func (r *stripRenderer) Layout(size fyne.Size) {
	for _, object := range r.objects {
		object.Resize(size)
	}
}

// Refresh draws the ground in the window's own colour below the tint: the strip may lie above something.
func (r *stripRenderer) Refresh() {
	th, v := r.s.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	r.ground.FillColor = th.Color(theme.ColorNameBackground, v)
	red, green, blue, _ := th.Color(r.s.colour, v).RGBA()
	tint := color.NRGBA{R: uint8(red >> 8), G: uint8(green >> 8), B: uint8(blue >> 8), A: 0x22}
	r.tint.FillColor = tint
	tint.A = 0x66
	r.tint.StrokeColor, r.tint.StrokeWidth = tint, 1
	r.ground.CornerRadius = th.Size(theme.SizeNameInputRadius)
	r.tint.CornerRadius = r.ground.CornerRadius
	r.ground.Refresh()
	r.tint.Refresh()
	r.s.content.Refresh()
}

// notice is the line below the table that tells what came of a kill. It
// stands below, so that no row moves when it comes and goes.
type notice struct {
	*strip
	action *wordButton
}

func newNotice(t *tips) *notice {
	n := &notice{action: newWordButton("", nil)}
	dismiss := newTipButton(t, theme.CancelIcon(), language.T("Put away"), func() { n.Hide() })
	n.strip = newStrip(container.NewCenter(n.action), container.NewCenter(dismiss))
	n.label.Truncation, n.label.Wrapping = fyne.TextTruncateOff, fyne.TextWrapWord // it is to be read whole
	n.Hide()
	return n
}

// tell shows the text; offer, when not nil, is what the button of that name does.
func (n *notice) tell(colour fyne.ThemeColorName, text, button string, offer func()) {
	n.tellWith(widget.MediumImportance, colour, text, button, offer)
}

// tellDanger is tell, with a button that ends something.
func (n *notice) tellDanger(colour fyne.ThemeColorName, text, button string, offer func()) {
	n.tellWith(widget.DangerImportance, colour, text, button, offer)
}

func (n *notice) tellWith(importance widget.Importance, colour fyne.ThemeColorName, text, button string, offer func()) {
	slog.Debug("notice", "text", text)
	n.action.Importance = importance
	n.action.SetText(button)
	n.action.OnTapped = offer
	n.action.Hidden = offer == nil
	n.say(colour, text)
}

// aboveStatus puts strips, which come and go, above the last of its objects, the status line. Those that are
// hidden leave no gap.
type aboveStatus struct{}

// stripGap is the room around a strip.
const stripGap = 6

func (aboveStatus) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		least := o.MinSize()
		if i < len(objects)-1 {
			least = least.AddWidthHeight(2*stripGap, stripGap)
		}
		size = fyne.NewSize(max(size.Width, least.Width), size.Height+least.Height)
	}
	return size
}

// Layout goes from below: the status line is in view whatever the rest needs. A text that wraps tells how high it
// is once it has its width.
func (aboveStatus) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := size.Height
	for i, o := range slices.Backward(objects) {
		if !o.Visible() {
			continue
		}
		gap := float32(0)
		if i < len(objects)-1 {
			gap = stripGap
		}
		width := size.Width - 2*gap
		o.Resize(fyne.NewSize(width, o.Size().Height))
		height := o.MinSize().Height
		y -= height + gap/2
		o.Move(fyne.NewPos(gap, y))
		o.Resize(fyne.NewSize(width, height))
		y -= gap / 2
	}
}
