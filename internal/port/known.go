package port

import (
	"slices"
	"strings"
)

// Known is a program that most computers of a system run, and that people wonder about.
type Known struct {
	// Text says in one sentence what it is.
	Text string
	// Source is where that is written: a manual page or an address.
	Source string
}

// suspect is one line of the table below.
type suspect struct {
	system  string // "darwin", "linux"
	process string // its name in lower case
	ports   []uint16
	Known
}

// What Apple and the projects themselves write about their programs, in our words; germanKnown has the same in German.
const (
	applePorts   = "https://support.apple.com/103229" // TCP and UDP ports used by Apple software products
	appleAirPlay = "https://developer.apple.com/forums/thread/682332"
	appleScreen  = "https://support.apple.com/guide/mac-help/mh11848/mac"
)

// suspects are the usual ones. A line with ports comes before the same process without.
var suspects = []suspect{
	{"darwin", "controlcenter", []uint16{5000, 7000}, Known{"AirPlay Receiver: it lets other devices play on this Mac's screen and speakers. " +
		"It takes ports 5000 and 7000; System Settings > General > AirDrop & Handoff switches it off.", appleAirPlay}},
	{"darwin", "controlcenter", nil, Known{"The Control Center in the menu bar, which also runs AirPlay Receiver.", appleAirPlay}},
	{"darwin", "airplayxpchelper", nil, Known{"A part of AirPlay: it plays this Mac's sound and picture on other devices, or theirs here.", appleAirPlay}},
	{"darwin", "rapportd", nil, Known{"It connects this Mac with your other Apple devices nearby: Handoff, phone calls, the shared clipboard.", "rapportd(8)"}},
	{"darwin", "sharingd", nil, Known{"The sharing daemon: AirDrop, Handoff, shared computers and disks in the Finder.", "sharingd(8)"}},
	{"darwin", "identityservicesd", nil, Known{"It signs this Mac in to FaceTime and Messages, and carries messages between your devices.", "identityservicesd(8)"}},
	{"darwin", "mdnsresponder", nil, Known{"The system's name look-up: ordinary DNS, and Bonjour names in the local network (port 5353).", "mDNSResponder(8)"}},
	{"darwin", "configd", nil, Known{"It keeps the network settings up to date, and asks for an address by DHCP.", "configd(8)"}},
	{"darwin", "apsd", nil, Known{"Apple Push Notification service: one standing connection to Apple on port 5223 or 443 that tells apps of news.", applePorts}},
	{"darwin", "cupsd", nil, Known{"The printing system. It listens on port 631, by default for this computer only.", "cupsd(8)"}},
	{"darwin", "smbd", nil, Known{"File sharing for other computers (SMB, port 445). System Settings > General > Sharing switches it off.", "smbd(8)"}},
	{"darwin", "netbiosd", nil, Known{"It finds and answers Windows computers by name in the local network (NetBIOS, ports 137 and 138).", "netbiosd(8)"}},
	{"darwin", "screensharingd", nil, Known{"Screen sharing: others may see and use this screen (port 5900). System Settings > General > Sharing switches it off.", appleScreen}},
	{"darwin", "ardagent", nil, Known{"Remote Management: administrators may control this Mac with Apple Remote Desktop (ports 3283 and 5900).", applePorts}},
	{"darwin", "sshd", nil, Known{"Remote login: whoever has an account or a key may log in (SSH, port 22).", "sshd(8)"}},
	{"darwin", "launchd", nil, Known{"The first process. It keeps ports for services that it starts when somebody connects, for example remote login on port 22.", "launchd(8)"}},
	{"darwin", "usbmuxd", nil, Known{"It connects programs with an iPhone or iPad on the cable.", "usbmuxd(8)"}},
	{"darwin", "timed", nil, Known{"It sets the clock from a time server (NTP, port 123).", "timed(8)"}},
	{"darwin", "symptomsd", nil, Known{"It watches how well the network works, for the system's own diagnosis.", "symptomsd(8)"}},
	{"darwin", "syspolicyd", nil, Known{"Gatekeeper: it asks Apple whether a program may run.", "syspolicyd(8)"}},
	{"darwin", "trustd", nil, Known{"It checks certificates for all apps, and asks their issuers whether they were withdrawn.", "trustd(8)"}},
	{"darwin", "cloudd", nil, Known{"It keeps apps' data in step with iCloud.", "cloudd(8)"}},
	{"darwin", "bird", nil, Known{"It keeps the files of iCloud Drive in step.", "bird(8)"}},
	{"darwin", "nsurlsessiond", nil, Known{"It downloads and uploads for apps in the background.", "nsurlsessiond(8)"}},
	{"darwin", "assetcache", nil, Known{"Content caching: it keeps Apple's updates for other devices in the network.", "https://support.apple.com/guide/deployment/depde72e125f/web"}},
	{"darwin", "com.apple.webkit.networking", nil, Known{"The network part of Safari and of every app that shows web pages; its app is named beside it.", "https://docs.webkit.org/Deep%20Dive/Architecture/WebKit2.html"}},
	{"darwin", "com.docker.backend", nil, Known{"Docker Desktop. It takes the published ports of all containers: stop the container to free one.", "https://docs.docker.com/desktop/features/networking/"}},

	{"linux", "systemd-resolve", nil, Known{"systemd's name look-up. It answers DNS on 127.0.0.53 for this computer, and LLMNR and mDNS in the local network where that is on.", "systemd-resolved.service(8)"}},
	{"linux", "systemd-resolved", nil, Known{"systemd's name look-up. It answers DNS on 127.0.0.53 for this computer, and LLMNR and mDNS in the local network where that is on.", "systemd-resolved.service(8)"}},
	{"linux", "systemd-network", nil, Known{"systemd's network setup. It asks for an address by DHCP (port 68, or 546 for IPv6).", "systemd-networkd.service(8)"}},
	{"linux", "systemd-networkd", nil, Known{"systemd's network setup. It asks for an address by DHCP (port 68, or 546 for IPv6).", "systemd-networkd.service(8)"}},
	{"linux", "systemd-timesyncd", nil, Known{"It sets the clock from a time server (NTP, port 123).", "systemd-timesyncd.service(8)"}},
	{"linux", "systemd", nil, Known{"The first process, or yours. It keeps ports for services that it starts when somebody connects.", "systemd.socket(5)"}},
	{"linux", "avahi-daemon", nil, Known{"It finds printers, computers and services by name in the local network (mDNS, port 5353).", "avahi-daemon(8)"}},
	{"linux", "cupsd", nil, Known{"The printing system. It listens on port 631, by default for this computer only.", "cupsd(8)"}},
	{"linux", "cups-browsed", nil, Known{"It looks for printers in the network and adds them (port 631 UDP in old versions).", "cups-browsed(8)"}},
	{"linux", "networkmanager", nil, Known{"It sets up the network and asks for an address by DHCP (port 68, or 546 for IPv6).", "NetworkManager(8)"}},
	{"linux", "dhclient", nil, Known{"It asks for this computer's address by DHCP (port 68).", "dhclient(8)"}},
	{"linux", "dhcpcd", nil, Known{"It asks for this computer's address by DHCP (port 68).", "dhcpcd(8)"}},
	{"linux", "wpa_supplicant", nil, Known{"It logs this computer in to wireless networks.", "wpa_supplicant(8)"}},
	{"linux", "chronyd", nil, Known{"It sets the clock from time servers (NTP, port 123; 323 for its own control, this computer only).", "chronyd(8)"}},
	{"linux", "ntpd", nil, Known{"It sets the clock from time servers (NTP, port 123).", "ntpd(8)"}},
	{"linux", "dnsmasq", nil, Known{"A small DNS and DHCP server, most often for virtual machines or containers (ports 53 and 67).", "dnsmasq(8)"}},
	{"linux", "sshd", nil, Known{"Remote login: whoever has an account or a key may log in (SSH, port 22).", "sshd(8)"}},
	{"linux", "rpcbind", nil, Known{"It tells other computers on which ports RPC services such as NFS listen (port 111).", "rpcbind(8)"}},
	{"linux", "rpc.statd", nil, Known{"A part of NFS: it tells others when this computer has started anew.", "rpc.statd(8)"}},
	{"linux", "rpc.mountd", nil, Known{"A part of the NFS server: it grants other computers their folders.", "rpc.mountd(8)"}},
	{"linux", "smbd", nil, Known{"Samba: file sharing for other computers (SMB, port 445).", "smbd(8)"}},
	{"linux", "nmbd", nil, Known{"Samba: it is found by Windows computers by name (NetBIOS, ports 137 and 138).", "nmbd(8)"}},
	{"linux", "docker-proxy", nil, Known{"It hands a published port on to a container: stop the container to free the port.", "https://docs.docker.com/engine/network/packet-filtering-firewalls/"}},
	{"linux", "rootlessport", nil, Known{"It hands a published port on to a rootless container: stop the container to free the port.", "https://docs.podman.io/en/latest/markdown/podman-run.1.html"}},
	{"linux", "gnome-remote-desktop-daemon", nil, Known{"Remote desktop: others may see and use this screen (RDP, port 3389).", "https://gitlab.gnome.org/GNOME/gnome-remote-desktop"}},
	{"linux", "kdeconnectd", nil, Known{"KDE Connect: it links this computer with your phone (ports 1714 to 1764).", "https://userbase.kde.org/KDEConnect"}},
	{"linux", "exim4", nil, Known{"A mail server. As installed by Debian it takes mail from this computer only (port 25).", "exim4(8)"}},
	{"linux", "master", []uint16{25, 465, 587}, Known{"Postfix, a mail server.", "master(8)"}},
}

// KnownAs tells what a process is that most computers of this system run, in the language "de" or else in English. The system is a GOOS;
// port is the local port it waits on, 0 for any. The name counts without regard to case, and as the first
// 15 letters too, which is all that Linux keeps of a name. ok is false for all that are not usual.
func KnownAs(system, process string, port uint16, language string) (k Known, ok bool) {
	process = strings.ToLower(process)
	for i := range suspects {
		s := &suspects[i]
		if s.system == system && s.is(process) && (s.ports == nil || slices.Contains(s.ports, port)) {
			if text := germanKnown[s.Text]; language == "de" && text != "" {
				return Known{text, s.Source}, true
			}
			return s.Known, true
		}
	}
	return Known{}, false
}

// commLength is how much of a name Linux keeps (TASK_COMM_LEN - 1 in linux/sched.h).
const commLength = 15

func (s *suspect) is(process string) bool {
	return s.process == process || len(process) == commLength && strings.HasPrefix(s.process, process)
}
