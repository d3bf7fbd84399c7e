package container

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// settled asks, waits for the answer, and asks again.
func settled[T any](t *testing.T, c *Client, ask func() (T, bool)) (T, bool) {
	t.Helper()
	if got, ok := ask(); ok {
		t.Fatalf("an empty memory answers %v", got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := c.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	return ask()
}

func TestKnown(t *testing.T) {
	for _, id := range []string{shopID, shopID[:ShortID], shopID[:40]} {
		c := NewClient([]string{newFake(t, honest).socket})
		got, ok := settled(t, c, func() (Container, bool) { return c.Known(id) })
		if !ok || got.Name != "shop-db-1" || got.Image != "postgres:16" || got.Runtime != "docker" || got.Project != "shop" || got.Service != "db" {
			t.Errorf("Known(%s) = %+v, %v", id, got, ok)
		}
		if c.Version() != 1 {
			t.Errorf("version %d after the first list, want 1", c.Version())
		}
	}
}

func TestKnownRefusesWhatIsNoID(t *testing.T) {
	f := newFake(t, honest)
	c := NewClient([]string{f.socket})
	for _, id := range []string{"", "4f1a8c2be0d", strings.ToUpper(shopID), shopID + "0", "../../../etc/passwd", strings.Repeat("g", 64)} {
		if _, ok := c.Known(id); ok {
			t.Errorf("Known(%q) is known", id)
		}
	}
	if err := c.Settle(t.Context()); err != nil || f.asked() != 0 {
		t.Errorf("asked %d times for what is no id, %v", f.asked(), err)
	}
}

func TestKnownPrefixOfTwo(t *testing.T) {
	two := "[" + shopDB + `,{"Id":"` + webID + `","Names":["/web"]}]`
	c := NewClient([]string{newFake(t, says(two)).socket})
	if got, ok := settled(t, c, func() (Container, bool) { return c.Known(shopID[:ShortID]) }); ok {
		t.Errorf("the beginning of two ids gives %s", got.Name)
	}
	if got, ok := c.Known(webID); !ok || got.Name != "web" {
		t.Errorf("the full id gives %q, %v", got.Name, ok)
	}
}

func TestByAddress(t *testing.T) {
	for address, want := range map[string]bool{"172.18.0.2": true, "fd00::2": true, "::ffff:172.18.0.2": true, "172.18.0.3": false, "127.0.0.1": false, "0.0.0.0": false} {
		c := NewClient([]string{newFake(t, honest).socket})
		got, ok := settled(t, c, func() (Container, bool) { return c.ByAddress(netip.MustParseAddr(address)) })
		if ok != want || ok && got.Name != "shop-db-1" {
			t.Errorf("ByAddress(%s) = %q, %v", address, got.Name, ok)
		}
	}
}

func TestByPort(t *testing.T) {
	tests := []struct {
		protocol, host string
		public         uint16
		want           bool
	}{
		{"tcp", "0.0.0.0", 5433, true},
		{"tcp", "::", 5433, true},
		{"tcp", "", 5433, true},
		{"tcp", "127.0.0.1", 5433, true},
		{"tcp", "127.0.0.1", 9187, true},
		{"tcp", "0.0.0.0", 9187, true},
		{"tcp", "192.0.2.1", 9187, false},
		{"udp", "0.0.0.0", 5433, false},
		{"tcp", "0.0.0.0", 5432, false},
		{"tcp", "0.0.0.0", 8080, false},
		{"sctp", "0.0.0.0", 5433, false},
		{"tcp", "0.0.0.0", 0, false},
	}
	for _, test := range tests {
		host, _ := netip.ParseAddr(test.host)
		c := NewClient([]string{newFake(t, honest).socket})
		if got, ok := settled(t, c, func() (Container, bool) { return c.ByPort(test.protocol, host, test.public) }); ok != test.want {
			t.Errorf("ByPort(%s, %s, %d) = %q, %v", test.protocol, test.host, test.public, got.Name, ok)
		}
	}
}

// TestBadRuntimes: each gives an error in about the time of one question, and never an answer.
func TestBadRuntimes(t *testing.T) {
	closing := func(w http.ResponseWriter, _ *http.Request) {
		conn, buffer, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(buffer, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n[%s", shopDB)
		buffer.Flush()
		conn.Close()
	}
	huge := func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "[")
		piece := []byte(strings.Repeat(shopDB+",", 100))
		for range 1 << 30 / len(piece) {
			if _, err := w.Write(piece); err != nil {
				return
			}
		}
		fmt.Fprint(w, shopDB+"]")
	}
	longHead := func(w http.ResponseWriter, _ *http.Request) {
		for i := range 1000 {
			w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("x", 1000))
		}
		honestList(w)
	}
	slow := func(w http.ResponseWriter, r *http.Request) { // a byte now and then, for ever
		for r.Context().Err() == nil {
			fmt.Fprint(w, " ")
			http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	redirect := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://192.0.2.1/", http.StatusFound)
	}
	for name, answer := range map[string]http.HandlerFunc{
		"hangs": hang, "closes in mid-answer": closing, "huge": huge, "long head": longHead, "slow": slow, "redirects": redirect,
		"text": says("hello"), "object": says(`{"message":"page not found"}`), "null": says("null"), "empty": says(""),
		"wrong types": says(`[{"Id":1,"Names":{},"Ports":"80"}]`), "half": says(`[{"Id":`), "two values": says("[][]"),
		"deep": says(strings.Repeat("[", 1<<20)), "status 500": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := NewClient([]string{newFake(t, answer).socket})
			began := time.Now()
			list, err := c.List(t.Context())
			if !errors.Is(err, ErrNoRuntime) || list != nil {
				t.Errorf("List gives %v, %v", list, err)
			}
			if took := time.Since(began); took > 10*limit { // generous: the machine is shared
				t.Errorf("it took %v", took)
			}
			if len(err.Error()) > 1000 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
			if _, ok := c.Known(shopID); ok {
				t.Error("it is believed")
			}
		})
	}
}

func honestList(w http.ResponseWriter) { fmt.Fprint(w, "["+shopDB+"]") }

// TestLies: what makes no sense is left out, what is beside it is kept.
func TestLies(t *testing.T) {
	lies := `[null,{"Id":"../../x","Names":["/a"]},{"Id":"` + strings.Repeat("g", 64) + `"},{"Id":"` + shopID[:63] + `"},
{"Id":"` + shopID + `","Names":["","/","/a/b"],"Image":"` + strings.Repeat("i", 5000) + `",
 "Ports":[{"IP":"0.0.0.0","PrivatePort":80,"PublicPort":65536,"Type":"tcp"},{"IP":"x","PrivatePort":80,"PublicPort":80,"Type":"tcp"},
  {"PrivatePort":-1,"PublicPort":80,"Type":"tcp"},{"PrivatePort":80,"PublicPort":81,"Type":"icmp"}],
 "NetworkSettings":{"Networks":{"n":null,"m":{"IPAddress":"127.0.0.1","GlobalIPv6Address":"what"}}}}]`
	c := NewClient([]string{newFake(t, says(lies)).socket})
	list, err := c.List(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatalf("List gives %d containers, %v", len(list), err)
	}
	if got := list[0]; got.ID != shopID || got.Name != "" || len(got.Image) != maxName || got.Ports != nil || got.Addresses != nil {
		t.Errorf("%+v", got)
	}
}

func TestNoRuntime(t *testing.T) {
	c := NewClient([]string{filepath.Join(t.TempDir(), "none")})
	if _, err := c.List(t.Context()); !errors.Is(err, ErrNoRuntime) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("List: %v", err)
	}
	if _, err := c.Inspect(t.Context(), shopID); !errors.Is(err, ErrNoRuntime) || errors.Is(err, ErrUnknown) {
		t.Errorf("Inspect: %v", err)
	}
	if _, err := NewClient([]string{}).List(t.Context()); !errors.Is(err, ErrNoRuntime) {
		t.Errorf("List without any socket: %v", err)
	}
}

// TestPermission: the error says that it is that, so that sudo may be offered.
func TestPermission(t *testing.T) {
	c := newClient([]string{"/var/run/docker.sock"}, func(context.Context, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "unix", Err: os.NewSyscallError("connect", fs.ErrPermission)}
	})
	_, err := c.List(t.Context())
	if !errors.Is(err, fs.ErrPermission) || !errors.Is(err, ErrNoRuntime) {
		t.Error(err)
	}
}

func TestInspect(t *testing.T) {
	c := NewClient([]string{newFake(t, hang).socket, newFake(t, honest).socket})
	for _, id := range []string{shopID, shopID[:ShortID], "shop-db-1"} {
		got, err := c.Inspect(t.Context(), id)
		if err != nil || got.Name != "shop-db-1" || got.Restart != "unless-stopped" || got.PID != 4711 || got.Service != "db" {
			t.Errorf("Inspect(%s) = %+v, %v", id, got, err)
		}
		want := []Port{{Protocol: "tcp", Public: 5433, Private: 5432}}
		if !slices.Equal(got.Ports, want) {
			t.Errorf("ports %v, want %v", got.Ports, want)
		}
	}
}

func TestInspectUnknown(t *testing.T) {
	f := newFake(t, honest)
	c := NewClient([]string{f.socket})
	for _, id := range []string{strings.Repeat("a", 64), "nobody", "", "a/../../images/json", "x?all=1", ".", strings.Repeat("n", 600)} {
		if got, err := c.Inspect(t.Context(), id); !errors.Is(err, ErrUnknown) {
			t.Errorf("Inspect(%.80q) = %+v, %v", id, got, err)
		}
	}
}

// TestInspectAnother: a runtime that tells of another container is not believed.
func TestInspectAnother(t *testing.T) {
	c := NewClient([]string{newFake(t, says(shopDBInspect)).socket})
	if got, err := c.Inspect(t.Context(), strings.Repeat("a", 64)); err == nil {
		t.Errorf("Inspect gives %+v", got)
	}
}

// TestTwoSockets: two sockets may lead to one runtime.
func TestTwoSockets(t *testing.T) {
	f := newFake(t, honest)
	c := NewClient([]string{f.socket, newFake(t, says("[]")).socket, f.socket})
	if list, err := c.List(t.Context()); err != nil || len(list) != 1 {
		t.Errorf("List gives %d containers, %v", len(list), err)
	}
}

func TestPodman(t *testing.T) {
	podman := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Libpod-API-Version", "5.3.1")
		w.Header().Set("Server", "Libpod/5.3.1 (linux)")
		honestList(w)
	}
	c := NewClient([]string{newFake(t, podman).socket})
	if list, err := c.List(t.Context()); err != nil || list[0].Runtime != "podman" {
		t.Errorf("%+v, %v", list, err)
	}
	if got := runtimeName(http.Header{}, "/run/podman/podman.sock"); got != "podman" {
		t.Errorf("without a head it is %s", got)
	}
}

// bubble runs a fake behind pipes, in a bubble of synctest where time stands still but for us.
func bubble(t *testing.T, answer http.HandlerFunc, test func(*testing.T, *Client, *fake)) {
	synctest.Test(t, func(t *testing.T) {
		l := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		f := &fake{answer: answer}
		f.serve(t, l)
		c := newClient([]string{"pipe"}, l.dial)
		test(t, c, f)
	})
}

// pipes is a listener of net.Pipe.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l *pipes) dial(ctx context.Context, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipes) Close() error {
	close(l.closed)
	return nil
}

func (l *pipes) Addr() net.Addr { return &net.UnixAddr{Net: "unix", Name: "pipe"} }

// TestHangDoesNotBlock: who asks memory is answered at once while the runtime hangs.
func TestHangDoesNotBlock(t *testing.T) {
	bubble(t, hang, func(t *testing.T, c *Client, f *fake) {
		began := time.Now()
		for range 1000 {
			c.Known(shopID)
			c.ByAddress(netip.MustParseAddr("172.18.0.2"))
			c.ByPort("tcp", netip.Addr{}, 5433)
			c.Version()
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("it took %v", took)
		}
		if err := c.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != limit || f.asked() != 1 {
			t.Errorf("given up after %v and %d questions, want %v and 1", took, f.asked(), limit)
		}
	})
}

// TestSettleGivesUp: its context ends the wait.
func TestSettleGivesUp(t *testing.T) {
	bubble(t, hang, func(t *testing.T, c *Client, _ *fake) {
		c.Known(shopID)
		ctx, cancel := context.WithTimeout(t.Context(), limit/2)
		defer cancel()
		if err := c.Settle(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Settle: %v", err)
		}
		if err := c.Settle(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// TestBackoff: a runtime that fails is asked after 5, 10, 20 ... seconds, however often somebody wants to know.
func TestBackoff(t *testing.T) {
	bubble(t, says("nonsense"), func(t *testing.T, c *Client, f *fake) {
		began := time.Now()
		var asked []time.Duration
		for time.Since(began) < 5*time.Minute {
			before := f.asked()
			c.Known(shopID)
			synctest.Wait()
			if f.asked() > before {
				asked = append(asked, time.Since(began).Round(time.Second))
			}
			time.Sleep(time.Second)
		}
		want := []time.Duration{0, 5, 15, 35, 75, 155, 275}
		for i := range want {
			want[i] *= time.Second
		}
		if !slices.Equal(asked, want) {
			t.Errorf("asked after %v, want %v", asked, want)
		}
		f.change(honest)
		time.Sleep(maxPause)
		c.Known(shopID)
		synctest.Wait()
		if _, ok := c.Known(shopID); !ok {
			t.Error("a runtime that has recovered is not asked")
		}
	})
}

// TestUnknownID: an id that no runtime has (another runtime's container) is asked for three times, then ever less often.
func TestUnknownID(t *testing.T) {
	bubble(t, honest, func(t *testing.T, c *Client, f *fake) {
		const foreign = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		c.Known(foreign)
		time.Sleep(time.Minute)
		if got := f.asked(); got != 1+early {
			t.Errorf("asked %d times by itself, want %d", got, 1+early)
		}
		began := f.asked()
		for range 1200 { // an hour of refreshes
			c.Known(foreign)
			time.Sleep(3 * time.Second)
		}
		if got := f.asked() - began; got < 5 || got > 40 {
			t.Errorf("asked %d times in an hour", got)
		}
		if c.Version() != 1 {
			t.Errorf("version %d although nothing changed", c.Version())
		}
	})
}

// TestNewContainer: one that starts just after a list was asked for is found by itself, soon, and told by Version.
func TestNewContainer(t *testing.T) {
	bubble(t, says("[]"), func(t *testing.T, c *Client, f *fake) {
		c.Known(shopID)
		synctest.Wait()
		if _, ok := c.Known(shopID); ok || c.Version() != 0 {
			t.Fatal("known before it is there")
		}
		f.change(honest)
		time.Sleep(between)
		synctest.Wait()
		if got, ok := c.Known(shopID); !ok || got.Name != "shop-db-1" || c.Version() != 1 {
			t.Errorf("%q, %v, version %d", got.Name, ok, c.Version())
		}
	})
}

// TestReusedAddress: an address goes to another container, and memory follows.
func TestReusedAddress(t *testing.T) {
	bubble(t, honest, func(t *testing.T, c *Client, f *fake) {
		address := netip.MustParseAddr("172.18.0.2")
		c.ByAddress(address)
		synctest.Wait()
		f.change(says(`[{"Id":"` + webID + `","Names":["/web"],"NetworkSettings":{"Networks":{"n":{"IPAddress":"172.18.0.2"}}}}]`))
		time.Sleep(fresh + time.Second)
		c.ByAddress(address)
		synctest.Wait()
		if got, ok := c.ByAddress(address); !ok || got.Name != "web" || c.Version() != 2 {
			t.Errorf("%q, %v, version %d", got.Name, ok, c.Version())
		}
		if got, ok := c.Known(shopID); !ok || got.Name != "shop-db-1" {
			t.Errorf("the ended one is forgotten: %q, %v", got.Name, ok)
		}
	})
}

// TestManyQuestions: thousands of different ones are one list, and memory stays bounded.
func TestManyQuestions(t *testing.T) {
	bubble(t, honest, func(t *testing.T, c *Client, f *fake) {
		for i := range 20 * maxMisses {
			c.Known(fmt.Sprintf("%064x", i))
		}
		time.Sleep(10 * time.Second)
		for i := range 20 * maxMisses {
			c.Known(fmt.Sprintf("%064x", i))
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if f.asked() > 10 {
			t.Errorf("%d lists in 20 s", f.asked())
		}
		if len(c.misses) > maxMisses || len(c.waiting) > maxMisses {
			t.Errorf("%d misses and %d questions are kept", len(c.misses), len(c.waiting))
		}
	})
}

// TestEndedAreForgotten: memory does not grow with every container that ever was.
func TestEndedAreForgotten(t *testing.T) {
	round := 0
	f := newFake(t, nil)
	f.change(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "[")
		for i := range 1000 {
			fmt.Fprintf(w, `{"Id":"%064x"},`, round*1000+i)
		}
		fmt.Fprint(w, "null]")
	})
	c := NewClient([]string{f.socket})
	for round = range 12 {
		list, err := c.List(t.Context())
		if err != nil || len(list) != 1000 {
			t.Fatalf("%d containers, %v", len(list), err)
		}
		if _, ok := c.Known(list[999].ID); !ok {
			t.Error("one that runs is not known")
		}
	}
	if got := len(c.byID); got > maxKept+1000 {
		t.Errorf("%d are remembered", got)
	}
}

func TestDefaultSockets(t *testing.T) {
	home := t.TempDir()
	odd := filepath.Join(home, "[o]*")
	for _, profile := range []string{"default", "work"} {
		if err := os.MkdirAll(filepath.Join(odd, ".colima", profile), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(odd, ".colima", profile, "docker.sock"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := map[string]string{"DOCKER_HOST": "unix:///run/user/7/docker.sock", "XDG_RUNTIME_DIR": "/run/user/7"}
	got := socketsOf(func(k string) string { return env[k] }, odd)
	want := []string{"/run/user/7/docker.sock", "/var/run/docker.sock", odd + "/.docker/run/docker.sock", odd + "/.docker/desktop/docker.sock",
		odd + "/.colima/default/docker.sock", odd + "/.colima/work/docker.sock", odd + "/.orbstack/run/docker.sock", odd + "/.rd/docker.sock",
		"/run/podman/podman.sock", "/run/user/7/podman/podman.sock"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	t.Setenv("DOCKER_HOST", "unix:///run/other.sock")
	if got := DefaultSockets(); got[0] != "/run/other.sock" || got[1] != "/var/run/docker.sock" {
		t.Errorf("%q", got)
	}
	for _, host := range []string{"tcp://192.0.2.1:2375", "ssh://somebody@elsewhere", "unix://relative", ""} {
		if got := socketsOf(func(string) string { return host }, ""); got[0] != "/var/run/docker.sock" {
			t.Errorf("DOCKER_HOST=%s: %q", host, got)
		}
	}
}

func BenchmarkKnown(b *testing.B) {
	f := newFake(b, honest)
	c := NewClient([]string{f.socket})
	if _, err := c.List(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := c.Known(shopID); !ok {
			b.Fatal("not known")
		}
	}
}
