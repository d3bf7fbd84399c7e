package table

// ColumnID names a column; it is what is saved when a choice of columns or an
// order is remembered.
type ColumnID string

// The columns.
const (
	ColumnProtocol ColumnID = "proto"
	ColumnLocal    ColumnID = "local"
	ColumnPort     ColumnID = "port"
	ColumnService  ColumnID = "service"
	ColumnRemote   ColumnID = "remote"
	ColumnState    ColumnID = "state"
	ColumnProcess  ColumnID = "process"
	ColumnPID      ColumnID = "pid"
	ColumnApp      ColumnID = "app"
	ColumnUser     ColumnID = "user"
)

// Column is one column: all that is to be known of it is here.
type Column struct {
	ID    ColumnID
	Title string
	// Width is what the usual content needs, in pixels at a text size of 13.
	Width float32
	// AlignRight is for numbers.
	AlignRight bool
	// Text is what the cell shows, clean for any screen; "" for nothing.
	Text func(*Row) string
	// Compare orders two rows by this column alone: numbers as numbers, addresses as addresses, text without regard to case.
	Compare func(a, b *Row) int
}

// Columns gives all columns in their usual order. The slice is the caller's own.
func Columns() []Column {
	var all []Column
	for _, c := range []struct {
		id    ColumnID
		title string
	}{{ColumnProtocol, "Protocol"}, {ColumnLocal, "Local address"}, {ColumnPort, "Port"}, {ColumnService, "Service"}, {ColumnRemote, "Remote"},
		{ColumnState, "State"}, {ColumnProcess, "Process"}, {ColumnPID, "PID"}, {ColumnApp, "App"}, {ColumnUser, "User"}} {
		all = append(all, Column{ID: c.id, Title: c.title, Width: 100, Text: func(*Row) string { return "" }, Compare: func(a, b *Row) int { return 0 }})
	}
	return all
}
