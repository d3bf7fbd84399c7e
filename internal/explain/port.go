package explain

import (
	"fmt"
	"strings"

	"portolan/internal/port"
)

// Port explains a port number: what is usually there, what IANA's registry says, and whether this
// system hands it out by itself.
func Port(number uint16, f Facts) Topic {
	say := f.phrases()
	t := Topic{ID: fmt.Sprint(number), Title: fmt.Sprintf(say.port, number), See: []string{"listening"}}
	t.Short = say.usual(number)
	parts := append(say.registered(number), say.handedOut(number, f.Ephemeral)...)
	if number < 1024 {
		parts = append(parts, say.low)
	}
	t.Text = strings.Join(parts, " ")
	switch f.System {
	case "linux":
		t.Verify = []string{fmt.Sprintf("ss -tulnp 'sport = :%d'", number)}
	case "darwin":
		t.Verify = []string{fmt.Sprintf("lsof -nP -i :%d", number)}
	}
	if f.Ephemeral.Contains(number) && f.Ephemeral.First > 0 {
		t.See = append(t.See, "ephemeral")
	}
	return t
}

// phrases are the sentences about ports in one language. Their verbs stand in the same order in each.
type phrases struct {
	port, one, none, both                   string
	iana, ianaNone, dynamic                 string
	inRange, reserved, outside, unknownEnds string
	high, nothing                           string
	allKept, oneKept, someKept              string
	low                                     string
	held, free                              string
}

var english = phrases{
	port: "Port %d", one: "Usually found there: %s.", both: "Usually found there: %s (TCP) and %s (UDP).", none: "No service is usually found there.",
	iana: "IANA has set it aside for %s (%s).", ianaNone: "Nobody has registered it with IANA.",
	dynamic:  "It is one of the dynamic ports of IANA's registry (49152 to 65535), which are nobody's.",
	inRange:  "It lies in the range from which this system hands out ports by itself (%d to %d): a connection that goes out may have it, and a server there may find it taken.",
	reserved: "It lies between %d and %d, from where this system hands out ports by itself, but is kept out of that.",
	outside:  "This system does not hand it out by itself (it does so from %d to %d): who has it asked for it.", unknownEnds: "From which ports this system hands out its own is not known.",
	high:    "This system hands it out only to a program that asks for a high port; to others it hands out %d to %d.",
	nothing: "This system hands out no port by itself now: all from %d to %d are reserved.",
	allKept: "All of these are reserved: it has none to hand out now, and new connections fail.",
	oneKept: "One of these is reserved and is not handed out.", someKept: "%d of these are reserved and are not handed out.",
	low:  "On Linux only root, or who has the right to, may wait on ports below 1024; on macOS everybody may on all addresses at once.",
	held: "Now: %s.", free: "Nobody waits on it now.",
}

var german = phrases{
	port: "Port %d", one: "Dort ist gewöhnlich: %s.", both: "Dort ist gewöhnlich: %s (TCP) und %s (UDP).", none: "Dort ist gewöhnlich kein bestimmter Dienst.",
	iana: "Die IANA hat ihn für %s vorgesehen (%s).", ianaNone: "Bei der IANA hat ihn niemand eintragen lassen.",
	dynamic:  "Er ist einer der dynamischen Ports im Verzeichnis der IANA (49152 bis 65535), die niemandem gehören.",
	inRange:  "Er liegt in dem Bereich, aus dem dieses System selbst Ports vergibt (%d bis %d): Eine ausgehende Verbindung kann ihn haben, und ein Server dort kann ihn belegt finden.",
	reserved: "Er liegt zwischen %d und %d, von wo dieses System selbst Ports vergibt, ist davon aber ausgenommen.",
	outside:  "Dieses System vergibt ihn nicht von selbst (das tut es von %d bis %d): Wer ihn hat, hat ihn verlangt.", unknownEnds: "Aus welchem Bereich dieses System selbst Ports vergibt, ist nicht bekannt.",
	high:    "Diesen Port vergibt dieses System nur an ein Programm, das einen hohen Port verlangt; an andere vergibt es %d bis %d.",
	nothing: "Dieses System vergibt zurzeit keinen Port von selbst: Alle von %d bis %d sind reserviert.",
	allKept: "Davon sind alle reserviert: Zurzeit hat es keinen zu vergeben, und neue Verbindungen scheitern.",
	oneKept: "Davon ist einer reserviert und wird nicht vergeben.", someKept: "Davon sind %d reserviert und werden nicht vergeben.",
	low:  "Unter Linux darf nur root, oder wer das Recht dazu hat, auf Ports unter 1024 warten; unter macOS darf es jeder auf allen Adressen zugleich.",
	held: "Jetzt: %s.", free: "Niemand wartet jetzt darauf.",
}

func (f Facts) phrases() *phrases {
	if f.Spoken() == "de" {
		return &german
	}
	return &english
}

func (p *phrases) usual(number uint16) string {
	tcp, udp := port.Service("tcp", number), port.Service("udp", number)
	switch {
	case tcp == "" && udp == "":
		return p.none
	case tcp == udp || udp == "":
		return fmt.Sprintf(p.one, tcp)
	case tcp == "":
		return fmt.Sprintf(p.one, udp+" (UDP)")
	default:
		return fmt.Sprintf(p.both, tcp, udp)
	}
}

func (p *phrases) registered(number uint16) []string {
	var parts []string
	tcp, hasTCP := port.Registered("tcp", number)
	udp, hasUDP := port.Registered("udp", number)
	if hasTCP {
		parts = append(parts, p.registration(tcp, "TCP", hasUDP && tcp == udp))
	}
	if hasUDP && (!hasTCP || tcp != udp) {
		parts = append(parts, p.registration(udp, "UDP", false))
	}
	if number >= 49152 {
		return append(parts, p.dynamic)
	}
	if len(parts) == 0 {
		parts = append(parts, p.ianaNone)
	}
	return parts
}

func (p *phrases) registration(r port.Registration, protocol string, both bool) string {
	if both {
		protocol = "TCP, UDP"
	}
	name := r.Name
	switch {
	case name == "":
		name = r.Description
	case r.Description != "" && !strings.EqualFold(r.Description, r.Name):
		name += ", " + r.Description
	}
	return fmt.Sprintf(p.iana, name, protocol)
}

// handedOut says whether the system gives the port to who asks for any, as Range.Given tells it.
func (p *phrases) handedOut(number uint16, r port.Range) []string {
	given, text := r.Given(), p.outside
	switch {
	case !given.Known():
		return []string{p.unknownEnds}
	case given.Count() == 0:
		text = p.nothing
	case given.Contains(number):
		text = p.inRange
	case given.First <= number && number <= given.Last:
		text = p.reserved
	case r.Contains(number):
		text = p.high
	}
	return []string{fmt.Sprintf(text, given.First, given.Last)}
}

// Holders says who waits on a port now, as in "Now: node (PID 812).", or that nobody does.
func Holders(who string, f Facts) string {
	if who == "" {
		return f.phrases().free
	}
	return fmt.Sprintf(f.phrases().held, who)
}
