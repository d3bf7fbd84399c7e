package explain

import (
	"os/exec"
	"strings"
	"testing"
)

// TestCommandsOfLinux: whatever a reader is told to type is taken by the programs of this system. .ci/need installs them.
func TestCommandsOfLinux(t *testing.T) {
	facts := Facts{System: "linux"}
	topics := []Topic{Port(631, facts)}
	for _, id := range IDs() {
		topic, _ := Find(id, facts)
		topics = append(topics, topic)
	}
	for _, topic := range topics {
		for _, command := range topic.Verify {
			command, _ = strings.CutPrefix(command, "sudo ") // it is there to show more, not to be taken
			if out, err := exec.CommandContext(t.Context(), "sh", "-c", command).CombinedOutput(); err != nil || len(out) == 0 {
				t.Errorf("%s: %s: %v\n%s", topic.ID, command, err, out)
			}
		}
	}
}

// TestCommandOfClosing: it shows every state in which a connection ends, as the class does.
func TestCommandOfClosing(t *testing.T) {
	topic, _ := Find("closing", Facts{System: "linux"})
	for _, state := range []string{"time-wait", "fin-wait-1", "fin-wait-2", "close-wait", "last-ack", "closing"} {
		if !strings.Contains(topic.Verify[0]+" ", "state "+state+" ") {
			t.Errorf("%s is not among %s", state, topic.Verify[0])
		}
	}
	mac, _ := Find("closing", Facts{System: "darwin"})
	pattern := strings.Split(strings.Trim(strings.TrimPrefix(mac.Verify[0], "netstat -an -p tcp | grep -E "), "'"), "|")
	for _, state := range []string{"TIME_WAIT", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT", "LAST_ACK", "CLOSING"} {
		found := false
		for _, part := range pattern {
			found = found || strings.Contains(state, part)
		}
		if !found {
			t.Errorf("%s is not found by %s", state, mac.Verify[0])
		}
	}
}
