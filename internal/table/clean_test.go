package table

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"":                                "",
		"node":                            "node",
		"Google Chrome Helper":            "Google Chrome Helper",
		"/opt/a b/c_d-e.f(1)":             "/opt/a b/c_d-e.f(1)",
		"Überwachung":                     "Überwachung",
		"微信":                              "微信",
		"עברית":                           "עברית",
		"🦊":                               "🦊",
		"e\u0301":                         "e\u0301", // a combining accent
		"\x1b[31mred\x1b[0m":              `\x1b[31mred\x1b[0m`,
		"a\nb\r\tc":                       `a\nb\r\tc`,
		"nul\x00":                         `nul\x00`,
		"del\x7f":                         `del\x7f`,
		"c1\u009b31m":                     `c1\u009b31m`, // the one-character form of ESC [
		"\u202etxt.exe":                   `\u202etxt.exe`,
		"\u2066a\u2069":                   `\u2066a\u2069`,
		"a\u200bb\u200dc\ufeff":           `a\u200bb\u200dc\ufeff`,
		"line\u2028separator":             `line\u2028separator`,
		"soft\u00adhyphen":                `soft\u00adhyphen`,
		"\xff\xfe":                        `\xff\xfe`,
		"cut \xe2\x82":                    `cut \xe2\x82`,
		"\xed\xa0\x80":                    `\xed\xa0\x80`, // a surrogate
		"\ufffd":                          "\ufffd",
		"private \ue000":                  `private \ue000`,
		"tag \U000e0041":                  `tag \U000e0041`,
		"\u3164":                          `\u3164`, // HANGUL FILLER
		"a\u2800":                         `a\u2800`,
		"no\u00a0break\u3000wide":         "no break wide",
		"\u200eWhatsApp":                  "WhatsApp",
		"\u200e":                          `\u200e`,
		" ":                               `\x20`,
		"\u00a0\u200f":                    `\u00a0\u200f`,
		`already \x1b`:                    `already \x1b`,
		"a" + strings.Repeat("\u0300", 6): "a" + strings.Repeat("\u0300", 4) + `\u0300\u0300`,
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCleanCuts(t *testing.T) {
	for name, in := range map[string]string{
		"ASCII":   strings.Repeat("a", 1<<20),
		"wide":    strings.Repeat("微", 1<<20),
		"escapes": strings.Repeat("\x1b", 1<<20),
		"nothing": "a" + strings.Repeat("\u200e", 1<<20) + strings.Repeat("b", 2000),
	} {
		got := Clean(in)
		if len(got) > cleanLimit || len(got) < cleanLimit-10 || !strings.HasSuffix(got, "…") || strings.Count(got, "…") != 1 {
			t.Errorf("%s: %d bytes, ending in %q", name, len(got), got[len(got)-10:])
		}
		if strings.HasSuffix(strings.TrimSuffix(got, "…"), `\x1`) {
			t.Errorf("%s: cut inside of an escape", name)
		}
	}
	if whole := strings.Repeat("a", cleanLimit); Clean(whole) != whole {
		t.Errorf("%d bytes were cut, but they are the limit", cleanLimit)
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "node", "\x1b[2J", "\u202e", "\xff", " ", "\u200e \u200f", strings.Repeat("é\u0301", 700), "a\u0301\u0301\u0301\u0301\u200e\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Clean(s)
		if len(got) > cleanLimit || !utf8.ValidString(got) || (got == "") != (s == "") {
			t.Fatalf("Clean(%q) = %q", s, got)
		}
		for _, r := range got {
			if !visible(r) || unicode.Is(unicode.Cf, r) || unicode.IsControl(r) {
				t.Fatalf("Clean(%q) = %q has %U", s, got, r)
			}
		}
		if again := Clean(got); again != got {
			t.Fatalf("Clean(Clean(%q)) = %q, after %q", s, again, got)
		}
		if s != "" && strings.Trim(got, " ") == "" {
			t.Fatalf("Clean(%q) = %q shows nothing", s, got)
		}
	})
}

func BenchmarkClean(b *testing.B) {
	for name, s := range map[string]string{"plain": "Google Chrome Helper", "hostile": "\x1b[31mÜ\u202e" + strings.Repeat("x", 50)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Clean(s)
			}
		})
	}
}
