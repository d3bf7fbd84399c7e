package restart

import (
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"portolan/internal/app"
	"portolan/internal/container"
	"portolan/internal/netstat"
)

var (
	dbID  = strings.Repeat("4f1a8c2b", 8)
	webID = strings.Repeat("9d3e7a10", 8)
)

func shop() []container.Container {
	return []container.Container{
		{ID: dbID, Name: "shop-db-1", Image: "postgres:16", Runtime: "docker", Project: "shop", Service: "db", Restart: "unless-stopped", PID: 30,
			Ports: []container.Port{{Protocol: "tcp", Public: 5433, Private: 5432}}},
		{ID: webID, Name: "shop-web-1", Image: "shop-web", Runtime: "docker", Project: "shop", Service: "web", Restart: "no", PID: 60,
			Ports: []container.Port{{Protocol: "tcp", Public: 8080, Private: 80, Host: netip.MustParseAddr("127.0.0.1")}, {Protocol: "udp", Public: 8080, Private: 80}}},
	}
}

func TestContainer(t *testing.T) {
	change := func(f func(*container.Container)) runtimes {
		c := shop()[0]
		f(&c)
		return runtimes{list: []container.Container{c}}
	}
	denied := fmt.Errorf("%w: %w", container.ErrNoRuntime, fs.ErrPermission)
	tests := map[string]struct {
		runtimes runtimes
		runtime  string
		by, stop string
		returns  bool
		text     string
	}{
		"unless-stopped": {runtimes{list: shop()}, "docker", "Docker", "docker stop shop-db-1", true, "starts the container shop-db-1 (db of the Compose project shop) again: its restart policy is unless-stopped"},
		"always by podman": {change(func(c *container.Container) { c.Restart, c.Runtime = "always", "podman" }), "podman", "Podman", "podman stop shop-db-1", true,
			"policy is always"},
		"on-failure":           {change(func(c *container.Container) { c.Restart = "on-failure" }), "docker", "Docker", "docker stop shop-db-1", false, "unless it ends cleanly"},
		"no policy":            {change(func(c *container.Container) { c.Restart = "no" }), "docker", "Docker", "docker stop shop-db-1", false, "which ends with it"},
		"not the first":        {change(func(c *container.Container) { c.PID = 29 }), "docker", "Docker", "docker stop shop-db-1", false, "first process decides"},
		"a hostile name":       {change(func(c *container.Container) { c.Name = "x; reboot" }), "docker", "Docker", "docker stop 4f1a8c2b4f1a", true, "x; reboot"},
		"an option for a name": {change(func(c *container.Container) { c.Name = "--all" }), "docker", "Docker", "docker stop 4f1a8c2b4f1a", true, "--all"},
		"no name":              {change(func(c *container.Container) { c.Name, c.Project, c.Service = "", "", "" }), "docker", "Docker", "docker stop 4f1a8c2b4f1a", true, "container 4f1a8c2b4f1a again"},
		"escape codes":         {change(func(c *container.Container) { c.Name, c.Service = "a\x1b[2J", "\u202eb" }), "docker", "Docker", "docker stop 4f1a8c2b4f1a", true, `a\x1b[2J (\u202eb`},
		"no answer":            {runtimes{err: container.ErrNoRuntime}, "docker", "Docker", "docker stop 4f1a8c2b4f1a", false, "may be set to start again"},
		"not permitted":        {runtimes{err: denied}, "docker", "Docker", "sudo docker stop 4f1a8c2b4f1a", false, "This user may not ask Docker"},
		"containerd":           {runtimes{err: container.ErrUnknown}, "containerd", "containerd", "", false, "may be set"},
		"a kubelet's Docker":   {change(func(c *container.Container) { c.Name = "k8s_web_web-1_default_0_0" }), "docker", "Kubernetes", "", false, "pod"},
		"any runtime":          {runtimes{err: container.ErrUnknown}, "container", "the container runtime", "", false, "may be set"},
		"kubernetes":           {runtimes{err: container.ErrUnknown}, "kubernetes", "Kubernetes", "", false, "pod"},
	}
	for name, test := range tests {
		x := explainer()
		x.containers = test.runtimes
		p := proc(30, "postgres", "postgres")
		p.App = app.App{Kind: app.Container, ID: dbID, Runtime: test.runtime}
		c := one(t, x.Causes(t.Context(), p, nil))
		if c.Kind != Container || c.By != test.by || c.Stop != test.stop || c.Returns != test.returns || !strings.Contains(c.Text, test.text) {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

func TestForwarder(t *testing.T) {
	const proxy = "/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 5433 -container-ip 172.18.0.2 -container-port 5432"
	podman := shop()[1]
	podman.ID, podman.Runtime, podman.Name = strings.Repeat("ab", 32), "podman", "pod"
	udp := listens("0.0.0.0", 8080)
	udp.Protocol, udp.State = netstat.UDP, 0
	many := []container.Container{}
	for i := range 8 {
		many = append(many, container.Container{ID: fmt.Sprintf("%064x", i), Name: fmt.Sprint("c", i), Runtime: "docker", Ports: []container.Port{{Protocol: "tcp", Public: uint16(9000 + i), Private: 80}}})
	}
	var manySockets []*netstat.Socket
	for i := range 8 {
		manySockets = append(manySockets, listens("::", uint16(9000+i)))
	}
	tests := map[string]struct {
		name, line string
		held       []*netstat.Socket
		runtimes   runtimes
		stops      []string // none: no cause
		text       string
	}{
		"docker-proxy":                {"docker-proxy", proxy, []*netstat.Socket{listens("0.0.0.0", 5433)}, runtimes{list: shop()}, []string{"docker stop shop-db-1"}, "only forwards port 5433 to the container shop-db-1 (db of the Compose project shop): ending it breaks that, and the container goes on."},
		"docker-proxy, by its line":   {"docker-proxy", proxy, nil, runtimes{list: shop()}, []string{"docker stop shop-db-1"}, "port 5433"},
		"docker-proxy without Docker": {"docker-proxy", proxy, nil, runtimes{err: container.ErrNoRuntime}, []string{""}, "docker-proxy only forwards port 5433 to a container"},
		"docker-proxy, not permitted": {"docker-proxy", proxy, nil, runtimes{err: fmt.Errorf("%w: %w", container.ErrNoRuntime, fs.ErrPermission)}, []string{""}, "This user may not ask"},
		"rootlessport":                {"rootlessport", "rootlessport", []*netstat.Socket{listens("127.0.0.1", 8080)}, runtimes{list: []container.Container{podman}}, []string{"podman stop pod"}, "rootlessport only forwards port 8080"},
		"Docker Desktop":              {"com.docker.backend", "com.docker.backend", []*netstat.Socket{listens("::", 5433), listens("127.0.0.1", 8080), udp}, runtimes{list: shop()}, []string{"docker stop shop-db-1 shop-web-1"}, "ports 5433 and 8080 to the containers shop-db-1"},
		"Docker Desktop's own port":   {"com.docker.backend", "com.docker.backend", []*netstat.Socket{listens("127.0.0.1", 50000)}, runtimes{list: shop()}, nil, ""},
		"ssh of Colima":               {"ssh", "ssh: /Users/alice/.colima/_lima/colima/ssh.sock [mux]", []*netstat.Socket{listens("0.0.0.0", 5433)}, runtimes{list: shop()}, []string{"docker stop shop-db-1"}, "port 5433"},
		"ssh":                         {"ssh", "ssh -L 5434:db:5432 host", []*netstat.Socket{listens("127.0.0.1", 5434)}, runtimes{list: shop()}, nil, ""},
		"ssh without Docker":          {"ssh", "ssh -L 5433:db:5432 host", []*netstat.Socket{listens("127.0.0.1", 5433)}, runtimes{err: container.ErrNoRuntime}, nil, ""},
		"two runtimes":                {"limactl", "limactl", []*netstat.Socket{listens("127.0.0.1", 8080)}, runtimes{list: append(shop(), podman)}, []string{"docker stop shop-web-1", "podman stop pod"}, "port 8080"},
		"many":                        {"gvproxy", "gvproxy", manySockets, runtimes{list: many}, []string{"docker stop c0 c1 c2 c3 c4 c5 c6 c7"}, "8 ports to the containers c0, c1, c2, c3 and 4 more"},
		"a name cut by the kernel":    {"rootlesskit-doc", proxy, nil, runtimes{list: shop()}, []string{"docker stop shop-db-1"}, "port 5433"},
		"another program":             {"node", "node x", []*netstat.Socket{listens("0.0.0.0", 5433)}, runtimes{list: shop()}, nil, ""},
		"another protocol":            {"pasta", "pasta", []*netstat.Socket{listens("0.0.0.0", 8080)}, runtimes{list: shop()[:1]}, nil, ""},
		"a line of nonsense":          {"docker-proxy", "docker-proxy -host-port 99999 -host-ip", nil, runtimes{list: shop()}, nil, ""},
	}
	for name, test := range tests {
		x := explainer()
		x.containers = test.runtimes
		causes := x.Causes(t.Context(), proc(30, test.name, test.line), test.held)
		if len(causes) != len(test.stops) {
			t.Errorf("%s: %+v", name, causes)
			continue
		}
		for i, c := range causes {
			if c.Kind != Forwarder || c.Stop != test.stops[i] || c.Returns || !strings.Contains(c.Text, test.text) {
				t.Errorf("%s: %+v", name, c)
			}
		}
	}
}

// TestNotInTheContainer: neither what is named after a container nor what has an init of its own is explained by a restart policy.
func TestNotInTheContainer(t *testing.T) {
	for name, a := range map[string]app.App{
		"docker-proxy":    {Kind: app.Container, ID: dbID, Runtime: "docker"},
		"rootlesskit-doc": {Kind: app.Container, ID: dbID, Runtime: "docker"},
		"sshd":            {Kind: app.Container, ID: "web", Runtime: "lxc"},
		"runc":            {Kind: app.Container, ID: "buildkit", Runtime: "docker"},
	} {
		x := explainer()
		x.containers = runtimes{list: shop()}
		p := proc(31, name, name)
		p.App = a
		if causes := x.Causes(t.Context(), p, nil); causes != nil {
			t.Errorf("%s: %+v", name, causes)
		}
	}
}

// TestForwarderByID: conmon says which container it holds the ports of, although Podman may not be asked.
func TestForwarderByID(t *testing.T) {
	p := proc(31, "conmon", "/usr/bin/conmon --api-version 1 -c "+dbID)
	p.UID, p.App = 0, app.App{Kind: app.Container, ID: dbID, Name: "db", Runtime: "podman"}
	c := one(t, explainer().Causes(t.Context(), p, []*netstat.Socket{listens("0.0.0.0", 5433)}))
	if c.Kind != Forwarder || c.By != "Podman" || c.Stop != "sudo podman stop db" || !strings.Contains(c.Text, "conmon only forwards port 5433 to the container db:") {
		t.Errorf("%+v", c)
	}
}

// TestForwarderOfAnother: root's Podman may have another container by the same name.
func TestForwarderOfAnother(t *testing.T) {
	for as, want := range map[int]string{we: "sudo -u bob podman stop db", 0: "sudo -u bob podman stop db", we + 1: "podman stop db"} {
		p := proc(31, "conmon", "/usr/bin/conmon --api-version 1 -c "+dbID)
		p.UID, p.User, p.App = we+1, "bob", app.App{Kind: app.Container, ID: dbID, Name: "db", Runtime: "podman"}
		x := explainer()
		x.uid = as
		if c := one(t, x.Causes(t.Context(), p, []*netstat.Socket{listens("0.0.0.0", 5433)})); c.Stop != want {
			t.Errorf("as %d: %q, want %q", as, c.Stop, want)
		}
	}
}

// TestOrder: that it is a forwarder is said before all else, and that it is a part of Docker is no reason to stop Docker.
func TestOrder(t *testing.T) {
	x := explainer(proc(20, "supervisord", "supervisord"))
	x.containers = runtimes{list: shop()}
	p := proc(30, "docker-proxy", "docker-proxy")
	p.App = app.App{Unit: "docker.service"}
	causes := x.Causes(t.Context(), p, []*netstat.Socket{listens("0.0.0.0", 5433)})
	if len(causes) != 2 || causes[0].Kind != Forwarder || causes[1].Kind != Supervisor {
		t.Errorf("%+v", causes)
	}
	p.Name = "server"
	if causes = x.Causes(t.Context(), p, nil); len(causes) != 2 || causes[0].Kind != Systemd || causes[1].Kind != Supervisor {
		t.Errorf("%+v", causes)
	}
}

// TestRealClient: the whole way, to a Docker API on a unix socket.
func TestRealClient(t *testing.T) {
	dir, err := os.MkdirTemp("", "d")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/containers/"+dbID+"/json" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		fmt.Fprintf(w, `{"Id":%q,"Name":"/db","State":{"Pid":30},"HostConfig":{"RestartPolicy":{"Name":"always"}}}`, dbID)
	})}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	x := explainer()
	x.containers = container.NewClient([]string{socket})
	p := proc(30, "postgres", "postgres")
	p.App = app.App{Kind: app.Container, ID: dbID, Runtime: "docker"}
	if c := one(t, x.Causes(t.Context(), p, nil)); !c.Returns || c.Stop != "docker stop db" {
		t.Errorf("%+v", c)
	}
}

// TestRuntimeHangs: what the cgroup says is told in time, while the runtime says nothing.
func TestRuntimeHangs(t *testing.T) {
	dir, err := os.MkdirTemp("", "d")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket) // which nobody accepts from
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	x := explainer()
	x.containers, x.limit = container.NewClient([]string{socket}), limit
	p := proc(30, "postgres", "postgres")
	p.App = app.App{Kind: app.Container, ID: dbID, Runtime: "docker"}
	if c := one(t, x.Causes(t.Context(), p, nil)); c.Returns || c.Stop != "docker stop 4f1a8c2b4f1a" {
		t.Errorf("%+v", c)
	}
}
