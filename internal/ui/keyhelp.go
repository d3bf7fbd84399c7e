package ui

import (
	"runtime"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/language"
)

// keyLine is a key, or several, and what they do.
type keyLine struct{ key, does string }

// keyLines are all keys of the window, those of the table first.
func (w *window) keyLines() []keyLine {
	file, find, view, settings := w.commands()
	lines := []keyLine{
		{language.T("Up, Down"), language.T("Another row")},
		{language.T("Shift Up, Down"), language.T("Several rows")},
		{language.T("Left, Right"), language.T("Close and open an app or a process")},
		{keyName(fyne.KeyReturn), language.T("Details")},
		{keyName(fyne.KeyDelete), language.T("Kill…")},
		{keyName(fyne.KeySpace), language.T("Pause")},
		{keyName(fyne.KeyEscape), language.T("A step back: the search, the pane, the window")},
		{"a–z 0–9 /", language.T("Find")},
		{"?", language.T("Explain the row, or the gauge")},
		{"F1", language.T("Keys…")},
		{shortcutName(runtime.GOOS, fyne.KeyC), language.T("Copy the rows")},
		{shortcutName(runtime.GOOS, fyne.KeyA), language.T("Select all")},
	}
	for _, c := range slices.Concat(find, view, w.rowCommands(), file, settings) {
		if c.key == "" {
			continue
		}
		lines = append(lines, keyLine{shortcutName(runtime.GOOS, c.key), inWords(c)})
	}
	return append(lines, keyLine{shortcutName(runtime.GOOS, fyne.KeyQ), language.T("Quit")})
}

// inWords is what a command does, written as all else in the list: the titles in a menu of macOS are in capitals.
func inWords(c command) string {
	switch c.key {
	case fyne.KeyU:
		return language.T("Row menu")
	case fyne.KeyO:
		return language.T("Open in the browser")
	case fyne.KeyL:
		return language.T("Show only this app")
	case fyne.KeyD:
		return language.T("Watch this port")
	case fyne.KeyW:
		return language.T("Close the window")
	case fyne.KeyB:
		if runtime.GOOS != "darwin" {
			return language.T("Show in the file manager")
		}
	}
	return c.title
}

// shortcutName is how a shortcut is written on a system: "⌘F" on macOS, "Ctrl F" elsewhere.
func shortcutName(system string, key fyne.KeyName) string {
	if system == "darwin" {
		return "⌘" + keyName(key)
	}
	return language.F("Ctrl %s", keyName(key))
}

// keyName is what is written on a key.
func keyName(key fyne.KeyName) string {
	switch key {
	case fyne.KeyReturn:
		return language.T("Return")
	case fyne.KeyDelete:
		return language.T("Delete")
	case fyne.KeySpace:
		return language.T("Space")
	case fyne.KeyEscape:
		return language.T("Esc")
	default:
		return string(key)
	}
}

const (
	keyHelpWidth = 640 // of the dialog with the keys
	keyHelpSides = 560 // its width under which the keys stand in one column
)

// showKeys says what the keys do.
func (w *window) showKeys() {
	if w.asking() {
		return
	}
	lines := w.keyLines()
	sides := keyTable(lines)
	if (within{w.Canvas(), keyHelpWidth}).width() >= keyHelpSides {
		half := (len(lines) + 1) / 2
		sides = container.NewGridWithColumns(2, keyTable(lines[:half]), keyTable(lines[half:]))
	}
	w.explaining = w.showModal(keyHelpWidth, language.T("Keys"), sides, func() { w.explaining = nil },
		newModalButton(language.T("Close"), widget.HighImportance, nil))
}

func keyTable(lines []keyLine) fyne.CanvasObject {
	grid := container.New(layout.NewFormLayout())
	for _, l := range lines {
		does := newWords(strings.TrimSuffix(l.does, "…"))
		does.Wrapping = fyne.TextWrapWord
		grid.Add(newWordsWithStyle(l.key, fyne.TextAlignLeading, fyne.TextStyle{Bold: true}))
		grid.Add(does)
	}
	return grid
}
