package export

import (
	"encoding/csv"
	"fmt"
	"io"
	"unicode/utf8"

	"portolan/internal/table"
)

// WriteCSV writes rows as they are shown, under a line with the columns' titles in English, as RFC 4180 has it: in UTF-8,
// with CRLF at the end of each line. What a spreadsheet would take for a formula is made plain text, see Plain.
func WriteCSV(w io.Writer, columns []table.Column, rows []table.Row) error {
	lines := csv.NewWriter(w)
	lines.UseCRLF = true
	cells := make([]string, len(columns))
	for i := range columns {
		cells[i] = Plain(columns[i].English)
	}
	if err := lines.Write(cells); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	for i := range rows {
		for c := range columns {
			cells[c] = Plain(columns[c].Text(&rows[i]))
		}
		if err := lines.Write(cells); err != nil {
			return fmt.Errorf("write CSV: %w", err)
		}
	}
	lines.Flush()
	if err := lines.Error(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

// Plain puts an apostrophe before a cell that a spreadsheet would run as a formula: one that begins with one of
// = + - @, also in their wide forms, a tab or a line break. A process may have any name.
func Plain(cell string) string {
	switch first, _ := utf8.DecodeRuneInString(cell); first {
	case '=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n':
		return "'" + cell
	}
	return cell
}
