package ui

import (
	"fyne.io/fyne/v2"

	"portolan/internal/table"
)

// What is remembered between two runs, by its key in the app's preferences.
const (
	keyByApp      = "view.by_app"
	keySort       = "view.sort"
	keyDescending = "view.descending"
	keyWidth      = "window.width"
	keyHeight     = "window.height"
	keyShown      = "window.shown" // it has been shown once
)

// The window's size when none is remembered, and the least that is taken from a memory.
var (
	firstSize = fyne.NewSize(1180, 720)
	leastSize = fyne.NewSize(480, 300)
)

// loadView gives the view as it was left. Without a memory, and for a column
// that there is no more, the order is by port.
func loadView(p fyne.Preferences) table.View {
	view := table.View{
		ByApp:      p.Bool(keyByApp),
		Sort:       table.ColumnID(p.String(keySort)),
		Descending: p.Bool(keyDescending),
		Open:       map[table.Key]bool{},
	}
	for _, column := range table.Columns() {
		if column.ID == view.Sort {
			return view
		}
	}
	view.Sort, view.Descending = table.ColumnPort, false
	return view
}

// saveView remembers the view for the next run.
func saveView(p fyne.Preferences, view table.View) {
	p.SetBool(keyByApp, view.ByApp)
	p.SetString(keySort, string(view.Sort))
	p.SetBool(keyDescending, view.Descending)
}

// loadSize gives the window's size as it was left.
func loadSize(p fyne.Preferences) fyne.Size {
	size := fyne.NewSize(float32(p.Float(keyWidth)), float32(p.Float(keyHeight)))
	if size.Width < leastSize.Width || size.Height < leastSize.Height {
		return firstSize
	}
	return size
}

// saveSize remembers the window's size for the next run.
func saveSize(p fyne.Preferences, size fyne.Size) {
	p.SetFloat(keyWidth, float64(size.Width))
	p.SetFloat(keyHeight, float64(size.Height))
}
