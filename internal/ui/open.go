package ui

import (
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2/theme"

	"portolan/internal/app"
	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/table"
)

// securePorts are those where a browser is expected to speak TLS, besides those whose service says so.
var securePorts = []uint16{443, 4443, 8443, 9443}

// pageOf is the address under which a browser finds a server on this computer; nil for what is no TCP server.
func pageOf(s *netstat.Socket) *url.URL {
	if s == nil || s.Protocol != netstat.TCP || s.State != netstat.Listen {
		return nil
	}
	number := s.Local.Port()
	u := &url.URL{Scheme: "http", Path: "/"}
	if slices.Contains(securePorts, number) || strings.Contains(port.Service("tcp", number), "https") {
		u.Scheme = "https"
	}
	host := hostOf(s.Local.Addr().Unmap())
	if u.Scheme == "http" && number == 80 || u.Scheme == "https" && number == 443 {
		u.Host = host
		if strings.Contains(host, ":") {
			u.Host = "[" + host + "]"
		}
		return u
	}
	u.Host = net.JoinHostPort(host, strconv.Itoa(int(number)))
	return u
}

// hostOf names the address that a server is bound to. A browser knows no zones.
func hostOf(a netip.Addr) string {
	if a.IsUnspecified() || a == netip.IPv6Loopback() || a == netip.AddrFrom4([4]byte{127, 0, 0, 1}) {
		return "localhost"
	}
	return a.WithZone("").String()
}

// open shows an address in the browser. Whether there is one the system does not always tell, so
// the address is offered in any case.
func (w *window) open(u *url.URL) {
	address := u.String()
	w.killing.spawn(func() {
		err := w.ui.app.OpenURL(u)
		w.ui.model.do(func() {
			slog.Debug("open", "address", address, "err", err)
			text, colour := language.F("%s was handed to the browser.", address), theme.ColorNamePrimary
			if err != nil {
				text, colour = language.F("No browser opens %s: %s.", address, table.Clean(err.Error())), theme.ColorNameWarning
			}
			w.notice.tell(colour, text, language.T("Copy address"), func() { w.copy(address) })
		})
	})
}

// shownPath is something of a process that the file manager can show.
type shownPath struct{ label, path string }

// placesOf are the app or program of a row's process, and the folder that it works in.
func placesOf(row table.Row, s *netstat.Snapshot) []shownPath {
	a := appOf(row)
	if a.Kind == app.Container {
		return nil // its paths are not this computer's
	}
	program, folder := "", ""
	if p := processOf(row, s); p != nil {
		program, folder = p.Executable, orElse(p.Work.Project, p.Work.Dir)
	}
	if a.Kind == app.Bundle && a.Path != "" {
		program = a.Path
	}
	finder := runtime.GOOS == "darwin"
	var places []shownPath
	if filepath.IsAbs(program) {
		label := language.T("Show program in the file manager")
		if finder {
			label = language.T("Show in Finder")
		}
		places = append(places, shownPath{label, program})
	}
	if filepath.IsAbs(folder) && folder != "/" {
		label := language.T("Show folder in the file manager")
		if finder {
			label = language.T("Show folder in Finder")
		}
		places = append(places, shownPath{label, folder})
	}
	return places
}

// reveal shows a file or a folder in the file manager: the file in its folder, where the system has a way to say that.
func (w *window) reveal(path string) {
	w.killing.spawn(func() {
		err := w.showFile(path)
		w.ui.model.do(func() {
			slog.Debug("reveal", "path", path, "err", err)
			if err == nil {
				return
			}
			text := language.F("The file manager does not show %s: %s.", abbreviated(table.Clean(path), pathLength), table.Clean(err.Error()))
			if errors.Is(err, fs.ErrNotExist) {
				text = language.F("%s is not there any more.", abbreviated(table.Clean(path), pathLength))
			}
			w.notice.tell(theme.ColorNameWarning, text, language.T("Copy path"), func() { w.copy(path) })
		})
	})
}

// showFile is reveal off the UI thread: a disk may be asleep.
func (w *window) showFile(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if show := w.ui.options.Reveal; show != nil {
		if err = show(path); err == nil {
			return nil
		}
		slog.Debug("the file manager was not asked", "err", err)
	}
	folder := path
	if !info.IsDir() || strings.HasSuffix(path, ".app") { // opening an app would start it
		folder = filepath.Dir(path)
	}
	return w.ui.app.OpenURL(&url.URL{Scheme: "file", Path: folder})
}
