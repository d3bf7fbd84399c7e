package explain

// entry is what of a topic is the same in every language.
type entry struct {
	id     string
	names  []string // what it is found by: lower case, without - and _
	verify map[string][]string
	see    []string
}

// state is an entry for a TCP state: ss filters by its own names (ss(8)), netstat prints ours.
func state(id, ss string, names []string, see ...string) entry {
	return entry{id: id, names: names, see: see, verify: map[string][]string{
		"linux":  {"ss -tan state " + ss},
		"darwin": {"netstat -an -p tcp | grep " + bsdNames[id]},
	}}
}

// bsdNames are the states as macOS's netstat prints them (tcpstates in netinet/tcp_fsm.h).
var bsdNames = map[string]string{
	"LISTEN": "LISTEN", "SYN_SENT": "SYN_SENT", "SYN_RECEIVED": "SYN_RCVD", "ESTABLISHED": "ESTABLISHED", "FIN_WAIT_1": "FIN_WAIT_1",
	"FIN_WAIT_2": "FIN_WAIT_2", "CLOSE_WAIT": "CLOSE_WAIT", "CLOSING": "CLOSING", "LAST_ACK": "LAST_ACK", "TIME_WAIT": "TIME_WAIT", "CLOSED": "CLOSED",
}

var entries = []entry{
	state("LISTEN", "listening", []string{"listen"}, "listening", "backlog", "network"),
	state("SYN_SENT", "syn-sent", []string{"synsent"}, "outgoing"),
	state("SYN_RECEIVED", "syn-recv", []string{"synreceived", "synrecv", "synrcvd"}, "incoming", "backlog"),
	state("ESTABLISHED", "established", []string{"established", "estab"}, "outgoing", "incoming"),
	state("FIN_WAIT_1", "fin-wait-1", []string{"finwait1"}, "closing"),
	state("FIN_WAIT_2", "fin-wait-2", []string{"finwait2"}, "closing"),
	state("CLOSE_WAIT", "close-wait", []string{"closewait"}, "closing"),
	state("CLOSING", "closing", []string{}, "closing"),
	state("LAST_ACK", "last-ack", []string{"lastack"}, "closing"),
	{
		id: "TIME_WAIT", names: []string{"timewait"}, see: []string{"closing", "ephemeral", "kernel"},
		verify: map[string][]string{
			"linux":  {"ss -tan state time-wait"},
			"darwin": {"netstat -an -p tcp | grep TIME_WAIT", "sysctl net.inet.tcp.msl"},
		},
	},
	state("CLOSED", "closed", []string{"closed", "close", "unconn"}),
	{id: "listening", names: []string{"listening", "listener", "listeners", "open"}, see: []string{"LISTEN", "network", "backlog"}, verify: map[string][]string{
		"linux": {"ss -tln"}, "darwin": {"netstat -an -p tcp | grep LISTEN"},
	}},
	{id: "outgoing", names: []string{"outgoing", "out"}, see: []string{"ephemeral", "ESTABLISHED"}, verify: map[string][]string{
		"linux": {"ss -tn"}, "darwin": {"netstat -n -p tcp"},
	}},
	{id: "incoming", names: []string{"incoming", "in"}, see: []string{"listening", "ESTABLISHED"}, verify: map[string][]string{
		"linux": {"ss -tn"}, "darwin": {"netstat -n -p tcp"},
	}},
	{id: "closing", names: []string{"closing"}, see: []string{"TIME_WAIT", "CLOSE_WAIT", "FIN_WAIT_2"}, verify: map[string][]string{
		"linux":  {"ss -tan state time-wait state fin-wait-1 state fin-wait-2 state close-wait state last-ack state closing", "ss -s"},
		"darwin": {"netstat -an -p tcp | grep -E 'WAIT|CLOSING|LAST_ACK'"},
	}},
	{id: "udp", names: []string{"udp"}, see: []string{"network"}, verify: map[string][]string{
		"linux": {"ss -uan"}, "darwin": {"netstat -an -p udp"},
	}},
	{id: "ephemeral", names: []string{"ephemeral", "dynamic", "ephemeralports", "ephemeralport"}, see: []string{"outgoing", "TIME_WAIT"}, verify: map[string][]string{
		"linux":  {"cat /proc/sys/net/ipv4/ip_local_port_range /proc/sys/net/ipv4/ip_local_reserved_ports"},
		"darwin": {"sysctl net.inet.ip.portrange.first net.inet.ip.portrange.last"},
	}},
	{id: "loopback", names: []string{"loopback", "localhost", "local"}, see: []string{"network", "dual-stack"}},
	{id: "network", names: []string{"network", "exposed", "exposure"}, see: []string{"loopback", "link-local"}},
	{id: "link-local", names: []string{"linklocal"}, see: []string{"network"}},
	{id: "dual-stack", names: []string{"dualstack", "*"}, see: []string{"network", "loopback"}, verify: map[string][]string{
		"linux": {"cat /proc/sys/net/ipv6/bindv6only"}, "darwin": {"sysctl net.inet6.ip6.v6only"},
	}},
	{id: "kernel", names: []string{"kernel", "noprocess"}, see: []string{"TIME_WAIT", "hidden"}},
	{id: "hidden", names: []string{"hidden", "ownerhidden", "concealed"}, see: []string{"kernel"}, verify: map[string][]string{
		"linux": {"sudo ss -tunap"}, "darwin": {"sudo lsof -nP -i"},
	}},
	{id: "bytes", names: []string{"bytes", "received", "sent", "rate", "rates", "traffic"}, see: []string{"ESTABLISHED"}, verify: map[string][]string{
		"linux": {"ss -tin"}, "darwin": {"nettop -n -m tcp -L 1"},
	}},
	{id: "backlog", names: []string{"backlog", "queue", "acceptqueue"}, see: []string{"LISTEN", "SYN_RECEIVED"}, verify: map[string][]string{
		"linux": {"ss -tln", "cat /proc/sys/net/core/somaxconn"}, "darwin": {"netstat -Lan", "sysctl kern.ipc.somaxconn"},
	}},
}
