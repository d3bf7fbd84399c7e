package container

import (
	"testing"
)

// FuzzDecode: whatever a runtime answers, what is kept makes sense.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{"[" + shopDB + "]", shopDBInspect, "null", "[]", "{}", `[null]`, `[{"Id":1}]`, `{"Id":"` + shopID + `","Name":"//a"}`,
		`{"Id":"` + shopID + `","NetworkSettings":{"Ports":{"80":[{"HostPort":"x"}],"/":[{}],"1/udp":[{"HostIp":"fe80::1%e","HostPort":"1"}]}}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list, _ := decodeList(data, "docker")
		if one, err := decodeInspect(data, "podman"); err == nil {
			list = append(list, one)
		}
		if len(list) > maxContainers+1 {
			t.Errorf("%d containers", len(list))
		}
		for _, c := range list {
			check(t, c)
		}
	})
}

func check(t *testing.T, c Container) {
	t.Helper()
	if !IsID(c.ID) {
		t.Errorf("id %q", c.ID)
	}
	for _, s := range []string{c.Name, c.Image, c.Project, c.Service} {
		if len(s) > maxName {
			t.Errorf("text of %d bytes", len(s))
		}
	}
	for _, p := range c.Ports {
		if p.Public == 0 || p.Private == 0 || p.Protocol != "tcp" && p.Protocol != "udp" {
			t.Errorf("port %+v", p)
		}
		if found, ok := c.PortAt(p.Protocol, p.Host, p.Public); !ok || found.Public != p.Public {
			t.Errorf("port %+v is not found again", p)
		}
	}
	for _, a := range c.Addresses {
		if !a.IsValid() || a.IsUnspecified() || a.IsLoopback() || a.Is4In6() {
			t.Errorf("address %v", a)
		}
	}
	if len(c.Ports) > maxPorts || len(c.Addresses) > maxAddresses || c.PID < 0 {
		t.Errorf("%d ports, %d addresses, pid %d", len(c.Ports), len(c.Addresses), c.PID)
	}
}
