package app

import "strings"

// Key tells one app from another: processes with the same key are processes of one app. It is
// not for people. It starts with the kind and holds what that kind is told apart by: the system's own
// id, else the path, else the name.
func (a App) Key() string {
	kind := a.Kind.String()
	switch a.Kind {
	case Unit:
		if a.UserUnit {
			kind = "user-unit"
		}
	case Command:
		// Two dev servers of one name run in two projects.
		return join(kind, a.Name, a.Path)
	case Executable:
		return join(kind, first(a.Path, a.Name))
	}
	return join(kind, first(a.ID, a.Path, a.Name))
}

// join puts parts together that cannot hold the byte between them: no path and no name has a NUL.
func join(parts ...string) string { return strings.Join(parts, "\x00") }

// first is the first text that is not empty.
func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
