package app

import (
	"slices"
	"strings"
)

// strength says how sure it is that what a name stands for is a secret.
type strength uint8

const (
	open   strength = iota // no secret
	maybe                  // a secret, unless the value says otherwise: "key", "auth"
	secret                 // "password", "token"
)

// secretWords, found at the end of a word, make the name one of a secret: "PGPASSWORD", "authToken".
var secretWords = []string{"password", "passwd", "passphrase", "passcode", "passwort", "secret", "token", "apikey", "accesskey", "privatekey",
	"secretkey", "masterkey", "accountkey", "authkey", "credential", "credentials", "secrets", "authorization", "bearer", "jwt", "cookie", "cookies", "signature",
	"requirepass", "masterauth", "sshpass", "storepass", "keypass", "dbpass", "rootpass", "userpass", "pgpass", "mysqlpwd",
	"dbpw", "rootpw", "adminpw", "userpw"}

// secretNames are words that have to stand alone: "bypass" and "design" are none.
var secretNames = []string{"pass", "pwd", "creds"}

// lastNames are the same where they end a name: "--sig-proxy" is about signals.
var lastNames = []string{"pw", "sig", "sas", "otp", "pat", "psk", "encrypt", "literal"}

// keyWords before "key" make it the name of a secret; any other key may be one.
var keyWords = []string{"api", "access", "secret", "private", "encryption", "master", "account", "shared", "signing", "license", "auth", "session", "storage",
	"admin", "service", "client", "consumer", "deploy", "app", "user", "server", "write", "ingest"}

// openWords at the end of a name say that it is about a secret and not one itself: "--token-file", "--password-stdin".
var openWords = []string{"file", "files", "path", "dir", "directory", "folder", "port", "host", "hostname", "url", "uri", "endpoint", "name", "type", "ttl", "timeout",
	"expiry", "expiration", "expires", "length", "len", "size", "policy", "count", "max", "min", "limit", "enabled", "disabled", "provider", "method", "mode", "algorithm", "alg",
	"manager", "header", "prompt", "stdin", "env", "format", "style", "plugin", "version", "issuer", "audience", "alias", "bits", "fd", "location", "class", "usage", "server",
	"service", "interval", "rotation", "check", "tokens", "budget", "per", "only", "jar", "domain", "secure", "store", "stores", "cache", "leeway", "required", "optional"}

// weigh says what a name stands for: the name of a flag, a variable, a parameter in a URL, a
// header, a Java property. Its words are told apart by signs and by capitals.
func weigh(name string) strength {
	words := nameWords(name)
	if len(words) == 0 {
		return open
	}
	last := words[len(words)-1]
	if slices.Contains(openWords, last) {
		return open
	}
	found := open
	for i, w := range words {
		switch {
		case endsIn(secretWords, w) || slices.Contains(secretNames, w) || i == len(words)-1 && slices.Contains(lastNames, w):
			return secret
		case w == "key" || w == "keys":
			if i > 0 && slices.Contains(keyWords, words[i-1]) {
				return secret
			}
			if i == len(words)-1 {
				found = maybe
			}
		case (w == "auth" || w == "session" || w == "code") && i == len(words)-1:
			found = maybe
		}
	}
	return found
}

// weighFlag is weigh for a flag that stands alone, without its dashes: its value is the next word.
// One or two letters mean something else in each program.
func weighFlag(name string) strength {
	name = strings.TrimLeft(name, "-")
	if len(name) < 3 && name != "pw" {
		return open
	}
	if strings.HasPrefix(name, "no-") || strings.HasPrefix(name, "disable-") || strings.HasPrefix(name, "enable-") || strings.HasPrefix(name, "with") {
		return open
	}
	return weigh(name)
}

// nameWords takes a name apart: "X-Amz-Signature", "spring.datasource.password", "apiKey", "AWS_SECRET_ACCESS_KEY".
func nameWords(name string) []string {
	const long = 128 // no name is; looking at the end will do
	if len(name) > long {
		name = name[len(name)-long:]
	}
	var words []string
	start := 0
	end := func(i int) {
		if i > start {
			words = append(words, strings.ToLower(name[start:i]))
		}
	}
	for i := range len(name) {
		c := name[i]
		switch {
		case !letter(c) && (c < '0' || c > '9'):
			end(i)
			start = i + 1
		case upper(c) && i > start && !upper(name[i-1]):
			end(i)
			start = i
		}
	}
	end(len(name))
	return words
}

func endsIn(list []string, w string) bool {
	for _, l := range list {
		if strings.HasSuffix(w, l) {
			return true
		}
	}
	return false
}

func upper(c byte) bool  { return 'A' <= c && c <= 'Z' }
func letter(c byte) bool { return upper(c) || 'a' <= c && c <= 'z' }

func nameByte(c byte) bool {
	return letter(c) || '0' <= c && c <= '9' || c == '_' || c == '-' || c == '.'
}

// harmless says whether the value of something that may be a secret is none: a path, a file
// with a key in it, a number, a word.
func harmless(value string) bool {
	value = strings.Trim(value, `"'`)
	for _, prefix := range []string{"/", "./", "../", "~", "$", "file:"} {
		if strings.HasPrefix(value, prefix) {
			return true
		}
	}
	for _, suffix := range []string{".pem", ".key", ".crt", ".cer", ".p12", ".pfx", ".json", ".yaml", ".yml", ".jks", ".pub", ".txt", ".conf"} {
		if strings.HasSuffix(value, suffix) {
			return true
		}
	}
	if isNumber(value) {
		return len(value) <= 6
	}
	if len(value) > 12 {
		return false
	}
	for i := range len(value) {
		if !letter(value[i]) {
			return false
		}
	}
	return true
}
