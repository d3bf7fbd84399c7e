package ui

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/table"
)

// inks gives colours of a theme.
type inks func(fyne.ThemeColorName) color.Color

func (s *gaugeStrip) ink() inks {
	th, v := s.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	return func(name fyne.ThemeColorName) color.Color { return th.Color(name, v) }
}

func newGaugeTile() *gaugeTile {
	return &gaugeTile{ground: &canvas.Rectangle{CornerRadius: 4}, track: &canvas.Rectangle{CornerRadius: gaugeBar / 2}, fill: &canvas.Rectangle{CornerRadius: gaugeBar / 2},
		mark: widget.NewIcon(levelIcon(table.Green)), name: &canvas.Text{}, value: &canvas.Text{TextStyle: fyne.TextStyle{Bold: true}}}
}

// setIcon shows another icon where it is another: its name says what it is and which colour it has.
func setIcon(icon *widget.Icon, r fyne.Resource) {
	if icon.Resource == nil || icon.Resource.Name() != r.Name() {
		icon.SetResource(r)
	}
}

// placeTile sets one gauge: its mark, name and number, and the bar below.
func (s *gaugeStrip) placeTile(i int, at fyne.Position, width float32, ink inks) {
	g, t := &s.heads[i], s.tiles[i]
	row := s.fitter.rowHeight
	t.ground.FillColor = color.Transparent
	switch {
	case s.hovered == i:
		t.ground.FillColor = ink(theme.ColorNameHover)
	case s.focused && s.at == i:
		t.ground.FillColor = ink(theme.ColorNameFocus)
	}
	t.ground.Move(at.SubtractXY(4, 3))
	t.ground.Resize(fyne.NewSize(width+8, s.tileHeight()+1))
	setIcon(t.mark, markOf(g))
	size, bar := s.fitter.scaled(gaugeMark), s.fitter.scaled(gaugeBar)
	t.mark.Move(at.AddXY(0, (row-size)/2))
	t.mark.Resize(fyne.NewSquareSize(size))

	value := gaugeValue(g)
	colour := theme.ColorNameForeground
	switch {
	case g.Level > table.Green:
		colour = levelColour(g.Level)
	case !g.Known:
		colour = theme.ColorNamePlaceHolder
	}
	t.value.TextStyle.Bold = g.Known
	room := width - size - 4
	if !g.Known && s.fitter.width(shortName(g), false)+s.fitter.width(value, false)+8 > room {
		value = "" // the mark says it
	}
	fitting, used := s.fitter.fitting(value, room, g.Known)
	t.value.Text, t.value.Color, t.value.TextSize, t.value.Alignment = fitting, ink(colour), s.fitter.size, fyne.TextAlignTrailing
	t.value.Move(at.AddXY(width-used-1, 0))
	t.value.Resize(fyne.NewSize(used+1, row))

	name, left := g.Name, room-used-8
	if s.fitter.fit(name, left, false) != name {
		name = s.fitter.fit(shortName(g), left, false)
	}
	t.name.Text, t.name.Color, t.name.TextSize = name, ink(theme.ColorNamePlaceHolder), s.fitter.size
	t.name.Move(at.AddXY(size+4, 0))
	t.name.Resize(fyne.NewSize(max(0, left), row))

	t.track.FillColor, t.fill.FillColor = faded(ink(theme.ColorNameForeground), 0.1), ink(levelColour(g.Level))
	t.track.Move(at.AddXY(0, row))
	t.track.Resize(fyne.NewSize(width, bar))
	t.fill.Move(at.AddXY(0, row))
	share := barShare(g, s.tooMany)
	filled := floor(width * share)
	if share > 0 {
		filled = max(filled, bar)
	}
	t.fill.Resize(fyne.NewSize(filled, bar))
	s.objects = append(s.objects, t.ground, t.track, t.mark, t.name, t.value)
	if share > 0 {
		s.objects = append(s.objects, t.fill)
	}
}

// wrap breaks a text between words into lines of a width; the last of them ends with an ellipsis when there is
// more than so many take.
func (f *textFitter) wrap(text string, width float32, most int) []string {
	var lines []string
	for text != "" {
		if len(lines) == most-1 || f.fit(text, width, false) == text {
			return append(lines, f.fit(text, width, false))
		}
		end := 0
		for i, r := range text {
			if r == ' ' {
				if f.fit(text[:i], width, false) != text[:i] {
					break
				}
				end = i
			}
		}
		if end == 0 { // a word alone is too long
			return append(lines, f.fit(text, width, false))
		}
		lines, text = append(lines, text[:end]), strings.TrimLeft(text[end:], " ")
	}
	return lines
}
