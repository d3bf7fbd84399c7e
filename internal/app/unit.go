package app

import (
	"path"
	"slices"
	"strings"
)

// unitPlace is what the groups of systemd on the way to a process say.
type unitPlace struct {
	unit    string   // the innermost unit that a person may stop: "postgresql.service", "app-gnome-firefox-12.scope"; "" when there is none
	user    bool     // unit belongs to a user's manager
	apps    []string // ids that may be those of a .desktop file, the best first
	app     string   // the id in the name of an app's unit ("app-..."), whether or not there is such a file
	flatpak string   // the application id of a flatpak
}

// readUnits reads the steps of a cgroup path. What systemd calls its units, and what desktops call those
// of apps, is from systemd.unit(5), systemd.slice(5) and systemd.io/DESKTOP_ENVIRONMENTS.
func readUnits(steps []string) unitPlace {
	manager := -1 // the last user@UID.service on the way: below it are the units of that user's manager
	for i, step := range steps {
		if _, ok := between(step, "user@", ".service"); ok {
			manager = i
		}
	}
	var u unitPlace
	for i, step := range slices.Backward(steps) {
		if u.unit == "" && isUnit(step) && !isSession(step) {
			u.unit, u.user = step, manager >= 0 && i > manager
		}
		if id, ok := flatpakOf(step); ok && u.flatpak == "" {
			u.flatpak = id
		}
		ids := appIDs(step, manager >= 0 && i > manager)
		u.apps = append(u.apps, ids...)
		if u.app == "" && len(ids) > 0 && strings.HasPrefix(step, "app-") && isUnit(step) {
			u.app = ids[0]
		}
	}
	return u
}

func isUnit(step string) bool {
	return strings.HasSuffix(step, ".service") || strings.HasSuffix(step, ".scope")
}

// isSession: what everything of a user or a login is in, so that it says nothing of one process.
func isSession(unit string) bool {
	if unit == "init.scope" {
		return true
	}
	if _, ok := between(unit, "session-", ".scope"); ok {
		return true
	}
	_, ok := between(unit, "user@", ".service")
	return ok
}

// namelessScopes are the beginnings of scopes that were made for one start of something.
var namelessScopes = []string{
	"vte-spawn-", "ptyxis-spawn-", "tmux-spawn-", "tab(", "main.scope", // a tab of GNOME Terminal, of Ptyxis; a pane of tmux; Konsole's
	"podman-", "rootless-netns-", // Podman itself
	"machine-", // a virtual machine, see machineName
}

// isNameless: the name of the unit is a number, or says only who made it.
func isNameless(unit string) bool {
	name, scope := strings.CutSuffix(unit, ".scope")
	if scope && slices.ContainsFunc(namelessScopes, func(prefix string) bool { return strings.HasPrefix(unit, prefix) }) {
		return true
	}
	// systemd-run without --unit: run-u1234, run-r0f3a..., since systemd 256 run-p1234-i5678; and before 236 run-1234.
	name, run := strings.CutPrefix(strings.TrimSuffix(name, ".service"), "run-")
	return run && strings.Trim(name, "0123456789abcdef-urpi") == "" && strings.ContainsAny(name, "0123456789")
}

// starters are units in which whatever they start stays: their name is that of a process only
// where the process's program is called so too.
var starters = map[string]bool{
	"cron": true, "crond": true, "cronie": true, "anacron": true, "atd": true, "fcron": true,
	"dbus": true, "dbus-broker": true, "ssh": true, "sshd": true, "getty": true, "serial-getty": true, "console-getty": true,
	"gdm": true, "gdm3": true, "sddm": true, "lightdm": true, "xrdp": true, "display-manager": true, "greetd": true,
	"gnome-session-manager": true, "org.gnome.Shell": true, "plasma-plasmashell": true, "plasma-kwin_wayland": true,
	"plasma-ksmserver": true, "xdg-desktop-portal": true,
}

// unitName is what a person calls the unit that the process runs in: "postgresql@15-main"
// of postgresql@15-main.service. ok is false where the unit says nothing of this process.
func unitName(unit, program string) (name string, ok bool) {
	if unit == "" || isNameless(unit) {
		return machineName(unit)
	}
	name = strings.TrimSuffix(strings.TrimSuffix(unit, ".scope"), ".service")
	stem, _, _ := strings.Cut(name, "@")
	if starters[stem] && !strings.HasPrefix(path.Base(program), stem) {
		return "", false
	}
	if bus, ok := busName(unit); ok {
		return bus, true
	}
	name = unescapeUnit(strings.TrimSuffix(name, "@"))
	return name, name != ""
}

// machineName is the name of a virtual machine of libvirt: "machine-qemu\x2d1\x2ddebian.scope".
func machineName(unit string) (string, bool) {
	escaped, ok := between(unit, "machine-", ".scope")
	if !ok {
		return "", false
	}
	return machineOf(unescapeUnit(escaped), "qemu-")
}

// appIDs gives the ids of .desktop files that a unit's name may hold, the best first:
//
//	app[-LAUNCHER]-ID-RANDOM.scope, app[-LAUNCHER]-ID[@RANDOM].service, app-ID.slice, app-ID-RANDOM.slice
//	dbus-:1.2-ID@0.service (dbus-broker), and in a user's manager ID.service
//
// LAUNCHER and RANDOM are letters and digits, and the dashes of ID are escaped; where a
// launcher did not escape them there are two ways to read a name, and both are given.
func appIDs(step string, user bool) []string {
	if bus, ok := busName(step); ok {
		return []string{bus}
	}
	if name, ok := between(step, "app-", ".service"); ok {
		name, _, _ = strings.Cut(name, "@")
		name = strings.TrimSuffix(name, "-autostart") // systemd before 248
		return launched(name)
	}
	if name, ok := between(step, "app-", ".scope"); ok {
		if dash := strings.LastIndexByte(name, '-'); dash > 0 {
			return launched(name[:dash])
		}
		return []string{unescapeUnit(name)}
	}
	if name, ok := between(step, "app-", ".slice"); ok {
		ids := []string{unescapeUnit(name)}
		if dash := strings.LastIndexByte(name, '-'); dash > 0 {
			ids = append(ids, launched(name[:dash])...)
		}
		return ids
	}
	if name, ok := strings.CutSuffix(step, ".service"); ok && user {
		name, _, _ = strings.Cut(name, "@")
		return []string{unescapeUnit(name)}
	}
	return nil
}

// launched reads "[LAUNCHER-]ID".
func launched(name string) []string {
	whole := unescapeUnit(name)
	launcher, id, ok := strings.Cut(name, "-")
	if !ok || id == "" || !isAlphanumeric(launcher) {
		return []string{whole}
	}
	return []string{unescapeUnit(id), whole}
}

// busName is the name on the bus of what dbus-broker has started: "dbus-:1.2-org.gnome.Calendar@0.service".
func busName(unit string) (string, bool) {
	name, ok := between(unit, "dbus-:", ".service")
	if !ok {
		return "", false
	}
	_, name, ok = strings.Cut(name, "-")
	name, _, _ = strings.Cut(name, "@")
	return unescapeUnit(name), ok && name != ""
}

func isAlphanumeric(s string) bool {
	for i := range len(s) {
		if c := s[i]; !letter(c) && (c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// unescapeUnit undoes unit_name_escape of systemd: "\x2d" is a dash. What is no such sequence stays as it is.
func unescapeUnit(s string) string {
	if !strings.Contains(s, `\x`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if i+3 < len(s) && s[i] == '\\' && s[i+1] == 'x' {
			high, low := hexDigit(s[i+2]), hexDigit(s[i+3])
			if high >= 0 && low >= 0 {
				b.WriteByte(byte(high<<4 | low))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
