package app

import (
	"path"
	"slices"
	"strings"
	"time"
)

// markers are the files that make a folder the one of a project.
var markers = []string{"package.json", "go.mod", "pyproject.toml", "Cargo.toml", ".git", "Gemfile", "composer.json", "pom.xml", "build.gradle", "build.gradle.kts", "deno.json", "mix.exs", "Package.swift", "pubspec.yaml", "manage.py"}

const (
	// maxUp bounds the way up to a project, in folders.
	maxUp = 16
	// fresh is how long an answer counts: a folder becomes a project when somebody works in it.
	fresh = time.Minute
)

// projectAt finds the folder of the nearest project around dir; "" when there is none, or when the
// disk does not answer in time.
func (f *Finder) projectAt(dir string) string {
	if !path.IsAbs(dir) {
		return ""
	}
	dir = path.Clean(dir)
	if i := strings.Index(dir, "/node_modules/"); i > 0 {
		dir = dir[:i] // the project is the one that needs the module
	}
	if f.noProject(dir) {
		return ""
	}
	found, _ := f.projects.get(&f.disk, dir, fresh, func() string { return f.lookUp(dir) })
	return found
}

// outputs are folders that a build makes in a project, with a package.json of their own in them.
var outputs = []string{"dist", "build", "out", "output", "target", "bin", "public", "standalone"}

// lookUp goes up from dir to the first folder with a marker. What a build made counts
// only when nothing is above it.
func (f *Finder) lookUp(dir string) string {
	made := ""
	for range maxUp {
		if f.noProject(dir) {
			break
		}
		for _, marker := range markers {
			if _, err := f.lstat(f.real(path.Join(dir, marker))); err == nil {
				switch base := path.Base(dir); {
				case strings.HasPrefix(base, "."): // nobody's work is hidden: ~/.pyenv, .next, .output
				case slices.Contains(outputs, base):
					made = first(made, dir)
				default:
					return dir
				}
				break
			}
		}
		dir = path.Dir(dir)
	}
	return made
}

// noProject says whether a folder is no project whatever is in it: the root, home folders
// (with the .git of somebody's dot files), and the folders of the system.
func (f *Finder) noProject(dir string) bool {
	switch dir {
	case "/", f.home, "/root", "/var/root", "/home", "/Users", "/tmp", "/private/tmp", "/var/tmp", "/usr", "/usr/local", "/opt", "/opt/homebrew", "/etc", "/var", "/var/lib", "/var/www", "/srv", "/private", "/mnt", "/media", "/Volumes", "/nix", "/proc", "/dev", "/sys", "/run":
		return true
	}
	if parent := path.Dir(dir); parent == "/home" || parent == "/Users" {
		return true
	}
	for _, system := range []string{"/usr/lib/", "/usr/share/", "/usr/local/lib/", "/usr/local/Cellar/", "/opt/homebrew/", "/nix/store/", "/System/", "/Library/", "/snap/", "/Applications/", "/proc/", "/sys/", "/dev/"} {
		if strings.HasPrefix(dir, system) {
			return true
		}
	}
	return false
}

// plainNames are names of projects that say nothing without the one around them.
var plainNames = []string{"api", "app", "apps", "backend", "client", "code", "docs", "frontend", "project", "repo", "server", "service", "site", "src", "ui", "web", "webapp", "website", "www"}

// projectName is what a person calls the project in a folder: the folder's name, since that is what
// they see every day, while the name in a package.json is often one of a template. One that says nothing alone
// is shown with the folder around it: "shop/frontend".
func (f *Finder) projectName(dir string) string {
	name := path.Base(dir)
	if around := path.Dir(dir); slices.Contains(plainNames, strings.ToLower(name)) && !f.noProject(around) {
		return path.Base(around) + "/" + name
	}
	return name
}
