package ui

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"

	"portolan/assets"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/table"
)

// menuPorts is how many listeners the menu shows: what is read at a glance.
const menuPorts = 8

// trayMenu is what the menu says. It holds nothing that changes by itself all
// the time, such as the number of connections: a menu that is open must hold still.
type trayMenu struct {
	heading string
	ports   []trayPort
	more    int // listeners beyond ports
	paused  bool
}

// trayPort is one line of the menu: a port that somebody waits on.
type trayPort struct {
	Number uint16
	Name   string // of the process, cleaned; "" when it is not known
}

// label is p's line. Names are long at times, and a menu is as wide as its longest line.
func (p trayPort) label() string {
	if p.Name == "" {
		return fmt.Sprintf(":%d", p.Number)
	}
	return fmt.Sprintf(":%d  %s", p.Number, abbreviated(p.Name, menuNameLength))
}

// newTrayMenu says what the menu shows of c. Ports come in the order of their
// numbers, those that the kernel handed out last.
func newTrayMenu(c content) trayMenu {
	menu := trayMenu{paused: c.menu.paused}
	if c.update.Snapshot == nil {
		menu.heading = "Reading…"
		if c.update.Err != nil {
			menu.heading = "The sockets could not be read"
		}
		return menu
	}
	asked, handedOut := listeners(c.update.Snapshot, c.view.Ephemeral)
	ports := append(inOrder(asked), inOrder(handedOut)...)
	menu.heading = table.Plural(len(ports), "listening port")
	if len(ports) > menuPorts {
		menu.more = len(ports) - menuPorts
		ports = ports[:menuPorts]
	}
	menu.ports = ports
	return menu
}

// inOrder sorts by number, then name, and says everything once.
func inOrder(ports []trayPort) []trayPort {
	slices.SortFunc(ports, func(a, b trayPort) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Name, b.Name))
	})
	return slices.Compact(ports)
}

// listeners gives a line for each listening socket and each of its owners' names:
// those whose port the program asked for, and those whose port the kernel handed out.
func listeners(s *netstat.Snapshot, ephemeral port.Range) (asked, handedOut []trayPort) {
	ephemeral = table.EphemeralRange(s, ephemeral)
	for i := range s.Sockets {
		socket := &s.Sockets[i]
		if socket.State != netstat.Listen {
			continue
		}
		lines := &asked
		if table.Ephemeral(socket, ephemeral) {
			lines = &handedOut
		}
		if len(socket.Owners) == 0 {
			*lines = append(*lines, trayPort{Number: socket.Local.Port()})
		}
		for _, owner := range socket.Owners {
			*lines = append(*lines, trayPort{Number: socket.Local.Port(), Name: table.Clean(owner.Process.Name)})
		}
	}
	return asked, handedOut
}

// tray is our icon in the menu bar.
type tray struct {
	ui    *UI
	bar   desktop.App
	shown trayMenu
}

// newTray puts the icon into the menu bar; nil where there is none.
func newTray(u *UI) *tray {
	bar, ok := u.app.(desktop.App)
	if !ok || !u.options.Tray {
		return nil
	}
	t := &tray{ui: u, bar: bar}
	t.build(newTrayMenu(content{}))
	bar.SetSystemTrayIcon(trayIcon(u.options.TrayIcon, runtime.GOOS))
	bar.SetSystemTrayWindow(u.window.Window)
	return t
}

// trayIcon gives the icon for the menu bar of a system. macOS gives a template the
// colour that suits its bar. Elsewhere the theme's colour says nothing about the
// bar, which is black on GNOME even when all windows are light.
func trayIcon(chosen fyne.Resource, system string) fyne.Resource {
	switch {
	case chosen != nil:
		return chosen
	case system == "darwin":
		return theme.NewThemedResource(fyne.NewStaticResource("tray.svg", assets.Tray))
	default:
		return fyne.NewStaticResource("portolan.svg", assets.Drawing)
	}
}

// menuText gives a text as the menus of a system take it. On Linux an underscore marks the letter
// to press and is not shown (com.canonical.dbusmenu, "label"); two of them are one that is.
func menuText(text, system string) string {
	if system == "linux" {
		return strings.ReplaceAll(text, "_", "__")
	}
	return text
}

// show rebuilds the menu if it says anything new.
func (t *tray) show(menu trayMenu) {
	if !t.shown.equal(menu) {
		t.build(menu)
	}
}

func (t *tray) build(menu trayMenu) {
	t.shown = menu
	heading := fyne.NewMenuItem(menu.heading, nil)
	heading.Disabled = true
	items := []*fyne.MenuItem{
		fyne.NewMenuItem("Open Portolan", t.ui.Show),
		fyne.NewMenuItemSeparator(),
		heading,
	}
	for _, p := range menu.ports {
		items = append(items, fyne.NewMenuItem(menuText(p.label(), runtime.GOOS), func() { t.ui.showPort(p.Number) }))
	}
	if menu.more > 0 {
		items = append(items, fyne.NewMenuItem(fmt.Sprintf("%d more…", menu.more), func() { t.ui.showQuery("state:listen") }))
	}
	pause := fyne.NewMenuItem("Pause", func() { t.ui.setPaused(!t.shown.paused) })
	pause.Checked = menu.paused
	quit := fyne.NewMenuItem("Quit", t.ui.Quit)
	quit.IsQuit = true
	items = append(items, fyne.NewMenuItemSeparator(), pause, quit)
	t.bar.SetSystemTrayMenu(fyne.NewMenu("Portolan", items...))
}

// showPort opens the window on one port.
func (u *UI) showPort(number uint16) { u.showQuery(fmt.Sprintf("port:%d", number)) }

// showQuery opens the window on what the query finds.
func (u *UI) showQuery(query string) {
	u.Show()
	u.window.setQuery(query)
}
