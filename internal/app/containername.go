package app

import (
	"net/netip"
	"path"
	"strconv"
	"strings"

	"portolan/internal/container"
)

// containerApp names the container that a process is in. Of several, one inside the other, it is the outermost
// that a runtime of this computer knows: a node of kind or a Docker in Docker, not what runs inside it, which
// only the runtime inside could name. settled is false while a runtime may still answer.
func (f *Finder) containerApp(around []enclosure) (a App, settled bool) {
	settled = true
	for _, e := range around {
		if e.named() {
			continue
		}
		if c, ok := f.known(e); ok {
			return containerOf(e.runtime, c), true
		}
		settled = settled && (f.containers == nil || !e.answered())
	}
	e := around[0]
	a = App{Kind: Container, ID: e.id, Runtime: e.runtime}
	switch {
	case e.build:
		a.Name = "docker build"
	case e.named():
		a.Name = e.id
	default:
		a.Name = e.runtime + " " + e.id[:min(len(e.id), container.ShortID)]
	}
	return a, settled
}

// named: nobody can be asked about the container, or needs to be.
func (e enclosure) named() bool { return e.build || !container.IsID(e.id) }

// answered: the container may be one of a runtime that Docker's API asks. containerd, CRI-O and Garden have others.
func (e enclosure) answered() bool {
	switch e.runtime {
	case "containerd", "cri-o", "garden":
		return false
	}
	return true
}

// known asks what is known of a container: Podman's and CRI-O's own list on the disk, which may be read also
// where their sockets are not open, then the runtimes.
func (f *Finder) known(e enclosure) (container.Container, bool) {
	if e.runtime == "podman" || e.runtime == "cri-o" {
		listed, _ := f.listed.get(&f.disk, "", storageFresh, f.storage.read) // nil while a disk does not answer
		if c, ok := listed[e.id]; ok {
			return c, true
		}
	}
	if f.containers == nil || !e.answered() {
		return container.Container{}, false
	}
	return f.containers.Known(e.id)
}

// containerOf makes the app of what a runtime said.
func containerOf(runtime string, c container.Container) App {
	if runtime == "" || runtime == "container" {
		runtime = first(c.Runtime, "container")
	}
	return App{
		Name:    containerName(runtime, c),
		Kind:    Container,
		ID:      c.ID,
		Runtime: runtime,
		Image:   c.Image,
	}
}

// containerName is the name that the runtime's commands take, which with Compose holds the project
// and the service too ("shop-web-1"). What the kubelet made is called by the container and its pod.
func containerName(runtime string, c container.Container) string {
	// k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT
	if parts := strings.Split(c.Name, "_"); len(parts) == 6 && parts[0] == "k8s" && parts[1] != "" && parts[2] != "" {
		return parts[1] + " (" + parts[2] + ")"
	}
	return first(c.Name, c.Service, runtime+" "+c.ID[:min(len(c.ID), container.ShortID)])
}

// forwarder is a process that passes a port of the host on to a container.
type forwarder struct {
	runtime  string
	protocol string
	host     netip.Addr // the zero Addr: all
	public   uint16
	private  netip.AddrPort // in the container's network; the zero AddrPort: not known
	id       string         // of the container, where the forwarder is told
	name     string         // likewise
}

// readForwarder knows the forwarders by their command lines:
//
//	docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80
//	conmon --api-version 1 -c ID -u ID -r /usr/bin/crun ... -n NAME      (holds the ports that Podman publishes for root)
//	pasta --config-net ... -t 0.0.0.0/8080-8080:80-80 ... --netns PATH   (Podman without root)
//
// The executable, where it may be read, must be called so too: a name alone is soon given.
func readForwarder(executable string, args []string) (forwarder, bool) {
	if len(args) == 0 || executable != "" && path.Base(executable) != path.Base(args[0]) {
		return forwarder{}, false
	}
	args = args[:min(len(args), 256)]
	switch program, flags := path.Base(args[0]), flagsOf(args[1:]); program {
	case "docker-proxy", "rootlesskit-docker-proxy":
		return readDockerProxy(flags)
	case "conmon":
		id := first(flags["c"], flags["cid"])
		return forwarder{runtime: "podman", id: id, name: first(flags["n"], flags["name"])}, container.IsID(id)
	case "pasta", "pasta.avx2":
		return readPasta(flags)
	}
	return forwarder{}, false
}

func readDockerProxy(flags map[string]string) (forwarder, bool) {
	fw := forwarder{runtime: "docker", protocol: first(flags["proto"], "tcp")}
	fw.host, _ = netip.ParseAddr(flags["host-ip"]) // the zero Addr: all
	fw.public = portOf(flags["host-port"])
	address, err := netip.ParseAddr(flags["container-ip"])
	if err != nil {
		return forwarder{}, false
	}
	fw.private = netip.AddrPortFrom(address, portOf(flags["container-port"]))
	return fw, true
}

// readPasta takes the first port that is forwarded: one pasta serves one container.
func readPasta(flags map[string]string) (forwarder, bool) {
	for flag, protocol := range map[string]string{"t": "tcp", "u": "udp"} {
		spec := flags[flag]
		address, ports, found := strings.Cut(spec, "/")
		if !found {
			address, ports = "", spec
		}
		ports, _, _ = strings.Cut(ports, ":")
		from, _, _ := strings.Cut(ports, "-")
		public := portOf(from)
		if public == 0 {
			continue // "none", "auto"
		}
		host, _ := netip.ParseAddr(address) // the zero Addr: all
		return forwarder{runtime: "podman", protocol: protocol, host: host, public: public}, flags["netns"] != ""
	}
	return forwarder{}, false
}

// flagsOf reads "-name value" and "--name=value"; the first of a name that has a value wins, "none" counts as no value.
func flagsOf(args []string) map[string]string {
	flags := make(map[string]string)
	for i, arg := range args {
		name, dashed := strings.CutPrefix(arg, "-")
		if !dashed {
			continue
		}
		name, value, given := strings.Cut(strings.TrimPrefix(name, "-"), "=")
		if !given && i+1 < len(args) && !strings.HasPrefix(args[i+1], "-") {
			value = args[i+1]
		}
		if old, ok := flags[name]; !ok || old == "" || old == "none" {
			flags[name] = value
		}
	}
	return flags
}

func portOf(s string) uint16 {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 0
	}
	return uint16(n)
}

// forwarderApp names the container that a forwarder forwards to. Until it is known it is the
// address that says where the port leads.
func (f *Finder) forwarderApp(fw forwarder) (a App, settled bool) {
	if fw.id != "" {
		a, settled = f.containerApp([]enclosure{{id: fw.id, runtime: fw.runtime}})
		if a.Image == "" && fw.name != "" {
			a.Name = boundText(fw.name, maxDesktopText)
		}
		return a, settled
	}
	if f.containers != nil {
		if c, ok := f.containers.ByPort(fw.protocol, fw.host, fw.public); ok {
			return containerOf(fw.runtime, c), true
		}
		if fw.private.IsValid() {
			if c, ok := f.containers.ByAddress(fw.private.Addr()); ok {
				return containerOf(fw.runtime, c), true
			}
		}
	}
	where := "port " + strconv.Itoa(int(fw.public))
	if fw.private.IsValid() {
		where = fw.private.Addr().String()
	}
	return App{Name: fw.runtime + " " + where, Kind: Container, Runtime: fw.runtime}, f.containers == nil
}
