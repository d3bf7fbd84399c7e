package port

// Service names what is usually found on port p of a protocol, "tcp" or "udp":
// "postgresql", "https". It gives "" when nothing is known. The answer is the
// same on every computer: /etc/services is not asked. It is a habit, not a
// proof: any program may use any port.
func Service(protocol string, p uint16) string {
	switch protocol {
	case "tcp":
		return tcpServices[p]
	case "udp":
		return udpServices[p]
	default:
		return ""
	}
}
