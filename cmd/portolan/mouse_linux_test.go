package main

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// sortedInk is the colour of the title that is sorted by; the others are grey.
var sortedInk = color.NRGBA{0x1c, 0x24, 0x30, 0xff}

// titles is the line of the columns' titles, without the line below it.
func titles(window image.Rectangle) image.Rectangle {
	window.Min.Y, window.Max.Y = toolbarHeight, toolbarHeight+headerHeight-6
	return window
}

// TestSortByHeader: clicks on a title turn the order, go back to the natural one, and sort again. The order is read by what
// is selected at the top.
func TestSortByHeader(t *testing.T) {
	binary := build(t)
	d := newDesktop(t)
	low, high := startServer(t), startServer(t)
	if low.port > high.port {
		low, high = high, low
	}
	p := d.start(binary, "-interval", "1s")
	p.wait(`msg="window shown"`)
	window := d.window("Portolan")
	d.focus(window)
	d.key("ctrl+f")
	query := fmt.Sprintf(":%d or :%d", low.port, high.port)
	d.write(query)
	p.wait("msg=rows", "count=2")
	d.key("Down") // from the search to the first row
	p.wait("msg=selected", fmt.Sprintf("port=%d", low.port))
	title := d.spot(window, sortedInk, titles)
	d.click(window, title, 1)
	p.wait("msg=sort", "column=port", "descending=true")
	d.key("ctrl+f", "Down", "Home")
	p.wait("msg=selected", fmt.Sprintf("port=%d", high.port))
	d.click(window, title, 1)
	p.wait("msg=sort", `column=""`, "descending=false")
	d.click(window, title, 1)
	p.wait("msg=sort", "column=port", "descending=false")
	d.key("ctrl+f", "Down", "Home")
	p.wait("msg=selected", fmt.Sprintf("port=%d", low.port))
	p.healthy()
}

// The colours of the light theme by which the mouse finds its way, see ui's lightPalette.
var (
	listenGreen = color.NRGBA{0x0f, 0x6a, 0x3f, 0xff} // a listening socket's dot and state
	killRed     = color.NRGBA{0xc2, 0x30, 0x2e, 0xff} // the cross on Kill…, and the button Terminate
)

// The lines of the window, in pixels: the buttons, the columns' titles, the first row, and at the bottom the counts.
const (
	toolbarHeight = 70
	headerHeight  = 24
	rowHeight     = 22
	statusHeight  = 36
)

// picture is what the window shows.
func (d *desktop) picture(window string) image.Image {
	d.t.Helper()
	path := filepath.Join(d.home, "look.png")
	d.do("import", "-silent", "-window", window, path)
	f, err := os.Open(path)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		d.t.Fatal(err)
	}
	return m
}

// spot waits until the window shows the colour in a part of it, and holds still there, and gives the middle of what has that colour.
func (d *desktop) spot(window string, c color.NRGBA, part func(image.Rectangle) image.Rectangle) image.Point {
	d.t.Helper()
	var middle image.Point
	last := 0 // how many points it had: a menu that is about to go has the colour too
	waitFor(d.t, fmt.Sprintf("the colour %v", c), func() bool {
		m := d.picture(window)
		var sum image.Point
		n := 0
		for p := range points(part(m.Bounds())) {
			if color.NRGBAModel.Convert(m.At(p.X, p.Y)) == c {
				sum, n = sum.Add(p), n+1
			}
		}
		if n == 0 {
			return false
		}
		still := n == last && sum.Div(n) == middle
		middle, last = sum.Div(n), n
		return still
	})
	return middle
}

// appeared waits until the part of the window differs from the picture before, and holds still, and gives where it does.
func (d *desktop) appeared(window string, before image.Image, part func(image.Rectangle) image.Rectangle) image.Rectangle {
	d.t.Helper()
	var last image.Rectangle
	waitFor(d.t, "something new in the window", func() bool {
		m := d.picture(window)
		var changed image.Rectangle
		for p := range points(part(m.Bounds())) {
			if m.At(p.X, p.Y) != before.At(p.X, p.Y) {
				changed = changed.Union(image.Rectangle{p, p.Add(image.Pt(1, 1))})
			}
		}
		still := changed == last && !changed.Empty()
		last = changed
		return still
	})
	return last
}

// points are all points of a rectangle.
func points(r image.Rectangle) func(func(image.Point) bool) {
	return func(yield func(image.Point) bool) {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				if !yield(image.Pt(x, y)) {
					return
				}
			}
		}
	}
}

// toolbar is the line of buttons.
func toolbar(window image.Rectangle) image.Rectangle {
	window.Max.Y = toolbarHeight
	return window
}

// firstRow is the row below the columns' titles.
func firstRow(window image.Rectangle) image.Rectangle {
	window.Min.Y = toolbarHeight + headerHeight
	window.Max.Y = window.Min.Y + rowHeight
	return window
}

// middle is what is between the toolbar and the line of counts: the table, and what lies above it.
func middle(window image.Rectangle) image.Rectangle {
	window.Min.Y, window.Max.Y = toolbarHeight, window.Max.Y-statusHeight
	return window
}

// click presses a mouse button on a point of the window.
func (d *desktop) click(window string, at image.Point, button int) {
	d.t.Helper()
	d.do("xdotool", "mousemove", "--window", window, fmt.Sprint(at.X), fmt.Sprint(at.Y), "sleep", "0.1", "click", fmt.Sprint(button))
}

// TestKillByMouse: a click on the row and on the button, and a right click and the menu, both with a click on
// Terminate. Where to click is read from the picture, as a person does.
func TestKillByMouse(t *testing.T) {
	binary := build(t)
	d := newDesktop(t)
	bar := newPanel(t, d.bus, true)
	p, window := d.open(bar, binary)

	for way, openDialog := range map[string]func(row image.Point){
		"by the button": func(row image.Point) {
			d.click(window, row, 1)
			p.wait("msg=selected")
			d.click(window, d.spot(window, killRed, toolbar), 1)
		},
		"by the menu": func(row image.Point) {
			before := d.picture(window)
			d.click(window, row, 3)
			p.wait("msg=selected")
			menu := d.appeared(window, before, func(r image.Rectangle) image.Rectangle {
				r = middle(r)
				r.Min.Y = firstRow(r).Max.Y // the row itself looks different too: it is selected
				return r
			})
			keepScreenshot(d, window, "menu.png")
			d.click(window, image.Pt((menu.Min.X+menu.Max.X)/2, menu.Max.Y-lastLine), 1)
		},
	} {
		target, bystander := startServer(t), startServer(t)
		d.key("ctrl+f", "ctrl+a")
		query := fmt.Sprintf(":%d", target.port)
		d.write(query)
		p.wait("msg=rows", "count=1", "query="+query)
		keepScreenshot(d, window, "found.png")
		openDialog(d.spot(window, listenGreen, firstRow))
		p.wait(`msg="kill asked"`, fmt.Sprintf("pid=%d", target.cmd.Process.Pid))
		d.click(window, d.spot(window, killRed, middle), 1)
		p.wait(`msg="kill outcome"`, fmt.Sprintf("pid=%d", target.cmd.Process.Pid), "outcome=gone")
		p.wait("msg=rows", "count=0", "query="+query)
		waitFor(t, way+": the process to end", func() bool { return ended(target) })
		if ended(bystander) {
			t.Errorf("%s: another process ended with it", way)
		}
	}
	p.healthy()
}

// lastLine is how far the middle of a menu's last line is above its lower edge, with its shadow.
const lastLine = 20

// TestTintGoesWithThePointer: a row is tinted under the pointer, and no longer when that has left the window.
func TestTintGoesWithThePointer(t *testing.T) {
	binary := build(t)
	d := newDesktop(t)
	server := startServer(t)
	d.do("xdotool", "mousemove", "0", "0")
	p := d.start(binary)
	p.wait(`msg="window shown"`)
	window := d.window("Portolan")
	d.focus(window)
	d.key("ctrl+f")
	query := fmt.Sprintf(":%d", server.port)
	d.write(query)
	p.wait("msg=rows", "count=1", "query="+query)
	row := d.spot(window, listenGreen, firstRow)
	before := d.picture(window)
	d.do("xdotool", "mousemove", "--window", window, fmt.Sprint(row.X), fmt.Sprint(row.Y))
	d.appeared(window, before, firstRow)
	d.do("xdotool", "mousemove", "0", "0")
	waitFor(t, "the tint to go", func() bool {
		m := d.picture(window)
		for at := range points(firstRow(m.Bounds())) {
			if m.At(at.X, at.Y) != before.At(at.X, at.Y) {
				return false
			}
		}
		return true
	})
	p.healthy()
}
