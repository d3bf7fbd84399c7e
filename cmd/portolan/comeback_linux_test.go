package main

import (
	"fmt"
	"os"
	"testing"
)

// TestPortComesBack ends a server that is started again, as a supervisor would: the detail pane says what it
// is, and after the kill it is told who has the port now.
func TestPortComesBack(t *testing.T) {
	binary := build(t)
	d := newDesktop(t)
	bar := newPanel(t, d.bus, true)
	target := startServer(t)

	p, window := d.open(bar, binary)
	d.key("ctrl+f")
	query := fmt.Sprintf("port:%d", target.port)
	d.write(query)
	p.wait("msg=rows", "count=1", "query="+query)
	d.key("Down", "Home")
	p.wait("msg=selected", fmt.Sprintf("pid=%d", target.cmd.Process.Pid))
	d.key("Return")
	p.wait("msg=detail", "shown=true")
	p.wait(`msg="detail read"`, fmt.Sprintf("pid=%d", target.cmd.Process.Pid))
	keepScreenshot(d, window, "detail.png")

	d.key("Delete")
	p.wait(`msg="kill asked"`, fmt.Sprintf("pid=%d", target.cmd.Process.Pid))
	p.wait(`msg="kill causes"`)
	keepScreenshot(d, window, "detail-dialog.png")
	d.key("Right", "Return")
	p.wait(`msg="kill outcome"`, fmt.Sprintf("pid=%d", target.cmd.Process.Pid), "outcome=gone")
	<-target.done
	again := startServerOn(t, os.Args[0], target.port)
	p.wait(`msg="kill told"`, fmt.Sprintf("port %d came back as PID %d", target.port, again.cmd.Process.Pid))
	p.wait(`msg="kill watched"`)
	keepScreenshot(d, window, "came-back.png")
	d.key("ctrl+i")
	p.wait("msg=detail", "shown=false")
	p.healthy()
}
