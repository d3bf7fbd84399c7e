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
		{language.T("Up, Down"), language.T("another row")},
		{language.T("Shift Up, Down"), language.T("several rows")},
		{language.T("Left, Right"), language.T("close and open an app or a process")},
		{keyName(fyne.KeyReturn), language.T("details")},
		{keyName(fyne.KeyDelete), language.T("Kill…")},
		{keyName(fyne.KeySpace), language.T("Pause")},
		{keyName(fyne.KeyEscape), language.T("a step back: the search, the pane, the window")},
		{"a–z 0–9 /", language.T("search")},
		{"?", language.T("explain the row, or the gauge")},
		{"F1", language.T("Keys…")},
	}
	for _, c := range slices.Concat(find, view, w.rowCommands(), file, settings) {
		if c.key == "" {
			continue
		}
		lines = append(lines, keyLine{shortcutName(runtime.GOOS, c.key), c.title})
	}
	return lines
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

// keyHelpWidth is that of the dialog with the keys.
const keyHelpWidth = 640

// showKeys says what the keys do.
func (w *window) showKeys() {
	if w.asking() {
		return
	}
	lines := w.keyLines()
	half := (len(lines) + 1) / 2
	sides := container.NewGridWithColumns(2, keyTable(lines[:half]), keyTable(lines[half:]))
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
