package ui

import (
	"errors"
	"fmt"
	"image"
	"image/draw"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/restart"
)

// TestKillGolden compares the dialogs of a kill, and what is told after it, with pictures that were looked at.
func TestKillGolden(t *testing.T) {
	tall := fyne.NewSize(960, 640)
	for _, picture := range []struct {
		name string
		size fyne.Size
		act  func(s *scene)
	}{
		{"one", tall, func(s *scene) { s.causes[node.ID] = nodemon; s.selectPort(3000); s.window.killSelected() }},
		{"shared", tall, func(s *scene) { s.selectPort(80); s.window.killSelected() }},
		{"clients", tall, func(s *scene) { s.causes[postgres.ID] = unit; s.selectPort(5432); s.window.killSelected() }},
		{"app", tall, func(s *scene) { askCrowd(s, 3) }},
		{"crowd", tall, func(s *scene) { askCrowd(s, 500) }},
		{"forwarder", tall, askForwarder},
		{"long", part, askLongNames},
		{"still_running", part, stillRunningNode},
		{"ended", part, endedNode},
		{"partly", fyne.NewSize(480, 300), func(s *scene) {
			s.killed = func(id process.ID, _ process.Signal) error {
				if id.PID == 3001 {
					return process.ErrStillRunning
				}
				return nil
			}
			askCrowd(s, 3)
			s.confirm()
		}},
		{"report", part, func(s *scene) { askCrowd(s, 5); refuseSome(s); s.confirm(); s.window.notice.action.OnTapped() }},
	} {
		for name, variant := range map[string]fyne.ThemeVariant{"light": theme.VariantLight, "dark": theme.VariantDark} {
			t.Run(picture.name+"_"+name, func(t *testing.T) {
				s := newScene(t)
				s.app.Settings().SetTheme(newThemeVariant(variant))
				s.window.Resize(picture.size)
				s.read(desk())
				picture.act(s)
				checkPicture(t, filepath.Join("testdata", "kill", picture.name+"_"+name+".png"), s.portrait(s.killObject()))
			})
		}
	}
}

// killObject is the open dialog, else the notice.
func (s *scene) killObject() fyne.CanvasObject {
	if d := s.window.killing.dialog; d != nil {
		return d.popup.Content
	}
	return s.window.notice.strip
}

// portrait is a picture of a part of the window alone.
func (s *scene) portrait(of fyne.CanvasObject) image.Image {
	at, size := fyne.CurrentApp().Driver().AbsolutePositionForObject(of), of.Size()
	picture := image.NewNRGBA(image.Rect(0, 0, int(size.Width), int(size.Height)))
	draw.Draw(picture, picture.Bounds(), s.window.Canvas().Capture(), image.Pt(int(at.X), int(at.Y)), draw.Src)
	return picture
}

// What the restarters of the scenes say.
var (
	nodemon = []restart.Cause{{Kind: restart.Supervisor, By: "nodemon (PID 4242)", Returns: true, Stop: "kill 4242",
		Text: "nodemon (PID 4242) started it and starts it again when it ends."}}
	unit = []restart.Cause{{Kind: restart.Systemd, By: "systemd", Returns: true, Stop: "sudo systemctl stop postgresql.service",
		Text: "systemd starts it again: Restart=always in postgresql.service."}}
	docker = []restart.Cause{{Kind: restart.Forwarder, By: "Docker", Stop: "docker stop shop-web",
		Text: "It only forwards port 8080 to the container shop-web (nginx:1.27). Ending it breaks the container's port and leaves the container running."}}
)

// crowd gives an app of n processes, the first of which has started the others.
func crowd(n int) []*process.Process {
	chrome := app.App{Name: "Google Chrome", Path: "/Applications/Google Chrome.app", Kind: app.Bundle, ID: "com.google.Chrome"}
	all := make([]*process.Process, n)
	for i := range all {
		all[i] = newProcess(3000+i, "Google Chrome Helper", "alice", 501, chrome)
		all[i].PPID, all[i].Executable = 3000, "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
		all[i].Work.Line = fmt.Sprintf("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome --type=utility --id=%d", i)
	}
	all[0].PPID, all[0].Name = 0, "Google Chrome"
	return all
}

// addCrowd adds an app of n processes to what is open.
func addCrowd(s *netstat.Snapshot, n int) {
	for i, p := range crowd(n) {
		s.Sockets = append(s.Sockets, connection(netstat.Established, fmt.Sprintf("192.168.1.20:%d", 40000+i), "142.250.185.78:443", p))
		if i == 0 {
			s.Sockets = append(s.Sockets, listen("127.0.0.1:9222", p))
		}
	}
}

// askCrowd opens the dialog for an app of n processes.
func askCrowd(s *scene, n int) {
	s.read(crowded(n))
	s.do(func() { s.window.setByApp(true) })
	s.selectGroup("Google Chrome")
	s.window.killSelected()
}

// refuseSome has two processes of a crowd refuse to end, each in its way.
func refuseSome(s *scene) {
	s.killed = func(id process.ID, _ process.Signal) error {
		switch id.PID {
		case 3001:
			return fmt.Errorf("process 3001 belongs to root: %w", process.ErrNotPermitted)
		case 3002:
			return errTooMany
		}
		return nil
	}
}

func askForwarder(s *scene) {
	proxy := newProcess(5150, "docker-proxy", "root", 0, app.App{Name: "shop-web", Kind: app.Container, Runtime: "docker", Image: "nginx:1.27"})
	s.causes[proxy.ID] = docker
	now := desk()
	now.Sockets = append(now.Sockets, listen("0.0.0.0:8080", proxy))
	s.read(now)
	s.selectPort(8080)
	s.window.killSelected()
}

// longName is as long as nobody's patience.
var longName = strings.Repeat("long", 2500)

// longNamed is a process all of whose names are long.
func longNamed() *process.Process {
	return newProcess(7000, longName, longName, 501, app.App{Name: longName, Path: "/" + longName, Kind: app.Unit, ID: longName, Unit: longName, In: longName})
}

func askLongNames(s *scene) {
	p := longNamed()
	s.details.Directory = "/" + longName
	s.causes[p.ID] = []restart.Cause{{Kind: restart.Systemd, Text: "systemd starts it again: Restart=always in " + longName + ".", Stop: "systemctl stop " + longName, Returns: true}}
	now := desk()
	now.Sockets = append(now.Sockets, listen("127.0.0.1:8001", p))
	s.read(now)
	s.selectPort(8001)
	s.window.killSelected()
}

var errTooMany = errors.New("open process 3002: too many open files")
