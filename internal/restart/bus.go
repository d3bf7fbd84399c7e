package restart

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/godbus/dbus/v5"
)

// buses keeps one connection to each message bus that was asked.
type buses struct {
	system string               // address
	user   func(uid int) string // address of a user's bus

	mu    sync.Mutex
	known map[string]*bus
}

// bus is one message bus. Whoever asks takes a turn, and may give up waiting for it.
type bus struct {
	address string
	turn    chan struct{} // holds one value while somebody has it
	conn    *dbus.Conn    // nil: not connected
}

// newBuses finds the addresses of the buses as libsystemd does (sd_bus_open_system, sd_bus_open_user).
func newBuses(env func(string) string, ours int) *buses {
	b := &buses{system: env("DBUS_SYSTEM_BUS_ADDRESS"), known: map[string]*bus{}}
	if b.system == "" {
		b.system = "unix:path=/run/dbus/system_bus_socket"
	}
	session, runtime := env("DBUS_SESSION_BUS_ADDRESS"), env("XDG_RUNTIME_DIR")
	b.user = func(uid int) string {
		switch {
		case uid == ours && session != "":
			return session
		case uid == ours && runtime != "":
			return "unix:path=" + runtime + "/bus"
		default:
			return "unix:path=/run/user/" + strconv.Itoa(uid) + "/bus"
		}
	}
	return b
}

// at gives the bus with an address.
func (b *buses) at(address string) *bus {
	b.mu.Lock()
	defer b.mu.Unlock()
	one, ok := b.known[address]
	if !ok {
		one = &bus{address: address, turn: make(chan struct{}, 1)}
		b.known[address] = one
	}
	return one
}

func (b *buses) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, one := range b.known {
		one.turn <- struct{}{} // nobody keeps it for longer than its context lets him
		one.hangUp()
		<-one.turn
	}
}

// use calls ask with a connection. One on which a question was left without an answer is not used again.
func (b *bus) use(ctx context.Context, ask func(*dbus.Conn) error) error {
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return fmt.Errorf("ask %s: %w", b.address, ctx.Err())
	}
	if b.conn == nil || !b.conn.Connected() {
		b.hangUp()
		conn, err := connect(ctx, b.address)
		if err != nil {
			return fmt.Errorf("connect to %s: %w", b.address, err)
		}
		b.conn = conn
	}
	err := ask(b.conn)
	if ctx.Err() != nil {
		b.hangUp()
	}
	return err
}

func (b *bus) hangUp() {
	if b.conn != nil {
		b.conn.Close()
		b.conn = nil
	}
}

// connect logs in to a bus. Only unix sockets are connected to: an address may also name a program to run.
func connect(ctx context.Context, address string) (*dbus.Conn, error) {
	for one := range strings.SplitSeq(address, ";") {
		if !strings.HasPrefix(one, "unix:") {
			return nil, errors.New("it is no unix socket")
		}
	}
	life, end := context.WithCancel(context.Background())
	type answer struct {
		conn *dbus.Conn
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		conn, err := dbus.Connect(address, dbus.WithContext(life))
		if err != nil {
			end()
		}
		answers <- answer{conn, err}
	}()
	select {
	case a := <-answers:
		return a.conn, a.err
	case <-ctx.Done():
		end() // the connection closes itself, and with it ends the wait for its answer
		return nil, ctx.Err()
	}
}
