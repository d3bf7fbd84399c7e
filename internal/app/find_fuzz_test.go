package app

import (
	"strings"
	"sync"
	"testing"
)

// FuzzFindLinux: whatever is known of a process, it has a name, and a key that is its own.
func FuzzFindLinux(f *testing.F) {
	f.Add("node", "/usr/bin/node", "node\x00/home/u/src/shop-frontend/node_modules/.bin/vite", "/home/u/src/shop-frontend", userUnits+"app-org.kde.konsole-8b9c.scope", "/usr/bin/konsole")
	f.Add("", "", "", "", "0::/", "")
	f.Add("docker-proxy", "", "docker-proxy\x00-container-ip\x00172.17.0.2\x00-host-port\x0080", "/", "0::/system.slice/docker.service", "/usr/bin/dockerd")
	f.Add("chrome", "/opt/google/chrome/chrome (deleted)", "\x00\x00", "..", "1:name=systemd:/snap.a.b\n0::/docker/"+id1, "/opt/google/chrome/../x")
	finder := NewFinder(Options{System: Linux, Root: linuxDesktop(f).root, Home: "/home/u"})
	f.Fuzz(func(t *testing.T, name, executable, args, dir, cgroup, parent string) {
		e := Evidence{PID: 1, Name: name, Executable: executable, Args: strings.Split(args, "\x00"), Dir: dir, Cgroup: []byte(cgroup), Terminal: len(args)%2 == 0,
			Ancestors: []Ancestor{{PID: 2, Name: lastPart(parent), Executable: parent}}}
		a, _, settled := finder.Find(&e)
		if a.Name == "" || !settled {
			t.Errorf("%+v, %t", a, settled)
		}
		if again, _, _ := finder.Find(&e); again != a {
			t.Errorf("first %+v, then %+v", a, again)
		}
	})
}

// TestFindTogether: several goroutines use one Finder, also when it has read nothing yet.
func TestFindTogether(t *testing.T) {
	f := NewFinder(Options{System: Linux, Root: linuxDesktop(t).root, Home: "/home/u"})
	processes := crowd()
	var together sync.WaitGroup
	for range 8 {
		together.Go(func() {
			for i := range processes {
				if a, _, _ := f.Find(&processes[i]); a.Name == "" {
					t.Errorf("%+v has no name", processes[i])
				}
			}
		})
	}
	together.Wait()
}
