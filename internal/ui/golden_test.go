package ui

import (
	"path/filepath"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/netstat"
	"portolan/internal/process"
)

// The sizes of the pictures: the usable part of a 13-inch screen, and less where less shows it all.
var (
	screen = fyne.NewSize(1280, 748)
	part   = fyne.NewSize(960, 520)
)

// TestWindowGolden compares the window with pictures that were looked at.
func TestWindowGolden(t *testing.T) {
	for _, picture := range []struct {
		name    string
		variant fyne.ThemeVariant
		size    fyne.Size
		act     func(s *scene)
	}{
		{"flat_light", theme.VariantLight, screen, func(s *scene) { s.selectPort(3000) }},
		{"flat_dark", theme.VariantDark, screen, func(s *scene) { s.selectPort(3000) }},
		{"by_app_light", theme.VariantLight, part, byApp},
		{"by_app_dark", theme.VariantDark, part, byApp},
		{"search_error_light", theme.VariantLight, part, func(s *scene) {
			s.do(func() { s.window.setQuery("node") })
			s.do(func() { s.window.setQuery("node port:abc") })
		}},
		{"detail_light", theme.VariantLight, firstSize, func(s *scene) { s.window.detail.toggle(); s.selectPort(3000) }},
		{"detail_by_app_dark", theme.VariantDark, firstSize, func(s *scene) { s.window.detail.toggle(); byApp(s) }},
		{"narrow_light", theme.VariantLight, fyne.NewSize(560, 420), func(s *scene) { s.selectPort(3000) }},
		{"narrow_by_app_dark", theme.VariantDark, fyne.NewSize(560, 420), byApp},
		{"narrow_detail_light", theme.VariantLight, fyne.NewSize(560, 420), func(s *scene) { s.window.detail.toggle(); s.selectPort(3000) }},
		{"large_light", theme.VariantLight, part, func(s *scene) { s.larger(150) }},
		{"large_by_app_light", theme.VariantLight, part, func(s *scene) { s.larger(150); byApp(s) }},
		{"no_match_dark", theme.VariantDark, part, func(s *scene) { s.do(func() { s.window.setQuery("gopher") }) }},
		{"failed_light", theme.VariantLight, part, func(s *scene) { s.fail(errKernel) }},
	} {
		t.Run(picture.name, func(t *testing.T) {
			s := newScene(t)
			s.app.Settings().SetTheme(newThemeVariant(picture.variant))
			s.window.Resize(picture.size)
			s.read(desk())
			picture.act(s)
			checkPicture(t, filepath.Join("testdata", "window", picture.name+".png"), s.window.Canvas().Capture())
		})
	}
}

func byApp(s *scene) {
	s.do(func() { s.window.setByApp(true) })
	s.selectGroup("node")
	s.do(func() { row, _ := s.window.table.Selected(); s.window.toggle(row) })
}

// confirm presses the second button of the open dialog.
func (s *scene) confirm() {
	s.t.Helper()
	if s.window.killing.dialog == nil {
		s.t.Fatal("there is no dialog")
	}
	s.do(func() { s.window.killing.dialog.buttons[1].Tapped(nil) })
}

func stillRunningNode(s *scene) {
	s.killed = func(process.ID, process.Signal) error { return process.ErrStillRunning }
	s.selectPort(3000)
	s.window.killSelected()
	s.confirm()
}

func endedNode(s *scene) {
	s.selectPort(3000)
	s.window.killSelected()
	s.confirm()
	s.read(without(desk(), node))
}

// without gives the snapshot after a process has ended.
func without(s *netstat.Snapshot, p *process.Process) *netstat.Snapshot {
	s.Sockets = slices.DeleteFunc(s.Sockets, func(x netstat.Socket) bool { return holds(&x, p.ID) && len(x.Owners) == 1 })
	for i := range s.Sockets {
		s.Sockets[i].Owners = slices.DeleteFunc(s.Sockets[i].Owners, func(o netstat.Owner) bool { return o.Process.ID == p.ID })
	}
	return s
}

func holds(s *netstat.Socket, id process.ID) bool {
	return slices.ContainsFunc(s.Owners, func(o netstat.Owner) bool { return o.Process.ID == id })
}
