package port

import (
	"net/netip"
	"regexp"
	"strings"
	"testing"
)

func TestRangeContains(t *testing.T) {
	r := Range{First: 32768, Last: 60999}
	for p, want := range map[uint16]bool{0: false, 32767: false, 32768: true, 50000: true, 60999: true, 61000: false, 65535: false} {
		if got := r.Contains(p); got != want {
			t.Errorf("%v.Contains(%d) = %v, want %v", r, p, got, want)
		}
	}
}

func TestParseRange(t *testing.T) {
	for text, want := range map[string]Range{
		"32768\t60999\n":   {First: 32768, Last: 60999}, // as the kernel writes it
		"1024 65535":       {First: 1024, Last: 65535},
		" 5000 \t 5000 \n": {First: 5000, Last: 5000},
	} {
		got, err := parseRange(text)
		if err != nil || got != want {
			t.Errorf("parseRange(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestParseRangeRefuses(t *testing.T) {
	for _, text := range []string{
		"", "\n", "32768", "32768 60999 1", "60999 32768", "0 60999", "-1 60999", "32768 65536",
		"32768 99999999999999999999", "a b", "32768, 60999", "0x8000 0xffff", "32768 \x00", strings.Repeat("9", 1<<20),
	} {
		r, err := parseRange(text)
		if err == nil {
			t.Errorf("parseRange(%.40q) = %v, want an error", text, r)
			continue
		}
		if len(err.Error()) > 200 {
			t.Errorf("parseRange(%.40q): an error of %d bytes", text, len(err.Error()))
		}
	}
}

func TestReach(t *testing.T) {
	for text, want := range map[string]Exposure{
		"127.0.0.1":        Loopback,
		"127.8.9.10":       Loopback,
		"::1":              Loopback,
		"::ffff:127.0.0.1": Loopback,
		"ff01::1":          Loopback, // interface-local multicast (RFC 4291, section 2.7)
		"0.0.0.0":          Network,
		"::":               Network,
		"::ffff:0.0.0.0":   Network,
		"192.168.1.5":      Network,
		"10.0.0.1":         Network,
		"8.8.8.8":          Network,
		"2001:db8::1":      Network,
		"fd00::1":          Network, // unique local (RFC 4193)
		"fd00::1%en0":      Network,
		"239.255.255.250":  Network, // SSDP's group
		"ff05::2":          Network, // site-local multicast
		"169.254.1.1":      LinkLocal,
		"fe80::1":          LinkLocal,
		"fe80::1%en0":      LinkLocal,
		"224.0.0.251":      LinkLocal, // mDNS's group
		"ff02::fb%en0":     LinkLocal,
	} {
		if got := Reach(netip.MustParseAddr(text)); got != want {
			t.Errorf("Reach(%s) = %q, want %q", text, got, want)
		}
	}
	if got := Reach(netip.Addr{}); got != None || got.String() != "" {
		t.Errorf("Reach of no address = %q, want none", got)
	}
}

func TestExposureString(t *testing.T) {
	for e, want := range map[Exposure]string{None: "", Loopback: "loopback", Network: "network", LinkLocal: "link-local", 99: ""} {
		if got := e.String(); got != want {
			t.Errorf("Exposure(%d) = %q, want %q", e, got, want)
		}
	}
}

func TestService(t *testing.T) {
	for _, c := range []struct {
		protocol string
		port     uint16
		want     string
	}{
		{"tcp", 22, "ssh"}, {"tcp", 80, "http"}, {"tcp", 443, "https"}, {"tcp", 3000, "http-dev"},
		{"tcp", 5173, "vite"}, {"tcp", 5432, "postgresql"}, {"tcp", 6379, "redis"}, {"tcp", 8080, "http-alt"},
		{"tcp", 9229, "node-inspector"}, {"tcp", 27017, "mongodb"}, {"udp", 53, "domain"}, {"udp", 5353, "mdns"},
		{"udp", 443, "https"}, {"udp", 22, ""}, {"tcp", 5353, ""}, {"tcp", 0, ""}, {"tcp", 65535, ""}, {"sctp", 80, ""}, {"", 80, ""},
	} {
		if got := Service(c.protocol, c.port); got != c.want {
			t.Errorf("Service(%q, %d) = %q, want %q", c.protocol, c.port, got, c.want)
		}
	}
}

// The names are shown in a narrow column, searched in lower case, and part of the JSON output.
func TestServiceNames(t *testing.T) {
	form := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	for protocol, services := range map[string]map[uint16]string{"tcp": tcpServices, "udp": udpServices} {
		for p, name := range services {
			if p == 0 || len(name) > 24 || !form.MatchString(name) {
				t.Errorf("%s port %d has the name %q", protocol, p, name)
			}
		}
	}
}
