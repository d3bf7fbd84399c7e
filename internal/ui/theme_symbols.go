package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"portolan/assets"
)

// Symbols of ours that Fyne's themes have no name for.
const (
	symbolKill     = "kill"
	symbolPane     = "pane" // the detail pane
	symbolPaneOpen = "pane-open"
	symbolExport   = "export"
	symbolSettings = "settings" // a cogwheel
	symbolStar     = "star"
	symbolStarred  = "starred" // a star that is filled
)

// symbolOf says which of our symbols stands for one of Fyne's icons, in our own window and where Fyne's widgets draw one: the arrow and the
// check mark of a menu.
var symbolOf = map[fyne.ThemeIconName]string{
	theme.IconNameCancel:         "close",
	theme.IconNameConfirm:        "check",
	theme.IconNameContentClear:   "clear",
	theme.IconNameContentCopy:    "copy",
	theme.IconNameDelete:         "delete",
	theme.IconNameError:          "error",
	theme.IconNameInfo:           "info",
	theme.IconNameMediaPause:     "pause",
	theme.IconNameMediaPlay:      "play",
	theme.IconNameMenuExpand:     "next",
	theme.IconNameMoreHorizontal: "more",
	theme.IconNameNavigateNext:   "next",
	theme.IconNameQuestion:       "question",
	theme.IconNameSearch:         "search",
	theme.IconNameViewRefresh:    "refresh",
	theme.IconNameWarning:        "warning",
}

// symbol gives one of our symbols in the theme's colour of texts. Each is one shape that is filled: Fyne changes the colour of fills alone.
// A name that there is no drawing for gives Fyne's sign of a broken picture; a test has all of them.
func symbol(name string) fyne.Resource {
	data, err := assets.Symbols.ReadFile("symbols/" + name + ".svg")
	if err != nil {
		return theme.BrokenImageIcon()
	}
	return theme.NewThemedResource(fyne.NewStaticResource("portolan-"+name+".svg", data))
}

// symbols are ours, each made once: a theme is asked for an icon again and again.
var symbols = map[fyne.ThemeIconName]fyne.Resource{}

func init() {
	for name, ours := range symbolOf {
		symbols[name] = symbol(ours)
	}
}

// Icon gives our own symbol where there is one.
func (t *chartTheme) Icon(name fyne.ThemeIconName) fyne.Resource {
	if s, ok := symbols[name]; ok {
		return s
	}
	return t.Theme.Icon(name)
}
