package container

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

const (
	// maxContainers is how many containers of one runtime are remembered. Computers have tens; more is a lie.
	maxContainers = 4096
	// maxName is the longest name or image that is kept, in bytes: names are host names (63), an
	// image is a registry, a path of up to 255 and a digest.
	maxName = 512
	// maxPorts and maxAddresses are how many are kept of one container: -p 1-65535:1-65535 is
	// possible, but nobody who does it needs each named.
	maxPorts     = 1024
	maxAddresses = 64
)

// The labels that Docker Compose and podman-compose give their containers.
const (
	projectLabel = "com.docker.compose.project"
	serviceLabel = "com.docker.compose.service"
)

// listed is an element of the answer to GET /containers/json (Docker Engine API 1.24 to 1.51, ContainerSummary).
type listed struct {
	ID              string `json:"Id"`
	Names           []string
	Image           string
	Labels          map[string]string
	Ports           []listedPort
	NetworkSettings networks
}

type listedPort struct {
	IP          string
	PrivatePort int
	PublicPort  int
	Type        string
}

// networks is NetworkSettings of both answers.
type networks struct {
	Networks map[string]*network
	Ports    map[string][]binding // of the second only
}

type network struct {
	IPAddress         string
	GlobalIPv6Address string
}

// binding is where a port "80/tcp" is published.
type binding struct {
	HostIP   string `json:"HostIp"`
	HostPort string
}

// inspected is the answer to GET /containers/{id}/json (ContainerInspectResponse).
type inspected struct {
	ID    string `json:"Id"`
	Name  string
	State struct{ Pid int }
	// Config is what the container was made from.
	Config struct {
		Image  string
		Labels map[string]string
	}
	HostConfig struct {
		RestartPolicy struct{ Name string }
	}
	NetworkSettings networks
}

// decodeList reads the answer to GET /containers/json. Containers whose id is none are left out; the
// error says that the whole is no list of containers.
func decodeList(data []byte, runtime string) ([]Container, error) {
	var list []*listed
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("decode the list of containers: %w", err)
	}
	if list == nil { // null: an error that came as a 200
		return nil, errors.New("decode the list of containers: it is null")
	}
	var all []Container
	for _, l := range list {
		if l == nil || !IsID(l.ID) || len(all) == maxContainers {
			continue
		}
		c := Container{ID: l.ID, Name: nameOf(l.Names), Image: cut(l.Image), Runtime: runtime,
			Project: cut(l.Labels[projectLabel]), Service: cut(l.Labels[serviceLabel]), Addresses: l.NetworkSettings.addresses()}
		for _, p := range l.Ports {
			c.publish(p.Type, p.IP, p.PublicPort, p.PrivatePort)
		}
		c.sortPorts()
		all = append(all, c)
	}
	return all, nil
}

// decodeInspect reads the answer to GET /containers/{id}/json.
func decodeInspect(data []byte, runtime string) (Container, error) {
	var in inspected
	if err := json.Unmarshal(data, &in); err != nil {
		return Container{}, fmt.Errorf("decode a container: %w", err)
	}
	if !IsID(in.ID) {
		return Container{}, errors.New("decode a container: its id is not 64 hexadecimal digits")
	}
	c := Container{ID: in.ID, Name: cut(strings.TrimPrefix(in.Name, "/")), Image: cut(in.Config.Image), Runtime: runtime,
		Project: cut(in.Config.Labels[projectLabel]), Service: cut(in.Config.Labels[serviceLabel]),
		Restart: policyOf(in.HostConfig.RestartPolicy.Name), PID: max(in.State.Pid, 0), Addresses: in.NetworkSettings.addresses()}
	for port, bindings := range in.NetworkSettings.Ports {
		number, protocol, _ := strings.Cut(port, "/")
		private, err := strconv.Atoi(number)
		if err != nil {
			continue
		}
		for _, b := range bindings {
			if public, err := strconv.Atoi(b.HostPort); err == nil {
				c.publish(protocol, b.HostIP, public, private)
			}
		}
	}
	c.sortPorts()
	return c, nil
}

// policyOf gives the restart policy in Docker's words; an unknown one is taken for none that is known.
func policyOf(name string) string {
	switch name {
	case "always", "unless-stopped", "on-failure", "no":
		return name
	case "":
		return "no"
	default:
		return ""
	}
}

// publish notes a port, if it makes sense.
func (c *Container) publish(protocol, host string, public, private int) {
	if public <= 0 || public > 65535 || private <= 0 || private > 65535 || len(c.Ports) == maxPorts {
		return
	}
	if protocol != "tcp" && protocol != "udp" {
		return
	}
	p := Port{Protocol: protocol, Public: uint16(public), Private: uint16(private)}
	if a, err := netip.ParseAddr(host); err == nil && !a.IsUnspecified() {
		p.Host = a.Unmap()
	} else if err != nil && host != "" {
		return
	}
	c.Ports = append(c.Ports, p)
}

// sortPorts: a published port comes twice, for IPv4 and IPv6, and in any order.
func (c *Container) sortPorts() {
	slices.SortFunc(c.Ports, func(a, b Port) int {
		if n := int(a.Public) - int(b.Public); n != 0 {
			return n
		}
		if n := strings.Compare(a.Protocol, b.Protocol); n != 0 {
			return n
		}
		if n := a.Host.Compare(b.Host); n != 0 {
			return n
		}
		return int(a.Private) - int(b.Private)
	})
	c.Ports = slices.Compact(c.Ports)
}

func (n networks) addresses() []netip.Addr {
	var all []netip.Addr
	for _, net := range n.Networks {
		if net == nil {
			continue
		}
		for _, text := range []string{net.IPAddress, net.GlobalIPv6Address} {
			if a, err := netip.ParseAddr(text); err == nil && !a.IsUnspecified() && !a.IsLoopback() && len(all) < maxAddresses {
				all = append(all, a.Unmap())
			}
		}
	}
	slices.SortFunc(all, netip.Addr.Compare)
	return slices.Compact(all)
}

// nameOf chooses the container's own name: "/shop-db"; "/web/db" is what a link calls it.
func nameOf(names []string) string {
	for _, n := range names {
		if n = strings.TrimPrefix(n, "/"); n != "" && !strings.Contains(n, "/") {
			return cut(n)
		}
	}
	return ""
}

func cut(s string) string { return s[:min(len(s), maxName)] }
