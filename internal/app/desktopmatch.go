package app

import (
	"path"
	"strings"
)

// match finds the app that a program belongs to: its own program, else a file in its install folder.
func (d *desktopEntries) match(program, home string) *desktopApp {
	if program == "" {
		return nil
	}
	if a := d.byProgram[program]; a != nil {
		return a
	}
	base, own := path.Base(program), installFolder(program, home)
	interpreter := isInterpreter(base)
	// An interpreter runs what is not next to it, but an IDE may bring its own along in a folder of it.
	folder := own
	if interpreter && folder != "" {
		folder = path.Dir(folder)
	}
	for range 8 {
		if folder == "" || isShared(folder, home) {
			break
		}
		if a, ok := d.byFolder[folder]; ok {
			return a
		}
		folder = path.Dir(folder)
	}
	// "/usr/bin/firefox" is a script that starts /usr/lib/firefox/firefox.
	if !interpreter && isInstalled(program) {
		return d.byBase[base]
	}
	return nil
}

// isInstalled: the file was installed for all users, so that its base name is not somebody's own choice.
func isInstalled(file string) bool {
	return strings.HasPrefix(file, "/usr/") || strings.HasPrefix(file, "/opt/") || strings.HasPrefix(file, "/nix/store/")
}

// installFolder is the folder that an app has for itself: "/opt/google/chrome", "/opt/idea" of
// /opt/idea/bin/idea.sh; "" where the program is in a folder for all.
func installFolder(program, home string) string {
	folder := path.Dir(program)
	if isShared(folder, home) {
		return ""
	}
	if path.Base(folder) == "bin" {
		folder = path.Dir(folder)
		if isShared(folder, home) {
			return ""
		}
	}
	return folder
}

// isShared: many apps have their files in the folder. home is the user's; those of others are below /home.
func isShared(folder, home string) bool {
	switch folder {
	case ".", "/", "/bin", "/sbin", "/lib", "/lib64", "/opt", "/usr", "/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec",
		"/usr/share", "/usr/games", "/usr/lib/games", "/usr/local", "/usr/local/bin", "/usr/local/sbin", "/usr/local/lib", "/usr/local/libexec",
		"/usr/local/share", "/usr/local/games", "/snap", "/snap/bin", "/app", "/app/bin", "/nix", "/nix/store", "/run/current-system/sw", "/home", "/root", "/tmp",
		"/var", "/var/tmp", "/var/lib", "/srv", "/mnt", "/media", "/run", "/proc", "/dev", "/etc", "/etc/alternatives", "/opt/bin", "/opt/homebrew", "/Users":
		return true
	}
	if inside, ok := insideHome(folder, home); ok {
		return isSharedAtHome(inside)
	}
	parent, base := path.Split(folder)
	return parent == "/usr/lib/" && strings.Contains(base, "-linux-gnu") // Debian's libraries: /usr/lib/x86_64-linux-gnu
}

// insideHome gives what of the folder's path is below a home folder: "" for one itself.
func insideHome(folder, home string) (inside string, ok bool) {
	if inside, ok := strings.CutPrefix(folder, home); ok && home != "" && (inside == "" || inside[0] == '/') {
		return strings.TrimPrefix(inside, "/"), true
	}
	below, ok := strings.CutPrefix(folder, "/home/")
	if !ok {
		return "", false
	}
	_, inside, _ = strings.Cut(below, "/")
	return inside, true
}

func isSharedAtHome(inside string) bool {
	switch inside {
	case "", "bin", ".bin", ".local", ".local/bin", ".local/share", ".local/lib", ".local/opt", "Applications", "AppImages", "Downloads", "Desktop", "opt", "apps",
		"Documents", "src", "dev", "work", "projects", "code", "go", "go/bin", ".cargo", ".cargo/bin", ".config", ".cache", ".nix-profile/bin":
		return true
	}
	return false
}
