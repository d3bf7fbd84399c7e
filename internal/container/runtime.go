package container

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	// limit is how long one question to one runtime may take.
	limit = time.Second
	// maxAnswer is the longest answer that is read, in bytes. A container takes one to three kilobytes in a list.
	maxAnswer = 8 << 20
	// maxHeader is the longest head of an answer, in bytes.
	maxHeader = 64 << 10

	// A runtime that is not there, refuses or fails is not asked again for minPause; with each further failure the pause doubles, up to maxPause.
	minPause = 5 * time.Second
	maxPause = 2 * time.Minute
)

// ErrUnknown says that no runtime that answers has such a container.
var ErrUnknown = errors.New("no runtime knows the container")

// runtime is one runtime behind a unix socket.
type runtime struct {
	socket string
	http   http.Client

	mu       sync.Mutex
	failures int       // one after the other
	next     time.Time // not to be asked unasked for before
}

// dialer connects to a unix socket.
type dialer func(ctx context.Context, path string) (net.Conn, error)

func dialUnix(ctx context.Context, path string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "unix", path)
}

func newRuntime(socket string, dial dialer) *runtime {
	r := &runtime{socket: socket}
	r.http = http.Client{
		Transport: &http.Transport{
			DialContext:            func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx, socket) },
			DisableKeepAlives:      true, // questions are rare, and a kept connection would keep a runtime awake that sleeps without
			DisableCompression:     true, // what is read is what is counted against maxAnswer
			MaxResponseHeaderBytes: maxHeader,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return r
}

// list asks for the containers that run.
func (r *runtime) list(ctx context.Context) ([]Container, error) {
	data, name, err := r.get(ctx, "/containers/json")
	if err == nil {
		var all []Container
		if all, err = decodeList(data, name); err == nil {
			r.answered()
			return all, nil
		}
	}
	if ctx.Err() == nil { // else it is the asker who has given up
		r.failed()
	}
	return nil, fmt.Errorf("ask %s: %w", r.socket, err)
}

// inspect asks for one container. The error wraps ErrUnknown when the runtime answers that it has none.
func (r *runtime) inspect(ctx context.Context, id string) (Container, error) {
	data, name, err := r.get(ctx, "/containers/"+url.PathEscape(id)+"/json")
	if err == nil {
		var c Container
		if c, err = decodeInspect(data, name); err == nil && !strings.HasPrefix(c.ID, id) && c.Name != id {
			err = errors.New("it told of another container")
		}
		if err == nil {
			return c, nil
		}
	}
	return Container{}, fmt.Errorf("ask %s: %w", r.socket, err)
}

// get asks one question, and says which runtime answered. Both Docker and Podman answer requests
// without a version in the path, with the newest that they know.
func (r *runtime) get(ctx context.Context, path string) (answer []byte, name string, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost"+path, nil)
	if err != nil {
		return nil, "", err
	}
	response, err := r.http.Do(request)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err // without the address, which is made up
		}
		return nil, "", err
	}
	defer func() { _ = response.Body.Close() }() // only read
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return nil, "", ErrUnknown
	default:
		return nil, "", fmt.Errorf("it answers with status %d", response.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, "", fmt.Errorf("read the answer: %w", err)
	case len(data) > maxAnswer:
		return nil, "", fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	return data, runtimeName(response.Header, r.socket), nil
}

// runtimeName tells Podman from Docker: its answers say so (pkg/api/server, "Libpod-API-Version"; "Server: Libpod/5.0").
func runtimeName(h http.Header, socket string) string {
	server := h.Get("Server")
	switch {
	case h.Get("Libpod-API-Version") != "", strings.HasPrefix(server, "Libpod/"):
		return "podman"
	case strings.HasPrefix(server, "Docker/"):
		return "docker"
	case strings.Contains(socket, "podman"):
		return "podman"
	default:
		return "docker"
	}
}

func (r *runtime) answered() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures, r.next = 0, time.Time{}
}

func (r *runtime) failed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next = time.Now().Add(pause(r.failures))
	r.failures++
}

// ready: it may be asked without being asked for.
func (r *runtime) ready() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !time.Now().Before(r.next)
}

// pause is how long to wait after so many failures before.
func pause(failures int) time.Duration { return min(minPause<<min(failures, 10), maxPause) }
