package ui

import (
	"testing"

	"fyne.io/fyne/v2"
)

// countingApp is an app whose canvases count how often something asks to be drawn: each time
// costs a frame, which is the most of what a monitor that is open all day costs.
type countingApp struct {
	fyne.App
	driver *countingDriver
}

func (a *countingApp) Driver() fyne.Driver { return a.driver }

type countingDriver struct {
	fyne.Driver
	paints int
}

func (d *countingDriver) CanvasForObject(o fyne.CanvasObject) fyne.Canvas {
	c := d.Driver.CanvasForObject(o)
	if c == nil {
		return nil
	}
	return &countingCanvas{Canvas: c, driver: d}
}

// countingCanvas also stands for the real canvas's SetDirty, which asks for a frame without a fresh texture.
type countingCanvas struct {
	fyne.Canvas
	driver *countingDriver
}

func (c *countingCanvas) Refresh(o fyne.CanvasObject) {
	c.driver.paints++
	c.Canvas.Refresh(o)
}

func (c *countingCanvas) SetDirty() { c.driver.paints++ }

// countPaints counts, from now on to the end of the test, what asks to be drawn.
func countPaints(t testing.TB) *countingDriver {
	t.Helper()
	present := fyne.CurrentApp()
	d := &countingDriver{Driver: present.Driver()}
	fyne.SetCurrentApp(&countingApp{App: present, driver: d})
	t.Cleanup(func() { fyne.SetCurrentApp(present) })
	return d
}

// during says how much asked to be drawn while f ran.
func (d *countingDriver) during(f func()) int {
	before := d.paints
	f()
	return d.paints - before
}
