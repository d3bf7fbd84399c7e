package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
	"portolan/internal/table"
)

// The JSON that portctl prints. It is a contract with scripts: fields are added,
// never renamed, removed or given another meaning. The golden tests hold it fast.

type listJSON struct {
	Taken   moment       `json:"taken"`
	Host    string       `json:"host"`
	Hidden  hiddenJSON   `json:"hidden"`
	Sockets []socketJSON `json:"sockets"`
}

type hiddenJSON struct {
	Sockets   int    `json:"sockets"`
	Processes int    `json:"processes"`
	Reason    string `json:"reason"`
	Owners    int    `json:"owners"`
	Skipped   int    `json:"skipped"`
}

type socketJSON struct {
	ID         string       `json:"id"` // hexadecimal: JavaScript's numbers cannot hold 64 bits
	Protocol   string       `json:"protocol"`
	Family     string       `json:"family"`
	Local      addressJSON  `json:"local"`
	Remote     *addressJSON `json:"remote"` // null unless connected
	State      string       `json:"state"`
	DualStack  bool         `json:"dual_stack"`
	Ephemeral  bool         `json:"ephemeral"`
	Exposure   string       `json:"exposure"`
	Service    string       `json:"service"`
	UID        int          `json:"uid"` // -1 when not known
	User       string       `json:"user"`
	RxBytes    uint64       `json:"rx_bytes"`
	TxBytes    uint64       `json:"tx_bytes"`
	Owners     []ownerJSON  `json:"owners"`
	Absence    string       `json:"absence"` // why owners is empty: kernel, concealed; "" when it is not
	OnBehalfOf *processJSON `json:"on_behalf_of"`
}

type addressJSON struct {
	Address string `json:"address"`
	Port    uint16 `json:"port"`
}

type ownerJSON struct {
	PID int    `json:"pid"`
	By  string `json:"by"`
	descriptionJSON
}

type processJSON struct {
	PID int `json:"pid"`
	descriptionJSON
}

type descriptionJSON struct {
	Started    *time.Time `json:"started"` // null when not known
	Name       string     `json:"name"`
	Executable string     `json:"executable"`
	User       string     `json:"user"`
	App        appJSON    `json:"app"`
}

type appJSON struct {
	Name string `json:"name"`
	Path string `json:"path"`
	Kind string `json:"kind"` // executable, bundle; "" when there is no app
}

// appsJSON is what `list --by-app --json` prints.
type appsJSON struct {
	Taken  moment         `json:"taken"`
	Host   string         `json:"host"`
	Hidden hiddenJSON     `json:"hidden"`
	Apps   []appCountJSON `json:"apps"`
}

type appCountJSON struct {
	appJSON
	Processes   int      `json:"processes"`
	Sockets     int      `json:"sockets"`
	Listening   int      `json:"listening"`
	Established int      `json:"established"`
	Ephemeral   int      `json:"ephemeral"`
	Closing     int      `json:"closing"`
	Ports       []uint16 `json:"ports"` // that it listens on, in order
}

// eventJSON is a line of `watch --json` after the first.
type eventJSON struct {
	Event  string     `json:"event"` // opened, changed, closed
	Taken  moment     `json:"taken"`
	Socket socketJSON `json:"socket"`
}

// snapshotEventJSON is the first line of `watch --json`.
type snapshotEventJSON struct {
	Event string `json:"event"` // snapshot
	listJSON
}

// killJSON is what `kill --json` prints.
type killJSON struct {
	DryRun    bool             `json:"dry_run"`
	Signal    string           `json:"signal"`
	Processes []killedJSON     `json:"processes"`
	Refused   []refusedJSON    `json:"refused"`
	Ports     []portStatusJSON `json:"ports"`
	ExitCode  int              `json:"exit_code"`
}

type killedJSON struct {
	processJSON
	Ports   []heldJSON `json:"ports"`   // all that it holds
	Outcome string     `json:"outcome"` // ended, already-ended, not-permitted, protected, still-running, failed; would-end in a dry run
	Error   string     `json:"error"`   // "" when it has ended
}

type heldJSON struct {
	Protocol string       `json:"protocol"`
	Local    addressJSON  `json:"local"`
	Remote   *addressJSON `json:"remote"`
	State    string       `json:"state"`
	// Closes is false when a process that is not to be ended holds it too.
	Closes bool `json:"closes"`
}

type refusedJSON struct {
	Argument string `json:"argument"`
	PID      int    `json:"pid"` // 0 when no process is known
	Error    string `json:"error"`
	ExitCode int    `json:"exit_code"`
}

type portStatusJSON struct {
	Port   uint16      `json:"port"`
	Free   bool        `json:"free"` // nothing listens on it, and no UDP socket is bound to it
	Owners []ownerJSON `json:"owners"`
	// Connections counts the TCP connections with this local port that are still there, TIME_WAIT included.
	Connections int `json:"connections"`
}

// errorJSON goes to standard error when --json is given.
type errorJSON struct {
	Error    string `json:"error"`
	ExitCode int    `json:"exit_code"`
}

type versionJSON struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	System  string `json:"system"`
}

// moment is a time in UTC with milliseconds, always all three digits: so the texts sort as the times do.
type moment struct{ time.Time }

// MarshalJSON is of json.Marshaler; what it writes, time.Time reads.
func (m moment) MarshalJSON() ([]byte, error) {
	return []byte(m.UTC().Format(`"2006-01-02T15:04:05.000Z"`)), nil
}

func socketAsJSON(s *netstat.Socket, ephemeral port.Range) socketJSON {
	out := socketJSON{
		ID:        strconv.FormatUint(s.ID, 16),
		Protocol:  s.Protocol.String(),
		Family:    family(s.Local.Addr()),
		Local:     addressAsJSON(s.Local),
		Remote:    remoteAsJSON(s),
		State:     s.State.String(),
		DualStack: s.DualStack,
		Ephemeral: table.Ephemeral(s, ephemeral),
		Exposure:  table.Exposure(s).String(),
		Service:   table.Service(s, ephemeral),
		UID:       s.UID,
		User:      table.Clean(s.User),
		RxBytes:   s.RxBytes,
		TxBytes:   s.TxBytes,
		Owners:    ownersAsJSON(s.Owners),
		Absence:   s.Absence.String(),
	}
	if s.OnBehalfOf != nil {
		out.OnBehalfOf = &processJSON{PID: s.OnBehalfOf.PID, descriptionJSON: describeAsJSON(s.OnBehalfOf)}
	}
	return out
}

func ownersAsJSON(owners []netstat.Owner) []ownerJSON {
	out := make([]ownerJSON, 0, len(owners))
	for _, o := range owners {
		out = append(out, ownerJSON{PID: o.Process.PID, By: o.By.String(), descriptionJSON: describeAsJSON(o.Process)})
	}
	return out
}

func describeAsJSON(p *process.Process) descriptionJSON {
	d := descriptionJSON{
		Name:       table.Clean(p.Name),
		Executable: table.Clean(p.Executable),
		User:       table.Clean(p.User),
		App:        appAsJSON(p.App),
	}
	if !p.Started.IsZero() {
		started := p.Started.UTC().Truncate(time.Millisecond)
		d.Started = &started
	}
	return d
}

func appAsJSON(a app.App) appJSON {
	return appJSON{Name: table.Clean(a.Name), Path: table.Clean(a.Path), Kind: a.Kind.String()}
}

func addressAsJSON(a netip.AddrPort) addressJSON {
	return addressJSON{Address: table.Clean(a.Addr().String()), Port: a.Port()}
}

func remoteAsJSON(s *netstat.Socket) *addressJSON {
	if !s.Remote.IsValid() {
		return nil
	}
	remote := addressAsJSON(s.Remote)
	return &remote
}

func family(a netip.Addr) string {
	if a.Is4() {
		return "ipv4"
	}
	return "ipv6"
}

func hiddenAsJSON(h netstat.Hidden) hiddenJSON {
	return hiddenJSON{Sockets: h.Sockets, Processes: h.Processes, Reason: table.Clean(h.Reason), Owners: h.Owners, Skipped: h.Skipped}
}

// printJSON writes v as one line.
func printJSON(w io.Writer, v any) error {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("encode JSON: %w", err)
	}
	_, err := w.Write(escapeUnseen(text.Bytes()))
	return err
}

// escapeUnseen writes what a terminal would act on or not show (DEL, the C1 controls, bidi
// marks, zero-width characters, line separators) as \u escapes, which mean the same in JSON.
// encoding/json does so for the controls below 32 only. Outside of strings JSON has none of these.
func escapeUnseen(text []byte) []byte {
	unseen := func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }
	if !bytes.ContainsFunc(text, unseen) {
		return text
	}
	out := make([]byte, 0, len(text)+64)
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case !unseen(r):
			out = append(out, text[:size]...)
		case r > 0xffff:
			high, low := (r-0x10000)>>10+0xd800, (r-0x10000)&0x3ff+0xdc00
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		text = text[size:]
	}
	return out
}
