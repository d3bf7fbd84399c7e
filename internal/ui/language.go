package ui

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"portolan/assets"
	"portolan/internal/language"
)

// keyLanguage is where the choice of a language is remembered: "" for the system's, else one of Languages.
const keyLanguage = "language"

// Languages are those that there are translations for, English first.
func Languages() []string { return []string{"en", "de"} }

// LoadLanguage has everything said in the language that was chosen in the settings. It must be called
// before New, as what is once made keeps its words.
func LoadLanguage(p fyne.Preferences) { UseLanguage(p.String(keyLanguage)) }

// UseLanguage has everything said in a language, one of Languages; "" and any other: in the
// system's when that is one of them, else in English. Fyne's own menus and dialogs follow.
//
// Fyne looks texts up for the system's locale alone, so it is that under which it gets the texts.
func UseLanguage(choice string) {
	system := systemLocale()
	chosen := choice
	if !slices.Contains(Languages(), choice) {
		chosen = languageOf(system)
	}
	texts, err := loadTexts(chosen, system)
	if err != nil {
		slog.Warn("all is said in English", "language", chosen, "err", err)
		language.Use(nil)
		spokenNow.Store(nil)
		return
	}
	spokenNow.Store(&chosen)
	if known := "Cancel"; lang.L(known) != texts[known] {
		// A locale that Fyne cannot be told about: its own words stay as they are.
		language.Use(func(english string) string {
			if text, ok := texts[english]; ok {
				return text
			}
			return english
		})
		return
	}
	language.Use(func(english string) string { return lang.L(english) })
}

// loadTexts reads the texts of a language, and gives them to Fyne as those of the system's locale.
func loadTexts(chosen string, system fyne.Locale) (map[string]string, error) {
	file, err := assets.Translations.ReadFile("translations/" + chosen + ".json")
	if err != nil {
		return nil, err
	}
	var texts map[string]string
	if err := json.Unmarshal(file, &texts); err != nil {
		return nil, fmt.Errorf("read the texts in %q: %w", chosen, err)
	}
	if err := lang.AddTranslationsForLocale(file, system); err != nil {
		slog.Debug("Fyne does not take the texts", "locale", system, "err", err)
	}
	return texts, nil
}

// spokenNow is the language in use; nil: English.
var spokenNow atomic.Pointer[string]

// systemLocale is the locale that Fyne looks texts up for: English where the system names none.
func systemLocale() fyne.Locale {
	system := lang.SystemLocale()
	if base, _, _ := strings.Cut(string(system), "-"); base == "" || base == "und" {
		return "en"
	}
	return fyne.Locale(system.LanguageString())
}

// languageOf gives the language of a locale when there is a translation for it, else English.
func languageOf(l fyne.Locale) string {
	base, _, _ := strings.Cut(string(l), "-")
	if slices.Contains(Languages(), base) {
		return base
	}
	return "en"
}

// languageInUse is the language in which the window speaks, one of Languages, for what has texts of its
// own (see package explain).
func languageInUse() string {
	if spoken := spokenNow.Load(); spoken != nil {
		return *spoken
	}
	return "en"
}

// The words of Fyne's own menus and dialogs, for when the language is not the system's.
var _ = []string{
	language.Mark("Advanced"), language.Mark("Cancel"), language.Mark("Confirm"), language.Mark("Copy"),
	language.Mark("Create Folder"), language.Mark("Cut"), language.Mark("Enter filename"), language.Mark("Error"),
	language.Mark("Favourites"), language.Mark("File"), language.Mark("Folder"), language.Mark("New Folder"),
	language.Mark("No"), language.Mark("OK"), language.Mark("Open"), language.Mark("Paste"), language.Mark("Quit"),
	language.Mark("Redo"), language.Mark("Save"), language.Mark("Select all"), language.Mark("Show Hidden Files"),
	language.Mark("Undo"), language.Mark("Yes"),
}
