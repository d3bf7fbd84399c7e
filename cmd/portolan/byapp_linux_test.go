package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// copyOfOurselves gives this test's binary under another name, as another app.
func copyOfOurselves(t *testing.T, d *desktop, name string) string {
	t.Helper()
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(d.home, name)
	if err := os.WriteFile(path, self, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestByApp is what the by-app view is for: the view by app, a group opened down to its sockets, and the
// app ended with all of its processes, in the real binary.
func TestByApp(t *testing.T) {
	binary := build(t)
	d := newDesktop(t)
	bar := newPanel(t, d.bus, true)
	shop, other := copyOfOurselves(t, d, "shopserver"), copyOfOurselves(t, d, "otherserver")
	first, second, bystander := startServerAt(t, shop), startServerAt(t, shop), startServerAt(t, other)
	if second.cmd.Process.Pid < first.cmd.Process.Pid {
		first, second = second, first // in the order of the rows
	}

	p, window := d.open(bar, binary)

	d.key("ctrl+2", "ctrl+f")
	d.write("app:shopserver")
	p.wait("msg=rows", "count=1", "query=app:shopserver")
	d.key("Down")
	p.wait("msg=selected", "app=shopserver")
	keepScreenshot(d, window, "by-app.png")
	d.key("Right")
	p.wait("msg=rows", "count=3", "query=app:shopserver") // the app and its two processes
	d.key("Right")
	p.wait("msg=selected", "app=shopserver", "process=shopserver", fmt.Sprintf("pid=%d", first.cmd.Process.Pid))
	d.key("Right")
	p.wait("msg=rows", "count=4", "query=app:shopserver")
	d.key("Right")
	p.wait("msg=selected", fmt.Sprintf("port=%d", first.port), "process=shopserver")
	keepScreenshot(d, window, "by-app-opened.png")

	d.key("Home", "Delete")
	p.wait(`msg="kill asked"`, "app=shopserver", "processes=2")
	keepScreenshot(d, window, "by-app-kill.png")
	d.key("Escape")
	if ended(first) || ended(second) {
		t.Fatal("Escape did not keep the app")
	}
	d.key("Delete")
	p.wait(`msg="kill asked"`, "app=shopserver", "processes=2")
	d.key("Right", "Return")
	for _, s := range []*server{first, second} {
		p.wait(`msg="kill outcome"`, fmt.Sprintf("pid=%d", s.cmd.Process.Pid), "outcome=gone")
		waitFor(t, "the app to end", func() bool { return ended(s) })
	}
	p.wait("msg=rows", "count=0", "query=app:shopserver")
	if ended(bystander) {
		t.Error("another app ended with it")
	}
	p.healthy()
}
