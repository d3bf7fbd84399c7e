package container

import "strings"

const (
	// idLen is the length of an id: 32 random bytes in hexadecimal digits.
	idLen = 64
	// ShortID is how many digits of an id people and commands use: as many as "docker ps" prints.
	ShortID = 12
)

// IsID reports whether s is a full id as the OCI runtimes give them: 64 hexadecimal digits.
func IsID(s string) bool { return len(s) == idLen && hexadecimal(s) }

func hexadecimal(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

// IsName reports whether s may be the name or the id of a container: Docker and Podman rule that it is
// [a-zA-Z0-9][a-zA-Z0-9_.-]*.
func IsName(s string) bool {
	if s == "" || len(s) > maxName || strings.ContainsRune("_.-", rune(s[0])) {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune("_.-", r)
	}) < 0
}
