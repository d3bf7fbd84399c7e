package app

import "strings"

// snapOf gives the name of the snap that a control group was made for: "firefox" of
//
//	snap.firefox.firefox-4a9bfa0e-....scope   an app, started by a person
//	snap.firefox.firefox.4a9bfa0e-....scope   the same, before snapd 2.58
//	snap.cups.cupsd.service                   a service
//	snap.firefox                              the freezer's group with version 1
//
// A second instance has a key behind its name: "firefox_work".
func snapOf(step string) string {
	tag, ok := strings.CutPrefix(step, "snap.")
	if !ok {
		return ""
	}
	name, rest, ok := strings.Cut(tag, ".")
	if !ok {
		rest = ""
	}
	// "snap.slice", and "snap.mount" are no snaps.
	if !ok && (name == "slice" || name == "mount" || name == "scope" || name == "service") || rest == "slice" {
		return ""
	}
	name = unescapeUnit(name)
	if !isSnapName(name) {
		return ""
	}
	return name
}

// isSnapName: lower-case letters, digits and dashes, and "_KEY" for another instance.
func isSnapName(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// snapOfProgram gives the name of the snap that a program is a file of: "/snap/firefox/4173/usr/lib/firefox/firefox".
// Fedora and Arch mount snaps below /var/lib/snapd.
func snapOfProgram(program string) string {
	inside, ok := strings.CutPrefix(strings.TrimPrefix(program, "/var/lib/snapd"), "/snap/")
	if !ok {
		return ""
	}
	name, rest, _ := strings.Cut(inside, "/")
	// Not those that are there for others: the runtimes, and /snap/bin with its links.
	if rest == "" || name == "bin" || name == "snapd" || name == "core" || !isSnapName(name) {
		return ""
	}
	return name
}
