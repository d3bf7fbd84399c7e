package ui

import (
	"image"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/netstat"
	"portolan/internal/table"
)

// TestDotShapes: without any colour the dots of the classes of states still differ from one another.
func TestDotShapes(t *testing.T) {
	same := map[netstat.State]netstat.State{netstat.SynReceived: netstat.SynSent, netstat.Closed: netstat.TimeWait}
	for s := netstat.FinWait1; s <= netstat.LastAck; s++ {
		if s != netstat.TimeWait {
			same[s] = netstat.CloseWait
		}
	}
	for _, v := range []fyne.ThemeVariant{theme.VariantLight, theme.VariantDark} {
		var rows []table.Row
		var states []netstat.State
		for s := netstat.Listen; s <= netstat.Closed; s++ {
			states = append(states, s)
			rows = append(rows, table.Row{Key: table.Key{Socket: uint64(s)}, Socket: &netstat.Socket{ID: uint64(s), Protocol: netstat.TCP, State: s}})
		}
		h := newHarnessVariant(t, rows, 1240, 400, v)
		shapes := map[netstat.State]string{}
		picture := h.window.Canvas().Capture()
		column := h.column(table.ColumnState)
		for i, s := range states {
			x, y := int(h.columns.x[column]+cellPad), int(h.header.Size().Height+float32(i)*h.rowHeight()+(h.rowHeight()-dotSize)/2+1)
			shapes[s] = outline(picture, x, y)
		}
		for i, a := range states {
			for _, b := range states[:i] {
				class := func(s netstat.State) netstat.State {
					if of, ok := same[s]; ok {
						return of
					}
					return s
				}
				if want := class(a) == class(b); (shapes[a] == shapes[b]) != want {
					t.Errorf("the dots of %v and %v look alike: %v, want %v\n%s\n%s", a, b, !want, want, shapes[a], shapes[b])
				}
			}
		}
	}
}

// outline gives the pixels of a dot at a place that are not of its ground, as one line of # and . for each line of pixels.
func outline(picture image.Image, x, y int) string {
	ground := picture.At(x-2, y)
	text := ""
	for dy := range dotSize {
		for dx := range dotSize {
			r1, g1, b1, _ := picture.At(x+dx, y+dy).RGBA()
			r2, g2, b2, _ := ground.RGBA()
			const much = 70 << 8
			if max(r1, r2)-min(r1, r2) > much || max(g1, g2)-min(g1, g2) > much || max(b1, b2)-min(b1, b2) > much {
				text += "#"
			} else {
				text += "."
			}
		}
		text += "\n"
	}
	return text
}
