package app

import (
	"slices"
	"strings"
	"testing"
)

// Ids of containers, as the runtimes make them.
const (
	id1 = "3f2a91bc04de8a7c1d0b7d1f6e2c5a4938271605f4e3d2c1b0a9988776655443"
	id2 = "a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90"
	id3 = "0011223344556677889900aabbccddeeff0011223344556677889900aabbccdd"
)

func TestCgroupContainers(t *testing.T) {
	c := id1
	tests := []struct {
		name string
		text string
		want []string // runtime:id, from the outermost
	}{
		{"docker, version 2, systemd", "0::/system.slice/docker-" + c + ".scope\n", []string{"docker:" + c}},
		{"docker, version 2, cgroupfs", "0::/docker/" + c + "\n", []string{"docker:" + c}},
		{"docker, version 1", "12:pids:/docker/" + c + "\n11:memory:/docker/" + c + "\n1:name=systemd:/docker/" + c + "\n0::/system.slice/containerd.service\n",
			[]string{"docker:" + c}},
		{"docker, version 1, systemd inside", "5:memory:/docker/" + c + "\n1:name=systemd:/docker/" + c + "/system.slice/nginx.service\n", []string{"docker:" + c}},
		{"docker, no root", "0::/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" + c + ".scope\n", []string{"docker:" + c}},
		{"docker, ECS", "9:memory:/ecs/task-3b2f/" + c + "\n", []string{"docker:" + c}},
		{"docker, group of its own", "0::/actions_job/" + c + "\n", []string{"docker:" + c}},
		{"docker in docker", "0::/docker/" + c + "/docker/" + id2 + "\n", []string{"docker:" + c, "docker:" + id2}},
		{"docker in docker, systemd", "0::/system.slice/docker-" + c + ".scope/system.slice/docker-" + id2 + ".scope\n", []string{"docker:" + c, "docker:" + id2}},
		{"kind", "0::/docker/" + c + "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod12.slice/cri-containerd-" + id2 + ".scope\n",
			[]string{"docker:" + c, "containerd:" + id2}},
		{"buildkit, cgroupfs", "0::/docker/buildkit/rgb5lq4rkyf9rq2ar4j3mqfae\n", []string{"docker:rgb5lq4rkyf9rq2ar4j3mqfae"}},
		{"buildkit, systemd", "0::/system.slice/system.slice:docker:rgb5lq4rkyf9rq2ar4j3mqfae\n", []string{"docker:rgb5lq4rkyf9rq2ar4j3mqfae"}},
		{"podman, root", "0::/machine.slice/libpod-" + c + ".scope/container\n", []string{"podman:" + c}},
		{"podman, no root", "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + c + ".scope/container\n", []string{"podman:" + c}},
		{"podman, pod", "0::/machine.slice/machine-libpod_pod_" + id2 + ".slice/libpod-" + c + ".scope\n", []string{"podman:" + c}},
		{"podman, quadlet", "0::/system.slice/web.service/libpod-payload-" + c + "\n", []string{"podman:" + c}},
		{"podman, monitor", "0::/machine.slice/libpod-conmon-" + c + ".scope\n", []string{"podman:" + c}},
		{"podman, cgroupfs", "3:pids:/libpod_parent/libpod-" + c + "/ctr\n", []string{"podman:" + c}},
		{"toolbox: init inside", "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + c + ".scope/container/init.scope\n", []string{"podman:" + c}},
		{"kubernetes, containerd", "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podf0a1.slice/cri-containerd-" + c + ".scope\n", []string{"containerd:" + c}},
		{"kubernetes, cri-o", "0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-podf0a1.slice/crio-" + c + ".scope/container\n", []string{"cri-o:" + c}},
		{"kubernetes, cri-o, monitor", "0::/kubepods.slice/crio-conmon-" + c + ".scope\n", []string{"cri-o:" + c}},
		{"kubernetes, docker", "0::/kubepods.slice/kubepods-pod1.slice/docker-" + c + ".scope\n", []string{"docker:" + c}},
		{"kubernetes, cgroupfs", "4:cpu:/kubepods/burstable/pod31dd0f2c-8a1c/" + c + "\n", []string{"kubernetes:" + c}},
		{"kubernetes, drivers that differ", "7:cpu:/system.slice/containerd.service/kubepods-burstable-podf0a1.slice:cri-containerd:" + c + "\n", []string{"containerd:" + c}},
		{"containerd: ctr, nerdctl", "0::/default/" + c + "\n", []string{"containerd:" + c}},
		{"nerdctl, systemd", "0::/system.slice/nerdctl-" + c + ".scope\n", []string{"containerd:" + c}},
		{"garden", "9:memory:/system.slice/garden.service/garden/" + c + "\n", []string{"garden:" + c}},
		{"beside us in a namespace", "0::/../" + c + "\n", []string{"container:" + c}},
		{"an unknown runtime", "0::/system.slice/newthing-" + c + ".scope\n", []string{"container:" + c}},
		{"lxc 4", "0::/lxc.payload.web/system.slice/nginx.service\n", []string{"lxc:web"}},
		{"lxc, monitor", "0::/lxc.monitor.web\n", []string{"lxc:web"}},
		{"lxc 3, Proxmox", "6:pids:/lxc/101/ns/system.slice/ssh.service\n", []string{"lxc:101"}},
		{"docker in lxc", "0::/lxc.payload.build/docker/" + c + "\n", []string{"lxc:build", "docker:" + c}},
		{"libvirt lxc", `0::/machine.slice/machine-lxc\x2d2345\x2dweb.scope` + "\n", []string{"lxc:web"}},
		{"nspawn", `0::/machine.slice/machine-debian\x2dtree.scope/payload/system.slice/a.service` + "\n", []string{"systemd-nspawn:debian-tree"}},
		{"nspawn, service", "0::/machine.slice/systemd-nspawn@web.service/payload\n", []string{"systemd-nspawn:web"}},
		{"a virtual machine is none", `0::/machine.slice/machine-qemu\x2d1\x2ddebian.scope/libvirt/emulator` + "\n", nil},
		{"from within another cgroup namespace", "0::/../../system.slice/docker-" + c + ".scope\n", []string{"docker:" + c}},
		{"removed", "0::/docker/" + c + " (deleted)\n", []string{"docker:" + c}},
		{"from inside with a namespace", "0::/\n", nil},
		{"WSL without systemd", "12:pids:/\n1:name=systemd:/\n0::/\n", nil},
		{"a service", "0::/system.slice/postgresql@15-main.service\n", nil},
		{"an id one digit short", "0::/docker/" + c[1:] + "\n", nil},
		{"an id in capitals", "0::/docker/" + strings.ToUpper(c) + "\n", nil},
		{"nothing", "", nil},
		{"junk", "\x00\xff::\n:\n::\nx:y\n0::relative/../" + "\n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, e := range readCgroup([]byte(tt.text)).enclosures {
				got = append(got, e.runtime+":"+e.id)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCgroupUnits(t *testing.T) {
	const user = "0::/user.slice/user-1000.slice/user@1000.service"
	tests := []struct {
		text    string
		unit    string
		user    bool
		apps    []string // the first two
		flatpak string
		snap    string
	}{
		{text: user + "/app.slice/app-gnome-org.gnome.Nautilus-1234.scope", unit: "app-gnome-org.gnome.Nautilus-1234.scope", user: true,
			apps: []string{"org.gnome.Nautilus", "gnome-org.gnome.Nautilus"}},
		{text: user + "/app.slice/app-gnome-firefox-3218.scope", unit: "app-gnome-firefox-3218.scope", user: true, apps: []string{"firefox", "gnome-firefox"}},
		{text: user + "/app.slice/app-org.kde.konsole-8b9c51c9a0af4a2d.scope", unit: "app-org.kde.konsole-8b9c51c9a0af4a2d.scope", user: true, apps: []string{"org.kde.konsole"}},
		{text: user + "/app.slice/app-org.kde.dolphin@3d5c.service", unit: "app-org.kde.dolphin@3d5c.service", user: true, apps: []string{"org.kde.dolphin"}},
		{text: user + `/app.slice/app-gnome-google\x2dchrome-4711.scope`, unit: `app-gnome-google\x2dchrome-4711.scope`, user: true, apps: []string{"google-chrome", "gnome-google-chrome"}},
		{text: user + "/app.slice/app-google-chrome-4711.scope", unit: "app-google-chrome-4711.scope", user: true, apps: []string{"chrome", "google-chrome"}},
		{text: user + "/app.slice/app-firefox@autostart.service", unit: "app-firefox@autostart.service", user: true, apps: []string{"firefox"}},
		{text: user + `/app.slice/app-org.kde.kdeconnect.daemon-autostart.service`, unit: `app-org.kde.kdeconnect.daemon-autostart.service`, user: true, apps: []string{"org.kde.kdeconnect.daemon"}},
		{text: user + "/app.slice/app-com.mitchellh.ghostty.service", unit: "app-com.mitchellh.ghostty.service", user: true, apps: []string{"com.mitchellh.ghostty"}},
		{text: user + "/app.slice/dbus-:1.2-org.gnome.Calendar@0.service", unit: "dbus-:1.2-org.gnome.Calendar@0.service", user: true, apps: []string{"org.gnome.Calendar"}},
		{text: user + "/app.slice/app-org.gnome.Terminal.slice/vte-spawn-6f3c9dd4-5cd0-4f8e-a1a5-0a7ce83e2a3c.scope", unit: "vte-spawn-6f3c9dd4-5cd0-4f8e-a1a5-0a7ce83e2a3c.scope", user: true,
			apps: []string{"org.gnome.Terminal"}},
		{text: user + "/app.slice/app-org.gnome.Terminal.slice/gnome-terminal-server.service", unit: "gnome-terminal-server.service", user: true, apps: []string{"gnome-terminal-server", "org.gnome.Terminal"}},
		{text: user + "/app.slice/app-org.kde.konsole.slice/app-org.kde.konsole-57371.slice/tab(57375).scope", unit: "tab(57375).scope", user: true,
			apps: []string{"org.kde.konsole-57371", "org.kde.konsole"}},
		{text: user + "/session.slice/org.gnome.Shell@wayland.service", unit: "org.gnome.Shell@wayland.service", user: true, apps: []string{"org.gnome.Shell"}},
		{text: user + "/app.slice/app-flatpak-org.mozilla.firefox-2953.scope", unit: "app-flatpak-org.mozilla.firefox-2953.scope", user: true,
			apps: []string{"org.mozilla.firefox", "flatpak-org.mozilla.firefox"}, flatpak: "org.mozilla.firefox"},
		{text: user + `/app.slice/app-flatpak-io.github.shiftey.Desktop\x2dBeta-99.scope`, unit: `app-flatpak-io.github.shiftey.Desktop\x2dBeta-99.scope`, user: true,
			apps: []string{"io.github.shiftey.Desktop-Beta", "flatpak-io.github.shiftey.Desktop-Beta"}, flatpak: "io.github.shiftey.Desktop-Beta"},
		{text: user + "/apps.slice/flatpak-org.telegram.desktop-77.scope", unit: "flatpak-org.telegram.desktop-77.scope", user: true, flatpak: "org.telegram.desktop"},
		{text: user + "/session.slice/flatpak-session-helper.service", unit: "flatpak-session-helper.service", user: true, apps: []string{"flatpak-session-helper"}},
		{text: user + "/app.slice/snap.firefox.firefox-4a9bfa0e-8a3b-4d0e-9c55-6f4a6c1b2d3e.scope", unit: "snap.firefox.firefox-4a9bfa0e-8a3b-4d0e-9c55-6f4a6c1b2d3e.scope", user: true, snap: "firefox"},
		{text: user + "/app.slice/snap.code_work.code.4a9bfa0e-8a3b-4d0e-9c55-6f4a6c1b2d3e.scope", unit: "snap.code_work.code.4a9bfa0e-8a3b-4d0e-9c55-6f4a6c1b2d3e.scope", user: true, snap: "code_work"},
		{text: "0::/system.slice/snap.home-assistant-snap.hass.service", unit: "snap.home-assistant-snap.hass.service", snap: "home-assistant-snap"},
		{text: "7:freezer:/snap.spotify\n1:name=systemd:/user.slice/user-1000.slice/session-2.scope", snap: "spotify"},
		{text: "0::/system.slice/snap.mount", snap: ""},
		{text: "0::/system.slice/system-postgresql.slice/postgresql@15-main.service", unit: "postgresql@15-main.service"},
		{text: "12:pids:/system.slice/cron.service\n1:name=systemd:/system.slice/cron.service\n0::/system.slice/cron.service", unit: "cron.service"},
		{text: "0::/system.slice/web.service/libpod-payload-" + id1, unit: "web.service"},
		{text: "0::/system.slice/docker-" + id1 + ".scope"},
		{text: "0::/user.slice/user-1000.slice/session-2.scope"},
		{text: user + "/init.scope"},
		{text: user},
		{text: "0::/init.scope"},
		{text: "0::/"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			p := readCgroup([]byte(tt.text + "\n"))
			_, steps := p.outside(nil)
			u := readUnits(steps)
			if u.unit != tt.unit || u.user != tt.user || u.flatpak != tt.flatpak || p.snap != tt.snap {
				t.Errorf("got unit %q (user %t), flatpak %q, snap %q; want %q (%t), %q, %q", u.unit, u.user, u.flatpak, p.snap, tt.unit, tt.user, tt.flatpak, tt.snap)
			}
			if got := u.apps[:min(len(u.apps), 2)]; tt.apps != nil && !slices.Equal(got[:min(len(got), len(tt.apps))], tt.apps) {
				t.Errorf("got ids %q, want %q", u.apps, tt.apps)
			}
		})
	}
}

func TestUnitName(t *testing.T) {
	tests := []struct {
		unit, program, want string
		ok                  bool
	}{
		{"postgresql@15-main.service", "/usr/lib/postgresql/15/bin/postgres", "postgresql@15-main", true},
		{"nginx.service", "/usr/sbin/nginx", "nginx", true},
		{`dev\x2dserver.service`, "/usr/bin/node", "dev-server", true},
		{"dbus-:1.2-org.a11y.atspi.Registry@0.service", "/usr/libexec/at-spi2-registryd", "org.a11y.atspi.Registry", true},
		{`machine-qemu\x2d1\x2ddebian\x2d12.scope`, "/usr/bin/qemu-system-x86_64", "debian-12", true},
		{"cron.service", "/usr/sbin/cron", "cron", true},
		{"cron.service", "/home/u/backup", "", false},
		{"ssh.service", "/usr/sbin/sshd", "ssh", true},
		{"sshd.service", "/usr/lib/ssh/sshd-session", "sshd", true},
		{"dbus.service", "/usr/libexec/gvfsd-http", "", false},
		{"getty@tty1.service", "/bin/bash", "", false},
		{"run-u1234.service", "/usr/bin/python3", "", false},
		{"run-r0f3ad1c2b3a4958677ab0c1d2e3f4a5b.service", "/usr/bin/python3", "", false},
		{"run-p1234-i5678.scope", "/usr/bin/python3", "", false},
		{"run-backend.service", "/usr/bin/python3", "run-backend", true},
		{"machine-learning.service", "/usr/bin/python3", "machine-learning", true},
		{"podman-auto-update.service", "/usr/bin/podman", "podman-auto-update", true},
		{"vte-spawn-6f3c9dd4.scope", "/usr/bin/node", "", false},
		{"tab(57375).scope", "/usr/bin/node", "", false},
		{"", "/usr/bin/node", "", false},
	}
	for _, tt := range tests {
		if got, ok := unitName(tt.unit, tt.program); got != tt.want || ok != tt.ok {
			t.Errorf("unitName(%q, %q) = %q, %t; want %q, %t", tt.unit, tt.program, got, ok, tt.want, tt.ok)
		}
	}
}

func TestUnescapeUnit(t *testing.T) {
	for escaped, want := range map[string]string{
		`a\x2db`: "a-b", `\x2d`: "-", `a\x2`: `a\x2`, `\xzz`: `\xzz`, `\x`: `\x`, "": "", `\x5cx2d`: `\x2d`, `caf\xc3\xa9`: "café",
	} {
		if got := unescapeUnit(escaped); got != want {
			t.Errorf("unescapeUnit(%q) = %q, want %q", escaped, got, want)
		}
	}
}

// TestOutside: from inside a container, what runs beside us is in no container, and what a
// Docker inside ours runs is.
func TestOutside(t *testing.T) {
	own := readCgroup([]byte("0::/docker/" + id1 + "/init.scope\n")).enclosures
	beside := readCgroup([]byte("0::/docker/" + id1 + "/system.slice/nginx.service\n"))
	if left, steps := beside.outside(own); len(left) != 0 || readUnits(steps).unit != "nginx.service" {
		t.Errorf("beside us: %v, %q", left, steps)
	}
	inside := readCgroup([]byte("0::/docker/" + id1 + "/docker/" + id2 + "\n"))
	if left, _ := inside.outside(own); len(left) != 1 || left[0].id != id2 {
		t.Errorf("inside ours: %v", left)
	}
	other := readCgroup([]byte("0::/docker/" + id3 + "\n"))
	if left, _ := other.outside(own); len(left) != 1 || left[0].id != id3 {
		t.Errorf("another: %v", left)
	}
}

// FuzzCgroup: whatever the text, the reader ends, stays within its bounds and names nothing empty.
func FuzzCgroup(f *testing.F) {
	f.Add([]byte("0::/system.slice/docker-" + id1 + ".scope\n"))
	f.Add([]byte("12:pids:/docker/" + id1 + "\n1:name=systemd:/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-firefox-1.scope\n"))
	f.Add([]byte(`0::/machine.slice/machine-qemu\x2d1\x2ddebian.scope` + "\n"))
	f.Add([]byte("0::/../../lxc/101/snap.a.b/app-flatpak-a.b.c-1.scope/dbus-:1.2-a@0.service (deleted)\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		p := readCgroup(text)
		if len(p.steps) > maxCgroupSteps {
			t.Errorf("%d steps", len(p.steps))
		}
		for _, e := range p.enclosures {
			if e.id == "" || e.runtime == "" || e.at < 0 || e.at >= len(p.steps) {
				t.Errorf("container %+v", e)
			}
		}
		if p.snap != "" && !isSnapName(p.snap) {
			t.Errorf("snap %q", p.snap)
		}
		left, steps := p.outside(p.enclosures)
		if len(left) != 0 {
			t.Errorf("our own containers are left: %v", left)
		}
		u := readUnits(steps)
		if u.unit != "" && !isUnit(u.unit) {
			t.Errorf("unit %q", u.unit)
		}
		if name, ok := unitName(u.unit, "x"); ok && name == "" {
			t.Errorf("unitName(%q) is empty", u.unit)
		}
	})
}
