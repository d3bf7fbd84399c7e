package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
)

// TestRecent is the recent past in the real binary: a port goes from one program to another, and the window tells
// who had it before, from the search that finds nothing on.
func TestRecent(t *testing.T) {
	binary := build(t)
	d := newDesktop(t)
	bar := newPanel(t, d.bus, true)
	first := startServerAt(t, copyOfOurselves(t, d, "firstowner"))

	p, window := d.open(bar, binary)
	d.key("ctrl+f")
	query := fmt.Sprintf(":%d", first.port)
	d.write(query + " state:listen")
	p.wait("msg=rows", "count=1", fmt.Sprintf("query=%q", query+" state:listen"))

	if err := first.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.wait("msg=rows", "count=0", "before=1")
	keepScreenshot(d, window, "recent-found.png")

	second := startServerOn(t, copyOfOurselves(t, d, "secondowner"), first.port)
	p.wait("msg=rows", "count=1", fmt.Sprintf("query=%q", query+" state:listen"))
	d.key("ctrl+4")
	p.wait("msg=rows", "count=2", fmt.Sprintf("query=%q", query+" state:listen"))
	d.key("Down", "Home")
	p.wait("msg=selected", "process=secondowner", fmt.Sprintf("pid=%d", second.cmd.Process.Pid))
	d.key("Down")
	p.wait("msg=selected", "process=firstowner", fmt.Sprintf("pid=%d", first.cmd.Process.Pid))
	keepScreenshot(d, window, "recent.png")
	d.key("Delete") // what is over cannot be ended
	d.key("Up", "Delete")
	p.wait(`msg="kill asked"`, fmt.Sprintf("pid=%d", second.cmd.Process.Pid))
	d.key("Escape")
	if strings.Contains(p.log(), fmt.Sprintf(`msg="kill asked" pid=%d `, first.cmd.Process.Pid)) || ended(second) {
		t.Error("what is over was asked about, or what is there was ended")
	}
	p.healthy()
}
