package ui

import (
	"strings"
	"testing"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

func TestFit(t *testing.T) {
	test.NewTempApp(t)
	f := &textFitter{}
	f.use(newTheme())
	for _, text := range []string{
		"", "a", "node", "127.0.0.1", "[2606:4700::6810:84e5]:443", "NetworkManager dispatcher for connections", "Größenwahn Übermaß ñandú",
		"パソコン用のサーバー", "e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301", "العربية هنا طويلة جدا", strings.Repeat("W", 5000), strings.Repeat("i", 5000),
	} {
		for _, bold := range []bool{false, true} {
			for _, width := range []float32{0, 3, 20, 48.5, 120, 600} {
				checkFit(t, f, text, width, bold)
			}
		}
	}
}

func checkFit(t *testing.T, f *textFitter, text string, width float32, bold bool) {
	t.Helper()
	got := f.fit(text, width, bold)
	style := fyne.TextStyle{Bold: bold}
	wide := fyne.MeasureText(got, f.size, style).Width
	switch {
	case !utf8.ValidString(got):
		t.Errorf("fit %.20q to %v: %q is cut within a letter", text, width, got)
	case got != text && got != "" && !strings.HasPrefix(text, strings.TrimSuffix(got, ellipsis)):
		t.Errorf("fit %.20q to %v: %q is not its beginning", text, width, got)
	case wide > width+1 && got != ellipsis:
		t.Errorf("fit %.20q to %v: %q is %v wide", text, width, got, wide)
	case got != text && width > 100 && wide < width-40:
		t.Errorf("fit %.20q to %v: %q is only %v wide", text, width, got, wide)
	case got != text && width > 0 && fyne.MeasureText(text, f.size, style).Width <= width-2:
		t.Errorf("fit %.20q to %v: cut to %q and would have fitted", text, width, got)
	}
	if head := strings.TrimSuffix(got, ellipsis); got != text && strings.HasPrefix(text[len(head):], "\u0301") {
		t.Errorf("fit %q to %v: the accent is parted from its letter", text, width)
	}
}
