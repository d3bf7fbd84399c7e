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
	"portolan/internal/restart"
	"portolan/internal/table"
)

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
		Work:       workAsJSON(p.Work),
	}
	if !p.Started.IsZero() {
		started := p.Started.UTC().Truncate(time.Millisecond)
		d.Started = &started
	}
	return d
}

func appAsJSON(a app.App) appJSON {
	out := appJSON{
		Name:     table.Clean(a.Name),
		Path:     table.Clean(a.Path),
		Kind:     a.Kind.String(),
		ID:       table.Clean(a.ID),
		Unit:     table.Clean(a.Unit),
		UserUnit: a.UserUnit,
		In:       table.Clean(a.In),
	}
	if a.Kind == app.Container {
		out.Container = &containerJSON{ID: out.ID, Name: out.Name, Image: table.Clean(a.Image), Runtime: table.Clean(a.Runtime)}
	}
	return out
}

func workAsJSON(w app.Work) workJSON {
	return workJSON{Title: table.Clean(w.Title), Command: table.Clean(w.Line), Directory: table.Clean(w.Dir), Project: table.Clean(w.Project)}
}

func causesAsJSON(causes []restart.Cause) []causeJSON {
	out := make([]causeJSON, 0, len(causes))
	for _, c := range causes {
		out = append(out, causeJSON{Kind: causeKinds[c.Kind], By: table.Clean(c.By), Text: table.Clean(c.Text), Stop: table.Clean(c.Stop), Returns: c.Returns})
	}
	return out
}

var causeKinds = map[restart.Kind]string{
	restart.Systemd: "systemd", restart.Launchd: "launchd", restart.Container: "container",
	restart.Supervisor: "supervisor", restart.Forwarder: "forwarder",
}

func killedAsJSON(t target, o outcome) killedJSON {
	out := killedJSON{processJSON: processJSON{PID: t.process.PID, descriptionJSON: describeAsJSON(t.process)}, Ports: []heldJSON{}, Outcome: o.word, Causes: causesAsJSON(t.causes)}
	for _, h := range t.held {
		s := h.Socket
		out.Ports = append(out.Ports, heldJSON{s.Protocol.String(), addressAsJSON(s.Local), remoteAsJSON(s), s.State.String(), h.Shared == 0})
	}
	if o.err != nil {
		out.Error = table.Clean(o.err.Error())
	}
	return out
}

func refusedAsJSON(p plan) []refusedJSON {
	out := []refusedJSON{}
	for _, r := range p.refused {
		one := refusedJSON{Argument: r.argument, Error: table.Clean(r.why), ExitCode: r.code}
		if r.process != nil {
			one.PID = r.process.PID
		}
		out = append(out, one)
	}
	return out
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
