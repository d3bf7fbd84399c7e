package app

func inTerminal(e *Evidence) (in string, ok bool) { return "", false }
