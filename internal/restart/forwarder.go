package restart

import (
	"context"
	"errors"
	"io/fs"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"portolan/internal/app"
	"portolan/internal/container"
	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/table"
)

// forwarders are the processes that hold the ports of containers on the host, by the name of the
// process. True: it does nothing else, and is one even when no runtime can be asked.
var forwarders = map[string]bool{
	"docker-proxy":             true,  // Docker Engine, one for each port
	"rootlesskit-docker-proxy": true,  // the same, rootless
	"rootlesskit":              false, // Docker rootless, the network of all containers
	"rootlessport":             true,  // Podman rootless
	"rootlessport-child":       true,
	"conmon":                   false, // Podman keeps the ports of a rootful container open in it
	"slirp4netns":              false, // Podman rootless, before 5
	"pasta":                    false, // Podman rootless, from 5
	"pasta.avx2":               false,
	"gvproxy":                  false, // Podman Machine
	"com.docker.backend":       false, // Docker Desktop
	"com.docker.vpnkit":        false, // Docker Desktop, before 4.19
	"vpnkit":                   false,
	"vpnkit-bridge":            false,
	"OrbStack Helper":          false,
	"OrbStack":                 false,
	"limactl":                  false, // Lima, Colima, Rancher Desktop
	"ssh":                      false, // the same, where ports go through ssh
	"colima":                   false,
}

// namedAfter are the forwarders that have a container for their app.
var namedAfter = map[string]bool{"docker-proxy": true, "rootlesskit-docker-proxy": true, "conmon": true, "pasta": true, "pasta.avx2": true}

// Forwards reports whether a process is known by its name as one that does nothing but hold containers'
// ports on the host: ending it only breaks these. It asks nobody; Causes also knows those that do more.
func Forwards(p *process.Process) bool { return forwarders[whole(p.Name)] }

// published is a port that the process forwards.
type published struct {
	protocol string
	host     netip.Addr
	public   uint16
}

// forwarder explains that the process only forwards ports of containers, and which.
func (x *Explainer) forwarder(ctx context.Context, s *subject) []Cause {
	surely, known := forwarders[whole(s.Name)]
	if !known {
		return nil
	}
	ports := portsOf(s)
	if len(ports) == 0 {
		return nil
	}
	list, err := x.containers.List(ctx)
	var behind []container.Container
	for _, c := range list {
		if slices.ContainsFunc(ports, func(p published) bool { _, ok := c.PortAt(p.protocol, p.host, p.public); return ok }) {
			behind = append(behind, c)
		}
	}
	if len(behind) == 0 && namedAfter[whole(s.Name)] && s.App.Kind == app.Container && container.IsID(s.App.ID) {
		behind = append(behind, container.Container{ID: s.App.ID, Name: s.App.Name, Runtime: s.App.Runtime})
	}
	if len(behind) == 0 {
		return x.unknownBehind(s, ports, surely, err)
	}
	var causes []Cause
	for _, part := range byRuntime(behind) {
		causes = append(causes, x.forwards(s, ports, part))
	}
	return causes
}

// whole gives a forwarder's whole name, of which the kernel of Linux keeps 15 bytes where the path may not be read.
func whole(name string) string {
	if len(name) == commLen {
		for full := range forwarders {
			if strings.HasPrefix(full, name) {
				return full
			}
		}
	}
	return name
}

// commLen is how much Linux keeps of a process's name (TASK_COMM_LEN - 1).
const commLen = 15

// portsOf gives the ports that the process holds, or that docker-proxy was told to hold.
func portsOf(s *subject) []published {
	var ports []published
	for _, socket := range s.held {
		if table.Waits(socket) {
			ports = append(ports, published{socket.Protocol.String(), socket.Local.Addr(), socket.Local.Port()})
		}
	}
	// docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 5433 -container-ip 172.18.0.2 -container-port 5432
	if port, err := strconv.ParseUint(option(s.Work.Line, "-host-port"), 10, 16); err == nil && len(ports) == 0 {
		host, _ := netip.ParseAddr(option(s.Work.Line, "-host-ip"))
		protocol := option(s.Work.Line, "-proto")
		if protocol != netstat.UDP.String() {
			protocol = netstat.TCP.String()
		}
		ports = append(ports, published{protocol, host, uint16(port)})
	}
	return ports
}

// option gives the word after an option in a command line.
func option(line, name string) string {
	words := strings.Fields(line)
	if i := slices.Index(words, name); i >= 0 && i+1 < len(words) {
		return words[i+1]
	}
	return ""
}

// unknownBehind is what is said when no container is known that has the ports.
func (x *Explainer) unknownBehind(s *subject, ports []published, surely bool, err error) []Cause {
	if !surely {
		return nil
	}
	c := Cause{Kind: Forwarder, By: table.Clean(s.Name),
		Text: language.F("%s only forwards %s to a container: ending it breaks the port, and the container goes on.", table.Clean(s.Name), portNames(ports))}
	if errors.Is(err, fs.ErrPermission) {
		c.Text += " " + language.T("This user may not ask for its name.")
	}
	return []Cause{c}
}

// forwards is what is said of the containers of one runtime.
func (x *Explainer) forwards(s *subject, ports []published, behind []container.Container) Cause {
	var names []string
	var used []published
	for _, c := range behind {
		names = append(names, describe(c))
		for _, p := range ports {
			if _, ok := c.PortAt(p.protocol, p.host, p.public); ok {
				used = append(used, p)
			}
		}
	}
	if len(used) == 0 { // it is known by its id alone
		used = ports
	}
	number := len(names)
	if number > 5 {
		names = append(names[:4], language.F("%d more", number-4))
	}
	text := language.N("%[2]s only forwards %[3]s to the container %[4]s: ending it breaks that, and the container goes on.",
		"%[2]s only forwards %[3]s to the containers %[4]s: ending it breaks that, and the containers go on.",
		number, table.Clean(s.Name), portNames(used), table.Enumerated(names))
	stop := stopContainers(behind...)
	if behind[0].Runtime == "podman" {
		stop = x.podman(s, stop)
	}
	return Cause{Kind: Forwarder, By: product(behind[0].Runtime), Text: text, Stop: stop}
}

// podman has a command given by the user whose container it is: each has containers of his own, and root others, by the
// same names.
func (x *Explainer) podman(s *subject, stop string) string {
	switch owner := s.owner(x.uid); {
	case owner == x.uid || owner == 0:
		return x.asUser(owner, stop)
	case s.User == "" || stop == "":
		return ""
	default:
		as := command("sudo -u", s.User)
		if as == "" {
			return ""
		}
		return as + " " + stop
	}
}

// portNames gives "port 5433" or "ports 80 and 443".
func portNames(ports []published) string {
	var numbers []uint16
	for _, p := range ports {
		numbers = append(numbers, p.public)
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	if len(numbers) > 5 {
		return language.N("%d port", "%d ports", len(numbers))
	}
	var words []string
	for _, n := range numbers {
		words = append(words, strconv.Itoa(int(n)))
	}
	if len(words) == 1 {
		return language.F("port %s", words[0])
	}
	return language.F("ports %s", table.Enumerated(words))
}
