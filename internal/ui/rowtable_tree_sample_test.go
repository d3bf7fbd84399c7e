package ui

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
	"portolan/internal/table"
)

// workshop is a snapshot of a computer on which somebody builds a web shop.
func workshop() *netstat.Snapshot {
	next := 4000
	run := func(name string, a app.App, title string) *process.Process {
		next += 37
		p := newProcess(next, name, "alice", 501, a)
		p.Work.Title = title
		return p
	}
	browser := app.App{Name: "Firefox", Path: "/usr/lib/firefox/firefox", Kind: app.Desktop, ID: "firefox.desktop", Icon: "/icons/firefox.png"}
	editor := app.App{Name: "Visual Studio Code", Path: "/usr/share/code/code", Kind: app.Desktop, ID: "code.desktop", Icon: "/icons/code.svg"}
	shop := app.App{Name: "vite - shop-frontend", Path: "/home/alice/shop-frontend", Kind: app.Command, In: "iTerm"}
	api := app.App{Name: "uvicorn - shop-api", Path: "/home/alice/shop-api", Kind: app.Command, In: "iTerm"}
	web := app.App{Name: "shop-redis-1", Kind: app.Container, ID: strings.Repeat("ab12", 16), Runtime: "docker", Image: "redis:7"}
	database := app.App{Name: "PostgreSQL", Kind: app.Unit, ID: "postgresql.service", Unit: "postgresql.service"}
	broken := app.App{Name: "Old Messenger with a name that is much longer than anybody would like", Kind: app.Desktop, ID: "old.desktop", Icon: "/icons/junk.png"}

	fox, content := run("firefox", browser, ""), run("Socket Process", browser, "")
	code, server := run("code", editor, ""), run("code", editor, "Extension Host")
	vite, esbuild := run("node", shop, "vite - shop-frontend"), run("esbuild", shop, "")
	uvicorn := run("python3", api, "uvicorn - shop-api")
	redis := run("redis-server", web, "")
	pg, pg2 := run("postgres", database, ""), run("postgres", database, "")
	messenger := run("messenger", broken, "")
	hidden := listen("0.0.0.0:22")
	hidden.Absence, hidden.UID, hidden.User = netstat.Concealed, 0, "root"

	all := []netstat.Socket{
		hidden, listen("127.0.0.1:5173", vite), listen("[::1]:5173", vite), listen("127.0.0.1:24678", vite), listen("127.0.0.1:44123", esbuild),
		listen("0.0.0.0:8000", uvicorn), listen("127.0.0.1:6379", redis), listen("127.0.0.1:5432", pg), listen("[::1]:5432", pg),
		listen("127.0.0.1:40213", code), listen("127.0.0.1:9229", server), datagram("0.0.0.0:5353", fox),
		connection(netstat.Established, "127.0.0.1:5432", "127.0.0.1:50012", pg2),
		connection(netstat.Established, "127.0.0.1:50012", "127.0.0.1:5432", uvicorn),
		connection(netstat.CloseWait, "127.0.0.1:8000", "127.0.0.1:50044", uvicorn),
		connection(netstat.Established, "127.0.0.1:50020", "127.0.0.1:6379", uvicorn),
		connection(netstat.Established, "127.0.0.1:50031", "127.0.0.1:5173", content),
		connection(netstat.Established, "127.0.0.1:5173", "127.0.0.1:50031", vite),
		connection(netstat.Established, "[2001:db8:85a3::8a2e:370:7334]:53021", "[2606:4700::6810:84e5]:443", content),
		connection(netstat.Established, "192.168.1.24:51022", "140.82.121.4:443", server),
		connection(netstat.Established, "192.168.1.24:51100", "203.0.113.9:5222", messenger),
		connection(netstat.TimeWait, "127.0.0.1:50050", "127.0.0.1:8000"),
		connection(netstat.TimeWait, "192.168.1.24:51200", "93.184.216.34:443"),
	}
	for i := range 14 {
		all = append(all, connection(netstat.Established, fmt.Sprintf("192.168.1.24:%d", 52000+i), fmt.Sprintf("151.101.%d.140:443", i+1), content))
	}
	for i := range all {
		if all[i].State == netstat.Established {
			all[i].RxBytes, all[i].TxBytes = 1<<(10+i%17)*uint64(i+3), 1<<(8+i%13)*uint64(i+5)
		}
	}
	return snapshot(0, all...)
}

// branches gives the rows of the by-app view, with the apps of these names opened; "name/" opens their processes too.
func branches(s *netstat.Snapshot, sort table.ColumnID, open ...string) []table.Row {
	view := table.View{ByApp: true, Sort: sort, Open: map[table.Key]bool{}, Ephemeral: port.Range{First: 32768, Last: 60999}}
	for range 2 { // processes can be opened once they are there
		for _, row := range table.Rows(s, view) {
			if row.Group == nil {
				continue
			}
			for _, name := range open {
				app, deeper := strings.CutSuffix(name, "/")
				if (row.Depth == 0 && row.Group.Name == app) || (deeper && row.Group.App.Name == app && row.Group.Absence == netstat.Owned) {
					view.Open[row.Key] = true
				}
			}
		}
	}
	return table.Rows(s, view)
}

// fakeIcons has pictures for the files of workshop: two discs, and an error for the rest.
func fakeIcons(path string) (image.Image, error) {
	ink, known := map[string]color.RGBA{
		"/icons/firefox.png": {0xe6, 0x5a, 0x1e, 0xff},
		"/icons/code.svg":    {0x1f, 0x7a, 0xcc, 0xff},
	}[path]
	if !known {
		return nil, errors.New("junk")
	}
	picture := image.NewRGBA(image.Rect(0, 0, iconPixels, iconPixels))
	for y := range iconPixels {
		for x := range iconPixels {
			if math.Hypot(float64(x)-15.5, float64(y)-15.5) < 14 {
				picture.SetRGBA(x, y, ink)
			}
		}
	}
	return picture, nil
}

// newWorkshop shows rows of workshop with the icons that there are.
func newWorkshop(t testing.TB, rows []table.Row, size fyne.Size, v fyne.ThemeVariant) *harness {
	t.Helper()
	h := newHarnessOf(t, table.GroupColumns(), nil, size.Width, size.Height, v)
	var reads []func()
	h.icons.read, h.icons.spawn = fakeIcons, func(read func()) { reads = append(reads, read) }
	h.set(rowSet{columns: h.columns, rows: rows, sort: table.ColumnName})
	for len(reads) > 0 {
		read := reads[0]
		reads = reads[1:]
		read()
	}
	return h
}
