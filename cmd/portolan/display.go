package main

import (
	"errors"
	"fmt"

	"github.com/go-gl/glfw/v3.4/glfw"
)

// errNoDisplay: there is no window system to open a window on.
var errNoDisplay = errors.New("no display")

// checkDisplay says why no window could be opened, before Fyne ends the process over it in its own way.
// The error is an errNoDisplay.
func checkDisplay(goos string, getenv func(string) string) error {
	switch goos {
	case "darwin", "windows": // the window system belongs to the system
		return nil
	}
	if getenv("DISPLAY") == "" && getenv("WAYLAND_DISPLAY") == "" && getenv("WAYLAND_SOCKET") == "" {
		return fmt.Errorf("%w: neither DISPLAY nor WAYLAND_DISPLAY is set", errNoDisplay)
	}
	return openDisplay(getenv("WAYLAND_DISPLAY") == "" && getenv("WAYLAND_SOCKET") == "")
}

// openDisplay connects to the display once, to see whether it is really there: DISPLAY
// often outlives its server, over ssh or in tmux.
func openDisplay(x11 bool) error {
	if x11 { // then the error says which display it was
		glfw.InitHint(glfw.PlatformHint, int(glfw.PlatformX11))
		defer glfw.InitHint(glfw.PlatformHint, int(glfw.AnyPlatform)) // Fyne chooses by itself
	}
	if err := glfw.Init(); err != nil {
		return fmt.Errorf("%w: %w", errNoDisplay, err)
	}
	glfw.Terminate()
	return nil
}
