package restart

import (
	"os/exec"
	"strings"
	"testing"
)

// hostile are names that would do something else if they reached a shell as they are.
var hostile = []string{
	"x; touch /tmp/owned", "$(touch owned)", "`touch owned`", "a b", "x\ntouch owned", "x'; touch owned; '", `x\'; touch owned; \'`, `x\\`, `\`,
	"--help", "-rf", "x && y", "x|y", "x>y", "~root", "=ls", "%1", "!!", "x!y", "#", "*", "?", "[a]", "{a,b}", "\x1b[2J", "\u202ex", "\u200bx",
	"x\x00y", "\xff", "", " ", "'", `"`, "a'b", `dev-disk-by\x2duuid.service`, `a\ b`, "ä.service", "$HOME", "${x}", "$'\\n'", strings.Repeat("a", 600),
}

// TestQuote: what is offered comes through a real shell as the one word that it was.
func TestQuote(t *testing.T) {
	for _, word := range append(hostile, "postgresql.service", "getty@tty1.service", "gui/501/com.example.job") {
		checkQuote(t, word)
	}
}

func checkQuote(t *testing.T, word string) {
	t.Helper()
	quoted, ok := quote(word)
	if !ok {
		if quoted != "" {
			t.Errorf("quote(%q) refuses and gives %q", word, quoted)
		}
		return
	}
	for _, shell := range []string{"sh", "bash"} {
		out, err := exec.Command(shell, "-c", "printf '<%s>' "+quoted).Output()
		if err != nil || string(out) != "<"+word+">" {
			t.Errorf("%s reads %s as %q, want %q; %v", shell, quoted, out, word, err)
		}
	}
}

func TestQuoteRefuses(t *testing.T) {
	for _, word := range []string{"", "-x", "--help", "a'b", "x!y", "a\nb", "\x1b[2J", "\u202ex", "\x00", "\xff", `a\`, `a\\b`, strings.Repeat("a", 600)} {
		if quoted, ok := quote(word); ok {
			t.Errorf("quote(%q) = %s", word, quoted)
		}
	}
}

// FuzzQuote: without starting a shell each time, what is let through holds nothing that ends the quotes.
func FuzzQuote(f *testing.F) {
	for _, word := range hostile {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, word string) {
		quoted, ok := quote(word)
		if !ok {
			return
		}
		inside := strings.TrimSuffix(strings.TrimPrefix(quoted, "'"), "'")
		if inside != word || strings.Contains(inside, "'") || strings.HasSuffix(inside, `\`) || strings.HasPrefix(quoted, "-") {
			t.Errorf("quote(%q) = %s", word, quoted)
		}
		if quoted == word && strings.ContainsAny(word, " \t\n;&|<>()$`\\\"'*?[]{}#~=%!^") {
			t.Errorf("quote(%q) is bare", word)
		}
	})
}
