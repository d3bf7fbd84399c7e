package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// TestKillFromTheIcon: the menu of the icon offers to kill what waits on a port. It opens the row and asks the window's
// question, and the answer no ends nothing.
func TestKillFromTheIcon(t *testing.T) {
	binary := build(t)
	d := newDesktop(t)
	bar := newPanel(t, d.bus, true)
	servers := []*server{startServer(t), startServer(t)} // one at least is listed, however much else listens here
	p := d.start(binary, "-interval", "1s")
	p.wait(`msg=started`)
	line := bar.waitInner(t, "Kill process", ":")
	number := regexp.MustCompile(`^:\d+`).FindString(line.Label)
	bar.clickInner(t, "Kill process", line.Label)
	p.wait(`msg="window shown"`)
	p.wait(`msg=selected`, fmt.Sprintf("port=%s", number[1:]))
	p.wait(`msg=rows`, fmt.Sprintf("query=\"port%s proto:tcp\"", number))
	d.focus(d.window("Portolan"))
	d.key("Escape")
	bar.click(t, strings.TrimSuffix(line.Label, "…"))
	p.wait(`msg=rows`, fmt.Sprintf("query=\"port%s proto:tcp\"", number))
	for _, s := range servers {
		if ended(s) {
			t.Error("a server has ended, and nobody said yes")
		}
	}
	bar.click(t, "Quit")
	p.waitEnd(exitDone)
	p.healthy()
}
