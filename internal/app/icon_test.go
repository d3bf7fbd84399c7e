package app

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// png is what a file must hold to be one for these tests: something.
const png = "\x89PNG"

func TestIconFind(t *testing.T) {
	tr := newTree(t)
	const icons = "usr/share/icons/"
	for _, size := range []string{"16x16", "32x32", "48x48", "256x256"} {
		tr.file(icons+"hicolor/"+size+"/apps/google-chrome.png", png)
	}
	tr.file(icons+"hicolor/scalable/apps/org.gnome.Nautilus.svg", "<svg/>")
	tr.file(icons+"hicolor/symbolic/apps/org.gnome.Nautilus-symbolic.svg", "<svg/>")
	tr.file(icons+"hicolor/512x512/apps/huge.png", png)
	tr.file(icons+"hicolor/128x128/apps/vlc.png", png)
	tr.file(icons+"hicolor/32x32/apps/vlc.png", png)
	tr.file(icons+"hicolor/32x32@2/apps/sharp.png", png)
	tr.file(icons+"hicolor/32x32/apps/sharp.png", png)
	tr.file(icons+"breeze/apps/48/utilities-terminal.svg", "<svg/>")
	tr.file(icons+"hicolor/48x48/mimetypes/text.png", png)
	tr.file("home/u/.local/share/icons/hicolor/48x48/apps/own.png", png)
	tr.file("usr/share/pixmaps/openbox.png", png)
	tr.file("usr/share/pixmaps/python3.11.xpm", "/* XPM */")
	tr.file("usr/share/pixmaps/python3.11.png", png)
	tr.file("opt/idea/bin/idea.svg", "<svg/>")
	tr.file("opt/idea/bin/idea.xpm", "/* XPM */")
	tr.file("opt/large/large.png", strings.Repeat("x", maxIconFile+1))
	tr.file("opt/empty/empty.png", "")
	tr.file("var/lib/flatpak/exports/share/icons/hicolor/64x64/apps/org.mozilla.firefox.png", png)

	x := newIconFolders(tr.root, "/home/u", dataFolders(func(string) string { return "" }, "/home/u"))
	for icon, want := range map[string]string{
		"google-chrome":              "/usr/share/icons/hicolor/48x48/apps/google-chrome.png",
		"google-chrome.png":          "/usr/share/icons/hicolor/48x48/apps/google-chrome.png",
		"org.gnome.Nautilus":         "/usr/share/icons/hicolor/scalable/apps/org.gnome.Nautilus.svg",
		"huge":                       "/usr/share/icons/hicolor/512x512/apps/huge.png",
		"vlc":                        "/usr/share/icons/hicolor/128x128/apps/vlc.png",
		"sharp":                      "/usr/share/icons/hicolor/32x32@2/apps/sharp.png",
		"utilities-terminal":         "/usr/share/icons/breeze/apps/48/utilities-terminal.svg",
		"text":                       "",
		"own":                        "/home/u/.local/share/icons/hicolor/48x48/apps/own.png",
		"openbox":                    "/usr/share/pixmaps/openbox.png",
		"python3.11":                 "/usr/share/pixmaps/python3.11.png",
		"org.mozilla.firefox":        "/var/lib/flatpak/exports/share/icons/hicolor/64x64/apps/org.mozilla.firefox.png",
		"/opt/idea/bin/idea.svg":     "/opt/idea/bin/idea.svg",
		"/opt/idea/bin/idea.xpm":     "",
		"/opt/large/large.png":       "",
		"/opt/empty/empty.png":       "",
		"/opt/none.png":              "",
		"../../../opt/idea/bin/idea": "",
		"nowhere":                    "",
		"":                           "",
	} {
		if got := x.find(icon); got != want {
			t.Errorf("find(%q) = %q, want %q", icon, got, want)
		}
	}
}

func TestSizeOrder(t *testing.T) {
	order := func(name string) int {
		n, ok := sizeOrder(name)
		if !ok {
			t.Fatalf("%q is no size", name)
		}
		return n
	}
	sizes := []string{"64x64", "48x48", "128x128", "32x32", "scalable", "512x512", "24x24", "16"}
	for i := range sizes[1:] {
		if order(sizes[i]) >= order(sizes[i+1]) {
			t.Errorf("%s is not better than %s", sizes[i], sizes[i+1])
		}
	}
	for _, name := range []string{"symbolic", "apps", "", "x", "-1", "99999", "48x48@x", "48x48@99", "8x8"} {
		if _, ok := sizeOrder(name); ok {
			t.Errorf("%q is a size", name)
		}
	}
}

// An icon on a disk that does not answer is waited for once.
func TestIconOnDeadDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dead := make(chan struct{})
		d := &desktopEntries{disk: &disk{}, icons: func() *iconFolders { <-dead; return &iconFolders{} }}
		a := &desktopApp{desktopEntry: desktopEntry{icon: "/net/shop.png"}}
		for _, want := range []time.Duration{patience, 0} {
			begun := time.Now()
			if got, took := d.icon(a), time.Since(begun); got != "" || took != want {
				t.Errorf("%q after %v, want nothing after %v", got, took, want)
			}
		}
		if stuck := d.disk.stuck.Load(); stuck != 1 {
			t.Errorf("%d are stuck", stuck)
		}
		close(dead)
		synctest.Wait()
	})
}
