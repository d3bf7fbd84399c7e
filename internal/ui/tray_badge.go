package ui

import (
	"bytes"
	"image/color"
	"image/png"
	"log/slog"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/software"
)

// badgeIcon is the size in pixels of the icon with a number: panels draw it smaller.
const badgeIcon = 64

// maxBadge is the highest number that is shown at the icon.
const maxBadge = 999

// badgeText is a number as the icon shows it.
func badgeText(n int) string {
	if n > maxBadge {
		return strconv.Itoa(maxBadge) + "+"
	}
	return strconv.Itoa(n)
}

// badged gives the icon with a number on it, as a picture. Panels on Linux show no text beside an icon.
func badged(icon fyne.Resource, number string) fyne.Resource {
	picture := canvas.NewImageFromResource(icon)
	picture.FillMode = canvas.ImageFillContain
	text := canvas.NewText(number, color.White)
	text.TextStyle.Bold = true
	text.TextSize = 30
	switch len(number) {
	case 3:
		text.TextSize = 25
	case 4:
		text.TextSize = 20
	}
	size := text.MinSize()
	size = fyne.NewSize(min(size.Width+10, badgeIcon), size.Height-4)
	pill := canvas.NewRectangle(color.NRGBA{R: 0x9e, G: 0x1b, B: 0x32, A: 0xff})
	pill.CornerRadius = size.Height / 2
	place := fyne.NewPos(badgeIcon-size.Width, badgeIcon-size.Height)
	pill.Move(place)
	pill.Resize(size)
	text.Alignment = fyne.TextAlignCenter
	text.Move(place.SubtractXY(0, 2))
	text.Resize(fyne.NewSize(size.Width, text.MinSize().Height))
	picture.Resize(fyne.NewSquareSize(badgeIcon))

	c := software.NewTransparentCanvas()
	c.SetPadded(false)
	c.SetContent(&fyne.Container{Layout: still{}, Objects: []fyne.CanvasObject{picture, pill, text}})
	c.Resize(fyne.NewSquareSize(badgeIcon))
	var out bytes.Buffer
	if err := png.Encode(&out, c.Capture()); err != nil {
		slog.Warn("draw the number on the icon", "err", err)
		return icon
	}
	return fyne.NewStaticResource("badge-"+number+".png", out.Bytes())
}

// still leaves everything where it was put.
type still struct{}

func (still) Layout([]fyne.CanvasObject, fyne.Size) {}
func (still) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSquareSize(badgeIcon) }
