package app

import (
	"slices"
	"strings"
)

// maskText masks the secrets inside one word: name=value and "name": "value" with the name of a secret, the
// password of a URL, and what has the shape of a token.
func maskText(w string) string {
	if len(w) < 4 {
		return w
	}
	return maskTokens(maskValues(maskAccount(maskURLs(w))))
}

// notAccounts are what stands before a colon where no user's name does, though an "@" follows: npm:vite@5, mailto:alice@host.
var notAccounts = []string{"npm", "jsr", "mailto", "sip", "sips", "xmpp", "workspace", "github", "gitlab", "git", "file"}

// maskAccount masks the password of an account on a host without a scheme before it: alice:password@host:8080,
// alice:password@tcp(host:3306)/shop as Go's MySQL driver has it, jdbc:oracle:thin:alice/password@host.
func maskAccount(w string) string {
	at := strings.LastIndexByte(w, '@')
	if at < 0 || strings.Contains(w, "://") || strings.HasPrefix(w[at:], "@sha256:") {
		return w
	}
	start, sign := 0, byte(':')
	if i := strings.Index(w, "jdbc:oracle:"); i >= 0 {
		start, sign = i+len("jdbc:oracle:"), '/'
	}
	n := strings.IndexByte(w[start:max(start, at)], sign)
	if n < 0 {
		return w
	}
	end := start + n
	user := w[strings.LastIndexAny(w[:end], "=/,;:\"'<")+1 : end]
	password := w[end+1 : at]
	if user != "" && !plainName(user) || slices.Contains(notAccounts, user) || password == "" || strings.ContainsAny(password, "/ ") {
		return w
	}
	return w[:end+1] + mask + w[at:]
}

// maxAuthority bounds how far from "://" the "@" behind a password and the path of a web hook are looked for.
const maxAuthority = 1024

// maskURLs masks the credentials in URLs: scheme://user:password@host, and the
// secret paths of web hooks.
func maskURLs(w string) string {
	var b strings.Builder
	for {
		i := strings.Index(w, "://")
		if i < 0 {
			b.WriteString(w)
			return b.String()
		}
		b.WriteString(w[:i+3])
		w = w[i+3:]
		end := strings.IndexAny(w, "/?#,\"' ")
		if end < 0 {
			end = len(w)
		}
		authority := w[:end]
		at := strings.LastIndexByte(authority, '@')
		// A password may hold a slash, though it should not; then what follows the colon is no port.
		if at < 0 && strangePort(authority) {
			if at = strings.LastIndexByte(w[:min(len(w), maxAuthority)], '@'); at < 0 {
				at = end
			}
		}
		if at >= 0 {
			b.WriteString(maskUser(w[:at]))
			w = w[at:]
		}
		if end = webhook(w); end > 0 {
			b.WriteString(w[:end] + mask)
			w = w[end+hookLength(w[end:]):]
		}
	}
}

// strangePort says whether what follows the colon of an authority is no port.
func strangePort(authority string) bool {
	if strings.HasPrefix(authority, "[") {
		return false
	}
	_, port, ok := strings.Cut(authority, ":")
	return ok && port != "" && !isNumber(port)
}

// maskUser masks the password of user:password, and a user's name that is long enough to be a token.
func maskUser(info string) string {
	user, password, ok := strings.Cut(info, ":")
	const name = 20 // longer than the names of users
	if len(user) > name {
		user = mask
	}
	if !ok || password == "" {
		return user
	}
	return user + ":" + mask
}

// hooks are the paths behind which everything is secret: those of web hooks, bots and live streams.
var hooks = []string{"hooks.slack.com/services/", "/api/webhooks/", "api.telegram.org/bot", "/webhook/", "outlook.office.com/webhook/", ".twitch.tv/app/", ".youtube.com/live2/", "/rtmp/"}

// webhook gives where the secret of a web hook's address begins, 0 where w is none.
func webhook(w string) int {
	for _, h := range hooks {
		if i := strings.Index(w[:min(len(w), maxAuthority)], h); i >= 0 {
			return i + len(h)
		}
	}
	return 0
}

func hookLength(w string) int {
	if i := strings.IndexAny(w, "?#\"' ,"); i >= 0 {
		return i
	}
	return len(w)
}

// maskValues masks the values behind the names of secrets: name=value, name:value, "name":"value".
func maskValues(w string) string {
	var b strings.Builder
	done, start := 0, -1 // what is written; where the name under the eye begins
	for i := 0; i < len(w); i++ {
		c := w[i]
		if nameByte(c) {
			if start < 0 {
				start = i
			}
			continue
		}
		nameStart, nameEnd := start, i
		start = -1
		if nameStart < 0 {
			continue
		}
		// "name": the quote closes before the sign.
		sign := i
		if (c == '"' || c == '\'') && i+1 < len(w) && w[i+1] == ':' {
			sign = i + 1
		}
		value, ok := valueAt(w, sign)
		if !ok {
			continue
		}
		s := weighIn(w, nameStart, nameEnd, w[sign])
		if s == open {
			continue
		}
		end := valueEnd(w, value, nameStart)
		if scheme(w[value:end]) && end+1 < len(w) && w[end] == ' ' { // -H 'Authorization: Bearer x'
			end = valueEnd(w, end+1, nameStart)
		}
		if end == value || s == maybe && harmless(w[value:end]) {
			continue
		}
		b.WriteString(w[done:value] + mask)
		done, i = end, end-1
	}
	if done == 0 {
		return w
	}
	return b.String() + w[done:]
}

// valueAt gives where the value behind the sign begins, behind its quote.
func valueAt(w string, sign int) (value int, ok bool) {
	switch {
	case w[sign] == '=':
		value = sign + 1
	case w[sign] == ':' && !strings.HasPrefix(w[sign:], "://"):
		value = sign + 1
		for value < len(w) && w[value] == ' ' {
			value++
		}
	case strings.HasPrefix(w[sign:], "%3D"), strings.HasPrefix(w[sign:], "%3d"):
		value = sign + 3
	default:
		return 0, false
	}
	if value < len(w) && (w[value] == '"' || w[value] == '\'') {
		value++
	}
	return value, true
}

// weighIn weighs the name w[start:end]. A bare key is a secret in a URL, and the
// password of an OpenSSL option is behind "pass:".
func weighIn(w string, start, end int, sign byte) strength {
	s := weigh(w[start:end])
	if s == maybe && start > 0 && (w[start-1] == '?' || w[start-1] == '&') {
		return secret
	}
	if quoted := start > 0 && w[start-1] == '"'; s == maybe && sign == ':' && !quoted {
		return open // "key:" and "auth:" are parts of too many things; {"auth":"x"} is not
	}
	return s
}

// valueEnd gives where the value that begins at value ends. That of a name which the word begins
// with goes to the word's end.
func valueEnd(w string, value, nameStart int) int {
	if q := w[value-1]; q == '"' || q == '\'' {
		for i := value; i < len(w); i++ {
			switch w[i] {
			case '\\':
				i++
			case q:
				return i
			}
		}
		return len(w)
	}
	if nameStart == 0 {
		return len(w)
	}
	if i := strings.IndexAny(w[value:], "&;,\"' \t\n}"); i >= 0 {
		return value + i
	}
	return len(w)
}

// shape is how a kind of token begins, and how many characters at least follow.
type shape struct {
	prefix string
	least  int
}

// shapes are those of tokens that tell what they are. Sources: the secret scanning patterns that
// GitHub, GitLab, Slack, Stripe, AWS, Google and others document.
var shapes = []shape{
	{"ghp_", 16}, {"gho_", 16}, {"ghu_", 16}, {"ghs_", 16}, {"ghr_", 16}, {"github_pat_", 16}, {"glpat-", 12}, {"gldt-", 12}, {"glrt-", 12}, {"glsa_", 16},
	{"xoxa-", 8}, {"xoxb-", 8}, {"xoxe-", 8}, {"xoxo-", 8}, {"xoxp-", 8}, {"xoxr-", 8}, {"xoxs-", 8}, {"xapp-", 8}, {"xoxc-", 8}, {"xoxd-", 8},
	{"sk_live_", 8}, {"sk_test_", 8}, {"rk_live_", 8}, {"rk_test_", 8}, {"whsec_", 12}, {"sk-ant-", 12}, {"sk-proj-", 12}, {"sk-or-", 12}, {"sk-", 20},
	{"AKIA", 16}, {"ASIA", 16}, {"AIza", 30}, {"ya29.", 16}, {"GOCSPX-", 12}, {"npm_", 20}, {"pypi-", 20}, {"dop_v1_", 20}, {"SG.", 30}, {"hf_", 20},
	{"shpat_", 16}, {"shpss_", 16}, {"hvs.", 16}, {"hvb.", 16}, {"dckr_pat_", 12}, {"tskey-", 12}, {"AGE-SECRET-KEY-", 16}, {"PMAK-", 16}, {"lin_api_", 16}, {"ntn_", 20},
	{"dapi", 32}, {"rubygems_", 16}, {"vercel_", 20}, {"sbp_", 20}, {"figd_", 16}, {"atlasv1.", 16}, {"cfat_", 16}, {"eyJ", 30},
}

// privateKey begins a key in the PEM format (RFC 7468).
const privateKey = "PRIVATE KEY-----"

// maskTokens masks what has the shape of a token, wherever it is.
func maskTokens(w string) string {
	if i := strings.Index(w, privateKey); i >= 0 {
		return w[:i+len(privateKey)] + mask
	}
	var b strings.Builder
	done, before := 0, byte(0)
	for i := 0; i < len(w); i++ {
		c := w[i]
		if !nameByte(before) || before == '-' || before == '.' || before == '_' {
			if prefix, n := tokenAt(w[i:]); n > 0 {
				b.WriteString(w[done:i+prefix] + mask)
				done = i + n
				i = done - 1
				before = 0
				continue
			}
		}
		before = c
	}
	if done == 0 {
		return w
	}
	return b.String() + w[done:]
}

// tokenAt gives how long the token is that s begins with, and its prefix; 0 where there is none.
func tokenAt(s string) (prefix, length int) {
	for _, sh := range shapes {
		if s[0] != sh.prefix[0] || !strings.HasPrefix(s, sh.prefix) {
			continue
		}
		n := len(sh.prefix)
		for n < len(s) && nameByte(s[n]) {
			n++
		}
		if n-len(sh.prefix) >= sh.least {
			return len(sh.prefix), n
		}
	}
	return 0, 0
}
