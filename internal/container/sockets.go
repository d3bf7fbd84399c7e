package container

import (
	"os"
	"path/filepath"
	"strings"
)

// maxSockets is how many sockets a Client asks at most: Colima has one for each of its profiles.
const maxSockets = 32

// DefaultSockets gives where the runtimes of this user listen, whether they are there or not:
// $DOCKER_HOST when it is a unix socket, then those of Docker Engine, Docker Desktop, Colima, OrbStack,
// Rancher Desktop and Podman. A runtime behind TCP or ssh is on another computer and of no interest.
func DefaultSockets() []string {
	home, _ := os.UserHomeDir()
	return socketsOf(os.Getenv, home)
}

// socketsOf does the work of DefaultSockets. Docker Engine and its SDK name docker.sock; Docker Desktop
// keeps it in ~/.docker (desktop on Linux, run on macOS) and Podman beside systemd's runtime files.
func socketsOf(env func(string) string, home string) []string {
	var all []string
	if path, ok := strings.CutPrefix(env("DOCKER_HOST"), "unix://"); ok && filepath.IsAbs(path) {
		all = append(all, path)
	}
	all = append(all, "/var/run/docker.sock")
	if home != "" {
		all = append(all, filepath.Join(home, ".docker/run/docker.sock"), filepath.Join(home, ".docker/desktop/docker.sock"))
		colima, _ := filepath.Glob(filepath.Join(globEscape(home), ".colima/*/docker.sock")) // the pattern is well-formed
		all = append(all, colima...)
		all = append(all, filepath.Join(home, ".orbstack/run/docker.sock"), filepath.Join(home, ".rd/docker.sock"))
		machine, _ := filepath.Glob(filepath.Join(globEscape(home), ".local/share/containers/podman/machine/*/podman.sock"))
		all = append(all, machine...)
	}
	all = append(all, "/run/podman/podman.sock")
	if dir := env("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		all = append(all, filepath.Join(dir, "podman/podman.sock"), filepath.Join(dir, "docker.sock"))
	}
	var once []string
	seen := map[string]bool{}
	for _, path := range all {
		if path = filepath.Clean(path); !seen[path] && len(once) < maxSockets {
			seen[path] = true
			once = append(once, path)
		}
	}
	return once
}

// globEscape takes the meaning from what a pattern would read as more than itself.
func globEscape(path string) string {
	return strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `\`, `\\`).Replace(path)
}
