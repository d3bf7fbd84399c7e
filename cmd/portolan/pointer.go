package main

import (
	"log/slog"

	"fyne.io/fyne/v2"
	"github.com/go-gl/glfw/v3.4/glfw"
)

// followPointer has Fyne know when the pointer leaves the window. Fyne asks the window system
// for moves only, so what was under the pointer last would keep its tint for ever. It must be called in the Fyne
// loop, once the window has been shown.
func followPointer(w fyne.Window) {
	// The only way from Fyne's window to GLFW's: the one whose context is current.
	contexts, ok := w.(interface{ RunWithContext(func()) })
	if !ok {
		slog.Debug("the pointer's leaving is not seen", "window", w.Title())
		return
	}
	contexts.RunWithContext(func() {
		if view := glfw.GetCurrentContext(); view != nil {
			tellWhenPointerLeaves(view)
		}
	})
}

// tellWhenPointerLeaves tells Fyne's own handler of moves that the pointer is outside. While a button
// is down the window keeps the pointer, wherever that is, and Fyne is told of its moves as always.
func tellWhenPointerLeaves(view *glfw.Window) {
	moved := view.SetCursorPosCallback(nil)
	view.SetCursorPosCallback(moved)
	if moved == nil {
		return
	}
	view.SetCursorEnterCallback(func(view *glfw.Window, entered bool) {
		if entered {
			return
		}
		for button := glfw.MouseButton1; button <= glfw.MouseButtonLast; button++ {
			if view.GetMouseButton(button) == glfw.Press {
				return
			}
		}
		moved(view, -1, -1)
	})
}
