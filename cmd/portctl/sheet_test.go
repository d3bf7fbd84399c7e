package main

import (
	"strings"
	"testing"
)

func newTestSheet(rows ...[]string) *sheet {
	s := &sheet{columns: []sheetColumn{{title: "NAME", least: 4}, {title: "PID", right: true}, {title: "USER"}}}
	for _, r := range rows {
		cells := make([]cell, len(r))
		for i, text := range r {
			cells[i] = cell{text: text}
		}
		s.rows = append(s.rows, cells)
	}
	return s
}

func TestSheetAlignsByDisplayWidth(t *testing.T) {
	s := newTestSheet([]string{"node", "7", "ada"}, []string{"日本語", "12345", "li"}, []string{"é", "1", ""})
	var out strings.Builder
	s.print(&out, 0, false)
	want := "NAME      PID  USER\n" +
		"node        7  ada\n" +
		"日本語  12345  li\n" +
		"é           1\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func TestSheetIsCutToTheTerminal(t *testing.T) {
	s := newTestSheet([]string{"a-very-long-process-name", "12345", "ada"})
	for _, test := range []struct {
		limit int
		want  string
	}{
		{0, "a-very-long-process-name  12345  ada"},
		{24, "a-very-lon…  12345  ada"},
		{5, "a-v…  12345  ada"}, // PID and USER are never cut
	} {
		widths := s.widths(test.limit)
		if got := s.line(s.rows[0], widths, false); got != test.want {
			t.Errorf("limit %d: got %q, want %q", test.limit, got, test.want)
		}
	}
}

func TestSheetPaintsOnlyWhenAsked(t *testing.T) {
	s := newTestSheet()
	widths := s.widths(0)
	if got := s.header(widths, false); strings.Contains(got, "\x1b") {
		t.Errorf("colours where none are wanted: %q", got)
	}
	if got := s.header(widths, true); !strings.Contains(got, "\x1b[1mNAME\x1b[m") {
		t.Errorf("no colours where they are wanted: %q", got)
	}
}
