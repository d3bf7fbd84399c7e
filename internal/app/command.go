package app

import (
	"path"
	"strconv"
)

// command is what a person or a script runs, called by what it is that runs. Its path is the
// project's, else the folder that it works in where what runs is no program of its own, else the program's.
func command(e *Evidence, w Work, in string) App {
	folder := w.Project
	if folder == "" && w.Title != "" && w.Dir != "/" {
		folder = w.Dir
	}
	return App{Name: first(w.Title, nameOf(e)), Path: first(folder, e.Executable), Kind: Command, In: in}
}

// executable is the app of which no more is known than its program.
func executable(e *Evidence, program string) App {
	return App{Name: nameOf(e), Path: program, Kind: Executable}
}

// nameOf is the least that can be said of a process.
func nameOf(e *Evidence) string {
	if e.Name == "" && e.Executable != "" {
		return path.Base(e.Executable)
	}
	return first(e.Name, "PID "+strconv.Itoa(e.PID))
}
