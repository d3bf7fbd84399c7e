// Package internal holds the rooms of the house; this test holds up its walls.
package internal

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// wall says what one package may import. The standard library is open to all,
// but for what is closed below.
type wall struct {
	ours   []string // packages of this module
	others []string // prefixes of packages of other modules
	closed []string // packages of the standard library, and exceptions from others
}

var walls = map[string]wall{
	"assets":             {},
	"internal":           {},
	"internal/port/iana": {},
	"internal/port":      {ours: []string{"internal/language"}, others: []string{"golang.org/x/sys/"}},
	"internal/container": {},
	"internal/app":       {ours: []string{"internal/container"}, others: []string{"howett.net/plist"}},
	"internal/process":   {ours: []string{"internal/language", "internal/app", "internal/container"}, others: []string{"golang.org/x/sys/", "github.com/shirou/gopsutil/v3/process"}},
	"internal/netstat":   {ours: []string{"internal/language", "internal/process"}, others: []string{"golang.org/x/sys/"}},
	"internal/monitor":   {ours: []string{"internal/netstat", "internal/process"}},
	"internal/restart": {
		ours:   []string{"internal/language", "internal/app", "internal/container", "internal/netstat", "internal/process", "internal/table"},
		others: []string{"github.com/godbus/dbus/v5", "howett.net/plist"},
	},
	"internal/instance": {others: []string{"golang.org/x/sys/"}},
	"internal/history":  {ours: []string{"internal/app", "internal/monitor", "internal/netstat", "internal/process"}},
	"internal/language": {},
	"internal/explain":  {ours: []string{"internal/port"}},
	"internal/table":    {ours: []string{"internal/language", "internal/history", "internal/app", "internal/netstat", "internal/process", "internal/monitor", "internal/port"}},
	"internal/export":   {ours: []string{"internal/app", "internal/netstat", "internal/process", "internal/port", "internal/table"}},
	"internal/watch":    {ours: []string{"internal/language", "internal/app", "internal/netstat", "internal/process", "internal/monitor", "internal/port", "internal/table"}},
	"internal/ui": {
		ours:   []string{"assets", "internal/language", "internal/history", "internal/app", "internal/explain", "internal/export", "internal/restart", "internal/netstat", "internal/process", "internal/monitor", "internal/port", "internal/table", "internal/watch"},
		others: []string{"fyne.io/fyne/v2", "github.com/fyne-io/oksvg", "github.com/srwiley/rasterx"},
		closed: []string{"fyne.io/fyne/v2/app", "syscall"},
	},
	"cmd/portolan": {
		ours:   []string{"assets", "internal/"},
		others: []string{"fyne.io/", "golang.org/x/sys/", "github.com/godbus/dbus/v5", "github.com/go-gl/glfw/"},
	},
	"cmd/portolan/macos": {others: []string{"github.com/fyne-io/oksvg", "github.com/srwiley/rasterx"}},
	"cmd/portctl": {
		ours:   []string{"internal/language", "internal/app", "internal/explain", "internal/export", "internal/history", "internal/instance", "internal/restart", "internal/netstat", "internal/process", "internal/monitor", "internal/port", "internal/table"},
		others: []string{"github.com/spf13/", "charm.land/", "github.com/charmbracelet/", "golang.org/x/term", "golang.org/x/sys/", "github.com/mattn/go-runewidth"},
	},
}

// TestImports parses every file that is not a test, whatever its build tags, so that
// the walls stand on both systems at once.
func TestImports(t *testing.T) {
	seen := 0
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if name == "testdata" || (strings.HasPrefix(name, ".") && name != "..") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		seen++
		checkFile(t, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 20 {
		t.Fatalf("saw %d files: the walk has lost its way", seen)
	}
}

func checkFile(t *testing.T, path string) {
	t.Helper()
	room := filepath.ToSlash(strings.TrimPrefix(filepath.Dir(path), ".."+string(filepath.Separator)))
	w, known := walls[room]
	if !known {
		t.Errorf("%s: package %s is not in the import table", path, room)
		return
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Error(err)
		return
	}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Error(err)
		}
		if reason := w.refuses(imported); reason != "" && !mayRunCommands(path, imported) {
			t.Errorf("%s imports %s: %s", path, imported, reason)
		}
	}
}

// mayRunCommands: only the file that asks the system for administrator rights starts a program.
func mayRunCommands(path, imported string) bool {
	return imported == "os/exec" && strings.HasPrefix(filepath.Base(path), "elevate")
}

func (w wall) refuses(imported string) string {
	if slices.Contains(w.closed, imported) {
		return "closed to this package"
	}
	if imported == "os/exec" {
		return "commands are run by tests only"
	}
	if ours, ok := strings.CutPrefix(imported, "portolan/"); ok {
		if slices.ContainsFunc(w.ours, func(p string) bool { return matches(ours, p) }) {
			return ""
		}
		return "not one of the rooms it may open"
	}
	if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
		return "" // the standard library
	}
	if slices.ContainsFunc(w.others, func(p string) bool { return matches(imported, p) }) {
		return ""
	}
	return "not one of the modules it may use"
}

// matches: p itself and what is below it; a p that ends in a slash stands for all below.
func matches(imported, p string) bool {
	return imported == p || strings.HasPrefix(imported, strings.TrimSuffix(p, "/")+"/")
}

// TestTopLevel: the top of the repository holds these and dot-files, nothing else.
func TestTopLevel(t *testing.T) {
	out, err := exec.Command("git", "-C", "..", "ls-files").Output()
	if err != nil {
		t.Fatalf("list the files git tracks: %v", err)
	}
	allowed := []string{"cmd", "internal", "assets", "Makefile", "go.mod", "go.sum", "README.md", "LICENSE"}
	top := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		first, _, _ := strings.Cut(strings.TrimSpace(line), "/")
		top[first] = true
	}
	for name := range top {
		if !strings.HasPrefix(name, ".") && !slices.Contains(allowed, name) {
			t.Errorf("%s does not belong at the top", name)
		}
	}
	for _, name := range allowed {
		if _, err := os.Stat(filepath.Join("..", name)); err != nil {
			t.Errorf("the top lacks %s", name)
		}
	}
}
