package main

import (
	"portolan/internal/export"
	"portolan/internal/restart"
	"portolan/internal/table"
)

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
	out := killedJSON{Process: export.NewProcess(t.process), Ports: []heldJSON{}, Outcome: o.word, Causes: causesAsJSON(t.causes)}
	for _, h := range t.held {
		s := h.Socket
		out.Ports = append(out.Ports, heldJSON{s.Protocol.String(), export.NewAddress(s.Local), export.NewRemote(s), s.State.String(), h.Shared == 0})
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
