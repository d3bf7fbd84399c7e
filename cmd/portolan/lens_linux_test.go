package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestLens is the ephemeral ports in the real binary: an app with 200 connections that go out, opened
// down to these, and what becomes of the connections that it has closed.
func TestLens(t *testing.T) {
	binary := build(t)
	d := newDesktop(t)
	bar := newPanel(t, d.bus, true)
	shop, crawler := startServerAt(t, copyOfOurselves(t, d, "shopserver")), copyOfOurselves(t, d, "crawler")

	p, window := d.open(bar, binary)
	d.key("ctrl+3", "ctrl+f")
	query := fmt.Sprintf("remote:127.0.0.1:%d", shop.port)
	d.write(query)
	p.wait("msg=rows", "count=0", "query="+query)

	const connections, closed = 200, 40
	address := fmt.Sprintf("127.0.0.1:%d", shop.port)
	cmd := exec.Command(crawler)
	cmd.Env = append(os.Environ(), actVariable+"="+strings.Repeat("dial "+address+"\n", connections)+strings.Repeat("drop "+address+"\n", closed))
	waitLines(t, cmd, connections+closed)

	p.wait("msg=rows", "count=2", "query="+query) // the app, and TIME_WAIT
	d.key("Down")
	p.wait("msg=selected", "app=crawler", fmt.Sprintf("connections=%d", connections), fmt.Sprintf("opened=%d", connections))
	keepScreenshot(d, window, "lens.png")
	d.key("Right")
	p.wait("msg=rows", "count=3", "query="+query) // the one service it is connected to
	d.key("Right")
	p.wait("msg=selected", fmt.Sprintf(`app="%d to 1 address"`, shop.port))
	d.key("Right")
	p.wait("msg=rows", fmt.Sprintf("count=%d", 3+connections), "query="+query)
	keepScreenshot(d, window, "lens-opened.png")
	d.key("End")
	remembered := p.wait("msg=selected", "app=TIME_WAIT", "clear by themselves within")
	if n := logged(t, remembered, "connections"); n < closed {
		t.Errorf("%d closed connections are remembered, want %d: %s", n, closed, remembered)
	}
	p.healthy()
}
