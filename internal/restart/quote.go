package restart

import (
	"strconv"
	"strings"

	"portolan/internal/table"
)

// maxWord is the longest word of a command that is offered, in bytes.
const maxWord = 512

// quote makes one word of a command to be copied. The names come from whoever made the unit, the
// container or the process, and the shell is not known: so only text that all of them (sh, bash,
// zsh, fish) read as one plain word is quoted, and for anything else there is no command.
func quote(word string) (string, bool) {
	switch {
	case word == "", len(word) > maxWord, word[0] == '-', table.Clean(word) != word:
		return "", false // an option, or what could not be seen or would steer the terminal
	case plainWord(word):
		return word, true
	case strings.ContainsAny(word, "'!"):
		return "", false // ends the quotes, or is history to csh
	case strings.Contains(word, `\\`), strings.HasSuffix(word, `\`):
		return "", false // fish reads \\ and \' in single quotes
	}
	return "'" + word + "'", true
}

// plainWord: no shell sees more in it than what it is.
func plainWord(word string) bool {
	return strings.IndexFunc(word, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune("_.:/@-", r)
	}) < 0
}

// command puts a command together from words of ours and those of others; "" when one of theirs cannot be quoted.
func command(ours string, theirs ...string) string {
	words := []string{ours}
	for _, word := range theirs {
		quoted, ok := quote(word)
		if !ok {
			return ""
		}
		words = append(words, quoted)
	}
	return strings.Join(words, " ")
}

// end is the command that ends a process.
func (x *Explainer) end(pid, uid int) string {
	if pid <= 1 {
		return ""
	}
	return x.asUser(uid, "kill "+strconv.Itoa(pid))
}

// asUser puts sudo before a command that only uid may give, unless that is us, or we are root.
func (x *Explainer) asUser(uid int, command string) string {
	if command == "" || x.uid == 0 || x.uid == uid {
		return command
	}
	return "sudo " + command
}
