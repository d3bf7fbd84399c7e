package restart

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"

	"portolan/internal/language"
	"portolan/internal/table"
)

// The interface of systemd on the bus (org.freedesktop.systemd1(5)).
const (
	systemdName      = "org.freedesktop.systemd1"
	systemdPath      = "/org/freedesktop/systemd1"
	systemdManager   = "org.freedesktop.systemd1.Manager"
	systemdUnit      = "org.freedesktop.systemd1.Unit"
	systemdService   = "org.freedesktop.systemd1.Service"
	getProperty      = "org.freedesktop.DBus.Properties.Get"
	maxUnitName      = 255 // UNIT_NAME_MAX - 1, systemd.unit(5)
	maxTriggers      = 8   // a service has one or two
	unitNameAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@"
)

// unit is what systemd says of a service.
type unit struct {
	id       string   // its own name, where an alias was asked for
	restart  string   // Restart=
	main     int      // PID of the main process; 0 when there is none
	triggers []string // active units that start it
	asked    bool     // systemd has answered
}

// systemd explains what the unit's Restart= and the units that trigger it do.
func (x *Explainer) systemd(ctx context.Context, s *subject) []Cause {
	name := s.App.Unit
	if !stoppable(name) {
		return nil
	}
	address := x.buses.system
	if s.App.UserUnit {
		address = x.buses.user(s.owner(x.uid))
	}
	u := unit{id: name}
	// Without an answer, what the cgroup says is still true: it runs in that unit.
	_ = x.buses.at(address).use(ctx, func(conn *dbus.Conn) error { return u.read(ctx, conn) })
	text, returns := u.explain(s.PID)
	if text == "" {
		return nil
	}
	return []Cause{{Kind: Systemd, By: "systemd", Text: table.Clean(text), Stop: x.systemctl(s, u), Returns: returns}}
}

// stoppable: it is a service, by a name that systemd could have given, and not the one that holds a user's whole session.
func stoppable(name string) bool {
	return strings.HasSuffix(name, ".service") && !strings.HasPrefix(name, "user@") && unitName(name)
}

func unitName(name string) bool {
	return len(name) <= maxUnitName && strings.Trim(name, unitNameAlphabet) == "" && strings.Contains(strings.TrimLeft(name, "."), ".")
}

// owner is the user that the process runs as; ours when that is not known.
func (s *subject) owner(ours int) int {
	if s.UID < 0 {
		return ours
	}
	return s.UID
}

// read asks systemd. What makes no sense in its answer is left as it was.
func (u *unit) read(ctx context.Context, conn *dbus.Conn) error {
	// Not started for our question: where it does not run, no unit of it does.
	const flags = dbus.FlagNoAutoStart
	var path dbus.ObjectPath
	call := conn.Object(systemdName, systemdPath).CallWithContext(ctx, systemdManager+".GetUnit", flags, u.id)
	if err := call.Store(&path); err != nil {
		return fmt.Errorf("find unit %s: %w", u.id, err)
	}
	object := conn.Object(systemdName, path)
	restart, ok := property[string](ctx, object, systemdService, "Restart")
	if !ok {
		return fmt.Errorf("read Restart= of %s: no answer", u.id)
	}
	u.restart, u.asked = restart, true
	if main, ok := property[uint32](ctx, object, systemdService, "MainPID"); ok {
		u.main = int(main)
	}
	if id, ok := property[string](ctx, object, systemdUnit, "Id"); ok && stoppable(id) {
		u.id = id
	}
	triggers, _ := property[[]string](ctx, object, systemdUnit, "TriggeredBy")
	for _, name := range triggers {
		if unitName(name) && len(u.triggers) < maxTriggers && active(ctx, conn, name) {
			u.triggers = append(u.triggers, name)
		}
	}
	slices.Sort(u.triggers)
	u.triggers = slices.Compact(u.triggers)
	return nil
}

// active: a trigger that is off starts nothing.
func active(ctx context.Context, conn *dbus.Conn, name string) bool {
	var path dbus.ObjectPath
	call := conn.Object(systemdName, systemdPath).CallWithContext(ctx, systemdManager+".GetUnit", dbus.FlagNoAutoStart, name)
	if call.Store(&path) != nil {
		return false
	}
	state, _ := property[string](ctx, conn.Object(systemdName, path), systemdUnit, "ActiveState")
	return state == "active"
}

// property reads one property; false when it cannot be had, or is of another type.
func property[T any](ctx context.Context, object dbus.BusObject, iface, name string) (T, bool) {
	var v dbus.Variant
	err := object.CallWithContext(ctx, getProperty, dbus.FlagNoAutoStart, iface, name).Store(&v)
	if err != nil {
		var none T
		return none, false
	}
	value, ok := v.Value().(T)
	return value, ok
}

// explain says what comes after the end of process pid of the unit; "" when nothing does.
func (u *unit) explain(pid int) (text string, returns bool) {
	if !u.asked {
		return language.F("It runs in %s, which systemd may start again.", u.id), false
	}
	text, returns = u.afterEnd()
	if u.main != pid && text != "" {
		text, returns = language.F("It is part of %s, which systemd starts again when its main process ends: Restart=%s.", u.id, u.restart), false
	}
	for _, name := range u.triggers {
		text = strings.TrimLeft(text+" "+trigger(name), " ")
		returns = true
	}
	return text, returns
}

// afterEnd says what Restart= does after SIGTERM, which systemd takes for a clean end (systemd.service(5), table 1).
func (u *unit) afterEnd() (text string, returns bool) {
	switch u.restart {
	case "always":
		return language.F("systemd starts it again: Restart=always in %s.", u.id), true
	case "on-success":
		return language.F("systemd starts it again when it ends cleanly: Restart=on-success in %s.", u.id), true
	case "on-failure":
		return language.F("systemd starts it again unless it ends cleanly: Restart=on-failure in %s.", u.id), false
	case "on-abnormal", "on-abort":
		return language.F("systemd starts it again when it is forced to end: Restart=%s in %s.", u.restart, u.id), false
	default: // no, on-watchdog
		return "", false
	}
}

// trigger says when another unit starts the service.
func trigger(name string) string {
	switch {
	case strings.HasSuffix(name, ".socket"):
		return language.F("systemd starts it again at the next connection: %s keeps the port.", name)
	case strings.HasSuffix(name, ".timer"):
		return language.F("systemd starts it again at the next time that %s sets.", name)
	case strings.HasSuffix(name, ".path"):
		return language.F("systemd starts it again when a file changes that %s watches.", name)
	default:
		return language.F("systemd starts it again for %s.", name)
	}
}

// systemctl is the command that stops the unit, after those that would start it again.
func (x *Explainer) systemctl(s *subject, u unit) string {
	units := append(slices.Clone(u.triggers), u.id)
	owner := s.owner(x.uid)
	switch {
	case !s.App.UserUnit:
		return x.asUser(0, command("systemctl stop", units...))
	case owner == x.uid:
		return command("systemctl --user stop", units...)
	case s.User == "":
		return ""
	default: // systemctl(1), --machine: another user's manager
		return x.asUser(0, command("systemctl --user --machine", append([]string{s.User + "@.host", "stop"}, units...)...))
	}
}
