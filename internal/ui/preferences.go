package ui

import (
	"cmp"
	"slices"

	"fyne.io/fyne/v2"

	"portolan/internal/table"
)

// What is remembered between two runs, by its key in the app's preferences.
const (
	keyByApp            = "view.by_app"
	keyLens             = "view.lens"
	keySort             = "view.sort" // of the flat table
	keyDescending       = "view.descending"
	keyAppSort          = "view.app_sort" // of the by-app view
	keyAppDescending    = "view.app_descending"
	keyLensSort         = "view.lens_sort" // of the lens
	keyLensDescending   = "view.lens_descending"
	keyRecent           = "view.recent"
	keyRecentSort       = "view.recent_sort" // of the recent past
	keyRecentDescending = "view.recent_descending"
	keyWidth            = "window.width"
	keyHeight           = "window.height"
	keyShown            = "window.shown" // it has been shown once
)

// remembered are the keys of what the window was left like, which can be forgotten.
var remembered = []string{keyByApp, keyLens, keySort, keyDescending, keyAppSort, keyAppDescending, keyLensSort, keyLensDescending,
	keyRecent, keyRecentSort, keyRecentDescending, keyWidth, keyHeight, keyDetail,
	keyColumns, keyAppColumns, keyLensColumns, keyRecentColumns}

// The window's size when none is remembered, and the least that is taken from a memory.
var (
	firstSize = fyne.NewSize(1180, 720)
	leastSize = fyne.NewSize(320, 240)
)

// naturalOrder is what is remembered of rows that are sorted by no column.
const naturalOrder table.ColumnID = "natural"

// loadView gives the view as it was left.
func loadView(p fyne.Preferences) table.View {
	return loadOrder(p, table.View{ByApp: p.Bool(keyByApp), Lens: p.Bool(keyLens), Recent: p.Bool(keyRecent), Open: map[table.Key]bool{}})
}

// loadOrder gives the view with the order that it was left in: the flat table, the by-app view and the lens have
// their own, and so has the recent past. Without a memory, and for a column that there is no more, it is by port, of apps
// by name, in the lens the app with the most first, and of the past the latest first.
func loadOrder(p fyne.Preferences, view table.View) table.View {
	sort, descending := orderKeys(view)
	usual, most := table.ColumnPort, false
	switch {
	case view.Recent:
		usual = ""
	case view.Lens:
		usual, most = table.ColumnNow, true
	case view.ByApp:
		usual = table.ColumnName
	}
	view.Sort, view.Descending = table.ColumnID(p.String(sort)), p.Bool(descending)
	if view.Sort == naturalOrder {
		view.Sort, view.Descending = "", false
		return view
	}
	if !slices.ContainsFunc(viewColumns(view), func(c table.Column) bool { return c.ID == view.Sort }) {
		view.Sort, view.Descending = usual, most
	}
	return view
}

// orderKeys are where the order of a view is remembered.
func orderKeys(view table.View) (sort, descending string) {
	switch {
	case view.Recent:
		return keyRecentSort, keyRecentDescending
	case view.Lens:
		return keyLensSort, keyLensDescending
	case view.ByApp:
		return keyAppSort, keyAppDescending
	default:
		return keySort, keyDescending
	}
}

// saveView remembers the view for the next run, and its order for when it is turned to again.
func saveView(p fyne.Preferences, view table.View) {
	sort, descending := orderKeys(view)
	p.SetBool(keyByApp, view.ByApp)
	p.SetBool(keyLens, view.Lens)
	p.SetBool(keyRecent, view.Recent)
	p.SetString(sort, string(cmp.Or(view.Sort, naturalOrder)))
	p.SetBool(descending, view.Descending)
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
