package container

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// fake is a Docker-compatible API that a test plays with.
type fake struct {
	socket string
	server *http.Server

	mu     sync.Mutex
	lists  int              // how many times the list was asked for
	answer http.HandlerFunc // to all questions
}

// shopDB and shopDBInspect are what Docker Engine 27 answers, cut down to what is read and some that is not.
const (
	shopID = "4f1a8c2be0d94f0c8b1c7b7d6ce1fd0b3a9d8e7f60514233241506f7e8d9cabb"
	webID  = "4f1a8c2be0d9ffffffffffffffffffffffffffffffffffffffffffffffffffff"

	shopDB = `{"Id":"` + shopID + `","Names":["/web/db","/shop-db-1"],"Image":"postgres:16","ImageID":"sha256:1b05cc48b421",
"Command":"docker-entrypoint.sh postgres","Created":1764000000,"State":"running","Status":"Up 2 hours",
"Ports":[{"IP":"0.0.0.0","PrivatePort":5432,"PublicPort":5433,"Type":"tcp"},{"IP":"::","PrivatePort":5432,"PublicPort":5433,"Type":"tcp"},
 {"IP":"127.0.0.1","PrivatePort":9187,"PublicPort":9187,"Type":"tcp"},{"PrivatePort":8080,"Type":"tcp"}],
"Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"db","maintainer":"somebody"},
"HostConfig":{"NetworkMode":"shop_default"},
"NetworkSettings":{"Networks":{"shop_default":{"IPAddress":"172.18.0.2","Gateway":"172.18.0.1","GlobalIPv6Address":"fd00::2"}}},"Mounts":[]}`

	shopDBInspect = `{"Id":"` + shopID + `","Name":"/shop-db-1","RestartCount":0,
"State":{"Status":"running","Running":true,"Pid":4711},
"Config":{"Image":"postgres:16","Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"db"}},
"HostConfig":{"RestartPolicy":{"Name":"unless-stopped","MaximumRetryCount":0}},
"NetworkSettings":{"Ports":{"5432/tcp":[{"HostIp":"0.0.0.0","HostPort":"5433"},{"HostIp":"::","HostPort":"5433"}],"8080/tcp":null},
 "Networks":{"shop_default":{"IPAddress":"172.18.0.2","GlobalIPv6Address":""}}}}`
)

// honest answers as Docker does.
func honest(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Server", "Docker/27.3.1 (linux)")
	switch {
	case r.URL.Path == "/containers/json":
		fmt.Fprint(w, "["+shopDB+"]")
	case r.URL.Path == "/containers/shop-db-1/json", strings.HasPrefix(r.URL.Path, "/containers/"+shopID[:ShortID]):
		fmt.Fprint(w, shopDBInspect)
	default:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"message":"No such container"}`)
	}
}

// newFake starts a fake on a unix socket. The path is short: there is room for about a hundred bytes.
func newFake(t testing.TB, answer http.HandlerFunc) *fake {
	t.Helper()
	dir, err := os.MkdirTemp("", "c")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	f := &fake{socket: filepath.Join(dir, "s"), answer: answer}
	l, err := net.Listen("unix", f.socket)
	if err != nil {
		t.Fatal(err)
	}
	f.serve(t, l)
	return f
}

func (f *fake) serve(t testing.TB, l net.Listener) {
	f.server = &http.Server{Handler: http.HandlerFunc(f.handle)}
	go f.server.Serve(l)
	t.Cleanup(func() { f.server.Close() })
}

func (f *fake) handle(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	if r.URL.Path == "/containers/json" {
		f.lists++
	}
	answer := f.answer
	f.mu.Unlock()
	answer(w, r)
}

func (f *fake) change(answer http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = answer
}

// asked gives how many times the list was asked for.
func (f *fake) asked() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lists
}

// says gives an answer to all questions.
func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }
}

// hang answers when the asker has gone.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
