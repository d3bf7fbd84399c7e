package ui

import (
	"fmt"
	"image/color"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/table"
)

// markedRows are the sample's, of which some have just opened, changed and closed.
func markedRows() []table.Row {
	rows := sampleRows()
	for i, mark := range map[int]table.Mark{1: table.MarkOpened, 3: table.MarkClosed, 6: table.MarkChanged, 8: table.MarkClosed, 12: table.MarkOpened} {
		rows[i].Mark = mark
	}
	return rows
}

// TestMarksAreSeen not by colour alone: each has a sign, and a line goes through the texts of what has closed.
func TestMarksAreSeen(t *testing.T) {
	h := newHarness(t, markedRows(), 1240, 400)
	for _, s := range h.body.slots {
		if s.index < 0 || s.index >= len(h.rows) {
			continue
		}
		mark := h.rows[s.index].Mark
		sign := slices.Contains(h.body.objects, fyne.CanvasObject(s.sign))
		if sign != (mark != table.Unmarked) || sign && s.sign.Text != signOf(mark) {
			t.Errorf("row %d with mark %d: sign %v %q", s.index, mark, sign, s.sign.Text)
		}
		struck := 0
		for _, o := range h.body.objects {
			if line, ok := o.(*canvas.Line); ok && slices.Contains(s.strikes, line) {
				struck++
			}
		}
		texts := 0
		for _, c := range s.cells {
			if c.Text != "" {
				texts++
			}
		}
		if mark == table.MarkClosed && struck != texts || mark != table.MarkClosed && struck != 0 {
			t.Errorf("row %d with mark %d: %d of %d texts are struck through", s.index, mark, struck, texts)
		}
	}
	if got := h.spoken(&h.rows[3]); !strings.HasPrefix(got, "closed, ") {
		t.Errorf("a screen reader says %q", got)
	}
	h.SetRows(sampleRows())
	for _, s := range h.body.slots {
		if slices.Contains(h.body.objects, fyne.CanvasObject(s.sign)) {
			t.Errorf("row %d is still marked", s.index)
		}
	}
}

func TestMarksGolden(t *testing.T) {
	for name, v := range map[string]fyne.ThemeVariant{"light": theme.VariantLight, "dark": theme.VariantDark} {
		h := newHarnessVariant(t, markedRows(), 1240, 400, v)
		h.FocusGained()
		h.Select(sampleRows()[1].Key)
		h.pick(2, fyne.KeyModifierShift)
		i := h.column(table.ColumnApp)
		h.header.MouseDown(mouse(h.columns.x[i]+30, 10, 1))
		drag := &fyne.DragEvent{}
		drag.Position = fyne.NewPos(h.columns.x[1]+10, 10)
		h.header.Dragged(drag)
		checkPicture(t, filepath.Join("testdata", "rowtable", name+"-marks.png"), h.window.Canvas().Capture())
		tree := sampleGroups("postgres", "vite")
		for i := range tree {
			tree[i].Mark = []table.Mark{0, table.MarkOpened, table.MarkOpened, table.MarkOpened, 0, 0, table.MarkClosed, table.MarkClosed, table.MarkClosed, table.MarkChanged, 0}[i%11]
		}
		g := newHarnessOf(t, table.GroupColumns(), tree, 1000, 400, v)
		checkPicture(t, filepath.Join("testdata", "rowtable", "tree-"+name+"-marks.png"), g.window.Canvas().Capture())
	}
}

// TestOddRows: names of ten thousand characters, of letters that are written from the right, and of control characters; a
// thousand apps; a port that 500 processes hold; and a small window.
func TestOddRows(t *testing.T) {
	names := []string{strings.Repeat("x", 10_000), strings.Repeat("שלום ", 2_000), strings.Repeat("e\u0301", 5_000), "a\x1b[31m\x00\n\tb\u202egnp.exe",
		strings.Repeat("日本", 5_000), "\xff\xfe", ""}
	s := snapshot(0)
	for i := range 1000 {
		name := names[i%len(names)]
		p := newProcess(1000+i, name, "alice", 501, app.App{Name: fmt.Sprint(name, i), Path: fmt.Sprint("/opt/", i)})
		s.Sockets = append(s.Sockets, listen(fmt.Sprintf("127.0.0.1:%d", 2000+i), p))
	}
	shared := listen("0.0.0.0:80")
	shared.Absence = netstat.Owned
	for i := range 500 {
		p := newProcess(9000+i, names[i%len(names)], "www", 33, app.App{Name: "Workers", Path: "/srv/workers"})
		shared.Owners = append(shared.Owners, netstat.Owner{Process: p, By: netstat.ByDescriptor})
	}
	zone := datagram("[::1]:546", newProcess(5, "dhcp", "root", 0, app.App{Name: "dhcp"}))
	zone.Local = netip.AddrPortFrom(netip.MustParseAddr("fe80::1%"+strings.Repeat("z", 300)), 546)
	s.Sockets = append(s.Sockets, shared, zone)
	for _, turn := range []int{turnFlat, turnByApp, turnLens} {
		c := newScene(t)
		c.window.Resize(fyne.NewSize(400, 300))
		c.read(s)
		c.do(func() { c.window.turnTo(turn) })
		c.do(func() { c.window.setQuery("app:Workers") })
		c.press(fyne.KeyHome, fyne.KeyRight, fyne.KeyDown, fyne.KeyEnd, fyne.KeyHome)
		c.do(func() { c.window.setQuery("") })
		tb := c.window.table
		for _, y := range []float32{0, 5000, 1e6} {
			tb.scrollTo(fyne.NewPos(100, min(y, tb.contentHeight())))
			for _, o := range tb.body.objects {
				text, ok := o.(*canvas.Text)
				if !ok {
					continue
				}
				if strings.ContainsFunc(text.Text, func(r rune) bool {
					return r < ' ' || r == '\u202e' || r == '\ufffd' && !strings.Contains(text.Text, "\ufffd")
				}) {
					t.Errorf("turn %d: control characters in %q", turn, text.Text)
				}
				if width := text.MinSize().Width; width > text.Size().Width+2 {
					t.Errorf("turn %d: %.20q is %v wide in a cell of %v", turn, text.Text, width, text.Size().Width)
				}
			}
		}
		if size := tb.Size(); size.Height < 3*tb.rowHeight() || tb.scroll.Size().Width > 400 {
			t.Errorf("turn %d: in a small window the table is %v", turn, size)
		}
		c.window.Canvas().Capture()
	}
}

// TestNothingOutOfViewIsLaidOut: the texts of rows that are not to be seen are not even asked for.
func TestNothingOutOfViewIsLaidOut(t *testing.T) {
	asked := map[uint64]bool{}
	columns := sampleColumns()
	for i := range columns {
		text := columns[i].Text
		columns[i].Text = func(r *table.Row) string {
			asked[r.Key.Socket] = true
			return text(r)
		}
	}
	h := newHarnessOf(t, columns, manyRows(10_000), 1240, 400, theme.VariantLight)
	inView := len(h.shown(table.ColumnPort))
	if len(asked) == 0 || len(asked) > inView+2 {
		t.Errorf("the texts of %d rows were asked for, %d are in view", len(asked), inView)
	}
	clear(asked)
	h.scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -48)})
	if len(asked) == 0 || len(asked) > 4 {
		t.Errorf("scrolled by two rows, %d were asked for", len(asked))
	}
	clear(asked)
	h.SetRows(manyRows(10_000))
	if len(asked) > inView+2 {
		t.Errorf("after a refresh the texts of %d rows were asked for", len(asked))
	}
}

// TestContrastOfMarks: all texts and signs of marked rows can be read, as WCAG 2.2 demands of text (4.5) and of signs (3).
func TestContrastOfMarks(t *testing.T) {
	test.NewTempApp(t)
	for name, v := range test.KnownThemeVariants() {
		th := newThemeVariant(v)
		page := over(th.Color(theme.ColorNameBackground, v), color.White)
		p := newRowPalette(th)
		for _, mark := range []table.Mark{table.MarkOpened, table.MarkChanged, table.MarkClosed} {
			ground := over(p.tint(mark), page)
			for which, ink := range map[string]color.Color{"text": p.text, "muted": p.gone, "listening": p.listeningText} {
				if mark == table.MarkClosed && which != "muted" {
					continue // all texts of what has closed are muted
				}
				if got := contrast(over(ink, ground), ground); got < 4.5 {
					t.Errorf("%s: %s text on mark %d has a contrast of %.2f, less than 4.5", name, which, mark, got)
				}
			}
			if got := contrast(over(p.signInk(mark), ground), ground); got < 3 {
				t.Errorf("%s: the sign of mark %d has a contrast of %.2f, less than 3", name, mark, got)
			}
		}
	}
}
