package app

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"portolan/internal/container"
)

func TestFindContainer(t *testing.T) {
	known := &runtimes{containers: []container.Container{
		{ID: id1, Name: "shop-web-1", Image: "shop/web:2", Runtime: "docker", Project: "shop", Service: "web",
			Addresses: []netip.Addr{netip.MustParseAddr("172.18.0.3")}, Ports: []container.Port{{Protocol: "tcp", Public: 8080, Private: 80}}},
		{ID: id2, Name: "k8s_nginx_web-7d4b9_default_1b2c3d_0", Image: "nginx", Runtime: "docker"},
	}}
	shop := App{Kind: Container, Name: "shop-web-1", ID: id1, Runtime: "docker", Image: "shop/web:2"}
	tests := []struct {
		name    string
		e       Evidence
		asking  Containers
		want    App
		settled bool
	}{
		{"known", Evidence{Name: "nginx", Cgroup: []byte("0::/system.slice/docker-" + id1 + ".scope\n")}, known, shop, true},
		{"in a terminal of it", Evidence{Name: "bash", Terminal: true, Ancestors: fromTerminal, Cgroup: []byte("0::/docker/" + id1 + "\n")}, known, shop, true},
		{"not known yet", Evidence{Name: "nginx", Cgroup: []byte("0::/docker/" + id3 + "\n")}, known,
			App{Kind: Container, Name: "docker 001122334455", ID: id3, Runtime: "docker"}, false},
		{"nobody to ask", Evidence{Name: "nginx", Cgroup: []byte("0::/docker/" + id3 + "\n")}, nil,
			App{Kind: Container, Name: "docker 001122334455", ID: id3, Runtime: "docker"}, true},
		{"kubelet's", Evidence{Name: "nginx", Cgroup: []byte("0::/kubepods.slice/docker-" + id2 + ".scope\n")}, known,
			App{Kind: Container, Name: "nginx (web-7d4b9)", ID: id2, Runtime: "docker", Image: "nginx"}, true},
		{"a node of kind: the pod is in it", Evidence{Name: "coredns", Cgroup: []byte("0::/docker/" + id1 + "/kubelet.slice/cri-containerd-" + id3 + ".scope\n")}, known, shop, true},
		{"docker in docker, neither known", Evidence{Name: "x", Cgroup: []byte("0::/docker/" + id3 + "/docker/" + id2[1:] + "0\n")}, known,
			App{Kind: Container, Name: "docker 001122334455", ID: id3, Runtime: "docker"}, false},
		{"inside lxc, known", Evidence{Name: "x", Cgroup: []byte("0::/lxc.payload.build/docker/" + id1 + "\n")}, known, shop, true},
		{"lxc", Evidence{Name: "nginx", Cgroup: []byte("0::/lxc.payload.web/system.slice/nginx.service\n")}, known, App{Kind: Container, Name: "web", ID: "web", Runtime: "lxc"}, true},
		{"a runtime that only Docker's answer tells", Evidence{Name: "nginx", Cgroup: []byte("0::/../" + id1 + "\n")}, known, shop, true},
		{"a build", Evidence{Name: "npm", Cgroup: []byte("0::/docker/buildkit/rgb5lq4rkyf9rq2ar4j3mqfae\n")}, known,
			App{Kind: Container, Name: "docker build", ID: "rgb5lq4rkyf9rq2ar4j3mqfae", Runtime: "docker"}, true},
		{"quadlet", Evidence{Name: "nginx", Cgroup: []byte("0::/system.slice/web.service/libpod-payload-" + id3)}, nil,
			App{Kind: Container, Name: "podman 001122334455", ID: id3, Runtime: "podman", Unit: "web.service"}, true},
		{"docker-proxy", Evidence{Name: "docker-proxy", Cgroup: []byte("0::/system.slice/docker.service"),
			Args: []string{"/usr/bin/docker-proxy", "-proto", "tcp", "-host-ip", "0.0.0.0", "-host-port", "8080", "-container-ip", "172.18.0.3", "-container-port", "80"}}, known,
			App{Kind: Container, Name: "shop-web-1", ID: id1, Runtime: "docker", Image: "shop/web:2", Unit: "docker.service"}, true},
		{"docker-proxy, by the address", Evidence{Name: "docker-proxy",
			Args: []string{"docker-proxy", "-proto", "tcp", "-host-ip", "::", "-host-port", "9999", "-container-ip", "172.18.0.3", "-container-port", "80", "-use-listen-fd"}}, known, shop, true},
		{"docker-proxy, not known yet", Evidence{Name: "docker-proxy",
			Args: []string{"/usr/bin/docker-proxy", "-proto=tcp", "-host-ip=0.0.0.0", "-host-port=81", "-container-ip=172.18.0.9", "-container-port=80"}}, known,
			App{Kind: Container, Name: "docker 172.18.0.9", Runtime: "docker"}, false},
		{"a script that is called docker-proxy", Evidence{Name: "docker-proxy", Executable: "/usr/bin/bash",
			Args: []string{"docker-proxy", "-host-port", "8080", "-container-ip", "172.18.0.3"}}, known, App{Kind: Executable, Name: "docker-proxy", Path: "/usr/bin/bash"}, true},
		{"containerd, which is not asked", Evidence{Name: "nginx", Cgroup: []byte("0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-" + id1 + ".scope\n")}, known,
			App{Kind: Container, Name: "containerd 3f2a91bc04de", ID: id1, Runtime: "containerd"}, true},
		{"rootlessport, in the scope of a terminal", Evidence{Name: "rootlessport", Executable: "/usr/bin/rootlessport", Args: []string{"rootlessport"}, Cgroup: []byte(userUnits + "app-org.kde.konsole-8b9c.scope")}, known,
			App{Kind: Executable, Name: "rootlessport", Path: "/usr/bin/rootlessport", Unit: "app-org.kde.konsole-8b9c.scope", UserUnit: true}, true},
		{"docker-proxy with junk", Evidence{Name: "docker-proxy", Executable: "/usr/bin/docker-proxy", Args: []string{"/usr/bin/docker-proxy", "-container-ip", "nonsense"}}, known,
			App{Kind: Executable, Name: "docker-proxy", Path: "/usr/bin/docker-proxy"}, true},
		{"pasta", Evidence{Name: "pasta", Args: []string{"/usr/bin/pasta", "--config-net", "-t", "0.0.0.0/8080-8080:80-80", "-u", "none", "-T", "none", "--netns", "/run/user/1000/netns/netns-1"}}, known,
			App{Kind: Container, Name: "shop-web-1", ID: id1, Runtime: "podman", Image: "shop/web:2"}, true},
		{"pasta of nobody", Evidence{Name: "pasta", Executable: "/usr/bin/pasta", Args: []string{"pasta", "-t", "auto"}}, known, App{Kind: Executable, Name: "pasta", Path: "/usr/bin/pasta"}, true},
		{"conmon", Evidence{Name: "conmon", Args: []string{"/usr/bin/conmon", "--api-version", "1", "-c", id3, "-u", id3, "-r", "/usr/bin/crun", "-n", "db"}}, nil,
			App{Kind: Container, Name: "db", ID: id3, Runtime: "podman"}, true},
	}
	root := newTree(t).root
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := NewFinder(Options{System: Linux, Root: root, Home: "/home/u", Containers: tt.asking})
			got, _, settled := f.Find(&tt.e)
			if got != tt.want || settled != tt.settled {
				t.Errorf("got  %+v, %t\nwant %+v, %t", got, settled, tt.want, tt.settled)
			}
		})
	}
}

// TestContainerStorage: Podman's own list names a container although nobody answers, and a new list is noticed.
func TestContainerStorage(t *testing.T) {
	tr := newTree(t)
	const list = "home/u/.local/share/containers/storage/overlay-containers/containers.json"
	tr.file(list, `[{"id":"`+id1+`","names":["web"],"image":"x","metadata":"{\"image-name\":\"docker.io/library/nginx:latest\",\"name\":\"web\"}"},
		{"id":"`+id2+`","names":[],"metadata":"junk"},{"id":"short","names":["x"]}]`)
	tr.file("home/u/.local/share/containers/storage/overlay-containers/volatile-containers.json", `[{"id":"`+id3+`","names":["once"],"metadata":"junk"}]`)
	tr.file("var/lib/containers/storage/overlay-containers/containers.json", `{"not":"a list"`)
	asked := &runtimes{}
	f := NewFinder(Options{System: Linux, Root: tr.root, Home: "/home/u", Containers: asked})
	find := func(id string) App {
		a, _, _ := f.Find(&Evidence{Name: "x", Cgroup: []byte("0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + id + ".scope\n")})
		return a
	}
	if a := find(id1); a.Name != "web" || a.Image != "docker.io/library/nginx:latest" {
		t.Errorf("%+v", a)
	}
	if a := find(id3); a.Name != "once" || a.Image != "" {
		t.Errorf("%+v", a)
	}
	if asked.asked != 0 {
		t.Errorf("%d questions", asked.asked)
	}
	if a := find(id2); a.Name != "podman a1b2c3d4e5f6" || asked.asked != 1 {
		t.Errorf("%+v after %d questions", a, asked.asked)
	}
	tr.file(list, `[{"id":"`+id2+`","names":["later"]}]`)
	stamp := time.Now().Add(time.Minute)
	if err := os.Chtimes(filepath.Join(tr.root, list), stamp, stamp); err != nil {
		t.Fatal(err)
	}
	f.listed = kept[map[string]container.Container]{} // as if time had passed
	if a := find(id2); a.Name != "later" {
		t.Errorf("a new list was not noticed: %+v", a)
	}
}

// FuzzContainerList: whatever the file holds, what comes out has an id and a name.
func FuzzContainerList(f *testing.F) {
	f.Add([]byte(`[{"id":"` + id1 + `","names":["web"],"metadata":"{\"image-name\":\"nginx\"}"}]`))
	f.Add([]byte(`[{"id":1}]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, c := range readContainerList(text) {
			if !container.IsID(c.ID) || c.Name == "" {
				t.Errorf("%+v", c)
			}
		}
	})
}

// FuzzForwarder: whatever the command line, a forwarder leads somewhere.
func FuzzForwarder(f *testing.F) {
	f.Add("docker-proxy", "-container-ip", "172.17.0.2", "-host-port=80")
	f.Add("pasta", "-t", "1-2:3-4", "--netns")
	f.Add("conmon", "-c", id1, "-n")
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		if fw, ok := readForwarder("", []string{a, b, c, d}); ok && fw.id == "" && !fw.private.Addr().IsValid() && fw.public == 0 {
			t.Errorf("%+v", fw)
		}
	})
}
