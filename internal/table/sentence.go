package table

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"portolan/internal/app"
	"portolan/internal/history"
	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
)

// Sentence says in plain words what the socket of a row is: "Your process node (PID 812)
// accepts connections from the whole network on TCP port 3000 since 10:42. It has been running since 10:40." s is the
// snapshot that the row is of, me the user who reads it (-1: nobody), and past tells when the socket was first seen
// (nil: that is not said). "" for a group's row, see GroupSentence.
func Sentence(r *Row, s *netstat.Snapshot, me int, past *history.History) string {
	if r.Socket == nil || s == nil {
		return ""
	}
	if r.Owner == nil {
		_, why := Ownerless(r.Socket, s, r.TimeWait())
		return why
	}
	p := r.Owner.Process
	switch r.Owner.By {
	case netstat.ByLaunchd:
		return sentences(language.F("launchd waits on %s port %d, for %s, and starts the service behind it at the first connection.",
			protocolText(r.Socket), r.Socket.Local.Port(), reach(r.Socket)), chosen(r))
	case netstat.ByLastUse:
		return sentences(language.F("%s was the last to use a socket that %s. macOS does not let this user see who holds it.",
			upperFirst(Who(p, me)), deed(r, s)), chosen(r))
	}
	shared := ""
	if others := len(r.Socket.Owners) - 1; others > 0 {
		shared = language.N("It shares the socket with %d other process.", "It shares the socket with %d other processes.", others)
	}
	return sentences(dated(upperFirst(Who(p, me))+" "+deed(r, s), r.Socket, s, past)+".", chosen(r), shared, running(p, s))
}

// chosen says of a socket that waits who chose its port, where that was the system; "" of all others. Only macOS marks
// such ports: elsewhere a program may have asked for one that lies in the range.
func chosen(r *Row) string {
	switch {
	case !r.Chosen():
		return ""
	case r.Socket.KernelPort:
		return language.T("The port was chosen by the system.")
	default:
		return language.T("The port is one of those that the system hands out, so it was most likely chosen by the system.")
	}
}

// dated adds to what somebody does with a socket since when: what waits and what is connected does so
// since it was first seen. The other states come later in a socket's life, nobody knows when.
func dated(deed string, socket *netstat.Socket, s *netstat.Snapshot, past *history.History) string {
	if past == nil || socket.Protocol == netstat.TCP && socket.State != netstat.Listen && socket.State != netstat.Established {
		return deed
	}
	at, known, ok := past.Since(socket.ID)
	switch {
	case !ok:
		return deed
	case known:
		return language.F("%s since %s", deed, Since(at, s.Taken))
	default:
		return language.F("%s since before %s", deed, Since(past.Begun(), s.Taken))
	}
}

// Who names a process and whose it is, for the middle of a sentence: "your process node (PID
// 812), running vite - shop-frontend," or "the process nginx (PID 90) of root". Clean.
func Who(p *process.Process, me int) string {
	var text string
	switch {
	case me >= 0 && p.UID == me:
		text = language.F("your process %s (PID %d)", brief(nameOf(p)), p.PID)
	case p.User != "":
		text = language.F("the process %s (PID %d) of %s", brief(nameOf(p)), p.PID, brief(Clean(p.User)))
	default:
		text = language.F("the process %s (PID %d)", brief(nameOf(p)), p.PID)
	}
	switch title, name := Clean(p.Work.Title), Clean(p.App.Name); {
	case title != "" && title != nameOf(p):
		return language.F("%s, running %s,", text, brief(title))
	case name != "" && !strings.EqualFold(name, nameOf(p)):
		return language.F("%s, part of %s,", text, brief(name))
	}
	return text
}

// deed says what somebody does with the socket: "accepts connections from ... on TCP port 3000".
func deed(r *Row, in *netstat.Snapshot) string {
	s := r.Socket
	number := s.Local.Port()
	switch {
	case s.State == netstat.Listen:
		return language.F("accepts connections from %s on TCP port %d", reach(s), number)
	case s.Protocol == netstat.UDP && !connected(s) && number == 0:
		return language.T("has a UDP socket without a port")
	case s.Protocol == netstat.UDP && !connected(s):
		return language.F("receives datagrams from %s on UDP port %d", reach(s), number)
	case s.Protocol == netstat.UDP:
		return language.F("exchanges datagrams with %s, from UDP port %d", otherEnd(s, in), number)
	case s.State == netstat.Closed || !connected(s):
		return language.T("has a TCP socket that neither listens nor is connected")
	default:
		return connection(r, in)
	}
}

// connection says what becomes of a TCP connection (RFC 9293, section 3.3.2).
func connection(r *Row, in *netstat.Snapshot) string {
	s := r.Socket
	other := otherEnd(s, in)
	switch s.State {
	case netstat.SynSent:
		return language.F("tries to connect to %s", other)
	case netstat.SynReceived:
		return language.F("is just being connected to by %s", other)
	case netstat.Established:
		if r.Class == Incoming {
			return language.F("serves %s on its TCP port %d", other, s.Local.Port())
		}
		return language.F("is connected to %s, from TCP port %d", other, s.Local.Port())
	case netstat.CloseWait:
		return language.F("has yet to close its end of a connection that %s has ended (%s)", other, s.State)
	default:
		return language.F("has closed its connection with %s and waits for the other end (%s)", other, s.State)
	}
}

// otherEnd names the other end: the process when it is on this computer, else the address,
// with what is usually found on its port.
func otherEnd(s *netstat.Socket, in *netstat.Snapshot) string {
	if peer := Peer(in, s); peer != nil && len(peer.Owners) > 0 {
		p := peer.Owners[0].Process
		return language.F("%s (PID %d) on this computer, port %d", brief(nameOf(p)), p.PID, s.Remote.Port())
	}
	if name := port.Service(s.Protocol.String(), s.Remote.Port()); name != "" {
		return language.F("%s, port %d (%s)", addressText(s.Remote.Addr()), s.Remote.Port(), name)
	}
	return language.F("%s, port %d", addressText(s.Remote.Addr()), s.Remote.Port())
}

// reach says who can get at a socket that waits: "the whole network".
func reach(s *netstat.Socket) string {
	at := s.Local.Addr()
	switch Exposure(s) {
	case port.Loopback:
		return language.T("this computer only")
	case port.LinkLocal:
		return language.F("its own link only (%s)", addressText(at))
	case port.Network:
		if at.IsMulticast() {
			return language.F("the group %s", addressText(at))
		}
		if !at.IsUnspecified() {
			return language.F("the network at %s", addressText(at))
		}
		return language.T("the whole network")
	default:
		return language.T("nobody")
	}
}

func protocolText(s *netstat.Socket) string { return protocolName(s.Protocol) }

// Ownerless says what a socket is that nobody is known to hold, in a few words, and why that is so. wait is how long the
// system remembers closed connections; 0 when not known.
func Ownerless(socket *netstat.Socket, s *netstat.Snapshot, wait time.Duration) (what, why string) {
	switch {
	case socket.Absence == netstat.Concealed:
		why = language.T("Another user's process holds this socket, and this user may not see which one.")
		if socket.User != "" {
			why = language.F("A process of %s holds this socket, and this user may not see which one.", brief(Clean(socket.User)))
		}
		if s != nil && s.Hidden.Reason != "" {
			why += " " + upperFirst(strings.TrimSuffix(Clean(s.Hidden.Reason), ".")) + "."
		}
		return language.T("The process is hidden"), why
	case socket.State == netstat.TimeWait:
		return language.T("No process holds this socket any more"),
			language.F("The connection is closed. The kernel keeps its address %s (TIME_WAIT), so that late packets do no harm, and then it goes by itself.", waitText(wait))
	default:
		return language.T("No process holds this socket"),
			language.T("It belongs to the kernel: its process has let go of it, or has not taken it yet. It goes by itself.")
	}
}

// waitText says for how long the system remembers closed connections.
func waitText(wait time.Duration) string {
	if wait <= 0 {
		return language.T("for a while")
	}
	return language.F("for %d s", max(1, int(wait.Round(time.Second).Seconds())))
}

// Since gives a moment of the past as a person would at the moment now: "10:42", "Monday 10:42",
// "3 May, 10:42", "3 May 2025". "" for the zero time.
func Since(then, now time.Time) string {
	if then.IsZero() {
		return ""
	}
	then, now = then.Local(), now.Local()
	day := func(t time.Time) int { return t.Year()*366 + t.YearDay() }
	switch days := day(now) - day(then); {
	case days == 0:
		return then.Format("15:04")
	case days > 0 && days < 7:
		return weekday(then) + " " + then.Format("15:04")
	case then.Year() == now.Year():
		return language.F("%d %s, %s", then.Day(), month(then), then.Format("15:04"))
	default:
		return Date(then)
	}
}

// AppText names an app together with what tells it from others of its name: "web (docker
// container of nginx:1.27)", "vite - shop-frontend, in iTerm", "postgresql.service (systemd)". Clean; "" for none.
func AppText(a app.App) string {
	name := Clean(a.Name)
	if name == "" {
		return ""
	}
	switch a.Kind {
	case app.Container:
		name += " (" + containerText(a) + ")"
	case app.Unit:
		if id := Clean(a.ID); id != "" && id != name {
			name += " (" + id + ")"
		}
	case app.Snap:
		name += " (snap)"
	case app.Flatpak:
		name += " (flatpak)"
	case app.Job:
		name = language.F("%s (launchd job)", name)
	}
	return inTerminal(name, Clean(a.In))
}

// containerText says whose container it is, and of which image, as far as that is known.
func containerText(a app.App) string {
	runtime, image := Clean(a.Runtime), Clean(a.Image)
	switch {
	case runtime != "" && image != "":
		return language.F("%s container of %s", runtime, image)
	case runtime != "":
		return language.F("%s container", runtime)
	case image != "":
		return language.F("container of %s", image)
	default:
		return language.T("container")
	}
}

// Chain gives the way from the first process to p: "launchd > iTerm > zsh > npm > node". ancestors are as
// process.Ancestors gives them, p's parent first.
func Chain(p *process.Process, ancestors []*process.Process) string {
	names := make([]string, 0, len(ancestors)+1)
	for _, a := range slices.Backward(ancestors) {
		names = append(names, brief(nameOf(a)))
	}
	return strings.Join(append(names, brief(nameOf(p))), " > ")
}

// Numbers gives "3000", "3000 and 3001", "3000, 3001 and 3002", and of more than most "3000, 3001, 3002 and 9 more".
func Numbers(ports []uint16, most int) string {
	words := make([]string, 0, len(ports))
	for _, p := range ports {
		words = append(words, strconv.Itoa(int(p)))
	}
	if n := len(words); n > most && most > 0 {
		words = append(words[:most], language.F("%d more", n-most))
	}
	return Enumerated(words)
}

// Enumerated joins words as a sentence does: "a", "a and b", "a, b and c".
func Enumerated(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return language.F("%s and %s", strings.Join(words[:last], ", "), words[last])
}

// briefLength is how many characters of a name a sentence holds.
const briefLength = 48

// brief cuts a name that would drown the sentence it is in.
func brief(name string) string {
	if len(name) <= briefLength {
		return name
	}
	runes := []rune(name)
	if len(runes) <= briefLength {
		return name
	}
	return string(runes[:briefLength-1]) + ellipsis
}

func upperFirst(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
