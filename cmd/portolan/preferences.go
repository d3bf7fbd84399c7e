package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"portolan/internal/language"
	"portolan/internal/table"
)

// maxPreferences is the size in bytes of the largest file that is taken for preferences: some hundred rules and
// columns are a thousandth of that, and Fyne would read all of it before the window is there.
const maxPreferences = 4 << 20

// preferencesFile is where Fyne keeps the preferences of an app (storage roots of fyne/v2/internal/app).
func preferencesFile(goos, home string, getenv func(string) string) string {
	root := filepath.Join(home, "Library", "Preferences", "fyne")
	if goos != "darwin" {
		config := getenv("XDG_CONFIG_HOME")
		if config == "" {
			config = filepath.Join(home, ".config")
		}
		root = filepath.Join(config, "fyne")
	}
	return filepath.Join(root, appID, "preferences.json")
}

// setAsideBroken renames a preferences file that Fyne could not read, or would fall over, so that what is usual
// is used; aside is its new name, "" when there was nothing to do.
func setAsideBroken(file string) (aside string, err error) {
	broken := checkPreferences(file)
	if broken == nil {
		return "", nil
	}
	aside = strings.TrimSuffix(file, ".json") + ".broken.json"
	if err := os.Rename(file, aside); err != nil {
		return "", fmt.Errorf("set the broken preferences aside (%w): %w", broken, err)
	}
	return aside, nil
}

// checkPreferences says why a file holds no preferences. No file is no error.
func checkPreferences(file string) error {
	f, err := os.Open(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open the preferences: %w", err)
	}
	defer f.Close()
	switch info, err := f.Stat(); {
	case err != nil:
		return fmt.Errorf("open the preferences: %w", err)
	case !info.Mode().IsRegular():
		return errors.New("read the preferences: they are no file")
	case info.Size() > maxPreferences:
		return fmt.Errorf("read the preferences: %d bytes are too many", info.Size())
	}
	text, err := io.ReadAll(io.LimitReader(f, maxPreferences))
	if err != nil {
		return fmt.Errorf("read the preferences: %w", err)
	}
	var values map[string]any
	if err := json.Unmarshal(text, &values); err != nil {
		return fmt.Errorf("read the preferences: %w", err)
	}
	if values == nil {
		return errors.New("read the preferences: they hold nothing")
	}
	for key, value := range values {
		if list, ok := value.([]any); ok && !alike(list) {
			return fmt.Errorf("read the preferences: %.40q holds a list of several kinds", key)
		}
	}
	return nil
}

// alike reports whether all of a list are of one kind that Fyne knows: it panics over one that is not.
func alike(list []any) bool {
	for _, item := range list {
		switch list[0].(type) {
		case bool:
			if _, ok := item.(bool); !ok {
				return false
			}
		case float64:
			if _, ok := item.(float64); !ok {
				return false
			}
		case string:
			if _, ok := item.(string); !ok {
				return false
			}
		}
	}
	return true
}

// checked is what came of mendPreferences.
type checked struct {
	aside string // where the broken file is now; "" when it was whole
	err   error  // why they cannot be read
}

// mendPreferences makes sure that Fyne can read the preferences.
func mendPreferences() checked {
	home, err := os.UserHomeDir()
	if err != nil {
		return checked{}
	}
	aside, err := setAsideBroken(preferencesFile(runtime.GOOS, home, os.Getenv))
	switch {
	case err != nil:
		slog.Warn("the preferences cannot be read", "err", err)
	case aside != "":
		slog.Warn("the preferences were broken and are set aside", "file", aside)
	}
	return checked{aside, err}
}

// warning is what is to be said of it, in the language in use; "" nothing.
func (c checked) warning() string {
	switch {
	case c.err != nil:
		return language.F("The settings cannot be read: %s", table.Clean(c.err.Error()))
	case c.aside != "":
		return language.F("The settings could not be read, and are as at first. The broken file is %s", table.Clean(c.aside))
	default:
		return ""
	}
}
