package app

import (
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// Command lines carry passwords and tokens, and a list of ports ends up in screenshots and
// bug reports. They are masked by what they look like: in doubt too much is masked, but ports,
// paths and ordinary flags stay readable.

// MaxLine bounds the command line that MaskLine returns, in bytes.
const MaxLine = 4096

const (
	// mask stands for what is not shown.
	mask = "***"
	// maxArgument bounds how much of one argument is looked at: what is shown of it is cut
	// only after it was masked, so that a secret is seen as a whole.
	maxArgument = 2 * MaxLine
	// maxArguments bounds how much of all of them is: a masked one may be short.
	maxArguments = 8 * MaxLine
	cut          = "…"
)

// MaskLine makes one text of a command line, with secrets replaced by "***". Arguments with a space or
// nothing in them are quoted. What is longer than MaxLine ends in "…". Nothing of args is kept.
func MaskLine(args []string) string {
	var line strings.Builder
	m := masker{}
	seen := 0
	for i, arg := range args {
		if line.Len() > MaxLine {
			break
		}
		if seen > maxArguments {
			line.WriteString(cut)
			break
		}
		long := len(arg) > maxArgument
		if long {
			arg = arg[:maxArgument]
		}
		seen += 1 + len(arg)
		if i > 0 {
			line.WriteByte(' ')
		}
		shown := m.argument(arg)
		// The first argument may be a title that the program gave itself, with spaces in it.
		if i > 0 && (shown == "" || strings.ContainsAny(shown, " \t\n")) {
			shown = "'" + shown + "'"
		}
		line.WriteString(shown)
		if long {
			line.WriteString(cut)
		}
	}
	return shorten(line.String(), MaxLine)
}

// shorten cuts a text to at most limit bytes, between two characters, and says so.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return strings.Clone(s) // not a part of the raw text, which would be kept with it
	}
	end := limit - len(cut)
	for end > 0 && limit-end < utf8.UTFMax+len(cut) && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + cut
}

// masker goes through a command line word by word.
type masker struct {
	program *flags   // the last program named that has flags of its own; nil: none
	next    strength // what the next word is, because of the flag before it
	before  string   // the last word
}

// argument masks one argument. One with spaces is looked at as a whole first ("Authorization: Bearer x"),
// then word by word, since it may be a script ("sh -c 'PGPASSWORD=x psql'").
func (m *masker) argument(arg string) string {
	if m.next != open || !strings.ContainsAny(arg, " \t\r\n") {
		return m.word(arg)
	}
	if i := strings.Index(arg, privateKey); i >= 0 {
		return arg[:i+len(privateKey)] + mask
	}
	shown, ok := m.whole(arg)
	if ok {
		return shown
	}
	shown = m.script(arg, wordLength)
	m.next = open // what a script leaves open does not reach into the next argument
	return shown
}

// script masks a text word by word. A quoted word is gone through once more without regard to its quotes, which
// may be apostrophes.
func (m *masker) script(text string, length func(string) int) string {
	var b strings.Builder
	for rest := text; rest != ""; {
		n := gap(rest)
		b.WriteString(rest[:n])
		if rest = rest[n:]; rest == "" {
			break
		}
		n = length(rest)
		shown := m.word(rest[:n])
		if strings.ContainsAny(shown, blanks) {
			shown = m.script(shown, plainLength)
		}
		b.WriteString(shown)
		rest = rest[n:]
	}
	return b.String()
}

// blanks separate the words of a script, and its commands.
const blanks = " \t\r\n|()"

// plainLength is the length of the word that s begins with, whatever is quoted.
func plainLength(s string) int {
	if n := strings.IndexAny(s, blanks); n >= 0 {
		return n
	}
	return len(s)
}

// whole masks an argument of which everything behind the first sign is the secret, with its spaces:
// --password=two words, Authorization: Bearer x. A script may begin like that too.
func (m *masker) whole(arg string) (shown string, ok bool) {
	i := strings.IndexAny(arg, "=:")
	if i < 0 || !plainName(arg[:i]) {
		return "", false
	}
	if weigh(arg[:i]) != secret {
		// --header=X-Api-Key: x
		if arg[i] == '=' && strings.HasPrefix(arg, "-") {
			shown, ok = m.whole(arg[i+1:])
			return arg[:i+1] + shown, ok
		}
		return "", false
	}
	if arg[i] == '=' && strings.HasPrefix(m.before, "-") && strings.HasSuffix(m.before, "c") && len(m.before) <= 4 {
		return "", false // sh -c, bash -lc
	}
	value := i + 1
	for value < len(arg) && arg[value] == ' ' {
		value++
	}
	if value == len(arg) || strings.HasPrefix(arg[i:], "://") {
		return "", false
	}
	return arg[:value] + mask, true
}

// plainName says whether s can be the name of a flag, a variable or a header.
func plainName(s string) bool {
	for i := range len(s) {
		if !nameByte(s[i]) {
			return false
		}
	}
	return s != ""
}

// gap is how many bytes of white space and of what separates commands s begins with.
func gap(s string) int {
	n := 0
	for n < len(s) && strings.IndexByte(blanks, s[n]) >= 0 {
		n++
	}
	return n
}

// wordLength is the length of the word that s begins with; quoted parts of it may hold spaces.
func wordLength(s string) int {
	var quote byte
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && strings.IndexByte(s[i+1:], c) >= 0:
			quote = c
		case strings.IndexByte(blanks, c) >= 0:
			return i
		}
	}
	return len(s)
}

// word masks one word.
func (m *masker) word(w string) string {
	strong := m.next
	m.next = open
	defer func() { m.before = w }()
	if m.assigns(w) {
		m.next = secret
		return w
	}
	if strong != open && !flagLike(w) && w != "" {
		if strong == secret && scheme(w) {
			m.next = secret // Authorization: Bearer x
			return w
		}
		if strong == secret || !harmless(w) {
			return mask
		}
	}
	if f, ok := programs[strings.TrimSuffix(path.Base(w), ".exe")]; ok {
		m.program = f
	}
	if shown, ok := m.ownFlag(w); ok {
		return shown
	}
	if name, ok := strings.CutPrefix(w, "-"); ok && plainName(name) {
		m.next = weighFlag(name)
		return maskTokens(w)
	}
	if name, ok := strings.CutSuffix(w, ":"); ok && plainName(name) && weigh(name) == secret {
		m.next = secret
		return w
	}
	if scheme(w) && (m.before == "" || strings.HasSuffix(m.before, ":") || strings.EqualFold(w, "bearer")) {
		m.next = secret
	}
	if bareName(w) {
		m.next = secret
	}
	return maskText(m.maskUserFlag(w))
}

// assigns says whether w stands between the name of a secret and its value, as in code: password = "x".
func (m *masker) assigns(w string) bool {
	switch w {
	case "=", ":", ":=", "=>":
		name := strings.Trim(m.before, `"'{[,$`)
		return plainName(name) && weigh(name) == secret
	}
	return false
}

// bareName says whether a word that is no flag has a secret behind it: "ngrok config add-authtoken x", "aws configure set
// aws_secret_access_key x", "npm config set //registry.npmjs.org/:_authToken x".
func bareName(w string) bool {
	switch w {
	case "authtoken", "requirepass", "masterauth", "password", "passwd", "passphrase":
		return true
	}
	name := w[strings.LastIndexAny(w, "/:")+1:]
	if !plainName(name) || !strings.ContainsAny(name, "_-") || strings.HasPrefix(w, "-") {
		return false
	}
	words := nameWords(name)
	return len(words) > 0 && weigh(name) == secret && weigh(words[len(words)-1]) != open
}

// userFlags take user:password in curl, wget, http and many more.
var userFlags = []string{"-u", "-U", "--user", "--proxy-user", "--userpass", "--basic", "--basic-auth", "--creds", "--auth-basic", "--login", "--rpc-login", "-E", "--cert"}

// maskUserFlag masks the password of -u user:password, -uuser:password, --user=user:password.
func (m *masker) maskUserFlag(w string) string {
	if slices.Contains(userFlags, m.before) {
		return maskAfterColon(w)
	}
	if flag, value, ok := strings.Cut(w, "="); ok && slices.Contains(userFlags, flag) {
		return flag + "=" + maskAfterColon(value)
	}
	if value, ok := strings.CutPrefix(w, "-u"); ok {
		return "-u" + maskAfterColon(value)
	}
	return w
}

// maskAfterColon masks the password of user:password. Two numbers are a user and a group.
func maskAfterColon(w string) string {
	user, password, ok := strings.Cut(w, ":")
	if !ok || password == "" || isNumber(password) || strings.HasPrefix(password, "//") {
		return w
	}
	return user + ":" + mask
}

// scheme says whether w announces credentials in an Authorization header.
func scheme(w string) bool {
	w = strings.Trim(w, `'"`)
	return strings.EqualFold(w, "bearer") || strings.EqualFold(w, "basic") || strings.EqualFold(w, "token") || strings.EqualFold(w, "apikey")
}

// flagLike says whether w looks like a flag of its own and not like the value of the one before.
func flagLike(w string) bool {
	if len(w) < 2 || w[0] != '-' {
		return false
	}
	if w[1] == '-' {
		return len(w) > 2 && letter(w[2])
	}
	return letter(w[1]) && (len(w) <= 3 || strings.ToLower(w) == w && len(w) <= 16)
}
