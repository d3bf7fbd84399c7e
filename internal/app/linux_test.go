package app

import (
	"context"
	"net/netip"
	"runtime"
	"testing"

	"portolan/internal/container"
)

// runtimes is what container runtimes know. It counts who asked for what is not known.
type runtimes struct {
	containers []container.Container
	asked      int
	version    uint64
}

func (r *runtimes) find(fits func(c container.Container) bool) (container.Container, bool) {
	for _, c := range r.containers {
		if fits(c) {
			return c, true
		}
	}
	r.asked++
	return container.Container{}, false
}

func (r *runtimes) Known(id string) (container.Container, bool) {
	return r.find(func(c container.Container) bool { return c.ID == id })
}

func (r *runtimes) ByAddress(a netip.Addr) (container.Container, bool) {
	return r.find(func(c container.Container) bool { return len(c.Addresses) > 0 && c.Addresses[0] == a })
}

func (r *runtimes) ByPort(protocol string, host netip.Addr, public uint16) (container.Container, bool) {
	return r.find(func(c container.Container) bool {
		_, ok := c.PortAt(protocol, host, public)
		return ok
	})
}

func (r *runtimes) Version() uint64              { return r.version }
func (r *runtimes) Settle(context.Context) error { return nil }

// linuxDesktop is a computer with what people have on theirs.
func linuxDesktop(t testing.TB) fileTree {
	tr := newTree(t)
	program := func(name string) { tr.file(name, "ELF") }
	tr.entry(apps+"google-chrome.desktop", "Google Chrome", "/usr/bin/google-chrome-stable %U", "Icon=google-chrome")
	program("opt/google/chrome/google-chrome")
	tr.link("usr/bin/google-chrome-stable", "opt/google/chrome/google-chrome")
	tr.file("usr/share/icons/hicolor/48x48/apps/google-chrome.png", png)
	tr.entry("home/u/.local/share/applications/chrome-abc-Default.desktop", "Mail", "/opt/google/chrome/google-chrome --app-id=abc")
	tr.entry(apps+"firefox.desktop", "Firefox", "firefox %u", "Icon=firefox")
	program("usr/bin/firefox")
	tr.entry(apps+"code.desktop", "Visual Studio Code", "/usr/share/code/code %F")
	program("usr/share/code/code")
	tr.entry(apps+"slack.desktop", "Slack", "/usr/bin/slack %U")
	program("usr/lib/slack/slack")
	tr.link("usr/bin/slack", "usr/lib/slack/slack")
	tr.entry(apps+"jetbrains-idea.desktop", "IntelliJ IDEA", `"/opt/idea/bin/idea.sh" %f`)
	program("opt/idea/bin/idea.sh")
	tr.entry(apps+"org.gnome.Nautilus.desktop", "Files", "nautilus --new-window %U")
	program("usr/bin/nautilus")
	tr.entry(apps+"org.gnome.Terminal.desktop", "Terminal", "gnome-terminal", "Categories=GNOME;System;TerminalEmulator;")
	program("usr/bin/gnome-terminal")
	tr.entry(apps+"org.kde.konsole.desktop", "Konsole", "konsole", "Categories=Qt;KDE;System;TerminalEmulator;")
	program("usr/bin/konsole")
	tr.entry(apps+"terminator.desktop", "Terminator", "terminator", "Categories=GNOME;TerminalEmulator;")
	program("usr/bin/terminator")
	tr.entry("home/u/.local/share/applications/signal.desktop", "Signal", "signal")
	program("home/u/.local/bin/signal")
	tr.entry(apps+"htop.desktop", "Htop", "htop", "Terminal=true")
	program("usr/bin/htop")
	tr.entry(apps+"org.gnome.Calendar.desktop", "Calendar", "gnome-calendar %U")
	program("usr/bin/gnome-calendar")
	tr.entry("var/lib/flatpak/exports/share/applications/org.mozilla.Thunderbird.desktop", "Thunderbird",
		"/usr/bin/flatpak run --command=thunderbird org.mozilla.Thunderbird @@u %u @@", "X-Flatpak=org.mozilla.Thunderbird")
	tr.entry("var/lib/snapd/desktop/applications/spotify_spotify.desktop", "Spotify",
		"env BAMF_DESKTOP_FILE_HINT=/var/lib/snapd/desktop/applications/spotify_spotify.desktop /snap/bin/spotify %U", "X-SnapInstanceName=spotify")
	tr.file("home/u/src/shop-frontend/package.json", `{"name":"shop-frontend"}`)
	return tr
}

const userUnits = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/"

// fromTerminal are the ancestors of what a person runs in GNOME Terminal.
var fromTerminal = []Ancestor{{PID: 30, Name: "bash", Executable: "/usr/bin/bash"}, {PID: 20, Name: "gnome-terminal-", Executable: "/usr/libexec/gnome-terminal-server"}, {PID: 10, Name: "systemd", Executable: "/usr/lib/systemd/systemd"}}

func ancestors(executables ...string) []Ancestor {
	list := make([]Ancestor, 0, len(executables))
	for i, executable := range executables {
		list = append(list, Ancestor{PID: 100 - i, Name: lastPart(executable), Executable: executable})
	}
	return list
}

func lastPart(file string) string {
	for i := len(file) - 1; i >= 0; i-- {
		if file[i] == '/' {
			return file[i+1:]
		}
	}
	return file
}

func TestFindLinux(t *testing.T) {
	vite := []string{"node", "/home/u/src/shop-frontend/node_modules/.bin/vite"}
	tests := []struct {
		name string
		e    Evidence
		want App // Path and Icon are compared where they are given
	}{
		// Browsers, editors and what they are made of.
		{"Chrome, GNOME", Evidence{Executable: "/opt/google/chrome/chrome", Cgroup: []byte(userUnits + `app-gnome-google\x2dchrome-4711.scope`)},
			App{Kind: Desktop, Name: "Google Chrome", ID: "google-chrome", Unit: `app-gnome-google\x2dchrome-4711.scope`, UserUnit: true, Icon: "/usr/share/icons/hicolor/48x48/apps/google-chrome.png"}},
		{"Chrome, its own scope", Evidence{Executable: "/opt/google/chrome/chrome", Cgroup: []byte(userUnits + "app-com.google.Chrome-4711.scope")},
			App{Kind: Desktop, Name: "Google Chrome", ID: "google-chrome", Unit: "app-com.google.Chrome-4711.scope", UserUnit: true}},
		{"Chrome, a page as an app", Evidence{Executable: "/opt/google/chrome/chrome", Cgroup: []byte(userUnits + `app-gnome-chrome\x2dabc\x2dDefault-4711.scope`)},
			App{Kind: Desktop, Name: "Google Chrome", ID: "google-chrome", Unit: `app-gnome-chrome\x2dabc\x2dDefault-4711.scope`, UserUnit: true}},
		{"Chrome's crash handler", Evidence{Executable: "/opt/google/chrome/chrome_crashpad_handler", Cgroup: []byte("0::/user.slice/user-1000.slice/session-2.scope")},
			App{Kind: Desktop, Name: "Google Chrome", ID: "google-chrome"}},
		{"Chrome, of which only the command line may be read", Evidence{Name: "chrome", Args: []string{"/opt/google/chrome/chrome --type=utility --utility-sub-type=network.mojom.NetworkService"}},
			App{Kind: Desktop, Name: "Google Chrome", ID: "google-chrome"}},
		{"Chrome, after an update", Evidence{Executable: "/opt/google/chrome/chrome (deleted)"}, App{Kind: Desktop, Name: "Google Chrome", ID: "google-chrome"}},
		{"Firefox, a script in the path", Evidence{Executable: "/usr/lib/firefox/firefox"}, App{Kind: Desktop, Name: "Firefox", ID: "firefox"}},
		{"Firefox's helper", Evidence{Executable: "/usr/lib/firefox/plugin-container", Ancestors: ancestors("/usr/lib/firefox/firefox", "/usr/bin/gnome-shell")},
			App{Kind: Desktop, Name: "Firefox", ID: "firefox"}},
		{"VS Code, a utility process", Evidence{Executable: "/usr/share/code/code", Args: []string{"/usr/share/code/code", "--type=utility"}, Cgroup: []byte(userUnits + "app-gnome-code-99.scope")},
			App{Kind: Desktop, Name: "Visual Studio Code", ID: "code", Unit: "app-gnome-code-99.scope", UserUnit: true}},
		{"VS Code, started in a terminal", Evidence{Executable: "/usr/share/code/code", Ancestors: fromTerminal, Terminal: true, Cgroup: []byte(userUnits + "app-org.gnome.Terminal.slice/vte-spawn-6f3c9dd4.scope")},
			App{Kind: Desktop, Name: "Visual Studio Code", ID: "code", Unit: "vte-spawn-6f3c9dd4.scope", UserUnit: true}},
		{"a dev server in the terminal of VS Code", Evidence{Name: "node", Executable: "/usr/bin/node", Args: vite, Dir: "/home/u/src/shop-frontend", Terminal: true,
			Ancestors: ancestors("/usr/bin/bash", "/usr/share/code/code", "/usr/share/code/code"), Cgroup: []byte(userUnits + "app-gnome-code-99.scope")},
			App{Kind: Command, Name: "vite - shop-frontend", Path: "/home/u/src/shop-frontend", In: "Code", Unit: "app-gnome-code-99.scope", UserUnit: true}},
		{"Electron", Evidence{Executable: "/usr/lib/slack/slack", Ancestors: ancestors("/usr/lib/slack/slack")}, App{Kind: Desktop, Name: "Slack", ID: "slack"}},
		{"JetBrains", Evidence{Name: "java", Executable: "/opt/idea/jbr/bin/java", Args: []string{"/opt/idea/jbr/bin/java", "-classpath", "/opt/idea/lib/a.jar", "com.intellij.idea.Main"}},
			App{Kind: Desktop, Name: "IntelliJ IDEA", ID: "jetbrains-idea"}},
		{"JetBrains, a file watcher", Evidence{Executable: "/opt/idea/bin/fsnotifier", Ancestors: ancestors("/opt/idea/jbr/bin/java")}, App{Kind: Desktop, Name: "IntelliJ IDEA", ID: "jetbrains-idea"}},
		{"VS Code's server, in WSL", Evidence{Name: "node", Executable: "/home/u/.vscode-server/bin/abc/node", Args: []string{"node", "out/server-main.js"}, Cgroup: []byte("0::/")},
			App{Kind: Executable, Name: "Code (remote)", Path: "/home/u/.vscode-server"}},

		// Desktops.
		{"GNOME", Evidence{Executable: "/usr/bin/nautilus", Cgroup: []byte(userUnits + "app-gnome-org.gnome.Nautilus-1234.scope")},
			App{Kind: Desktop, Name: "Files", ID: "org.gnome.Nautilus", Path: "/usr/bin/nautilus", Unit: "app-gnome-org.gnome.Nautilus-1234.scope", UserUnit: true}},
		{"what GNOME's Files has started", Evidence{Executable: "/usr/libexec/gvfsd-http", Cgroup: []byte(userUnits + "app-gnome-org.gnome.Nautilus-1234.scope")},
			App{Kind: Desktop, Name: "Files", ID: "org.gnome.Nautilus", Unit: "app-gnome-org.gnome.Nautilus-1234.scope", UserUnit: true}},
		{"KDE", Evidence{Executable: "/usr/bin/konsole", Cgroup: []byte(userUnits + "app-org.kde.konsole-8b9c51c9a0af.scope")},
			App{Kind: Desktop, Name: "Konsole", ID: "org.kde.konsole", Unit: "app-org.kde.konsole-8b9c51c9a0af.scope", UserUnit: true}},
		{"GNOME Terminal itself", Evidence{Executable: "/usr/libexec/gnome-terminal-server", Cgroup: []byte(userUnits + "app-org.gnome.Terminal.slice/gnome-terminal-server.service")},
			App{Kind: Desktop, Name: "Terminal", ID: "org.gnome.Terminal", Unit: "gnome-terminal-server.service", UserUnit: true}},
		{"a terminal that is a script", Evidence{Name: "terminator", Executable: "/usr/bin/python3.11", Args: []string{"/usr/bin/python3", "/usr/bin/terminator"}, Cgroup: []byte(userUnits + "app-gnome-terminator-7.scope")},
			App{Kind: Desktop, Name: "Terminator", ID: "terminator", Unit: "app-gnome-terminator-7.scope", UserUnit: true}},
		{"D-Bus", Evidence{Executable: "/usr/bin/gnome-calendar", Cgroup: []byte(userUnits + "dbus-:1.2-org.gnome.Calendar@0.service")},
			App{Kind: Desktop, Name: "Calendar", ID: "org.gnome.Calendar", Unit: "dbus-:1.2-org.gnome.Calendar@0.service", UserUnit: true}},
		{"a .desktop file that is not there", Evidence{Executable: "/opt/x/telegram", Cgroup: []byte(userUnits + "app-org.telegram.desktop@3f.service")},
			App{Kind: Desktop, Name: "telegram", ID: "org.telegram.desktop", Unit: "app-org.telegram.desktop@3f.service", UserUnit: true}},
		{"X11, no units", Evidence{Executable: "/opt/google/chrome/chrome", Cgroup: []byte("0::/user.slice/user-1000.slice/session-2.scope")}, App{Kind: Desktop, Name: "Google Chrome", ID: "google-chrome"}},
		{"snap", Evidence{Executable: "/snap/spotify/78/usr/share/spotify/spotify", Cgroup: []byte(userUnits + "snap.spotify.spotify-4a9bfa0e-8a3b-4d0e-9c55-6f4a6c1b2d3e.scope")},
			App{Kind: Snap, Name: "Spotify", ID: "spotify", Unit: "snap.spotify.spotify-4a9bfa0e-8a3b-4d0e-9c55-6f4a6c1b2d3e.scope", UserUnit: true}},
		{"snap, a service", Evidence{Executable: "/snap/cups/1044/sbin/cupsd", Cgroup: []byte("0::/system.slice/snap.cups.cupsd.service")},
			App{Kind: Snap, Name: "cups", ID: "cups", Unit: "snap.cups.cupsd.service"}},
		{"snap, by the path alone", Evidence{Executable: "/var/lib/snapd/snap/spotify/78/usr/share/spotify/spotify"}, App{Kind: Snap, Name: "Spotify", ID: "spotify"}},
		{"snap of an interpreter", Evidence{Name: "node", Executable: "/snap/node/9000/bin/node", Args: vite, Dir: "/home/u/src/shop-frontend", Terminal: true, Ancestors: fromTerminal,
			Cgroup: []byte(userUnits + "snap.node.node-4a9bfa0e-8a3b-4d0e-9c55-6f4a6c1b2d3e.scope")},
			App{Kind: Command, Name: "vite - shop-frontend", In: "GNOME Terminal", Unit: "snap.node.node-4a9bfa0e-8a3b-4d0e-9c55-6f4a6c1b2d3e.scope", UserUnit: true}},
		{"a dev server in the terminal of the snap of VS Code", Evidence{Name: "node", Executable: "/usr/bin/node", Args: vite, Dir: "/home/u/src/shop-frontend", Terminal: true,
			Ancestors: ancestors("/usr/bin/bash", "/snap/code/170/usr/share/code/code"), Cgroup: []byte(userUnits + "snap.code.code-4a9bfa0e-8a3b-4d0e-9c55-6f4a6c1b2d3e.scope")},
			App{Kind: Command, Name: "vite - shop-frontend", In: "Code", Unit: "snap.code.code-4a9bfa0e-8a3b-4d0e-9c55-6f4a6c1b2d3e.scope", UserUnit: true}},
		{"flatpak", Evidence{Executable: "/app/lib/thunderbird/thunderbird", Cgroup: []byte(userUnits + "app-flatpak-org.mozilla.Thunderbird-2953.scope")},
			App{Kind: Flatpak, Name: "Thunderbird", ID: "org.mozilla.Thunderbird", Unit: "app-flatpak-org.mozilla.Thunderbird-2953.scope", UserUnit: true}},
		{"flatpak without a .desktop file", Evidence{Executable: "/app/bin/x", Cgroup: []byte(userUnits + "app-flatpak-com.spotify.Client-2953.scope")},
			App{Kind: Flatpak, Name: "spotify", ID: "com.spotify.Client", Unit: "app-flatpak-com.spotify.Client-2953.scope", UserUnit: true}},
		{"flatpak, started by GNOME", Evidence{Executable: "/usr/bin/bwrap", Cgroup: []byte(userUnits + "app-gnome-org.mozilla.Thunderbird-2953.scope")},
			App{Kind: Flatpak, Name: "Thunderbird", ID: "org.mozilla.Thunderbird", Path: "/usr/bin/bwrap", Unit: "app-gnome-org.mozilla.Thunderbird-2953.scope", UserUnit: true}},
		{"snap, started by GNOME", Evidence{Executable: "/usr/lib/snapd/snap-confine", Cgroup: []byte(userUnits + "app-gnome-spotify_spotify-2953.scope")},
			App{Kind: Snap, Name: "Spotify", ID: "spotify", Unit: "app-gnome-spotify_spotify-2953.scope", UserUnit: true}},
		{"a dev server in a flatpak of an editor", Evidence{Name: "node", Executable: "/usr/bin/node", Args: vite, Dir: "/home/u/src/shop-frontend", Cgroup: []byte(userUnits + "app-flatpak-com.visualstudio.code-2953.scope")},
			App{Kind: Command, Name: "vite - shop-frontend", Path: "/home/u/src/shop-frontend", In: "code", Unit: "app-flatpak-com.visualstudio.code-2953.scope", UserUnit: true}},
		{"a program of the user's own", Evidence{Executable: "/home/u/.local/bin/signal"}, App{Kind: Desktop, Name: "Signal", ID: "signal", Path: "/home/u/.local/bin/signal"}},

		// Terminals.
		{"a dev server", Evidence{Name: "node", Executable: "/usr/bin/node", Args: vite, Dir: "/home/u/src/shop-frontend", Terminal: true, Ancestors: fromTerminal,
			Cgroup: []byte(userUnits + "app-org.gnome.Terminal.slice/vte-spawn-6f3c9dd4.scope")},
			App{Kind: Command, Name: "vite - shop-frontend", Path: "/home/u/src/shop-frontend", In: "GNOME Terminal", Unit: "vte-spawn-6f3c9dd4.scope", UserUnit: true}},
		{"a dev server whose terminal is closed", Evidence{Name: "node", Executable: "/usr/bin/node", Args: vite, Dir: "/home/u/src/shop-frontend", Cgroup: []byte(userUnits + "app-org.kde.konsole-8b9c.scope")},
			App{Kind: Command, Name: "vite - shop-frontend", In: "Konsole", Unit: "app-org.kde.konsole-8b9c.scope", UserUnit: true}},
		{"a daemon whose terminal is closed", Evidence{Name: "redis-server", Executable: "/usr/bin/redis-server", Cgroup: []byte(userUnits + "app-org.kde.konsole-8b9c.scope")},
			App{Kind: Command, Name: "redis-server", In: "Konsole", Unit: "app-org.kde.konsole-8b9c.scope", UserUnit: true}},
		{"a program for the terminal", Evidence{Name: "htop", Executable: "/usr/bin/htop", Terminal: true, Ancestors: fromTerminal}, App{Kind: Command, Name: "htop", In: "GNOME Terminal"}},
		{"an interpreter nobody knows the starter of", Evidence{Name: "node", Executable: "/usr/bin/node", Args: vite, Dir: "/home/u/src/shop-frontend", Cgroup: []byte("0::/")},
			App{Kind: Command, Name: "vite - shop-frontend", Path: "/home/u/src/shop-frontend"}},
		{"a dev server that an editor without a .desktop file has started", Evidence{Name: "node", Executable: "/usr/bin/node", Args: vite, Dir: "/home/u/src/shop-frontend",
			Cgroup: []byte(userUnits + "app-gnome-dev.zed.Zed-12.scope")},
			App{Kind: Command, Name: "vite - shop-frontend", In: "Zed", Path: "/home/u/src/shop-frontend", Unit: "app-gnome-dev.zed.Zed-12.scope", UserUnit: true}},
		{"a program that an IDE has started", Evidence{Name: "java", Executable: "/home/u/.jdks/corretto-17/bin/java", Args: []string{"java", "-jar", "shop.jar"}, Dir: "/home/u/src/shop-frontend",
			Cgroup: []byte(userUnits + `app-gnome-jetbrains\x2didea-12.scope`)},
			App{Kind: Command, In: "IntelliJ IDEA", Path: "/home/u/src/shop-frontend", Unit: `app-gnome-jetbrains\x2didea-12.scope`, UserUnit: true}},

		// Services.
		{"a unit", Evidence{Name: "postgres", Executable: "/usr/lib/postgresql/15/bin/postgres", Cgroup: []byte("0::/system.slice/system-postgresql.slice/postgresql@15-main.service")},
			App{Kind: Unit, Name: "postgresql@15-main", ID: "postgresql@15-main.service", Unit: "postgresql@15-main.service"}},
		{"a unit, version 1", Evidence{Name: "nginx", Cgroup: []byte("4:memory:/system.slice/nginx.service\n1:name=systemd:/system.slice/nginx.service\n")},
			App{Kind: Unit, Name: "nginx", ID: "nginx.service", Unit: "nginx.service"}},
		{"a unit of an interpreter", Evidence{Name: "node", Executable: "/usr/bin/node", Args: vite, Dir: "/home/u/src/shop-frontend", Cgroup: []byte("0::/system.slice/shop.service")},
			App{Kind: Unit, Name: "shop", ID: "shop.service", Unit: "shop.service"}},
		{"a user's unit", Evidence{Name: "syncthing", Executable: "/usr/bin/syncthing", Cgroup: []byte(userUnits + "syncthing.service")},
			App{Kind: Unit, Name: "syncthing", ID: "syncthing.service", Unit: "syncthing.service", UserUnit: true}},
		{"what cron has started", Evidence{Name: "backup", Executable: "/home/u/backup", Cgroup: []byte("0::/system.slice/cron.service")},
			App{Kind: Executable, Name: "backup", Path: "/home/u/backup", Unit: "cron.service"}},
		{"a virtual machine", Evidence{Name: "qemu-system-x86", Executable: "/usr/bin/qemu-system-x86_64", Cgroup: []byte(`0::/machine.slice/machine-qemu\x2d1\x2ddebian.scope/libvirt/emulator`)},
			App{Kind: Unit, Name: "debian", ID: `machine-qemu\x2d1\x2ddebian.scope`, Unit: `machine-qemu\x2d1\x2ddebian.scope`}},
		{"a login", Evidence{Name: "sshd", Executable: "/usr/sbin/sshd", Cgroup: []byte("0::/user.slice/user-1000.slice/session-5.scope")}, App{Kind: Executable, Name: "sshd", Path: "/usr/sbin/sshd"}},
		{"the first process", Evidence{Name: "systemd", Executable: "/usr/lib/systemd/systemd", Cgroup: []byte("0::/init.scope")}, App{Kind: Executable, Name: "systemd", Path: "/usr/lib/systemd/systemd"}},
		{"WSL without systemd", Evidence{Name: "mysqld", Executable: "/usr/sbin/mysqld", Cgroup: []byte("12:pids:/\n1:name=systemd:/\n0::/\n")}, App{Kind: Executable, Name: "mysqld", Path: "/usr/sbin/mysqld"}},
		{"a title with arguments", Evidence{Name: "shopd", Args: []string{"/opt/shop/shopd -p secret"}}, App{Kind: Executable, Name: "shopd", Path: "/opt/shop/shopd"}},
		{"nothing but the name", Evidence{Name: "kworker/0:1"}, App{Kind: Executable, Name: "kworker/0:1"}},
		{"nothing but the number", Evidence{PID: 77}, App{Kind: Executable, Name: "PID 77"}},
	}
	f := NewFinder(Options{System: Linux, Root: linuxDesktop(t).root, Home: "/home/u"})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := tt.e
			if e.Name == "" && e.Executable != "" {
				e.Name = lastPart(programFile(&e))
			}
			got, _, settled := f.Find(&e)
			want := tt.want
			if want.Path == "" {
				want.Path = got.Path
			}
			if want.Icon == "" {
				want.Icon = got.Icon
			}
			if want.Name == "" {
				want.Name = got.Name
			}
			if got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
			if !settled {
				t.Error("not settled, and there is nobody to ask")
			}
		})
	}
}

// TestFindOneApp: the processes of one app have one key.
func TestFindOneApp(t *testing.T) {
	f := NewFinder(Options{System: Linux, Root: linuxDesktop(t).root, Home: "/home/u"})
	for name, processes := range map[string][]Evidence{
		"Chrome": {
			{Executable: "/opt/google/chrome/chrome", Cgroup: []byte(userUnits + `app-gnome-google\x2dchrome-4711.scope`)},
			{Executable: "/opt/google/chrome/chrome_crashpad_handler"},
			{Name: "chrome", Args: []string{"/opt/google/chrome/chrome --type=renderer"}},
		},
		"Firefox": {
			{Executable: "/usr/lib/firefox/firefox", Cgroup: []byte(userUnits + "app-gnome-firefox-1.scope")},
			{Executable: "/usr/lib/firefox/plugin-container", Ancestors: ancestors("/usr/lib/firefox/firefox")},
			{Executable: "/usr/bin/some-portal", Cgroup: []byte(userUnits + "app-gnome-firefox-1.scope")},
		},
		"IntelliJ IDEA": {
			{Name: "java", Executable: "/opt/idea/jbr/bin/java", Args: []string{"java", "com.intellij.idea.Main"}},
			{Executable: "/opt/idea/bin/fsnotifier"},
			{Executable: "/opt/idea/plugins/x/native/thing"},
		},
	} {
		keys := map[string]bool{}
		for _, e := range processes {
			a, _, _ := f.Find(&e)
			keys[a.Key()] = true
		}
		if len(keys) != 1 {
			t.Errorf("%s has %d keys: %v", name, len(keys), keys)
		}
	}
}

// TestFindInContainer: this program itself runs in a container, in which there is a Docker.
func TestFindInContainer(t *testing.T) {
	tr := newTree(t)
	tr.file("proc/self/cgroup", "0::/docker/"+id1+"/init.scope\n")
	f := NewFinder(Options{System: Linux, Root: tr.root, Home: "/home/u", Containers: &runtimes{containers: []container.Container{{ID: id2, Name: "inner", Runtime: "docker"}}}})
	if a, _, settled := f.Find(&Evidence{Name: "nginx", Executable: "/usr/sbin/nginx", Cgroup: []byte("0::/docker/" + id1 + "/system.slice/nginx.service\n")}); a.Kind != Unit || a.Name != "nginx" || !settled {
		t.Errorf("beside us: %+v", a)
	}
	if a, _, _ := f.Find(&Evidence{Name: "redis", Cgroup: []byte("0::/docker/" + id1 + "/docker/" + id2 + "\n")}); a.Kind != Container || a.Name != "inner" {
		t.Errorf("inside: %+v", a)
	}
}

// TestFindSlowDisk: while a disk does not answer, Find says what it can, and says that there may be more.
func TestFindSlowDisk(t *testing.T) {
	f := NewFinder(Options{System: Linux, Root: linuxDesktop(t).root, Home: "/home/u"})
	e := &Evidence{Name: "chrome", Executable: "/opt/google/chrome/chrome"}
	f.desktop.mu.Lock() // who reads is held up, as by a file on a server that does not answer
	before := f.Version()
	if a, _, settled := f.Find(e); a.Name != "chrome" || a.Kind != Executable || settled {
		t.Errorf("while the disk does not answer: %+v, %t", a, settled)
	}
	f.desktop.mu.Unlock()
	for f.Version() == before {
		runtime.Gosched()
	}
	if a, _, settled := f.Find(e); a.Name != "Google Chrome" || !settled {
		t.Errorf("when it has answered: %+v, %t", a, settled)
	}
}

// TestFindHere: a Finder of this computer looks where the environment says.
func TestFindHere(t *testing.T) {
	tr := newTree(t)
	tr.entry("data/applications/here.desktop", "Here", tr.root+"/opt/here/here", "Icon="+tr.root+"/opt/here/here.png")
	tr.file("opt/here/here", "ELF")
	tr.file("opt/here/here.png", png)
	t.Setenv("XDG_DATA_HOME", tr.root+"/data")
	t.Setenv("HOME", tr.root)
	f := NewFinder(Options{System: Linux})
	a, _, _ := f.Find(&Evidence{Executable: tr.root + "/opt/here/here-worker"})
	if a.Name != "Here" || a.Icon != tr.root+"/opt/here/here.png" {
		t.Errorf("%+v", a)
	}
	if err := f.Settle(t.Context()); err != nil {
		t.Error(err)
	}
}
