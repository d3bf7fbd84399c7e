package app

import (
	"slices"
	"strings"
)

// flags are those of one program whose short flags are secrets.
type flags struct {
	glued    []string // the secret follows in the same word: -pSECRET
	separate []string // the secret is the next word: -p SECRET
	only     string   // only after this word: "docker login -p SECRET", but "docker run -p 80:80"
	pair     string   // this flag takes user and password in the next word,
	by       string   // with this between them
}

var (
	mysqlFlags  = &flags{glued: []string{"-p"}}
	mongoFlags  = &flags{glued: []string{"-p"}, separate: []string{"-p"}}
	loginFlags  = &flags{separate: []string{"-p"}, only: "login"}
	ldapFlags   = &flags{glued: []string{"-w"}, separate: []string{"-w"}}
	sambaFlags  = &flags{pair: "-U", by: "%"}
	httpFlags   = &flags{pair: "-a", by: ":"}
	sqlFlags    = &flags{glued: []string{"-P"}, separate: []string{"-P"}}
	shadowFlags = &flags{separate: []string{"-k"}}
	zipFlags    = &flags{glued: []string{"-p", "-P"}, separate: []string{"-P"}}
)

// programs are the programs with such flags, by the base name.
var programs = map[string]*flags{
	"mysql": mysqlFlags, "mysqldump": mysqlFlags, "mysqladmin": mysqlFlags, "mysqlimport": mysqlFlags, "mysqlshow": mysqlFlags, "mysqlcheck": mysqlFlags,
	"mysqlslap": mysqlFlags, "mysqlbinlog": mysqlFlags, "mysqlpump": mysqlFlags, "mysqlsh": mysqlFlags, "mycli": mysqlFlags,
	"mariadb": mysqlFlags, "mariadb-dump": mysqlFlags, "mariadb-admin": mysqlFlags, "mariadb-backup": mysqlFlags, "mariabackup": mysqlFlags, "mariadb-import": mysqlFlags, "xtrabackup": mysqlFlags,
	"mongo": mongoFlags, "mongosh": mongoFlags, "mongodump": mongoFlags, "mongorestore": mongoFlags, "mongoexport": mongoFlags, "mongoimport": mongoFlags,
	"sshpass": mongoFlags, "cqlsh": mongoFlags, "rdesktop": mongoFlags, "kinit": {},
	"redis-cli": {separate: []string{"-a"}}, "valkey-cli": {separate: []string{"-a"}}, "keydb-cli": {separate: []string{"-a"}},
	"ldapsearch": ldapFlags, "ldapadd": ldapFlags, "ldapmodify": ldapFlags, "ldapdelete": ldapFlags, "ldapwhoami": ldapFlags, "ldappasswd": {separate: []string{"-w", "-s", "-a"}},
	"docker": loginFlags, "podman": loginFlags, "helm": loginFlags, "az": loginFlags, "oc": loginFlags, "buildah": loginFlags, "skopeo": loginFlags, "nerdctl": loginFlags, "cf": loginFlags,
	"smbclient": sambaFlags, "rpcclient": sambaFlags, "net": sambaFlags, "sqlcmd": sqlFlags, "bcp": sqlFlags, "isql": sqlFlags, "tsql": sqlFlags, "fisql": sqlFlags,
	"7z": zipFlags, "7za": zipFlags, "zip": zipFlags, "unzip": zipFlags,
	"xfreerdp": {glued: []string{"/p:"}}, "xfreerdp3": {glued: []string{"/p:"}}, "ipmitool": {separate: []string{"-P"}}, "snmpget": {separate: []string{"-c", "-A", "-X"}}, "snmpwalk": {separate: []string{"-c", "-A", "-X"}},
	"http": httpFlags, "https": httpFlags, "xh": httpFlags, "ab": {pair: "-A", by: ":"}, "lftp": {pair: "-u", by: ","}, "curl": {separate: []string{"-b"}},
	"ttyd": {pair: "-c", by: ":"}, "frpc": {separate: []string{"-t"}}, "transmission-daemon": {separate: []string{"-v"}},
	"ss-server": shadowFlags, "ss-local": shadowFlags, "ss-redir": shadowFlags, "ss-tunnel": shadowFlags, "ssserver": shadowFlags, "sslocal": shadowFlags,
	"mosquitto_pub": {separate: []string{"-P"}}, "mosquitto_sub": {separate: []string{"-P"}}, //nolint:misspell // Eclipse Mosquitto
	"ngrok": {}, "psql": {}, "ssh": {}, "node": {}, "python3": {}, // -p is a port, or code, in these
}

// ownFlag masks w when it is one of the program's own flags with a secret in it or behind it.
func (m *masker) ownFlag(w string) (shown string, ok bool) {
	f := m.program
	if f == nil {
		return "", false
	}
	if f.only != "" {
		if w == f.only {
			m.program = &flags{separate: f.separate}
		}
		return "", false
	}
	if f.pair != "" && m.before == f.pair {
		if user, _, found := strings.Cut(w, f.by); found {
			return user + f.by + mask, true
		}
	}
	if slices.Contains(f.separate, w) {
		m.next = secret
		return w, true
	}
	for _, g := range f.glued {
		// A second dash or a long name is another flag: "-port", "--password".
		if strings.HasPrefix(w, g) && len(w) > len(g) {
			return g + mask, true
		}
	}
	return "", false
}
