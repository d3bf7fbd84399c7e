package app

import (
	"bytes"
	"slices"
	"strings"

	"portolan/internal/container"
)

// Limits of what is read of a cgroup file: the kernel's own are far below (a path is at most PATH_MAX).
const (
	maxCgroupText  = 64 << 10
	maxCgroupSteps = 64
	maxCgroupStep  = 255 // NAME_MAX
)

// place is where in the tree of control groups a process is: one path of its
// /proc/PID/cgroup, from the root, and the containers on the way.
type place struct {
	steps      []string    // the parts of the path, without "." and ".."
	enclosures []enclosure // from the outermost
	snap       string      // the snap's name, where a path of the file says one
}

// enclosure is a container on the way to a process.
type enclosure struct {
	id      string // 64 hexadecimal digits, or a name where the runtime calls it by one
	runtime string // as App.Runtime
	at      int    // its index in steps
	build   bool   // a step of an image's build
}

// readCgroup understands the text of /proc/PID/cgroup (cgroups(7)): lines of
// "hierarchy:controllers:path", one a hierarchy. Version 2 has one, numbered 0. With version 1 the
// paths differ: Docker's is in those of the controllers, the units are in that of "name=systemd".
func readCgroup(text []byte) place {
	text = bytes.ToValidUTF8(text[:min(len(text), maxCgroupText)], []byte("\uFFFD"))
	var best place
	bestRank, snap := -1, ""
	for line := range bytes.Lines(text) {
		hierarchy, rest, ok := bytes.Cut(bytes.TrimRight(line, "\n"), []byte(":"))
		if !ok {
			continue
		}
		controllers, path, ok := bytes.Cut(rest, []byte(":"))
		if !ok {
			continue
		}
		p := readCgroupPath(string(path))
		if snap == "" {
			snap = p.snap
		}
		rank := 8 * len(p.enclosures)
		if len(p.steps) > 0 {
			rank += 4
		}
		switch {
		case string(hierarchy) == "0":
			rank += 2
		case string(controllers) == "name=systemd":
			rank++
		}
		if rank > bestRank {
			best, bestRank = p, rank
		}
	}
	best.snap = snap
	return best
}

// readCgroupPath takes one path apart. A path from outside our own cgroup namespace starts
// with "/.."; one whose group was removed ends in " (deleted)".
func readCgroupPath(path string) place {
	path = strings.TrimSuffix(path, " (deleted)")
	var p place
	for step := range strings.SplitSeq(path, "/") {
		if step == "" || step == "." || step == ".." || len(step) > maxCgroupStep {
			continue
		}
		if len(p.steps) == maxCgroupSteps {
			break
		}
		p.steps = append(p.steps, step)
	}
	for i := range p.steps {
		if e, ok := enclosureAt(p.steps, i); ok && !p.inside(e.id) {
			e.at = i
			p.enclosures = append(p.enclosures, e)
		}
		if p.snap == "" {
			p.snap = snapOf(p.steps[i])
		}
	}
	return p
}

// inside: a group of that container has been seen on the way already.
func (p *place) inside(id string) bool {
	for _, e := range p.enclosures {
		if e.id == id {
			return true
		}
	}
	return false
}

// scopeRuntimes maps what stands before a container's id in the name of its group to the runtime. systemd's
// driver makes "docker-ID.scope", cgroupfs's "libpod-ID" or the id alone.
var scopeRuntimes = map[string]string{
	"docker":         "docker",
	"libpod":         "podman",
	"libpod-payload": "podman", // under the unit of a Quadlet or of "podman generate systemd"
	"libpod-conmon":  "podman", // the container's monitor, which holds its ports
	"crio":           "cri-o",
	"crio-conmon":    "cri-o",
	"cri-containerd": "containerd",
	"containerd":     "containerd",
	"nerdctl":        "containerd",
}

// enclosureAt says whether the i-th step is the group of a container.
func enclosureAt(steps []string, i int) (enclosure, bool) {
	step, parent := steps[i], ""
	if i > 0 {
		parent = steps[i-1]
	}
	if e, ok := machineAt(step, parent); ok {
		return e, true
	}
	if e, ok := buildAt(steps, i); ok {
		return e, true
	}
	name := strings.TrimSuffix(step, ".scope")
	// A runtime that is set to systemd's driver while runc is not makes "kubepods-pod1.slice:cri-containerd:ID".
	if _, driven, ok := strings.Cut(name, ".slice:"); ok {
		if prefix, id, ok := strings.Cut(driven, ":"); ok && container.IsID(id) {
			return enclosure{id: id, runtime: scopeRuntime(prefix)}, true
		}
		return enclosure{}, false
	}
	if container.IsID(name) {
		return enclosure{id: name, runtime: bareRuntime(steps[:i])}, true
	}
	if dash := strings.LastIndexByte(name, '-'); dash > 0 && container.IsID(name[dash+1:]) {
		return enclosure{id: name[dash+1:], runtime: scopeRuntime(name[:dash])}, true
	}
	return enclosure{}, false
}

func scopeRuntime(prefix string) string {
	if r, ok := scopeRuntimes[prefix]; ok {
		return r
	}
	return "container"
}

// bareRuntime says whose a group is that is named by nothing but a container's id, from the groups above it.
func bareRuntime(above []string) string {
	for _, step := range slices.Backward(above) {
		switch {
		case step == "docker", step == "ecs", step == "actions_job":
			return "docker" // ECS and GitHub's runner give Docker a parent group of their own
		case step == "libpod_parent":
			return "podman"
		case strings.HasPrefix(step, "kubepods"):
			return "kubernetes"
		case step == "garden":
			return "garden"
		}
	}
	if len(above) == 1 {
		return "containerd" // "/NAMESPACE/ID": ctr and nerdctl without systemd
	}
	return "container"
}

// machineAt knows the containers that are called by a name: those of LXC, LXD and Incus
// ("lxc.payload.NAME", "lxc/NAME") and those of systemd-machined ("machine-NAME.scope").
func machineAt(step, parent string) (enclosure, bool) {
	for _, prefix := range []string{"lxc.payload.", "lxc.monitor."} {
		if name, ok := strings.CutPrefix(step, prefix); ok && name != "" {
			return enclosure{id: name, runtime: "lxc"}, true
		}
	}
	if parent == "lxc" || parent == "lxc.payload" || parent == "lxc.monitor" {
		return enclosure{id: step, runtime: "lxc"}, true
	}
	if name, ok := between(step, "systemd-nspawn@", ".service"); ok {
		return enclosure{id: unescapeUnit(name), runtime: "systemd-nspawn"}, true
	}
	if name, ok := between(step, "machine-", ".scope"); ok && parent == "machine.slice" {
		name = unescapeUnit(name)
		if _, vm := machineOf(name, "qemu-"); vm {
			return enclosure{}, false
		}
		if lxc, ok := machineOf(name, "lxc-"); ok {
			return enclosure{id: lxc, runtime: "lxc"}, true
		}
		return enclosure{id: name, runtime: "systemd-nspawn"}, true
	}
	return enclosure{}, false
}

// machineOf takes libvirt's "qemu-12-NAME" or "lxc-345-NAME" apart.
func machineOf(name, driver string) (string, bool) {
	numbered, ok := strings.CutPrefix(name, driver)
	if !ok {
		return "", false
	}
	number, machine, ok := strings.Cut(numbered, "-")
	return machine, ok && machine != "" && isNumber(number)
}

// buildAt knows a step of an image's build: BuildKit inside dockerd runs it
// in "/docker/buildkit/ID" or, with systemd's driver, in "system.slice:docker:ID". The ids are BuildKit's own (25 digits
// to the base of 36), which no runtime answers for.
func buildAt(steps []string, i int) (enclosure, bool) {
	id := steps[i]
	if i >= 2 && steps[i-1] == "buildkit" && steps[i-2] == "docker" {
		return enclosure{id: id, runtime: "docker", build: true}, true
	}
	if slice, driven, ok := strings.Cut(id, ".slice:docker:"); ok && slice != "" && driven != "" && !container.IsID(driven) {
		return enclosure{id: driven, runtime: "docker", build: true}, true
	}
	return enclosure{}, false
}

// between cuts a prefix and a suffix off; something must be left.
func between(s, prefix, suffix string) (string, bool) {
	s, hasPrefix := strings.CutPrefix(s, prefix)
	s, hasSuffix := strings.CutSuffix(s, suffix)
	return s, hasPrefix && hasSuffix && s != ""
}

// isNumber: decimal digits, and at least one.
func isNumber(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// outside takes the containers off the way that are around this program itself too: from
// inside a container, what runs beside us there is in no container. It gives the enclosures
// that are left, and the steps between ours and the first of them, where the units of this system are.
func (p *place) outside(own []enclosure) (left []enclosure, steps []string) {
	start := 0
	left = p.enclosures
	for _, o := range own {
		if len(left) == 0 || left[0].id != o.id {
			break
		}
		start = left[0].at + 1
		left = left[1:]
	}
	end := len(p.steps)
	if len(left) > 0 {
		end = left[0].at
	}
	return left, p.steps[start:end]
}
