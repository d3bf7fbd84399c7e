package app

import (
	"bytes"
	"path"
	"strings"
	"unicode/utf8"
)

// Limits of a .desktop file. The largest in use, with a hundred languages and actions, have some ten thousand bytes.
const (
	maxDesktopFile = 256 << 10
	maxDesktopText = 256 // of a name
	maxDesktopPath = 4096
)

// desktopEntry is what a .desktop file says of an application (Desktop Entry Specification 1.5).
type desktopEntry struct {
	id       string // the file's name without ".desktop", with dashes for the slashes of subfolders
	name     string // not that of a language: "Name", not "Name[de]"
	program  string // the first word of Exec that is a program: a path or a name; "" where it is a script's line
	icon     string // a name to look up in the icon themes, or a path
	flatpak  string // the flatpak that it starts
	snap     string // the snap that it starts
	plain    bool   // Exec has no arguments but the files that it is to open
	shown    bool   // it is in the menus
	terminal bool   // it runs in a terminal
	emulator bool   // it is a terminal
	hidden   bool   // it stands for a deleted one
}

// readDesktopEntry understands a .desktop file; ok is false where it holds no application. Junk
// is passed over: an application with a name and no more is still one.
func readDesktopEntry(text []byte) (d desktopEntry, ok bool) {
	text = text[:min(len(text), maxDesktopFile)]
	d.shown = true
	inGroup, application := false, false
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		if line[0] == '[' {
			if inGroup {
				break // the groups behind it are its actions
			}
			inGroup = string(line) == "[Desktop Entry]"
			continue
		}
		key, value, found := bytes.Cut(line, []byte("="))
		if !inGroup || !found {
			continue
		}
		value = bytes.TrimSpace(value)
		if string(bytes.TrimSpace(key)) == "Type" {
			application = string(value) == "Application"
			continue
		}
		d.set(string(bytes.TrimSpace(key)), value)
	}
	return d, application || d.hidden
}

// set takes one key over. A key that comes twice keeps its first value.
func (d *desktopEntry) set(key string, value []byte) {
	yes := string(value) == "true"
	switch key {
	case "Name":
		d.name = first(d.name, boundText(unescapeDesktop(value), maxDesktopText))
	case "Exec":
		if d.program == "" {
			d.program, d.plain = programOf(execWords(unescapeDesktop(value)))
		}
	case "Icon":
		d.icon = first(d.icon, boundText(unescapeDesktop(value), maxDesktopPath))
	case "X-Flatpak":
		d.flatpak = first(d.flatpak, boundText(string(value), maxDesktopText))
	case "X-SnapInstanceName":
		d.snap = first(d.snap, boundText(string(value), maxDesktopText))
	case "NoDisplay":
		d.shown = !yes
	case "Hidden":
		d.hidden = yes
	case "Terminal":
		d.terminal = yes
	case "Categories":
		for category := range bytes.SplitSeq(value, []byte(";")) {
			d.emulator = d.emulator || string(category) == "TerminalEmulator"
		}
	}
}

// boundText makes valid UTF-8 of at most limit bytes of a text from outside. A text
// that is too long is no name and no path: it is cut, not refused, so that something can be shown.
func boundText(s string, limit int) string {
	if len(s) > limit {
		s = s[:limit]
		for len(s) > 0 && !utf8.RuneStart(s[len(s)-1]) {
			s = s[:len(s)-1]
		}
		s = s[:max(0, len(s)-1)]
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// unescapeDesktop undoes the escapes of the values of the type string: \s \n \t \r \\.
func unescapeDesktop(value []byte) string {
	if bytes.IndexByte(value, '\\') < 0 {
		return string(value)
	}
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] != '\\' || i+1 == len(value) {
			b.WriteByte(value[i])
			continue
		}
		i++
		switch value[i] {
		case 's':
			b.WriteByte(' ')
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		case '\\':
			b.WriteByte('\\')
		default: // the escapes of quoted words are undone later
			b.WriteByte('\\')
			b.WriteByte(value[i])
		}
	}
	return b.String()
}

// execWords splits the value of Exec: words between blanks, some in double quotes, in which a backslash stands
// before ", `, $ and itself. A quote without an end reaches to the end.
func execWords(line string) []string {
	const maxWords = 32 // the program is among the first
	line = line[:min(len(line), 4*maxDesktopPath)]
	var words []string
	var word strings.Builder
	inWord, quoted := false, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '"':
			quoted, inWord = !quoted, true
		case c == '\\' && quoted && i+1 < len(line):
			i++
			word.WriteByte(line[i])
		case !quoted && (c == ' ' || c == '\t' || c == '\n'):
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		default:
			inWord = true
			word.WriteByte(c)
		}
		if len(words) == maxWords {
			return words
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	return words
}

// programOf finds the program among the words of Exec. plain: what follows it are only field codes ("%U").
// It is "" where the word names another program's work: a shell's line, a script of an interpreter.
func programOf(words []string) (program string, plain bool) {
	words = skipEnv(words)
	if len(words) == 0 {
		return "", false
	}
	program = words[0]
	if len(program) > maxDesktopPath || !utf8.ValidString(program) || runsOthers(path.Base(program)) {
		return "", false
	}
	for _, word := range words[1:] {
		if !isFieldCode(word) && word != "--" {
			return program, false
		}
	}
	return program, true
}

// skipEnv takes "env NAME=value ..." off the front.
func skipEnv(words []string) []string {
	if len(words) == 0 || path.Base(words[0]) != "env" {
		return words
	}
	for words = words[1:]; len(words) > 0; words = words[1:] {
		switch word := words[0]; {
		case word == "-u" || word == "-C":
			words = words[min(1, len(words)-1):] // and its argument
		case strings.HasPrefix(word, "-"):
		case strings.Contains(word, "=") && !strings.HasPrefix(word, "/"):
		default:
			return words
		}
	}
	return nil
}

// isFieldCode: "%f" and its like, and the two words that Flatpak puts around them.
func isFieldCode(word string) bool {
	return len(word) == 2 && word[0] == '%' || word == "@@" || word == "@@u"
}

// runsOthers: the program is only what starts the app.
func runsOthers(base string) bool {
	switch base {
	case "", ".", "/", "sh", "bash", "zsh", "fish", "dash", "xterm", "x-terminal-emulator", "xdg-open", "gtk-launch", "gio", "exo-open",
		"flatpak", "snap", "sudo", "pkexec", "gksu", "kdesu", "nohup", "setsid", "systemd-run", "systemctl", "dbus-send", "gdbus",
		"gapplication", "wine", "wine64", "proton", "steam-runtime", "distrobox", "distrobox-enter", "toolbox", "podman", "docker", "firejail",
		"prime-run", "optirun", "nixGL", "uwsm", "uwsm-app":
		return true
	}
	return isInterpreter(base)
}

// isInterpreter: a program of that name says nothing of what is run.
func isInterpreter(base string) bool {
	switch base {
	case "gjs", "gjs-console", "wish", "erl", "elixir", "php-fpm":
		return true
	}
	return interpreter(base) != nil
}
