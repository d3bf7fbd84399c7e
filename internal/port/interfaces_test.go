package port

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

var office = []Interface{
	{Name: "lo0", Loopback: true, Addresses: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/8"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("fe80::1/64")}},
	{Name: "en0", Addresses: []netip.Prefix{netip.MustParsePrefix("fe80::1234/64"), netip.MustParsePrefix("192.168.1.20/24"), netip.MustParsePrefix("2001:db8::20/64")}},
	{Name: "utun3", Addresses: []netip.Prefix{netip.MustParsePrefix("100.64.7.7/32"), netip.MustParsePrefix("fe80::77/64")}},
	{Name: "eth9", Addresses: nil},
}

func TestPlaces(t *testing.T) {
	for _, c := range []struct {
		bound string
		dual  bool
		want  string
	}{
		{"127.0.0.1", false, ""},
		{"::1", false, ""},
		{"::ffff:127.0.0.1", false, ""},
		{"0.0.0.0", false, "192.168.1.20@en0 100.64.7.7@utun3"},
		{"::", true, "192.168.1.20@en0 100.64.7.7@utun3 2001:db8::20@en0! fe80::1234@en0 fe80::77@utun3"},
		{"::", false, "2001:db8::20@en0! fe80::1234@en0 fe80::77@utun3"},
		{"192.168.1.20", false, "192.168.1.20@en0"},
		{"::ffff:192.168.1.20", false, "192.168.1.20@en0"},
		{"192.168.1.21", false, ""},
		{"fe80::1234%en0", false, "fe80::1234@en0"},
		{"fe80::1234%utun3", false, ""},
		{"224.0.0.251", false, ""},
	} {
		var got []string
		for _, p := range Places(netip.MustParseAddr(c.bound), c.dual, office) {
			text := fmt.Sprintf("%v@%s", p.Address, p.Interface)
			if p.Public {
				text += "!"
			}
			got = append(got, text)
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%s, dual %v: %q, want %q", c.bound, c.dual, text, c.want)
		}
	}
	if got := Places(netip.Addr{}, false, office); len(got) != 0 {
		t.Errorf("no address: %v", got)
	}
}

func TestPrefixesOf(t *testing.T) {
	got := prefixesOf([]net.Addr{
		&net.IPNet{IP: net.ParseIP("10.1.2.3"), Mask: net.CIDRMask(104, 128)},
		&net.IPNet{IP: net.ParseIP("10.1.2.4").To4(), Mask: net.CIDRMask(8, 32)},
		&net.IPNet{IP: []byte{1, 2}, Mask: net.CIDRMask(8, 32)},
		&net.IPNet{IP: net.ParseIP("fe80::1"), Mask: net.CIDRMask(64, 128)},
		&net.IPNet{IP: net.ParseIP("fe80::2"), Mask: net.IPMask{255, 0, 255, 0}},
		&net.TCPAddr{IP: net.ParseIP("10.1.2.5")},
	})
	want := []netip.Prefix{netip.MustParsePrefix("10.1.2.3/8"), netip.MustParsePrefix("10.1.2.4/8"), netip.MustParsePrefix("fe80::1/64"), netip.MustParsePrefix("fe80::2/0")}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// Every computer has a loopback, and Go can dial what is on it.
func TestInterfacesOfThisComputer(t *testing.T) {
	all, err := Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		for _, p := range i.Addresses {
			if p.Addr().IsLoopback() {
				return
			}
		}
	}
	t.Errorf("no loopback among %v", all)
}
