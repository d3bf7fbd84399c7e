// Command empty is a Fyne app that does nothing: a window as large as Portolan's with a word in it, and a tray
// icon. What it uses is what Fyne costs; the benchmarks hold Portolan against it.
package main

import (
	"fmt"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

func main() {
	a := app.NewWithID("org.portolan.Empty")
	if d, ok := a.(desktop.App); ok {
		d.SetSystemTrayMenu(fyne.NewMenu("Empty", fyne.NewMenuItem("Open", func() {})))
		d.SetSystemTrayIcon(theme.ComputerIcon())
	}
	w := a.NewWindow("Empty")
	w.SetContent(widget.NewLabel("Nothing"))
	var width, height float32
	if _, err := fmt.Sscanf(os.Args[1], "%fx%f", &width, &height); err != nil {
		fmt.Fprintln(os.Stderr, "name the window's size, as in 1100x700:", err)
		os.Exit(2)
	}
	w.Resize(fyne.NewSize(width, height))
	w.ShowAndRun()
}
