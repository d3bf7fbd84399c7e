package language_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"portolan/internal/language"
)

// renew writes en.json anew from the sources.
var renew = flag.Bool("renew", false, "write assets/translations/en.json from the texts in the sources")

const translations = "../../assets/translations"

func TestWords(t *testing.T) {
	defer language.Use(nil)
	if got := language.N("%d port", "%d ports", 1) + language.F(", %s", "x") + language.T("!"); got != "1 port, x!" {
		t.Errorf("English: %q", got)
	}
	german := map[string]string{"%d port": "%d Port", "%d ports on %s": "auf %[2]s %[1]d Ports"}
	language.Use(func(s string) string {
		if word, ok := german[s]; ok {
			return word
		}
		return s
	})
	if got := language.N("%d port", "%d ports on %s", 1); got != "1 Port" {
		t.Errorf("one: %q", got)
	}
	if got := language.N("%d port", "%d ports on %s", 3, "lo"); got != "auf lo 3 Ports" {
		t.Errorf("many: %q", got)
	}
	if got := language.T("unknown"); got != "unknown" {
		t.Errorf("an unknown text: %q", got)
	}
}

// TestTranslationsAreComplete: each file has exactly the texts that the sources call for, and each
// translation takes the same values.
func TestTranslationsAreComplete(t *testing.T) {
	used := textsInSources(t)
	if len(used) == 0 {
		return // nothing to translate
	}
	if *renew {
		writeEnglish(t, used)
	}
	for _, name := range []string{"en.json", "de.json"} {
		known := readTranslations(t, name)
		for text, where := range used {
			translation, ok := known[text]
			switch {
			case slices.Contains(reserved, strings.ToLower(text)):
				t.Errorf("%s: %q means something else in the files of translations: say it in more words", where, text)
			case !ok:
				t.Errorf("%s lacks %q (%s)", name, text, where)
			case translation == "":
				t.Errorf("%s has nothing for %q", name, text)
			case values(text) != values(translation):
				t.Errorf("%s: %q takes %s, %q takes %s", name, text, values(text), translation, values(translation))
			case name == "en.json" && translation != text:
				t.Errorf("%s: %q is not %q", name, translation, text)
			}
		}
		for text := range known {
			if _, ok := used[text]; !ok {
				t.Errorf("%s has %q, which nobody uses", name, text)
			}
		}
	}
}

// reserved are words that go-i18n, which reads the files for Fyne, takes for the parts of one message.
var reserved = []string{"id", "description", "hash", "leftdelim", "rightdelim", "zero", "one", "two", "few", "many", "other", "translation"}

// verbs are what fmt puts values in for.
var verbs = regexp.MustCompile(`%(\[\d+\])?[-+# 0]*\d*(\.\d+)?[a-zA-Z%]`)

// values gives the verbs of a pattern in the order of their values.
func values(pattern string) string {
	found := map[int]string{}
	next := 1
	for _, verb := range verbs.FindAllString(pattern, -1) {
		if verb == "%%" {
			continue
		}
		if at := strings.IndexByte(verb, ']'); at > 0 {
			next, _ = strconv.Atoi(verb[2:at])
			verb = "%" + verb[at+1:]
		}
		found[next] = verb
		next++
	}
	var list []string
	for _, at := range slices.Sorted(maps.Keys(found)) {
		list = append(list, fmt.Sprint(at, found[at]))
	}
	return strings.Join(list, " ")
}

func readTranslations(t *testing.T, name string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(translations, name))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	if err := json.Unmarshal(text, &known); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return known
}

func writeEnglish(t *testing.T, used map[string]string) {
	t.Helper()
	english := map[string]string{}
	for text := range used {
		english[text] = text
	}
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(english); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(translations, "en.json"), []byte(out.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// textsInSources finds every text that is given to T, F and N, and where.
func textsInSources(t *testing.T) map[string]string {
	t.Helper()
	used := map[string]string{}
	for _, root := range []string{"../../internal", "../../cmd"} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(node ast.Node) bool {
				call, ok := node.(*ast.CallExpr)
				if !ok {
					return true
				}
				for _, argument := range textArguments(call) {
					where := files.Position(argument.Pos()).String()
					if text, ok := literal(argument); ok {
						used[text] = where
					} else {
						t.Errorf("%s: the text must stand here as a literal, to be found", where)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return used
}

// textArguments gives the arguments of a call that are texts to be translated.
func textArguments(call *ast.CallExpr) []ast.Expr {
	function, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	if room, ok := function.X.(*ast.Ident); !ok || room.Name != "language" {
		return nil
	}
	switch function.Sel.Name {
	case "T", "F", "Mark":
		return call.Args[:1]
	case "N":
		return call.Args[:2]
	}
	return nil
}

// literal is a text in quotes, or several put together with +.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		left, ok1 := literal(e.X)
		right, ok2 := literal(e.Y)
		return left + right, ok1 && ok2 && e.Op == token.ADD
	}
	return "", false
}
