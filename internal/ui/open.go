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
	"portolan/internal/process"
	"portolan/internal/table"
)

// securePorts are those where a browser is expected to speak TLS, besides those whose service says so.
var securePorts = []uint16{443, 4443, 8443, 9443}

// pagesOf are the addresses under which a browser finds a server on this computer, over TLS and without: first
// as is expected of the port. None for what is no TCP server.
func pagesOf(s *netstat.Socket) []*url.URL {
	if s == nil || s.Protocol != netstat.TCP || s.State != netstat.Listen {
		return nil
	}
	number := s.Local.Port()
	schemes := []string{"http", "https"}
	if slices.Contains(securePorts, number) || strings.Contains(port.Service("tcp", number), "https") {
		slices.Reverse(schemes)
	}
	pages := make([]*url.URL, len(schemes))
	for i, scheme := range schemes {
		pages[i] = &url.URL{Scheme: scheme, Path: "/", Host: pageHost(s, scheme)}
	}
	return pages
}

// pageHost is a server's host with its port, unless that is the scheme's own.
func pageHost(s *netstat.Socket, scheme string) string {
	host, number := hostOf(s.Local.Addr().Unmap()), s.Local.Port()
	if scheme != "http" && number == 443 || scheme == "http" && number == 80 {
		if strings.Contains(host, ":") {
			return "[" + host + "]"
		}
		return host
	}
	return net.JoinHostPort(host, strconv.Itoa(int(number)))
}

// mostServers is how many servers of an app or a process the menu opens.
const mostServers = 8

// serversOf are what a browser may find of a row: its own socket, or those that wait on the ports of its app or
// process, of each port one, in the order of the ports.
func serversOf(row table.Row, s *netstat.Snapshot) []*netstat.Socket {
	if row.Socket != nil {
		if len(pagesOf(row.Socket)) == 0 {
			return nil
		}
		return []*netstat.Socket{row.Socket}
	}
	if row.Group == nil || row.Flow != nil {
		return nil
	}
	owners := map[process.ID]bool{}
	for _, p := range processesIn([]table.Row{row}, s) {
		owners[p.ID] = true
	}
	byPort := map[uint16]*netstat.Socket{}
	for i := range socketsOf(s) {
		socket := &s.Sockets[i]
		held := slices.ContainsFunc(socket.Owners, func(o netstat.Owner) bool { return owners[o.Process.ID] })
		if held && byPort[socket.Local.Port()] == nil && len(pagesOf(socket)) > 0 {
			byPort[socket.Local.Port()] = socket
		}
	}
	var servers []*netstat.Socket
	for _, number := range row.Group.Ports {
		if server := byPort[number]; server != nil && len(servers) < mostServers {
			servers = append(servers, server)
		}
	}
	return servers
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

// fileManagerTitle is what the system calls its file manager, as the title of what leads there.
func fileManagerTitle(system string) string {
	if system == "darwin" {
		return language.T("Show in Finder")
	}
	return language.T("Show in File Manager")
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
