package restart

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/process"
)

// BenchmarkCauses: of a process below five others, with no runtime and no bus.
func BenchmarkCauses(b *testing.B) {
	x := explainer(proc(25, "sh", "sh -c 'node server.js'"), proc(24, "npm", "npm run dev"), proc(20, "node", "node /usr/bin/nodemon server.js"), proc(10, "zsh", "-zsh"), proc(9, "iTerm2", ""))
	p := proc(30, "node", "node server.js")
	b.ReportAllocs()
	for b.Loop() {
		if len(x.Causes(b.Context(), p, nil)) != 1 {
			b.Fatal("not explained")
		}
	}
}

// BenchmarkLaunchd: of a process that is one of 900 jobs, as many as macOS has.
func BenchmarkLaunchd(b *testing.B) {
	x := explainer()
	x.root = b.TempDir()
	folder := filepath.Join(x.root, "Library/LaunchDaemons")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		b.Fatal(err)
	}
	for i := range 900 {
		data := binaryJob(b, map[string]any{"Label": fmt.Sprint("com.example.", i), "ProgramArguments": []string{fmt.Sprint("/usr/libexec/", i), "-d"}, "KeepAlive": true, "MachServices": map[string]bool{"a": true, "b": true}})
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("com.example.%d.plist", i)), data, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	byProgram := proc(30, "700", "700 -d")
	byProgram.PPID, byProgram.Executable = 1, "/usr/libexec/700"
	byLabel := proc(30, "700", "700 -d")
	byLabel.App = app.App{Kind: app.Job, ID: "com.example.700"}
	for name, p := range map[string]*process.Process{"program": byProgram, "label": byLabel} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if len(x.Causes(b.Context(), p, nil)) != 1 {
					b.Fatal("not explained")
				}
			}
		})
	}
}

// BenchmarkVerdict: of 20 ports in a snapshot of 5,000 sockets.
func BenchmarkVerdict(b *testing.B) {
	var before, after []netstat.Socket
	for i := range 5000 {
		p := other
		if i < 20 {
			p = node
		}
		s := held(listens("0.0.0.0", uint16(i+1)), uint64(i+1), p)
		before = append(before, s)
		if i >= 10 {
			after = append(after, s)
		}
	}
	a := NewAftermath([]*process.Process{node}, shot(0, before...))
	a.Begin(ended)
	s := shot(1, after...)
	b.ReportAllocs()
	for b.Loop() {
		if v := a.Verdict(s); len(v.Free) != 10 || len(v.Back) != 10 {
			b.Fatal(v.Text)
		}
	}
}
