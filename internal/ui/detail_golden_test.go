package ui

import (
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/process"
)

// TestDetailGolden compares the detail pane with pictures that were looked at.
func TestDetailGolden(t *testing.T) {
	// The pane's own sizes: what stands above and below it in the window is not of these pictures.
	beside, part, below := fyne.NewSize(384, 600), fyne.NewSize(300, 440), fyne.NewSize(640, 174)
	for _, picture := range []struct {
		name string
		size fyne.Size
		act  func(s *scene)
	}{
		{"listener", beside, func(s *scene) { s.selectPort(3000) }},
		{"connection", part, func(s *scene) { s.selectPort(41822) }},
		{"container", part, selectContainer},
		{"nobody", part, func(s *scene) { s.selectPort(50120) }},
		{"none", part, func(*scene) {}},
		{"app", beside, func(s *scene) {
			s.read(crowded(5))
			s.do(func() { s.window.setByApp(true) })
			s.selectGroup("Google Chrome")
		}},
		{"narrow", below, func(s *scene) { s.selectPort(3000) }},
		{"long", part, selectLongNames},
		{"waiting", part, func(s *scene) { s.selectPort(50112) }},
	} {
		for name, variant := range map[string]fyne.ThemeVariant{"light": theme.VariantLight, "dark": theme.VariantDark} {
			t.Run(picture.name+"_"+name, func(t *testing.T) {
				s := newScene(t)
				s.app.Settings().SetTheme(newThemeVariant(variant))
				s.window.Resize(screen)
				s.ancestors = shell()
				s.details = process.Details{Line: "node server.js --port 3000", Directory: "/srv/shop", Memory: 84_300_000, CPU: 0.034, CPUOver: time.Second}
				s.window.detail.toggle()
				s.read(desk())
				picture.act(s)
				s.window.detail.Move(fyne.Position{})
				s.window.detail.Resize(picture.size)
				checkPicture(t, filepath.Join("testdata", "detail", picture.name+"_"+name+".png"), s.portrait(s.window.detail.Container))
			})
		}
	}
}

// shell gives what a server started by hand comes from, its parent first.
func shell() []*process.Process {
	var all []*process.Process
	for i, name := range []string{"npm", "zsh", "iTerm2", "launchd"} {
		all = append(all, newProcess(800-i*100, name, "alice", 501, app.App{}))
	}
	return all
}

func selectContainer(s *scene) {
	p := newProcess(5151, "nginx", "root", 0, app.App{Name: "shop-web", Kind: app.Container, Runtime: "docker", Image: "nginx:1.27",
		ID: "3f4a1c0d9e8b7a6f5e4d3c2b1a0f9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b3a2f", Unit: "docker-3f4a1c0d9e8b.scope"})
	now := desk()
	now.Sockets = append(now.Sockets, listen("0.0.0.0:8080", p))
	s.read(now)
	s.selectPort(8080)
}

func selectLongNames(s *scene) {
	now := desk()
	now.Sockets = append(now.Sockets, listen("127.0.0.1:8001", longNamed()))
	s.details = process.Details{Line: longName, Directory: "/" + longName}
	s.read(now)
	s.selectPort(8001)
}

// crowded gives the desk with an app of n processes.
func crowded(n int) *netstat.Snapshot {
	now := desk()
	addCrowd(now, n)
	return now
}
