package restart

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"portolan/internal/app"
	"portolan/internal/container"
	"portolan/internal/language"
	"portolan/internal/table"
)

// container explains the restart policy of the container that the process runs in. A forwarder is named
// after a container without being in it; and what runs in LXC or systemd-nspawn has an init of its own.
func (x *Explainer) container(ctx context.Context, s *subject) []Cause {
	if s.App.Kind != app.Container || namedAfter[whole(s.Name)] || !container.IsID(s.App.ID) {
		return nil
	}
	if s.App.Runtime == "kubernetes" {
		return []Cause{kubelet()}
	}
	c, err := x.containers.Inspect(ctx, s.App.ID)
	switch {
	case err != nil:
		return []Cause{x.unasked(s, err)}
	case strings.HasPrefix(c.Name, "k8s_"): // what the kubelet calls those that it has Docker run
		return []Cause{kubelet()}
	}
	cause := Cause{Kind: Container, By: product(c.Runtime), Stop: stopContainers(c)}
	cause.Text, cause.Returns = policyText(c, c.PID == 0 || c.PID == s.PID)
	return []Cause{cause}
}

func kubelet() Cause {
	return Cause{Kind: Container, By: "Kubernetes",
		Text: language.T("It runs in a pod, and Kubernetes starts the containers of a pod again, unless the pod says otherwise.")}
}

// unasked is what the process's cgroup says alone.
func (x *Explainer) unasked(s *subject, err error) Cause {
	c := Cause{Kind: Container, By: product(s.App.Runtime), Text: language.T("It runs in a container, which may be set to start again.")}
	if s.App.Runtime == "docker" || s.App.Runtime == "podman" {
		c.Stop = stopContainers(container.Container{ID: s.App.ID, Name: s.App.Name, Runtime: s.App.Runtime})
	}
	if errors.Is(err, fs.ErrPermission) {
		c.Text += " " + language.F("This user may not ask %s.", c.By)
		c.Stop = x.asUser(0, c.Stop)
	}
	return c
}

// policyText says what the runtime does when the container's first process, or another one, has ended.
func policyText(c container.Container, first bool) (text string, returns bool) {
	name, by := describe(c), product(c.Runtime)
	switch policy := c.Restart; {
	case !first:
		return language.F("It runs in the container %s, whose first process decides what comes after its end.", name), false
	case policy == "always", policy == "unless-stopped":
		return language.F("%s starts the container %s again: its restart policy is %s.", by, name, policy), true
	case policy == "on-failure":
		return language.F("%s starts the container %s again unless it ends cleanly: its restart policy is on-failure.", by, name), false
	default:
		return language.F("It runs in the container %s, which ends with it.", name), false
	}
}

// describe gives "shop-db-1 (db of the Compose project shop)", clean.
func describe(c container.Container) string {
	name := c.Name
	if name == "" {
		name = c.ID[:min(len(c.ID), container.ShortID)]
	}
	switch {
	case c.Project != "" && c.Service != "":
		name = language.F("%s (%s of the Compose project %s)", name, c.Service, c.Project)
	case c.Project != "":
		name = language.F("%s (of the Compose project %s)", name, c.Project)
	}
	return table.Clean(name)
}

// product is the name of a runtime as its makers write it.
func product(runtime string) string {
	switch runtime {
	case "docker":
		return "Docker"
	case "podman":
		return "Podman"
	case "", "container":
		return language.T("the container runtime")
	default:
		return table.Clean(runtime)
	}
}

// stopContainers is the command that stops containers of one runtime.
func stopContainers(all ...container.Container) string {
	if len(all) == 0 || all[0].Runtime != "docker" && all[0].Runtime != "podman" {
		return ""
	}
	var words []string
	for _, c := range all {
		switch {
		case container.IsName(c.Name):
			words = append(words, c.Name)
		case container.IsID(c.ID):
			words = append(words, c.ID[:container.ShortID])
		default:
			return ""
		}
	}
	return command(all[0].Runtime+" stop", words...)
}

// byRuntime parts containers by their runtimes, in the order of their names.
func byRuntime(all []container.Container) [][]container.Container {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b container.Container) int {
		if n := strings.Compare(a.Runtime, b.Runtime); n != 0 {
			return n
		}
		return strings.Compare(a.Name, b.Name)
	})
	all = slices.CompactFunc(all, func(a, b container.Container) bool { return a.ID == b.ID })
	var parts [][]container.Container
	for part := range slices.Values(all) {
		last := len(parts) - 1
		if last >= 0 && parts[last][0].Runtime == part.Runtime {
			parts[last] = append(parts[last], part)
		} else {
			parts = append(parts, []container.Container{part})
		}
	}
	return parts
}
