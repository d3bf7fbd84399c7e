package app

import (
	"fmt"
	"testing"
)

// fullDesktop adds as many .desktop files as a computer that is in use has.
func fullDesktop(tr fileTree) {
	for i := range 300 {
		name := fmt.Sprintf("org.example.App%d", i)
		text := ""
		for language := range 60 {
			text += fmt.Sprintf("Name[l%d]=Eine Anwendung\nComment[l%d]=Sie macht etwas, und zwar gut\n", language, language)
		}
		tr.entry(apps+name+".desktop", name, fmt.Sprintf("app%d %%U", i), "Icon="+name, text)
		tr.file(fmt.Sprintf("usr/bin/app%d", i), "ELF")
		tr.file("usr/share/icons/hicolor/48x48/apps/"+name+".png", png)
	}
}

// crowd is what runs on a computer: 500 processes of apps, services, containers and terminals.
func crowd() []Evidence {
	var list []Evidence
	for i := range 100 {
		list = append(list,
			Evidence{PID: i, Name: "chrome", Executable: "/opt/google/chrome/chrome", Args: []string{"/opt/google/chrome/chrome", "--type=renderer"},
				Cgroup: []byte(userUnits + `app-gnome-google\x2dchrome-4711.scope`), Ancestors: ancestors("/opt/google/chrome/chrome", "/usr/bin/gnome-shell")},
			Evidence{PID: i, Name: fmt.Sprintf("app%d", i), Executable: fmt.Sprintf("/usr/bin/app%d", i), Cgroup: []byte(userUnits + fmt.Sprintf("app-gnome-org.example.App%d-77.scope", i))},
			Evidence{PID: i, Name: "worker", Executable: "/usr/lib/thing/worker", Cgroup: []byte(fmt.Sprintf("0::/system.slice/thing%d.service\n", i)), Ancestors: ancestors("/usr/lib/thing/main")},
			Evidence{PID: i, Name: "nginx", Executable: "/usr/sbin/nginx", Cgroup: []byte("0::/system.slice/docker-" + id1 + ".scope\n")},
			Evidence{PID: i, Name: "bash", Executable: "/usr/bin/bash", Terminal: true, Cgroup: []byte(userUnits + "app-org.gnome.Terminal.slice/vte-spawn-6f3c9dd4.scope"), Ancestors: fromTerminal})
	}
	return list
}

// BenchmarkFindCold: a Finder that has read nothing yet, and 500 processes.
func BenchmarkFindCold(b *testing.B) {
	tr := linuxDesktop(b)
	fullDesktop(tr)
	processes := crowd()
	for b.Loop() {
		f := NewFinder(Options{System: Linux, Root: tr.root, Home: "/home/u"})
		for i := range processes {
			f.Find(&processes[i])
		}
	}
}

// BenchmarkFind: one process, when all has been read.
func BenchmarkFind(b *testing.B) {
	tr := linuxDesktop(b)
	fullDesktop(tr)
	processes := crowd()
	f := NewFinder(Options{System: Linux, Root: tr.root, Home: "/home/u"})
	i := 0
	for b.Loop() {
		f.Find(&processes[i%len(processes)])
		i++
	}
}
