package watch

import (
	"encoding/json"
	"errors"
	"fmt"

	"portolan/internal/netstat"
)

// maxFile is the size in bytes of the longest text that Decode reads: MaxPorts rules and maxSeen keys are far less.
const maxFile = 2 << 20

// file is how rules are kept. Names are only added, so that every version reads what another one kept.
type file struct {
	Ports     []filePort       `json:"ports"`
	Newcomers bool             `json:"newcomers"`
	Learned   bool             `json:"learned"`
	Seen      map[string]int64 `json:"seen"`
}

type filePort struct {
	Port     uint16 `json:"port"`
	Protocol string `json:"protocol"` // "tcp", "udp", "" for either
	Taken    bool   `json:"taken"`
	Free     bool   `json:"free"`
	Off      bool   `json:"off"`
}

// Encode gives the rules as JSON, as Decode reads them.
func Encode(r Rules) string {
	f := file{Ports: []filePort{}, Newcomers: r.Newcomers, Learned: r.Seen.learned, Seen: r.Seen.days}
	for _, p := range r.Ports {
		one := filePort{Port: p.Number, Taken: p.Taken, Free: p.Free, Off: p.Off}
		if p.Protocol != 0 {
			one.Protocol = p.Protocol.String()
		}
		f.Ports = append(f.Ports, one)
	}
	text, err := json.Marshal(f)
	if err != nil { // there is nothing in it that JSON cannot say
		return "{}"
	}
	return string(text)
}

// Decode reads rules that were kept. What makes no sense is left out, and the error says that there was
// something; the rules are good in any case. An empty text is no rules.
func Decode(text string) (Rules, error) {
	switch {
	case text == "":
		return Rules{}, nil
	case len(text) > maxFile:
		return Rules{}, fmt.Errorf("read the watch rules: %d bytes are too many", len(text))
	}
	var parts map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &parts); err != nil {
		return Rules{}, fmt.Errorf("read the watch rules: %w", err)
	}
	var r Rules
	var errs []error
	part := func(name string, into any) bool {
		raw, there := parts[name]
		if !there {
			return false
		}
		err := json.Unmarshal(raw, into)
		if err != nil {
			errs = append(errs, fmt.Errorf("read the watch rules: %s: %w", name, err))
		}
		return err == nil
	}
	part("newcomers", &r.Newcomers)
	var seen map[string]int64
	if part("seen", &seen) { // else it is learned anew
		r.Seen.days = sensible(seen)
		part("learned", &r.Seen.learned)
	}
	var ports []json.RawMessage
	part("ports", &ports)
	for _, raw := range ports {
		p, err := decodePort(raw)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		r = r.With(p)
	}
	if len(errs) > 3 {
		errs = append(errs[:3], fmt.Errorf("and %d more", len(errs)-3))
	}
	return r, errors.Join(errs...)
}

func decodePort(raw json.RawMessage) (Port, error) {
	var f filePort
	if err := json.Unmarshal(raw, &f); err != nil {
		return Port{}, fmt.Errorf("read a watched port: %w", err)
	}
	p := Port{Number: f.Port, Taken: f.Taken, Free: f.Free, Off: f.Off}
	switch f.Protocol {
	case "":
	case "tcp":
		p.Protocol = netstat.TCP
	case "udp":
		p.Protocol = netstat.UDP
	default:
		return Port{}, fmt.Errorf("read a watched port: %.20q is no protocol", f.Protocol)
	}
	if p.Number == 0 {
		return Port{}, errors.New("read a watched port: 0 is no port")
	}
	return p, nil
}

// sensible keeps what note could have made.
func sensible(days map[string]int64) map[string]int64 {
	kept := make(map[string]int64, min(len(days), maxSeen))
	for key, on := range days {
		if len(kept) == maxSeen {
			break
		}
		if len(key) <= maxKey && on >= 0 {
			kept[key] = on
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return kept
}
